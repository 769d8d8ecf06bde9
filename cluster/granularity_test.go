package cluster

import (
	"math"
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
		if got := math.Exp(weigh(hill(top))); math.Abs(math.Log(got/top)) > math.Log(1.2) {
			t.Errorf("%.1f clusters, where those of %.0f stand farthest apart", got, top)
		}
	}
}

func TestOneLuckyResolutionDoesNotDecide(t *testing.T) {
	number := func(luck float64) float64 {
		clusters, separation := hill(40)
		for i, k := range clusters {
			if k > math.Log(6) {
				separation[i] += luck
				break
			}
		}
		return math.Exp(weigh(clusters, separation))
	}
	_, separation := hill(40)
	short := 0.14 - separation[0] // by what the coarsest fall behind
	if calm, lucky := number(0), number(short); lucky < calm/1.2 {
		t.Errorf("%.1f clusters instead of %.1f, for as much separation at one coarse resolution as at the best", lucky, calm)
	}
	if got := number(10 * short); got > 12 {
		t.Errorf("%.1f clusters, where those of about 6 stand several times as far apart", got)
	}
}

func TestNoClustersStandApart(t *testing.T) {
	clusters, _ := hill(40)
	if got := weigh(clusters, make([]float64, len(clusters))); got != 0 {
		t.Errorf("%v, the logarithm of more than one cluster", got)
	}
}
