package graph

import "testing"

// eachKernel tries on this machine, and as if it were one with fewer features.
func eachKernel(t *testing.T, try func(t *testing.T)) {
	avx2, avx512, vnni := hasAVX2, hasAVX512, hasVNNI
	defer func() { hasAVX2, hasAVX512, hasVNNI = avx2, avx512, vnni }()
	t.Run("as it is", try)
	hasAVX512, hasVNNI = false, false
	t.Run("without AVX-512", try)
	hasAVX2 = false
	t.Run("without wide registers", try)
}
