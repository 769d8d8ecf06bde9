package feedback

import "math"

// Vector is an embedding: unit length, or all zero for a text that says nothing its model knows.
type Vector []float32

// Model says which embedder made a vector. Vectors of two models are never compared.
type Model struct {
	Name       string // for instance "builtin"
	Version    string // changes whenever the same text may give another vector
	Dimensions int
}

// Dot is the scalar product of two vectors of one length: the cosine, when both are of unit length. It gives the same bits
// on every machine: the conversions keep a compiler from fusing products with sums where the processor could.
func Dot(a, b Vector) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += float32(a[i] * b[i])
		s1 += float32(a[i+1] * b[i+1])
		s2 += float32(a[i+2] * b[i+2])
		s3 += float32(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float32(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// Normalize scales v to unit length in place and reports whether it could: a zero vector, or one that holds NaN or an
// infinity, is set to zero and gives false.
func Normalize(v Vector) bool {
	var sum float64
	for _, x := range v {
		sum += float64(float64(x) * float64(x))
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		clear(v)
		return false
	}
	scale := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= scale
	}
	return true
}
