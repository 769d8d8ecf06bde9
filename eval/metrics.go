package eval

import (
	"cmp"
	"math"
	"slices"
)

// Labels numbers the distinct names in order of first appearance and returns each entry's number, and the names by number.
func Labels(names []string) (ids []int, distinct []string) {
	seen := make(map[string]int)
	ids = make([]int, len(names))
	for i, name := range names {
		id, ok := seen[name]
		if !ok {
			id = len(distinct)
			seen[name] = id
			distinct = append(distinct, name)
		}
		ids[i] = id
	}
	return ids, distinct
}

// cell counts the entries that have one gold class and one predicted cluster.
type cell struct{ gold, pred, n int }

// contingency is the table of two labellings, kept sparse: most pairs of class and cluster never meet.
type contingency struct {
	n          int
	cells      []cell // only those that are not empty, ordered by gold class, then cluster
	gold, pred []int  // totals of each class and each cluster, renumbered from 0
}

// newContingency renumbers both labellings densely, so any integers will do, also the -1 that some methods give to outliers.
func newContingency(gold, pred []int) contingency {
	if len(gold) != len(pred) {
		panic("eval: labellings of different length")
	}
	t := contingency{n: len(gold)}
	goldID, predID := make(map[int]int), make(map[int]int)
	counts := make(map[[2]int]int)
	for i := range gold {
		g := number(goldID, gold[i], &t.gold)
		p := number(predID, pred[i], &t.pred)
		t.gold[g]++
		t.pred[p]++
		counts[[2]int{g, p}]++
	}
	for key, n := range counts {
		t.cells = append(t.cells, cell{key[0], key[1], n})
	}
	slices.SortFunc(t.cells, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.gold, b.gold), cmp.Compare(a.pred, b.pred))
	})
	return t
}

func number(ids map[int]int, label int, totals *[]int) int {
	id, ok := ids[label]
	if !ok {
		id = len(ids)
		ids[label] = id
		*totals = append(*totals, 0)
	}
	return id
}

// NMI is the normalized mutual information of two labellings, in [0, 1]: the mutual information divided by the
// arithmetic mean of the two entropies (scikit-learn's normalized_mutual_info_score with its default average). Two
// labellings of one class each agree fully: 1. It panics when the lengths differ.
func NMI(gold, pred []int) float64 {
	t := newContingency(gold, pred)
	if len(t.gold) == len(t.pred) && len(t.gold) <= 1 {
		return 1
	}
	n := float64(t.n)
	var mi float64
	for _, c := range t.cells {
		nij := float64(c.n)
		mi += nij / n * (math.Log(nij) + math.Log(n) - math.Log(float64(t.gold[c.gold])) - math.Log(float64(t.pred[c.pred])))
	}
	mean := (entropy(t.gold, n) + entropy(t.pred, n)) / 2
	if mi <= 1e-15 || mean == 0 {
		return 0
	}
	return min(mi/mean, 1)
}

func entropy(totals []int, n float64) float64 {
	var h float64
	for _, c := range totals {
		p := float64(c) / n
		h -= p * math.Log(p)
	}
	return h
}

// ARI is the adjusted Rand index (Hubert and Arabie 1985), in [-0.5, 1]: the share of pairs on which two labellings agree,
// scaled so that chance gives 0 and identity 1. It panics when the lengths differ.
func ARI(gold, pred []int) float64 {
	t := newContingency(gold, pred)
	pairs := func(n int) float64 { return float64(n) * float64(n-1) / 2 }
	var both, inGold, inPred float64
	for _, c := range t.cells {
		both += pairs(c.n)
	}
	for _, n := range t.gold {
		inGold += pairs(n)
	}
	for _, n := range t.pred {
		inPred += pairs(n)
	}
	all := pairs(t.n)
	if all == 0 {
		return 1
	}
	expected := inGold * inPred / all
	most := (inGold + inPred) / 2
	if most == expected {
		return 1 // both labellings are one class, or both all singletons
	}
	return (both - expected) / (most - expected)
}

// Purity is the share of entries that belong to the most frequent gold class of their cluster, in [0, 1]. It never falls
// when clusters are split, so it says little without the number of clusters.
func Purity(gold, pred []int) float64 {
	t := newContingency(gold, pred)
	if t.n == 0 {
		return 0
	}
	best := make([]int, len(t.pred))
	for _, c := range t.cells {
		best[c.pred] = max(best[c.pred], c.n)
	}
	sum := 0
	for _, n := range best {
		sum += n
	}
	return float64(sum) / float64(t.n)
}

// Accuracy is the clustering accuracy, ACC, in [0, 1]: the share of entries whose cluster is mapped to their gold class
// under the best one-to-one mapping of clusters to classes. Clusters or classes left without a partner count as wrong.
func Accuracy(gold, pred []int) float64 {
	t := newContingency(gold, pred)
	if t.n == 0 {
		return 0
	}
	// The assignment wants rows <= columns; the table may be turned, for the mapping is symmetric.
	rows, cols := len(t.gold), len(t.pred)
	turned := rows > cols
	if turned {
		rows, cols = cols, rows
	}
	cost := make([][]float64, rows)
	for r := range cost {
		cost[r] = make([]float64, cols)
	}
	for _, c := range t.cells {
		if turned {
			cost[c.pred][c.gold] = -float64(c.n)
		} else {
			cost[c.gold][c.pred] = -float64(c.n)
		}
	}
	right := 0.0
	for r, c := range assign(cost) {
		right -= cost[r][c]
	}
	return right / float64(t.n)
}

// assign returns the column of each row in the cheapest one-to-one assignment: the Hungarian algorithm with potentials
// and shortest augmenting paths, O(rows² · columns). There must be at least as many columns as rows.
func assign(cost [][]float64) []int {
	rows := len(cost)
	if rows == 0 {
		return nil
	}
	cols := len(cost[0])
	const free = -1
	u, v := make([]float64, rows), make([]float64, cols)
	rowOf := make([]int, cols) // the row that holds each column
	for c := range rowOf {
		rowOf[c] = free
	}
	dist, prev, done := make([]float64, cols), make([]int, cols), make([]bool, cols)
	for start := range rows {
		for c := range cols {
			dist[c], prev[c], done[c] = math.Inf(1), free, false
		}
		row, last := start, free
		for {
			next, step := free, math.Inf(1)
			for c := range cols {
				if done[c] {
					continue
				}
				if d := cost[row][c] - u[row] - v[c]; d < dist[c] {
					dist[c], prev[c] = d, last
				}
				if dist[c] < step {
					next, step = c, dist[c]
				}
			}
			u[start] += step
			for c := range cols {
				if done[c] {
					u[rowOf[c]] += step
					v[c] -= step
				} else {
					dist[c] -= step
				}
			}
			done[next] = true
			last = next
			if rowOf[next] == free {
				break
			}
			row = rowOf[next]
		}
		for last != free {
			before := prev[last]
			if before == free {
				rowOf[last] = start
			} else {
				rowOf[last] = rowOf[before]
			}
			last = before
		}
	}
	out := make([]int, rows)
	for c, r := range rowOf {
		if r != free {
			out[r] = c
		}
	}
	return out
}
