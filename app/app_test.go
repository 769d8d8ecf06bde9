package app_test

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/app"
	"earshot/feedback"
	"earshot/internal/pgtest"
)

func openApp(t *testing.T, opts app.Options) *app.App {
	t.Helper()
	return openAt(t, pgtest.Folder(t), opts)
}

func openAt(t *testing.T, dir string, opts app.Options) *app.App {
	t.Helper()
	cfg, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir = dir
	opts.Log = quiet()
	a, err := app.Open(t.Context(), cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// bodies sends each text as a message of its own.
func bodies(texts ...string) iter.Seq2[app.Outgoing, error] {
	return func(yield func(app.Outgoing, error) bool) {
		for i, text := range texts {
			if !yield(app.Encode("tests", i+1, feedback.Submission{ExternalID: strconv.Itoa(i), Body: text})) {
				return
			}
		}
	}
}

func TestWhatIsSentIsAnalysedAndFound(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	sent, err := a.Send(t.Context(), "acme", bodies("The calendar shows every visit twice.", "Please add a dark theme to the app.", "x@"), nil, nil)
	if err != nil || sent.Sent != 3 {
		t.Fatalf("%+v, %v", sent, err)
	}
	if err := a.Process(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	hits, err := a.Search(t.Context(), "acme", "duplicate calendar entries", 1)
	if err != nil || len(hits) != 1 || !strings.HasPrefix(hits[0].Text, "The calendar") {
		t.Fatalf("%+v, %v", hits, err)
	}
}

func TestAMessageThatCannotBeTakenIsRejectedIntoTheDeadLetters(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	messages := func(yield func(app.Outgoing, error) bool) {
		_ = yield(app.Outgoing{Source: "tests"}, feedback.Errorf(feedback.Invalid, "f.csv, line 2: the row is ragged")) &&
			yield(app.Encode("tests", 3, feedback.Submission{Body: "The map is wrong."})) &&
			yield(app.Outgoing{Source: "tests", Message: []byte(`{"body": 5, "note": "mail jo@example.com"}`)}, nil)
	}
	var refused []error
	for range 2 { // the same file twice leaves the same dead letters
		done, err := a.Send(t.Context(), "acme", messages, func(err error) { refused = append(refused, err) }, nil)
		if err != nil || done.Sent != 2 || done.Rejected != 1 {
			t.Fatalf("%+v, %v", done, err)
		}
	}
	if err := a.Process(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	letters, _, err := a.Store.DeadLetters(t.Context(), "acme", feedback.DeadFilter{}, 10)
	if err != nil || len(letters) != 2 || len(refused) != 2 {
		t.Fatalf("%d letters, %d refused, %v; want 2 and 2", len(letters), len(refused), err)
	}
	for _, l := range letters {
		if strings.Contains(l.Payload, "jo@example.com") {
			t.Errorf("a dead letter holds an address: %s", l.Payload)
		}
	}
}

func TestABatchIsReportedOnlyWhenItIsDurable(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	reports := 0
	sent, err := a.Send(ctx, "acme", func(yield func(app.Outgoing, error) bool) {
		yield(app.Encode("tests", 1, feedback.Submission{ExternalID: "1", Body: "The calendar shows every visit twice."}))
		stop() // before what is held could be sent
	}, nil, func(app.Intake) { reports++ })
	if feedback.ErrorCode(err) != feedback.Unavailable || sent.Sent != 0 || reports != 0 {
		t.Errorf("%+v, %v, %d reports", sent, err, reports)
	}
	// The control: the same, not stopped.
	if _, err := a.Send(t.Context(), "acme", bodies("The calendar shows every visit twice."), nil, func(app.Intake) { reports++ }); err != nil || reports != 1 {
		t.Errorf("%v, %d reports", err, reports)
	}
}

func TestABatchIsBoundedInBytes(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	long := []byte(`{"body":"` + strings.Repeat("The calendar shows every visit twice. ", feedback.MaxMessage/2/38) + `"}`)
	var sent []int
	messages := func(yield func(app.Outgoing, error) bool) {
		for range 10 {
			if !yield(app.Outgoing{Source: "tests", Message: long}, nil) {
				return
			}
		}
	}
	if _, err := a.Send(t.Context(), "acme", messages, nil, func(n app.Intake) { sent = append(sent, n.Sent) }); err != nil || fmt.Sprint(sent) != "[8 10]" {
		t.Errorf("ten messages of %d bytes went in batches of %v, %v", len(long), sent, err)
	}
}

func TestAnErrorThatIsNoRowsEndsTheSending(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	broken := fmt.Errorf("the disk is gone")
	_, err := a.Send(t.Context(), "acme", func(yield func(app.Outgoing, error) bool) {
		_ = yield(app.Outgoing{}, broken) && yield(app.Encode("tests", 1, feedback.Submission{Body: "never sent"}))
	}, nil, nil)
	if err == nil || !strings.Contains(err.Error(), broken.Error()) {
		t.Fatal(err)
	}
}

// postmaster gives the process id of the private server below dir.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	var pid int
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "postmaster.pid" {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		pid, err = strconv.Atoi(strings.SplitN(string(data), "\n", 2)[0])
		return err
	})
	if err != nil || pid == 0 {
		t.Fatalf("no postmaster below %s: %v", dir, err)
	}
	return pid
}

func TestAPrivateDatabaseThatIsKilledComesBackAndTheWorkGoesOn(t *testing.T) {
	dir := pgtest.Folder(t)
	a := openAt(t, dir, app.Options{Queue: true})
	ctx, stop := context.WithCancel(t.Context())
	wait, err := a.StartWorkers(ctx, []app.Role{app.RoleIngest, app.RoleClassify})
	if err != nil {
		t.Fatal(err)
	}
	first := postmaster(t, dir)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Send(t.Context(), "acme", bodies("The export stopped halfway.", "I like the new colours."), nil, nil); err != nil {
		t.Fatal(err)
	}
	deadline, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		list, err := a.Store.ClusterList(deadline, "acme")
		if err == nil && list.Items == 2 && list.Pending == 0 {
			break
		}
		select {
		case <-deadline.Done():
			t.Fatalf("the work did not go on: %+v, %v", list, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	stop()
	if err := wait(); err != nil {
		t.Error(err)
	}
	if again := postmaster(t, dir); again == first {
		t.Error("the server that was killed still runs")
	}
	letters, _, err := a.Store.DeadLetters(t.Context(), "acme", feedback.DeadFilter{}, 1)
	if err != nil || len(letters) != 0 {
		t.Errorf("an outage made a dead letter: %v, %v", letters, err)
	}
}

func TestASecondAppAttachesUnlessItMustBeAlone(t *testing.T) {
	dir := pgtest.Folder(t)
	first := openAt(t, dir, app.Options{Queue: true})
	second := openAt(t, dir, app.Options{Queue: true})
	if !first.OwnsQueue() || second.OwnsQueue() {
		t.Error("both own the queue, or neither")
	}
	if err := second.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	cfg := first.Config
	if _, err := app.Open(t.Context(), cfg, app.Options{Queue: true, Alone: true, Log: quiet()}); feedback.ErrorCode(err) != feedback.Conflict {
		t.Errorf("one that must be alone: %v", err)
	}
}

func TestDoctorSaysWhatItFound(t *testing.T) {
	cfg, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir = pgtest.Folder(t)
	checks := app.Doctor(t.Context(), cfg, quiet())
	if err := app.Sound(checks); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data folder", "postgres server", "database", "queue", "embedder", "index", "workspace", "dead letters"} {
		if !slices.ContainsFunc(checks, func(c app.Check) bool { return c.Name == name }) {
			t.Errorf("nothing is said of the %s", name)
		}
	}
	cfg.DatabaseURL = "postgres://x@127.0.0.1:1/x"
	if err := app.Sound(app.Doctor(t.Context(), cfg, quiet())); feedback.ErrorCode(err) != feedback.Unavailable {
		t.Errorf("a database that is away: %v", err)
	}
}

func TestRolesAreReadFromAList(t *testing.T) {
	roles, err := app.ParseRoles("classify, ingest,classify")
	if err != nil || fmt.Sprint(roles) != "[classify ingest]" {
		t.Error(roles, err)
	}
	if roles, err := app.ParseRoles("all"); err != nil || len(roles) != len(app.AllRoles) {
		t.Error(roles, err)
	}
	if _, err := app.ParseRoles("ingest,"); feedback.ErrorCode(err) != feedback.Invalid {
		t.Error(err)
	}
}

func TestTheScheduleGroupsWhatCameAndWritesItsPulse(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	var texts []string
	for i := range 12 {
		texts = append(texts, fmt.Sprintf("The invoice of order %d shows the wrong tax rate.", i),
			fmt.Sprintf("My calendar has appointment %d twice since the sync.", i),
			fmt.Sprintf("Photo %d was lost when the phone went offline.", i))
	}
	if _, err := a.Send(t.Context(), "acme", bodies(texts...), nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := a.Process(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Store.LatestPulse(t.Context(), "acme"); feedback.ErrorCode(err) != feedback.NotFound {
		t.Fatalf("a Pulse before the schedule ran: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	wait, err := a.StartWorkers(ctx, []app.Role{app.RoleSchedule})
	if err != nil {
		t.Fatal(err)
	}
	deadline, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		pulse, err := a.Store.LatestPulse(deadline, "acme")
		if err == nil && len(pulse.Document) > 0 {
			break
		}
		select {
		case <-deadline.Done():
			t.Fatalf("no Pulse came: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
	stop()
	if err := wait(); err != nil {
		t.Error(err)
	}
	list, err := a.Store.ClusterList(t.Context(), "acme")
	if err != nil || len(list.Clusters) < 3 {
		t.Errorf("%d clusters, %v; want three topics apart", len(list.Clusters), err)
	}
}

func TestWhatWasStoredAndNotAnalysedIsFoundAgain(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	if _, err := a.Send(t.Context(), "acme", bodies("The export stopped halfway."), nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := a.Process(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	// An edit whose note to the next stage is lost, as by a crash between the two: saved here, and published by nobody.
	id := feedback.ItemID("acme", "tests", "lost")
	text := "The invoice is wrong."
	if _, err := a.Store.SaveItems(t.Context(), []feedback.Item{{ID: id, Workspace: "acme", Source: "tests", ExternalID: "lost",
		OccurredAt: time.Unix(1e9, 0), ReceivedAt: time.Unix(1e9, 0), Body: text,
		Excerpts: []feedback.Excerpt{{ID: feedback.ExcerptID(id, text, 0), End: len(text), Text: text}}}}); err != nil {
		t.Fatal(err)
	}
	if list, err := a.Store.ClusterList(t.Context(), "acme"); err != nil || list.Pending != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := a.Process(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if list, err := a.Store.ClusterList(t.Context(), "acme"); err != nil || list.Pending != 0 {
		t.Errorf("%d excerpts still wait, %v", list.Pending, err)
	}
}
