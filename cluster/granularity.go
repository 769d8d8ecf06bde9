package cluster

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync"

	"earshot/cluster/graph"
)

// ladder lists the resolutions that are tried, from few large clusters to many small ones.
var ladder = []float64{0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 11, 16, 22, 32}

const (
	// The number of clusters that is expected before the data is seen, expectedFactor·rows^expectedPower, and no more than
	// one to expectedRows rows: about 27 for 500 texts and 72 for 13,000.
	expectedFactor = 4.2
	expectedPower  = 0.3
	expectedRows   = 10.0
	// surprise is what it costs to be e times more or fewer than expected, as a part of the best separation.
	surprise = 0.2
	// nearly is how much less a grouping may score to be as good a choice when clusters stand already.
	nearly     = 0.06
	candidates = 4
	// finer is how many times more clusters a step of granularity asks for.
	finer = 1.35
)

// step is the grouping at one resolution of the ladder.
type step struct {
	resolution float64
	rows       []int32
	clusters   int // those that are large enough
	score      float64
}

// climb groups the rows at every resolution and scores each grouping: how far its clusters stand apart, as a part of the
// best, less the surprise at their number.
func (s *Stage) climb(ctx context.Context, g *groups) ([]step, error) {
	steps := make([]step, len(ladder))
	separation := make([]float64, len(ladder))
	done := 0
	var mutex sync.Mutex
	err := parallel(ctx, len(ladder), func(i int) {
		rows := graph.Leiden(g.near, graph.LeidenOptions{Resolution: ladder[i], Seed: s.c.Seed})
		steps[i] = step{resolution: ladder[i], rows: rows}
		large := slices.Clone(rows)
		g.dissolve(large)
		separation[i] = graph.Separation(g.space.matrix, large)
		mutex.Lock()
		defer mutex.Unlock()
		done++
		s.c.Progress("group", done, len(ladder))
	})
	if err != nil {
		return nil, err
	}
	best := 0.0
	for i := range steps {
		if steps[i].clusters = g.clusters(steps[i].rows); steps[i].clusters > 0 {
			best = max(best, separation[i])
		}
	}
	n := float64(g.near.Nodes())
	expected := max(1, min(expectedFactor*math.Pow(n, expectedPower), n/expectedRows))
	for i := range steps {
		if steps[i].clusters == 0 {
			steps[i].score = math.Inf(-1)
			continue
		}
		off := math.Log(float64(steps[i].clusters) / expected)
		steps[i].score = -float64(surprise * float64(off*off))
		if best > 0 {
			steps[i].score += separation[i] / best
		}
	}
	return steps, nil
}

// clusters counts the groups that are large enough.
func (g *groups) clusters(rows []int32) int {
	sizes := make(map[int32]int)
	for r, c := range rows {
		sizes[c] += len(g.space.points[r])
	}
	n := 0
	for c, size := range sizes {
		if c >= 0 && size >= g.minSize {
			n++
		}
	}
	return n
}

// choose gives the indices of the steps that score best, or nearly so, the best first; or of the one step that has more
// or fewer clusters than the best, as configured.
func (s *Stage) choose(g *groups, steps []step) []int {
	best := math.Inf(-1)
	for _, x := range steps {
		best = max(best, x.score)
	}
	var out []int
	for i, x := range steps {
		if x.score >= best-nearly {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int {
		if math.Abs(steps[a].score-steps[b].score) < 1e-9 {
			return 0 // a hair's breadth doesn't decide: machines round logarithms differently
		}
		return cmp.Compare(steps[b].score, steps[a].score)
	})
	out = out[:min(len(out), candidates)]
	if s.c.Granularity != 0 {
		out = []int{g.moreOrFewer(steps, out[0], s.c.Granularity)}
	}
	return out
}

// moreOrFewer is the step whose number of clusters is nearest to that of step from, times finer for each step asked for.
func (g *groups) moreOrFewer(steps []step, from, granularity int) int {
	best, nearest := from, math.Inf(1)
	goal := math.Log(float64(max(steps[from].clusters, 1))) + float64(granularity)*math.Log(finer)
	for i, x := range steps {
		off := math.Abs(math.Log(float64(max(x.clusters, 1))) - goal)
		// Of equals it is the one farther out in the direction asked for.
		if off < nearest-1e-9 || granularity > 0 && off < nearest+1e-9 {
			best, nearest = i, off
		}
	}
	return best
}

// parallel does n pieces of work, as many at once as there are processors. Work writes by its index alone.
func parallel(ctx context.Context, n int, work func(i int)) error {
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			if ctx.Err() == nil {
				work(i)
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}
