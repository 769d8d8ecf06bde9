package postgres_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"earshot/feedback"
	"earshot/postgres"
)

// run puts each group of items into one cluster of the given id, all of them under theme 1.
func run(base int, groups map[feedback.ClusterID][]feedback.Item, retired ...feedback.Cluster) *feedback.Run {
	r := &feedback.Run{State: feedback.RunApplied, Cause: feedback.CausePerson, Base: base, Workspace: "acme", Model: model, StartedAt: day0, FinishedAt: day0.Add(time.Second),
		Themes: []feedback.Theme{{ID: 1, Name: "Everything"}}, Retired: retired, NextTheme: 2}
	for id := feedback.ClusterID(1); id < 10; id++ {
		items, ok := groups[id]
		if !ok {
			continue
		}
		r.Clusters = append(r.Clusters, feedback.Cluster{ID: id, Theme: 1, Name: "Cluster " + id.String(),
			Keywords: []string{"word"}, Centroid: feedback.Vector{1, 0, 0}, Floor: 0.5})
		r.Lineage = append(r.Lineage, feedback.Lineage{Fate: feedback.FateBorn, To: id, Shared: len(items), Overlap: 1})
		for _, it := range items {
			for _, e := range it.Excerpts {
				r.Assignments = append(r.Assignments, feedback.Assignment{Excerpt: e.ID, Cluster: id, Similarity: 0.9})
			}
		}
		r.NextCluster = id + 1
	}
	return r
}

// saveRun saves a run that was made of what stands.
func saveRun(t *testing.T, store *postgres.Store, r *feedback.Run) {
	t.Helper()
	prepare(t, store, r)
	if err := store.SaveRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// prepare makes the run one that began from what stands now.
func prepare(t *testing.T, store *postgres.Store, r *feedback.Run) {
	t.Helper()
	if err := begin(t.Context(), store, r); err != nil {
		t.Fatal(err)
	}
}

// points collects the points of acme, with vectors of unit length.
func points(ctx context.Context, store *postgres.Store, model feedback.Model) ([]feedback.Point, error) {
	var out []feedback.Point
	err := store.Points(ctx, "acme", model, func(p feedback.Point) error {
		p.Vector = slices.Clone(p.Vector)
		feedback.Normalize(p.Vector)
		out = append(out, p)
		return nil
	})
	return out, err
}

// begin fills in what a run knows of what stands when it begins.
func begin(ctx context.Context, store *postgres.Store, r *feedback.Run) error {
	standing, err := store.Standing(ctx, r.Workspace, r.Model)
	if err != nil {
		return err
	}
	loaded, err := points(ctx, store, r.Model)
	if err != nil {
		return err
	}
	r.Base, r.Mark, r.Excerpts = standing.Run, standing.Mark, len(r.Assignments)
	r.NextCluster, r.NextTheme = max(r.NextCluster, standing.NextCluster), max(r.NextTheme, standing.NextTheme)
	at := make(map[feedback.ID]feedback.ClusterID)
	for _, p := range loaded {
		at[p.Excerpt] = p.Cluster
	}
	for i, a := range r.Assignments {
		r.Assignments[i].Stood = at[a.Excerpt]
	}
	return nil
}

func TestARunBecomesWhatStands(t *testing.T) {
	store := open(t)
	a, b := item("1", "The app crashes."), item("2", "Add dark mode.")
	save(t, store, a, b)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, a, b)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: {a}, 2: {b}}))

	standing, err := store.Standing(t.Context(), "acme", model)
	if err != nil {
		t.Fatal(err)
	}
	if standing.Run != 1 || len(standing.Clusters) != 2 || standing.NextCluster != 3 || standing.NextTheme != 2 {
		t.Fatalf("%+v", standing)
	}
	c := standing.Clusters[0]
	if c.ID != 1 || c.Size != 1 || c.BornRun != 1 || c.ThemeName != "Everything" || len(c.Centroid) != 3 {
		t.Errorf("%+v", c)
	}
	loaded, err := points(t.Context(), store, model)
	if err != nil || loaded[0].Cluster == 0 || loaded[1].Cluster == 0 {
		t.Fatalf("%+v, %v", loaded, err)
	}
}

func TestASecondRunFromTheSameBaseIsAConflictAndChangesNothing(t *testing.T) {
	store := open(t)
	a := item("1", "The app crashes.")
	save(t, store, a)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, a)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: {a}}))
	err := store.SaveRun(t.Context(), run(0, map[feedback.ClusterID][]feedback.Item{2: {a}}))
	if feedback.ErrorCode(err) != feedback.Conflict {
		t.Fatal(err)
	}
	standing, err := store.Standing(t.Context(), "acme", model)
	if err != nil || len(standing.Clusters) != 1 || standing.Clusters[0].ID != 1 {
		t.Fatalf("%+v, %v", standing, err)
	}
}

