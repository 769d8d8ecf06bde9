package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"earshot/feedback"
	"earshot/internal/crash"
)

// errOutage is the error of messages that were not tried because those before them failed as unavailable.
var errOutage = feedback.Errorf(feedback.Unavailable, "not tried: what the stage needs is away")

// process gives every message of a pulled batch its verdict, in groups: see [Consumer.groups]. It is progress when any
// message got one that is not for later.
func (c *Consumer) process(ctx context.Context, worker int, batch []*delivery) (result outcome, why error) {
	start := time.Now()
	c.at(crash.IngestPulled, crash.ClassifyPulled)
	beat := startHeartbeat(c.conn.nc, c.cfg.AckWait/3, batch)
	defer beat.stop()
	result = outage
	away := false
	for _, g := range c.groups(ctx, batch) {
		errs := all(len(g.messages), errOutage)
		if !away {
			errs = c.try(ctx, worker, g)
		}
		got := c.settle(ctx, beat, g.messages, errs)
		if got == progress {
			result = progress
		}
		if got == outage && !away {
			away, why = true, errs[0]
		}
	}
	m := c.cfg.Metrics
	m.seconds.WithLabelValues(c.cfg.Stage).Observe(time.Since(start).Seconds())
	m.size.WithLabelValues(c.cfg.Stage).Observe(float64(len(batch)))
	m.pending.WithLabelValues(c.cfg.Stage).Set(float64(batch[len(batch)-1].pending))
	return result, why
}

// at says that the stage has come to its point.
func (c *Consumer) at(ingest, classify crash.Point) {
	if c.cfg.Stage == Ingest {
		crash.At(ingest)
	} else {
		crash.At(classify)
	}
}

// group is what one call of the handler gets.
type group struct {
	messages []*delivery
	level    int  // workers that died over each, up to suspectLevel
	refused  bool // not for the handler
}

// groups divides a batch. First deliveries go first and together: a message that was delivered before may be the one
// that makes a call fail. Those over which a worker may have died come last, the more workers the fewer at a time.
func (c *Consumer) groups(ctx context.Context, batch []*delivery) []group {
	if slices.ContainsFunc(batch, func(d *delivery) bool { return d.Attempt > 1 }) { // perhaps another process had it, and died
		// A worker that dies has given a sign of life within a third of AckWait, and what it held comes again AckWait after
		// that: what was read less than half of AckWait ago holds all that it wrote.
		if err := c.book.loadUnless(ctx, c.cfg.AckWait/2); err != nil {
			c.cfg.Log.Warn("a message may be handled with others that should be handled alone", "error", err)
		}
	}
	var refused, first, again []*delivery
	var suspects [suspectLevel + 1][]*delivery
	for _, d := range batch {
		level := c.book.level(d)
		switch {
		case d.invalid != nil:
			refused = append(refused, d)
		case level > 0:
			suspects[level] = append(suspects[level], d)
		case d.Attempt == 1:
			first = append(first, d)
		default:
			again = append(again, d)
		}
	}
	var gs []group
	for _, g := range []group{{messages: refused, refused: true}, {messages: first}, {messages: again}} {
		if len(g.messages) > 0 {
			gs = append(gs, g)
		}
	}
	size := c.cfg.BatchSize
	for level := 1; level <= suspectLevel; level++ {
		if size = max(1, size/8); level == suspectLevel {
			size = 1
		}
		for part := range slices.Chunk(suspects[level], size) {
			gs = append(gs, group{messages: part, level: level})
		}
	}
	return gs
}

// try handles one group, after it has written down that it is about to.
func (c *Consumer) try(ctx context.Context, worker int, g group) []error {
	if g.refused {
		errs := make([]error, len(g.messages))
		for i, d := range g.messages {
			errs[i] = d.invalid
		}
		return errs
	}
	if err := c.book.open(ctx, worker, g.messages, g.level); err != nil {
		c.cfg.Log.Warn("messages are not handled: that they are about to be cannot be written down", "error", err)
		return all(len(g.messages), errOutage)
	}
	c.at(crash.IngestOpened, crash.ClassifyOpened)
	defer c.book.settled(g.messages)
	if g.level < suspectLevel {
		return c.handle(ctx, g.messages)
	}
	return []error{c.alone(ctx, g.messages[0])}
}

