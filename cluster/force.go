package cluster

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"earshot/feedback"
)

// why says what keeps point i out of every cluster.
func (g *groups) why(i int) feedback.Outlier {
	r := g.space.rowOf[i]
	switch {
	case r < 0:
		return feedback.OutlierBlank
	case g.lonely[r]:
		return feedback.OutlierAlone
	}
	targets, _ := g.near.Of(int(r))
	for _, t := range targets {
		if g.rows[t] >= 0 {
			return feedback.OutlierFar // it has ties to a cluster, and is too little like its members
		}
	}
	return feedback.OutlierSmall
}

// force puts outliers into their nearest clusters, the nearest first, until no more are left than was asked for. What its
// model knows no word of stays out: it is near to nothing. Centroids, floors and names are those of the clusters' own.
func (s *Stage) force(run *feedback.Run, g *groups, points []feedback.Point) {
	if s.c.MaxOutliers == nil || len(g.centroids) == 0 {
		return
	}
	type candidate struct {
		point, cluster int
		cosine         float32
	}
	var out []candidate
	vector := make(feedback.Vector, g.vectors.dims)
	for i := range points {
		if g.label[i] >= 0 || g.space.rowOf[i] < 0 {
			continue
		}
		g.vectors.read(i, vector)
		best := candidate{i, 0, feedback.Dot(vector, g.centroids[0])}
		for c, centroid := range g.centroids[1:] {
			if cosine := feedback.Dot(vector, centroid); cosine > best.cosine {
				best.cluster, best.cosine = c+1, cosine
			}
		}
		out = append(out, best)
	}
	slices.SortFunc(out, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.cosine, a.cosine), bytes.Compare(points[a.point].Excerpt[:], points[b.point].Excerpt[:]))
	})
	surplus := run.Unassigned - int(math.Floor(*s.c.MaxOutliers*float64(len(points))))
	for _, x := range out[:max(0, min(surplus, len(out)))] {
		run.Assignments[x.point].Cluster = g.ids[x.cluster]
		run.Assignments[x.point].Similarity = float64(x.cosine)
		run.Assignments[x.point].Outlier = ""
		run.Clusters[x.cluster].Size++
		run.Unassigned--
		run.Change.Forced++
	}
}
