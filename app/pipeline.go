package app

import (
	"context"
	"time"

	"earshot/feedback"
	"earshot/link"
	"earshot/report"
)

// scheduleEvery is how often the schedule looks whether a workspace is due.
const scheduleEvery = time.Minute

// Recluster groups a workspace anew and links its clusters to the product's features. progress may be nil.
func (a *App) Recluster(ctx context.Context, workspace string, progress func(step string, done, total int)) (*feedback.Run, link.Summary, error) {
	stage, err := a.clusterStage(progress)
	if err != nil {
		return nil, link.Summary{}, err
	}
	run, err := stage.Recluster(ctx, workspace)
	if err != nil {
		return nil, link.Summary{}, err
	}
	linker, err := link.New(link.Config{Store: a.Store, Embedder: a.models.embedder})
	if err != nil {
		return nil, link.Summary{}, err
	}
	links, err := linker.Link(ctx, workspace)
	return run, links, err
}

// Report writes and keeps the Pulse of a period, as [report.ParsePeriod] reads it.
func (a *App) Report(ctx context.Context, workspace, period string) (*report.Document, error) {
	stage, err := report.New(report.Config{Store: a.Store, Writer: a.models.rewriter(), Now: a.now, Log: a.log})
	if err != nil {
		return nil, err
	}
	return stage.Write(ctx, workspace, period)
}

// DefaultPeriod is that of a Pulse for which nobody named one.
const DefaultPeriod = "30d"

// scheduled groups every workspace anew that is due, and writes its Pulse.
func (a *App) scheduled(ctx context.Context) error {
	if a.Config.ReclusterEach == 0 {
		return nil
	}
	due, err := a.Store.DueForRun(ctx, a.models.embedder.Model(), a.now().Add(-a.Config.ReclusterEach))
	if err != nil {
		return err
	}
	for _, workspace := range due {
		started := a.now()
		// One that fails is not due again before its time: what it lacks, mostly feedback, takes time to come.
		if started.Sub(a.attempted[workspace]) < a.Config.ReclusterEach {
			continue
		}
		a.attempted[workspace] = started
		run, _, err := a.Recluster(ctx, workspace, nil)
		if err != nil {
			a.log.Warn("a workspace could not be grouped anew", "workspace", workspace, "error", err)
			continue
		}
		if _, err := a.Report(ctx, workspace, DefaultPeriod); err != nil {
			a.log.Warn("a Pulse could not be written", "workspace", workspace, "error", err)
			continue
		}
		a.log.Info("grouped anew", "workspace", workspace, "run", run.ID, "clusters", len(run.Clusters),
			"unassigned", run.Unassigned, "took", a.now().Sub(started).Round(time.Millisecond))
	}
	return nil
}
