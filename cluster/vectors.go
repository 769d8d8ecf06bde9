package cluster

import (
	"math"
	"slices"

	"earshot/feedback"
)

// vectors holds a vector a point without loss: at half precision, 2 bytes a dimension, where it comes from a store, which
// keeps them so. A run needs them from its first step to its last, beside the rows that it makes of them. They lie in parts,
// so that more can be added without the others being copied.
type vectors struct {
	dims  int
	parts [][]uint16
	scale []float32               // by which each half is multiplied to be of unit length; 0 for a zero vector
	full  map[int]feedback.Vector // those that are no halves, as they came
}

const vectorsAPart = 1024

func newVectors(dims int) *vectors { return &vectors{dims: dims, full: make(map[int]feedback.Vector)} }

// add takes a vector of dims elements that is zero or about of unit length.
func (v *vectors) add(x feedback.Vector) {
	n := len(v.scale)
	v.grow()
	var sum float64
	packed, exact := v.packed(n), true
	for d, f := range x {
		packed[d] = toHalf(f)
		exact = exact && halves[packed[d]] == f
		sum += float64(float64(f) * float64(f))
	}
	if sum > 0 {
		v.scale[n] = float32(1 / math.Sqrt(sum))
	}
	if !exact {
		v.full[n] = slices.Clone(x)
	}
}

// grow makes room for one more.
func (v *vectors) grow() {
	if len(v.scale)%vectorsAPart == 0 {
		v.parts = append(v.parts, make([]uint16, vectorsAPart*v.dims))
	}
	v.scale = append(v.scale, 0)
}

// packed is the ith vector at half precision.
func (v *vectors) packed(i int) []uint16 {
	at := i % vectorsAPart * v.dims
	return v.parts[i/vectorsAPart][at : at+v.dims : at+v.dims]
}

// zero tells whether the ith vector is.
func (v *vectors) zero(i int) bool { return v.scale[i] == 0 }

// read writes the ith vector, of unit length or zero, over into, and gives it. Equal vectors are read as equal ones.
func (v *vectors) read(i int, into feedback.Vector) feedback.Vector {
	if full := v.full[i]; full != nil {
		copy(into, full)
		return into
	}
	scale := v.scale[i]
	for d, h := range v.packed(i) {
		into[d] = halves[h] * scale
	}
	return into
}

// reordered gives the vectors in another order: the ith of them is that which was at order[i].
func (v *vectors) reordered(order []int) *vectors {
	out := newVectors(v.dims)
	for i, from := range order {
		out.grow()
		copy(out.packed(i), v.packed(from))
		out.scale[i] = v.scale[from]
		if full := v.full[from]; full != nil {
			out.full[i] = full
		}
	}
	return out
}

// halves is the value of every half-precision number (IEEE 754 binary16) by its bits.
var halves = func() (out [1 << 16]float32) {
	for h := range out {
		exponent, fraction := h>>10&31, float64(h&1023)
		var x float64
		switch exponent {
		case 0:
			x = math.Ldexp(fraction, -24)
		case 31:
			x = math.Inf(1)
			if fraction != 0 {
				x = math.NaN()
			}
		default:
			x = math.Ldexp(1024+fraction, exponent-25)
		}
		if h>>15 == 1 {
			x = math.Copysign(x, -1)
		}
		out[h] = float32(x)
	}
	return out
}()

// toHalf gives the bits of the nearest half-precision number, of two that are as near the even one. x is at most about 1.
func toHalf(x float32) uint16 {
	bits := math.Float32bits(x)
	sign := uint16(bits >> 16 & 0x8000)
	bits &= 0x7fffffff
	if bits < 0x38800000 { // below the least normal one
		return sign | uint16(math.RoundToEven(math.Ldexp(float64(math.Float32frombits(bits)), 24)))
	}
	bits += 0xfff + bits>>13&1
	return sign | uint16(bits>>13-(127-15)<<10)
}
