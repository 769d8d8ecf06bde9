package localpg

import (
	"path/filepath"
	"testing"

	"earshot/feedback"
)

func TestSecondProcessAttaches(t *testing.T) {
	cfg := made(t)
	h := startHelper(t, cfg, false)
	owner := h.mustStart(t)

	c := mustStart(t, cfg)
	if !c.Attached() || c.pid != owner.Pid || c.Dir() != owner.Dir || c.Version() == "" {
		t.Errorf("attached is %v, to the server %d %q in %s; the owner's is %d in %s", c.Attached(), c.pid, c.Version(), c.Dir(), owner.Pid, owner.Dir)
	}
	remember(t, c.URL("postgres"), "shared")
	mustStop(t, c)
	if got := recall(t, owner.URL); got != "shared" {
		t.Errorf("after the attached one's Stop the database holds %q", got)
	}

	again := mustStart(t, cfg)
	if err := again.Err(); err != nil {
		t.Errorf("Err while the owner runs: %v", err)
	}
	h.stop(t)
	<-again.Done()
	wantError(t, again.Err(), feedback.Unavailable, cfg.Dir, "has stopped", "again")
}

func TestExclusiveConflictsWithAnotherOwner(t *testing.T) {
	cfg := made(t)
	mustStart(t, cfg)
	cfg.Exclusive = true
	a := startHelper(t, cfg, false).answer(t)
	if a.Code != feedback.Conflict {
		t.Fatalf("the second owner gets %+v", a)
	}
	_, err := Start(t.Context(), cfg)
	wantError(t, err, feedback.Conflict, cfg.Dir, "in use by another process (pid ")
}

func TestManyProcessesStartOneCluster(t *testing.T) {
	cfg := quick(filepath.Join(folder(t), "pg"))
	var helpers []*helper
	for range 4 {
		helpers = append(helpers, startHelper(t, cfg, false))
	}
	owners := 0
	for _, h := range helpers {
		if !h.mustStart(t).Attached {
			owners++
		}
	}
	if owners != 1 {
		t.Errorf("%d of the processes own the cluster", owners)
	}
}

func TestStartWhileTheOwnerStopsTakesOver(t *testing.T) {
	cfg := made(t)
	h := startHelper(t, cfg, false)
	remember(t, h.mustStart(t).URL, "before")
	h.stdin.Close()
	// Whether this attaches just before the end or takes over after it, it must be one of the two, without an error.
	c, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer mustStop(t, c)
	if c.Attached() {
		<-c.Done()
		wantError(t, c.Err(), feedback.Unavailable, "has stopped")
		c = mustStart(t, cfg)
	}
	if got := recall(t, c.URL("postgres")); got != "before" {
		t.Errorf("the database holds %q", got)
	}
}

func TestAttachWithoutAnOwner(t *testing.T) {
	cfg := quick(filepath.Join(folder(t), "pg"))
	if c, ok, err := Attach(t.Context(), cfg); c != nil || ok || err != nil {
		t.Errorf("with no folder Attach gives %v %v %v", c, ok, err)
	}
	c := mustStart(t, cfg)
	mustStop(t, c)
	if c, ok, err := Attach(t.Context(), cfg); c != nil || ok || err != nil {
		t.Errorf("with no server Attach gives %v %v %v", c, ok, err)
	}
}
