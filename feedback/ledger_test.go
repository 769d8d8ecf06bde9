package feedback_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"earshot/feedback"
)

// ledger has clusters 1 to 9, of which 2 became part of 1 in a run, 3 of 2, and 9 ended in nothing; run 2 split 5 off 4 and
// 6 off 5.
func ledger(decisions ...feedback.Decision) *feedback.Ledger {
	retired := map[feedback.ClusterID]feedback.ClusterID{2: 1, 3: 2, 9: 0}
	for i := range decisions {
		decisions[i].ID = i + 1
	}
	return &feedback.Ledger{Decisions: decisions, Successor: retired,
		Splits:   []feedback.Parting{{Run: 2, From: 4, To: 5}, {Run: 2, From: 5, To: 6}},
		Standing: func(id feedback.ClusterID) bool { _, gone := retired[id]; return id >= 1 && id <= 9 && !gone }}
}

func TestWhatBecameOfACluster(t *testing.T) {
	l := ledger()
	for id, want := range map[feedback.ClusterID]feedback.ClusterID{1: 1, 2: 1, 3: 1, 4: 4, 9: 0, 0: 0, 77: 0} {
		if got := l.Today(id); got != want {
			t.Errorf("%s is %s today, want %s", id, got, want)
		}
	}
	circle := ledger()
	circle.Successor = map[feedback.ClusterID]feedback.ClusterID{2: 3, 3: 2}
	if got := circle.Today(2); got != 0 {
		t.Errorf("a circle of successors ends in %s", got)
	}
}

