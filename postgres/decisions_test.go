package postgres_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/feedback"
)

func TestEveryDecisionTakesEffectAtOnceAndIsUndoneExactly(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6)
	before := b.rows(t)
	for _, d := range b.everyKind() {
		done := b.must(t, d)
		if b.rows(t) == before {
			t.Errorf("%s changed nothing", done)
		}
		if err := b.undo(done.ID); err != nil {
			t.Fatalf("%s: %v", done, err)
		}
		if after := b.rows(t); after != before {
			t.Fatalf("undone, %s leaves\n%s\nwhere there was\n%s", done, after, before)
		}
	}
	// Nothing is forgotten: each decision and each undo is in the log, with who, when and what.
	log, err := b.store.Decisions(t.Context(), "acme", 0, 0, 100)
	if err != nil || len(log) != 2*len(b.everyKind()) {
		t.Fatalf("%d rows in the log, %v", len(log), err)
	}
	for i, d := range log {
		if d.ID != len(log)-i || d.Actor != "ana" || !d.At.Equal(day0) || d.Run != 1 {
			t.Errorf("%+v", d)
		}
		if (d.Kind == feedback.DecideUndo) != (d.Undoes != 0) || (d.Kind == feedback.DecideUndo) == (d.UndoneBy != 0) {
			t.Errorf("%+v", d)
		}
	}
}

func TestWhatADecisionDoesAtOnce(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6)
	b.must(t, feedback.Decision{Kind: feedback.DecideMerge, Cluster: 1, Other: 2})
	if c := b.view(t, 2); !c.Retired || c.Successor != 1 {
		t.Errorf("%+v", c)
	}
	if c := b.view(t, 1); c.Size != 9 || c.Name != "Cluster C1" {
		t.Errorf("%+v", c)
	}
	// What stage 2 finds near C2, whose centroid it still has, joins what became of it.
	late := item("late", "It comes late.")
	save(t, b.store, late)
	if err := b.store.SaveAnalyses(t.Context(), model, []feedback.Analysis{{Workspace: "acme", Excerpt: late.Excerpts[0].ID, Vector: vector(2, 1),
		Labels: feedback.Labels{Kind: feedback.KindBug}, Cluster: 2, Similarity: 0.9}}); err != nil {
		t.Fatal(err)
	}
	if at := b.at(t, late.Excerpts[0].ID); at != 1 {
		t.Errorf("it joined %s", at)
	}
	split := b.must(t, feedback.Decision{Kind: feedback.DecideSplit, Cluster: 3, Name: "Part", Excerpts: []feedback.ID{b.excerpt(3, 1), b.excerpt(3, 2)},
		Summary: "“said”", Keywords: []string{"part"}})
	if c := b.view(t, split.Other); split.Other != 4 || c.Size != 2 || c.Name != "Part" || c.Summary != "“said”" || c.Theme != 2 {
		t.Errorf("%s: %+v", split.Other, c)
	}
	near, err := b.store.Centroids(t.Context(), "acme", model)
	if err != nil || len(near) != 3 {
		t.Fatalf("%v, %v", near, err)
	}
	mean := feedback.Vector{0, 0, 0}
	for n := range 2 {
		for d, x := range vector(3, n+1) {
			mean[d] += x
		}
	}
	feedback.Normalize(mean)
	if cosine := feedback.Dot(mean, near[2].Centroid); cosine < 0.9999 || near[2].Floor < 0 || near[2].Floor > 1 {
		t.Errorf("the centroid of the new cluster is off by %v, its floor %v", 1-cosine, near[2].Floor)
	}
	b.must(t, feedback.Decision{Kind: feedback.DecideHide, Cluster: 1})
	list, err := b.store.ClusterList(t.Context(), "acme")
	if err != nil || len(list.Clusters) != 2 || len(list.Hidden) != 1 || list.Unassigned != 0 {
		t.Fatalf("%d listed, %d hidden, %v", len(list.Clusters), len(list.Hidden), err)
	}
	day := day0.Truncate(24 * time.Hour)
	snap, err := b.store.Snapshot(t.Context(), "acme", feedback.Period{Start: day, End: day.AddDate(0, 0, 1)}, "")
	if err != nil || len(snap.Clusters) != 2 || len(snap.Themes) != 1 || snap.Coverage.Hidden != 10 || snap.Coverage.Unassigned != 0 {
		t.Fatalf("%d clusters, %d themes, %+v, %v", len(snap.Clusters), len(snap.Themes), snap.Coverage, err)
	}
	hits, err := b.store.ClusterExcerpts(t.Context(), "acme", split.Other, 0, 10)
	if err != nil || len(hits) != 2 || hits[0].Pinned != split.ID {
		t.Errorf("%+v, %v", hits, err)
	}
}