func TestAnExcerptThatTheRunDidNotSeeFollowsItsRetiredCluster(t *testing.T) {
	store := open(t)
	a, late := item("1", "The app crashes."), item("2", "It crashed again.")
	save(t, store, a, late)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, a, late)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: {a, late}}))
	// The next run merges cluster 1 into 2, and knows nothing of the late excerpt.
	saveRun(t, store, run(1, map[feedback.ClusterID][]feedback.Item{2: {a}}, feedback.Cluster{ID: 1, Successor: 2}))

	view, err := store.ClusterByID(t.Context(), "acme", 1)
	if err != nil || !view.Cluster.Retired || view.Cluster.Successor != 2 {
		t.Fatalf("%+v, %v; a retired cluster still says what became of it", view.Cluster, err)
	}
	hits, err := store.ClusterExcerpts(t.Context(), "acme", 2, 0, 10)
	if err != nil || len(hits) != 2 {
		t.Fatalf("%d excerpts in the successor, %v; want both", len(hits), err)
	}
}

func TestANewAnalysisLeavesAnExcerptInItsCluster(t *testing.T) {
	store := open(t)
	a := item("1", "The app crashes.")
	save(t, store, a)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, a)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: {a}, 2: {}}))
	err := store.SaveAnalyses(t.Context(), model, []feedback.Analysis{{Workspace: "acme", Excerpt: a.Excerpts[0].ID,
		Vector: feedback.Vector{0, 1, 0}, Labels: feedback.Labels{Kind: feedback.KindBug}, Cluster: 2, Similarity: 0.7}})
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := points(t.Context(), store, model)
	if err != nil || loaded[0].Cluster != 1 {
		t.Fatalf("%+v, %v", loaded, err)
	}
}

func TestFlagsAreKeptShownAndCounted(t *testing.T) {
	store := open(t)
	calm, late, leaving := item("1", "The app crashes."), item("2", "We need it today."), item("3", "We are leaving you.")
	save(t, store, calm, late, leaving)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, calm, late, leaving)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: {calm, late, leaving}}))
	flag := func(it feedback.Item, urgent, churn bool) feedback.Analysis {
		return feedback.Analysis{Workspace: "acme", Excerpt: it.Excerpts[0].ID, Vector: feedback.Vector{1, 0, 0},
			Labels: feedback.Labels{Kind: feedback.KindComplaint, Urgent: urgent, ChurnRisk: churn}}
	}
	err := store.SaveAnalyses(t.Context(), model, []feedback.Analysis{flag(calm, false, false), flag(late, true, false), flag(leaving, true, true)})
	if err != nil {
		t.Fatal(err)
	}
	view, err := store.ClusterByID(t.Context(), "acme", 1)
	if err != nil || view.Urgent != 2 || view.ChurnRisk != 1 {
		t.Fatalf("%d urgent, %d may leave, %v; want 2 and 1", view.Urgent, view.ChurnRisk, err)
	}
	hits, err := store.ClusterExcerpts(t.Context(), "acme", 1, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, h := range hits {
		got[h.Text] = fmt.Sprint(h.Urgent, h.ChurnRisk)
	}
	want := map[string]string{"The app crashes.": "false false", "We need it today.": "true false", "We are leaving you.": "true true"}
	if !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

func TestLinksOfAPersonOutliveNewProposals(t *testing.T) {
	store := open(t)
	a := item("1", "The app crashes.")
	save(t, store, a)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, a)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: {a}}))
	features := []feedback.Feature{
		{ID: "child", Parent: "top", Name: "Offline mode", Kind: "feature", Status: feedback.StatusPlanned},
		{ID: "other", Parent: "top", Name: "Exports", Kind: "feature", Status: feedback.StatusIdea},
		{ID: "top", Name: "Mobile", Kind: "product"},
	}
	if err := store.SaveFeatures(t.Context(), "acme", features); err != nil {
		t.Fatal(err)
	}
	got, err := store.Features(t.Context(), "acme")
	if err != nil || len(got) != 3 || got[0].ID != "top" || len(got[1].Path) != 2 || got[1].Path[1] != "Offline mode" {
		t.Fatalf("%+v, %v", got, err)
	}
	link := func(feature string, state feedback.LinkState) feedback.Link {
		return feedback.Link{Cluster: 1, Feature: feature, State: state, Score: 0.5}
	}
	if err := store.SaveLinks(t.Context(), "acme", []feedback.Link{link("child", feedback.LinkRejected)}); err != nil {
		t.Fatal(err)
	}
	again := []feedback.Link{link("child", feedback.LinkAutomatic), link("other", feedback.LinkSuggested), link("top", feedback.LinkSuggested)}
	again[1].RunnerUp, again[1].RunnerUpScore, again[1].Evidence = "top", 0.25, []string{`say "sync"`, "off, {line}", "é"}
	for range 2 {
		if err := store.SaveLinks(t.Context(), "acme", again); err != nil {
			t.Fatal(err)
		}
	}
	links, err := store.Links(t.Context(), "acme")
	if err != nil || len(links[1]) != 3 {
		t.Fatalf("%+v, %v", links, err)
	}
	for _, l := range links[1] {
		if l.Feature == "other" && !reflect.DeepEqual(l, again[1]) || l.Feature == "top" && len(l.Evidence) != 0 {
			t.Errorf("%+v", l)
		}
		if l.Feature == "child" && l.State != feedback.LinkRejected {
			t.Error("a proposal took the place of a person's rejection")
		}
	}
}

