package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"earshot/cluster"
	"earshot/feedback"
)

// bench is a workspace in memory that stage 3 groups: what a run saves stands at the next.
type bench struct {
	points   []feedback.Point
	standing feedback.Standing
	outliers map[feedback.Outlier]int // why texts are in no cluster
	settings benchSettings
}

type benchSettings struct {
	model       feedback.Model
	seed        uint64
	granularity int
}

// newBench gives each text an id that is made of the text and of how often it stood before, so that a row keeps its id
// wherever in the file it stands.
func newBench(texts []string, vectors []feedback.Vector, s benchSettings) *bench {
	b := &bench{points: make([]feedback.Point, len(texts)), settings: s}
	seen := make(map[string]int, len(texts))
	for i, text := range texts {
		item := feedback.ItemID("eval", "file", fmt.Sprintf("%d %s", seen[text], text))
		seen[text]++
		b.points[i] = feedback.Point{Item: item, Excerpt: feedback.ExcerptID(item, text, 0), Text: text, Vector: vectors[i]}
	}
	return b
}

// Points gives the texts with the clusters in which they stand.
func (b *bench) Points(_ context.Context, _ string, _ feedback.Model, take func(feedback.Point) error) error {
	for _, p := range b.points {
		if err := take(p); err != nil {
			return err
		}
	}
	return nil
}

// Standing gives what the last run left.
func (b *bench) Standing(context.Context, string, feedback.Model) (feedback.Standing, error) {
	return b.standing, nil
}

// SaveRun lets the run stand, unless it was refused.
func (b *bench) SaveRun(_ context.Context, run *feedback.Run) error {
	if run.State != feedback.RunApplied {
		return nil
	}
	run.ID = run.Base + 1
	b.standing = feedback.Standing{Run: run.ID, Clusters: run.Clusters, Themes: run.Themes, NextCluster: run.NextCluster, NextTheme: run.NextTheme}
	at := make(map[feedback.ID]feedback.ClusterID, len(run.Assignments))
	b.outliers = make(map[feedback.Outlier]int)
	for _, a := range run.Assignments {
		at[a.Excerpt] = a.Cluster
		if a.Cluster == 0 {
			b.outliers[a.Outlier]++
		}
	}
	for i := range b.points {
		b.points[i].Cluster = at[b.points[i].Excerpt]
	}
	return nil
}

// group runs stage 3, as a recluster does.
func (b *bench) group(ctx context.Context) error {
	stage, err := cluster.New(cluster.Config{
		Store: b, Model: b.settings.model, Now: time.Now, Seed: b.settings.seed, Granularity: b.settings.granularity,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	if _, err := stage.Recluster(ctx, "eval"); err != nil {
		return fmt.Errorf("group the texts: %w", err)
	}
	return nil
}

// clone is the same workspace once more.
func (b *bench) clone() *bench {
	out := *b
	out.points = slices.Clone(b.points)
	return &out
}

// clusters gives the cluster of each text, 0 for none.
func (b *bench) clusters() []int {
	out := make([]int, len(b.points))
	for i, p := range b.points {
		out[i] = int(p.Cluster)
	}
	return out
}