func TestConstraintsFollowTheLineageOfLaterRuns(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6, 3, 4)
	pinned := b.excerpt(1, 1)
	b.must(t, feedback.Decision{Kind: feedback.DecidePin, Excerpts: []feedback.ID{pinned}})
	b.must(t, feedback.Decision{Kind: feedback.DecideApart, Cluster: 1, Other: 3})
	b.must(t, feedback.Decision{Kind: feedback.DecideHide, Cluster: 4})
	b.must(t, feedback.Decision{Kind: feedback.DecideConfirmLink, Cluster: 1, Feature: "f2"})
	rename := b.must(t, feedback.Decision{Kind: feedback.DecideRename, Cluster: 1, Name: "Ours"})
	// A run merges C1 into C2, and splits C6 off C3 and C7 off the hidden C4.
	next := &feedback.Run{State: feedback.RunApplied, Cause: feedback.CausePerson, Workspace: "acme", Model: model, StartedAt: day0, FinishedAt: day0,
		Themes: []feedback.Theme{{ID: 1, Name: "Theme 1"}}, NextCluster: 8, NextTheme: 4, Retired: []feedback.Cluster{{ID: 1, Successor: 2}},
		Lineage: []feedback.Lineage{{Fate: feedback.FateMerged, From: 1, To: 2}, {Fate: feedback.FateSplit, From: 3, To: 6}, {Fate: feedback.FateSplit, From: 4, To: 7}}}
	for _, id := range []feedback.ClusterID{2, 3, 4, 5, 6, 7} {
		next.Clusters = append(next.Clusters, feedback.Cluster{ID: id, Theme: 1, Name: fmt.Sprintf("Topic %d", id), Centroid: vector(1, 0), Floor: 0.5})
	}
	for i, it := range b.items {
		to := feedback.ClusterID(2)
		switch {
		case i >= 18:
			to = 5
		case i >= 15:
			to = 4
		case i >= 9:
			to = 3
		}
		next.Assignments = append(next.Assignments, feedback.Assignment{Excerpt: it.Excerpts[0].ID, Cluster: to})
	}
	saveRun(t, b.store, next)
	c := b.constraints(t)
	if c.Pins[pinned] != 2 {
		t.Errorf("the pin is to %s", c.Pins[pinned])
	}
	if want := [][2]feedback.ClusterID{{2, 3}, {2, 6}}; !slices.Equal(c.Apart, want) {
		t.Errorf("apart are %v, want %v", c.Apart, want)
	}
	if s := b.view(t, 2); s.Name != "Ours" || s.OwnName != "Topic 2" || s.Hidden {
		t.Errorf("%+v", s)
	}
	if !b.view(t, 4).Hidden || !b.view(t, 7).Hidden || b.view(t, 3).Hidden {
		t.Error("what was split off a hidden cluster is shown, or another is not")
	}
	if v, err := b.store.ClusterByID(t.Context(), "acme", 2); err != nil || v.Link == nil || v.Link.Feature != "f2" || v.Link.State != feedback.LinkConfirmed {
		t.Errorf("%+v, %v", v.Link, err)
	}
	if by, err := b.decide(feedback.Decision{Kind: feedback.DecideMerge, Cluster: 2, Other: 6}); feedback.ErrorCode(err) != feedback.Conflict {
		t.Errorf("%+v, %v", by, err)
	}
	log, err := b.store.Decisions(t.Context(), "acme", 1, 0, 10)
	if err != nil || len(log) != 4 || log[0].Now != 2 {
		t.Errorf("%+v, %v", log, err)
	}
	if err := b.undo(rename.ID); err != nil || b.view(t, 2).Name != "Topic 2" {
		t.Errorf("%q, %v", b.view(t, 2).Name, err)
	}
}

