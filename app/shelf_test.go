package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestShelfKeepsOneRunUntilItIsDropped(t *testing.T) {
	s := shelf{filepath.Join(t.TempDir(), "stopped")}
	load := func(run, name, want string) {
		t.Helper()
		data, err := s.Load(run, name)
		if err != nil || string(data) != want {
			t.Fatalf("%s of %s: %q, error %v", name, run, data, err)
		}
	}
	save := func(run, name, data string) {
		t.Helper()
		if err := s.Save(run, name, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	load("a", "first", "")
	save("a", "first", "half of it")
	save("a", "first", "all of it")
	save("a", "second", "more")
	load("a", "first", "all of it")
	load("a", "second", "more")
	load("b", "first", "")
	save("b", "first", "of b")
	load("a", "first", "")
	load("b", "first", "of b")
	for range 2 {
		if err := s.Drop("b"); err != nil {
			t.Fatal(err)
		}
	}
	load("b", "first", "")
	if left, err := os.ReadDir(s.folder); err != nil || len(left) != 0 {
		t.Fatalf("left %v, error %v", left, err)
	}
}
