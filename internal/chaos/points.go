package chaos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"earshot/internal/crash"
)

// pointWait is how long a process has to come to its crash point.
const pointWait = 30 * time.Second

// Points has Earshot killed at each of the points, so many times, the first to third time that it is reached, while
// feedback comes in. Seed tells the items of one call from those of another.
type Points struct {
	Points []crash.Point
	Times  int
	Seed   uint64
}

// Run returns how often the process died at each point and how many messages had to become dead letters, when all is
// acknowledged and drained.
func (k Points) Run(ctx context.Context, site *Site, ledger *Ledger) (died map[crash.Point]int, dead int, err error) {
	p := NewProducer(site, ledger, fmt.Sprintf("points-%d", k.Seed), k.Seed)
	f := &feed{producer: p}
	died = map[crash.Point]int{}
	for n := range k.Times {
		for i, point := range k.Points {
			site.say("round %d of %d, point %d of %d", n+1, k.Times, i+1, len(k.Points))
			if err := k.once(ctx, site, f, point, n, died); err != nil {
				return nil, 0, errors.Join(fmt.Errorf("at %s: %w", point, err), f.stop())
			}
		}
	}
	site.Kill()
	// A replay sends 500 letters at a time, and each of those above was killed over its first: one has to come to its end.
	if err := errors.Join(site.Start(ctx, replayVar+"=1"), f.stop()); err != nil {
		return nil, 0, err
	}
	return died, p.faulty, site.Drain(ctx)
}

// settle lets Earshot live, and stops the feed, until nothing waits.
func settle(ctx context.Context, site *Site, f *feed, settings ...string) error {
	site.Kill()
	if err := errors.Join(site.Start(ctx, settings...), f.stop()); err != nil {
		return err
	}
	return site.Drain(ctx)
}

// once kills Earshot at a point. It leaves the feed running, and no process.
func (k Points) once(ctx context.Context, site *Site, f *feed, point crash.Point, n int, died map[crash.Point]int) error {
	settings := []string{fmt.Sprintf("%s=%s:%d", crashVar, point, 1+n%reached(point))}
	switch point {
	case crash.BooksFolding, crash.BooksFolded, crash.BooksTrimmed, crash.ReplayPublished, crash.ReplayRemoved:
		// These come at the start alone, and only when there is something to do.
		if err := settle(ctx, site, f, refuseVar+"=1"); err != nil {
			return err
		}
		if point == crash.ReplayPublished || point == crash.ReplayRemoved {
			settings = append(settings, replayVar+"=1")
			if err := f.producer.sendFixable(ctx); err != nil {
				return err
			}
		}
		if err := f.producer.Send(ctx, 5); err != nil {
			return err
		}
		if err := site.Drain(ctx); err != nil {
			return err
		}
	}
	site.Kill()
	if err := site.Start(ctx, settings...); err != nil {
		return err
	}
	f.start(ctx)
	if site.Dead(pointWait) {
		died[point]++
	}
	return nil
}

// reached is how often a process comes to the point for sure: to those of the schedule and of a replay once.
func reached(p crash.Point) int {
	switch p {
	case crash.BooksFolding, crash.BooksFolded, crash.BooksTrimmed, crash.ReplayPublished, crash.ReplayRemoved:
		return 1
	}
	return 3
}

// feed sends requests one after the other, some with a message that has to be refused, until it is stopped.
type feed struct {
	producer *Producer
	quit     chan struct{}
	done     chan error
}

// start begins, unless it has begun.
func (f *feed) start(ctx context.Context) {
	if f.quit != nil {
		return
	}
	quit, done := make(chan struct{}), make(chan error, 1)
	f.quit, f.done = quit, done
	go func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			err := errors.Join(f.producer.SendFaulty(ctx, 1), f.producer.Send(ctx, 4))
			if err != nil {
				done <- err
				return
			}
			select {
			case <-quit:
				done <- nil
				return
			case <-tick.C:
			}
		}
	}()
}

// stop returns when the request that is under way is acknowledged, so Earshot must be up.
func (f *feed) stop() error {
	if f.quit == nil {
		return nil
	}
	close(f.quit)
	f.quit = nil
	return <-f.done
}

// sendFixable sends items that the running version of Earshot refuses.
func (p *Producer) sendFixable(ctx context.Context) error {
	batch := make([]sending, 3)
	for i := range batch {
		batch[i] = sending{id: fmt.Sprintf("%s-%s-%d", p.name, fixableWord, len(p.fixable)), version: 1}
		p.fixable = append(p.fixable, batch[i])
	}
	return p.post(ctx, batch)
}
