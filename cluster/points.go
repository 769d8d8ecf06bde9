package cluster

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"earshot/feedback"
)

// checked gives the points in the order of their excerpts, so that no result depends on the order of a query. A vector
// of another length, or one that is neither of unit length nor zero, is Internal: it would spoil every group silently.
func checked(points []feedback.Point, model feedback.Model) ([]feedback.Point, error) {
	byExcerpt := func(a, b feedback.Point) int { return bytes.Compare(a.Excerpt[:], b.Excerpt[:]) }
	if !slices.IsSortedFunc(points, byExcerpt) {
		points = slices.Clone(points)
		slices.SortStableFunc(points, byExcerpt)
	}
	for i, p := range points {
		if i > 0 && p.Excerpt == points[i-1].Excerpt {
			return nil, feedback.Errorf(feedback.Internal, "excerpt %s was read twice", p.Excerpt)
		}
		if len(p.Vector) != model.Dimensions {
			return nil, feedback.Errorf(feedback.Internal, "the vector of excerpt %s has %d dimensions, but model %s %s has %d",
				p.Excerpt, len(p.Vector), model.Name, model.Version, model.Dimensions)
		}
		var sum float64
		for _, x := range p.Vector {
			sum += float64(float64(x) * float64(x))
		}
		// Vectors are kept at half precision, so their length may be off by some thousandths.
		if sum != 0 && !(math.Abs(sum-1) < 0.05) {
			return nil, feedback.Errorf(feedback.Internal, "the vector of excerpt %s is not of unit length", p.Excerpt).
				WithHint("embed it again: its embedder gave NaN, or a vector that was not normalised")
		}
	}
	return points, nil
}

// normalised gives what stands in the order of ids, without what was retired before.
func normalised(s feedback.Standing) feedback.Standing {
	s.Clusters = slices.DeleteFunc(slices.Clone(s.Clusters), func(c feedback.Cluster) bool { return c.Retired })
	slices.SortFunc(s.Clusters, func(a, b feedback.Cluster) int { return cmp.Compare(a.ID, b.ID) })
	s.Themes = slices.Clone(s.Themes)
	slices.SortFunc(s.Themes, func(a, b feedback.Theme) int { return cmp.Compare(a.ID, b.ID) })
	s.NextCluster, s.NextTheme = max(s.NextCluster, 1), max(s.NextTheme, 1)
	for _, c := range s.Clusters {
		s.NextCluster, s.NextTheme = max(s.NextCluster, c.ID+1), max(s.NextTheme, c.Theme+1)
	}
	for _, t := range s.Themes {
		s.NextTheme = max(s.NextTheme, t.ID+1)
	}
	return s
}
