package cluster

import (
	"cmp"
	"runtime"
	"slices"
	"sync"

	"earshot/feedback"
)

const (
	// marginShare of the members of a cluster lead their runner-up by less than its margin.
	marginShare = 0.05
	// runnersUp is how many clusters, those with the nearest centroids, are looked at for the runner-up of a member.
	runnersUp = 12
)

// margins gives for each cluster by how much a new excerpt's cosine to it must lead that to any other: a low percentile
// of what its own members lead by, and nothing where many of them are nearer to another centroid, for then nearness to
// the centroid isn't what holds the cluster together.
func (g *groups) margins() []float64 {
	count := len(g.members)
	margins := make([]float64, count)
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for c := range count {
		wait.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			margins[c] = g.margin(c)
		})
	}
	wait.Wait()
	return margins
}

func (g *groups) margin(c int) float64 {
	type rival struct {
		cluster int
		cosine  float32
	}
	rivals := make([]rival, 0, len(g.centroids))
	for other, centroid := range g.centroids {
		if other != c {
			rivals = append(rivals, rival{other, feedback.Dot(g.centroids[c], centroid)})
		}
	}
	if len(rivals) == 0 {
		return 0
	}
	slices.SortFunc(rivals, func(a, b rival) int {
		return cmp.Or(cmp.Compare(b.cosine, a.cosine), cmp.Compare(a.cluster, b.cluster))
	})
	rivals = rivals[:min(runnersUp, len(rivals))]
	leads := make([]float64, len(g.members[c]))
	vector := make(feedback.Vector, g.vectors.dims)
	for i, p := range g.members[c] {
		g.vectors.read(int(p), vector)
		second := float32(-1)
		for _, r := range rivals {
			second = max(second, feedback.Dot(vector, g.centroids[r.cluster]))
		}
		leads[i] = float64(feedback.Dot(vector, g.centroids[c]) - second)
	}
	slices.Sort(leads)
	return max(0, leads[int(marginShare*float64(len(leads)))])
}
