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
	// Points gives every analysed excerpt of the workspace with its vector of that model, spam left out.
	Points(ctx context.Context, workspace string, model feedback.Model) ([]feedback.Point, error)
	// Standing gives the clusters and themes that stand, with centroids of that model.
	Standing(ctx context.Context, workspace string, model feedback.Model) (feedback.Standing, error)
	// SaveRun saves the run whole or not at all and sets its ID. It gives Conflict when another run was saved since
	// Standing was read.
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

	Namer Namer // nil: clusters are named from their own phrases alone

	Seed        uint64 // the same data, configuration and seed give the same run
	Granularity int    // from Fewest to Most clusters; 0, the default, leaves their number to the data
	MinSize     int    // the fewest excerpts in a cluster; 0: 3, and more from about 500 excerpts on

	Progress func(step string, done, total int) // called as the run goes on, never by two at once; may be nil
	Log      *slog.Logger                       // nil: nothing is logged
}

// Stage groups workspaces. It is safe for concurrent use; of two runs of one workspace, the second to be saved fails
// with Conflict.
type Stage struct{ c Config }

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
	}
	if c.Progress == nil {
		c.Progress = func(string, int, int) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Stage{c: c}, nil
}

// Recluster groups the workspace anew and saves the run. When it fails nothing is saved and the standing clusters are as
// they were. Beside the store's own errors it gives NotFound for a workspace without analysed excerpts, Conflict for a
// run that collapsed, Internal for a vector that no embedder should have made, and the context's error.
func (s *Stage) Recluster(ctx context.Context, workspace string) (*feedback.Run, error) {
	if err := feedback.CheckWorkspace(workspace); err != nil {
		return nil, err
	}
	run := &feedback.Run{Workspace: workspace, Model: s.c.Model, Seed: s.c.Seed, StartedAt: s.c.Now()}
	s.c.Progress("load", 0, 1)
	standing, err := s.c.Store.Standing(ctx, workspace, s.c.Model)
	if err != nil {
		return nil, fmt.Errorf("read the standing clusters: %w", err)
	}
	run.Base, run.Decisions = standing.Run, standing.Constraints.Last
	points, err := s.c.Store.Points(ctx, workspace, s.c.Model)
	if err != nil {
		return nil, fmt.Errorf("read the excerpts: %w", err)
	}
	if len(points) == 0 {
		return nil, feedback.Errorf(feedback.NotFound, "workspace %q has no analysed excerpts to group", workspace).
			WithHint("import feedback first, or wait until it is analysed")
	}
	points, err = checked(points, s.c.Model)
	if err != nil {
		return nil, err
	}
	s.c.Progress("load", 1, 1)

	standing = normalised(standing)
	groups, err := s.group(ctx, points, standing)
	if err != nil {
		return nil, err
	}
	if err := guard(groups, points, standing); err != nil {
		return nil, err
	}
	identify(groups, points, standing)
	groups.themes(points, standing)
	s.record(run, groups, points, standing)
	if err := s.name(ctx, run, groups, points, standing); err != nil {
		return nil, err
	}
	run.FinishedAt = s.c.Now()
	s.c.Progress("save", 0, 1)
	if err := s.c.Store.SaveRun(ctx, run); err != nil {
		return nil, fmt.Errorf("save the run: %w", err)
	}
	s.c.Progress("save", 1, 1)
	s.c.Log.Info("clusters made", "workspace", workspace, "run", run.ID, "excerpts", len(points), "clusters", len(run.Clusters),
		"themes", len(run.Themes), "unassigned", run.Unassigned)
	return run, nil
}

// record fills in all of the run but the words.
func (s *Stage) record(run *feedback.Run, g *groups, points []feedback.Point, standing feedback.Standing) {
	run.Config = map[string]any{
		"granularity": s.c.Granularity, "min_size": g.minSize, "neighbours": neighbours, "resolution": g.resolution,
		"named_by_model": s.c.Namer != nil,
	}
	run.NextCluster, run.NextTheme = g.nextCluster, g.nextTheme
	if len(g.unmet) > 0 {
		run.Config["unmet"] = g.unmet
	}
	run.Unmet = g.unmet
	run.Lineage = g.lineage
	run.Retired = g.retired
	born := make(map[feedback.ClusterID]int)
	for _, c := range standing.Clusters {
		born[c.ID] = c.BornRun
	}
	for c, id := range g.ids {
		cluster := feedback.Cluster{
			ID: id, Theme: g.themeIDs[g.theme[c]], Size: len(g.members[c]), Centroid: g.centroids[c], Floor: g.floors[c],
			BornRun: standing.Run + 1,
		}
		if run, ok := born[id]; ok {
			cluster.BornRun = run
		}
		run.Clusters = append(run.Clusters, cluster)
	}
	for _, id := range g.themeIDs {
		run.Themes = append(run.Themes, feedback.Theme{ID: id})
	}
	run.Assignments = make([]feedback.Assignment, len(points))
	for i, p := range points {
		a := feedback.Assignment{Excerpt: p.Excerpt}
		if c := g.label[i]; c >= 0 {
			a.Cluster = g.ids[c]
			a.Similarity = float64(feedback.Dot(p.Vector, g.centroids[c]))
		} else {
			run.Unassigned++
		}
		run.Assignments[i] = a
	}
}
