package cluster

import (
	"context"
	"math"
	"slices"

	"earshot/cluster/graph"
	"earshot/feedback"
)

const (
	neighbours = 15 // of each row in the graph; fewer where there are fewer than ten times as many rows
	// hold binds an excerpt to the cluster in which it stands, as a part of all its ties: enough to keep what is
	// undecided where it is, too little to keep together what the data pulls apart.
	hold = 0.2
	// drift is how much of the modularity may be given up for the sake of standing clusters before they are left behind.
	drift = 0.03
	// settling is how often a grouping is repeated, each from the one before, until it stays as it is.
	settling    = 12
	fewSettling = 4 // with more than coarseRows rows
	// ensembleRows is with how many rows at the most what is found afresh is found by an ensemble. The fewer texts a topic has, the more
	// seeds differ; with more rows it would be a third of the run's time.
	ensembleRows = 5000
)

// groups is a grouping of the points, clusters numbered from 0, and what later steps find out about it.
type groups struct {
	label     []int32   // of each point; -1 for nowhere
	members   [][]int32 // points of each cluster, rising
	centroids []feedback.Vector
	floors    []float64
	cohesion  []float64 // mean cosine between the rows of each cluster, in the space of rows

	wanted      float64     // clusters that the data and the granularity ask for
	stop        func() bool // whether the run was stopped
	keeper      *keeper     // of what was found so far, for when the run is stopped
	recall      float64     // of the search for neighbours, 0 to 1
	resolution  float64
	minSize     int
	rows        []int32 // the cluster of each row, as found
	lonely      []bool  // rows that are near to nothing
	space       *space
	vectors     *vectors     // of the points
	near        *graph.Graph // of the rows
	ids         []feedback.ClusterID
	kept        []bool // whether the cluster's content is still what it was named for
	theme       []int  // of each cluster
	themeIDs    []feedback.ThemeID
	themeKept   []bool
	lineage     []feedback.Lineage
	retired     []feedback.Cluster
	ofRows      *binding    // what people decided of the rows; nil where nobody decided anything
	ofPoints    *binding    // the same of the points
	claims      map[int]int // cluster as which each standing cluster goes on by decision, by their numbers
	unmet       []feedback.Unmet
	unbound     int // clusters that the data alone gives; counted only where somebody decided something
	nextCluster feedback.ClusterID
	nextTheme   feedback.ThemeID
}

// group finds the clusters. It starts from those that stand, or afresh where there are none or where the data has
// outgrown them, and repeats until nothing changes: what it finds is a fixed point, so that the same data gives it again.
func (s *Stage) group(ctx context.Context, points []feedback.Point, vectors *vectors, standing feedback.Standing) (*groups, error) {
	g := &groups{space: newSpace(points, vectors), vectors: vectors, minSize: s.c.MinSize}
	g.stop = func() bool { return ctx.Err() != nil }
	if g.minSize == 0 {
		g.minSize = max(3, int(math.Round(0.75*math.Sqrt(math.Sqrt(float64(len(points)))))))
	}
	g.keeper = s.keeper(g)
	near, err := s.neighbourhood(ctx, g)
	if err != nil {
		return nil, err
	}
	g.near, g.recall = graph.Build(near), near.Recall
	stood := standingRows(g.space, points, standing)
	steps, err := s.resolutions(ctx, g, stood)
	if err != nil {
		return nil, err
	}
	g.lonely = g.isolated(near)
	choices := s.choose(g, steps)
	if g.ofRows, g.ofPoints = bindings(g.space, points, standing, stood); g.ofRows != nil {
		g.ofRows.near, g.unbound = g.near, steps[choices[0]].clusters
	}
	rows, err := s.grouping(ctx, g, steps, choices, stood, points, standing)
	if err != nil {
		return nil, err
	}
	g.finish(rows, points, standing)
	return g, nil
}

// neighboursOf is the neighbours of each of so many rows.
func neighboursOf(rows int) int { return min(neighbours, max(5, rows/10)) }

// regroup starts from what stands, at each resolution that is nearly the best, and keeps the result that moves the fewest
// rows. It gives nil where nothing stands, and where the data is grouped much better afresh.
func (s *Stage) regroup(ctx context.Context, g *groups, steps []step, choices []int, standing []int32, lonely []bool) ([]int32, error) {
	if standing == nil {
		return nil, nil
	}
	results := make([][]int32, len(choices))
	err := parallel(ctx, len(choices), func(i int) {
		results[i] = g.settle(standing, steps[choices[i]].resolution, lonely, s.c.Seed)
	})
	if err != nil {
		return nil, err
	}
	best, fewest, joined := -1, 0, 0
	for i, rows := range results {
		x := steps[choices[i]]
		// A resolution that comes into question for the number that stands alone is looked at again next time only if that is
		// the number still: with another one, the same data could be grouped differently then.
		if x.asStands && g.clusters(rows) != g.clusters(standing) {
			continue
		}
		left, fresh := moved(standing, rows)
		// What moves nothing at all is the same data again, and settled before. What is found afresh is tidied for the
		// comparison, for rows that belong nowhere cost modularity, and the others are not to blame for them.
		if left+fresh > 0 && graph.Modularity(g.near, rows, x.resolution) < (1-drift)*graph.Modularity(g.near, g.bound(g.tidy(x.rows, lonely)), x.resolution) {
			continue
		}
		if best < 0 || left < fewest || left == fewest && fresh < joined {
			best, fewest, joined = i, left, fresh
		}
	}
	if best < 0 {
		return nil, nil
	}
	g.resolution = steps[choices[best]].resolution
	return results[best], nil
}

