package deliver

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"time"

	"earshot/feedback"
)

// Store keeps schedules and deliveries.
type Store interface {
	// Schedules gives those of a workspace, or of all for "".
	Schedules(ctx context.Context, workspace string) ([]feedback.Schedule, error)
	// Plan says that a schedule is served up to due and keeps its deliveries, both or nothing; false where another did.
	Plan(ctx context.Context, workspace string, schedule int, due time.Time, deliveries []feedback.Delivery) (bool, error)
	// Claim takes the next delivery, or the one that only names, for the length of lease.
	Claim(ctx context.Context, now time.Time, lease time.Duration, only feedback.ID) (feedback.Delivery, bool, error)
	// Record writes down what became of a claimed delivery.
	Record(ctx context.Context, d feedback.Delivery) error
}

// Content makes what a delivery carries, in the form of its target. An Invalid or NotFound error is for good.
type Content interface {
	// Period gives the period of the Pulse that a schedule wants at a moment, as dates.
	Period(s feedback.Schedule, due time.Time) (string, error)
	Parcel(ctx context.Context, d feedback.Delivery, to feedback.Target) (feedback.Parcel, error)
}

// Courier carries a parcel. An Unavailable error means that it may be tried again; any other is for good.
type Courier interface {
	Carry(ctx context.Context, to feedback.Target, p feedback.Parcel) error
}

// Config says what a Stage works with; all of it is needed but Log.
type Config struct {
	Store   Store
	Content Content
	Courier Courier
	Now     func() time.Time
	Log     *slog.Logger // nothing is logged where it is nil
}

// Stage plans and sends. It is safe for use by many goroutines and processes.
type Stage struct{ cfg Config }

