package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"earshot/cluster/graph"
	"earshot/feedback"
)

// mostParts is how many parts are proposed at the most: more than a person can weigh up is no proposal.
const mostParts = 6

// Parts proposes how a cluster could be split: the parts that stand farthest apart, at least of the minimum size, the
// largest first, each with a name that tells it from the others and that none of the standing clusters has. points are the
// cluster's analysed excerpts. Where fewer than two parts stand apart the cluster is one topic, and the error is Conflict.
// It is NotFound without excerpts.
func (s *Stage) Parts(ctx context.Context, id feedback.ClusterID, points []feedback.Point, standing []feedback.Cluster) ([]feedback.Part, error) {
	points, vectors, err := s.membersOf(id, points)
	if err != nil {
		return nil, err
	}
	sp := newSpace(points, vectors)
	near, err := graph.Nearest(ctx, sp.matrix, graph.NearestOptions{K: neighboursOf(len(sp.points))})
	if err != nil {
		return nil, err
	}
	g := &groups{space: sp, near: graph.Build(near), minSize: max(2, s.c.MinSize, len(points)/20)}
	steps, err := s.wide(ctx, g)
	if err != nil {
		return nil, err
	}
	var best []int32
	apart := 0.0
	for _, x := range steps {
		rows := slices.Clone(x.rows)
		g.dissolve(rows)
		if n := g.clusters(rows); n < 2 || n > mostParts {
			continue
		}
		if separation, _ := graph.Separation(sp.matrix, rows); best == nil || separation > apart {
			best, apart = rows, separation
		}
	}
	if best == nil {
		return nil, feedback.Errorf(feedback.Conflict, "%s is one topic: no parts of it stand apart", id).
			WithHint("choose the excerpts that are to leave it")
	}
	best, n := graph.Compact(best)
	sides := make([][]int32, n)
	for i, r := range sp.rowOf {
		if r >= 0 && best[r] >= 0 {
			sides[best[r]] = append(sides[best[r]], int32(i))
		}
	}
	slices.SortStableFunc(sides, func(a, b []int32) int { return cmp.Compare(len(b), len(a)) })
	return s.describe(sides, points, vectors, standing, id), nil
}

// PartOf names a part that a person chose: some excerpts of a cluster. Its errors are those of Parts, and Conflict for an
// excerpt that is not in the cluster.
func (s *Stage) PartOf(id feedback.ClusterID, excerpts []feedback.ID, points []feedback.Point, standing []feedback.Cluster) (feedback.Part, error) {
	points, vectors, err := s.membersOf(id, points)
	if err != nil {
		return feedback.Part{}, err
	}
	chosen := make(map[feedback.ID]bool, len(excerpts))
	for _, e := range excerpts {
		chosen[e] = true
	}
	sides := make([][]int32, 2)
	for i, p := range points {
		side := 1
		if chosen[p.Excerpt] {
			side = 0
			delete(chosen, p.Excerpt)
		}
		sides[side] = append(sides[side], int32(i))
	}
	for _, e := range excerpts {
		if chosen[e] {
			return feedback.Part{}, feedback.Errorf(feedback.Conflict, "excerpt %s is not among the analysed ones of %s", e, id)
		}
	}
	if len(sides[0]) == 0 || len(sides[1]) == 0 {
		return feedback.Part{}, feedback.Errorf(feedback.Conflict, "a split takes some of the excerpts of %s, and leaves some", id)
	}
	return s.describe(sides, points, vectors, standing, id)[0], nil
}

func (s *Stage) membersOf(id feedback.ClusterID, points []feedback.Point) ([]feedback.Point, *vectors, error) {
	if len(points) == 0 {
		return nil, nil, feedback.Errorf(feedback.NotFound, "no cluster %s with analysed excerpts stands in the workspace", id)
	}
	return checked(points, s.c.Model)
}

// describe names the sides of a cluster, which are some of the points each, by what tells them from each other. The name of no standing cluster is given
// twice; the largest side may keep its own.
func (s *Stage) describe(sides [][]int32, points []feedback.Point, vectors *vectors, standing []feedback.Cluster, id feedback.ClusterID) []feedback.Part {
	texts := make([][]string, len(sides))
	for c, side := range sides {
		for _, p := range side {
			texts[c] = append(texts[c], points[p].Text)
		}
	}
	book := newPhraseBook(texts)
	names := newNames()
	for _, c := range standing {
		names.take(c.Name)
		names.take(c.OwnName)
	}
	parts := make([]feedback.Part, len(sides))
	for c, side := range sides {
		var others []int
		for o := range sides {
			if o != c {
				others = append(others, o)
			}
		}
		ranked := book.rank(c, others)
		part := &parts[c]
		for _, p := range distinct(ranked, keywords) {
			part.Keywords = append(part.Keywords, p.surface)
		}
		for _, p := range side {
			part.Excerpts = append(part.Excerpts, points[p].Excerpt)
		}
		centroid, _ := centre(vectors, side)
		central := byCentrality(vectors, side, centroid)
		part.Name = names.pick(ranked, book.sizes[c], points[central[0]].Text, fmt.Sprintf("%s, part %d", id, c+1))
		part.Summary = quote(central, points, part.Name)
	}
	return parts
}
