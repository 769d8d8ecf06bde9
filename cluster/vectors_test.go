package cluster

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"earshot/feedback"
)

func TestHalvesAreTheNearest(t *testing.T) {
	for h := range 1 << 16 {
		if x := halves[h]; math.Abs(float64(x)) <= 2 && (x != 0 || h == 0) && toHalf(x) != uint16(h) {
			t.Fatalf("%#x is %g, which gives %#x", h, x, toHalf(x))
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 100_000 {
		x := float32(rng.NormFloat64() * math.Pow(2, -float64(rng.IntN(30))))
		if math.Abs(float64(x)) > 1.5 {
			continue
		}
		h := toHalf(x)
		off := func(h uint16) float64 { return math.Abs(float64(halves[h]) - float64(x)) }
		for _, other := range []uint16{h - 1, h + 1} {
			if off(other) < off(h) || off(other) == off(h) && h&1 == 1 {
				t.Fatalf("%g gives %#x, and %#x is as near", x, h, other)
			}
		}
	}
}

func TestVectorsComeBackWithoutLossInTheOrderAskedFor(t *testing.T) {
	const dims, count = 24, 2*vectorsAPart + 3
	v := newVectors(dims)
	rng := rand.New(rand.NewPCG(1, 1))
	in := make([]feedback.Vector, count)
	for i := range in {
		in[i] = make(feedback.Vector, dims)
		if i != 7 {
			for d := range in[i] {
				in[i][d] = float32(rng.NormFloat64())
			}
			feedback.Normalize(in[i])
			for d, x := range in[i] {
				if i%2 == 0 {
					in[i][d] = halves[toHalf(x)]
				}
			}
		}
		v.add(in[i])
	}
	order := rng.Perm(count)
	turned := v.reordered(order)
	a, b := make(feedback.Vector, dims), make(feedback.Vector, dims)
	for i, x := range in {
		if v.zero(i) != (i == 7) {
			t.Errorf("vector %d is zero: %t", i, v.zero(i))
		}
		// Halves come back as a unit vector, and all others as they were.
		copy(b, x)
		if i%2 == 0 {
			feedback.Normalize(b)
		}
		if v.read(i, a); !slices.Equal(a, b) || (v.full[i] == nil) != (i%2 == 0 || i == 7) {
			t.Errorf("vector %d: %v, want %v", i, a, b)
		}
		if v.read(order[i], a); !slices.Equal(turned.read(i, b), a) {
			t.Errorf("vector %d of the other order is not that at %d", i, order[i])
		}
	}
}
