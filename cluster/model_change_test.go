package cluster_test

import (
	"slices"
	"testing"

	"earshot/feedback"
)

// Another model moves every point, and leaves no centroid to compare: what stood is known by its excerpts.
func TestReclusterUnderAnotherModelKeepsIdentity(t *testing.T) {
	m := &memory{points: topics(60, 50, 40, 30, 25)}
	first := run(t, m)
	m.standing.Clusters = slices.Clone(m.standing.Clusters)
	for i := range m.standing.Clusters {
		m.standing.Clusters[i].Centroid = nil
	}
	for i := range m.points {
		turned := slices.Clone(m.points[i].Vector)
		slices.Reverse(turned)
		m.points[i].Vector = turned
	}
	second := run(t, m)
	if f := fates(second); f[feedback.FateContinued] != len(first.Clusters) || len(f) != 1 {
		t.Fatalf("lineage: %v", f)
	}
	for i, c := range first.Clusters {
		if second.Clusters[i].ID != c.ID || second.Clusters[i].Name != c.Name {
			t.Errorf("%s %q became %s %q", c.ID, c.Name, second.Clusters[i].ID, second.Clusters[i].Name)
		}
	}
}
