package graph

import "math/rand/v2"

// Coarsen joins nodes that belong together at any resolution worth asking for, until at most limit are left or no more
// belong together, and gives the graph of the joined nodes and the joined node of each node. Communities of the one are
// communities of the other, of the same modularity. Nodes are joined as one pass of Leiden joins them, at resolution 1.
// Once stop, which may be nil, says yes, what was joined so far is given.
func Coarsen(g *Graph, limit int, seed uint64, stop func() bool) (*Graph, []int32) {
	of := make([]int32, g.Nodes())
	for i := range of {
		of[i] = int32(i)
	}
	rng := rand.New(rand.NewPCG(seed, 0x636f6172))
	current := newLevel(g, LeidenOptions{Resolution: 1, Stop: stop})
	for nodes := g.Nodes(); nodes > limit && !current.stopped(); nodes = current.Nodes() {
		alone := make([]int32, nodes)
		for i := range alone {
			alone[i] = int32(i)
		}
		current.moveNodes(alone, rng)
		dense, count := Compact(alone)
		refined, joined := Compact(current.refine(dense, count, rng))
		if joined == nodes {
			break
		}
		current = current.aggregate(refined, joined)
		for i := range of {
			of[i] = refined[of[i]]
		}
	}
	out := current.Graph
	out.Strength = current.strength
	return &out, of
}
