package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"earshot/feedback"
)

// Store keeps items. It saves a batch as one: all of it or, with an error, nothing.
type Store interface {
	// SaveItems saves the items with their excerpts and says of each what became of it, in the same order.
	SaveItems(ctx context.Context, items []feedback.Item) ([]feedback.Outcome, error)
}

// Publisher tells the next stage what waits for it.
type Publisher interface {
	PublishStored(ctx context.Context, stored feedback.Stored) error
}

// Config is what a Stage needs. Store, Publisher and Now must be set.
type Config struct {
	Store     Store
	Publisher Publisher
	Now       func() time.Time
	Log       *slog.Logger // default: nothing is logged
	Workers   int          // messages prepared at the same time; default: one for each core
}

// Stage is stage 1. It implements [feedback.Handler] and is safe for concurrent use.
type Stage struct {
	store     Store
	publisher Publisher
	now       func() time.Time
	log       *slog.Logger
	workers   int
}

// New checks the configuration. Its errors are Invalid.
func New(c Config) (*Stage, error) {
	if c.Store == nil || c.Publisher == nil || c.Now == nil {
		return nil, feedback.Errorf(feedback.Invalid, "ingest: a store, a publisher and a clock are needed")
	}
	s := &Stage{store: c.Store, publisher: c.Publisher, now: c.Now, log: c.Log, workers: c.Workers}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.workers <= 0 {
		s.workers = runtime.GOMAXPROCS(0)
	}
	return s, nil
}

// Handle decodes, cleans, redacts and splits every message, saves the good ones in one call and publishes, for each
// workspace, the ids of those that are new, changed or said again: what is taken for a duplicate may be a message that was
// saved by a process that died before it could tell anybody. A message is done when both succeeded. Errors: Invalid or
// TooLarge for a message that will never do, and what the store or the publisher returned for those that they concern.
//
// When the store refuses a batch for any reason but being away, the batch is halved until the items that it refuses
// stand alone, so that one of them holds up no other.
func (s *Stage) Handle(ctx context.Context, batch []feedback.Message) []error {
	errs := make([]error, len(batch))
	items := s.prepare(ctx, batch, errs)
	good := make([]int, 0, len(batch))
	for i := range batch {
		if errs[i] == nil {
			good = append(good, i)
		}
	}
	saved := s.save(ctx, items, good, errs)
	s.publish(ctx, batch, items, saved, errs)
	return errs
}

// prepare turns the messages into items over all workers. It gives one item a message, empty where errs has its fault.
func (s *Stage) prepare(ctx context.Context, batch []feedback.Message, errs []error) []feedback.Item {
	items := make([]feedback.Item, len(batch))
	now := s.now()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(s.workers, len(batch)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(batch); i = int(next.Add(1)) - 1 {
				if err := ctx.Err(); err != nil {
					errs[i] = feedback.Errorf(feedback.Unavailable, "prepare item: %w", err)
					continue
				}
				items[i], errs[i] = prepareSafely(&batch[i], now)
			}
		})
	}
	wg.Wait()
	return items
}

// prepareSafely keeps a fault that one message brings to light from taking the others down with it.
func prepareSafely(m *feedback.Message, now time.Time) (item feedback.Item, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = feedback.Errorf(feedback.Internal, "prepare item: the decoder failed: %v", faultKind(fault))
		}
	}()
	return Prepare(m, now)
}

// faultKind words a panic without the text that may be in it.
func faultKind(fault any) string {
	var runtimeError runtime.Error
	if err, ok := fault.(error); ok && errors.As(err, &runtimeError) {
		return runtimeError.Error()
	}
	return fmt.Sprintf("%T", fault)
}

// save saves the items of the indices and gives those of which the next stage is to hear.
func (s *Stage) save(ctx context.Context, items []feedback.Item, indices []int, errs []error) []int {
	if len(indices) == 0 {
		return nil
	}
	batch := make([]feedback.Item, len(indices))
	for k, i := range indices {
		batch[k] = items[i]
	}
	outcomes, err := s.store.SaveItems(ctx, batch)
	if err == nil && len(outcomes) != len(batch) {
		err = feedback.Errorf(feedback.Internal, "save items: the store told %d outcomes of %d", len(outcomes), len(batch))
	}
	switch {
	case err == nil:
		var heard []int
		for k, i := range indices {
			switch outcomes[k] {
			case feedback.OutcomeStored, feedback.OutcomeUpdated, feedback.OutcomeDuplicate:
				heard = append(heard, i)
			}
		}
		return heard
	case feedback.ErrorCode(err) != feedback.Unavailable && ctx.Err() == nil && len(indices) > 1:
		half := len(indices) / 2
		s.log.WarnContext(ctx, "batch refused, halving it", "items", len(indices), "code", feedback.ErrorCode(err))
		return append(s.save(ctx, items, indices[:half], errs), s.save(ctx, items, indices[half:], errs)...)
	}
	for _, i := range indices {
		errs[i] = fmt.Errorf("save item: %w", err)
	}
	return nil
}

// publish sends one notice a workspace. A message whose notice failed is not done, so that it comes again.
func (s *Stage) publish(ctx context.Context, batch []feedback.Message, items []feedback.Item, heard []int, errs []error) {
	var order []string
	byWorkspace := map[string][]int{}
	for _, i := range heard {
		w := batch[i].Workspace
		if byWorkspace[w] == nil {
			order = append(order, w)
		}
		byWorkspace[w] = append(byWorkspace[w], i)
	}
	for _, w := range order {
		stored := feedback.Stored{Workspace: w}
		seen := map[feedback.ID]bool{}
		for _, i := range byWorkspace[w] {
			if id := items[i].ID; !seen[id] {
				seen[id] = true
				stored.Items = append(stored.Items, id)
			}
		}
		if err := s.publisher.PublishStored(ctx, stored); err != nil {
			for _, i := range byWorkspace[w] {
				errs[i] = fmt.Errorf("publish stored items: %w", err)
			}
		}
	}
}
