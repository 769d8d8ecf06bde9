package app

import (
	"context"
	"time"

	"earshot/feedback"
	"earshot/ingest"
	"earshot/postgres"
	"earshot/report"
)

// Forget erases what is kept of an author, a customer or an item, and keeps it from coming back; with dryRun it says what
// would go. By stands on the receipt. Copies are near-copies that others sent. What the queue still holds of the subject
// is refused when its turn comes; see [App.Settle].
func (a *App) Forget(ctx context.Context, workspace string, kind feedback.SubjectKind, name, by string, copies, dryRun bool) (feedback.Erasure, error) {
	subject, err := ingest.NewSubject(workspace, kind, name)
	if err != nil {
		return feedback.Erasure{}, err
	}
	receipt, err := a.Store.Forget(ctx, postgres.Forgetting{
		Subject: subject, At: a.now(), By: by, Copies: copies, DryRun: dryRun, Redact: report.Erase,
		Concerns: ingest.Concerns,
	})
	if err != nil || a.Queue == nil {
		return receipt, err
	}
	received, err := a.Queue.Received(ctx)
	if err != nil {
		return receipt, err
	}
	for p, n := range received.Kept {
		if p.Workspace == workspace {
			receipt.Pending += int(n)
		}
	}
	if !dryRun {
		a.log.Info("forgotten", "workspace", workspace, "kind", kind, "receipt", receipt.ID, "items", receipt.Items)
	}
	return receipt, nil
}

// Erasures gives the receipts of a workspace, the latest first.
func (a *App) Erasures(ctx context.Context, workspace string, limit int) ([]feedback.Erasure, error) {
	return a.Store.Erasures(ctx, workspace, limit)
}

// AllowReturn lets what was forgotten come back when it is sent again. It says how many hashes kept it out.
func (a *App) AllowReturn(ctx context.Context, workspace string, kind feedback.SubjectKind, name string) (int, error) {
	subject, err := ingest.NewSubject(workspace, kind, name)
	if err != nil {
		return 0, err
	}
	return a.Store.AllowReturn(ctx, subject)
}

// Settle waits until everything that the queue holds now was handled, booked and removed from it: after [App.Forget]
// nothing of the subject is left there. Where no other process works on the queue this one does.
func (a *App) Settle(ctx context.Context, progress Progress) error {
	if a.OwnsQueue() {
		return a.Process(ctx, progress)
	}
	now, err := a.Queue.Received(ctx)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		r, err := a.Queue.Received(ctx)
		if err != nil || r.First > now.Last {
			return err
		}
		if progress != nil {
			progress(int(now.Last + 1 - r.First))
		}
		if r.Settled >= r.First {
			if err := a.balance(ctx); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
