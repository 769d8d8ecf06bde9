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

// Joining says how new texts joined clusters that stood, before the next run looked at all of them.
type Joining struct {
	Texts  int     `json:"texts"`
	Joined float64 `json:"joined"` // share of the texts that joined a cluster at once
	Stayed float64 `json:"stayed"` // share of those that joined that the next run left there
	Missed float64 `json:"missed"` // share of those that joined none that the next run put into a cluster
}

// MeasureJoining compares the clusters that texts joined with those in which the next run has them; 0 stands for none. The
// share of nothing is 0. It panics when the lengths differ.
func MeasureJoining(joined, after []int) Joining {
	if len(joined) != len(after) {
		panic(fmt.Sprintf("eval: %d texts joined and %d after", len(joined), len(after)))
	}
	j := Joining{Texts: len(joined)}
	in, stayed, missed := 0, 0, 0
	for i, id := range joined {
		switch {
		case id == 0 && after[i] != 0:
			missed++
		case id != 0:
			in++
			if id == after[i] {
				stayed++
			}
		}
	}
	if j.Texts > 0 {
		j.Joined = share(in, j.Texts)
	}
	if in > 0 {
		j.Stayed = share(stayed, in)
	}
	if out := j.Texts - in; out > 0 {
		j.Missed = share(missed, out)
	}
	return j
}
