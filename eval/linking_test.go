package eval

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestMeasureLinks(t *testing.T) {
	ranked := []string{"a", "b", "c", "d", "e", "f"}
	got := MeasureLinks([]Choice{
		{Truth: "a", Ranked: ranked, Score: 0.92, Linked: true, Automatic: true}, // right
		{Truth: "b", Ranked: ranked, Score: 0.98, Linked: true, Automatic: true}, // second
		{Truth: "c", Ranked: ranked, Score: 0.45, Linked: true},                  // third
		{Truth: "e", Ranked: ranked, Score: 0.12},                                // fifth
		{Truth: "f", Ranked: ranked, Score: 0.18},                                // sixth
		{Truth: "", Ranked: ranked, Score: 0.15},                                 // rightly left alone
		{Truth: "", Ranked: ranked, Score: 0.55, Linked: true},                   // wrongly linked
		{Truth: "a"}, // nothing to offer
	})
	near(t, "R@1", got.Recall1, 1.0/6)
	near(t, "R@3", got.Recall3, 3.0/6)
	near(t, "R@5", got.Recall5, 4.0/6)
	near(t, "abstention", got.Abstention, 4.0/8)
	near(t, "abstention where none fits", got.AbstentionRight, 0.5)
	near(t, "links right", got.LinkedRight, 1.0/4)
	near(t, "automatic right", got.AutomaticRight, 1.0/2)
	// Bins by hand: 0.9 to 1 holds two with mean 0.95 and half right; 0.4 one of 0.45, 0.5 one of 0.55, 0.1 three of mean 0.15, none right.
	near(t, "calibration error", got.CalibrationError, (2*0.45+0.45+0.55+3*0.15)/7)
	if got.N != 8 || got.Fitting != 6 || got.Linked != 4 || got.Automatic != 2 || got.Bins[1].N != 3 || got.Bins[9].N != 2 {
		t.Errorf("%+v", got)
	}
}

func TestTheCalibrationErrorOfScoresThatAreTrue(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	draw := func(claim func(p float64) float64) []Choice {
		var all []Choice
		for range 20000 {
			p := rng.Float64()
			c := Choice{Truth: "a", Ranked: []string{"b", "a"}, Score: claim(p)}
			if rng.Float64() < p {
				c.Ranked = []string{"a", "b"}
			}
			all = append(all, c)
		}
		return all
	}
	if e := MeasureLinks(draw(func(p float64) float64 { return p })).CalibrationError; e > 0.02 {
		t.Errorf("true scores: %v", e)
	}
	if e := MeasureLinks(draw(func(p float64) float64 { return 1 })).CalibrationError; math.Abs(e-0.5) > 0.02 {
		t.Errorf("scores that are always sure: %v", e)
	}
}

func TestLinksOfNothingAreNoNumber(t *testing.T) {
	for _, choices := range [][]Choice{nil, {{}}, {{Truth: "", Ranked: []string{"a"}, Score: 1}}} {
		got := MeasureLinks(choices)
		for _, x := range []float64{got.Recall1, got.Recall5, got.Abstention, got.AbstentionRight, got.LinkedRight, got.AutomaticRight, got.CalibrationError} {
			if math.IsNaN(x) {
				t.Errorf("%+v", got)
			}
		}
	}
}

func TestKeywordsTellGroupsApart(t *testing.T) {
	got := Keywords([][]string{
		{"The card is lost", "my card, lost!", "lost card again"},
		{"The transfer is late", "transfer late", "a transfer"},
	}, 2)
	if len(got) != 2 || got[0][0] != "card" || got[0][1] != "lost" || got[1][0] != "transfer" || got[1][1] != "late" {
		t.Errorf("%q", got)
	}
	if got := Keywords([][]string{{"b a", "b"}, {}}, 5); len(got[0]) != 2 || got[0][0] != "b" || len(got[1]) != 0 {
		t.Errorf("%q", got)
	}
	if got := Keywords([][]string{{"b a", "b"}}, 1); got[0][0] != "b" {
		t.Errorf("a single group: %q", got)
	}
}
