package graph

import (
	"cmp"
	"math"
	"slices"
)

// Ward puts n points into k groups by agglomeration: again and again the two groups are joined whose union has the least
// more spread about its mean than the two apart (Ward 1963). points[i] are vectors of one length. The result numbers the
// groups from 0 in the order of their first points. It takes time in n² and does not depend on a seed; ties go to the
// points that come first.
func Ward(points [][]float32, k int) []int32 {
	n := len(points)
	if n == 0 {
		return nil
	}
	k = max(1, min(k, n))
	w := newWard(points)
	// A nearest-neighbour chain finds the same joins as the full search, in another order (Murtagh 1983): Ward's distance
	// never shrinks by a join.
	type join struct {
		a, b   int
		height float64
	}
	var joins []join
	var chain []int
	for len(joins) < n-1 {
		if len(chain) == 0 {
			chain = append(chain, slices.Index(w.alive, true))
		}
		last := len(chain) - 1
		at := chain[last]
		before := -1
		if last > 0 {
			before = chain[last-1]
		}
		next, height := w.nearest(at, before)
		if next != before {
			chain = append(chain, next)
			continue
		}
		joins = append(joins, join{min(at, before), max(at, before), height})
		w.join(min(at, before), max(at, before))
		chain = chain[:last-1]
	}
	slices.SortStableFunc(joins, func(x, y join) int { return cmp.Compare(x.height, y.height) })

	parent := make([]int, n)
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			i = parent[i]
		}
		return i
	}
	for _, j := range joins[:n-k] {
		a, b := find(j.a), find(j.b)
		parent[max(a, b)] = min(a, b)
	}
	number := map[int]int32{}
	group := make([]int32, n)
	for i := range group {
		root := find(i)
		if _, known := number[root]; !known {
			number[root] = int32(len(number))
		}
		group[i] = number[root]
	}
	return group
}

// ward holds the groups of an agglomeration, each under the number of its first point.
type ward struct {
	mean  [][]float64
	size  []float64
	alive []bool
}

func newWard(points [][]float32) *ward {
	w := &ward{mean: make([][]float64, len(points)), size: make([]float64, len(points)), alive: make([]bool, len(points))}
	for i, p := range points {
		w.mean[i] = make([]float64, len(p))
		for d, x := range p {
			w.mean[i][d] = float64(x)
		}
		w.size[i], w.alive[i] = 1, true
	}
	return w
}

// nearest gives the group nearest to a and the height at which they would join. Of equally near ones it prefers favourite,
// so that a chain ends, and then the first.
func (w *ward) nearest(a, favourite int) (int, float64) {
	best, least := -1, math.Inf(1)
	if favourite >= 0 {
		best, least = favourite, w.height(a, favourite)
	}
	for b, alive := range w.alive {
		if !alive || b == a || b == favourite {
			continue
		}
		if h := w.height(a, b); h < least {
			best, least = b, h
		}
	}
	return best, least
}

func (w *ward) height(a, b int) float64 {
	var sum float64
	for d, x := range w.mean[a] {
		off := x - w.mean[b][d]
		sum += float64(off * off)
	}
	return w.size[a] * w.size[b] / (w.size[a] + w.size[b]) * sum
}

// join puts b into a.
func (w *ward) join(a, b int) {
	whole := w.size[a] + w.size[b]
	for d := range w.mean[a] {
		w.mean[a][d] = (float64(w.size[a]*w.mean[a][d]) + float64(w.size[b]*w.mean[b][d])) / whole
	}
	w.size[a], w.alive[b] = whole, false
}
