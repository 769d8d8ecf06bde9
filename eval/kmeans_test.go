package eval

import (
	"math/rand/v2"
	"slices"
	"testing"

	"earshot/feedback"
)

// blobs draws unit vectors around k random directions.
func blobs(k, each, dims int, spread float64) (points []feedback.Vector, gold []int) {
	rng := rand.New(rand.NewPCG(3, 4))
	for c := range k {
		centre := make([]float64, dims)
		for d := range centre {
			centre[d] = rng.NormFloat64()
		}
		for range each {
			v := make(feedback.Vector, dims)
			for d := range v {
				v[d] = float32(centre[d] + spread*rng.NormFloat64())
			}
			feedback.Normalize(v)
			points, gold = append(points, v), append(gold, c)
		}
	}
	return points, gold
}

func TestKMeansFindsClustersThatStandApart(t *testing.T) {
	points, gold := blobs(8, 40, 32, 0.2)
	fit := KMeans(points, KMeansOptions{K: 8, Restarts: 3, Seed: 1})
	if ari := ARI(gold, fit.Assign); ari != 1 {
		t.Errorf("ARI %v, want 1", ari)
	}
	if len(fit.Centroids) != 8 || !(fit.Inertia > 0) {
		t.Errorf("got %d centroids and inertia %v", len(fit.Centroids), fit.Inertia)
	}
}

func TestKMeansGivesTheSameClustersForTheSameSeed(t *testing.T) {
	points, _ := blobs(8, 40, 32, 1.5)
	a := KMeans(points, KMeansOptions{K: 8, Seed: 7})
	b := KMeans(points, KMeansOptions{K: 8, Seed: 7})
	if !slices.Equal(a.Assign, b.Assign) || a.Inertia != b.Inertia {
		t.Error("two runs differ")
	}
}

func TestKMeansRestartsNeverRaiseTheInertia(t *testing.T) {
	points, _ := blobs(12, 20, 16, 1)
	one := KMeans(points, KMeansOptions{K: 12, Seed: 1})
	five := KMeans(points, KMeansOptions{K: 12, Seed: 1, Restarts: 5})
	if five.Inertia > one.Inertia {
		t.Errorf("five starts %v, one %v", five.Inertia, one.Inertia)
	}
}

func TestKMeansWithFewOrEqualPoints(t *testing.T) {
	if fit := KMeans(nil, KMeansOptions{K: 3}); len(fit.Assign) != 0 {
		t.Errorf("no points: %v", fit.Assign)
	}
	same := []feedback.Vector{{1, 0}, {1, 0}, {1, 0}, {1, 0}}
	if fit := KMeans(same, KMeansOptions{K: 3}); len(fit.Assign) != 4 || fit.Inertia != 0 {
		t.Errorf("equal points: %+v", fit)
	}
	two := []feedback.Vector{{1, 0}, {0, 1}}
	if fit := KMeans(two, KMeansOptions{K: 5}); len(fit.Centroids) != 2 || fit.Assign[0] == fit.Assign[1] {
		t.Errorf("fewer points than clusters: %+v", fit)
	}
}

func TestNearest(t *testing.T) {
	examples := []feedback.Vector{{1, 0}, {0, 1}, {0, 1}}
	queries := []feedback.Vector{{0.6, 0.8}, {0.8, 0.6}, {0, 0}}
	if got := Nearest(queries, examples); !slices.Equal(got, []int{1, 0, 0}) {
		t.Errorf("got %v", got)
	}
	if got := Nearest(queries, nil); !slices.Equal(got, []int{-1, -1, -1}) {
		t.Errorf("without examples: %v", got)
	}
	accuracy := NearestAccuracy(queries, []string{"b", "b", "a"}, examples, []string{"a", "b", "c"})
	if accuracy != 2.0/3 {
		t.Errorf("accuracy %v, want 2/3", accuracy)
	}
}
