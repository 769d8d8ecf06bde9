package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"earshot/feedback"
	"earshot/internal/crash"
)

const confirmTimeout = 5 * time.Second

// verdict is what becomes of a delivery.
type verdict string

const (
	done  verdict = "done"   // acknowledged
	bury  verdict = "buried" // a dead letter, then terminated
	later verdict = "later"  // delivered again, and not counted
	retry verdict = "retry"  // delivered again, a limited number of times
)

// verdicts is the one table from code to verdict. What it does not name is a retry.
var verdicts = map[feedback.Code]verdict{
	"":                   done,
	feedback.Invalid:     bury,
	feedback.TooLarge:    bury,
	feedback.Unavailable: later,
}

func verdictOf(err error) verdict {
	var fatal *fatalError
	if errors.As(err, &fatal) {
		return bury
	}
	if v, ok := verdicts[feedback.ErrorCode(err)]; ok {
		return v
	}
	return retry
}

// ruling is a delivery with its verdict.
type ruling struct {
	*delivery
	err     error
	verdict verdict
	delay   time.Duration // of later and retry
}

// settle carries the verdicts out: dead letters are saved first, then the server is told. outage says that all of
// the messages failed as unavailable.
func (c *Consumer) settle(ctx context.Context, beat *heartbeat, ds []*delivery, errs []error) outcome {
	rulings := make([]*ruling, len(ds))
	var letters []*ruling
	for i, d := range ds {
		r := &ruling{delivery: d, err: errs[i], verdict: verdictOf(errs[i])}
		if r.verdict == retry {
			c.count(ctx, r)
		}
		if r.verdict == bury {
			letters = append(letters, r)
		}
		rulings[i] = r
	}
	c.buryAll(ctx, letters)
	beat.release(ds)
	c.at(crash.IngestAcking, crash.ClassifyAcking)
	c.answer(ctx, rulings)
	c.at(crash.IngestAcked, crash.ClassifyAcked)

	result := outage
	for _, r := range rulings {
		c.cfg.Metrics.messages.WithLabelValues(c.cfg.Stage, string(r.verdict)).Inc()
		if r.verdict != later {
			result = progress
		}
		c.forgetTries(ctx, r)
	}
	return result
}

// count writes a failed attempt down, and turns the last one into a dead letter. An attempt that cannot be written
// down does not count.
func (c *Consumer) count(ctx context.Context, r *ruling) {
	r.delay = c.cfg.Retry.after(r.Attempt)
	if r.tries == nil {
		var t tries
		if r.Attempt > 1 {
			var err error
			if t, err = c.ledger.read(ctx, r.Message); err != nil {
				return
			}
		}
		r.tries = &t
	}
	r.tries.Failed++
	if r.tries.Failed+r.tries.Died >= c.cfg.MaxDeliver {
		r.verdict = bury
		return
	}
	if err := c.ledger.write(ctx, r.Message, *r.tries); err != nil {
		c.cfg.Log.Warn("a failed attempt could not be counted", "error", err)
	}
}

// forgetTries brings the ledger up to date for a message whose tries were read. What it leaves behind in a failure
// only makes a later trouble with the same content end a few attempts sooner, and is gone in a week. Of a message that
// stops its worker it leaves what was found: the server writes its verdicts behind, and one that gets lost, as when the
// next such message kills the process at once, must not cost as many workers again.
func (c *Consumer) forgetTries(ctx context.Context, r *ruling) {
	var fatal *fatalError
	if r.tries == nil || r.verdict == retry || r.verdict == bury && errors.As(r.err, &fatal) {
		return
	}
	var err error
	if r.verdict == later {
		err = c.ledger.write(ctx, r.Message, *r.tries)
	} else {
		err = c.ledger.forget(ctx, r.Message)
	}
	if err != nil {
		c.cfg.Log.Warn("the attempts of a message could not be written", "error", err)
	}
}

// buryAll saves the dead letters. Those that cannot be saved come again later.
func (c *Consumer) buryAll(ctx context.Context, rs []*ruling) {
	if len(rs) == 0 {
		return
	}
	letters := make([]feedback.DeadLetter, len(rs))
	codes := map[feedback.Code]int{}
	for i, r := range rs {
		letters[i] = c.letter(r)
		codes[letters[i].Code]++
	}
	err := c.save(ctx, letters)
	if err == nil {
		c.cfg.Log.Warn("messages became dead letters", "messages", len(rs), "codes", fmt.Sprint(codes))
		return
	}
	if len(rs) > 1 && feedback.ErrorCode(err) != feedback.Unavailable {
		for _, r := range rs { // one letter that cannot be saved must not keep the others
			c.buryAll(ctx, []*ruling{r})
		}
		return
	}
	c.cfg.Log.Error("dead letters could not be saved; their messages stay in the queue", "messages", len(rs), "error", err)
	for _, r := range rs {
		r.verdict = later
	}
}

func (c *Consumer) save(ctx context.Context, letters []feedback.DeadLetter) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicError(v)
		}
	}()
	return c.cfg.Dead.Bury(ctx, letters)
}

func (c *Consumer) letter(r *ruling) feedback.DeadLetter {
	attempts := 1
	if r.tries != nil {
		attempts = max(1, r.tries.Failed+r.tries.Died)
	}
	return feedback.DeadLetter{
		ID:         feedback.DeadLetterID(r.Workspace, r.Source, r.Data),
		Workspace:  r.Workspace,
		Source:     r.Source,
		Stage:      c.cfg.Stage,
		Code:       feedback.ErrorCode(r.err),
		Reason:     r.err.Error(),
		Payload:    string(r.Data),
		ReceivedAt: r.ReceivedAt,
		Attempts:   attempts,
		Receipt:    r.Receipt,
	}
}

// answer tells the server the verdicts, and waits until it has taken the last: it takes them in order. A verdict that
// gets lost means one more delivery of a message whose handling is idempotent.
func (c *Consumer) answer(ctx context.Context, rs []*ruling) {
	if len(rs) == 0 {
		return
	}
	for _, r := range rs[:len(rs)-1] {
		if err := c.conn.nc.Publish(r.reply, c.words(r)); err != nil {
			c.cfg.Log.Warn("a verdict did not reach the server; its message comes again", "error", err)
			return
		}
	}
	// What was done is done: the verdicts go out also where the drain has run out of time.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmTimeout)
	defer cancel()
	last := rs[len(rs)-1]
	if _, err := c.conn.nc.RequestWithContext(ctx, last.reply, c.words(last)); err != nil {
		c.cfg.Log.Warn("the server did not confirm the verdicts; their messages may come again", "messages", len(rs), "error", err)
	}
}

// words is the verdict in the words of the protocol.
func (c *Consumer) words(r *ruling) []byte {
	switch r.verdict {
	case done:
		return []byte("+ACK")
	case bury:
		return fmt.Appendf(nil, "+TERM %s", feedback.ErrorCode(r.err))
	case later:
		// Twice the gate's longest wait: a message that alone goes on failing must not be every probe.
		r.delay = Backoff{c.cfg.Outage.Min, 2 * c.cfg.Outage.Max}.after(r.Attempt)
	}
	return fmt.Appendf(nil, `-NAK {"delay": %d}`, r.delay.Nanoseconds())
}
