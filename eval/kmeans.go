package eval

import (
	"math"
	"math/rand/v2"

	"earshot/feedback"
)

// KMeansOptions says how KMeans groups. The zero value of every field but K has a default.
type KMeansOptions struct {
	K             int    // number of clusters, at least 1
	Restarts      int    // independent starts, of which the one with the lowest inertia is kept; default 1
	MaxIterations int    // of each start; default 100
	Seed          uint64 // the same points, options and seed give the same clusters
}

// KMeansResult is a grouping.
type KMeansResult struct {
	Assign     []int             // the cluster of each point, in [0, K)
	Centroids  []feedback.Vector // the mean of each cluster
	Inertia    float64           // sum of squared distances from each point to its centroid
	Iterations int               // of the start that was kept
}

// KMeans groups points of equal length with Lloyd's algorithm from a greedy k-means++ start (Arthur and Vassilvitskii
// 2007), as scikit-learn's KMeans does. With fewer points than K there are as many clusters as points. It is a plain
// yardstick that knows k; the product's own clusters come from package cluster.
func KMeans(points []feedback.Vector, o KMeansOptions) KMeansResult {
	if o.K < 1 {
		panic("eval: KMeans needs at least one cluster")
	}
	if len(points) == 0 {
		return KMeansResult{}
	}
	o.K = min(o.K, len(points))
	if o.MaxIterations < 1 {
		o.MaxIterations = 100
	}
	var best KMeansResult
	for start := range max(o.Restarts, 1) {
		rng := rand.New(rand.NewPCG(o.Seed, uint64(start)))
		if r := lloyd(points, seedCentroids(points, o.K, rng), o.MaxIterations); start == 0 || r.Inertia < best.Inertia {
			best = r
		}
	}
	return best
}

func squaredDistance(a, b feedback.Vector) float64 {
	d := feedback.Dot(a, a) + feedback.Dot(b, b) - 2*feedback.Dot(a, b)
	return float64(max(d, 0))
}

// seedCentroids draws each next centroid with probability proportional to the squared distance from the ones before,
// tries a few candidates, and keeps the one that lowers the sum most.
func seedCentroids(points []feedback.Vector, k int, rng *rand.Rand) []feedback.Vector {
	trials := 2 + int(math.Log(float64(k)))
	centroids := make([]feedback.Vector, 0, k)
	nearest := make([]float64, len(points))
	add := func(at int, distances []float64) {
		copy(nearest, distances)
		centroids = append(centroids, append(feedback.Vector(nil), points[at]...))
	}
	measure := func(at int) (distances []float64, sum float64) {
		distances = make([]float64, len(points))
		parallel(len(points), func(from, to int) {
			for i := from; i < to; i++ {
				distances[i] = squaredDistance(points[i], points[at])
				if len(centroids) > 0 {
					distances[i] = min(distances[i], nearest[i])
				}
			}
		})
		for _, d := range distances {
			sum += d
		}
		return distances, sum
	}
	first := rng.IntN(len(points))
	distances, sum := measure(first)
	add(first, distances)
	for len(centroids) < k {
		bestSum, bestAt, bestDistances := math.Inf(1), 0, nearest
		for range trials {
			at := draw(nearest, rng.Float64()*sum)
			if d, s := measure(at); s < bestSum {
				bestSum, bestAt, bestDistances = s, at, d
			}
		}
		sum = bestSum
		add(bestAt, bestDistances)
	}
	return centroids
}

// draw returns the index at which the running sum of weights passes target.
func draw(weights []float64, target float64) int {
	for i, w := range weights {
		if target -= w; target < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func lloyd(points, centroids []feedback.Vector, maxIterations int) KMeansResult {
	r := KMeansResult{Assign: make([]int, len(points)), Centroids: centroids}
	dims := len(points[0])
	distance := make([]float64, len(points))
	half := make([]float32, len(centroids))
	for i := range r.Assign {
		r.Assign[i] = -1
	}
	for {
		for c, v := range centroids {
			half[c] = feedback.Dot(v, v) / 2
		}
		next := make([]int, len(points))
		parallel(len(points), func(from, to int) {
			for i := from; i < to; i++ {
				// The nearest centroid has the highest p·c - |c|²/2.
				best, at := feedback.Dot(points[i], centroids[0])-half[0], 0
				for c := 1; c < len(centroids); c++ {
					if s := feedback.Dot(points[i], centroids[c]) - half[c]; s > best {
						best, at = s, c
					}
				}
				next[i] = at
				distance[i] = max(float64(feedback.Dot(points[i], points[i])-2*best), 0)
			}
		})
		r.Inertia = 0
		same := true
		for i, d := range distance {
			r.Inertia += d
			same = same && next[i] == r.Assign[i]
		}
		r.Assign = next
		if same || r.Iterations == maxIterations {
			return r
		}
		r.Iterations++
		moveCentroids(points, r.Assign, distance, centroids, dims)
	}
}

// moveCentroids sets each centroid to the mean of its points; a cluster that lost all its points restarts at the point
// that is farthest from its own centroid.
func moveCentroids(points []feedback.Vector, assigned []int, distance []float64, centroids []feedback.Vector, dims int) {
	sums := make([][]float64, len(centroids))
	for c := range sums {
		sums[c] = make([]float64, dims)
	}
	counts := make([]int, len(centroids))
	for i, c := range assigned {
		counts[c]++
		for d, x := range points[i] {
			sums[c][d] += float64(x)
		}
	}
	for c, n := range counts {
		if n == 0 {
			farthest := 0
			for i, d := range distance {
				if d > distance[farthest] {
					farthest = i
				}
			}
			distance[farthest] = 0
			copy(centroids[c], points[farthest])
			continue
		}
		for d := range centroids[c] {
			centroids[c][d] = float32(sums[c][d] / float64(n))
		}
	}
}
