package cluster

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"earshot/feedback"
)

// reading takes points one after the other, as they are read. Their vectors are kept apart.
type reading struct {
	model   feedback.Model
	points  []feedback.Point // without vectors
	vectors *vectors
}

func newReading(model feedback.Model) *reading {
	return &reading{model: model, vectors: newVectors(model.Dimensions)}
}

// take adds a point, whose vector may be used for another afterwards. A vector of another length, or one that is neither
// of unit length nor zero, is Internal: it would spoil every group silently.
func (r *reading) take(p feedback.Point) error {
	if len(p.Vector) != r.model.Dimensions {
		return feedback.Errorf(feedback.Internal, "the vector of excerpt %s has %d dimensions, but model %s %s has %d",
			p.Excerpt, len(p.Vector), r.model.Name, r.model.Version, r.model.Dimensions)
	}
	var sum float64
	for _, x := range p.Vector {
		sum += float64(float64(x) * float64(x))
	}
	// Vectors are kept at half precision, so their length may be off by some thousandths.
	if sum != 0 && !(math.Abs(sum-1) < 0.05) {
		return feedback.Errorf(feedback.Internal, "the vector of excerpt %s is not of unit length", p.Excerpt).
			WithHint("embed it again: its embedder gave NaN, or a vector that was not normalised")
	}
	r.vectors.add(p.Vector)
	p.Vector = nil
	r.points = append(r.points, p)
	return nil
}

// done gives the points in the order of their excerpts, so that no result depends on the order of a query. One that was
// taken twice is Internal.
func (r *reading) done() ([]feedback.Point, *vectors, error) {
	byExcerpt := func(a, b feedback.Point) int { return bytes.Compare(a.Excerpt[:], b.Excerpt[:]) }
	if !slices.IsSortedFunc(r.points, byExcerpt) {
		order := make([]int, len(r.points))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return byExcerpt(r.points[a], r.points[b]) })
		sorted := make([]feedback.Point, len(order))
		for i, o := range order {
			sorted[i] = r.points[o]
		}
		r.points, r.vectors = sorted, r.vectors.reordered(order)
	}
	for i := 1; i < len(r.points); i++ {
		if r.points[i].Excerpt == r.points[i-1].Excerpt {
			return nil, nil, feedback.Errorf(feedback.Internal, "excerpt %s was read twice", r.points[i].Excerpt)
		}
	}
	return r.points, r.vectors, nil
}

// checked reads points that are there already.
func checked(points []feedback.Point, model feedback.Model) ([]feedback.Point, *vectors, error) {
	r := newReading(model)
	for _, p := range points {
		if err := r.take(p); err != nil {
			return nil, nil, err
		}
	}
	return r.done()
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
