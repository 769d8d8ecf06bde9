package postgres_test

import (
	"testing"
	"time"

	"earshot/feedback"
)

// counts gives the weeks of a series that are not zero, by their Mondays.
func counts(weeks []feedback.Week) map[string]int {
	out := map[string]int{}
	for _, w := range weeks {
		if w.Items > 0 {
			out[w.Start.Format(time.DateOnly)] = w.Items
		}
	}
	return out
}

func (w *world) view(id feedback.ClusterID) feedback.ClusterView {
	w.Helper()
	v, err := w.store.ClusterByID(w.Context(), "acme", id)
	if err != nil {
		w.Fatal(err)
	}
	return v
}

func TestATrendIsKnownAsItWasReportedAndUnderTodaysClusters(t *testing.T) {
	w := newWorld(t)
	week, next := "2026-04-27", "2026-05-04" // of day0, and the one after
	r := w.save(w.next())
	if v := w.view(1); v.Reported != nil || counts(v.Weekly)[week] != 3 {
		t.Fatalf("before the run: %v, reported %v", v.Weekly, v.Reported)
	}
	// Applied in the week after: the first has been reported under C1 and C2, the second has not.
	after := item("5", "It crashed once more.")
	after.OccurredAt = day0.AddDate(0, 0, 7)
	save(t, w.store, after)
	if err := w.store.SaveAnalyses(t.Context(), model, []feedback.Analysis{{Workspace: "acme", Excerpt: after.Excerpts[0].ID, Vector: north,
		Labels: feedback.Labels{Kind: feedback.KindBug}, Cluster: 2, Similarity: 0.9}}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.ApplyRun(t.Context(), "acme", r.ID, day0.AddDate(0, 0, 8)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id                        feedback.ClusterID
		now, was, nowNext, wasNxt int
	}{{1, 2, 3, 0, 0}, {2, 0, 1, 0, 0}, {3, 2, 0, 1, 1}} {
		v := w.view(c.id)
		now, was := counts(v.Weekly), counts(v.Reported)
		if v.Reported == nil || now[week] != c.now || was[week] != c.was || now[next] != c.nowNext || was[next] != c.wasNxt {
			t.Errorf("%s: %v today, %v as reported", c.id, now, was)
		}
	}
	// The theme holds what it held: its line is one.
	theme, err := w.store.ThemeByID(t.Context(), "acme", 1)
	if err != nil || theme.Reported != nil || counts(theme.Weekly)[week] != 4 || counts(theme.Weekly)[next] != 1 || len(theme.Clusters) != 2 {
		t.Errorf("%+v, %v", theme, err)
	}
	if _, err := w.store.ThemeByID(t.Context(), "acme", 9); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("a theme that is not there: %v", err)
	}
	// A rollback changes what is true today, and never what was reported.
	if _, _, err := w.store.Rollback(t.Context(), "acme", day0.AddDate(0, 0, 9)); err != nil {
		t.Fatal(err)
	}
	if v := w.view(1); v.Reported != nil || counts(v.Weekly)[week] != 3 {
		t.Errorf("after the rollback: %v, reported %v", v.Weekly, v.Reported)
	}
}

func TestARunThatChangesNothingRestatesNothing(t *testing.T) {
	w := newWorld(t)
	r := run(0, map[feedback.ClusterID][]feedback.Item{1: {w.a, w.b, w.c}, 2: {w.d}})
	prepare(t, w.store, r)
	r.FinishedAt = day0.AddDate(0, 0, 30)
	w.save(r)
	for _, id := range []feedback.ClusterID{1, 2} {
		if v := w.view(id); v.Reported != nil {
			t.Errorf("%s: %v, reported %v", id, v.Weekly, v.Reported)
		}
	}
}
