package postgres_test

import (
	"testing"
	"time"

	"earshot/feedback"
)

func TestWhatFormsIsKeptUntilItHasFoundACluster(t *testing.T) {
	w := newWorld(t)
	far := feedback.Vector{0, 0, 1}
	items := []feedback.Item{w.late("5", far, 0), w.late("6", far, 0), w.late("7", far, 0)}
	watched := func() int {
		t.Helper()
		names, err := w.store.ToWatch(t.Context(), model)
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	if watched() != 1 {
		t.Fatal("unassigned excerpts that came are not to be watched")
	}
	points, err := w.store.UnassignedPoints(t.Context(), "acme", model, day0.Add(-time.Hour), 2)
	if err != nil || len(points) != 2 || points[0].Vector[2] != 1 {
		t.Fatalf("%+v, %v", points, err)
	}
	if points, err := w.store.UnassignedPoints(t.Context(), "acme", model, day0.Add(time.Hour), 9); err != nil || len(points) != 0 {
		t.Errorf("%d points of later, %v", len(points), err)
	}
	if n, err := w.store.Heard(t.Context(), "acme", day0, day0.Add(time.Second)); err != nil || n != 7 {
		t.Errorf("heard %d, %v", n, err)
	}
	f := feedback.Forming{Name: "Hinges", Keywords: nil, Recent: 3, Chance: 1e-5, Looked: 4, Since: day0, SeenAt: later}
	for _, it := range items {
		f.Excerpts = append(f.Excerpts, it.Excerpts[0].ID)
	}
	if err := w.store.SaveForming(t.Context(), "acme", []feedback.Forming{f}, later); err != nil {
		t.Fatal(err)
	}
	if watched() != 0 {
		t.Error("watched again though nothing came")
	}
	forming, err := w.store.Forming(t.Context(), "acme", 2)
	if err != nil || len(forming) != 1 || forming[0].Name != "Hinges" || len(forming[0].Excerpts) != 3 || len(forming[0].Hits) != 2 {
		t.Fatalf("%+v, %v", forming, err)
	}
	if seen, err := w.store.RunSeen(t.Context(), "acme", f.Excerpts); err != nil || seen {
		t.Errorf("a run has seen it: %v, %v", seen, err)
	}
	w.must("UPDATE excerpts SET cluster_id = 1 WHERE text IN ('Late 5.', 'Late 6.')")
	if forming, err := w.store.Forming(t.Context(), "acme", 2); err != nil || len(forming) != 0 {
		t.Errorf("it still forms though most of it has a cluster: %+v, %v", forming, err)
	}
}
