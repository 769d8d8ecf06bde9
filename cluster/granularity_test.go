package cluster

import (
	"math"
	"slices"
	"testing"
)

// hill gives numbers of clusters from 4 to 200, as logarithms, and separations that are highest at the number top.
func hill(top float64) (clusters, separation []float64) {
	for i := range ladder {
		k := math.Log(4) + math.Log(50)*float64(i)/float64(len(ladder)-1)
		off := k - math.Log(top)
		clusters, separation = append(clusters, k), append(separation, 0.14-0.02*off*off)
	}
	return clusters, separation
}

func TestTheNumberIsWhereClustersStandFarthestApart(t *testing.T) {
	for _, top := range []float64{12, 25, 50, 80} {
		mean, _ := weigh(hill(top))
		if got := math.Exp(mean); math.Abs(math.Log(got/top)) > math.Log(1.2) {
			t.Errorf("%.1f clusters, where those of %.0f stand farthest apart", got, top)
		}
	}
}

func TestOneLuckyResolutionDoesNotDecide(t *testing.T) {
	number := func(luck float64, resolutions int) float64 {
		clusters, separation := hill(40)
		for i, k := range clusters {
			if k > math.Log(6) && resolutions > 0 {
				separation[i] += luck
				resolutions--
			}
		}
		mean, _ := weigh(clusters, separation)
		return math.Exp(mean)
	}
	_, separation := hill(40)
	short := 0.14 - separation[0] // by what the coarsest fall behind
	calm := number(0, 0)
	for _, luck := range []float64{short, 10 * short} {
		if lucky := number(luck, 1); lucky < calm/1.2 {
			t.Errorf("%.1f clusters instead of %.1f, for %.2f more separation at one coarse resolution", lucky, calm, luck)
		}
	}
	// The control: where clusters stand several times as far apart at some resolutions side by side, it is not luck.
	if got := number(10*short, 3); got > 12 {
		t.Errorf("%.1f clusters, where those of about 6 to 10 stand several times as far apart", got)
	}
}

func TestNoClustersStandApart(t *testing.T) {
	clusters, _ := hill(40)
	if mean, best := weigh(clusters, make([]float64, len(clusters))); mean != 0 || best != 0 {
		t.Errorf("%v, the logarithm of more than one cluster, for a best of %v", mean, best)
	}
}

func TestWhereTopicsRunIntoEachOtherTheSeparationHasNoSay(t *testing.T) {
	j := judgement{apart: math.Log(117), nearest: math.Log(30)}
	for _, c := range []struct{ part, want float64 }{{0.7, 30}, {0.84, 30}, {0.86, math.Sqrt(117 * 30)}, {0.88, 117}, {0.95, 117}} {
		j.part = c.part
		if got := math.Exp(j.settle()); math.Abs(got/c.want-1) > 1e-9 {
			t.Errorf("%.1f clusters where %.0f %% of the rows are nearest to their own, want %.1f", got, 100*c.part, c.want)
		}
	}
}

func TestEveryCircleIsDealtOnce(t *testing.T) {
	for draws := 1; draws <= len(circles); draws++ {
		dealt := make(map[float64]int)
		for i := range draws {
			own := circlesOf(i, draws)
			if len(own) == 0 || !slices.IsSorted(own) {
				t.Errorf("draw %d of %d has the circles %v", i, draws, own)
			}
			for _, c := range own {
				dealt[c]++
			}
		}
		for _, c := range circles {
			if dealt[c] != 1 {
				t.Errorf("of %d draws %d have the circle %v", draws, dealt[c], c)
			}
		}
	}
}
