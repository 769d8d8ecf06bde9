package graph

import "math/rand/v2"

// refine splits each community into well-connected parts: every node starts on its own, and one that is still so joins
// the part of its community that gains most, where both the node and that part are well connected to the community.
func (l *level) refine(community []int32, count int, rng *rand.Rand) []int32 {
	n := len(l.strength)
	part := make([]int32, n)
	total := make([]float64, n)   // strength of each part
	outward := make([]float64, n) // weight of its edges to the rest of its community
	single := make([]bool, n)
	whole := make([]float64, count)
	for v := range part {
		part[v], total[v], single[v] = int32(v), l.strength[v], true
		whole[community[v]] += l.strength[v]
		targets, weights := l.Of(v)
		for x, u := range targets {
			if community[u] == community[v] {
				outward[v] += weights[x]
			}
		}
	}
	sums := newSums(n)
	for _, at := range rng.Perm(n) {
		v := int32(at)
		all, k := whole[community[v]], l.strength[v]
		if !single[v] || outward[v] < float64(l.scale*float64(k*(all-k))) {
			continue
		}
		targets, weights := l.Of(at)
		for x, u := range targets {
			if community[u] == community[v] {
				sums.add(targets[x:x+1], weights[x:x+1], part)
			}
		}
		to, gain := v, 0.0
		for _, p := range sums.seen {
			if outward[p] < float64(l.scale*float64(total[p]*(all-total[p]))) {
				continue
			}
			g := sums.of[p] - float64(l.scale*float64(k*total[p]))
			if g > gain || g == gain && p < to {
				to, gain = p, g
			}
		}
		if to != v {
			outward[to] += outward[v] - 2*sums.of[to]
			total[to] += k
			part[v] = to
			single[v], single[to] = false, false
		}
		sums.clear()
	}
	return part
}

// aggregate makes one node of each part.
func (l *level) aggregate(part []int32, count int) *level {
	next := &level{strength: make([]float64, count), scale: l.scale, stop: l.stop}
	edges := make([]Edge, 0, len(l.Target)/4)
	members := make([][]int32, count)
	for v, p := range part {
		members[p] = append(members[p], int32(v))
	}
	sums := newSums(count)
	for p, vs := range members {
		for _, v := range vs {
			next.strength[p] += l.strength[v]
			targets, weights := l.Of(int(v))
			sums.add(targets, weights, part)
		}
		for _, q := range sums.seen {
			if int(q) > p {
				edges = append(edges, Edge{int32(p), q, sums.of[q]})
			}
		}
		sums.clear()
	}
	next.Graph = *FromEdges(count, edges)
	return next
}
