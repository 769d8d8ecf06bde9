package deliver

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/feedback"
	"earshot/internal/pgtest"
	"earshot/postgres"
)

// house is a stage over a real database, with a clock, contents and a courier of the test's.
type house struct {
	*Stage
	store   *postgres.Store
	mu      sync.Mutex
	now     time.Time
	carried []string // target and delivery
	fail    func(to feedback.Target) error
	log     bytes.Buffer
	logger  *slog.Logger
}

func open(t *testing.T) *house {
	t.Helper()
	url := pgtest.NewDatabase(t, func(ctx context.Context, url string) error {
		_, err := postgres.Migrate(ctx, postgres.Config{URL: url})
		return err
	})
	store, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	h := &house{store: store, now: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
	h.logger = slog.New(slog.NewTextHandler(&h.log, nil))
	h.Stage = h.another(t)
	return h
}

// another gives a stage as of another process.
func (h *house) another(t *testing.T) *Stage {
	t.Helper()
	s, err := New(Config{Store: h.store, Content: h, Courier: h, Log: h.logger, Now: func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *house) Period(s feedback.Schedule, due time.Time) (string, error) {
	if s.Period == "fortnight" {
		return "", feedback.Errorf(feedback.Invalid, "there is no period %q", s.Period)
	}
	return s.Period + " before " + Anchor(s, due).Format(time.DateOnly), nil
}

func (h *house) Parcel(_ context.Context, d feedback.Delivery, _ feedback.Target) (feedback.Parcel, error) {
	return feedback.Parcel{ID: d.ID, Kind: d.Kind, About: "P0123456789"}, nil // written now: the delivery knew none
}

func (h *house) Carry(_ context.Context, to feedback.Target, p feedback.Parcel) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.carried = append(h.carried, to.String()+" "+p.ID.String())
	if h.fail != nil {
		return h.fail(to)
	}
	return nil
}

func (h *house) add(t *testing.T, targets ...string) int {
	t.Helper()
	s := weekly("Europe/Berlin", time.Monday, 8*60)
	s.Targets, s.Served, s.CreatedAt = targets, h.now, h.now
	id, err := h.store.AddSchedule(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (h *house) wait(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.now = h.now.Add(d) }

func (h *house) tick(t *testing.T) {
	t.Helper()
	if err := h.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (h *house) record(t *testing.T) map[string]feedback.Delivery {
	t.Helper()
	list, err := h.store.Deliveries(t.Context(), "acme", 100)
	if err != nil {
		t.Fatal(err)
	}
	byTarget := map[string]feedback.Delivery{}
	for _, d := range list {
		byTarget[d.Target] = d
	}
	return byTarget
}

const slackTarget = "slack:https://hooks.slack.com/services/T0/B0/secret"

func TestAScheduleThatCannotBePlannedHoldsUpNoOther(t *testing.T) {
	h := open(t)
	s := weekly("Europe/Berlin", time.Monday, 8*60)
	s.Targets, s.Served, s.CreatedAt, s.Period = []string{"file:never"}, h.now, h.now, "fortnight"
	if _, err := h.store.AddSchedule(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	h.add(t, "file:a")
	h.wait(6 * time.Hour)
	h.tick(t)
	if len(h.carried) != 1 || !strings.Contains(h.log.String(), "cannot be planned") {
		t.Errorf("carried %v, logged %s", h.carried, h.log.String())
	}
}

func TestAMomentIsDeliveredOnceToEachTarget(t *testing.T) {
	h := open(t)
	h.add(t, "file:a", "mail:jo@example.com")
	h.tick(t)
	if len(h.carried) != 0 {
		t.Fatalf("before it is due: %v", h.carried)
	}
	h.wait(6 * time.Hour) // Monday, 8:00 in Berlin
	for range 3 {
		h.tick(t)
		h.wait(time.Minute)
	}
	if len(h.carried) != 2 || h.carried[0] == h.carried[1] {
		t.Fatalf("%v", h.carried)
	}
	for target, d := range h.record(t) {
		if d.State != feedback.DeliverySent || d.Attempts != 1 || d.Schedule != 1 || d.Period != "week before 2026-05-31" {
			t.Errorf("%s: %+v", target, d)
		}
	}
	h.wait(7 * 24 * time.Hour)
	h.tick(t)
	if len(h.carried) != 4 {
		t.Errorf("a week later: %v", h.carried)
	}
	if n := strings.Count(h.log.String(), "subject=P0123456789"); n < 2 {
		t.Errorf("the log says of %d deliveries what they carried:\n%s", n, h.log.String())
	}
}

func TestManyProcessesDeliverNothingTwice(t *testing.T) {
	h := open(t)
	for range 3 {
		h.add(t, "file:a", "file:b", "file:c", slackTarget)
	}
	h.wait(6 * time.Hour)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		stage := h.another(t)
		wg.Go(func() { errs[i] = stage.Tick(t.Context()) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, c := range h.carried {
		seen[c]++
	}
	if len(seen) != 12 || len(h.carried) != 12 {
		t.Errorf("%d parcels, %d of them different", len(h.carried), len(seen))
	}
}

func TestMissedMomentsAreMadeUpForOnce(t *testing.T) {
	h := open(t)
	h.add(t, "file:a")
	h.wait(5*7*24*time.Hour + 10*time.Hour) // the machine was off for five Mondays and comes back on the sixth
	h.tick(t)
	h.tick(t)
	d := h.record(t)["file:a"]
	if len(h.carried) != 1 || !d.Due.Equal(at(t, "2026-07-06T08:00:00+02:00")) {
		t.Errorf("%v, due %v", h.carried, d.Due)
	}
}

func TestAPausedScheduleIsSilentAndMakesUpForNothing(t *testing.T) {
	h := open(t)
	id := h.add(t, "file:a")
	pause := func(paused bool) {
		if err := h.store.PauseSchedule(t.Context(), "acme", id, paused, h.now); err != nil {
			t.Fatal(err)
		}
	}
	pause(true)
	h.wait(8 * 24 * time.Hour)
	h.tick(t)
	pause(false)
	h.tick(t)
	if len(h.carried) != 0 {
		t.Fatalf("%v", h.carried)
	}
	h.wait(7 * 24 * time.Hour)
	h.tick(t)
	if len(h.carried) != 1 {
		t.Errorf("%v", h.carried)
	}
}

// A process claims a delivery, carries it, and is killed before it can write that down.
func TestAfterAKillARepeatGoesOnlyWhereItCanBeDropped(t *testing.T) {
	h := open(t)
	h.add(t, "file:a", "https://example.com/hook", "mail:jo@example.com", slackTarget)
	h.wait(6 * time.Hour)
	if err := h.plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		d, ok, err := h.store.Claim(t.Context(), h.now, lease, feedback.ID{})
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		to, _ := feedback.ParseTarget(d.Target)
		_ = h.Carry(t.Context(), to, feedback.Parcel{ID: d.ID})
	}
	first := append([]string(nil), h.carried...)
	h.tick(t)
	if len(h.carried) != 4 {
		t.Fatalf("while the claims stand: %v", h.carried)
	}
	h.wait(lease + time.Second)
	h.tick(t)
	h.tick(t)
	again := map[string]int{}
	for _, c := range h.carried {
		again[c]++
	}
	if len(h.carried) != 7 || len(again) != 4 {
		t.Errorf("first %v, in all %v", first, h.carried)
	}
	for target, d := range h.record(t) {
		want := feedback.DeliverySent
		if target == slackTarget {
			want = feedback.DeliveryUnknown
		}
		if d.State != want {
			t.Errorf("%s is %s, %q", feedback.MaskTarget(target), d.State, d.Error)
		}
	}
}

func TestAFailureIsTriedAgainLaterAndNotForEver(t *testing.T) {
	h := open(t)
	h.add(t, "file:a")
	h.wait(6 * time.Hour)
	h.fail = func(feedback.Target) error { return feedback.Errorf(feedback.Unavailable, "the disk is away") }
	h.tick(t)
	h.tick(t)
	d := h.record(t)["file:a"]
	if len(h.carried) != 1 || d.State != feedback.DeliveryWaiting || d.Error != "the disk is away" {
		t.Fatalf("%v %+v", h.carried, d)
	}
	last := time.Duration(0)
	for n := 2; n <= maxAttempts; n++ {
		pause := d.NextAt.Sub(h.now)
		if pause < last*6/10 || pause > longestRetry*13/10 {
			t.Errorf("attempt %d comes after %v, the one before after %v", n, pause, last)
		}
		last = pause
		h.wait(pause)
		h.tick(t)
		if d = h.record(t)["file:a"]; d.Attempts != n {
			t.Fatalf("attempt %d: %+v", n, d)
		}
	}
	h.wait(24 * time.Hour)
	h.tick(t)
	if d.State != feedback.DeliveryFailed || len(h.carried) != maxAttempts {
		t.Errorf("%+v after %d", d, len(h.carried))
	}
}

func TestWhatIsWrongForGoodIsNotTriedAgain(t *testing.T) {
	h := open(t)
	h.add(t, "file:a", slackTarget)
	h.fail = func(to feedback.Target) error {
		if to.Kind == feedback.TargetSlack {
			return feedback.Errorf(feedback.Conflict, "no answer: %w", feedback.ErrUncertain)
		}
		return feedback.Errorf(feedback.Invalid, "no such folder")
	}
	h.wait(6 * time.Hour)
	h.tick(t)
	h.wait(24 * time.Hour)
	h.tick(t)
	r := h.record(t)
	if len(h.carried) != 2 || r["file:a"].State != feedback.DeliveryFailed || r[slackTarget].State != feedback.DeliveryUnknown {
		t.Errorf("%v %+v", h.carried, r)
	}
}

func TestARemovedScheduleLeavesItsRecord(t *testing.T) {
	h := open(t)
	id := h.add(t, "file:a")
	h.wait(6 * time.Hour)
	h.tick(t)
	if err := h.store.RemoveSchedule(t.Context(), "acme", id); err != nil {
		t.Fatal(err)
	}
	if err := h.store.RemoveSchedule(t.Context(), "acme", id); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("removed twice: %v", err)
	}
	if len(h.record(t)) != 1 {
		t.Error("the record is gone")
	}
	if again := h.add(t, "file:a"); again == id {
		t.Error("an id was given twice: its deliveries would count as sent")
	}
}