func TestNamesFollowRunsAndNotMerges(t *testing.T) {
	rename := func(id feedback.ClusterID, name string) feedback.Decision {
		return feedback.Decision{Kind: feedback.DecideRename, Cluster: id, Name: name}
	}
	for _, c := range []struct {
		name string
		l    *feedback.Ledger
		want map[feedback.ClusterID]string
	}{
		{"the latest counts", ledger(rename(4, "x"), rename(4, "y")), map[feedback.ClusterID]string{4: "y"}},
		{"into what a run made it part of", ledger(rename(3, "x")), map[feedback.ClusterID]string{1: "x"}},
		{"but not over a name of its own", ledger(rename(1, "own"), rename(3, "x")), map[feedback.ClusterID]string{1: "own"}},
		{"not over one that comes later either", ledger(rename(3, "x"), rename(1, "own")), map[feedback.ClusterID]string{1: "own"}},
		{"not through a merge, where a person chose", ledger(rename(3, "x"), feedback.Decision{Kind: feedback.DecideMerge, Cluster: 1, Other: 2}), map[feedback.ClusterID]string{}},
		{"not out of the world", ledger(rename(9, "x")), map[feedback.ClusterID]string{}},
	} {
		if got := c.l.Names(); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestApartFollowsSplitsAndSuccessors(t *testing.T) {
	l := ledger(feedback.Decision{Kind: feedback.DecideApart, Cluster: 3, Other: 4, Run: 1})
	got := slices.SortedFunc(maps.Keys(l.Apart()), func(a, b [2]feedback.ClusterID) int { return slices.Compare(a[:], b[:]) })
	if want := [][2]feedback.ClusterID{{1, 4}, {1, 5}, {1, 6}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// What was split before somebody decided is not meant.
	l = ledger(feedback.Decision{Kind: feedback.DecideApart, Cluster: 3, Other: 4, Run: 2})
	if got := l.Apart(); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestHiddenFollowsSplitsAndNotSuccessors(t *testing.T) {
	hide := func(id feedback.ClusterID) feedback.Decision {
		return feedback.Decision{Kind: feedback.DecideHide, Cluster: id, Run: 1}
	}
	if got := slices.Sorted(maps.Keys(ledger(hide(4), hide(2)).Hidden())); !slices.Equal(got, []feedback.ClusterID{4, 5, 6}) {
		t.Errorf("%v", got)
	}
	shown := feedback.Decision{Kind: feedback.DecideUnhide, Cluster: 5, Run: 2}
	if got := slices.Sorted(maps.Keys(ledger(hide(4), shown).Hidden())); !slices.Equal(got, []feedback.ClusterID{4, 6}) {
		t.Errorf("%v", got)
	}
}

func TestLinksFollowTheirClusterUnlessThatOneWasDecidedAbout(t *testing.T) {
	confirm := feedback.Decision{Kind: feedback.DecideConfirmLink, Cluster: 2, Feature: "f"}
	reject := feedback.Decision{Kind: feedback.DecideRejectLink, Cluster: 1, Feature: "f"}
	key := feedback.LinkKey{Cluster: 1, Feature: "f"}
	if got := ledger(confirm).Links()[key]; got.Kind != feedback.DecideConfirmLink {
		t.Errorf("%+v", got)
	}
	if got := ledger(reject, confirm).Links()[key]; got.Kind != feedback.DecideRejectLink {
		t.Errorf("%+v", got)
	}
}

func TestADecisionIsBoundedAndOnOneLine(t *testing.T) {
	d := feedback.Decision{Kind: feedback.DecideRename, Cluster: 1, Name: " two\n words\u202e ", Actor: "ana"}
	if err := d.Check(); err != nil || d.Name != "two words" {
		t.Errorf("%q, %v", d.Name, err)
	}
	for name, bad := range map[string]feedback.Decision{
		"nobody":             {Kind: feedback.DecideHide, Cluster: 1, Actor: " \u202e "},
		"no kind":            {Cluster: 1, Actor: "a"},
		"an empty name":      {Kind: feedback.DecideRename, Cluster: 1, Name: "\n", Actor: "a"},
		"a long name":        {Kind: feedback.DecideRename, Cluster: 1, Name: strings.Repeat("x", 121), Actor: "a"},
		"a long note":        {Kind: feedback.DecideHide, Cluster: 1, Note: strings.Repeat("x", 501), Actor: "a"},
		"bytes":              {Kind: feedback.DecideHide, Cluster: 1, Note: "\xff", Actor: "a"},
		"one apart":          {Kind: feedback.DecideApart, Cluster: 1, Actor: "a"},
		"apart from itself":  {Kind: feedback.DecideApart, Cluster: 1, Other: 1, Actor: "a"},
		"merged with itself": {Kind: feedback.DecideMerge, Cluster: 1, Other: 1, Actor: "a"},
		"three apart":        {Kind: feedback.DecideApart, Excerpts: make([]feedback.ID, 3), Actor: "a"},
		"nothing moved":      {Kind: feedback.DecideMove, Cluster: 1, Actor: "a"},
		"no feature":         {Kind: feedback.DecideConfirmLink, Cluster: 1, Actor: "a"},
		"nothing undone":     {Kind: feedback.DecideUndo, Actor: "a"},
	} {
		if err := bad.Check(); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	many := feedback.Decision{Kind: feedback.DecidePin, Excerpts: make([]feedback.ID, feedback.MostNamedExcerpts+1), Actor: "a"}
	if err := many.Check(); feedback.ErrorCode(err) != feedback.TooLarge {
		t.Error(err)
	}
}

func FuzzWhatADecisionSaysIsOneBoundedLine(f *testing.F) {
	f.Add("ana", "a note\nof two lines", "Name\u202e")
	f.Add("\xff", "", "")
	f.Fuzz(func(t *testing.T, actor, note, name string) {
		d := feedback.Decision{Kind: feedback.DecideRename, Cluster: 1, Actor: actor, Note: note, Name: name}
		if err := d.Check(); err != nil {
			if feedback.ErrorCode(err) != feedback.Invalid {
				t.Fatal(err)
			}
			return
		}
		for _, s := range []string{d.Actor, d.Note, d.Name} {
			if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) || len([]rune(s)) > feedback.MostNoteRunes {
				t.Errorf("%q passes", s)
			}
		}
	})
}
