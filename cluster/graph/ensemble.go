package graph

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// ensemble is how many groupings are found side by side. With four, seeds agree less; sixteen gain nothing on eight.
const ensemble = 8

// Ensemble finds communities as [Leiden] does, in about a dozen times its work, and such as depend less on the seed: nodes that
// several runs from different seeds all put together are joined into one, and the joined graph is grouped in the same
// way, until nothing is left on which the runs agree. From there Leiden goes on over the nodes, one by one. It takes the core groups of
// Ovelgönne and Geyer-Schulz (2012), "An Ensemble Learning Strategy for Graph Clustering". o.Start and o.Hold are not looked at.
func Ensemble(g *Graph, o LeidenOptions) []int32 {
	if o.Resolution <= 0 {
		o.Resolution = 1
	}
	o.Start, o.Hold = nil, 0
	of := make([]int32, g.Nodes()) // the joined node of each node
	for i := range of {
		of[i] = int32(i)
	}
	rng := rand.New(rand.NewPCG(o.Seed, 0x656e73656d626c65))
	current := g
	for {
		found := side(current, o, rng)
		best := highest(current, found, o.Resolution)
		cores, count := common(found)
		if count < current.Nodes() && (o.Stop == nil || !o.Stop()) {
			next := newLevel(current, o).aggregate(cores, count)
			current = &Graph{Start: next.Start, Target: next.Target, Weight: next.Weight, Strength: next.strength}
			for i := range of {
				of[i] = cores[of[i]]
			}
			continue
		}
		o.Start = make([]int32, len(of))
		for i := range of {
			o.Start[i] = best[of[i]]
		}
		return Leiden(g, o)
	}
}

// side groups the graph from several seeds, at the same time.
func side(g *Graph, o LeidenOptions, rng *rand.Rand) [][]int32 {
	out := make([][]int32, ensemble)
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for i := range out {
		own := o
		own.Seed = rng.Uint64()
		wait.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			out[i] = Leiden(g, own)
		})
	}
	wait.Wait()
	return out
}

// highest gives the communities with the highest modularity, of equals the first.
func highest(g *Graph, found [][]int32, resolution float64) []int32 {
	var best []int32
	most := math.Inf(-1)
	for _, c := range found {
		if q := Modularity(g, c, resolution); q > most {
			best, most = c, q
		}
	}
	return best
}

// common gives the groups of nodes that are in one community everywhere, numbered in the order of their first nodes, and how
// many there are.
func common(found [][]int32) ([]int32, int) {
	out := make([]int32, len(found[0]))
	count := 0
	for _, communities := range found {
		type pair struct{ group, community int32 }
		number := make(map[pair]int32)
		for i, c := range communities {
			p := pair{out[i], c}
			n, ok := number[p]
			if !ok {
				n = int32(len(number))
				number[p] = n
			}
			out[i] = n
		}
		count = len(number)
	}
	return out, count
}
