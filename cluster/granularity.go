package cluster

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"

	"earshot/cluster/graph"
)

const (
	// How many clusters there are is judged on samples of so many rows, and of a few more where there are many (see
	// sampleSize). On all rows the answer would grow with their number: the more texts, the finer the groups into which they
	// fall apart cleanly, down to single turns of phrase.
	sampleRows = 1500
	// fewer is by what the mean of the logarithms is multiplied. How far one is off is measured as a part of the true number,
	// and by that twice as many are 100 % off, and half as many 50 %: the middle of a third more and a third less is below 1.
	fewer = 0.94
	// sharpness is by what part of the best another's separation, or part of rows, must fall behind to count e times less. With half of it a
	// lucky resolution decides; more of it pulls every number towards the middle of the ladder.
	sharpness = 0.08
	// mingled and separate are the parts of a sample's rows that are nearest to their own cluster, at most: below the first of
	// them the separation has no say in the number of clusters, from the second on nothing else has, and between them both.
	mingled, separate = 0.84, 0.88
	// finer is how many times more clusters a step of granularity asks for.
	finer = 1.35
	// enough is how many times more or fewer clusters than the data asks for may stand, and be enough. By so much what it
	// asks for may differ when a tenth more of it comes, where topics run into each other.
	enough     = 1.4
	candidates = 6
)

// circles are how many neighbours of each row are looked at, in parts of the root of a sample's rows. A wide circle runs
// topics of few texts together, a narrow one breaks up those of many: the numbers that they show are wrong for different
// reasons, and the mean of their logarithms is nearer to the truth than any of them.
var circles = [...]float64{0.25, 0.4, 0.65, 1.05}

// scale holds the resolutions from which one is chosen for a graph, each a tenth more than the one before: a number of
// clusters is met to about a twentieth, and two runs that differ by a hair choose the same one or its neighbour.
var scale = func() (out [scaleSteps]float64) {
	out[scaleStart] = 1
	for i := scaleStart + 1; i < scaleSteps; i++ {
		out[i] = out[i-1] * 1.1
	}
	for i := scaleStart - 1; i >= 0; i-- {
		out[i] = out[i+1] / 1.1
	}
	return out
}()

const (
	// coarseRows is with how many rows the resolution is chosen on a coarser graph.
	coarseRows = 30_000
	scaleSteps = 90
	scaleStart = 41  // resolution 1
	growth     = 0.6 // about how the number of clusters grows with the resolution: its logarithm with that of the other
)

// ladder lists the resolutions at which a sample is grouped, from a handful of clusters to one to a few rows.
var ladder = func() []float64 {
	var out []float64
	for r := 0.2; r < 120; r *= 1.6 {
		out = append(out, r)
	}
	return out
}()

// step is the grouping at one resolution.
type step struct {
	resolution float64
	rows       []int32
	clusters   int  // those that are large enough
	asStands   bool // looked at only because about so many clusters stand
}

// judgement is what one circle shows of a sample: logarithms of numbers of clusters.
type judgement struct {
	apart   float64 // where clusters stand farthest apart
	nearest float64 // where the largest part of the rows is nearest to its own cluster
	part    float64 // that part, 0 to 1
}

// judge says how many clusters the rows have. Of samples of the rows it is the number at which the clusters stand farthest
// apart, and, the fewer rows are nearest to their own cluster, the more the number at which most are: where topics run into each
// other, handfuls of texts that share a rare word stand farther apart than topics do, however far one goes (graph.Separation).
// Each is a mean over all numbers, with a weight that falls with what is measured, and over all circles.
func (s *Stage) judge(ctx context.Context, g *groups) (float64, error) {
	rows := g.space.matrix.Rows
	if rows == 0 {
		return 1, nil // of which nothing is known
	}
	size := sampleSize(rows)
	draws := max(1, min(len(circles), 3*rows/(2*size)))
	shown, errs := make([][]judgement, draws), make([]error, draws)
	var reporting sync.Mutex
	done := 0
	err := parallel(ctx, draws, func(i int) {
		shown[i], errs[i] = s.judgeSample(ctx, g.sample(uint64(i), size), circlesOf(i, draws), min(3, g.minSize))
		reporting.Lock()
		defer reporting.Unlock()
		done++
		s.c.Progress("judge", done, draws)
	})
	if err := cmp.Or(err, errors.Join(errs...)); err != nil {
		return 0, err
	}
	var mean judgement
	for _, j := range slices.Concat(shown...) {
		mean.apart += j.apart / float64(len(circles))
		mean.nearest += j.nearest / float64(len(circles))
		mean.part += j.part / float64(len(circles))
	}
	return fewer * math.Exp(mean.settle()), nil
}

