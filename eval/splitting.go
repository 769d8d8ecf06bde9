package eval

// Gap is what lies between two neighbouring points of a text: bytes from the end of one to the start of the next. What
// nobody counts as a point, a greeting for instance, may lie in it.
type Gap struct{ Start, End int }

// Division is one text as it should have been split, and as it was.
type Division struct {
	Points, Parts int   // how many points it makes, and how many parts were found
	Gaps, Cuts    []Gap // where it should be cut, and where it was; rising. Gaps is nil where only the number is known
}

// Splitting says how well texts were split into the points that they make. Shares are 0 to 1.
type Splitting struct {
	N       int     `json:"n"`
	Points  int     `json:"points"`
	Parts   int     `json:"parts"`
	Exact   float64 `json:"exact"`      // share of texts with as many parts as points
	Near    float64 `json:"within_one"` // share with one more or less at most
	TooMany float64 `json:"too_many"`
	TooFew  float64 `json:"too_few"`

	Cuts *CutScores `json:"cuts"` // nil where no text says where it should be cut
}

// CutScores say how many cuts are in the right place, over the texts that say where that is.
type CutScores struct {
	Want      int     `json:"want"`
	Made      int     `json:"made"`
	Right     int     `json:"right"`
	Precision float64 `json:"precision"` // 0 where none was made
	Recall    float64 `json:"recall"`    // 0 where none was wanted
	F1        float64 `json:"f1"`
}

// MeasureSplits compares what was found with what is true. A cut is right when it touches or overlaps a gap that no
// earlier cut has taken.
func MeasureSplits(texts []Division) Splitting {
	s := Splitting{N: len(texts)}
	exact, near, more, fewer := 0, 0, 0, 0
	var cuts CutScores
	placed := false
	for _, d := range texts {
		s.Points += d.Points
		s.Parts += d.Parts
		switch {
		case d.Parts == d.Points:
			exact++
		case d.Parts > d.Points:
			more++
		default:
			fewer++
		}
		if off := d.Parts - d.Points; off >= -1 && off <= 1 {
			near++
		}
		if d.Gaps == nil {
			continue
		}
		placed = true
		cuts.Want += len(d.Gaps)
		cuts.Made += len(d.Cuts)
		for g, c := 0, 0; g < len(d.Gaps) && c < len(d.Cuts); {
			switch gap, cut := d.Gaps[g], d.Cuts[c]; {
			case cut.End < gap.Start:
				c++
			case gap.End < cut.Start:
				g++
			default:
				cuts.Right++
				g, c = g+1, c+1
			}
		}
	}
	s.Exact, s.Near, s.TooMany, s.TooFew = share(exact, s.N), share(near, s.N), share(more, s.N), share(fewer, s.N)
	if placed {
		cuts.Precision, cuts.Recall = share(cuts.Right, cuts.Made), share(cuts.Right, cuts.Want)
		cuts.F1 = share(2*cuts.Right, cuts.Made+cuts.Want)
		s.Cuts = &cuts
	}
	return s
}
