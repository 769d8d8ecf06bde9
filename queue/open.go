package queue

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"earshot/feedback"

	"github.com/nats-io/nats.go/jetstream"
)

// suspectLevel is how many workers may die over a message among others before it is handled alone.
const suspectLevel = 3

// openBook writes down which messages a worker is about to hand to the handler, so that those that were open when a
// process died are known to the next. The server's own count of deliveries will not do: it is written behind, so a
// message that kills its worker at once is delivered for the first time again and again.
//
// To be in the book proves nothing, for a worker may die of anything. It decides how many others a message is handled
// with: at level 0 a whole batch, at each level an eighth of that, at suspectLevel none.
type openBook struct {
	kv    jetstream.KeyValue
	stage string
	name  string // of this consumer; no two have the same

	mu     sync.Mutex
	levels map[uint64]int // by sequence in the stream: workers that died with the message open
	loaded time.Time      // when the last load began
}

// openPage is what one worker has open, or had when it died.
type openPage struct {
	Level     int      `json:"level"` // of its messages, should the worker die now
	Sequences []uint64 `json:"sequences"`
}

func newOpenBook(kv jetstream.KeyValue, stage string) *openBook {
	return &openBook{kv: kv, stage: stage, name: rand.Text(), levels: map[uint64]int{}}
}

func (b *openBook) key(worker int) string {
	return b.stage + ".open." + b.name + "." + strconv.Itoa(worker)
}

// loadUnless loads, unless that was done so lately.
func (b *openBook) loadUnless(ctx context.Context, lately time.Duration) error {
	b.mu.Lock()
	known := time.Since(b.loaded) < lately
	b.mu.Unlock()
	if known {
		return nil
	}
	return b.load(ctx)
}

// load reads the pages of all other consumers of the stage, living or dead.
func (b *openBook) load(ctx context.Context) error {
	own := b.stage + ".open." + b.name + "."
	began := time.Now()
	err := b.each(ctx, func(entry jetstream.KeyValueEntry, p openPage) error {
		if strings.HasPrefix(entry.Key(), own) {
			return nil
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, seq := range p.Sequences {
			b.levels[seq] = max(b.levels[seq], p.Level)
		}
		return nil
	})
	if err == nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.loaded = began
	}
	return err
}

// tidy takes out the pages on which nothing is open any more: every message up to the sequence settled has its verdict.
func (b *openBook) tidy(ctx context.Context, settled uint64) error {
	return b.each(ctx, func(entry jetstream.KeyValueEntry, p openPage) error {
		if len(p.Sequences) > 0 && slices.Max(p.Sequences) > settled {
			return nil
		}
		// Unless its worker has written another page meanwhile.
		err := b.kv.Delete(ctx, entry.Key(), jetstream.LastRevision(entry.Revision()))
		var changed *jetstream.APIError
		if errors.As(err, &changed) && changed.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence {
			return nil
		}
		return err
	})
}

// each calls do with every page.
func (b *openBook) each(ctx context.Context, do func(jetstream.KeyValueEntry, openPage) error) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	const doing = "read what other workers had open"
	watcher, err := b.kv.Watch(ctx, b.stage+".open.>", jetstream.IgnoreDeletes())
	if err != nil {
		return coded(doing, err)
	}
	defer func() { _ = watcher.Stop() }()
	for {
		select {
		case entry := <-watcher.Updates():
			if entry == nil { // all that there is
				return nil
			}
			var p openPage
			if json.Unmarshal(entry.Value(), &p) != nil {
				continue
			}
			if err := do(entry, p); err != nil {
				return coded(doing, err)
			}
		case <-ctx.Done():
			return coded(doing, ctx.Err())
		}
	}
}

func (b *openBook) level(d *delivery) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.levels[d.Receipt.Sequence]
}

// open writes down that the worker is about to handle the messages, all of one level. It is on disk when open returns.
func (b *openBook) open(ctx context.Context, worker int, ds []*delivery, level int) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	p := openPage{Level: min(level+1, suspectLevel), Sequences: make([]uint64, len(ds))}
	for i, d := range ds {
		p.Sequences[i] = d.Receipt.Sequence
	}
	value, err := json.Marshal(p)
	if err != nil {
		return feedback.Errorf(feedback.Internal, "write down what is open: %w", err)
	}
	_, err = b.kv.Put(ctx, b.key(worker), value)
	return coded("write down what is open", err)
}

// settled clears messages whose handling came to an end, whatever end.
func (b *openBook) settled(ds []*delivery) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range ds {
		delete(b.levels, d.Receipt.Sequence)
	}
}

// close takes this consumer's pages out of the book.
func (b *openBook) close(ctx context.Context, workers int) error {
	ctx, cancel := bounded(context.WithoutCancel(ctx))
	defer cancel()
	for w := range workers {
		if err := b.kv.Delete(ctx, b.key(w)); err != nil {
			return coded("close the book of what is open", err)
		}
	}
	return nil
}
