package queue

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strconv"

	"earshot/feedback"
	"earshot/internal/crash"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The headers of an atomic batch (NATS ADR-50); nats.go has no helper for it.
const (
	batchIDHeader       = "Nats-Batch-Id"
	batchSequenceHeader = "Nats-Batch-Sequence"
	batchCommitHeader   = "Nats-Batch-Commit"
)

// errNotAtomic says that nothing of a batch was kept as a batch, and that its messages may be sent one by one.
var errNotAtomic = errors.New("no atomic batch")

// batchReply is what the server says to a batch's first and last message.
type batchReply struct {
	Error *jetstream.APIError `json:"error"`
	Count int                 `json:"count"`
}

// publishBatch stages the messages and commits them with the last: all are on disk then, or none. It returns
// errNotAtomic where the server takes no atomic batches, or has too many at once.
func (c *Conn) publishBatch(ctx context.Context, msgs []*nats.Msg) error {
	const doing = "publish a batch"
	select {
	case c.batches <- struct{}{}:
		defer func() { <-c.batches }()
	case <-ctx.Done():
		return coded(doing, ctx.Err())
	}
	id := rand.Text()
	for i, m := range msgs {
		m.Header[batchIDHeader] = []string{id}
		m.Header[batchSequenceHeader] = []string{strconv.Itoa(i + 1)}
		switch i {
		case 0: // the server says at once whether it takes the batch
			reply, err := c.nc.RequestMsgWithContext(ctx, m)
			if err != nil {
				return coded(doing, err)
			}
			if len(reply.Data) > 0 {
				return c.refused(doing, reply.Data)
			}
		case len(msgs) - 1:
			m.Header[batchCommitHeader] = []string{"1"}
			crash.At(crash.PublishStaged)
			reply, err := c.nc.RequestMsgWithContext(ctx, m)
			if err != nil {
				return coded(doing, err)
			}
			var committed batchReply
			if json.Unmarshal(reply.Data, &committed) == nil && committed.Error == nil && committed.Count == len(msgs) {
				crash.At(crash.PublishCommitted)
				return nil
			}
			return c.refused(doing, reply.Data)
		default:
			if err := c.nc.PublishMsg(m); err != nil {
				return coded(doing, err)
			}
		}
	}
	return nil
}

// refused says what a reply means that does not accept the batch.
func (c *Conn) refused(doing string, data []byte) error {
	var reply batchReply
	if err := json.Unmarshal(data, &reply); err != nil {
		return feedback.Errorf(feedback.Internal, "%s: the server's answer cannot be read: %w", doing, err)
	}
	if reply.Error == nil {
		// A server that knows no batches keeps the message as any other; sent again, it is a duplicate.
		c.noAtomic.Store(true)
		return errNotAtomic
	}
	switch reply.Error.ErrorCode {
	case apiAtomicDisabled:
		c.noAtomic.Store(true)
		return errNotAtomic
	case apiAtomicTooMany, apiAtomicTooLarge, apiAtomicIncomplete:
		return errNotAtomic
	}
	return codedAPI(doing, reply.Error)
}
