package graph

// Build joins every row with its neighbours. An edge weighs the square of the cosine, which tells near from nearest
// better than the cosine does; it counts twice where each end is among the neighbours of the other. Pairs without a
// positive cosine are not joined.
func Build(n Neighbours) *Graph {
	edges := make([]Edge, 0, n.Rows*n.K)
	for i := range n.Rows {
		index, cosine := n.Of(i)
		for x, j := range index {
			if c := float64(cosine[x]); c > 0 {
				edges = append(edges, Edge{int32(i), j, float64(c * c)})
			}
		}
	}
	return FromEdges(n.Rows, edges)
}