// settle gives the logarithm of the number of clusters.
func (j judgement) settle() float64 {
	say := max(0, min(1, (j.part-mingled)/(separate-mingled)))
	return float64(say*j.apart) + float64((1-say)*j.nearest)
}

// circlesOf deals the circles out to so many draws, one after the other.
func circlesOf(i, draws int) (out []float64) {
	for ; i < len(circles); i += draws {
		out = append(out, circles[i])
	}
	return out
}

// sampleSize is how many of so many rows a sample has: a tenth more each time the rows double, so that more data shows
// somewhat more detail.
func sampleSize(rows int) int {
	size := float64(sampleRows)
	for n := 2 * sampleRows; n <= rows; n *= 2 {
		size *= 1.1
	}
	return min(rows, int(size))
}

// sample takes the rows whose excerpts' ids come first when mixed with the number of the draw: a sample of the same rows
// stays the same, and most of it stays when rows are added.
func (g *groups) sample(draw uint64, size int) graph.Matrix {
	all := g.space.matrix
	if all.Rows <= size {
		return all
	}
	type lot struct {
		at  uint64
		row int
	}
	lots := make([]lot, all.Rows)
	for r := range lots {
		lots[r] = lot{mix(g.space.keys[r] ^ mix(draw+1)), r}
	}
	slices.SortFunc(lots, func(a, b lot) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.row, b.row)) })
	lots = lots[:size]
	slices.SortFunc(lots, func(a, b lot) int { return cmp.Compare(a.row, b.row) })
	out := graph.Matrix{Rows: size, Dims: all.Dims, Data: make([]float32, 0, size*all.Dims)}
	for _, l := range lots {
		out.Data = append(out.Data, all.Row(l.row)...)
	}
	return out
}

// judgeSample says what each of the circles, which are rising, shows of a sample. The run's seed has no part in it: how
// many clusters there are is a matter of the data.
func (s *Stage) judgeSample(ctx context.Context, m graph.Matrix, circles []float64, least int) ([]judgement, error) {
	neighbours := func(circle float64) int { return max(5, min(m.Rows/10, int(circle*math.Sqrt(float64(m.Rows))))) }
	near, err := graph.Nearest(ctx, m, graph.NearestOptions{K: neighbours(circles[len(circles)-1])})
	if err != nil {
		return nil, err
	}
	out := make([]judgement, len(circles))
	for c, circle := range circles {
		joined := graph.Build(near.First(neighbours(circle)))
		clusters, apart, nearest := make([]float64, len(ladder)), make([]float64, len(ladder)), make([]float64, len(ladder))
		err = parallel(ctx, len(ladder), func(i int) {
			rows := graph.Leiden(joined, graph.LeidenOptions{Resolution: ladder[i], Seed: uint64(c)})
			clusters[i] = math.Log(float64(max(1, withoutSmall(rows, least))))
			apart[i], nearest[i] = graph.Separation(m, rows)
		})
		if err != nil {
			return nil, err
		}
		var most float64
		out[c].apart, most = weigh(clusters, apart)
		out[c].nearest, out[c].part = weigh(clusters, nearest)
		if most == 0 {
			out[c].nearest = 0 // of what nowhere stands apart there is one cluster, whatever its rows are nearest to
		}
	}
	return out, nil
}

// weigh gives the mean of the logarithms of the numbers of clusters at all resolutions, weighed by what was measured at
// each, and the highest of that, smoothed; 0, for one cluster, where nothing is above 0.
func weigh(clusters, measured []float64) (mean, best float64) {
	measured = smooth(measured)
	for i, x := range measured {
		if clusters[i] > 0 {
			best = max(best, x)
		}
	}
	if best == 0 {
		return 0, 0
	}
	var sum, weights float64
	for i, x := range measured {
		if clusters[i] > 0 {
			w := math.Exp((x/best - 1) / sharpness)
			sum += float64(w * clusters[i])
			weights += w
		}
	}
	return sum / weights, best
}

