package cluster

import (
	"math"
	"slices"

	"earshot/cluster/graph"
	"earshot/feedback"
)

const (
	nearest = 5 // of a row's neighbours that tell how isolated it is
	// weak is how many spreads below the middle of its cluster a row's likeness to the others may be; a spread is the
	// distance from the middle to the upper quartile, which outliers don't reach.
	weak = 5.0
	// structure is how much nearer than in a cloud without structure the nearest neighbours of the middle row must be,
	// for there to be any cluster at all; alone is the same for a single row to be in one.
	structure = 1.12
	alone     = 1.0
	// enoughRows are needed before a cloud without structure can be told from one with.
	enoughRows = 60
)

// tidy takes out what belongs nowhere: groups that are too small, whose rows go where most of their ties are, rows that
// are far less like their group than its others, and rows that are near to nothing.
func (g *groups) tidy(label []int32, lonely []bool) []int32 {
	label = slices.Clone(label)
	for i, no := range lonely {
		if no {
			label[i] = -1
		}
	}
	g.dissolve(label)
	label = g.attach(label, lonely)
	g.dropWeak(label)
	g.dissolve(label)
	return label
}

// dissolve takes out the groups with fewer points than the minimum.
func (g *groups) dissolve(label []int32) {
	sizes := make([]int, len(label))
	for r, c := range label {
		if c >= 0 {
			sizes[c] += len(g.space.points[r])
		}
	}
	for r, c := range label {
		if c >= 0 && sizes[c] < g.minSize {
			label[r] = -1
		}
	}
}

// attach gives rows without a group the one to which most of the weight of their ties goes; whether they are like it
// enough is for dropWeak to say.
func (g *groups) attach(label []int32, lonely []bool) []int32 {
	out := slices.Clone(label)
	for r, c := range label {
		if c >= 0 || lonely[r] {
			continue
		}
		votes := make(map[int32]float64)
		best := int32(-1)
		targets, weights := g.near.Of(r)
		for x, t := range targets {
			l := label[t]
			if l < 0 {
				continue
			}
			votes[l] += weights[x]
			if best < 0 || votes[l] > votes[best] || votes[l] == votes[best] && l < best {
				best = l
			}
		}
		out[r] = best
	}
	return out
}

// dropWeak takes out rows that are far less like the others of their group than those are among themselves.
func (g *groups) dropWeak(label []int32) {
	count := 0
	for _, c := range label {
		count = max(count, int(c)+1)
	}
	means, sizes := graph.Means(g.space.matrix, label, count)
	likeness := make([]float64, len(label))
	of := make([][]float64, count)
	inChunks(len(label), func(from, to int) {
		for r, c := range label[from:to] {
			if c < 0 || sizes[c] < 2 {
				continue
			}
			var dot float64
			mean := means.Row(int(c))
			for d, x := range g.space.matrix.Row(from + r) {
				dot += float64(float64(x) * float64(mean[d]))
			}
			n := float64(sizes[c])
			likeness[from+r] = (float64(dot*n) - 1) / (n - 1)
		}
	})
	for r, c := range label {
		if c >= 0 && sizes[c] >= 2 {
			of[c] = append(of[c], likeness[r])
		}
	}
	limits := make([]float64, count)
	for c, values := range of {
		if len(values) == 0 {
			limits[c] = math.Inf(-1)
			continue
		}
		slices.Sort(values)
		middle, upper := values[len(values)/2], values[len(values)*3/4]
		limits[c] = min(middle-float64(weak*(upper-middle)), middle/2)
	}
	for r, c := range label {
		if c >= 0 && likeness[r] < limits[c] {
			label[r] = -1
		}
	}
}

// isolated tells which rows are about as far from their nearest neighbours as the rows of a cloud without structure would
// be. Of such a cloud's cosines, nearly normal, the highest few of n-1 stand at known heights (Blom 1958); its middle and
// spread are measured on pairs of rows at large, on the lower side, which clusters don't reach.
func (g *groups) isolated(near graph.Neighbours) []bool {
	n := near.Rows
	lonely := make([]bool, n)
	if n < enoughRows {
		return lonely
	}
	const pairs = 20000
	each := pairs/n + 1
	cosines := make([]float64, 0, n*each)
	for i := range n {
		for j := range each {
			other := (i + 1 + int(mix(uint64(i*each+j))%uint64(n-1))) % n
			cosines = append(cosines, float64(feedback.Dot(g.space.matrix.Row(i), g.space.matrix.Row(other))))
		}
	}
	slices.Sort(cosines)
	middle := cosines[len(cosines)/2]
	spread := middle - cosines[len(cosines)*1587/10000]
	var expected float64
	for k := 1; k <= nearest; k++ {
		p := 1 - (float64(k)-0.375)/(float64(n)-0.75)
		expected += math.Sqrt2 * math.Erfinv(2*p-1) / nearest
	}
	height := make([]float64, n) // over the middle, as a part of what is expected
	for i := range height {
		_, cosine := near.Of(i)
		var mean float64
		for _, c := range cosine[:nearest] {
			mean += float64(c) / nearest
		}
		height[i] = (mean - middle) / (expected * spread)
		lonely[i] = !(height[i] >= alone)
	}
	slices.Sort(height)
	if !(height[n/2] >= structure) {
		for i := range lonely {
			lonely[i] = true
		}
	}
	return lonely
}
