package graph_test

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"earshot/cluster/graph"
)

// blurred is a graph of twelve groups of twenty nodes that are joined to each other nearly as much as within.
func blurred() *graph.Graph {
	rng := rand.New(rand.NewPCG(1, 2))
	var edges []graph.Edge
	for a := range 240 {
		for b := range a {
			p := 0.035
			if a%12 == b%12 {
				p = 0.2
			}
			if rng.Float64() < p {
				edges = append(edges, graph.Edge{A: int32(a), B: int32(b), Weight: 1})
			}
		}
	}
	return graph.FromEdges(240, edges)
}

// together is the part of the pairs of nodes that are in one community in either of two groupings and are so in both.
func together(a, b []int32) float64 {
	both, either := 0, 0
	for i := range a {
		for j := range i {
			x, y := a[i] == a[j], b[i] == b[j]
			if x && y {
				both++
			}
			if x || y {
				either++
			}
		}
	}
	return float64(both) / float64(either)
}

func TestEnsemblesOfTwoSeedsAgreeMoreThanSingleRunsAndReachAHigherModularity(t *testing.T) {
	g := blurred()
	const seeds = 8
	measure := func(group func(*graph.Graph, graph.LeidenOptions) []int32) (agreement, modularity float64) {
		var found [][]int32
		for seed := range uint64(seeds) {
			c := group(g, graph.LeidenOptions{Resolution: 1.5, Seed: seed})
			modularity += graph.Modularity(g, c, 1.5) / seeds
			for _, other := range found {
				agreement += together(c, other) / (seeds * (seeds - 1) / 2)
			}
			found = append(found, c)
		}
		return agreement, modularity
	}
	agree, high := measure(graph.Ensemble)
	single, low := measure(graph.Leiden)
	if agree < single+0.1 {
		t.Errorf("two seeds agree on %.3f of the pairs, single runs on %.3f", agree, single)
	}
	if high <= low {
		t.Errorf("the mean modularity is %.4f, that of single runs %.4f", high, low)
	}
}

func TestEnsembleGivesTheSameForTheSameSeedAndConnectedCommunitiesInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, _, n := graphs(t)
		o := graph.LeidenOptions{Resolution: rapid.SampledFrom([]float64{0, 0.3, 4}).Draw(t, "resolution"), Seed: rapid.Uint64().Draw(t, "seed")}
		c := graph.Ensemble(g, o)
		if len(c) != n {
			t.Fatalf("%d communities for %d nodes", len(c), n)
		}
		if !slices.Equal(c, graph.Ensemble(g, o)) {
			t.Fatal("the same seed gave something else")
		}
		if dense, _ := graph.Compact(c); !slices.Equal(c, dense) {
			t.Fatalf("not numbered in the order of the first nodes: %v", c)
		}
		for i := range c {
			if slices.Contains(c[:i], c[i]) && !reaches(g, c, i) {
				t.Fatalf("node %d is not connected to the rest of its community: %v", i, c)
			}
		}
	})
}

// reaches says whether a way through its community leads from a node to the first of it.
func reaches(g *graph.Graph, community []int32, from int) bool {
	first := slices.Index(community, community[from])
	seen := map[int]bool{from: true}
	for next := []int{from}; len(next) > 0; {
		v := next[0]
		next = next[1:]
		if v == first {
			return true
		}
		targets, _ := g.Of(v)
		for _, u := range targets {
			if community[u] == community[from] && !seen[int(u)] {
				seen[int(u)] = true
				next = append(next, int(u))
			}
		}
	}
	return false
}

func TestEnsembleStopsWhenItIsTold(t *testing.T) {
	var asked atomic.Int64
	c := graph.Ensemble(blurred(), graph.LeidenOptions{Resolution: 1.5, Stop: func() bool { asked.Add(1); return true }})
	if len(c) != 240 || asked.Load() == 0 {
		t.Fatalf("%d communities, asked %d times", len(c), asked.Load())
	}
}
