package report

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat/combin"
	"gonum.org/v1/gonum/stat/distuv"
)

// The methods that a Test may name.
const (
	methodProportions = "two-proportion z"
	methodFisher      = "Fisher exact"
	methodTrend       = "Cochran-Armitage"
	methodPoisson     = "exact Poisson"
	methodBinomial    = "exact binomial"
)

// smallExpected is the expected count in any cell of a two-by-two table below which the normal approximation gives way
// to the exact test (Cochran 1954).
const smallExpected = 5

// compareShares tests whether a of n and b of m come from one proportion, two-sided. Large counts take the pooled z-test
// with its variance multiplied by dispersion (1 for plain sampling), small ones Fisher's exact test.
func compareShares(a, n, b, m int, dispersion float64) (method string, p float64) {
	if n == 0 || m == 0 {
		return methodFisher, 1
	}
	pooled := float64(a+b) / float64(n+m)
	least := float64(min(n, m)) * min(pooled, 1-pooled)
	if least < smallExpected {
		return methodFisher, fisher(a, n, b, m)
	}
	deviation := math.Sqrt(pooled * (1 - pooled) * (1/float64(n) + 1/float64(m)) * dispersion)
	z := (float64(a)/float64(n) - float64(b)/float64(m)) / deviation
	return methodProportions, twoSided(z)
}

func twoSided(z float64) float64 { return min(1, 2*distuv.UnitNormal.Survival(math.Abs(z))) }

// fisher gives the two-sided p of Fisher's exact test for a of n against b of m: the probability, with all margins fixed,
// of every table that is at most as probable as this one.
func fisher(a, n, b, m int) float64 {
	drawn := a + b
	whole := combin.LogGeneralizedBinomial(float64(n+m), float64(drawn))
	probability := func(k int) float64 {
		return math.Exp(combin.LogGeneralizedBinomial(float64(n), float64(k)) +
			combin.LogGeneralizedBinomial(float64(m), float64(drawn-k)) - whole)
	}
	// The tolerance makes tables that are equally probable count as such in spite of rounding.
	limit := probability(a) * (1 + 1e-7)
	var p float64
	for k := max(0, drawn-m); k <= min(drawn, n); k++ {
		if q := probability(k); q <= limit {
			p += q
		}
	}
	return min(1, p)
}

// compareCounts tests whether two Poisson counts over equal spans have one rate, two-sided and exact: given their sum,
// the first is binomial with one half (Przyborowski and Wilenski 1940).
func compareCounts(a, b int) float64 {
	if a+b == 0 {
		return 1
	}
	half := distuv.Binomial{N: float64(a + b), P: 0.5}
	return min(1, 2*half.CDF(float64(min(a, b))))
}

// atLeast gives the probability of k or more successes in n trials of probability share.
func atLeast(k, n int, share float64) float64 {
	if k <= 0 {
		return 1
	}
	return max(0, min(1, 1-distuv.Binomial{N: float64(n), P: share}.CDF(float64(k-1))))
}

// trend tests whether the proportion counts[w] of totals[w] moves in one direction over the weeks (Cochran 1954,
// Armitage 1955), two-sided, with its variance multiplied by dispersion. The sign of z is the direction; ok is false
// when the series cannot show a trend.
func trend(counts, totals []int, dispersion float64) (z, p float64, ok bool) {
	var x, n, nt, ntt float64
	weeks := 0
	for w, total := range totals {
		t, size := float64(w), float64(total)
		x += float64(counts[w])
		n += size
		nt += size * t
		ntt += size * t * t
		if total > 0 {
			weeks++
		}
	}
	if weeks < trendWeeks || x == 0 || x >= n {
		return 0, 1, false
	}
	share := x / n
	var score float64
	for w := range totals {
		score += float64(w) * (float64(counts[w]) - float64(totals[w])*share)
	}
	variance := share * (1 - share) * (ntt - nt*nt/n) * dispersion
	if variance <= 0 {
		return 0, 1, false
	}
	z = score / math.Sqrt(variance)
	return z, twoSided(z), true
}

// dispersion says how much more the series vary from one week to the next than plain sampling would make them: the mean
// of Pearson's chi-square over pairs of neighbouring weeks, never below 1. Feedback comes in bursts (an outage, a mail to
// all customers), and a test that forgets it calls every burst a change. Neighbours are compared, so that a level that
// lasts counts as signal and is not taken for noise.
func dispersion(series [][]int, totals []int) float64 {
	var chi float64
	pairs := 0
	for _, counts := range series {
		for w := 1; w < len(totals); w++ {
			n, m := float64(totals[w-1]), float64(totals[w])
			a, b := float64(counts[w-1]), float64(counts[w])
			if n == 0 || m == 0 || a+b < smallExpected || a+b >= n+m {
				continue
			}
			share := (a + b) / (n + m)
			difference := a/n - b/m
			chi += difference * difference / (share * (1 - share) * (1/n + 1/m))
			pairs++
		}
	}
	if pairs < 8 {
		return 1
	}
	return max(1, chi/float64(pairs))
}

// benjaminiHochberg turns p-values into q-values: of the tests whose q is at most x, no more than the part x is expected
// to be false (Benjamini and Hochberg 1995). Where nothing at all changed, the chance that any q is at most x is x.
func benjaminiHochberg(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	q := make([]float64, len(p))
	least := 1.0
	for rank := len(order); rank >= 1; rank-- {
		i := order[rank-1]
		least = min(least, p[i]*float64(len(p))/float64(rank))
		q[i] = least
	}
	return q
}

// difference gives a 95 % interval of a/n - b/m (Newcombe 1998, method 10: Wilson's intervals combined).
func difference(a, n, b, m int) (low, high float64) {
	p, q := float64(a)/float64(n), float64(b)/float64(m)
	lp, hp := wilson(a, n)
	lq, hq := wilson(b, m)
	d := p - q
	return d - math.Hypot(p-lp, hq-q), d + math.Hypot(hp-p, q-lq)
}

func wilson(a, n int) (low, high float64) {
	const z = 1.959963984540054
	size, p := float64(n), float64(a)/float64(n)
	centre := (p + z*z/(2*size)) / (1 + z*z/size)
	width := z / (1 + z*z/size) * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	return centre - width, centre + width
}

// round keeps six significant digits, so that a machine that rounds its last bits otherwise gives the same document.
func round(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	r, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	return r + 0 // no negative zero
}
