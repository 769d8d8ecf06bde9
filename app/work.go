package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"earshot/classify"
	"earshot/feedback"
	"earshot/ingest"
	"earshot/queue"
)

// Role is a part of the work that a process takes on.
type Role string

// The roles. Each may run in as many processes as there are, except that one schedule is enough for a workspace.
const (
	RoleIngest   Role = "ingest"   // stage 1
	RoleClassify Role = "classify" // stage 2
	RoleSchedule Role = "schedule" // stages 3, 4 and 6 by the clock, and the housekeeping of queue and index
	RoleWeb      Role = "web"      // pages and API
)

// AllRoles is what one process does alone.
var AllRoles = []Role{RoleIngest, RoleClassify, RoleSchedule, RoleWeb}

// ParseRoles reads a list such as "ingest,classify", or "all". Its errors are Invalid.
func ParseRoles(list string) ([]Role, error) {
	if list == "all" {
		return AllRoles, nil
	}
	var roles []Role
	for name := range strings.SplitSeq(list, ",") {
		role := Role(strings.TrimSpace(name))
		if !slices.Contains(AllRoles, role) {
			return nil, feedback.Errorf(feedback.Invalid, "there is no role %q", role).
				WithHint("roles are ingest, classify, schedule and web, with commas between, or all")
		}
		if !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return roles, nil
}

// How often the schedule looks after the queue and the analysis.
const (
	balanceEvery = 30 * time.Second
	sweepEvery   = 20 * time.Second
	copiesEvery  = 20 * time.Second
	deliverEvery = 30 * time.Second
)

// classifyBatch is how many messages the classify stage takes at once: each holds the ids of a whole batch of ingest's.
const classifyBatch = 4

// StartWorkers runs the consumers and the schedule of the roles until ctx ends. The function that it returns waits until
// the batches in flight are done, and gives the first error that ended a worker early.
func (a *App) StartWorkers(ctx context.Context, roles []Role) (wait func() error, err error) {
	var run []func(context.Context) error
	for _, role := range roles {
		switch role {
		case RoleIngest:
			stage, err := a.ingestStage()
			if err != nil {
				return nil, err
			}
			run = append(run, a.consumer(queue.Ingest, stage, a.Config.BatchSize))
		case RoleClassify:
			stage, err := classify.New(classify.Config{Store: a.Store, Embedder: a.models.embedder, Now: a.now, Log: a.log})
			if err != nil {
				return nil, err
			}
			run = append(run, a.consumer(queue.Classify, stage, classifyBatch))
		case RoleSchedule:
			if _, err := a.courier(); err != nil { // a setting that is wrong is said at the start
				return nil, err
			}
			run = append(run,
				a.every(deliverEvery, "deliver what is due", a.Deliver),
				a.every(alertEvery, "look for alerts", a.lookForAlerts),
				a.every(balanceEvery, "bring the books up to date", a.balance),
				a.every(sweepEvery, "find what was left behind", a.sweepIfIdle),
				a.every(copiesEvery, "look for copies", a.judgeCopies),
				a.every(foldEvery, "build the index", a.fold),
				a.every(scheduleEvery, "group anew", a.scheduled))
		case RoleWeb:
			// The caller serves: it knows the address, and what to do when the port is taken.
		}
	}
	var wg sync.WaitGroup
	errs := make([]error, len(run))
	for i, work := range run {
		wg.Go(func() {
			// One that was told to stop before it was up has not failed.
			if err := work(ctx); !errors.Is(err, context.Canceled) {
				errs[i] = err
			}
		})
	}
	return func() error { wg.Wait(); return errors.Join(errs...) }, nil
}

func (a *App) consumer(stage string, handler feedback.Handler, batch int) func(context.Context) error {
	return func(ctx context.Context) error {
		cfg := queue.ConsumerConfig{
			Stage: stage, Handler: handler, Dead: ingest.NewDeadLetters(a.Store), BatchSize: batch,
			Log: a.log, Metrics: a.metrics,
		}
		if stage == queue.Classify && a.Config.Embedder == "openai" {
			cfg.Hold = remoteHold
		}
		a.tune(&cfg)
		c, err := queue.NewConsumer(a.Queue, cfg)
		if err != nil {
			return err
		}
		return a.keepUp(ctx, stage, c.Run)
	}
}

// The wait before a worker that could not start is started again.
const (
	startWait    = 250 * time.Millisecond
	longestStart = 10 * time.Second
)

// keepUp runs a worker until ctx ends. One that could not start, because the queue was away just then, is started again: a
// process whose pages answer while nothing takes its messages would look sound.
func (a *App) keepUp(ctx context.Context, stage string, run func(context.Context) error) error {
	for wait := startWait; ; wait = min(2*wait, longestStart) {
		err := run(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		a.log.Error("a worker could not start, and is started again", "stage", stage, "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// every calls do at once and then each period until ctx ends. Its failures are logged, and tried again the next time.
func (a *App) every(period time.Duration, doing string, do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		ticker := time.NewTicker(period)
		defer ticker.Stop()
		for {
			if err := do(ctx); err != nil && ctx.Err() == nil {
				a.log.Warn("the schedule could not do a step", "step", doing, "error", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
			}
		}
	}
}

// sweepIfIdle publishes again what is stored and not analysed, unless the queue is still at it.
func (a *App) sweepIfIdle(ctx context.Context) error {
	status, err := a.Queue.Status(ctx)
	if err != nil || !status.Drained() {
		return err
	}
	_, err = a.sweep(ctx)
	return err
}

// remoteHold is long beside one call of a remote model: see [queue.ConsumerConfig].
const remoteHold = 10 * time.Second

// sweepLimit is the most items that one sweep publishes, in messages of sweepChunk ids.
const (
	sweepLimit = 20000
	sweepChunk = 500
)

// sweep publishes the ids of items that were stored and not analysed, and says how many those were.
func (a *App) sweep(ctx context.Context) (items int, err error) {
	waiting, err := a.Store.Unanalysed(ctx, a.models.embedder.Model(), sweepLimit)
	if err != nil {
		return 0, err
	}
	for _, st := range waiting {
		for ids := range slices.Chunk(st.Items, sweepChunk) {
			if err := a.Queue.PublishStored(ctx, feedback.Stored{Workspace: st.Workspace, Items: ids}); err != nil {
				return items, err
			}
			items += len(ids)
		}
	}
	return items, nil
}

// judgeCopies finds out which items say over again what others say.
func (a *App) judgeCopies(ctx context.Context) error {
	for {
		n, err := a.Store.JudgeCopies(ctx, ingest.Bands, ingest.JudgeCopies)
		if err != nil || n == 0 {
			return err
		}
	}
}

// Progress says how far a drain is: messages that wait or are being handled.
type Progress func(waiting int)

// drainSweeps is how often Drain publishes again what stays unanalysed, before it gives up.
const drainSweeps = 3

// Drain waits until everything that was published is stored and analysed. It fails with Internal when something stays
// unanalysed although every message was handled.
func (a *App) Drain(ctx context.Context, progress Progress) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for sweeps := 0; ; {
		status, err := a.Queue.Status(ctx)
		if err != nil {
			return err
		}
		if progress != nil {
			progress(waiting(status))
		}
		if status.Drained() {
			left, err := a.sweep(ctx)
			if err != nil || left == 0 {
				return err
			}
			if sweeps++; sweeps > drainSweeps {
				return feedback.Errorf(feedback.Internal, "%d items cannot be analysed", left).
					WithHint("earshot doctor says why")
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