// New makes a stage. Its errors are Invalid.
func New(cfg Config) (*Stage, error) {
	if cfg.Store == nil || cfg.Content == nil || cfg.Courier == nil || cfg.Now == nil {
		return nil, feedback.Errorf(feedback.Invalid, "deliveries need a store, contents, a courier and a clock")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Stage{cfg: cfg}, nil
}

// A claim outlasts the longest attempt by far, so that no two processes carry one delivery because a clock runs ahead.
const (
	attemptTimeout = 3 * time.Minute
	lease          = 10 * time.Minute
	maxAttempts    = 8
	firstRetry     = time.Minute
	longestRetry   = 6 * time.Hour
)

// Tick plans what is due and sends all that waits. A delivery that fails stands in the record and in the log, and is no
// error of Tick's.
func (s *Stage) Tick(ctx context.Context) error {
	if err := s.plan(ctx); err != nil {
		return err
	}
	for {
		_, ok, err := s.sendNext(ctx, feedback.ID{})
		if err != nil || !ok {
			return err
		}
	}
}

func (s *Stage) plan(ctx context.Context) error {
	schedules, err := s.cfg.Store.Schedules(ctx, "")
	if err != nil {
		return err
	}
	now := s.cfg.Now()
	for _, sc := range schedules {
		due, ok := Due(sc, now)
		if !ok || sc.Paused {
			continue
		}
		period, err := s.cfg.Content.Period(sc, due)
		if err != nil { // it is that schedule's fault alone: the others are not to wait for it
			s.cfg.Log.WarnContext(ctx, "a schedule that is due cannot be planned", "workspace", sc.Workspace,
				"schedule", feedback.ScheduleName(sc.ID), "due", due, "error", err)
			continue
		}
		var list []feedback.Delivery
		for _, target := range sc.Targets {
			list = append(list, feedback.Delivery{
				ID:        feedback.DeliveryID(sc.Workspace, sc.ID, due.UTC().Format(time.RFC3339), target),
				Workspace: sc.Workspace, Schedule: sc.ID, Kind: feedback.DeliverPulse, Target: target, Due: due, Period: period, UpdatedAt: now,
			})
		}
		planned, err := s.cfg.Store.Plan(ctx, sc.Workspace, sc.ID, due, list)
		if err != nil {
			return err
		}
		if planned {
			s.cfg.Log.InfoContext(ctx, "a schedule is due", "workspace", sc.Workspace, "schedule", feedback.ScheduleName(sc.ID), "due", due,
				"late", now.Sub(due).Round(time.Second), "targets", len(list))
		}
	}
	return nil
}

// Send sends one delivery that waits, now, and gives what became of it. It fails with Conflict when another process has
// it or it was sent already.
func (s *Stage) Send(ctx context.Context, id feedback.ID) (feedback.Delivery, error) {
	d, ok, err := s.sendNext(ctx, id)
	if err == nil && !ok {
		err = feedback.Errorf(feedback.Conflict, "this was sent already, or is being sent").WithHint("earshot schedule deliveries shows the record")
	}
	return d, err
}

// sendNext claims, carries and records one delivery.
func (s *Stage) sendNext(ctx context.Context, only feedback.ID) (feedback.Delivery, bool, error) {
	d, ok, err := s.cfg.Store.Claim(ctx, s.cfg.Now(), lease, only)
	if err != nil || !ok {
		return d, false, err
	}
	d.State, d.Error = feedback.DeliverySent, ""
	about, failure := s.attempt(ctx, d)
	if failure != nil && ctx.Err() != nil {
		// Told to stop: nobody knows whether it arrived. The claim runs out, and then it counts as cut off.
		return d, false, ctx.Err()
	}
	d.UpdatedAt = s.cfg.Now()
	if failure != nil {
		d.State, d.Error = feedback.DeliveryFailed, clip(failure.Error(), 500)
		switch {
		case errors.Is(failure, feedback.ErrUncertain):
			d.State = feedback.DeliveryUnknown
		case feedback.ErrorCode(failure) == feedback.Unavailable && d.Attempts < maxAttempts:
			d.State = feedback.DeliveryWaiting
			d.NextAt = d.UpdatedAt.Add(wait(d))
		}
	}
	log := s.cfg.Log.InfoContext
	if d.State != feedback.DeliverySent {
		log = s.cfg.Log.WarnContext
	}
	log(ctx, "a delivery was tried", "workspace", d.Workspace, "delivery", d.ID, "target", feedback.MaskTarget(d.Target), "subject", about, "state", d.State,
		"attempt", d.Attempts, "error", d.Error)
	// Even when told to stop meanwhile: what was sent must not be sent again.
	if err := s.cfg.Store.Record(context.WithoutCancel(ctx), d); err != nil && feedback.ErrorCode(err) != feedback.Conflict {
		return d, false, err
	}
	return d, true, nil
}

// attempt carries a delivery, and gives what it is about: a Pulse that is written now has no id before.
func (s *Stage) attempt(ctx context.Context, d feedback.Delivery) (about string, err error) {
	to, err := feedback.ParseTarget(d.Target)
	if err != nil {
		return d.Subject, err
	}
	if d.Cut && !to.DropsRepeats() {
		return d.Subject, feedback.Errorf(feedback.Conflict, "%w: the process that sent it ended before it could say so, and Slack cannot drop a repeat", feedback.ErrUncertain).
			WithHint("look into the channel; earshot report send sends it again")
	}
	if d.Attempts > maxAttempts {
		return d.Subject, feedback.Errorf(feedback.Conflict, "it was tried %d times, and cut off each time", d.Attempts-1)
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	parcel, err := s.cfg.Content.Parcel(ctx, d, to)
	if err != nil {
		return d.Subject, err
	}
	return parcel.About, s.cfg.Courier.Carry(ctx, to, parcel)
}

// wait is how long to wait after a failed attempt: it grows fourfold from one to the next, give or take a fifth. What it gives or
// takes follows from the delivery, so that many that failed together do not come back together, and a test can foretell it.
func wait(d feedback.Delivery) time.Duration {
	w := min(longestRetry, firstRetry<<(2*min(d.Attempts-1, 6)))
	fraction := float64(binary.BigEndian.Uint16(d.ID[:])^uint16(d.Attempts*0x9e37)) / 65535
	return time.Duration(float64(w) * (0.8 + 0.4*fraction))
}

func clip(s string, limit int) string {
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	return string(r[:limit]) + "…"
}
