package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestShelfKeepsOneThingUntilItIsDropped(t *testing.T) {
	s := shelf{filepath.Join(t.TempDir(), "stopped")}
	load := func(key, want string) {
		t.Helper()
		data, err := s.Load(key)
		if err != nil || string(data) != want {
			t.Fatalf("%s: %q, error %v", key, data, err)
		}
	}
	load("a", "")
	for _, key := range []string{"a", "b"} {
		if err := s.Save(key, []byte("of "+key)); err != nil {
			t.Fatal(err)
		}
	}
	load("a", "")
	load("b", "of b")
	for range 2 {
		if err := s.Drop("b"); err != nil {
			t.Fatal(err)
		}
	}
	load("b", "")
	if left, err := os.ReadDir(s.folder); err != nil || len(left) != 0 {
		t.Fatalf("left %v, error %v", left, err)
	}
}
