package localpg

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"earshot/feedback"
)

func TestKilledServerIsNoticedAndRecovers(t *testing.T) {
	cfg := made(t)
	c := mustStart(t, cfg)
	remember(t, c.URL("postgres"), "committed")
	if err := syscall.Kill(c.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	if err := c.Err(); feedback.ErrorCode(err) != feedback.Unavailable {
		t.Errorf("Err gives %v", err)
	}
	mustStop(t, c)

	c = mustStart(t, cfg)
	if got := recall(t, c.URL("postgres")); got != "committed" {
		t.Errorf("after the kill the database holds %q", got)
	}
}

func TestKilledOwnerCanBeFollowedAtOnce(t *testing.T) {
	cfg := made(t)
	for _, value := range []string{"1", "2", "3"} {
		h := startHelper(t, cfg, false)
		remember(t, h.mustStart(t).URL, value)
		h.kill()
	}
	c := mustStart(t, cfg)
	if got := recall(t, c.URL("postgres")); got != "1 2 3" {
		t.Errorf("after three kills the database holds %q", got)
	}
	if c.Attached() {
		t.Error("attached to the server of an owner that was killed")
	}
}

func TestStalePidFile(t *testing.T) {
	cfg := made(t)
	c := mustStart(t, cfg)
	remember(t, c.URL("postgres"), "kept")
	for name, pid := range map[string]int{
		"of a process that is gone":     1 << 22,
		"of somebody else's process":    os.Getppid(),
		"of this process":               os.Getpid(),
		"with nothing that is a number": 0,
	} {
		t.Run(name, func(t *testing.T) {
			mustStop(t, c)
			if err := os.WriteFile(pidFileOf(c), []byte(pidLine(pid)), 0o644); err != nil {
				t.Fatal(err)
			}
			var err error
			if c, err = Start(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			if got := recall(t, c.URL("postgres")); got != "kept" {
				t.Errorf("the database holds %q", got)
			}
		})
	}
	mustStop(t, c)
}

func TestServerThatOutlivedItsOwnerIsReplaced(t *testing.T) {
	cfg := made(t)
	c := mustStart(t, cfg)
	mustStop(t, c)
	in, err := Find(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	pgdata := filepath.Join(c.Dir(), pgdataName)
	account, err := ownerAccount(pgdata)
	if err != nil {
		t.Fatal(err)
	}
	cfg, _ = cfg.withDefaults()
	orphan, err := in.spawn(account, &serverLog{log: cfg.Log}, 0, "postgres", cfg.arguments(pgdata, c.sockets, in)...)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the orphan is ready", func() bool {
		file, err := readPidFile(pgdata)
		return err == nil && file.ready
	})
	remember(t, c.URL("postgres"), "orphaned")

	c = mustStart(t, Config{Dir: cfg.Dir, Settings: cfg.Settings, Exclusive: true})
	if !isClosed(orphan.done) {
		t.Error("the orphan still runs")
	}
	if got := recall(t, c.URL("postgres")); got != "orphaned" {
		t.Errorf("the database holds %q", got)
	}
}

func TestHalfMadeClusterIsMadeAgain(t *testing.T) {
	cfg := quick(filepath.Join(folder(t), "pg"))
	if err := os.MkdirAll(filepath.Join(cfg.Dir, initPrefix+"123", "base"), 0o711); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(cfg.Dir, pgdataName), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(cfg.Dir, 0o711); err != nil {
		t.Fatal(err)
	}
	if uid, gid := ordinaryUser(t); asRoot() {
		if err := os.Chown(filepath.Join(cfg.Dir, pgdataName), uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	c := mustStart(t, cfg)
	remember(t, c.URL("postgres"), "works")
	if left, _ := filepath.Glob(filepath.Join(cfg.Dir, initPrefix+"*")); len(left) > 0 {
		t.Errorf("%v was left", left)
	}
}

func TestOwnerKilledWhileItMakesTheCluster(t *testing.T) {
	cfg := quick(filepath.Join(folder(t), "pg"))
	h := startHelper(t, cfg, false)
	eventually(t, "initdb has begun", func() bool {
		made, _ := filepath.Glob(filepath.Join(cfg.Dir, initPrefix+"*", "base"))
		return len(made) > 0
	})
	h.kill()
	c := mustStart(t, cfg)
	remember(t, c.URL("postgres"), "works")
}

func TestForeignFilesAreNotTouched(t *testing.T) {
	cfg := quick(filepath.Join(folder(t), "pg"))
	file := filepath.Join(cfg.Dir, pgdataName, "letters.txt")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	if uid, gid := ordinaryUser(t); asRoot() {
		if err := os.Chown(filepath.Dir(file), uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Start(t.Context(), cfg)
	wantError(t, err, feedback.Conflict, filepath.Dir(file), "move it away")
	if !exists(file) {
		t.Error("the file is gone")
	}
}

func TestClusterOfAnotherVersion(t *testing.T) {
	cfg := made(t)
	c := mustStart(t, cfg)
	mustStop(t, c)
	version := filepath.Join(c.Dir(), pgdataName, "PG_VERSION")
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), cfg)
	wantError(t, err, feedback.Conflict, c.Dir(), "made by PostgreSQL 9", "install PostgreSQL 9")
}
