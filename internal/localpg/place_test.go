package localpg

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"earshot/feedback"
)

func TestFolderWithALongOrOddName(t *testing.T) {
	for name, dir := range map[string]string{
		"too long for a socket":  strings.Repeat("very-long-name/", 12) + "pg",
		"spaces":                 "my data",
		"commas and quotes":      `a, "b" 'c'`,
		"wildcards":              "a*[b]?",
		"what a URL would parse": "a&b=c%20d+e#f",
		"not ASCII":              "données-データ",
	} {
		t.Run(name, func(t *testing.T) {
			cfg := quick(filepath.Join(folder(t), dir))
			c := mustStart(t, cfg)
			remember(t, c.URL("postgres"), "works")
			if attached := mustStart(t, cfg); !attached.Attached() || recall(t, attached.URL("postgres")) != "works" {
				t.Error("the second Start did not attach")
			}
			mustStop(t, c)
			if !within(c.sockets, c.Dir()) && exists(c.sockets) {
				t.Errorf("%s was left", c.sockets)
			}
			c = mustStart(t, cfg)
			if got := recall(t, c.URL("postgres")); got != "works" {
				t.Errorf("after a restart the database holds %q", got)
			}
		})
	}
}

func TestFolderOfASocketThatBelongsToAnother(t *testing.T) {
	cfg := quick(filepath.Join(folder(t), strings.Repeat("long-name/", 12)))
	c := mustStart(t, cfg)
	mustStop(t, c)
	if err := os.WriteFile(c.sockets, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(c.sockets)
	_, err := Start(t.Context(), cfg)
	wantError(t, err, feedback.Conflict, c.sockets, "remove it")
}

func TestOrdinaryUser(t *testing.T) {
	base := folder(t)
	home := filepath.Join(base, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	if uid, gid := ordinaryUser(t); asRoot() {
		if err := os.Chown(home, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	cfg := quick(filepath.Join(home, "data", "pg"))
	h := startHelper(t, cfg, true)
	if a := h.mustStart(t); a.Dir != cfg.Dir {
		t.Errorf("the cluster is in %s", a.Dir)
	}
	h.stop(t)

	// What the user made stays theirs when root, or the same user, comes next.
	c := mustStart(t, cfg)
	remember(t, c.URL("postgres"), "from the second")
	mustStop(t, c)
	h = startHelper(t, cfg, true)
	h.mustStart(t)
	h.stop(t)
}

func TestUnwritableFolder(t *testing.T) {
	base := folder(t)
	dir := filepath.Join(base, "data")
	if err := os.Mkdir(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"itself": dir, "its parent": filepath.Join(dir, "pg")} {
		t.Run(name, func(t *testing.T) {
			a := startHelper(t, quick(path), true).answer(t)
			if a.Code != feedback.Unavailable || !strings.Contains(a.Error, path) || !strings.Contains(a.Error, "make it writable") {
				t.Errorf("Start gives %+v", a)
			}
		})
	}
}

func TestFolderThatIsAFile(t *testing.T) {
	file := filepath.Join(folder(t), "pg")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), quick(file))
	wantError(t, err, feedback.Unavailable, file, "choose another")
}

func TestNoFolder(t *testing.T) {
	if _, err := Start(t.Context(), Config{}); feedback.ErrorCode(err) != feedback.Invalid {
		t.Errorf("Start gives %v", err)
	}
}

func TestFullDiskIsNamed(t *testing.T) {
	for _, cause := range []error{syscall.ENOSPC, &os.PathError{Op: "mkdir", Path: "/d", Err: syscall.EDQUOT}} {
		wantError(t, folderError("/d", cause), feedback.Unavailable, "/d", "free some space")
	}
	known := feedback.Errorf(feedback.Conflict, "known").WithHint("do")
	if got := folderError("/d", known); !errors.Is(got, known) {
		t.Errorf("a coded error became %v", got)
	}
}

// Under a folder that the server's account can't enter, root's cluster lies elsewhere; an ordinary user's stays.
func TestFolderUnderAClosedOne(t *testing.T) {
	closed := filepath.Join(folder(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	cfg := quick(filepath.Join(closed, "pg"))
	if !asRoot() {
		if c := mustStart(t, cfg); c.Dir() != cfg.Dir {
			t.Errorf("the cluster is in %s", c.Dir())
		}
		return
	}

	var places []string
	start := func() *Cluster {
		c := mustStart(t, cfg)
		places = append(places, c.Dir())
		t.Cleanup(func() { os.RemoveAll(c.Dir()) })
		return c
	}
	c := start()
	if !within(c.Dir(), elsewhere) {
		t.Fatalf("the cluster is in %s", c.Dir())
	}
	remember(t, c.URL("postgres"), "moved out")
	mustStop(t, c)
	c = start()
	if got := recall(t, c.URL("postgres")); got != "moved out" || places[1] != places[0] {
		t.Errorf("after a restart the database in %s holds %q", c.Dir(), got)
	}
	if other := mustStart(t, cfg); !other.Attached() {
		t.Error("the second Start did not attach")
	}
	mustStop(t, c)

	// The folder takes its cluster along when it is moved, for it says where that is.
	moved := filepath.Join(closed, "moved")
	if err := os.Rename(cfg.Dir, moved); err != nil {
		t.Fatal(err)
	}
	home := cfg.Dir
	cfg.Dir = moved
	if c = start(); c.Dir() != places[0] {
		t.Errorf("the moved folder's cluster is in %s", c.Dir())
	}
	mustStop(t, c)
	if err := os.Rename(moved, home); err != nil {
		t.Fatal(err)
	}
	cfg.Dir = home

	// An owner that was killed before its cluster was made leaves a folder that the next one uses.
	if err := os.RemoveAll(filepath.Join(places[0], pgdataName)); err != nil {
		t.Fatal(err)
	}
	if c = start(); c.Dir() != places[0] {
		t.Errorf("the cluster is in %s, and %s was left", c.Dir(), places[0])
	}
	mustStop(t, c)

	// A deleted folder starts afresh, and what it leaves is kept once.
	for range 2 {
		if err := os.RemoveAll(cfg.Dir); err != nil {
			t.Fatal(err)
		}
		c = start()
		if got := ask(t, c.URL("postgres"), "SELECT count(*)::text FROM pg_tables WHERE tablename = 'memory'"); got != "0" {
			t.Error("the new folder has the old one's data")
		}
		mustStop(t, c)
	}
	if exists(places[0]) {
		t.Error("the oldest cluster was kept")
	}
	if kept := places[len(places)-2]; !exists(kept) {
		t.Errorf("the last cluster, %s, was not kept", kept)
	}
}

func TestClusterOfATemporaryFolderThatIsGoneIsRemoved(t *testing.T) {
	if !asRoot() {
		return // an ordinary user's clusters are never moved out
	}
	var places []string
	for range 2 {
		closed := filepath.Join(folder(t), "closed")
		if err := os.Mkdir(closed, 0o700); err != nil {
			t.Fatal(err)
		}
		c := mustStart(t, quick(filepath.Join(closed, "pg")))
		places = append(places, c.Dir())
		t.Cleanup(func() { os.RemoveAll(c.Dir()) })
		mustStop(t, c)
		if err := os.RemoveAll(closed); err != nil {
			t.Fatal(err)
		}
	}
	if exists(places[0]) {
		t.Errorf("%s is still there", places[0])
	}
}

func TestClusterWhoseFolderWasClosedSinceIsNotReplacedByAnEmptyOne(t *testing.T) {
	parent := filepath.Join(folder(t), "parent")
	if err := os.Mkdir(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	cfg := quick(filepath.Join(parent, "pg"))
	copyCluster(t, cfg.Dir)
	c := mustStart(t, cfg)
	remember(t, c.URL("postgres"), "here")
	mustStop(t, c)
	if err := os.Chmod(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	if !asRoot() {
		if got := recall(t, mustStart(t, cfg).URL("postgres")); got != "here" {
			t.Errorf("the database holds %q", got)
		}
		return
	}
	_, err := Start(t.Context(), cfg)
	wantError(t, err, feedback.Unavailable, cfg.Dir, "can't enter", "chmod")
}
