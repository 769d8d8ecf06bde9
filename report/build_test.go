package report

import (
	"slices"
	"testing"

	"earshot/feedback"
)

func built(doc *Document) (topics []string) {
	for _, f := range doc.Findings {
		if f.Kind == Build {
			topics = append(topics, f.Subjects[0])
		}
	}
	return topics
}

func TestWhatToBuildIsRankedByWhoNeedsIt(t *testing.T) {
	doc := draft(t, fieldwork())
	// Something new and broken among many, then what the largest accounts wait for.
	if got := built(doc); len(got) < 3 || got[0] != "C1" || got[1] != "C3" {
		t.Errorf("ranked %v", got)
	}
	for _, topic := range []string{"C2", "C6", "C10"} { // what fades and what is liked
		if slices.Contains(built(doc), topic) {
			t.Errorf("%s is to be built", topic)
		}
	}
}

func TestRevenueMovesANeedUp(t *testing.T) {
	s := fieldwork()
	if got := built(draft(t, s)); slices.Index(got, "C7") < slices.Index(got, "C3") {
		t.Fatalf("ranked %v", got)
	}
	s.Clusters[6].Now.ARR = 40e6 // export to Excel
	s.Coverage.ARR = 45e6
	if got := built(draft(t, s)); slices.Index(got, "C7") > slices.Index(got, "C3") {
		t.Errorf("ranked %v", got)
	}
}

func TestAFeatureIsToBeBuiltOnce(t *testing.T) {
	s := fieldwork()
	s.Clusters[6].Link = link("f-sso", "Single sign-on", feedback.StatusPlanned, feedback.LinkConfirmed, s.Period.Start)
	got := built(draft(t, s))
	if slices.Contains(got, "C7") || !slices.Contains(got, "C3") {
		t.Errorf("ranked %v", got)
	}
}
