package classify

import (
	"context"
	"sync"
	"time"

	"earshot/feedback"
)

// freshFor is how long centroids that were read are good. A run changes them, and what is assigned by the old ones in
// between is assigned anew by the next run.
const freshFor = 15 * time.Second

// maxKept is how many workspaces' centroids are kept.
const maxKept = 64

// centroids keeps the clusters of the workspaces that are being analysed.
type centroids struct {
	store Store
	now   func() time.Time

	mu   sync.Mutex
	kept map[string]keptCentroids
}

type keptCentroids struct {
	model    feedback.Model
	clusters []feedback.Cluster
	readAt   time.Time
}

func newCentroids(store Store, now func() time.Time) *centroids {
	return &centroids{store: store, now: now, kept: map[string]keptCentroids{}}
}

// of gives the standing clusters of a workspace, at most freshFor old. Its callers only read them.
func (c *centroids) of(ctx context.Context, workspace string, model feedback.Model) ([]feedback.Cluster, error) {
	now := c.now()
	c.mu.Lock()
	kept, ok := c.kept[workspace]
	c.mu.Unlock()
	if ok && kept.model == model && !now.Before(kept.readAt) && now.Sub(kept.readAt) < freshFor {
		return kept.clusters, nil
	}
	clusters, err := c.store.Centroids(ctx, workspace, model)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= maxKept {
		clear(c.kept)
	}
	c.kept[workspace] = keptCentroids{model: model, clusters: clusters, readAt: now}
	return clusters, nil
}
