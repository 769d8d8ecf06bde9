package graph_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"earshot/cluster/graph"
)

// graphs draws graphs of up to 40 nodes, sparse to dense, with several parts now and then.
func graphs(t *rapid.T) (*graph.Graph, []graph.Edge, int) {
	n := rapid.IntRange(0, 40).Draw(t, "nodes")
	var edges []graph.Edge
	if n > 0 {
		edges = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) graph.Edge {
			return graph.Edge{
				A: int32(rapid.IntRange(0, n-1).Draw(t, "a")), B: int32(rapid.IntRange(0, n-1).Draw(t, "b")),
				Weight: float64(rapid.IntRange(-1, 8).Draw(t, "w")) / 4,
			}
		}), 0, 120).Draw(t, "edges")
	}
	return graph.FromEdges(n, edges), edges, n
}

func TestFromEdgesIsSymmetricAndAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, edges, n := graphs(t)
		want := make(map[[2]int32]float64)
		for _, e := range edges {
			if e.A != e.B && e.Weight > 0 {
				want[[2]int32{e.A, e.B}] += e.Weight
				want[[2]int32{e.B, e.A}] += e.Weight
			}
		}
		if g.Nodes() != n {
			t.Fatalf("%d nodes, want %d", g.Nodes(), n)
		}
		seen := 0
		for i := range n {
			targets, weights := g.Of(i)
			for x, j := range targets {
				if x > 0 && targets[x-1] >= j {
					t.Fatalf("neighbours of %d are not rising: %v", i, targets)
				}
				if weights[x] != want[[2]int32{int32(i), j}] {
					t.Fatalf("edge %d-%d weighs %v, want %v", i, j, weights[x], want[[2]int32{int32(i), j}])
				}
				seen++
			}
		}
		if seen != len(want) {
			t.Fatalf("%d ends, want %d", seen, len(want))
		}
	})
}

func TestLeidenGivesConnectedCommunitiesThatAreNumberedInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, _, n := graphs(t)
		o := graph.LeidenOptions{Resolution: rapid.SampledFrom([]float64{0.3, 1, 4}).Draw(t, "resolution"), Seed: rapid.Uint64().Draw(t, "seed")}
		if rapid.Bool().Draw(t, "warm") {
			o.Start = make([]int32, n)
			for i := range o.Start {
				o.Start[i] = int32(rapid.IntRange(-1, 5).Draw(t, "start"))
			}
			o.Hold = rapid.SampledFrom([]float64{0, 0.2, 1}).Draw(t, "hold")
		}
		c := graph.Leiden(g, o)
		if len(c) != n {
			t.Fatalf("%d communities for %d nodes", len(c), n)
		}
		next := int32(0)
		for i, x := range c {
			if x > next || x < 0 {
				t.Fatalf("community %d of node %d out of order: %v", x, i, c)
			}
			if x == next {
				next++
			}
		}
		for x := range next {
			if parts := partsOf(g, c, x); parts != 1 {
				t.Fatalf("community %d falls into %d parts", x, parts)
			}
		}
		if o.Start == nil && graph.Modularity(g, c, o.Resolution) < graph.Modularity(g, singletons(n), o.Resolution)-1e-9 {
			t.Fatal("worse than every node on its own")
		}
		for i, x := range graph.Leiden(g, o) {
			if x != c[i] {
				t.Fatal("the same seed gave other communities")
			}
		}
	})
}

// Without anchors every node sits where it gains most: no single move to a neighbouring community is an improvement.
func TestLeidenLeavesNoNodeThatGainsByMoving(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, _, n := graphs(t)
		c := graph.Leiden(g, graph.LeidenOptions{Resolution: 1, Seed: 1})
		q := graph.Modularity(g, c, 1)
		for i := range n {
			targets, _ := g.Of(i)
			for _, j := range targets {
				moved := append([]int32(nil), c...)
				moved[i] = c[j]
				if graph.Modularity(g, moved, 1) > q+1e-7 {
					t.Fatalf("node %d gains by joining %d's community", i, j)
				}
			}
		}
	})
}

