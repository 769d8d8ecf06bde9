package queue

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"
)

// Status is what the queue holds.
type Status struct {
	Streams []StreamStatus `json:"streams"`
}

// StreamStatus is what one stream holds.
type StreamStatus struct {
	Name     string `json:"name"`
	Stage    string `json:"stage"`     // the stage that drains it
	Messages uint64 `json:"messages"`  // kept, also those that are done and wait for Trim
	Bytes    uint64 `json:"bytes"`     // on disk
	MaxBytes int64  `json:"max_bytes"` // at which it takes no more
	// Pending messages were not delivered yet; InFlight ones were delivered, and are being handled or wait to be
	// delivered again. A stage that never ran has everything pending.
	Pending  uint64 `json:"pending"`
	InFlight int    `json:"in_flight"`
}

// Drained says whether every stage has done all that was published.
func (s Status) Drained() bool {
	for _, st := range s.Streams {
		if st.Pending > 0 || st.InFlight > 0 {
			return false
		}
	}
	return true
}

// Status asks the server what the queue holds.
//
// Errors: NotFound before [Conn.EnsureStreams], Unavailable where the server does not answer.
func (c *Conn) Status(ctx context.Context) (Status, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var status Status
	for _, s := range streams {
		js, err := c.js.Stream(ctx, s.name)
		if err != nil {
			return Status{}, coded("look at the stream "+s.name, err)
		}
		info := js.CachedInfo()
		st := StreamStatus{
			Name: s.name, Stage: s.stage,
			Messages: info.State.Msgs, Bytes: info.State.Bytes, MaxBytes: info.Config.MaxBytes,
			Pending: info.State.Msgs,
		}
		consumer, err := js.Consumer(ctx, s.stage)
		if err == nil {
			// Not the server's own count: for a moment after a start it is 0. The streams have no gaps to count.
			delivered := max(consumer.CachedInfo().Delivered.Stream+1, info.State.FirstSeq)
			st.Pending = info.State.LastSeq + 1 - min(delivered, info.State.LastSeq+1)
			st.InFlight = consumer.CachedInfo().NumAckPending
		} else if !errors.Is(err, jetstream.ErrConsumerNotFound) {
			return Status{}, coded("look at the consumer "+s.stage, err)
		}
		status.Streams = append(status.Streams, st)
	}
	return status, nil
}
