package graph

// Graph is an undirected weighted graph in compressed rows: the neighbours of node i are Target[Start[i]:Start[i+1]] in
// rising order, each edge stands in the rows of both its ends with one weight, and no node is its own neighbour.
type Graph struct {
	Start  []int32
	Target []int32
	Weight []float64
}

// Nodes is the number of nodes.
func (g *Graph) Nodes() int { return max(len(g.Start)-1, 0) }

// Of gives the neighbours of node i and the weights of its edges to them.
func (g *Graph) Of(i int) ([]int32, []float64) {
	from, to := g.Start[i], g.Start[i+1]
	return g.Target[from:to], g.Weight[from:to]
}

// Edge joins two nodes.
type Edge struct {
	A, B   int32
	Weight float64
}

// FromEdges makes a graph of n nodes. Edges between the same two nodes are added up; those from a node to itself and
// those without a positive weight are left out.
func FromEdges(n int, edges []Edge) *Graph {
	kept := make([]Edge, 0, 2*len(edges))
	for _, e := range edges {
		if e.A != e.B && e.Weight > 0 {
			kept = append(kept, e, Edge{e.B, e.A, e.Weight})
		}
	}
	kept = sortBy(sortBy(kept, n, func(e Edge) int32 { return e.B }), n, func(e Edge) int32 { return e.A })
	g := &Graph{Start: make([]int32, n+1)}
	for i, e := range kept {
		if i > 0 && kept[i-1].A == e.A && kept[i-1].B == e.B {
			g.Weight[len(g.Weight)-1] += e.Weight
			continue
		}
		g.Target = append(g.Target, e.B)
		g.Weight = append(g.Weight, e.Weight)
		g.Start[e.A+1]++
	}
	for i := range n {
		g.Start[i+1] += g.Start[i]
	}
	return g
}

// sortBy sorts edges by one of their ends, a node below n, and leaves those of the same end in their order.
func sortBy(edges []Edge, n int, end func(Edge) int32) []Edge {
	at := make([]int32, n+1)
	for _, e := range edges {
		at[end(e)+1]++
	}
	for i := range n {
		at[i+1] += at[i]
	}
	out := make([]Edge, len(edges))
	for _, e := range edges {
		out[at[end(e)]] = e
		at[end(e)]++
	}
	return out
}
