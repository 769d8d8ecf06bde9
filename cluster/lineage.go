package cluster

import (
	"slices"

	"earshot/feedback"
)

// trace records what became of every standing cluster, and where every new one came from. A new cluster that comes
// mostly from a standing one was split from it; a standing cluster that ended was merged into the new one that holds at
// least half of it, else it is retired, with the one that holds the largest part of it beside it.
func (g *groups) trace(points []feedback.Point, standing feedback.Standing) {
	f := newFlow(g, points, standing)
	step := func(fate feedback.Fate, c, old int) feedback.Lineage {
		l := feedback.Lineage{Fate: fate}
		if old >= 0 {
			l.From = standing.Clusters[old].ID
		}
		if c >= 0 {
			l.To = g.ids[c]
		}
		if c >= 0 && old >= 0 {
			l.Shared = f.shared[c][old]
			if smaller := min(len(g.members[c]), f.before[old]); smaller > 0 {
				l.Overlap = float64(l.Shared) / float64(smaller)
			}
		}
		return l
	}
	for c, id := range g.ids {
		if old := slices.IndexFunc(standing.Clusters, func(s feedback.Cluster) bool { return s.ID == id }); old >= 0 {
			g.lineage = append(g.lineage, step(feedback.FateContinued, c, old))
			continue
		}
		if old := largest(f.shared[c]); old >= 0 && 2*f.shared[c][old] >= len(g.members[c]) {
			g.lineage = append(g.lineage, step(feedback.FateSplit, c, old))
			continue
		}
		g.lineage = append(g.lineage, step(feedback.FateBorn, c, -1))
	}
	for old, s := range standing.Clusters {
		if slices.Contains(g.ids, s.ID) {
			continue
		}
		column := make([]int, len(g.ids))
		for c := range column {
			column[c] = f.shared[c][old]
		}
		s.Retired, s.Size, s.Successor = true, 0, 0
		if c := largest(column); c >= 0 && 2*column[c] >= f.before[old] {
			s.Successor = g.ids[c]
			g.lineage = append(g.lineage, step(feedback.FateMerged, c, old))
		} else {
			g.lineage = append(g.lineage, step(feedback.FateRetired, c, old))
		}
		g.retired = append(g.retired, s)
	}
}

// largest is the index of the largest value above 0, the first of equals, or -1.
func largest(values []int) int {
	best := -1
	for i, v := range values {
		if v > 0 && (best < 0 || v > values[best]) {
			best = i
		}
	}
	return best
}