// smooth takes the middle one of each value and its neighbours, for one resolution's grouping may be lucky, and then half of
// each and a quarter of each neighbour's.
func smooth(x []float64) []float64 {
	around := func(x []float64, i int) (before, after float64) { return x[max(0, i-1)], x[min(len(x)-1, i+1)] }
	calm, out := make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		before, after := around(x, i)
		calm[i] = max(min(before, x[i]), min(max(before, x[i]), after))
	}
	for i := range calm {
		before, after := around(calm, i)
		out[i] = calm[i]/2 + before/4 + after/4
	}
	return out
}

// withoutSmall takes out the groups of fewer rows and counts the others.
func withoutSmall(rows []int32, least int) int {
	sizes := make([]int, len(rows))
	for _, c := range rows {
		sizes[c]++
	}
	for r, c := range rows {
		if sizes[c] < least {
			rows[r] = -1
		}
	}
	n := 0
	for _, size := range sizes {
		if size > 0 && size >= least {
			n++
		}
	}
	return n
}

// climb groups the rows at the resolutions around the one that gives as many clusters as the data and the granularity
// ask for, and where about as many stand, around the one that gives just as many. It gives them in rising order.
func (s *Stage) climb(ctx context.Context, g *groups, standing int) ([]step, error) {
	wanted, err := s.judge(ctx, g)
	if err != nil {
		return nil, err
	}
	// A whole number: for one between two numbers a resolution would be taken at which the clusters are about to fall apart or
	// to become one, and what stands would not hold there.
	g.wanted = max(1, math.Round(wanted*math.Pow(finer, float64(s.c.Granularity))))
	c := &climber{stage: s, g: g, near: g.near, found: make(map[int]step), made: make(map[int]step)}
	if g.near.Nodes() > coarseRows {
		c.near, c.of = graph.Coarsen(g.near, coarseRows, s.c.Seed, g.stop)
	}
	targets := []float64{g.wanted}
	if x := float64(standing) / g.wanted; x > 1/enough && x < enough {
		targets = append(targets, float64(standing))
	}
	for i, t := range targets {
		c.asStands = i > 0
		if err := c.reach(ctx, t); err != nil {
			return nil, err
		}
	}
	return c.steps(), nil
}

// wide groups the rows at resolutions from about a quarter to about thirty, in rising order.
func (s *Stage) wide(ctx context.Context, g *groups) ([]step, error) {
	c := &climber{stage: s, g: g, near: g.near, found: make(map[int]step), made: make(map[int]step)}
	var at []int
	for i := scaleStart - 15; i <= scaleStart+36; i += 3 {
		at = append(at, i)
	}
	if err := c.group(ctx, at...); err != nil {
		return nil, err
	}
	return c.steps(), nil
}

// choose gives the indices of the steps that are as good as each other, the one nearest to the wanted number of clusters
// first. Those looked at for the sake of what stands come behind, so that the same data gives the same first choice.
func (s *Stage) choose(g *groups, steps []step) []int {
	off := func(i int) float64 { return math.Abs(math.Log(float64(max(1, steps[i].clusters)) / g.wanted)) }
	out := make([]int, len(steps))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int {
		if steps[a].asStands != steps[b].asStands {
			if steps[b].asStands {
				return -1
			}
			return 1
		}
		if math.Abs(off(a)-off(b)) < 1e-9 {
			return 0 // a hair's breadth doesn't decide: machines round logarithms differently
		}
		return cmp.Compare(off(a), off(b))
	})
	out = slices.DeleteFunc(out, func(i int) bool { return i != out[0] && off(i) >= math.Log(enough) })
	most := candidates
	if g.near.Nodes() > coarseRows {
		most = 2
	}
	return out[:min(len(out), most)]
}

// clusters counts the groups that are large enough.
func (g *groups) clusters(rows []int32) int {
	rows, count := graph.Compact(rows)
	sizes := make([]int, count)
	for r, c := range rows {
		if c >= 0 {
			sizes[c] += len(g.space.points[r])
		}
	}
	n := 0
	for _, size := range sizes {
		if size >= g.minSize {
			n++
		}
	}
	return n
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

// keyOf is a number that stands for an excerpt, whatever others there are.
func keyOf(id [16]byte) uint64 {
	return binary.BigEndian.Uint64(id[:8]) ^ binary.BigEndian.Uint64(id[8:])
}
