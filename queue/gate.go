package queue

import (
	"context"
	"sync"
	"time"
)

// gate holds the workers of one consumer back while what they need is away. It is open until a whole batch has failed
// as unavailable; then one worker at a time may probe with one message, after a wait that doubles, until a probe gets
// through.
type gate struct {
	wait Backoff
	// probing is held by the worker that probes.
	probing chan struct{}

	mu       sync.Mutex
	failures int  // whole batches and probes in a row that failed; 0 is open
	waited   bool // the wait for the next probe is over, and the probe found no message yet
}

func newGate(wait Backoff) *gate { return &gate{wait: wait, probing: make(chan struct{}, 1)} }

// pass is the leave to pull one batch. Give it back with report.
type pass struct{ probe bool }

// enter waits for the leave to pull; ok is false when ctx ended instead.
func (g *gate) enter(ctx context.Context) (p pass, ok bool) {
	if g.state() == 0 {
		return pass{}, ctx.Err() == nil
	}
	select {
	case g.probing <- struct{}{}:
	case <-ctx.Done():
		return pass{}, false
	}
	g.mu.Lock()
	failures, waited := g.failures, g.waited
	g.mu.Unlock()
	if failures == 0 {
		<-g.probing
		return pass{}, ctx.Err() == nil
	}
	if !waited && !pause(ctx, g.wait.after(failures)) {
		<-g.probing
		return pass{}, false
	}
	return pass{probe: true}, true
}

func (g *gate) state() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failures
}

// outcome is how a batch went, as far as the gate cares.
type outcome int

const (
	nothing  outcome = iota // there was no message
	progress                // at least one message got an outcome
	outage                  // every message failed as unavailable
)

// report gives the pass back; changed is true when an outage began or ended with it.
func (g *gate) report(p pass, o outcome) (changed bool) {
	g.mu.Lock()
	before := g.failures
	switch {
	case o == outage && (p.probe || before == 0):
		g.failures++
		g.waited = false
	case o == progress:
		g.failures = 0
	case o == nothing && p.probe:
		g.waited = true
	}
	changed = (before == 0) != (g.failures == 0)
	g.mu.Unlock()
	if p.probe {
		<-g.probing
	}
	return changed
}

// pause waits for d; it is false when ctx ended before.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
