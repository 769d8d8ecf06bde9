package queue

import (
	"context"
	"errors"

	"earshot/feedback"

	"github.com/nats-io/nats.go/jetstream"
)

// Received is what the queue itself knows of the messages that producers sent: the side of the books that no stage
// writes.
type Received struct {
	Stream  int64  // when the stream was made; see [feedback.Receipt]
	First   uint64 // the lowest sequence that is kept, or the next one where none is
	Last    uint64 // the highest sequence that was ever given; the stream has no gaps
	Settled uint64 // every message up to this sequence has its verdict, of every durable consumer
	// Waiting messages have no verdict yet, or one that the server has not heard of: Last less what was delivered, and
	// what was delivered and is open.
	Waiting uint64
	// InFlight of them were delivered.
	InFlight uint64
	// Kept counts the messages that are kept, by workspace and source as their subjects name them.
	Kept map[feedback.Producer]uint64
}

// Received asks the server about EARSHOT_RECEIVED.
//
// Errors: NotFound before [Conn.EnsureStreams], Unavailable where the server does not answer.
func (c *Conn) Received(ctx context.Context) (Received, error) {
	const doing = "look at the stream " + receivedStream
	ctx, cancel := bounded(ctx)
	defer cancel()
	js, err := c.js.Stream(ctx, receivedStream)
	if err != nil {
		return Received{}, coded(doing, err)
	}
	info, err := js.Info(ctx, jetstream.WithSubjectFilter(receivedPrefix+">"))
	if err != nil {
		return Received{}, coded(doing, err)
	}
	r := Received{
		Stream: madeAt(js), First: info.State.FirstSeq, Last: info.State.LastSeq,
		Waiting: info.State.Msgs, Kept: make(map[feedback.Producer]uint64, len(info.State.Subjects)),
	}
	if info.State.Msgs == 0 {
		r.First = r.Last + 1 // a stream that never held anything says 0
	}
	for subject, n := range info.State.Subjects {
		workspace, source, _ := names(receivedPrefix, subject) // what names neither is booked as it stands
		r.Kept[feedback.Producer{Workspace: workspace, Source: source}] += n
	}
	consumer, err := js.Consumer(ctx, Ingest)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return r, nil
	}
	if err != nil {
		return Received{}, coded("look at the consumer "+Ingest, err)
	}
	// Not the server's own count of what is pending: for a moment after a start it is 0.
	delivered := consumer.CachedInfo().Delivered.Stream
	r.InFlight = uint64(max(0, consumer.CachedInfo().NumAckPending))
	r.Waiting = r.Last - min(r.Last, max(delivered, r.First-1)) + r.InFlight
	r.Settled, _, err = ackFloor(ctx, js, Ingest)
	return r, coded(doing, err)
}

// Messages gives messages of EARSHOT_RECEIVED that are kept, by their sequences; those that are not kept are left out.
//
// Errors: as those of [Conn.Received].
func (c *Conn) Messages(ctx context.Context, sequences []uint64) ([]feedback.Message, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	js, err := c.js.Stream(ctx, receivedStream)
	if err != nil {
		return nil, coded("look at the stream "+receivedStream, err)
	}
	var found []feedback.Message
	for _, sequence := range sequences {
		raw, err := js.GetMsg(ctx, sequence)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return nil, coded("read a message of the stream "+receivedStream, err)
		}
		m := feedback.Message{Data: raw.Data, ReceivedAt: raw.Time.UTC(), Attempt: 1,
			Receipt: feedback.Receipt{Stream: madeAt(js), Sequence: sequence}}
		m.Workspace, m.Source, _ = names(receivedPrefix, raw.Subject)
		found = append(found, m)
	}
	return found, nil
}

// madeAt names a stream as receipts do.
func madeAt(js jetstream.Stream) int64 { return js.CachedInfo().Created.UnixMicro() }