func TestIdentityOutlivesAnotherEmbeddingModel(t *testing.T) {
	store := open(t)
	a, b := item("1", "The app crashes."), item("2", "Add dark mode.")
	save(t, store, a, b)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, a, b)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: {a}, 2: {b}}))

	other := feedback.Model{Name: "other", Version: "1", Dimensions: 2}
	embed := func(it feedback.Item) {
		t.Helper()
		if err := store.SaveAnalyses(t.Context(), other, []feedback.Analysis{{Workspace: "acme", Excerpt: it.Excerpts[0].ID,
			Vector: feedback.Vector{0, 1}, Labels: feedback.Labels{Kind: feedback.KindBug}}}); err != nil {
			t.Fatal(err)
		}
	}
	embed(a)
	// Half of the workspace speaks of another space: a run over it would retire the clusters of the other half.
	if _, err := points(t.Context(), store, other); feedback.ErrorCode(err) != feedback.Conflict {
		t.Fatalf("points of two models: %v", err)
	}
	if due, err := store.DueForRun(t.Context(), other, day0.Add(time.Hour)); err != nil || len(due) != 0 {
		t.Fatalf("due in the middle of a change of models: %v, %v", due, err)
	}
	embed(b)
	if due, err := store.DueForRun(t.Context(), other, day0.Add(time.Hour)); err != nil || len(due) != 1 {
		t.Fatalf("due after a change of models: %v, %v", due, err)
	}
	standing, err := store.Standing(t.Context(), "acme", other)
	if err != nil || len(standing.Clusters) != 2 || standing.Clusters[0].Name != "Cluster C1" {
		t.Fatalf("%+v, %v; the clusters stand, whatever made them", standing.Clusters, err)
	}
	if standing.Clusters[0].Centroid != nil {
		t.Error("a centroid of another model would be compared")
	}
	if near, err := store.Centroids(t.Context(), "acme", other); err != nil || len(near) != 0 {
		t.Errorf("%+v, %v; nothing can join a cluster by a centroid of another model", near, err)
	}
	loaded, err := points(t.Context(), store, other)
	if err != nil || len(loaded) != 2 || loaded[0].Cluster == 0 || loaded[1].Cluster == 0 {
		t.Fatalf("%+v, %v", loaded, err)
	}
}

func TestAWorkspaceIsDueWhenFeedbackCameAndTimePassed(t *testing.T) {
	store := open(t)
	due := func(before time.Time) int {
		t.Helper()
		w, err := store.DueForRun(t.Context(), model, before)
		if err != nil {
			t.Fatal(err)
		}
		return len(w)
	}
	a := item("1", "The app crashes.")
	save(t, store, a)
	if due(day0.Add(time.Hour)) != 0 {
		t.Error("due with nothing analysed")
	}
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, a)
	if due(day0.Add(time.Hour)) != 1 {
		t.Error("not due before the first run")
	}
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: {a}}))
	if due(day0.Add(time.Hour)) != 0 {
		t.Error("due with nothing new")
	}
	b := item("2", "It crashed again.")
	b.ReceivedAt = day0.Add(time.Minute)
	save(t, store, b)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, b)
	if due(day0) != 0 || due(day0.Add(time.Hour)) != 1 {
		t.Error("due too early, or never")
	}
}
