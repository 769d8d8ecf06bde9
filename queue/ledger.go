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
	// Died is the evidence that the message stops its worker, as it stands should the worker die now: see [tries.held].
	Died int `json:"died"`
}

// A worker that dies while it handles a message alone may have been killed by anything. Whether by the message is found
// out by a control: from the second time on the worker holds the message for a while before it handles it, and does
// nothing else with it. Each death while the message is handled speaks against it, each death while it is only held
// speaks for it. What strikes from outside falls into the hold, which is by far the longer of the two; what the message
// does never falls there. The sum, which never goes below the first death, is Page's cumulative sum (Biometrika 41, 1954):
// for an innocent message whose handling takes a twentieth of its hold the odds of four steps up are below one in a
// hundred thousand, and it is out of danger as soon as one attempt survives.

// held gives the tries of a message that is about to be held.
func (t tries) held() tries { return tries{Failed: t.Failed, Died: max(1, t.Died-1)} }

// handled gives the tries of a message that is about to be handled alone.
func (t tries) handled() tries { return tries{Failed: t.Failed, Died: t.Died + 1} }

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
