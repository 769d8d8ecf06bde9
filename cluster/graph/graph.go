package graph

// Graph is an undirected weighted graph in compressed rows: the neighbours of node i are Target[Start[i]:Start[i+1]] in
// rising order, each edge stands in the rows of both its ends with one weight, and no node is its own neighbour.
type Graph struct {
	Start  []int32
	Target []int32
	Weight []float64
	// Strength is what each node weighs in the null model of the modularity; nil where it is the sum of the weights of its
	// edges. It is more in a graph made by Coarsen, whose nodes have edges inside.
	Strength []float64
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
	b := newBuilder(n)
	for _, e := range edges {
		b.count(e.A, e.B, e.Weight)
	}
	b.place()
	for _, e := range edges {
		b.add(e.A, e.B, e.Weight)
	}
	return b.graph()
}
