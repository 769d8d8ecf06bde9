package eval

import "fmt"

// Stability says what became of texts between two runs of the clustering.
type Stability struct {
	Texts     int     `json:"texts"`
	Clustered int     `json:"clustered"` // texts that were in a cluster in the first run
	Kept      float64 `json:"kept"`      // share of the clustered whose cluster has the same id in the second, 0 to 1
	Same      float64 `json:"same"`      // share of all texts whose answer is the same: the same id, or no cluster twice
}

// MeasureStability compares the cluster ids of the same texts in two runs; 0 stands for no cluster. Where no text was in
// a cluster, none lost its own, and Kept is 1. It panics when the lengths differ.
func MeasureStability(before, after []int) Stability {
	if len(before) != len(after) {
		panic(fmt.Sprintf("eval: %d texts before and %d after", len(before), len(after)))
	}
	s := Stability{Texts: len(before), Kept: 1, Same: 1}
	kept, same := 0, 0
	for i, id := range before {
		if id == after[i] {
			same++
		}
		if id != 0 {
			s.Clustered++
			if id == after[i] {
				kept++
			}
		}
	}
	if s.Clustered > 0 {
		s.Kept = share(kept, s.Clustered)
	}
	if s.Texts > 0 {
		s.Same = share(same, s.Texts)
	}
	return s
}
