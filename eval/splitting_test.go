package eval

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestMeasureSplits(t *testing.T) {
	got := MeasureSplits([]Division{
		{Points: 2, Parts: 2, Gaps: []Gap{{10, 11}}, Cuts: []Gap{{9, 11}}},                      // right
		{Points: 2, Parts: 2, Gaps: []Gap{{10, 11}}, Cuts: []Gap{{30, 31}}},                     // in the wrong place
		{Points: 1, Parts: 3, Gaps: []Gap{}, Cuts: []Gap{{5, 6}, {9, 10}}},                      // two too many
		{Points: 3, Parts: 2, Gaps: []Gap{{10, 11}, {20, 25}}, Cuts: []Gap{{22, 23}}},           // one missed
		{Points: 3, Parts: 3, Gaps: []Gap{{10, 11}, {12, 13}}, Cuts: []Gap{{10, 13}, {40, 41}}}, // one cut is not two
		{Points: 4, Parts: 1}, // the number alone is known
	})
	near(t, "exact", got.Exact, 3.0/6)
	near(t, "within one", got.Near, 4.0/6)
	near(t, "too many", got.TooMany, 1.0/6)
	near(t, "too few", got.TooFew, 2.0/6)
	want := CutScores{Want: 6, Made: 7, Right: 3, Precision: 3.0 / 7, Recall: 3.0 / 6, F1: 6.0 / 13}
	if got.Cuts == nil || *got.Cuts != want || got.N != 6 || got.Points != 15 || got.Parts != 13 {
		t.Errorf("%+v %+v", got, got.Cuts)
	}
	if got := MeasureSplits([]Division{{Points: 1, Parts: 1}}); got.Cuts != nil || got.Exact != 1 {
		t.Errorf("no places: %+v", got)
	}
	if got := MeasureSplits(nil); got.Exact != 0 || got.Cuts != nil {
		t.Errorf("nothing: %+v", got)
	}
}

func TestJoinMakesMessagesOfKnownPoints(t *testing.T) {
	texts := []string{"the board is slow", "ok", "élan is what it lacks!", " please add an undo ", "where is my money now?", "yes please do"}
	got := Join(texts, 2, 1, false)
	if len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	var points []string
	for _, j := range got {
		if j.Points != 2 || len(j.Gaps) != 1 || j.Text[j.Gaps[0].Start:j.Gaps[0].End] != " " {
			t.Errorf("%+v", j)
		}
		points = append(points, j.Text[:j.Gaps[0].Start], j.Text[j.Gaps[0].End:])
	}
	slices.Sort(points)
	if !slices.Equal(points, []string{"Please add an undo.", "The board is slow.", "Where is my money now?", "Élan is what it lacks!"}) {
		t.Errorf("%q", points)
	}
	if !reflect.DeepEqual(got, Join(texts, 2, 1, false)) {
		t.Error("the same seed gives other messages")
	}
	long := strings.Split(strings.Repeat("one point of four words|another point of these words|a third thing to say|", 20), "|")
	if reflect.DeepEqual(Join(long, 3, 1, false), Join(long, 3, 2, false)) {
		t.Error("another seed gives the same messages")
	}
	if got := Join(texts, 1, 1, false); len(got) != 4 || got[0].Gaps == nil || len(got[0].Gaps) != 0 {
		t.Errorf("one a message: %+v", got)
	}
	bare := Join(texts, 2, 1, true)
	if len(bare) != 2 {
		t.Fatalf("%+v", bare)
	}
	points = points[:0]
	for _, j := range bare {
		points = append(points, j.Text[:j.Gaps[0].Start], j.Text[j.Gaps[0].End:])
	}
	slices.Sort(points)
	if !slices.Equal(points, []string{"please add an undo", "the board is slow", "where is my money now", "élan is what it lacks"}) {
		t.Errorf("bare: %q", points)
	}
	if got := Join(texts, 9, 1, false); len(got) != 0 {
		t.Errorf("too few: %+v", got)
	}
}

func TestMeasureSplitsComparesPlaces(t *testing.T) {
	point := []Place{{10, 20}, {25, 40}}
	got := MeasureSplits([]Division{
		{Points: 2, Parts: 2, Wanted: point, Found: []Place{{8, 21}, {25, 41}}, Talk: []Place{{0, 6}}},                // right
		{Points: 2, Parts: 1, Wanted: point, Found: []Place{{0, 40}}, Talk: []Place{{0, 6}}},                          // one part, and the greeting in it
		{Points: 2, Parts: 2, Wanted: point, Found: []Place{{10, 20}, {30, 40}}},                                      // the head of a point is missing
		{Points: 1, Parts: 1, Wanted: point[:1], Found: []Place{{0, 20}}, Talk: []Place{{4, 8}}},                      // small talk in it
		{Points: 2, Parts: 0, Wanted: point, Talk: []Place{{50, 60}, {-1, -1}}},                                       // lost; the second piece was cut by cleaning
		{Points: 1, Parts: 2, Wanted: []Place{{10, 20}}, Found: []Place{{10, 20}, {30, 44}}, Talk: []Place{{30, 44}}}, // small talk alone
		{Wanted: []Place{}, Talk: []Place{{0, 9}}},                                                                    // nothing wanted, nothing found: right
		{Points: 3, Parts: 3}, // the places are not known
	})
	want := PlaceScores{N: 7, Right: 2.0 / 7, Points: 10, Lost: 2.0 / 10, Talk: 7, TalkTaken: 3.0 / 7}
	if got.Places == nil || *got.Places != want {
		t.Errorf("%+v", got.Places)
	}
	if got := MeasureSplits([]Division{{Points: 1, Parts: 1}}); got.Places != nil {
		t.Errorf("no places: %+v", got.Places)
	}
}

func TestMeasureRedaction(t *testing.T) {
	got := MeasureRedaction([]Redacted{
		{Want: []string{"EMAIL", "PHONE"}, Got: []string{"PHONE", "EMAIL"}},
		{Want: []string{"PHONE", "PHONE"}, Got: []string{"PHONE"}},
		{Got: []string{"CARD"}},
		{Want: []string{"IBAN"}},
		{},
	})
	want := []KindTally{
		{"CARD", 0, 1, 0, 0, 0}, {"EMAIL", 1, 1, 1, 1, 1}, {"IBAN", 1, 0, 0, 0, 0}, {"PHONE", 3, 2, 2, 1, 2.0 / 3},
	}
	if !slices.Equal(got.PerKind, want) {
		t.Errorf("%+v", got.PerKind)
	}
	if got.AllKinds != (KindTally{"", 5, 4, 3, 0.75, 0.6}) || got.N != 5 {
		t.Errorf("%+v", got)
	}
	near(t, "exact", got.Exact, 2.0/5)
	if got := MeasureRedaction(nil); got.Exact != 0 || got.PerKind == nil {
		t.Errorf("nothing: %+v", got)
	}
}

// scikit-learn's f1_score(..., labels=["a", "b"], average="macro") leaves out what was only predicted.
func TestGoldMacroF1CountsTheClassesOfTheTruth(t *testing.T) {
	c := Classify(strings.Fields("a a b b"), strings.Fields("a c b b"))
	near(t, "over all", c.MacroF1, (2.0/3+1+0)/3)
	near(t, "over the truth's", c.GoldMacroF1(), (2.0/3+1)/2)
	near(t, "of nothing", Classify(nil, nil).GoldMacroF1(), 0)
}
