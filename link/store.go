package link

import (
	"context"

	"earshot/feedback"
)

// Store reads clusters and features and keeps the links between them.
type Store interface {
	// LinkableClusters gives the clusters that stand and were made with the model, each with its Name, Summary, Keywords
	// and Centroid, by id.
	LinkableClusters(ctx context.Context, workspace string, model feedback.Model) ([]feedback.Cluster, error)
	// Features gives every node of the hierarchy, with its Path.
	Features(ctx context.Context, workspace string) ([]feedback.Feature, error)
	// Links gives every link of the workspace by its cluster, rejected ones too.
	Links(ctx context.Context, workspace string) (map[feedback.ClusterID][]feedback.Link, error)
	// SaveLinks puts the links in place of every suggested and automatic one of the workspace, in one transaction. It
	// touches none that a person confirmed or rejected, and leaves out a link for a pair that has such a one by now.
	SaveLinks(ctx context.Context, workspace string, links []feedback.Link) error
}

// Embedder turns texts into vectors.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([]feedback.Vector, error) // unit length; one per text
	Model() feedback.Model
}
