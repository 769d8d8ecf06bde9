package queue

import (
	"context"
	"encoding/json"
	"errors"

	"earshot/feedback"
	"earshot/internal/crash"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	batchMessages = 1000     // the most that a server takes in one atomic batch
	batchBytes    = 16 << 20 // the server holds a batch in memory while it commits
	singlesAhead  = 256      // messages on the way at once where they go one by one
)

// PublishReceived hands what producers sent to the ingest stage. It returns one error a message, in order: nil says
// that the message is on disk, synced. It may be called from many goroutines, and is fastest with hundreds of
// messages at a time.
//
// A message published again is another message, which the store finds to be a duplicate. The server is not asked to
// know it by an id: its memory of ids lasts two minutes, and in these it would take a producer's return to an earlier
// wording for the message that it had then, and swallow the edit.
//
// Errors: Invalid for a workspace or source that is no such name, TooLarge over feedback.MaxMessage or the server's own
// limit, Unavailable where the queue is full or the server does not answer; whether the message was kept is then not
// known, and it is safe to publish it again.
func (c *Conn) PublishReceived(ctx context.Context, workspace, source string, data [][]byte) []error {
	errs := make([]error, len(data))
	err := feedback.CheckWorkspace(workspace)
	if err == nil {
		err = feedback.CheckSource(source)
	}
	if err != nil {
		return all(len(data), err)
	}
	limit := feedback.MaxMessage
	if payload := int(c.nc.MaxPayload()) - headerRoom; payload > 0 {
		limit = min(limit, payload)
	}
	subject := receivedPrefix + workspace + "." + source
	var chunk []*nats.Msg
	var at []int // where the chunk's messages stand in data
	size := 0
	send := func() {
		for i, err := range c.publish(ctx, chunk) {
			errs[at[i]] = err
		}
		chunk, at, size = chunk[:0], at[:0], 0
	}
	for i, d := range data {
		if len(d) > limit {
			errs[i] = feedback.Errorf(feedback.TooLarge, "the message has %d bytes, over the limit of %d", len(d), limit)
			continue
		}
		if len(chunk) == batchMessages || size+len(d) > batchBytes && len(chunk) > 0 {
			send()
		}
		chunk = append(chunk, &nats.Msg{Subject: subject, Data: d, Header: nats.Header{}})
		at = append(at, i)
		size += len(d)
	}
	send()
	return errs
}

// PublishStored hands the ids of items that were saved to the classify stage. When it returns nil, they are on disk.
// The same ids may be published again, and are delivered again: after a crash they may have to be.
//
// Errors: Invalid for a workspace that is no such name, Unavailable where the queue is full or the server does not
// answer.
func (c *Conn) PublishStored(ctx context.Context, stored feedback.Stored) error {
	if err := feedback.CheckWorkspace(stored.Workspace); err != nil {
		return err
	}
	if err := c.fault(); err != nil {
		return err
	}
	data, err := json.Marshal(stored)
	if err != nil {
		return feedback.Errorf(feedback.Internal, "write the ids of stored items: %w", err)
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	crash.At(crash.StoredSending)
	_, err = c.js.Publish(ctx, storedPrefix+stored.Workspace, data)
	crash.At(crash.StoredSent)
	return c.because(coded("publish the ids of stored items", err))
}

// publish sends messages in one atomic batch where that can be.
func (c *Conn) publish(ctx context.Context, msgs []*nats.Msg) []error {
	if len(msgs) == 0 {
		return nil
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	if err := c.fault(); err != nil {
		return all(len(msgs), err)
	}
	if len(msgs) == 1 || c.noAtomic.Load() {
		return c.publishSingles(ctx, msgs)
	}
	err := c.publishBatch(ctx, msgs)
	if errors.Is(err, errNotAtomic) {
		return c.publishSingles(ctx, msgs)
	}
	return all(len(msgs), c.because(err))
}

// because replaces an error by the fault of the server's disk, where there is one: the server does not tell publishers.
func (c *Conn) because(err error) error {
	if err != nil {
		if fault := c.fault(); fault != nil {
			return fault
		}
	}
	return err
}

// publishSingles sends messages one by one, many on the way at once, and waits for every acknowledgement.
func (c *Conn) publishSingles(ctx context.Context, msgs []*nats.Msg) []error {
	const doing = "publish a message"
	errs := make([]error, len(msgs))
	for start := 0; start < len(msgs); start += singlesAhead {
		end := min(start+singlesAhead, len(msgs))
		futures := make([]jetstream.PubAckFuture, end-start)
		for i := range futures {
			m := msgs[start+i]
			// A copy, for nats.go writes its reply subject into the message.
			single := &nats.Msg{Subject: m.Subject, Data: m.Data}
			futures[i], errs[start+i] = c.js.PublishMsgAsync(single)
		}
		for i, f := range futures {
			if f == nil {
				errs[start+i] = coded(doing, errs[start+i])
				continue
			}
			select {
			case <-f.Ok():
			case err := <-f.Err():
				errs[start+i] = c.because(coded(doing, err))
			case <-ctx.Done():
				errs[start+i] = c.because(coded(doing, ctx.Err()))
			}
		}
	}
	return errs
}
