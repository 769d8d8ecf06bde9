package app

import (
	"context"

	"earshot/feedback"
)

// Decide records what a person decided about clusters and lets it take effect, as [postgres.Store.Decide] does. A split
// that has no name yet gets one, and where clusters were made or ended, links to features are proposed anew.
func (a *App) Decide(ctx context.Context, workspace string, d feedback.Decision) (feedback.Decision, error) {
	d.At = a.now()
	if d.Kind == feedback.DecideSplit && d.Cluster > 0 && len(d.Excerpts) > 0 {
		stage, err := a.clusterStage(workspace, RunOptions{})
		if err != nil {
			return d, err
		}
		points, standing, err := a.Store.ClusterPoints(ctx, workspace, a.models.embedder.Model(), d.Cluster)
		if err != nil {
			return d, err
		}
		part, err := stage.PartOf(d.Cluster, d.Excerpts, points, standing)
		if err != nil {
			return d, err
		}
		if d.Name == "" {
			d.Name = part.Name
		}
		d.Summary, d.Keywords = part.Summary, part.Keywords
	}
	done, err := a.Store.Decide(ctx, workspace, d)
	if err != nil {
		return done, err
	}
	switch d.Kind {
	case feedback.DecideMerge, feedback.DecideSplit, feedback.DecideUndo:
		a.linkAfter(ctx, workspace, "a decision")
	}
	return done, nil
}

// Parts proposes how a cluster could be split, as [cluster.Stage.Parts] does.
func (a *App) Parts(ctx context.Context, workspace string, id feedback.ClusterID) ([]feedback.Part, error) {
	stage, err := a.clusterStage(workspace, RunOptions{})
	if err != nil {
		return nil, err
	}
	points, standing, err := a.Store.ClusterPoints(ctx, workspace, a.models.embedder.Model(), id)
	if err != nil {
		return nil, err
	}
	return stage.Parts(ctx, id, points, standing)
}

// Decisions reads the log of what people decided, as [postgres.Store.Decisions] does.
func (a *App) Decisions(ctx context.Context, workspace string, id feedback.ClusterID, before, limit int) ([]feedback.Decision, error) {
	return a.Store.Decisions(ctx, workspace, id, before, limit)
}
