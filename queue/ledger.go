package queue

import (
	"context"
	"encoding/json"
	"errors"

	"earshot/feedback"

	"github.com/nats-io/nats.go/jetstream"
)

// tries are the failures of one message that count.
type tries struct {
	Failed int `json:"failed"` // attempts that ended in an error of Earshot's own
	Died   int `json:"died"`   // attempts alone that have not ended: under way, or ended with the worker
}

// ledger keeps the tries of the messages in trouble, for all workers and over restarts. It goes by content, so it
// holds nothing of the message, and a message sent again is known again.
type ledger struct {
	kv    jetstream.KeyValue
	stage string
}

func (l ledger) key(m feedback.Message) string {
	return l.stage + "." + feedback.DeadLetterID(m.Workspace, m.Source, m.Data).String()
}

func (l ledger) read(ctx context.Context, m feedback.Message) (tries, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var t tries
	entry, err := l.kv.Get(ctx, l.key(m))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return t, nil
	}
	if err != nil {
		return t, coded("read the attempts of a message", err)
	}
	if json.Unmarshal(entry.Value(), &t) != nil || t.Failed < 0 || t.Died < 0 {
		return tries{}, nil // counting from the start again does less harm than never handling the message
	}
	return t, nil
}

// write is durable when it returns nil.
func (l ledger) write(ctx context.Context, m feedback.Message, t tries) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	value, err := json.Marshal(t)
	if err != nil {
		return feedback.Errorf(feedback.Internal, "write the attempts of a message: %w", err)
	}
	_, err = l.kv.Put(ctx, l.key(m), value)
	return coded("write the attempts of a message", err)
}

func (l ledger) forget(ctx context.Context, m feedback.Message) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return coded("forget the attempts of a message", l.kv.Delete(ctx, l.key(m)))
}
