package web

import (
	"context"

	"earshot/feedback"
)

// Decisions takes and shows what people decide about clusters.
type Decisions interface {
	// Decide records a decision, or an undo, and lets it take effect. It sets the time, and the name of a split that has none.
	Decide(ctx context.Context, workspace string, d feedback.Decision) (feedback.Decision, error)
	// Parts proposes how a cluster could be split, the largest part first; Conflict where it is one topic.
	Parts(ctx context.Context, workspace string, id feedback.ClusterID) ([]feedback.Part, error)
	// Decisions gives limit rows of the log, the latest first: those about the cluster, or all where it is 0, and before the
	// decision before, or from the latest where that is 0.
	Decisions(ctx context.Context, workspace string, cluster feedback.ClusterID, before, limit int) ([]feedback.Decision, error)
}
