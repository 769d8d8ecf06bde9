package graph

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func draw(n int, rng *rand.Rand) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(rng.NormFloat64())
	}
	return out
}

// Machines with and without wide registers must give the same clusters, so all kernels give the same bits.
func TestKernelsGiveTheSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, d := range []int{1, 2, 3, 8, 31, 356, 612} {
		rows, panel := draw(kernelRows*d, rng), draw(panelWidth*d, rng)
		var want [kernelRows * panelWidth]float32
		dotsGeneric(rows, d, panel, &want)
		eachKernel(t, func(t *testing.T) {
			var got [kernelRows * panelWidth]float32
			dots(rows, d, panel, &got)
			for i := range want {
				if math.Float32bits(want[i]) != math.Float32bits(got[i]) {
					t.Fatalf("%d dimensions, product %d: %v and %v", d, i, want[i], got[i])
				}
			}
		})
	}
}

func TestSumsOfRowsAreTheSameOnEveryMachine(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for _, d := range []int{1, 7, 8, 9, 640, 643} {
		rows := [][]float32{draw(d, rng), draw(d, rng), draw(d, rng)}
		want := make([]float64, d)
		for _, row := range rows {
			addGeneric(want, row)
		}
		eachKernel(t, func(t *testing.T) {
			got := make([]float64, d)
			for _, row := range rows {
				addRow(got, row)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%d dimensions: %v, want %v", d, got, want)
			}
		})
	}
}
