package web

import (
	"context"

	"earshot/feedback"
)

// Store reads what the pages and the API show. Its errors carry codes; NotFound is for what the workspace does not have.
type Store interface {
	// ClusterList gives the clusters that stand. A workspace that nobody knows is an empty list, not an error.
	ClusterList(ctx context.Context, workspace string) (feedback.ClusterList, error)
	// ClusterByID gives one cluster, retired ones too, or NotFound.
	ClusterByID(ctx context.Context, workspace string, id feedback.ClusterID) (feedback.ClusterView, error)
	// ClusterExcerpts gives limit of the cluster's excerpts from the offset on, the latest first and then by id, without
	// spam. A cluster that does not exist has none.
	ClusterExcerpts(ctx context.Context, workspace string, id feedback.ClusterID, offset, limit int) ([]feedback.Hit, error)
	// ThemeByID gives one theme with the clusters that stand under it, retired ones too, or NotFound.
	ThemeByID(ctx context.Context, workspace string, id feedback.ThemeID) (feedback.ThemeView, error)
	// Features gives every node of the hierarchy, with its Path, parents before their children.
	Features(ctx context.Context, workspace string) ([]feedback.Feature, error)
}

// Evidence reads what was said, in its place.
type Evidence interface {
	// ItemOfExcerpt gives the item that the excerpt was cut from, or NotFound.
	ItemOfExcerpt(ctx context.Context, workspace string, excerpt feedback.ID) (feedback.ItemView, error)
}

// Pulses reads the reports that were made.
type Pulses interface {
	// LatestPulse gives the Pulse that was made last, or NotFound where there is none.
	LatestPulse(ctx context.Context, workspace string) (feedback.Pulse, error)
	// Pulses gives limit Pulses from the offset on, the latest made first.
	Pulses(ctx context.Context, workspace string, offset, limit int) ([]feedback.Pulse, error)
	// PulseByID gives one Pulse, or NotFound.
	PulseByID(ctx context.Context, workspace, id string) (feedback.Pulse, error)
}

// Privacy erases what is kept of a person, an account or an item.
type Privacy interface {
	// Forget erases a subject, or with dryRun says what would go, and gives the receipt.
	Forget(ctx context.Context, workspace string, kind feedback.SubjectKind, name, by string, copies, dryRun bool) (feedback.Erasure, error)
	// Erasures gives the receipts of a workspace, the latest first, at most limit of them.
	Erasures(ctx context.Context, workspace string, limit int) ([]feedback.Erasure, error)
}

// Queue takes messages for ingestion.
type Queue interface {
	// PublishReceived makes the messages durable, and returns one error for each: nil for one that is on disk.
	PublishReceived(ctx context.Context, workspace, source string, data [][]byte) []error
}

// Books account for every message.
type Books interface {
	Books(ctx context.Context) (feedback.Books, error)
	// CountRejected adds rows to the books that the queue never saw.
	CountRejected(ctx context.Context, workspace, source string, n int)
}

// Search finds excerpts by a query.
type Search interface {
	Search(ctx context.Context, workspace, query string, limit int) ([]feedback.Hit, error)
}
