package graph

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Machines with and without wide registers must give the same clusters, so all kernels give the same bits.
func TestKernelsGiveTheSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, d := range []int{1, 2, 3, 8, 31, 356, 612} {
		rows, panel := make([]float32, kernelRows*d), make([]float32, panelWidth*d)
		for i := range rows {
			rows[i] = float32(rng.NormFloat64())
		}
		for i := range panel {
			panel[i] = float32(rng.NormFloat64())
		}
		var want, got [kernelRows * panelWidth]float32
		dotsGeneric(rows, d, panel, &want)
		dots(rows, d, panel, &got)
		for i := range want {
			if math.Float32bits(want[i]) != math.Float32bits(got[i]) {
				t.Fatalf("%d dimensions, product %d: %v and %v", d, i, want[i], got[i])
			}
		}
	}
}
