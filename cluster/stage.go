package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"earshot/feedback"
)

// Store is what stage 3 reads and writes.
type Store interface {
	// Points gives every analysed excerpt of the workspace with its vector of that model, spam left out, to take, one after
	// the other, all of one moment. A vector is the store's again when take returns. An error of take ends it.
	Points(ctx context.Context, workspace string, model feedback.Model, take func(feedback.Point) error) error
	// Standing gives the clusters and themes that stand, with centroids of that model.
	Standing(ctx context.Context, workspace string, model feedback.Model) (feedback.Standing, error)
	// SaveRun saves the run whole or not at all, sets its ID, gives it as BornRun to clusters that have none, and makes
	// the run what stands where its state is applied. It gives Conflict when what stands changed since Standing was read.
	SaveRun(ctx context.Context, run *feedback.Run) error
}

// Namer puts a cluster into words: a language model. Its words replace the built-in name and summary of a new cluster.
type Namer interface {
	NameCluster(ctx context.Context, keywords, excerpts []string) (name, summary string, err error)
}

// The bounds of [Config.Granularity].
const (
	Fewest = -5
	Most   = 5
)

// Config says what a Stage works with. Store, Model and Now must be set.
type Config struct {
	Store Store
	Model feedback.Model   // whose vectors are grouped
	Now   func() time.Time // the clock

	Shelf Shelf // nil: a run that is stopped starts from the beginning the next time
	Namer Namer // nil: clusters are named from their own phrases alone

	Seed        uint64 // the same data, configuration and seed give the same run
	Granularity int    // from Fewest to Most clusters; 0, the default, leaves their number to the data
	MinSize     int    // the fewest excerpts in a cluster; 0: 3, and more from about 500 excerpts on

	// MaxOutliers is the part of the excerpts, 0 to 1, that may stay in no cluster: of the others those nearest to a
	// cluster are put into it, however little they are like it. nil leaves all of them where they belong: nowhere.
	MaxOutliers *float64

	Progress func(step string, done, total int) // called as the run goes on, never by two at once; total is 0 while nobody knows it; may be nil
	Log      *slog.Logger                       // nil: nothing is logged
}

// attempts is how often a run is made before it gives up on a workspace that changes all the while.
const attempts = 3

// Stage groups workspaces. It is safe for concurrent use; of two runs of one workspace, the second to be saved is made
// again from what the first one made.
type Stage struct {
	c            Config
	worthKeeping int // rows; tests have fewer
	exact        int // as of [graph.NearestOptions]; likewise
}