func TestAPinOutlivesEditsOfItsItem(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6)
	it := b.items[0]
	excerpt := it.Excerpts[0]
	b.must(t, feedback.Decision{Kind: feedback.DecideMove, Cluster: 2, Excerpts: []feedback.ID{excerpt.ID}})
	edit := func(body string, minutes int, excerpts ...feedback.Excerpt) {
		t.Helper()
		it.Body, it.Excerpts = body, excerpts
		it.ContentHash, it.BodyHash = sha256.Sum256([]byte(body)), sha256.Sum256([]byte(body))
		it.ReceivedAt = day0.Add(time.Duration(minutes) * time.Minute)
		save(t, b.store, it)
		var all []feedback.Analysis
		for _, p := range pending(t, b.store, it) {
			all = append(all, feedback.Analysis{Workspace: "acme", Excerpt: p.Excerpt, Vector: vector(1, 1), Labels: feedback.Labels{Kind: feedback.KindBug},
				Cluster: 1, Similarity: 0.9})
		}
		if err := b.store.SaveAnalyses(t.Context(), model, all); err != nil {
			t.Fatal(err)
		}
	}
	gone := func() int {
		t.Helper()
		log, err := b.store.Decisions(t.Context(), "acme", 0, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		return log[0].Gone
	}
	moved := excerpt
	moved.Start, moved.End = 4, 4+len(excerpt.Text)
	edit("Hi. "+excerpt.Text, 1, moved)
	if b.at(t, excerpt.ID) != 2 || b.constraints(t).Pins[excerpt.ID] != 2 || gone() != 0 {
		t.Errorf("edited around, it is in %s", b.at(t, excerpt.ID))
	}
	other := feedback.Excerpt{ID: feedback.ExcerptID(it.ID, "Never mind.", 0), End: 11, Text: "Never mind."}
	edit("Never mind.", 2, other)
	if _, there := b.constraints(t).Pins[excerpt.ID]; there || gone() != 1 {
		t.Errorf("the pin of an excerpt that is gone has an object; %d gone", gone())
	}
	edit(b.items[0].Body, 3, excerpt)
	if b.at(t, excerpt.ID) != 2 || gone() != 0 {
		t.Errorf("come again, it is in %s", b.at(t, excerpt.ID))
	}
}

func TestAnExcerptDoesNotJoinOnlineWhatItIsKeptApartFrom(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6)
	x, y := b.excerpt(1, 1), b.excerpt(1, 2)
	d := b.must(t, feedback.Decision{Kind: feedback.DecideApart, Excerpts: []feedback.ID{x, y}})
	if b.at(t, x) != 1 || b.at(t, y) != 0 {
		t.Fatalf("%s and %s", b.at(t, x), b.at(t, y))
	}
	again := func() feedback.ClusterID {
		t.Helper()
		if err := b.store.SaveAnalyses(t.Context(), model, []feedback.Analysis{{Workspace: "acme", Excerpt: y, Vector: vector(1, 2),
			Labels: feedback.Labels{Kind: feedback.KindBug}, Cluster: 1, Similarity: 0.9}}); err != nil {
			t.Fatal(err)
		}
		return b.at(t, y)
	}
	if at := again(); at != 0 {
		t.Errorf("it joined %s", at)
	}
	if err := b.undo(d.ID); err != nil || again() != 1 {
		t.Errorf("undone, it is in %s, %v", b.at(t, y), err)
	}
}

func TestARunThatDoesNotKnowTheLatestDecisionIsNotSaved(t *testing.T) {
	b := boards(t)("acme", 5, 4)
	next := &feedback.Run{State: feedback.RunApplied, Cause: feedback.CausePerson, Workspace: "acme", Model: model, StartedAt: day0, FinishedAt: day0, NextCluster: 3, NextTheme: 2}
	prepare(t, b.store, next)
	b.must(t, feedback.Decision{Kind: feedback.DecideConfirm, Cluster: 1})
	before := b.rows(t)
	if err := b.store.SaveRun(t.Context(), next); feedback.ErrorCode(err) != feedback.Conflict {
		t.Fatal(err)
	}
	if b.rows(t) != before {
		t.Error("it changed something")
	}
	saveRun(t, b.store, next)
}

