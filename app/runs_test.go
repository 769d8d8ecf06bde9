package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/app"
	"earshot/feedback"
	"earshot/internal/pgtest"
)

// dated sends each text as if it had been said on its day, counted back from now.
func dated(texts map[string]int, now time.Time) func(func(app.Outgoing, error) bool) {
	return func(yield func(app.Outgoing, error) bool) {
		for text, days := range texts {
			if !yield(app.Encode("tests", 1, feedback.Submission{ExternalID: text, Body: text, OccurredAt: now.AddDate(0, 0, -days)})) {
				return
			}
		}
	}
}

// scheduled runs the schedule until the condition holds.
func scheduled(t *testing.T, a *app.App, until func(runs []feedback.RunRecord) bool) []feedback.RunRecord {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	wait, err := a.StartWorkers(ctx, []app.Role{app.RoleSchedule})
	if err != nil {
		t.Fatal(err)
	}
	deadline, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var runs []feedback.RunRecord
	for {
		if runs, err = a.Store.Runs(deadline, "acme", 20); err == nil && until(runs) {
			break
		}
		select {
		case <-deadline.Done():
			t.Fatalf("the schedule did not do it: %+v, %v", runs, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	stop()
	if err := wait(); err != nil {
		t.Error(err)
	}
	return runs
}

func hand(t *testing.T, a *app.App, texts map[string]int, now time.Time) {
	t.Helper()
	if _, err := a.Send(t.Context(), "acme", dated(texts, now), nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := a.Process(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, a *app.App, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), a.DatabaseURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// without decides about a run while a table is away that linking reads: what was decided stands all the same.
func without(t *testing.T, a *app.App, table string, decide func() (feedback.RunRecord, error)) (feedback.RunRecord, error) {
	t.Helper()
	execute(t, a, "ALTER TABLE "+table+" RENAME TO away")
	defer execute(t, a, "ALTER TABLE away RENAME TO "+table)
	return decide()
}

// subjects says n things of each of four subjects over five weeks.
func subjects(n int) map[string]int {
	texts := map[string]int{}
	for i := range n {
		texts[fmt.Sprintf("The invoice of order %d shows the wrong tax rate.", i)] = i % 35
		texts[fmt.Sprintf("My calendar has appointment %d twice since the sync.", i)] = i % 35
		texts[fmt.Sprintf("Photo %d was lost when the phone went offline.", i)] = i % 35
		texts[fmt.Sprintf("Technician %d likes the dark theme of the screen.", i)] = i % 35
	}
	return texts
}

func TestAScheduledRunThatChangesMuchWaitsAndDoctorSaysSo(t *testing.T) {
	now := time.Now()
	cfg, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir, cfg.Workspace, cfg.ApplyMoved, cfg.ApplyEnded = pgtest.Folder(t), "acme", 10, 10
	cfg.ReclusterEach = time.Millisecond
	a, err := app.Open(t.Context(), cfg, app.Options{Queue: true, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	hand(t, a, subjects(14), now)
	first := scheduled(t, a, func(runs []feedback.RunRecord) bool { return len(runs) > 0 })
	if first[0].State != feedback.RunApplied || first[0].Cause != feedback.CauseSchedule {
		t.Fatalf("the first run: %+v", first[0])
	}
	// A person takes it back: whatever the schedule finds then is for a person to judge.
	if run, err := without(t, a, "features", func() (feedback.RunRecord, error) { return a.Rollback(t.Context(), "acme") }); err != nil || !run.Stands {
		t.Fatalf("%+v, %v", run, err)
	}
	hand(t, a, map[string]int{"The invoice of order 99 shows the wrong tax rate.": 0}, now)
	waits := func(runs []feedback.RunRecord) bool { return runs[0].State == feedback.RunPreviewed }
	waiting := scheduled(t, a, waits)[0]
	if !strings.Contains(waiting.Reason, "was taken back") || waiting.Stands {
		t.Errorf("%+v", waiting)
	}
	if list, err := a.Store.ClusterList(t.Context(), "acme"); err != nil || len(list.Clusters) != 0 {
		t.Errorf("%d clusters stand, %v", len(list.Clusters), err)
	}
	found := ""
	for _, c := range app.Doctor(t.Context(), cfg, quiet()) {
		if c.Name == "waiting run" && c.Health == app.Warning {
			found = c.Found
		}
	}
	if !strings.Contains(found, waiting.Reason) {
		t.Errorf("doctor says %q", found)
	}
	if run, err := without(t, a, "features", func() (feedback.RunRecord, error) { return a.ApplyRun(t.Context(), "acme", waiting.ID) }); err != nil || !run.Stands {
		t.Fatalf("%+v, %v", run, err)
	}
	// With a person's word the schedule is free again, and what changes little is applied.
	hand(t, a, map[string]int{"The invoice of order 98 shows the wrong tax rate.": 0}, now)
	last := scheduled(t, a, func(runs []feedback.RunRecord) bool { return runs[0].ID > waiting.ID })[0]
	if last.State != feedback.RunApplied {
		t.Errorf("%+v", last)
	}
}

func TestWhatFormsAndIsLargeStartsARunOfItsOwn(t *testing.T) {
	now := time.Now()
	var later time.Duration // that the schedule's clock goes ahead
	cfg, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir, cfg.Workspace, cfg.ReclusterEach = pgtest.Folder(t), "acme", 1000*time.Hour
	a, err := app.Open(t.Context(), cfg, app.Options{Queue: true, Log: quiet(), Now: func() time.Time { return time.Now().Add(later) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	hand(t, a, subjects(35), now)
	scheduled(t, a, func(runs []feedback.RunRecord) bool { return len(runs) > 0 })
	burst := map[string]int{}
	for i := range 15 {
		burst[fmt.Sprintf("The hinge of the rugged case broke, unit %d.", i)] = i % 6
	}
	unassigned := func(health app.Health, says ...string) {
		t.Helper()
		for _, c := range app.Doctor(t.Context(), cfg, quiet()) {
			if c.Name != "unassigned" {
				continue
			}
			for _, part := range says {
				if c.Health != health || !strings.Contains(c.Found+c.Do, part) {
					t.Errorf("doctor says %+v, want %q", c, part)
				}
			}
			return
		}
		t.Error("doctor says nothing of what is in no cluster")
	}
	if _, err := a.Watch(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	unassigned(app.Fine, "0 of 140 excerpts", "nothing forms")
	hand(t, a, burst, now)
	unassigned(app.Fine, "15 of 155 excerpts", "since it was last looked", "earshot clusters --forming")
	forming, err := a.Watch(t.Context(), "acme")
	if err != nil || len(forming) != 1 || !strings.Contains(strings.ToLower(forming[0].Name+forming[0].Summary), "hinge") {
		t.Fatalf("%+v, %v", forming, err)
	}
	unassigned(app.Warning, "forming: ", "15 of them in its last seven days", "earshot recluster --preview")
	// That somebody looked at it first, as earshot clusters --forming does, keeps no run from starting.
	later = 20 * time.Minute
	run := scheduled(t, a, func(runs []feedback.RunRecord) bool { return len(runs) > 1 })[0]
	if run.Cause != feedback.CauseForming || run.State != feedback.RunApplied {
		t.Fatalf("%+v", run)
	}
	if forming, err := a.Store.Forming(t.Context(), "acme", 3); err != nil || len(forming) != 0 {
		t.Errorf("it still forms: %+v, %v", forming, err)
	}
	list, err := a.Store.ClusterList(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list.Clusters {
		if strings.Contains(strings.ToLower(v.Cluster.Name+v.Cluster.Summary), "hinge") {
			return
		}
	}
	t.Error("what formed is no cluster after its run")
}
