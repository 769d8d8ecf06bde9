package cluster

import "earshot/feedback"

const (
	fewStanding = 6    // with fewer clusters standing, losing most of them is no collapse
	giantPart   = 0.5  // of the grouped excerpts
	giantMin    = 200  // excerpts that a giant has at least
	blurred     = 0.05 // mean cosine between the rows of a giant that is no topic
)

// guard refuses a run whose clusters fell in on themselves: far fewer than stood before while the excerpts are still
// there, or one that holds most excerpts though they have little in common. What people brought together is theirs to
// judge, and what they hold apart doesn't hide that the data gives no more than one group.
func guard(g *groups, points []feedback.Point, standing feedback.Standing) error {
	stood := make(map[feedback.ClusterID]bool)
	for _, c := range standing.Clusters {
		stood[c.ID] = true
	}
	there := make(map[feedback.ClusterID]bool)
	for _, p := range points {
		if stood[p.Cluster] {
			there[p.Cluster] = true
		}
	}
	found := len(g.members)
	if g.ofRows != nil {
		found = min(found, g.unbound)
	}
	if len(there) >= fewStanding && 3*found < len(there) {
		return feedback.Errorf(feedback.Conflict, "the run found %d clusters where %d stand: it was refused, and those stand on", found, len(there)).
			WithHint("check that the excerpts' vectors are sound, or ask for more clusters with a higher granularity")
	}
	grouped, largest := 0, 0
	for c, members := range g.members {
		grouped += len(members)
		if len(members) > len(g.members[largest]) {
			largest = c
		}
	}
	if len(g.members) == 0 || g.joined(largest) {
		return nil
	}
	if n := len(g.members[largest]); n >= giantMin && float64(n) > giantPart*float64(grouped) && g.cohesion[largest] < blurred {
		return feedback.Errorf(feedback.Conflict, "the run put %d of %d grouped excerpts into one cluster though they have little in common: it was refused, and what stood stands on", n, grouped).
			WithHint("ask for more clusters with a higher granularity")
	}
	return nil
}
