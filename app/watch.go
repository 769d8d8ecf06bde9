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

// watch looks at every workspace to which unassigned excerpts came, and groups it anew where something large has formed
// that no run has seen, within the bounds of any scheduled run. Where the schedule is off it only keeps what forms.
func (a *App) watch(ctx context.Context) error {
	workspaces, err := a.Store.ToWatch(ctx, a.models.embedder.Model())
	if err != nil {
		return err
	}
	for _, workspace := range workspaces {
		forming, err := a.Watch(ctx, workspace)
		if err != nil {
			a.log.Warn("the unassigned excerpts of a workspace could not be watched", "workspace", workspace, "error", err)
			continue
		}
		large := slices.DeleteFunc(forming, func(f feedback.Forming) bool { return !cluster.LargeEnough(f) })
		if a.Config.ReclusterEach == 0 || len(large) == 0 || a.now().Sub(a.attempted[workspace]) < formingPause {
			continue
		}
		if seen, err := a.Store.RunSeen(ctx, workspace, large[0].Excerpts); err != nil || seen {
			continue
		}
		a.attempted[workspace] = a.now()
		a.log.Info("something forms among the unassigned excerpts", "workspace", workspace, "excerpts", len(large[0].Excerpts))
		a.runAlone(ctx, workspace, feedback.CauseForming)
	}
	return nil
}