func singletons(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

func partsOf(g *graph.Graph, c []int32, x int32) int {
	seen := make([]bool, len(c))
	parts := 0
	for i := range c {
		if c[i] != x || seen[i] {
			continue
		}
		parts++
		stack := []int32{int32(i)}
		seen[i] = true
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			targets, _ := g.Of(int(v))
			for _, u := range targets {
				if c[u] == x && !seen[u] {
					seen[u] = true
					stack = append(stack, u)
				}
			}
		}
	}
	return parts
}

// ring is cliques of a size, each joined to the next by one edge.
func ring(cliques, size int) *graph.Graph {
	var edges []graph.Edge
	for c := range cliques {
		for i := range size {
			for j := range i {
				edges = append(edges, graph.Edge{A: int32(c*size + i), B: int32(c*size + j), Weight: 1})
			}
		}
		edges = append(edges, graph.Edge{A: int32(c * size), B: int32((c*size + size + 1) % (cliques * size)), Weight: 1})
	}
	return graph.FromEdges(cliques*size, edges)
}

func TestLeidenFindsCliquesAtAResolutionThatTellsThem(t *testing.T) {
	g := ring(12, 6)
	c := graph.Leiden(g, graph.LeidenOptions{Resolution: 1, Seed: 3})
	for i, x := range c {
		if int(x) != i/6 {
			t.Fatalf("node %d is in community %d: %v", i, x, c)
		}
	}
	// The control: at a low resolution the cliques are too fine.
	few := graph.Leiden(g, graph.LeidenOptions{Resolution: 0.2, Seed: 3})
	if last := few[len(few)-1]; last >= 11 {
		t.Fatalf("resolution 0.2 gave %d communities", last+1)
	}
}

func TestLeidenHoldsWhatIsUndecidedAndLetsGoWhatIsNot(t *testing.T) {
	g := ring(4, 6)
	start := make([]int32, g.Nodes())
	for i := range start {
		start[i] = int32(i / 12) // two cliques each, which resolution 1 leaves undecided or splits
	}
	held := graph.Leiden(g, graph.LeidenOptions{Resolution: 1, Seed: 1, Start: start, Hold: 2})
	if held[0] != held[6] || held[0] == held[12] {
		t.Fatalf("a strong hold let go: %v", held)
	}
	free := graph.Leiden(g, graph.LeidenOptions{Resolution: 3, Seed: 1, Start: start, Hold: 0.05})
	if free[0] == free[6] {
		t.Fatalf("a weak hold kept what the graph splits: %v", free)
	}
}

func TestModularityOfKnownPartition(t *testing.T) {
	// Two triangles joined by an edge: 2·(3/7 - (7/14)²).
	g := graph.FromEdges(6, []graph.Edge{{0, 1, 1}, {1, 2, 1}, {0, 2, 1}, {3, 4, 1}, {4, 5, 1}, {3, 5, 1}, {2, 3, 1}})
	if q := graph.Modularity(g, []int32{0, 0, 0, 1, 1, 1}, 1); math.Abs(q-5.0/14) > 1e-12 {
		t.Fatalf("modularity %v, want %v", q, 5.0/14)
	}
	if q := graph.Modularity(g, []int32{0, 0, 0, 0, 0, 0}, 1); math.Abs(q) > 1e-12 {
		t.Fatalf("modularity of the whole %v, want 0", q)
	}
	if alone, outside := graph.Modularity(g, singletons(6), 1), graph.Modularity(g, []int32{-1, -1, -1, -1, -1, -1}, 1); math.Abs(alone-outside) > 1e-12 {
		t.Fatalf("nodes alone %v, nodes in none %v", alone, outside)
	}
}

func TestCompactNumbersLabelsInTheOrderOfTheirFirst(t *testing.T) {
	for _, c := range []struct{ labels, want []int32 }{
		{nil, []int32{}},
		{[]int32{-1, -7}, []int32{-1, -1}},
		{[]int32{2, 0, -3, 2, 1}, []int32{0, 1, -1, 0, 2}},
		{[]int32{math.MaxInt32, 5, -1, math.MaxInt32, 0}, []int32{0, 1, -1, 0, 2}},
	} {
		got, count := graph.Compact(c.labels)
		if !slices.Equal(got, c.want) || count != int(slices.Max(append(c.want, -1)))+1 {
			t.Errorf("%v became %v, %d", c.labels, got, count)
		}
	}
}
