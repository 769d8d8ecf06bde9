package graph

import (
	"math"
	"math/rand/v2"
)

// refine splits each community into well-connected parts: every node starts on its own, and one that is still so joins
// the part of its community that gains most, where both the node and that part are well connected to the community.
func (l *level) refine(community []int32, count int, rng *rand.Rand) []int32 {
	n := len(l.strength)
	w := l.work
	part := make([]int32, n)
	total := w.total[:n]   // strength of each part
	outward := w.other[:n] // weight of its edges to the rest of its community
	single := w.mark[:n]
	whole := make([]float64, count)
	for v := range part {
		part[v], total[v], single[v] = int32(v), l.strength[v], true
		own := community[v]
		whole[own] += l.strength[v]
		targets, weights := l.Of(v)
		outward[v] = within(community, own, targets, weights)
	}
	of, seen := w.sum, w.seen
	for _, v := range w.shuffled(n, rng) {
		own := community[v]
		all, k := whole[own], l.strength[v]
		if !single[v] || outward[v] < float64(l.scale*float64(k*(all-k))) {
			continue
		}
		targets, weights := l.Of(int(v))
		met := gatherWithin(of, seen, part, community, own, targets, weights)
		to, gain, tie := v, 0.0, 0.0
		for _, p := range seen[:met] {
			sum := of[p]
			of[p] = 0
			if outward[p] < float64(l.scale*float64(total[p]*(all-total[p]))) {
				continue
			}
			g := sum - float64(l.scale*float64(k*total[p]))
			if g > gain || g == gain && p < to {
				to, gain, tie = p, g, sum
			}
		}
		if to != v {
			outward[to] += outward[v] - 2*tie
			total[to] += k
			part[v] = to
			single[v], single[to] = false, false
		}
	}
	return part
}

// within adds up the weights of the targets that are in the community.
//
//go:noinline
func within(community []int32, own int32, targets []int32, weights []float64) float64 {
	weights = weights[:len(targets)]
	var sum float64
	for x, u := range targets {
		weight := math.Float64bits(weights[x])
		if community[u] != own {
			weight = 0 // without a branch, for it can't be foreseen
		}
		sum += math.Float64frombits(weight)
	}
	return sum
}

// gatherWithin is gather of the targets that are in the community.
//
//go:noinline
func gatherWithin(sum []float64, seen []int32, group, community []int32, own int32, targets []int32, weights []float64) int {
	weights = weights[:len(targets)]
	met := 0
	for x, u := range targets {
		if community[u] != own {
			continue
		}
		g := group[u]
		before := sum[g]
		seen[met] = g
		if math.Float64bits(before) == 0 {
			met++
		}
		sum[g] = before + weights[x]
	}
	return met
}

// aggregate makes one node of each part.
func (l *level) aggregate(part []int32, count int) *level {
	next := &level{strength: make([]float64, count), scale: l.scale, stop: l.stop, work: l.work}
	w := l.work
	// The nodes of part p, rising, are node[from[p]:from[p+1]].
	from, node := make([]int32, count+1), w.queue[:len(part)]
	for _, p := range part {
		from[p+1]++
	}
	for p := range count {
		from[p+1] += from[p]
	}
	at := w.size[:count]
	copy(at, from)
	for v, p := range part {
		node[at[p]] = int32(v)
		at[p]++
	}

	// Each edge is found at the end with the lower number. Laid at the other ends in the order of the lower ones, and from
	// there at these in the order of the others, the rows are sorted.
	of, seen := w.sum, w.seen
	end := make([]int32, count) // of the edges found at each part
	var target []int32
	var weight []float64
	start := make([]int32, count+1)
	for p := range count {
		met := 0
		for _, v := range node[from[p]:from[p+1]] {
			next.strength[p] += l.strength[v]
			targets, weights := l.Of(int(v))
			met = gather(of, seen, met, part, targets, weights)
		}
		for _, q := range seen[:met] {
			if int(q) > p {
				target, weight = append(target, q), append(weight, of[q])
				start[q+1]++
				start[p+1]++
			}
			of[q] = 0
		}
		end[p] = int32(len(target))
	}
	for p := range count {
		start[p+1] += start[p]
	}
	next.Graph = Graph{Start: start, Target: make([]int32, 2*len(target)), Weight: make([]float64, 2*len(target))}
	copy(at, start)
	edge := int32(0)
	for p := range count {
		for ; edge < end[p]; edge++ {
			q := target[edge]
			next.Target[at[q]], next.Weight[at[q]] = int32(p), weight[edge]
			at[q]++
		}
	}
	lower := end // of each row the end of its lower ends, which its higher ones follow
	copy(lower, at)
	for q := range count {
		for x := start[q]; x < lower[q]; x++ {
			p := next.Target[x]
			next.Target[at[p]], next.Weight[at[p]] = int32(q), next.Weight[x]
			at[p]++
		}
	}
	return next
}
