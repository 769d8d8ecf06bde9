package graph

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestWardFindsGroupsThatStandApart(t *testing.T) {
	var points [][]float32
	var want []int32
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		g := i % 4
		want = append(want, int32(g))
		points = append(points, []float32{float32(10*(g%2)) + rng.Float32(), float32(10*(g/2)) + rng.Float32()})
	}
	if got := Ward(points, 4); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// The chain must make the joins of the plain algorithm, which looks at every pair each time.
func TestWardAgreesWithTheFullSearch(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		n := 2 + rng.IntN(20)
		points := make([][]float32, n)
		for i := range points {
			points[i] = []float32{rng.Float32(), rng.Float32(), rng.Float32()}
		}
		for k := 1; k <= n; k++ {
			if got, want := Ward(points, k), fullSearch(points, k); !slices.Equal(got, want) {
				t.Fatalf("n %d, k %d:\ngot  %v\nwant %v", n, k, got, want)
			}
		}
	}
}

func fullSearch(points [][]float32, k int) []int32 {
	w := newWard(points)
	group := make([]int, len(points))
	for i := range group {
		group[i] = i
	}
	for groups := len(points); groups > k; groups-- {
		a, b, least := -1, -1, math.Inf(1)
		for i := range points {
			for j := i + 1; j < len(points); j++ {
				if w.alive[i] && w.alive[j] && w.height(i, j) < least {
					a, b, least = i, j, w.height(i, j)
				}
			}
		}
		w.join(a, b)
		for i := range group {
			if group[i] == b {
				group[i] = a
			}
		}
	}
	var out []int32
	number := map[int]int32{}
	for _, g := range group {
		if _, known := number[g]; !known {
			number[g] = int32(len(number))
		}
		out = append(out, number[g])
	}
	return out
}

func TestWardOfFewOrEqualPoints(t *testing.T) {
	if got := Ward(nil, 3); len(got) != 0 {
		t.Error(got)
	}
	same := [][]float32{{1, 0}, {1, 0}, {1, 0}}
	if got := Ward(same, 2); len(got) != 3 || slices.Max(got) != 1 {
		t.Error(got)
	}
	if got := Ward(same, 9); !slices.Equal(got, []int32{0, 1, 2}) {
		t.Error(got)
	}
}
