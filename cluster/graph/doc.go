// Package graph holds the pure algorithms behind clusters: the nearest-neighbour graph, exact or partitioned, Leiden
// communities from one seed or from several, how far they stand apart, and the optimal assignment that matches one
// grouping with another.
//
//	near, err := graph.Nearest(ctx, matrix, graph.NearestOptions{K: 15})
//	g := graph.Build(near)
//	communities := graph.Leiden(g, graph.LeidenOptions{Resolution: 8, Seed: 1})
//
// Nothing here reads a clock, a file or a global source of randomness. The same input and seed give the same result,
// whatever the number of processors: parallel work writes by index, ties are broken by index, sums run in a fixed order,
// and every product is converted explicitly, so that no compiler fuses it with an addition. Rows have no names here: a
// caller who wants a result that does not depend on the order of its rows sorts them first by a key of its own.
package graph
