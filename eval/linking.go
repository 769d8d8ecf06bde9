package eval

import (
	"math"
	"slices"
)

// CalibrationBins is the number of equal spans of scores over which the calibration error is taken.
const CalibrationBins = 10

// Choice is what was said about the feature of one text or cluster.
type Choice struct {
	Truth     string   // the right feature; "" where no feature fits
	Ranked    []string // features, the best first; at least five of them where there are so many
	Score     float64  // how probable it is that the first is right, 0 to 1
	Linked    bool     // false where it abstained
	Automatic bool     // linked without a person's look
}

// Linking says how well features were found. Shares are 0 to 1, and 0 where they are of nothing.
type Linking struct {
	N                int     // choices
	Fitting          int     // choices for which a feature is the right one
	Recall1          float64 // share of the fitting whose feature is ranked first
	Recall3          float64 // among the first three
	Recall5          float64
	Linked           int // choices that became a link
	Automatic        int
	LinkedRight      float64 // share of the linked that are right
	AutomaticRight   float64
	Abstention       float64 // share of all choices that became no link
	AbstentionRight  float64 // share of those that no feature fits which became no link
	CalibrationError float64 // expected calibration error over ten bins of equal width
	Bins             [CalibrationBins]CalibrationBin
}

// CalibrationBin holds the choices whose score lies in one tenth of 0 to 1; the last tenth holds 1 too.
type CalibrationBin struct {
	N     int     `json:"n"`
	Score float64 `json:"score"` // mean; 0 where N is 0
	Right float64 `json:"right"` // share whose first feature is right; 0 where N is 0
}

// MeasureLinks compares choices with the truth. The calibration error (Naeini, Cooper and Hauskrecht 2015) is the mean
// distance, weighed by their choices, between the score and the share right of each bin. Every choice that has a feature
// to offer counts in it, also one that became no link; a choice that no feature fits is never right.
func MeasureLinks(choices []Choice) Linking {
	l := Linking{N: len(choices)}
	var hits [3]int
	linkedRight, automaticRight, unfit, leftAlone, scored := 0, 0, 0, 0, 0
	var bins [CalibrationBins]struct{ score, right float64 }
	for _, c := range choices {
		rank := slices.Index(c.Ranked, c.Truth)
		if c.Truth == "" {
			rank = -1
			unfit++
			if !c.Linked {
				leftAlone++
			}
		}
		for i, depth := range [...]int{1, 3, 5} {
			if rank >= 0 && rank < depth {
				hits[i]++
			}
		}
		if c.Linked {
			l.Linked++
			if rank == 0 {
				linkedRight++
			}
		}
		if c.Linked && c.Automatic {
			l.Automatic++
			if rank == 0 {
				automaticRight++
			}
		}
		if len(c.Ranked) == 0 {
			continue
		}
		scored++
		b := min(max(int(c.Score*CalibrationBins), 0), CalibrationBins-1)
		l.Bins[b].N++
		bins[b].score += c.Score
		if rank == 0 {
			bins[b].right++
		}
	}
	l.Fitting = l.N - unfit
	l.Recall1, l.Recall3, l.Recall5 = share(hits[0], l.Fitting), share(hits[1], l.Fitting), share(hits[2], l.Fitting)
	l.LinkedRight, l.AutomaticRight = share(linkedRight, l.Linked), share(automaticRight, l.Automatic)
	l.Abstention, l.AbstentionRight = share(l.N-l.Linked, l.N), share(leftAlone, unfit)
	for b := range l.Bins {
		if n := float64(l.Bins[b].N); n > 0 {
			l.Bins[b].Score, l.Bins[b].Right = bins[b].score/n, bins[b].right/n
			l.CalibrationError += n / float64(scored) * math.Abs(l.Bins[b].Score-l.Bins[b].Right)
		}
	}
	return l
}
