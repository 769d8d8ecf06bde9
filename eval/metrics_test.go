package eval

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The expected values are those of scikit-learn 1.2.1 (normalized_mutual_info_score, adjusted_rand_score) and of SciPy's
// linear_sum_assignment on its contingency matrix.
func TestMetricsAgreeWithScikitLearn(t *testing.T) {
	for _, c := range []struct {
		name                  string
		gold, pred            []int
		nmi, ari, acc, purity float64
	}{
		{"identical", []int{0, 0, 1, 1, 2, 2}, []int{0, 0, 1, 1, 2, 2}, 1, 1, 1, 1},
		{"same under other numbers", []int{0, 0, 1, 1, 2, 2}, []int{2, 2, 0, 0, 1, 1}, 1, 1, 1, 1},
		{"one class split", []int{0, 0, 1, 1}, []int{0, 0, 1, 2}, 0.8, 0.5714285714285714, 0.75, 1},
		{"one class, all singletons", []int{0, 0, 0, 0}, []int{0, 1, 2, 3}, 0, 0, 0.25, 1},
		{"mixed", []int{0, 0, 0, 1, 1, 1, 2, 2, 2, 2}, []int{0, 0, 1, 1, 1, 2, 2, 2, 2, 0},
			0.44270128334605013, 0.20454545454545456, 0.7, 0.7},
		{"one cluster", []int{0, 0, 1, 1, 2}, []int{5, 5, 5, 5, 5}, 0, 0, 0.4, 0.4},
		{"outliers as a cluster of their own", []int{0, 0, 0, 1, 1, 1, 2, 2}, []int{-1, 0, 0, 1, 1, -1, 2, -1},
			0.5577965290899927, 0.15789473684210525, 0.625, 0.75},
		{"more clusters than classes", []int{0, 0, 0, 0, 1, 1, 1, 1}, []int{0, 0, 1, 1, 2, 2, 3, 3},
			0.666666666666667, 0.36363636363636365, 0.5, 1},
		{"worse than chance", []int{0, 0, 1, 1}, []int{0, 1, 0, 1}, 0, -0.5, 0.5, 0.5},
		{"where mapping the largest first is not best",
			[]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2},
			[]int{0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 2, 2, 2, 2, 0, 0, 0, 0, 1, 1},
			0.28960517532518487, 0.07567879838243789, 0.52, 0.56},
		{"nothing", nil, nil, 1, 1, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			near := func(metric string, got, want float64) {
				if math.Abs(got-want) > 1e-12 {
					t.Errorf("%s: got %v, want %v", metric, got, want)
				}
			}
			near("NMI", NMI(c.gold, c.pred), c.nmi)
			near("ARI", ARI(c.gold, c.pred), c.ari)
			near("ACC", Accuracy(c.gold, c.pred), c.acc)
			near("purity", Purity(c.gold, c.pred), c.purity)
			near("NMI turned", NMI(c.pred, c.gold), c.nmi)
			near("ARI turned", ARI(c.pred, c.gold), c.ari)
			near("ACC turned", Accuracy(c.pred, c.gold), c.acc)
		})
	}
}

func TestAccuracyFindsTheBestOfAllMappings(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		k, n := 2+rng.IntN(5), 1+rng.IntN(60)
		gold, pred := make([]int, n), make([]int, n)
		for i := range gold {
			gold[i], pred[i] = rng.IntN(k), rng.IntN(k)
		}
		best := 0
		permutations(k, func(mapping []int) {
			right := 0
			for i := range gold {
				if mapping[pred[i]] == gold[i] {
					right++
				}
			}
			best = max(best, right)
		})
		if got, want := Accuracy(gold, pred), float64(best)/float64(n); math.Abs(got-want) > 1e-12 {
			t.Fatalf("gold %v, predicted %v: got %v, want %v", gold, pred, got, want)
		}
	}
}

func permutations(n int, visit func([]int)) {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	var next func(int)
	next = func(i int) {
		if i == n {
			visit(p)
			return
		}
		for j := i; j < n; j++ {
			p[i], p[j] = p[j], p[i]
			next(i + 1)
			p[i], p[j] = p[j], p[i]
		}
	}
	next(0)
}

func TestMetricsRefuseLabellingsOfDifferentLength(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	NMI([]int{1}, []int{1, 2})
}
