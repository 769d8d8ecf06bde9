package web

import (
	"context"

	"earshot/feedback"
)

// Runs reads the runs that were made.
type Runs interface {
	// Runs gives the latest runs, at most limit of them, the latest first, without the lists of what they change.
	Runs(ctx context.Context, workspace string, limit int) ([]feedback.RunRecord, error)
	// RunByID gives one run with all that it changes, or NotFound.
	RunByID(ctx context.Context, workspace string, id int) (feedback.RunRecord, error)
}

// Steering does what a person decides about runs.
type Steering interface {
	// ApplyRun makes a preview what stands, and gives it as it then is. It fails with Conflict where it does not wait, or
	// was made of what no longer stands.
	ApplyRun(ctx context.Context, workspace string, id int) (feedback.RunRecord, error)
	// DiscardRun gives a preview up, and gives it as it then is.
	DiscardRun(ctx context.Context, workspace string, id int) (feedback.RunRecord, error)
	// Rollback takes back the run that was applied last, and gives the rollback, which is a run of its own.
	Rollback(ctx context.Context, workspace string) (feedback.RunRecord, error)
}

// Unassigned reads what is in no cluster.
type Unassigned interface {
	// UnassignedExcerpts gives limit of the analysed excerpts that are in no cluster from the offset on, without those of
	// copies, the latest first: those of the reason, or all of them where it is "".
	UnassignedExcerpts(ctx context.Context, workspace string, reason feedback.Outlier, offset, limit int) ([]feedback.Hit, error)
	// Forming gives what formed among them when it was last looked at, each with at most hits of its excerpts.
	Forming(ctx context.Context, workspace string, hits int) ([]feedback.Forming, error)
}
