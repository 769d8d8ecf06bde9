package cluster

import (
	"cmp"
	"context"
	"slices"

	"earshot/feedback"
)

const (
	keywords = 8
	rivals   = 3 // the clusters nearest to one, against which its phrases are held

	namedTexts = 2000 // texts of a cluster that are read for its names
)

// name puts the clusters and themes of the run into words. A cluster that holds at least half of what it was named for
// keeps its name; no two clusters have one name, nor two themes.
func (s *Stage) name(ctx context.Context, run *feedback.Run, g *groups, points []feedback.Point, standing feedback.Standing) error {
	texts := make([][]string, len(g.members))
	central := make([][]int32, len(g.members))
	for c, members := range g.members {
		central[c] = byCentrality(g.vectors, members, g.centroids[c])
		// They are in the order of their ids, which are hashes: the first ones are a sample.
		for _, p := range members[:min(len(members), namedTexts)] {
			texts[c] = append(texts[c], points[p].Text)
		}
	}
	book := newPhraseBook(texts)
	names := newNames()
	old := make(map[feedback.ClusterID]feedback.Cluster)
	for _, c := range standing.Clusters {
		old[c.ID] = c
	}
	for c := range run.Clusters {
		stood := old[run.Clusters[c].ID]
		// What a person called a cluster stays its name, and what it was called before is kept for when they take that back.
		if stood.OwnName != "" || g.kept[c] && stood.Name != "" {
			run.Clusters[c].Name, run.Clusters[c].Summary = stood.Name, stood.Summary
			names.take(stood.Name)
			names.take(stood.OwnName)
		} else {
			names.keep(stood.Name, stood.ID.String())
		}
	}
	failed := false
	for c := range run.Clusters {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		cluster := &run.Clusters[c]
		ranked := book.rank(c, g.rivals(c))
		for _, p := range distinct(ranked, keywords) {
			cluster.Keywords = append(cluster.Keywords, p.surface)
		}
		if cluster.Name == "" && s.c.Namer != nil && !failed {
			name, words, err := s.c.Namer.NameCluster(ctx, cluster.Keywords, exemplars(central[c], points, g.vectors, g.centroids[c]))
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				failed = true
				s.c.Log.Warn("a language model could not name a cluster: built-in names are used", "code", feedback.ErrorCode(err), "error", err)
			} else if name = oneLine(name); name != "" && names.free(name, cluster.ID.String()) {
				cluster.Name = name
				names.take(name)
				cluster.Summary = oneLine(words)
			}
		}
		if cluster.Name == "" {
			cluster.Name = names.pick(ranked, book.sizes[c], points[central[c][0]].Text, cluster.ID.String())
		}
		if s.c.Namer == nil || cluster.Summary == "" {
			cluster.Summary = quote(central[c], points, cluster.Name)
		}
		s.c.Progress("name", c+1, len(run.Clusters))
	}
	s.nameThemes(run, g, book, standing)
	return nil
}

// rivals gives the clusters whose centroids are nearest to that of c.
func (g *groups) rivals(c int) []int {
	var others []int
	near := make([]float32, len(g.centroids))
	for o := range g.centroids {
		if o != c {
			others = append(others, o)
			near[o] = feedback.Dot(g.centroids[c], g.centroids[o])
		}
	}
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(near[b], near[a]) })
	return others[:min(rivals, len(others))]
}

// byCentrality gives the members of a cluster, those nearest to its centroid first.
func byCentrality(vectors *vectors, members []int32, centroid feedback.Vector) []int32 {
	out := slices.Clone(members)
	vector := make(feedback.Vector, vectors.dims)
	near := make(map[int32]float32, len(out))
	for _, p := range out {
		near[p] = feedback.Dot(vectors.read(int(p), vector), centroid)
	}
	slices.SortStableFunc(out, func(a, b int32) int { return cmp.Compare(near[b], near[a]) })
	return out
}
