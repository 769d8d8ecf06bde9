package graph_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"earshot/cluster/graph"
)

func mixture(rows, dims, centres int, noise float64, seed uint64) graph.Matrix {
	rng := rand.New(rand.NewPCG(seed, 1))
	m := graph.Matrix{Rows: rows, Dims: dims, Data: make([]float32, rows*dims)}
	around := make([]float64, centres*dims)
	for i := range around {
		around[i] = rng.NormFloat64()
	}
	for i := range rows {
		var sum float64
		row := m.Row(i)
		for d := range row {
			x := around[i%centres*dims+d] + noise*rng.NormFloat64()
			row[d] = float32(x)
			sum += x * x
		}
		for d := range row {
			row[d] /= float32(math.Sqrt(sum))
		}
	}
	return m
}

// naive adds up in the order of the dimensions, as the kernels do.
func naive(a, b []float32) float32 {
	var s float32
	for d := range a {
		s += float32(a[d] * b[d])
	}
	return s
}

func TestNearestIsExactForEverySizeAndNumberOfWorkers(t *testing.T) {
	for _, rows := range []int{2, 3, 15, 16, 17, 95, 96, 97, 230} {
		for _, dims := range []int{1, 7, 32} {
			m := mixture(rows, dims, 5, 0.5, uint64(rows*dims))
			copy(m.Row(rows-1), m.Row(0)) // a tie, which the lower index wins
			for _, workers := range []int{1, 3} {
				got, err := graph.Nearest(t.Context(), m, graph.NearestOptions{K: 6, Workers: workers})
				if err != nil {
					t.Fatal(err)
				}
				if got.K != min(6, rows-1) {
					t.Fatalf("%d rows gave %d neighbours", rows, got.K)
				}
				for i := range rows {
					others := make([]int32, 0, rows)
					for j := range rows {
						if j != i {
							others = append(others, int32(j))
						}
					}
					slices.SortStableFunc(others, func(a, b int32) int {
						return cmp.Compare(naive(m.Row(i), m.Row(int(b))), naive(m.Row(i), m.Row(int(a))))
					})
					index, cosine := got.Of(i)
					if !slices.Equal(index, others[:got.K]) {
						t.Fatalf("%d rows, %d dims, %d workers: neighbours of %d are %v, want %v", rows, dims, workers, i, index, others[:got.K])
					}
					for x, j := range index {
						if cosine[x] != naive(m.Row(i), m.Row(int(j))) {
							t.Fatalf("cosine of %d and %d is %v, not the same bits as %v", i, j, cosine[x], naive(m.Row(i), m.Row(int(j))))
						}
					}
				}
			}
		}
	}
}

func TestNearestOfFewRowsAndCancelled(t *testing.T) {
	for rows := range 2 {
		got, err := graph.Nearest(t.Context(), mixture(rows, 4, 1, 1, 1), graph.NearestOptions{})
		if err != nil || got.K != 0 || got.Rows != rows || graph.Build(got).Nodes() != rows {
			t.Fatalf("%d rows: %+v, %v", rows, got, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := graph.Nearest(ctx, mixture(300, 4, 3, 1, 1), graph.NearestOptions{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled search gave %v", err)
	}
}

func TestNearestReportsProgress(t *testing.T) {
	last := 0
	_, err := graph.Nearest(t.Context(), mixture(300, 4, 3, 1, 1), graph.NearestOptions{Progress: func(done, total int) {
		if total != 300 || done > total {
			t.Errorf("%d of %d", done, total)
		}
		last = max(last, done)
	}})
	if err != nil || last != 300 {
		t.Fatalf("ended at %d, %v", last, err)
	}
}

func TestSeparationMatchesItsDefinition(t *testing.T) {
	m := mixture(37, 12, 3, 0.8, 4)
	label := make([]int32, m.Rows)
	for i := range label {
		label[i] = int32(i % 3)
	}
	label[5] = 3 // alone
	var want, own float64
	for i := range label {
		sum, n := make([]float64, 4), make([]float64, 4)
		for j := range label {
			if j != i {
				sum[label[j]] += float64(naive(m.Row(i), m.Row(j)))
				n[label[j]]++
			}
		}
		if n[label[i]] == 0 {
			continue
		}
		other := math.Inf(-1)
		for c := range sum {
			if int32(c) != label[i] {
				other = max(other, sum[c]/n[c])
			}
		}
		difference := sum[label[i]]/n[label[i]] - other
		want += difference
		if difference > 0 {
			own++
		}
	}
	if own == 0 || own == 36 {
		t.Fatalf("%v of 36 rows are nearest to their own community: it would tell nothing", own)
	}
	if got, nearest := graph.Separation(m, label); math.Abs(got-want/37) > 1e-5 || math.Abs(nearest-own/37) > 1e-9 {
		t.Fatalf("separation %v and %v of the rows nearest to their own, want %v and %v", got, nearest, want/37, own/37)
	}
	if got, nearest := graph.Separation(m, make([]int32, m.Rows)); got != 0 || nearest != 0 {
		t.Fatalf("one community stands %v apart, with %v of the rows", got, nearest)
	}
}

func BenchmarkNearest10k(b *testing.B) {
	m := mixture(10000, 612, 80, 1.5, 1)
	for b.Loop() {
		if _, err := graph.Nearest(b.Context(), m, graph.NearestOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLeiden10k(b *testing.B) {
	near, err := graph.Nearest(b.Context(), mixture(10000, 64, 80, 1.5, 1), graph.NearestOptions{})
	if err != nil {
		b.Fatal(err)
	}
	g := graph.Build(near)
	for b.Loop() {
		graph.Leiden(g, graph.LeidenOptions{Resolution: 4, Seed: 1})
	}
}

func TestTheFirstNeighboursAreThoseOfANarrowerSearch(t *testing.T) {
	m := mixture(120, 16, 6, 0.6, 4)
	wide, err := graph.Nearest(t.Context(), m, graph.NearestOptions{K: 30})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []int{1, 9, 30, 50} {
		narrow, err := graph.Nearest(t.Context(), m, graph.NearestOptions{K: min(k, 30)})
		if err != nil {
			t.Fatal(err)
		}
		if got := wide.First(k); got.K != narrow.K || got.Recall != narrow.Recall || !slices.Equal(got.Index, narrow.Index) || !slices.Equal(got.Cosine, narrow.Cosine) {
			t.Errorf("the first %d of 30 are not the %d nearest", k, k)
		}
	}
}
