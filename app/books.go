package app

import (
	"cmp"
	"context"
	"slices"

	"earshot/feedback"
	"earshot/ingest"
	"earshot/internal/crash"
	"earshot/postgres"
	"earshot/queue"
)

// bookReads is how often Books looks again when messages come in while it reads: the queue and the database have no
// common moment.
const bookReads = 4

// Books gives the accounts of every producer of every workspace: what the queue received, against what the store says
// became of it.
func (a *App) Books(ctx context.Context) (feedback.Books, error) {
	before, err := a.Queue.Received(ctx)
	if err != nil {
		return feedback.Books{}, err
	}
	for try := 1; ; try++ {
		state, err := a.Store.BookState(ctx, before.Stream)
		if err != nil {
			return feedback.Books{}, err
		}
		after, err := a.Queue.Received(ctx)
		if err != nil {
			return feedback.Books{}, err
		}
		books := compare(after, state)
		if before.Last == after.Last && before.First == after.First && before.Waiting == after.Waiting {
			return books, nil
		}
		if try == bookReads {
			books.InFlight = max(1, books.InFlight) // it moved under every look: nothing can be said yet
			return books, nil
		}
		before = after
	}
}

// CountRejected adds to the books what was refused before it came to the queue. The books are no reason to refuse more,
// so a failure is logged alone.
func (a *App) CountRejected(ctx context.Context, workspace, source string, n int) {
	if err := a.Store.CountRejected(ctx, workspace, source, n); err != nil {
		a.log.Warn("what was refused could not be counted", "messages", n, "error", err)
	}
}

// compare makes the books of both sides.
func compare(r queue.Received, state postgres.BookState) feedback.Books {
	b := feedback.Books{Waiting: int(r.Waiting), InFlight: int(r.InFlight), Lost: state.Lost, Accounts: []feedback.Account{}}
	// A message that is in the books and still in the queue: the trim that follows each folding was cut off, or another
	// consumer holds it. Their sources cannot be told apart then, but the sum can.
	overlap := int(state.Folded) + 1 - int(r.First)
	producers := map[feedback.Producer]bool{}
	for p := range r.Kept {
		producers[p] = true
	}
	for p := range state.Accounts {
		producers[p] = true
	}
	unsettled := int(r.Last) - max(int(state.Folded), int(r.First)-1)
	for p := range producers {
		known := state.Accounts[p]
		a := feedback.Account{Workspace: p.Workspace, Source: p.Source, Outcomes: map[feedback.Outcome]int{}}
		for _, o := range feedback.Outcomes {
			a.Outcomes[o] = known.Outcomes[o]
			a.Received += known.Outcomes[o]
		}
		if overlap <= 0 {
			a.Pending = int(r.Kept[p]) - known.Open
			a.Received += a.Pending
		}
		unsettled -= known.Open
		b.Accounts = append(b.Accounts, a)
	}
	slices.SortFunc(b.Accounts, func(x, y feedback.Account) int {
		return cmp.Or(cmp.Compare(x.Workspace, y.Workspace), cmp.Compare(x.Source, y.Source))
	})
	b.Unaccounted = unsettled - b.Waiting
	return b
}

// balance brings the books up to date and lets the queue go of what is in them. A message that has its verdict and no
// outcome is handled again: acknowledging it was a fault, and the queue still has it.
func (a *App) balance(ctx context.Context) error {
	r, err := a.Queue.Received(ctx)
	if err != nil {
		return err
	}
	folded, missing, err := a.Store.FoldReceipts(ctx, r.Stream, r.First, r.Settled)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		a.log.Error("messages were acknowledged and nothing became of them; they are handled again", "messages", len(missing))
		if err := a.handleAgain(ctx, r.Stream, missing); err != nil {
			return err
		}
	}
	crash.At(crash.BooksFolded)
	_, err = a.Queue.Trim(ctx, folded)
	crash.At(crash.BooksTrimmed)
	return err
}

// handleAgain hands messages to the ingest stage that the queue does not deliver any more, and writes those off that it
// does not hold either.
func (a *App) handleAgain(ctx context.Context, stream int64, sequences []uint64) error {
	messages, err := a.Queue.Messages(ctx, sequences)
	if err != nil {
		return err
	}
	gone := slices.DeleteFunc(slices.Clone(sequences), func(sequence uint64) bool {
		return slices.ContainsFunc(messages, func(m feedback.Message) bool { return m.Receipt.Sequence == sequence })
	})
	if err := a.Store.WriteOff(ctx, stream, gone); err != nil {
		return err
	}
	stage, err := a.ingestStage()
	if err != nil {
		return err
	}
	var letters []feedback.DeadLetter
	for i, err := range stage.Handle(ctx, messages) {
		m := &messages[i]
		switch code := feedback.ErrorCode(err); code {
		case "":
		case feedback.Unavailable:
			return err
		default:
			letters = append(letters, feedback.DeadLetter{
				Workspace: m.Workspace, Source: m.Source, Stage: queue.Ingest, Code: code, Reason: err.Error(),
				Payload: string(m.Data), ReceivedAt: m.ReceivedAt, Attempts: 1, Receipt: m.Receipt,
			})
		}
	}
	return ingest.NewDeadLetters(a.Store).Bury(ctx, letters)
}

func (a *App) ingestStage() (*ingest.Stage, error) {
	return ingest.New(ingest.Config{Store: a.Store, Publisher: a.Queue, Now: a.now, Log: a.log})
}