// moved counts the rows that leave the group that most of their own group goes to, and those that stood in none and now
// are in one.
func moved(from, to []int32) (left, fresh int) {
	type pair struct{ a, b int32 }
	counts := make(map[pair]int)
	most := make(map[int32]int)
	origins := make(map[int32]map[int32]bool)
	for i, a := range from {
		b := to[i]
		if a < 0 {
			if b >= 0 {
				fresh++
			}
			continue
		}
		left++
		p := pair{a, b}
		counts[p]++
		if b >= 0 {
			most[a] = max(most[a], counts[p])
			if origins[b] == nil {
				origins[b] = make(map[int32]bool)
			}
			origins[b][a] = true
		}
	}
	for _, stay := range most {
		left -= stay
	}
	for _, sources := range origins {
		left += len(sources) - 1 // groups that became one moved too
	}
	return left, fresh
}

// standingRows gives each row the cluster in which most of its points stand, as a number from 0, or nil when nothing
// stands.
func standingRows(sp *space, points []feedback.Point, standing feedback.Standing) []int32 {
	number := make(map[feedback.ClusterID]int32)
	for i, c := range standing.Clusters {
		number[c.ID] = int32(i)
	}
	out := make([]int32, len(sp.points))
	any := false
	for r, members := range sp.points {
		votes := make(map[int32]int)
		best := int32(-1)
		for _, p := range members {
			c, ok := number[points[p].Cluster]
			if !ok {
				continue
			}
			votes[c]++
			if best < 0 || votes[c] > votes[best] || votes[c] == votes[best] && c < best {
				best = c
			}
		}
		out[r] = best
		any = any || best >= 0
	}
	if !any {
		return nil
	}
	return out
}

// settle groups the rows, each time from the grouping before, until it stays.
func (g *groups) settle(start []int32, resolution float64, lonely []bool, seed uint64) []int32 {
	times, rounds := settling, 0
	if len(start) > coarseRows {
		times, rounds = fewSettling, 2 // each takes long, and moves little after the first
	}
	for range times {
		next := graph.Leiden(g.near, graph.LeidenOptions{Resolution: resolution, Seed: seed, Start: start, Hold: hold, Rounds: rounds, Stop: g.stop})
		if g.stop() {
			break
		}
		next, _ = graph.Compact(g.bound(g.tidy(next, lonely)))
		if slices.Equal(next, start) {
			break
		}
		start = next
	}
	return start
}

// finish carries the grouping of rows over to the points, and measures each cluster.
func (g *groups) finish(rows []int32, points []feedback.Point, standing feedback.Standing) {
	g.label = make([]int32, len(points))
	for i, r := range g.space.rowOf {
		g.label[i] = -1
		if r >= 0 {
			g.label[i] = rows[r]
		}
	}
	g.bind(points, standing)
	rows = slices.Clone(rows)
	count := 0
	for i, c := range g.label {
		if r := g.space.rowOf[i]; r >= 0 {
			rows[r] = c // of points that people parted the last one speaks for the row
		}
		count = max(count, int(c)+1)
	}
	g.rows = rows
	g.members = make([][]int32, count)
	for i, c := range g.label {
		if c >= 0 {
			g.members[c] = append(g.members[c], int32(i))
		}
	}
	means, sizes := graph.Means(g.space.matrix, rows, count)
	for c, members := range g.members {
		centroid, floor := centre(g.vectors, members)
		g.centroids = append(g.centroids, centroid)
		g.floors = append(g.floors, floor)
		g.cohesion = append(g.cohesion, cohesion(means.Row(c), sizes[c]))
	}
}

// cohesion is the mean cosine between different rows, by the length of their mean; 1 for a single row.
func cohesion(mean []float32, n int) float64 {
	if n < 2 {
		return 1
	}
	var sum float64
	for _, x := range mean {
		sum += float64(float64(x) * float64(x))
	}
	return (float64(sum*float64(n)) - 1) / float64(n-1)
}

// floorShare of the members of a cluster are less like the others than its floor.
const floorShare = 0.1

// centre gives the centroid of a cluster, and the floor for those who would join it: a low percentile of what its own
// members would score, each against the others alone.
func centre(vectors *vectors, members []int32) (feedback.Vector, float64) {
	sum := make([]float64, vectors.dims)
	vector := make(feedback.Vector, vectors.dims)
	for _, p := range members {
		for d, x := range vectors.read(int(p), vector) {
			sum[d] += float64(x)
		}
	}
	var square float64
	for _, x := range sum {
		square += float64(x * x)
	}
	centroid := make(feedback.Vector, len(sum))
	if square == 0 {
		return centroid, 1 // people put nothing but texts there that say nothing the model knows
	}
	scale := 1 / math.Sqrt(square)
	for d, x := range sum {
		centroid[d] = float32(float64(x * scale))
	}
	scores := make([]float64, 0, len(members))
	for _, p := range members {
		var inside float64
		for d, x := range vectors.read(int(p), vector) {
			inside += float64(float64(x) * sum[d])
		}
		// Without the member itself: its product with the sum loses 1, the sum's square loses twice the product less 1.
		if rest := square - 2*inside + 1; rest > 1e-9 {
			scores = append(scores, (inside-1)/math.Sqrt(rest))
		}
	}
	if len(scores) == 0 {
		return centroid, 1
	}
	slices.Sort(scores)
	return centroid, max(0, min(1, scores[int(floorShare*float64(len(scores)))]))
}
