package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/feedback"
)

func TestWhatContradictsADecisionIsRefusedAndNamesIt(t *testing.T) {
	make := boards(t)
	make("other", 3, 3)
	for i, c := range []struct {
		name  string
		first []feedback.Decision // on clusters 1 to 4 of 5, 4, 6 and 3 excerpts
		then  func(b *board) feedback.Decision
		code  feedback.Code
		says  string
	}{
		{"a merge of what must be apart", []feedback.Decision{{Kind: feedback.DecideApart, Cluster: 1, Other: 2}},
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideMerge, Cluster: 2, Other: 1}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a merge of what was merged into one that must be apart", []feedback.Decision{{Kind: feedback.DecideApart, Cluster: 1, Other: 2},
			{Kind: feedback.DecideMerge, Cluster: 3, Other: 1}},
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideMerge, Cluster: 3, Other: 2}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a move between what must be apart", []feedback.Decision{{Kind: feedback.DecideApart, Cluster: 1, Other: 2}},
			func(b *board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideMove, Cluster: 2, Excerpts: []feedback.ID{b.excerpt(1, 1)}}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a move to an excerpt that must be apart", nil,
			func(b *board) feedback.Decision {
				pair := []feedback.ID{b.excerpt(1, 1), b.excerpt(2, 1)}
				if _, err := b.decide(feedback.Decision{Kind: feedback.DecideApart, Excerpts: pair}); err != nil {
					return feedback.Decision{}
				}
				return feedback.Decision{Kind: feedback.DecideMove, Cluster: 2, Excerpts: pair[:1]}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a merge over excerpts that must be apart", nil,
			func(b *board) feedback.Decision {
				if _, err := b.decide(feedback.Decision{Kind: feedback.DecideApart, Excerpts: []feedback.ID{b.excerpt(1, 1), b.excerpt(2, 1)}}); err != nil {
					return feedback.Decision{}
				}
				return feedback.Decision{Kind: feedback.DecideMerge, Cluster: 1, Other: 2}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"apart what is pinned together", nil,
			func(b *board) feedback.Decision {
				pair := []feedback.ID{b.excerpt(1, 1), b.excerpt(1, 2)}
				if _, err := b.decide(feedback.Decision{Kind: feedback.DecidePin, Excerpts: pair}); err != nil {
					return feedback.Decision{}
				}
				return feedback.Decision{Kind: feedback.DecideApart, Excerpts: pair}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a merge of what was split", nil,
			func(b *board) feedback.Decision {
				d, err := b.decide(feedback.Decision{Kind: feedback.DecideSplit, Cluster: 1, Name: "P", Excerpts: []feedback.ID{b.excerpt(1, 1)}})
				if err != nil {
					return feedback.Decision{}
				}
				return feedback.Decision{Kind: feedback.DecideMerge, Cluster: 1, Other: d.Other}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a retired cluster", []feedback.Decision{{Kind: feedback.DecideMerge, Cluster: 1, Other: 2}},
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideRename, Cluster: 2, Name: "x"}
			}, feedback.Conflict, "it became part of C1"},
		{"an unknown cluster", nil,
			func(*board) feedback.Decision { return feedback.Decision{Kind: feedback.DecideHide, Cluster: 77} }, feedback.NotFound, "C77"},
		{"an unknown theme", nil,
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideRenameTheme, Theme: 77, Name: "x"}
			}, feedback.NotFound, "T77"},
		{"an excerpt of another workspace", nil,
			func(b *board) feedback.Decision {
				it := feedback.ItemID("other", "tickets", "Cluster 1 says 1.")
				return feedback.Decision{Kind: feedback.DecideMove, Cluster: 2, Excerpts: []feedback.ID{feedback.ExcerptID(it, "Cluster 1 says 1.", 0)}}
			}, feedback.NotFound, "no excerpt"},
		{"an excerpt of another cluster in a split", nil,
			func(b *board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideSplit, Cluster: 1, Name: "P", Excerpts: []feedback.ID{b.excerpt(2, 1)}}
			}, feedback.Conflict, "is not in C1"},
		{"a split that leaves nothing", nil,
			func(b *board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideSplit, Cluster: 4, Name: "P", Excerpts: []feedback.ID{b.excerpt(4, 1), b.excerpt(4, 2), b.excerpt(4, 3)}}
			}, feedback.Conflict, "nothing would be left"},
		{"a name that is taken", nil,
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideRename, Cluster: 1, Name: "cluster c2"}
			}, feedback.Conflict, "C2 is called so"},
		{"an unknown feature", nil,
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideConfirmLink, Cluster: 1, Feature: "nope"}
			}, feedback.NotFound, "nope"},
		{"hidden twice", []feedback.Decision{{Kind: feedback.DecideHide, Cluster: 1}},
			func(*board) feedback.Decision { return feedback.Decision{Kind: feedback.DecideHide, Cluster: 1} }, feedback.Conflict, "decision 1"},
		{"an undo of nothing", nil,
			func(*board) feedback.Decision { return feedback.Decision{Kind: feedback.DecideUndo, Undoes: 9} }, feedback.NotFound, "no decision 9"},
		{"nobody", nil, func(*board) feedback.Decision {
			return feedback.Decision{Kind: feedback.DecideHide, Cluster: 1, Actor: "\u202e"}
		}, feedback.Invalid, "who"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := make(fmt.Sprintf("w%d", i), 5, 4, 6, 3)
			for _, d := range c.first {
				b.must(t, d)
			}
			d := c.then(b)
			before := b.rows(t)
			_, err := b.decide(d)
			if feedback.ErrorCode(err) != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v", err)
			}
			if b.rows(t) != before {
				t.Error("what was refused changed something")
			}
		})
	}
}

func TestAnUndoThatOthersBuildOnIsRefused(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6, 3)
	before := b.rows(t)
	split := b.must(t, feedback.Decision{Kind: feedback.DecideSplit, Cluster: 1, Name: "Part", Excerpts: []feedback.ID{b.excerpt(1, 1), b.excerpt(1, 2)}})
	steps := []feedback.Decision{split,
		b.must(t, feedback.Decision{Kind: feedback.DecideRename, Cluster: split.Other, Name: "Ours"}),
		b.must(t, feedback.Decision{Kind: feedback.DecideMove, Cluster: split.Other, Excerpts: []feedback.ID{b.excerpt(3, 1)}}),
		b.must(t, feedback.Decision{Kind: feedback.DecideMerge, Cluster: 2, Other: split.Other}),
		b.must(t, feedback.Decision{Kind: feedback.DecideMove, Cluster: 4, Excerpts: []feedback.ID{b.excerpt(1, 1)}}),
	}
	for i, d := range steps[:4] {
		if err := b.undo(d.ID); feedback.ErrorCode(err) != feedback.Conflict || !strings.Contains(err.Error(), "stands in the way") {
			t.Errorf("%d, %s: %v", i, d, err)
		}
	}
	for _, d := range slices.Backward(steps) {
		if err := b.undo(d.ID); err != nil {
			t.Fatalf("%s: %v", d, err)
		}
	}
	if after := b.rows(t); after != before {
		t.Errorf("left are\n%s\nof\n%s", after, before)
	}
	for _, id := range []int{1, 6} {
		if err := b.undo(id); feedback.ErrorCode(err) != feedback.Conflict {
			t.Errorf("undone twice, or an undo undone: %v", err)
		}
	}
}
