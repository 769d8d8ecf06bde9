package graph

import "slices"

// scaleRank is the rank of the neighbour whose distance is a row's own scale.
const scaleRank = 7

// Build joins every row with its neighbours. An edge weighs by its distance, 1 less the cosine, measured against the
// distance of each end to its own seventh neighbour: near is what is near there, in a crowd as in a sparse place (the
// local scaling of Zelnik-Manor and Perona 2004). It counts twice where each end is among the neighbours of the other.
// Pairs without a positive cosine are not joined.
func Build(n Neighbours) *Graph {
	scale := make([]float64, n.Rows)
	for i := range scale {
		if _, cosine := n.Of(i); len(cosine) > 0 {
			scale[i] = 1 - float64(cosine[min(scaleRank, len(cosine))-1])
		}
	}
	b := newBuilder(n.Rows)
	each := func(visit func(a, b int32, weight float64)) {
		for i := range n.Rows {
			index, cosine := n.Of(i)
			for x, j := range index {
				if cosine[x] > 0 {
					visit(int32(i), j, closeness(1-float64(cosine[x]), scale[i], scale[j]))
				}
			}
		}
	}
	each(b.count)
	b.place()
	each(b.add)
	return b.graph()
}

// closeness falls from 1 with the square of the distance, measured against the scales of its ends. It has heavier tails
// than the Gaussian of local scaling, and is made of exact operations alone, so that every machine finds the same bits.
func closeness(distance, scaleA, scaleB float64) float64 {
	const least = 1e-3 // of a scale, for rows that are almost copies of their neighbours
	near := 1 / (1 + float64(distance*distance)/float64(max(scaleA, least)*max(scaleB, least)))
	return float64(near * near)
}

// builder fills the compressed rows of a graph from edges that it is shown twice: counted first, then added. It holds no
// list of edges beside them.
type builder struct {
	start  []int32
	next   []int32
	target []int32
	weight []float64
}

func newBuilder(nodes int) *builder { return &builder{start: make([]int32, nodes+1)} }

func (b *builder) count(i, j int32, weight float64) {
	if i != j && weight > 0 {
		b.start[i+1]++
		b.start[j+1]++
	}
}

func (b *builder) place() {
	for i := 1; i < len(b.start); i++ {
		b.start[i] += b.start[i-1]
	}
	total := b.start[len(b.start)-1]
	b.next = slices.Clone(b.start[:len(b.start)-1])
	b.target, b.weight = make([]int32, total), make([]float64, total)
}

func (b *builder) add(i, j int32, weight float64) {
	if i == j || !(weight > 0) {
		return
	}
	b.target[b.next[i]], b.weight[b.next[i]] = j, weight
	b.target[b.next[j]], b.weight[b.next[j]] = i, weight
	b.next[i]++
	b.next[j]++
}

// graph sorts each row and adds up edges between the same two nodes, in place.
func (b *builder) graph() *Graph {
	type half struct {
		target int32
		weight float64
	}
	var row []half
	out := int32(0)
	nodes := len(b.start) - 1
	for i := range nodes {
		row = row[:0]
		for x := b.start[i]; x < b.next[i]; x++ {
			row = append(row, half{b.target[x], b.weight[x]})
		}
		slices.SortStableFunc(row, func(x, y half) int { return int(x.target) - int(y.target) })
		b.start[i] = out
		for x, h := range row {
			if x > 0 && row[x-1].target == h.target {
				b.weight[out-1] += h.weight
				continue
			}
			b.target[out], b.weight[out] = h.target, h.weight
			out++
		}
	}
	b.start[nodes] = out
	return &Graph{Start: b.start, Target: b.target[:out:out], Weight: b.weight[:out:out]}
}
