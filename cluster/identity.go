package cluster

import (
	"bytes"
	"cmp"
	"slices"

	"earshot/cluster/graph"
	"earshot/feedback"
)

// alike is the cosine of two centroids at which clusters without a shared excerpt are taken for one.
const alike = 0.9

// flow is how excerpts went from the standing clusters to the new ones.
type flow struct {
	shared  [][]int // new, standing
	before  []int   // excerpts of each standing cluster that are still there
	settled []int   // excerpts of each new cluster that stood in any
}

func newFlow(g *groups, points []feedback.Point, standing feedback.Standing) flow {
	number := make(map[feedback.ClusterID]int)
	for i, c := range standing.Clusters {
		number[c.ID] = i
	}
	f := flow{shared: make([][]int, len(g.members)), before: make([]int, len(standing.Clusters)), settled: make([]int, len(g.members))}
	for c := range f.shared {
		f.shared[c] = make([]int, len(standing.Clusters))
	}
	for i, p := range points {
		old, ok := number[p.Cluster]
		if !ok {
			continue
		}
		f.before[old]++
		if c := g.label[i]; c >= 0 {
			f.shared[c][old]++
			f.settled[c]++
		}
	}
	return f
}

// heir tells whether new cluster c may go on as standing cluster old: it holds half of what is left of old, or it comes
// mostly from old and holds a quarter of it.
func (f flow) heir(c, old int) bool {
	shared := f.shared[c][old]
	return shared > 0 && (2*shared >= f.before[old] || 2*shared >= f.settled[c] && 4*shared >= f.before[old])
}

// identify gives every cluster and theme its id. A standing cluster that goes on by a person's decision keeps its id in the
// new one that the decision made. Another new cluster is matched to a standing one by the excerpts that they
// share, such that most excerpts keep their cluster, then, where neither shares any with any, by centroid. The others
// get the next free numbers, the largest first, then the one with the smallest excerpt id. It records the lineage.
func identify(g *groups, points []feedback.Point, standing feedback.Standing) {
	f := newFlow(g, points, standing)
	gain := make([][]float64, len(g.members))
	for c := range gain {
		gain[c] = make([]float64, len(standing.Clusters))
		for old := range gain[c] {
			if f.heir(c, old) {
				gain[c][old] = float64(f.shared[c][old])
			}
		}
	}
	for old, c := range g.claims {
		gain[c][old] += float64(2 * len(points)) // more than all that other matches could gain
	}
	match := graph.Assign(gain)
	matchByCentroid(match, f, g, standing)

	g.ids = make([]feedback.ClusterID, len(g.members))
	g.kept = make([]bool, len(g.members))
	var fresh []int
	for c, old := range match {
		if old < 0 {
			fresh = append(fresh, c)
			continue
		}
		g.ids[c] = standing.Clusters[old].ID
		g.kept[c] = 2*f.shared[c][old] >= f.before[old]
	}
	slices.SortFunc(fresh, func(a, b int) int {
		x, y := points[g.members[a][0]].Excerpt, points[g.members[b][0]].Excerpt
		return cmp.Or(cmp.Compare(len(g.members[b]), len(g.members[a])), bytes.Compare(x[:], y[:]))
	})
	g.nextCluster = standing.NextCluster
	for _, c := range fresh {
		g.ids[c] = g.nextCluster
		g.nextCluster++
	}
	g.order()
	g.trace(points, standing)
}

func matchByCentroid(match []int, f flow, g *groups, standing feedback.Standing) {
	gain := make([][]float64, len(match))
	for c := range gain {
		gain[c] = make([]float64, len(standing.Clusters))
		if f.settled[c] > 0 {
			continue
		}
		for old, s := range standing.Clusters {
			if f.before[old] > 0 || len(s.Centroid) != len(g.centroids[c]) {
				continue
			}
			if cosine := feedback.Dot(s.Centroid, g.centroids[c]); cosine >= alike {
				gain[c][old] = float64(cosine)
			}
		}
	}
	for c, old := range graph.Assign(gain) {
		if old >= 0 {
			match[c] = old
		}
	}
}

// order numbers the clusters anew by their ids.
func (g *groups) order() {
	by := make([]int, len(g.ids))
	for c := range by {
		by[c] = c
	}
	slices.SortFunc(by, func(a, b int) int { return cmp.Compare(g.ids[a], g.ids[b]) })
	to := make([]int32, len(by))
	for at, c := range by {
		to[c] = int32(at)
	}
	for i, c := range g.label {
		if c >= 0 {
			g.label[i] = to[c]
		}
	}
	g.members = arranged(g.members, by)
	g.centroids = arranged(g.centroids, by)
	g.floors = arranged(g.floors, by)
	g.cohesion = arranged(g.cohesion, by)
	g.ids = arranged(g.ids, by)
	g.kept = arranged(g.kept, by)
}

func arranged[T any](values []T, by []int) []T {
	out := make([]T, len(by))
	for at, from := range by {
		out[at] = values[from]
	}
	return out
}