// handle calls the handler. A call that fails as a whole by a fault of Earshot's own is repeated on halves, so that
// what makes it fail is found in few calls and all else is done.
func (c *Consumer) handle(ctx context.Context, ds []*delivery) []error {
	errs := c.call(ctx, ds)
	if len(ds) == 1 {
		return errs
	}
	for _, err := range errs {
		if verdictOf(err) != retry {
			return errs
		}
	}
	half := len(ds) / 2
	return append(c.handle(ctx, ds[:half]), c.handle(ctx, ds[half:])...)
}

// call calls the handler once. A panic, or a result of another length than the batch, is an Internal error of every
// message.
func (c *Consumer) call(ctx context.Context, ds []*delivery) (errs []error) {
	batch := make([]feedback.Message, len(ds))
	for i, d := range ds {
		batch[i] = d.Message
	}
	defer func() {
		if v := recover(); v != nil {
			err := panicError(v)
			c.cfg.Metrics.panics.WithLabelValues(c.cfg.Stage).Inc()
			c.cfg.Log.Error("the handler panicked", "messages", len(ds), "error", err)
			errs = all(len(ds), err)
		}
	}()
	errs = c.cfg.Handler.Handle(ctx, batch)
	if len(errs) != len(ds) {
		return all(len(ds), feedback.Errorf(feedback.Internal, "the handler gave %d results for %d messages", len(errs), len(ds)))
	}
	return errs
}

// alone handles a message over which workers have died, while others were open too. What a death would mean is on disk
// before each step: a message that was found to stop its worker is buried without being parsed.
func (c *Consumer) alone(ctx context.Context, d *delivery) error {
	t, err := c.ledger.read(ctx, d.Message)
	if err != nil {
		return errOutage
	}
	d.tries = &t
	if t.Died >= max(1, c.cfg.MaxDeliver-suspectLevel) {
		return &fatalError{feedback.Errorf(feedback.Internal,
			"%d workers died while they handled this message alone: it stops its worker", t.Died)}
	}
	if t.Died > 0 {
		select {
		case c.conn.holding <- struct{}{}: // one at a time, or the death over one would speak for another
			defer func() { <-c.conn.holding }()
		case <-ctx.Done():
			return errOutage
		}
		if c.ledger.write(ctx, d.Message, t.held()) != nil || !c.hold(ctx) {
			return errOutage
		}
	}
	if c.ledger.write(ctx, d.Message, t.handled()) != nil {
		return errOutage
	}
	return c.call(ctx, []*delivery{d})[0]
}

// hold waits for Hold, by chance up to a half less or more, so that nothing that strikes at a fixed time after a start
// finds the same message each time. It is false where the consumer is to end.
func (c *Consumer) hold(ctx context.Context) bool {
	t := time.NewTimer(c.cfg.Hold/2 + rand.N(c.cfg.Hold))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.ending:
	case <-ctx.Done():
	}
	return false
}

// fatalError is an error after which there is no further attempt, whatever its code.
type fatalError struct{ error }

func (e *fatalError) Unwrap() error { return e.error }

// panicError says what panicked and where. A panic's value may quote the message, so it stands there only where the
// runtime wrote it.
func panicError(v any) error {
	what := fmt.Sprintf("a %T", v)
	var fault runtime.Error
	if err, ok := v.(error); ok && errors.As(err, &fault) {
		what = fault.Error()
	}
	return feedback.Errorf(feedback.Internal, "panic in %s: %s", panicPlace(), what)
}

// panicPlace is the function that panicked, as seen from a deferred function.
func panicPlace() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicking := false
	for {
		f, more := frames.Next()
		if panicking && !strings.HasPrefix(f.Function, "runtime.") {
			return f.Function
		}
		panicking = panicking || f.Function == "runtime.gopanic"
		if !more {
			return "an unknown place"
		}
	}
}

func all(n int, err error) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return errs
}
