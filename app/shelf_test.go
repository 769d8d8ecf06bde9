package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAWorkspaceKeepsOneRunUntilItIsDropped(t *testing.T) {
	s := newShelf(t.TempDir(), "acme")
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

func TestRunsOfSeveralWorkspacesAreKeptWithinBounds(t *testing.T) {
	for name, bounds := range map[string]struct {
		places int
		bytes  int64
	}{"in number": {2, 1 << 20}, "in bytes": {9, 35}} {
		dir := t.TempDir()
		kept := func() string {
			t.Helper()
			var names []string
			for _, workspace := range []string{"acme", "beta", "zeta"} {
				if data, err := newShelf(dir, workspace).Load("run", "step"); err != nil {
					t.Fatal(err)
				} else if data != nil {
					names = append(names, workspace)
				}
			}
			return strings.Join(names, " ")
		}
		// The first of all was written to last.
		for i, workspace := range []string{"acme", "beta", "acme", "zeta"} {
			s := newShelf(dir, workspace)
			s.places, s.bytes = bounds.places, bounds.bytes
			if err := s.Save("run", "step", make([]byte, []int{10, 10, 10, 20}[i])); err != nil {
				t.Fatal(err)
			}
			at := time.Date(2026, 6, 1, i, 0, 0, 0, time.UTC)
			if err := os.Chtimes(filepath.Join(dir, "stopped", workspace, "run", "step"), at, at); err != nil {
				t.Fatal(err)
			}
			if i == 2 && kept() != "acme beta" {
				t.Errorf("%s: two workspaces displaced each other: %s are kept", name, kept())
			}
		}
		if kept() != "acme zeta" {
			t.Errorf("bounded %s: %s are kept", name, kept())
		}
	}
}
