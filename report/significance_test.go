package report

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %g, want %g", what, got, want)
	}
}

func TestFisherAgreesWithPublishedTables(t *testing.T) {
	near(t, "the lady tasting tea", fisher(3, 4, 1, 4), 0.4857142857, 1e-9)
	near(t, "8 of 10 against 1 of 6", fisher(8, 10, 1, 6), 0.0349650350, 1e-9)
	near(t, "nothing on either side", fisher(0, 5, 0, 9), 1, 1e-12)
	near(t, "a whole million", fisher(8, 1_000_000, 0, 1_000_000), math.Pow(2, -7), 1e-5)
}

func TestCompareSharesChoosesByExpectedCount(t *testing.T) {
	method, p := compareShares(45, 300, 20, 300, 1)
	// z = 0.08333 / sqrt(0.10833 * 0.89167 * 2/300) = 3.28388
	near(t, "45 against 20 of 300", p, 0.0010239, 1e-6)
	if method != methodProportions {
		t.Errorf("large counts: %s", method)
	}
	if _, wider := compareShares(45, 300, 20, 300, 4); wider <= p {
		t.Errorf("overdispersion made a test surer: %g after %g", wider, p)
	}
	if method, _ := compareShares(4, 300, 1, 300, 1); method != methodFisher {
		t.Errorf("small counts: %s", method)
	}
	if _, p := compareShares(3, 0, 1, 10, 1); p != 1 {
		t.Errorf("nothing to compare with gives p = %g", p)
	}
}

func TestCompareCountsIsTheExactBinomial(t *testing.T) {
	near(t, "8 against 1", compareCounts(8, 1), 2*10.0/512, 1e-12)
	near(t, "even", compareCounts(5, 5), 1, 1e-12)
	near(t, "nothing", compareCounts(0, 0), 1, 0)
}

func TestAtLeastIsTheUpperTail(t *testing.T) {
	near(t, "9 or 10 heads of 10", atLeast(9, 10, 0.5), 11.0/1024, 1e-12)
	near(t, "none or more", atLeast(0, 10, 0.5), 1, 0)
	near(t, "all", atLeast(10, 10, 0.5), 1.0/1024, 1e-12)
}

func TestDifferenceAgreesWithNewcombe(t *testing.T) {
	// Newcombe 1998, table II, example (a), method 10.
	low, high := difference(56, 70, 48, 80)
	near(t, "low", low, 0.0524, 5e-5)
	near(t, "high", high, 0.3339, 5e-5)
}

func TestTrendSeesADirectionAndNotABurst(t *testing.T) {
	totals := []int{100, 100, 100, 100, 100, 100, 100, 100}
	if z, p, ok := trend([]int{2, 3, 4, 5, 7, 8, 10, 12}, totals, 1); !ok || z <= 0 || p > 0.001 {
		t.Errorf("a rise: z = %g, p = %g, %v", z, p, ok)
	}
	if z, p, ok := trend([]int{12, 10, 8, 7, 5, 4, 3, 2}, totals, 1); !ok || z >= 0 || p > 0.001 {
		t.Errorf("a fall: z = %g, p = %g, %v", z, p, ok)
	}
	if _, p, _ := trend([]int{6, 5, 7, 6, 6, 5, 7, 6}, totals, 1); p < 0.5 {
		t.Errorf("level: p = %g", p)
	}
	if _, _, ok := trend([]int{1, 2, 3}, []int{9, 9, 9}, 1); ok {
		t.Error("three weeks are no series")
	}
	if _, _, ok := trend(totals, totals, 1); ok {
		t.Error("what is all of the feedback has no trend in its share")
	}
}

func TestDispersionTellsBurstsFromSampling(t *testing.T) {
	totals := make([]int, 12)
	level, bursts := make([]int, 12), make([]int, 12)
	for w := range totals {
		totals[w], level[w] = 200, 20+w%2
		bursts[w] = 4 + 36*(w%2)
	}
	if d := dispersion([][]int{level, level}, totals); d != 1 {
		t.Errorf("a level series: %g", d)
	}
	if d := dispersion([][]int{bursts, bursts}, totals); d < 5 {
		t.Errorf("a series of bursts: %g", d)
	}
}

func TestBenjaminiHochbergStepsUp(t *testing.T) {
	// Benjamini and Hochberg 1995, their fifteen p-values: four are rejected at 0.05.
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	rejected := 0
	for _, q := range benjaminiHochberg(p) {
		if q <= 0.05 {
			rejected++
		}
	}
	if rejected != 4 {
		t.Errorf("%d of the paper's tests are rejected, want 4", rejected)
	}
	if q := benjaminiHochberg([]float64{0.03, 0.01}); q[0] != 0.03 || q[1] != 0.02 {
		t.Errorf("order is not kept: %v", q)
	}
	if q := benjaminiHochberg(nil); len(q) != 0 {
		t.Errorf("no tests: %v", q)
	}
}