// New checks the configuration. Its errors are Invalid.
func New(c Config) (*Stage, error) {
	switch {
	case c.Store == nil || c.Now == nil:
		return nil, feedback.Errorf(feedback.Invalid, "clustering needs a store and a clock")
	case c.Model.Dimensions <= 0:
		return nil, feedback.Errorf(feedback.Invalid, "clustering needs a model with dimensions, got %d", c.Model.Dimensions)
	case c.Granularity < Fewest || c.Granularity > Most:
		return nil, feedback.Errorf(feedback.Invalid, "granularity is %d", c.Granularity).
			WithHint("use %d (fewest clusters) to %d (most), or 0 to leave it to the data", Fewest, Most)
	case c.MinSize < 0 || c.MinSize == 1:
		return nil, feedback.Errorf(feedback.Invalid, "the minimum cluster size is %d", c.MinSize).
			WithHint("use 2 or more, or 0 for the default")
	case c.MaxOutliers != nil && !(*c.MaxOutliers >= 0 && *c.MaxOutliers <= 1):
		return nil, feedback.Errorf(feedback.Invalid, "the part of the excerpts that may stay in no cluster is %v", *c.MaxOutliers).
			WithHint("use a share from 0 to 1")
	}
	if c.Progress == nil {
		c.Progress = func(string, int, int) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Stage{c: c, worthKeeping: worthKeeping}, nil
}

// Recluster groups the workspace anew and makes the result what stands. When it fails the standing clusters are as they
// were. Beside the store's own errors it gives NotFound for a workspace without analysed excerpts, Conflict for a run that
// collapsed, which is recorded as refused, and for one that was overtaken by changes three times, Internal for a vector that no embedder should have made, and the context's error.
func (s *Stage) Recluster(ctx context.Context, workspace string) (*feedback.Run, error) {
	return s.run(ctx, workspace, feedback.CausePerson, func(*feedback.Run, feedback.Standing) string { return "" })
}

// Preview groups the workspace anew and stores the run without changing what stands. Its errors are Recluster's.
func (s *Stage) Preview(ctx context.Context, workspace string) (*feedback.Run, error) {
	return s.run(ctx, workspace, feedback.CausePerson, func(*feedback.Run, feedback.Standing) string { return "a person asked for a preview" })
}

// Propose is Recluster where the change is within the bounds, and Preview, with the reason, where it is not. Its errors
// are Recluster's.
func (s *Stage) Propose(ctx context.Context, workspace string, cause feedback.RunCause, bounds Bounds) (*feedback.Run, error) {
	return s.run(ctx, workspace, cause, bounds.exceeded)
}

// run makes a run and saves it: as a preview where wait gives a reason to wait, else as what stands. Where what stands
// changed meanwhile, by a person's decision or another run, it is made again from what stands now.
func (s *Stage) run(ctx context.Context, workspace string, cause feedback.RunCause, wait func(*feedback.Run, feedback.Standing) string) (*feedback.Run, error) {
	if err := feedback.CheckWorkspace(workspace); err != nil {
		return nil, err
	}
	for overtaken := 1; ; overtaken++ {
		run := &feedback.Run{Workspace: workspace, Cause: cause, Model: s.c.Model, Seed: s.c.Seed, StartedAt: s.c.Now()}
		kept, err := s.make(ctx, run, wait)
		if err != nil {
			return nil, err
		}
		s.c.Progress("save", 0, 1)
		err = s.c.Store.SaveRun(ctx, run)
		if feedback.ErrorCode(err) == feedback.Conflict && overtaken < attempts {
			s.c.Log.Info("what stands changed while the run was made: it is made again", "workspace", workspace)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("the clusters stand as they did, group them again: %w", err)
		}
		kept.done()
		s.c.Progress("save", 1, 1)
		s.c.Log.Info("clusters made", "workspace", workspace, "run", run.ID, "state", run.State, "excerpts", run.Excerpts,
			"clusters", len(run.Clusters), "themes", len(run.Themes), "unassigned", run.Unassigned)
		return run, nil
	}
}

// make does all of a run but to save it, and gives what keeps its steps until that is done, too.
func (s *Stage) make(ctx context.Context, run *feedback.Run, wait func(*feedback.Run, feedback.Standing) string) (*keeper, error) {
	s.c.Progress("load", 0, 1)
	standing, err := s.c.Store.Standing(ctx, run.Workspace, s.c.Model)
	if err != nil {
		return nil, fmt.Errorf("read the standing clusters: %w", err)
	}
	run.Base, run.Mark = standing.Run, standing.Mark
	points, vectors, err := s.points(ctx, run.Workspace)
	if err != nil {
		return nil, err
	}
	s.c.Progress("load", len(points), len(points))
	run.Excerpts = len(points)
	standing = normalised(standing)
	kept, err := s.fill(ctx, run, points, vectors, standing)
	if err != nil {
		return nil, err
	}
	run.FinishedAt = s.c.Now()
	run.State = feedback.RunApplied
	if run.Reason = wait(run, standing); run.Reason != "" {
		run.State = feedback.RunPreviewed
	}
	return kept, nil
}

// reported is how many excerpts are read between two reports of progress.
const reported = 50_000

// points reads the excerpts of the workspace, checked and in order.
func (s *Stage) points(ctx context.Context, workspace string) ([]feedback.Point, *vectors, error) {
	r := newReading(s.c.Model)
	err := s.c.Store.Points(ctx, workspace, s.c.Model, func(p feedback.Point) error {
		if n := len(r.points); n > 0 && n%reported == 0 {
			s.c.Progress("load", n, 0)
		}
		return r.take(p)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the excerpts: %w", err)
	}
	if len(r.points) == 0 {
		return nil, nil, feedback.Errorf(feedback.NotFound, "workspace %q has no analysed excerpts to group", workspace).
			WithHint("import feedback first, or wait until it is analysed")
	}
	return r.done()
}

// fill does the work of a run, and gives what keeps its steps. A run that collapsed is recorded with the reason.
func (s *Stage) fill(ctx context.Context, run *feedback.Run, points []feedback.Point, vectors *vectors, standing feedback.Standing) (*keeper, error) {
	groups, err := s.group(ctx, points, vectors, standing)
	if err != nil {
		return nil, err
	}
	if err := guard(groups, points, standing); err != nil {
		run.State, run.Reason, run.FinishedAt = feedback.RunRefused, err.Error(), s.c.Now()
		run.Config = s.config(groups)
		if saving := s.c.Store.SaveRun(ctx, run); saving != nil {
			s.c.Log.Warn("a refused run could not be recorded", "workspace", run.Workspace, "error", saving)
		}
		groups.keeper.done()
		return nil, err
	}
	identify(groups, points, standing)
	groups.themes(points, standing)
	s.record(run, groups, points, standing)
	s.force(run, groups, points)
	if err := s.name(ctx, run, groups, points, standing); err != nil {
		return nil, err
	}
	run.Change = describe(run, points, standing)
	run.Unassigned = run.Change.UnassignedAfter
	run.Excerpts = run.Change.UnassignedBefore + run.Change.Stood
	return groups.keeper, nil
}

// config is what a run was made with, for the record.
func (s *Stage) config(g *groups) map[string]any {
	config := map[string]any{
		"granularity": s.c.Granularity, "min_size": g.minSize, "neighbours": neighbours, "recall": g.recall, "resolution": g.resolution,
		"named_by_model": s.c.Namer != nil,
	}
	if s.c.MaxOutliers != nil {
		config["max_outliers"] = *s.c.MaxOutliers
	}
	return config
}

// record fills in all of the run but the words.
func (s *Stage) record(run *feedback.Run, g *groups, points []feedback.Point, standing feedback.Standing) {
	run.Config = s.config(g)
	run.NextCluster, run.NextTheme = g.nextCluster, g.nextTheme
	if len(g.unmet) > 0 {
		run.Config["unmet"] = g.unmet
	}
	run.Unmet = g.unmet
	run.Lineage = g.lineage
	run.Retired = g.retired
	margins := g.margins()
	born := make(map[feedback.ClusterID]int)
	for _, c := range standing.Clusters {
		born[c.ID] = c.BornRun
	}
	for c, id := range g.ids {
		cluster := feedback.Cluster{
			ID: id, Theme: g.themeIDs[g.theme[c]], Size: len(g.members[c]), Centroid: g.centroids[c], Floor: g.floors[c],
			Margin: margins[c], BornRun: born[id], // 0 for a new one: the store knows the number of the run
		}
		run.Clusters = append(run.Clusters, cluster)
	}
	for _, id := range g.themeIDs {
		run.Themes = append(run.Themes, feedback.Theme{ID: id})
	}
	run.Assignments = make([]feedback.Assignment, len(points))
	vector := make(feedback.Vector, s.c.Model.Dimensions)
	for i, p := range points {
		a := feedback.Assignment{Excerpt: p.Excerpt, Stood: p.Cluster}
		if c := g.label[i]; c >= 0 {
			a.Cluster = g.ids[c]
			a.Similarity = float64(feedback.Dot(g.vectors.read(i, vector), g.centroids[c]))
		} else {
			a.Outlier = g.why(i)
			run.Unassigned++
		}
		run.Assignments[i] = a
	}
}