func TestTheLogIsOnlyEverAddedTo(t *testing.T) {
	b := boards(t)("acme", 5, 4)
	b.must(t, feedback.Decision{Kind: feedback.DecidePin, Excerpts: []feedback.ID{b.excerpt(1, 1)}})
	for _, sql := range []string{`UPDATE decisions SET actor = 'eve'`, `DELETE FROM decisions`, `UPDATE decision_excerpts SET to_cluster = 2`,
		`DELETE FROM decision_excerpts`} {
		if _, err := b.pool.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "only ever added") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestPeopleWhoDecideAtOnceFollowOneAnother(t *testing.T) {
	make := boards(t)
	b := make("acme", 5, 4, 6, 3)
	var wg sync.WaitGroup
	errs := [2]error{}
	for i, d := range []feedback.Decision{{Kind: feedback.DecideMerge, Cluster: 1, Other: 2}, {Kind: feedback.DecideMerge, Cluster: 2, Other: 1}} {
		wg.Go(func() { _, errs[i] = b.decide(d) })
	}
	for i := range 6 {
		wg.Go(func() {
			_, _ = b.decide(feedback.Decision{Kind: feedback.DecideMove, Cluster: feedback.ClusterID(3 + i%2), Excerpts: []feedback.ID{b.excerpt(1, 1+i%3)},
				Actor: fmt.Sprintf("person %d", i)})
		})
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("%v, %v", errs[0], errs[1])
	}
	for _, err := range errs {
		if err != nil && feedback.ErrorCode(err) != feedback.Conflict {
			t.Error(err)
		}
	}
	again := make("again", 5, 4, 6, 3)
	replay(t, b, again)
	if got, want := rounded(again.rows(t)), rounded(b.rows(t)); got != want {
		t.Errorf("one after the other they leave\n%s\nnot\n%s", got, want)
	}
}

// A run has come between: what is where the decision put it goes back all the same.
func TestDecisionsAreUndoneAfterARunToo(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6, 3)
	merge := b.must(t, feedback.Decision{Kind: feedback.DecideMerge, Cluster: 1, Other: 2})
	split := b.must(t, feedback.Decision{Kind: feedback.DecideSplit, Cluster: 3, Name: "Part", Excerpts: []feedback.ID{b.excerpt(3, 1), b.excerpt(3, 2)}})
	moved := b.must(t, feedback.Decision{Kind: feedback.DecideMove, Cluster: 1, Excerpts: []feedback.ID{b.excerpt(4, 1)}})
	rename := b.must(t, feedback.Decision{Kind: feedback.DecideRename, Cluster: 4, Name: "Ours"})
	next := &feedback.Run{State: feedback.RunApplied, Cause: feedback.CausePerson, Workspace: "acme", Model: model, StartedAt: day0, FinishedAt: day0,
		Themes: []feedback.Theme{{ID: 2, Name: "Theme 2"}}, NextCluster: 6, NextTheme: 3}
	for _, id := range []feedback.ClusterID{1, 3, 4, 5} {
		next.Clusters = append(next.Clusters, feedback.Cluster{ID: id, Theme: 2, Name: b.view(t, id).Name, Centroid: vector(1, 0), Floor: 0.5})
	}
	for _, it := range b.items {
		next.Assignments = append(next.Assignments, feedback.Assignment{Excerpt: it.Excerpts[0].ID, Cluster: b.at(t, it.Excerpts[0].ID), Similarity: 0.8})
	}
	saveRun(t, b.store, next)
	for _, d := range []feedback.Decision{merge, split, moved, rename} {
		if err := b.undo(d.ID); err != nil {
			t.Fatalf("%s: %v", d, err)
		}
	}
	for i, it := range b.items {
		want := feedback.ClusterID(1)
		switch {
		case i >= 15:
			want = 4
		case i >= 9:
			want = 3
		case i >= 5:
			want = 2
		}
		if at := b.at(t, it.Excerpts[0].ID); at != want {
			t.Errorf("%s is in %s, want %s", it.Body, at, want)
		}
	}
	if c := b.view(t, 2); c.Retired || c.Size != 4 || c.Theme != 2 {
		t.Errorf("what was merged stands under a theme that ended, or not at all: %+v", c)
	}
	if c := b.view(t, split.Other); !c.Retired || c.Successor != 3 {
		t.Errorf("%+v", c)
	}
	if c := b.view(t, 4); c.Name != "Cluster C4" {
		t.Errorf("%+v", c)
	}
	c := b.constraints(t)
	if len(c.Pins)+len(c.Together)+len(c.Apart)+len(c.Kept) != 0 {
		t.Errorf("a run is still bound by %+v", c)
	}
}
