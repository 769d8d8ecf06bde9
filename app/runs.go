package app

import (
	"context"

	"earshot/cluster"
	"earshot/feedback"
	"earshot/link"
)

// RunOptions say how a workspace is grouped anew.
type RunOptions struct {
	Preview     bool                               // store the run without changing what stands
	MaxOutliers *float64                           // as of [cluster.Config.MaxOutliers]
	Progress    func(step string, done, total int) // may be nil
}

// Recluster groups a workspace anew and links its clusters to the product's features; a preview changes nothing, and has
// no links.
func (a *App) Recluster(ctx context.Context, workspace string, opts RunOptions) (*feedback.Run, link.Summary, error) {
	return a.group(ctx, workspace, opts, func(stage *cluster.Stage) (*feedback.Run, error) {
		if opts.Preview {
			return stage.Preview(ctx, workspace)
		}
		return stage.Recluster(ctx, workspace)
	})
}

// group makes a run with do, and links the clusters anew where it was applied.
func (a *App) group(ctx context.Context, workspace string, opts RunOptions, do func(*cluster.Stage) (*feedback.Run, error)) (*feedback.Run, link.Summary, error) {
	if err := a.judgeCopies(ctx); err != nil {
		return nil, link.Summary{}, err
	}
	defer keepMemoryTight()()
	stage, err := a.clusterStage(workspace, opts)
	if err != nil {
		return nil, link.Summary{}, err
	}
	run, err := do(stage)
	if err != nil || run.State != feedback.RunApplied {
		return run, link.Summary{}, err
	}
	links, err := a.relink(ctx, workspace)
	return run, links, err
}

func (a *App) clusterStage(workspace string, opts RunOptions) (*cluster.Stage, error) {
	return cluster.New(cluster.Config{
		Store: a.Store, Model: a.models.embedder.Model(), Namer: a.models.namer(), Now: a.now, Seed: a.Config.Seed,
		Granularity: a.Config.Granularity, MaxOutliers: opts.MaxOutliers, Shelf: newShelf(a.Config.DataDir, workspace), Progress: opts.Progress, Log: a.log,
	})
}

// relink links the clusters that stand to the product's features.
func (a *App) relink(ctx context.Context, workspace string) (link.Summary, error) {
	linker, err := link.New(link.Config{Store: a.Store, Embedder: a.models.embedder})
	if err != nil {
		return link.Summary{}, err
	}
	return linker.Link(ctx, workspace)
}

// linkAfter links the clusters anew after what stands was changed for good. What fails is for the log: the next run links
// too, and whoever asked for the change is not to be told that it was not made.
func (a *App) linkAfter(ctx context.Context, workspace, change string) {
	if _, err := a.relink(ctx, workspace); err != nil {
		a.log.Warn("links to features could not be proposed", "workspace", workspace, "after", change, "error", err)
	}
}

// ApplyRun makes a preview what stands, links its clusters, and gives the run as it then is. Its errors are those of
// [postgres.Store.ApplyRun]: a run that stands is no failure because links could not be proposed.
func (a *App) ApplyRun(ctx context.Context, workspace string, id int) (feedback.RunRecord, error) {
	if err := a.Store.ApplyRun(ctx, workspace, id, a.now()); err != nil {
		return feedback.RunRecord{}, err
	}
	a.linkAfter(ctx, workspace, "a run was applied")
	a.log.Info("run applied", "workspace", workspace, "run", id)
	return a.Store.RunByID(ctx, workspace, id)
}

// DiscardRun gives a preview up, and gives the run as it then is. Its errors are those of [postgres.Store.DiscardRun].
func (a *App) DiscardRun(ctx context.Context, workspace string, id int) (feedback.RunRecord, error) {
	if err := a.Store.DiscardRun(ctx, workspace, id, a.now()); err != nil {
		return feedback.RunRecord{}, err
	}
	return a.Store.RunByID(ctx, workspace, id)
}

// Rollback takes back the run that was applied last, links the clusters that stand again, and gives the rollback, which
// is a run of its own. Its errors are those of [postgres.Store.Rollback].
func (a *App) Rollback(ctx context.Context, workspace string) (feedback.RunRecord, error) {
	undone, by, err := a.Store.Rollback(ctx, workspace, a.now())
	if err != nil {
		return feedback.RunRecord{}, err
	}
	a.linkAfter(ctx, workspace, "a run was taken back")
	a.log.Info("run taken back", "workspace", workspace, "run", undone, "by", by)
	return a.Store.RunByID(ctx, workspace, by)
}
