package postgres_test

import (
	"testing"
	"time"

	"earshot/feedback"
)

// What copies another is kept where it was put, and no number that people see has it: not of a theme, not as reported then,
// not of what is in no cluster, not of what forms.
func TestCopiesAreInNoCount(t *testing.T) {
	w := newWorld(t)
	e := w.late("5", feedback.Vector{0, 0, 1}, 0)
	copied := func(original feedback.Item, id string, vector feedback.Vector, cluster feedback.ClusterID) {
		t.Helper()
		it := w.late(id, vector, cluster)
		w.must("UPDATE items SET duplicate_of = '" + original.ID.String() + "' WHERE id = '" + it.ID.String() + "'")
	}
	copied(w.a, "6", east, 1)
	copied(w.a, "7", east, 1)
	copied(e, "8", feedback.Vector{0, 0, 1}, 0)
	week := "2026-04-27" // of day0
	theme, err := w.store.ThemeByID(t.Context(), "acme", 1)
	if err != nil || theme.Items != 4 || counts(theme.Weekly)[week] != 4 {
		t.Errorf("a theme of 4 items without copies has %d, by week %v, %v", theme.Items, counts(theme.Weekly), err)
	}
	list, err := w.store.ClusterList(t.Context(), "acme")
	if err != nil || list.Unassigned != 1 || list.Outliers[feedback.OutlierFar] != 1 {
		t.Errorf("%d in no cluster, by reason %v, %v", list.Unassigned, list.Outliers, err)
	}
	for _, reason := range []feedback.Outlier{"", feedback.OutlierFar} {
		if hits, err := w.store.UnassignedExcerpts(t.Context(), "acme", reason, 0, 9); err != nil || len(hits) != 1 || hits[0].Excerpt != e.Excerpts[0].ID {
			t.Errorf("listed of the reason %q: %+v, %v", reason, hits, err)
		}
	}
	if points, err := w.store.UnassignedPoints(t.Context(), "acme", model, day0.Add(-time.Hour), 9); err != nil || len(points) != 1 {
		t.Errorf("%d excerpts may form something, %v", len(points), err)
	}
	marked := 0
	if err := w.store.Points(t.Context(), "acme", model, func(p feedback.Point) error {
		if p.Copy {
			marked++
		}
		return nil
	}); err != nil || marked != 3 {
		t.Errorf("a run knows %d copies of 3, %v", marked, err)
	}
	if n, err := w.store.Heard(t.Context(), "acme", day0.Add(-time.Hour), day0.Add(time.Hour)); err != nil || n != 5 {
		t.Errorf("heard %d, %v", n, err)
	}
	again := run(1, map[feedback.ClusterID][]feedback.Item{1: {w.a, w.b, w.c}, 2: {w.d}})
	prepare(t, w.store, again)
	again.FinishedAt = day0.AddDate(0, 0, 30)
	w.save(again)
	if v := w.view(1); v.Reported != nil {
		t.Errorf("nothing changed, and %v stand beside %v as reported then", counts(v.Reported), counts(v.Weekly))
	}
	_, by, err := w.store.Rollback(t.Context(), "acme", day0.AddDate(0, 0, 31))
	if err != nil {
		t.Fatal(err)
	}
	record, err := w.store.RunByID(t.Context(), "acme", by)
	if err != nil || record.Excerpts != 5 || record.Unassigned != 1 {
		t.Errorf("after a rollback %d excerpts of 5 stand, %d of 1 in no cluster, %v", record.Excerpts, record.Unassigned, err)
	}
}
