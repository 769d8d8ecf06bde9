package app

import (
	"context"
	"time"

	"earshot/classify"
	"earshot/cluster"
	"earshot/feedback"
	"earshot/ingest"
	"earshot/report"
)

// scheduleEvery is how often the schedule looks whether a workspace is due.
const scheduleEvery = time.Minute

// Report writes and keeps the Pulse of a period, as [report.ParsePeriod] reads it: of all feedback, or of that of one segment
// of customers.
func (a *App) Report(ctx context.Context, workspace, period, segment string) (*report.Document, error) {
	stage, err := report.New(report.Config{Store: a.Store, Writer: a.models.rewriter(), Now: a.now, Log: a.log,
		Made: feedback.Made{Product: a.version, Rules: ingest.Rules, Labels: classify.Labels()}})
	if err != nil {
		return nil, err
	}
	if err := a.judgeCopies(ctx); err != nil {
		return nil, err
	}
	return stage.Write(ctx, workspace, period, segment)
}

// DefaultPeriod is that of a Pulse for which nobody named one.
const DefaultPeriod = "30d"

// scheduled groups every workspace anew that is due, and writes its Pulse, unless the schedule is off; then it watches what
// forms in the others.
func (a *App) scheduled(ctx context.Context) error {
	if a.Config.ReclusterEach == 0 {
		return a.watch(ctx)
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
		a.runAlone(ctx, workspace, feedback.CauseSchedule)
	}
	return a.watch(ctx)
}

// runAlone groups a workspace anew without a person: the run waits where it changes much, else it is applied and a Pulse
// written.
func (a *App) runAlone(ctx context.Context, workspace string, cause feedback.RunCause) {
	started := a.now()
	run, _, err := a.group(ctx, workspace, RunOptions{}, func(stage *cluster.Stage) (*feedback.Run, error) {
		return stage.Propose(ctx, workspace, cause, cluster.Bounds{
			Moved: float64(a.Config.ApplyMoved) / 100, Ended: float64(a.Config.ApplyEnded) / 100})
	})
	if err != nil {
		a.log.Warn("a workspace could not be grouped anew", "workspace", workspace, "error", err)
		return
	}
	if run.State != feedback.RunApplied {
		a.log.Warn("a run waits for a person", "workspace", workspace, "run", run.ID, "reason", run.Reason)
		return
	}
	if _, err := a.Report(ctx, workspace, DefaultPeriod, ""); err != nil {
		a.log.Warn("a Pulse could not be written", "workspace", workspace, "error", err)
		return
	}
	a.log.Info("grouped anew", "workspace", workspace, "run", run.ID, "clusters", len(run.Clusters),
		"unassigned", run.Unassigned, "took", a.now().Sub(started).Round(time.Millisecond))
}
