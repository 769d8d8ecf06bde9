package cluster_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"earshot/feedback"
)

// memory is a Store in memory: an applied run that SaveRun gets stands at the next run.
type memory struct {
	points   []feedback.Point
	standing feedback.Standing
	runs     []*feedback.Run
	before   func() // called when a run is about to be saved
	refuse   error  // what saving says
	err      error  // what everything says
}

func (m *memory) Points(_ context.Context, _ string, model feedback.Model, take func(feedback.Point) error) error {
	shared := make(feedback.Vector, 0, model.Dimensions)
	for _, p := range m.points {
		shared = append(shared[:0], p.Vector...)
		p.Vector = shared
		if err := take(p); err != nil {
			return err
		}
	}
	return m.err
}

func (m *memory) Standing(context.Context, string, feedback.Model) (feedback.Standing, error) {
	return m.standing, m.err
}

func (m *memory) SaveRun(_ context.Context, run *feedback.Run) error {
	if m.before != nil {
		m.before()
	}
	if err := errors.Join(m.err, m.refuse); err != nil {
		return err
	}
	m.runs = append(m.runs, run)
	run.ID = len(m.runs)
	for i := range run.Clusters {
		if run.Clusters[i].BornRun == 0 {
			run.Clusters[i].BornRun = run.ID
		}
	}
	if run.State != feedback.RunApplied {
		return nil
	}
	m.standing = feedback.Standing{
		Run: run.ID, Clusters: run.Clusters, Themes: run.Themes, NextCluster: run.NextCluster, NextTheme: run.NextTheme,
	}
	at := make(map[feedback.ID]feedback.ClusterID)
	for _, a := range run.Assignments {
		at[a.Excerpt] = a.Cluster
	}
	for i, p := range m.points {
		m.points[i].Cluster = at[p.Excerpt]
	}
	return nil
}

func clock() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) }

// joined makes cluster b a part of a, as an earlier run could have left them.
func (m *memory) joined(a, b feedback.ClusterID) {
	m.standing.Clusters = slices.DeleteFunc(slices.Clone(m.standing.Clusters), func(c feedback.Cluster) bool { return c.ID == b })
	for i := range m.points {
		if m.points[i].Cluster == b {
			m.points[i].Cluster = a
		}
	}
}

// parted makes n excerpts of a cluster one of their own.
func (m *memory) parted(from feedback.ClusterID, n int) feedback.ClusterID {
	id := m.standing.NextCluster
	m.standing.NextCluster++
	m.standing.Clusters = append(slices.Clone(m.standing.Clusters), feedback.Cluster{ID: id, Theme: 1, Name: "Part"})
	for i := range m.points {
		if m.points[i].Cluster == from && n > 0 {
			m.points[i].Cluster = id
			n--
		}
	}
	return id
}

// settled is where a run puts the excerpts, whatever they stood in before.
func settled(r *feedback.Run) []feedback.Assignment {
	out := slices.Clone(r.Assignments)
	for i := range out {
		out[i].Stood = 0
	}
	return out
}
