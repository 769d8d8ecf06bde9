package cluster

import (
	"context"
	"slices"

	"earshot/cluster/graph"
)

const (
	// copyCosine is from which cosine on rows say nearly the same in the same words.
	copyCosine = 0.95
	// Gathering copies asks for another search: with so many rows it must take at least one in so many away.
	costly, worthwhile = 20_000, 20
	// gatherings is how often near copies are gathered at the most: each leaves about one of as many as a row has neighbours.
	gatherings = 3
)

// neighbourhood finds the neighbours of all rows. A row all of whose neighbours are its near copies is tied to nothing else,
// and they would be a cluster of their own at any granularity, as rows of the very same vector would: such copies are put
// into one row first, and the neighbours of what is left are looked for again.
func (s *Stage) neighbourhood(ctx context.Context, g *groups) (graph.Neighbours, error) {
	for round := 0; ; round++ {
		near, err := s.nearest(ctx, g, round)
		if err != nil || round == gatherings || !g.space.gather(near) {
			return near, err
		}
		if g.keeper != nil {
			g.keeper.next(round)
		}
	}
}

// gather puts rows together with those all of whose neighbours are their near copies, and reports whether there were enough. In
// the order of the rows each such one that is not put to another yet takes its copies that are not, and so does one that took
// some before; none that another took takes more, so that no chain of copies ends far from where it began. Where hardly a
// row would be left, nothing is done.
func (s *space) gather(near graph.Neighbours) bool {
	n := s.matrix.Rows
	if near.K < neighbours {
		return false
	}
	if s.gathered == nil {
		s.gathered = make(map[uint64]bool)
	}
	to := make([]int32, n)
	for r := range to {
		to[r] = int32(r)
	}
	taken := make([]bool, n)
	left := n
	for r := range n {
		index, cosine := near.Of(r)
		if taken[r] || cosine[near.K-1] < copyCosine && !s.gathered[s.keys[r]] {
			continue
		}
		taken[r] = true
		for x, other := range index {
			if cosine[x] >= copyCosine && !taken[other] {
				taken[other], to[other] = true, int32(r)
				left--
			}
		}
	}
	if left == n || left < 5*neighbours || n > costly && n-left < n/worthwhile {
		return false
	}
	for r, t := range to {
		if int(t) != r {
			s.gathered[s.keys[t]] = true
		}
	}
	s.join(to)
	return true
}

// join puts the points of each row to those of the row that to names, which stays; the others are taken out.
func (s *space) join(to []int32) {
	place := make([]int32, len(to)) // of each row that stays
	dims, rows := s.matrix.Dims, 0
	var points [][]int32
	for r, t := range to {
		if int(t) != r {
			continue
		}
		place[r] = int32(rows)
		copy(s.matrix.Data[rows*dims:(rows+1)*dims], s.matrix.Row(r))
		s.keys[rows] = s.keys[r]
		points = append(points, s.points[r])
		rows++
	}
	for r, t := range to {
		if int(t) != r {
			points[place[t]] = append(points[place[t]], s.points[r]...)
		}
	}
	for i, r := range s.rowOf {
		if r >= 0 {
			s.rowOf[i] = place[to[r]]
		}
	}
	for _, members := range points {
		slices.Sort(members)
	}
	s.points, s.keys = points, s.keys[:rows]
	s.matrix.Rows, s.matrix.Data = rows, s.matrix.Data[:rows*dims]
}
