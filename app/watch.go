package app

import (
	"context"
	"slices"
	"time"

	"earshot/cluster"
	"earshot/feedback"
)

// formingPause is the least time between two runs that the schedule starts for what forms.
const formingPause = 10 * time.Minute

// Watch looks for what forms among the unassigned excerpts of a workspace, and keeps it.
func (a *App) Watch(ctx context.Context, workspace string) ([]feedback.Forming, error) {
	stage, err := a.clusterStage(workspace, RunOptions{})
	if err != nil {
		return nil, err
	}
	until := a.now()
	forming, err := stage.Forming(ctx, a.Store, workspace)
	if err != nil {
		return nil, err
	}
	return forming, a.Store.SaveForming(ctx, workspace, forming, until)
}

// WatchDue looks for what forms in a workspace to which unassigned excerpts came since the last look.
func (a *App) WatchDue(ctx context.Context, workspace string) error {
	workspaces, err := a.Store.ToWatch(ctx, a.models.embedder.Model())
	if err == nil && slices.Contains(workspaces, workspace) {
		_, err = a.Watch(ctx, workspace)
	}
	return err
}

// watch looks at every workspace to which unassigned excerpts came, and groups anew those in which something large has
// formed that no run has seen, whoever looked when it formed, within the bounds of any scheduled run. Where the schedule is
// off it only keeps what forms.
func (a *App) watch(ctx context.Context) error {
	workspaces, err := a.Store.ToWatch(ctx, a.models.embedder.Model())
	if err != nil {
		return err
	}
	for _, workspace := range workspaces {
		if _, err := a.Watch(ctx, workspace); err != nil {
			a.log.Warn("the unassigned excerpts of a workspace could not be watched", "workspace", workspace, "error", err)
		}
	}
	if a.Config.ReclusterEach == 0 {
		return nil
	}
	if workspaces, err = a.Store.WhereForming(ctx); err != nil {
		return err
	}
	for _, workspace := range workspaces {
		if a.now().Sub(a.attempted[workspace]) < formingPause {
			continue
		}
		excerpts, err := a.unseen(ctx, workspace)
		if err != nil {
			a.log.Warn("what forms in a workspace could not be read", "workspace", workspace, "error", err)
			continue
		}
		if excerpts == 0 {
			continue
		}
		a.attempted[workspace] = a.now()
		a.log.Info("something forms among the unassigned excerpts", "workspace", workspace, "excerpts", excerpts)
		a.runAlone(ctx, workspace, feedback.CauseForming)
	}
	return nil
}

// unseen counts the excerpts of the first group that forms, is worth a run and was seen by none; 0 where there is none.
func (a *App) unseen(ctx context.Context, workspace string) (int, error) {
	forming, err := a.Store.Forming(ctx, workspace, 0)
	if err != nil {
		return 0, err
	}
	for _, f := range forming {
		if !cluster.LargeEnough(f) {
			continue
		}
		if seen, err := a.Store.RunSeen(ctx, workspace, f.Excerpts); err != nil || !seen {
			return len(f.Excerpts), err
		}
	}
	return 0, nil
}
