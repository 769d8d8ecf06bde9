package eval

// Gap is what lies between two neighbouring points of a text: bytes from the end of one to the start of the next. What
// nobody counts as a point, a greeting for instance, may lie in it.
type Gap struct{ Start, End int }

// Place is a stretch of a text in bytes, the end not counted.
type Place struct{ Start, End int }

// Division is one text as it should have been split, and as it was.
type Division struct {
	Points, Parts int   // how many points it makes, and how many parts were found
	Gaps, Cuts    []Gap // where it should be cut, and where it was; rising. Gaps is nil where only the number is known

	// Where the points are, from the first letter or digit of each to its last, and where the parts are; both rising, and
	// none of one kind touching another. Wanted is nil where the places are not known.
	Wanted, Found []Place
	Talk          []Place // what should be in no part: greetings, thanks, what the other side says
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

	Cuts   *CutScores   `json:"cuts"`   // nil where no text says where it should be cut
	Places *PlaceScores `json:"places"` // nil where no text says where its points are
}

// PlaceScores say how well the parts are the points, over the texts that say where these are. Shares are 0 to 1.
type PlaceScores struct {
	N         int     `json:"n"`
	Right     float64 `json:"right"` // share of texts with a part for each point that holds it whole, nothing of another and no small talk
	Points    int     `json:"points"`
	Lost      float64 `json:"lost"` // share of points of which less than half is in any part
	Talk      int     `json:"talk"`
	TalkTaken float64 `json:"talk_taken"` // share of pieces of small talk of which at least half is in a part
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
	s.Places = measurePlaces(texts)
	s.Exact, s.Near, s.TooMany, s.TooFew = share(exact, s.N), share(near, s.N), share(more, s.N), share(fewer, s.N)
	if placed {
		cuts.Precision, cuts.Recall = share(cuts.Right, cuts.Made), share(cuts.Right, cuts.Want)
		cuts.F1 = share(2*cuts.Right, cuts.Made+cuts.Want)
		s.Cuts = &cuts
	}
	return s
}

func measurePlaces(texts []Division) *PlaceScores {
	var p PlaceScores
	right, lost, taken := 0, 0, 0
	for _, d := range texts {
		if d.Wanted == nil {
			continue
		}
		p.N++
		p.Points += len(d.Wanted)
		p.Talk += len(d.Talk)
		same := len(d.Found) == len(d.Wanted)
		for i, w := range d.Wanted {
			if 2*covered(w, d.Found) < w.End-w.Start {
				lost++
			}
			same = same && d.Found[i].Start <= w.Start && w.End <= d.Found[i].End
		}
		for _, talk := range d.Talk {
			in := covered(talk, d.Found)
			if in > 0 && 2*in >= talk.End-talk.Start {
				taken++
			}
			same = same && in == 0
		}
		if same {
			right++
		}
	}
	if p.N == 0 {
		return nil
	}
	p.Right, p.Lost, p.TalkTaken = share(right, p.N), share(lost, p.Points), share(taken, p.Talk)
	return &p
}

// covered counts the bytes of a place that are in any of the parts.
func covered(w Place, parts []Place) int {
	n := 0
	for _, p := range parts {
		n += max(0, min(w.End, p.End)-max(w.Start, p.Start))
	}
	return n
}
