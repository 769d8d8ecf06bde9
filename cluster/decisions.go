package cluster

import (
	"slices"

	"earshot/cluster/graph"
	"earshot/feedback"
)

// binding holds groupings to what people decided. Its units are the rows of the space, or the points; standing clusters
// are numbered as in the standing. It is read only.
type binding struct {
	stands   []int32 // where each unit stands; -1 for nowhere
	pin      []int32 // where it must be; -1 for wherever it falls
	kept     []bool  // of each standing cluster: whether it goes on while it has units
	apart    map[[2]int32]bool
	together []union
	partners map[int32][]int32 // units from which a unit is kept apart
	near     *graph.Graph      // between units; nil where there is none
}

// union is the units that a merge brought into a standing cluster.
type union struct {
	cluster int32
	units   []int32
}

// bindings makes the binding of the rows and that of the points, or nil where nobody decided anything.
func bindings(sp *space, points []feedback.Point, standing feedback.Standing, rows []int32) (ofRows, ofPoints *binding) {
	c := standing.Constraints
	if c.Last == 0 {
		return nil, nil
	}
	number := make(map[feedback.ClusterID]int32)
	for i, s := range standing.Clusters {
		number[s.ID] = int32(i)
	}
	b := &binding{stands: make([]int32, len(points)), pin: make([]int32, len(points)), kept: make([]bool, len(standing.Clusters)),
		apart: make(map[[2]int32]bool), partners: make(map[int32][]int32)}
	unit := make(map[feedback.ID]int32, len(points))
	for i, p := range points {
		unit[p.Excerpt] = int32(i)
		b.stands[i], b.pin[i] = -1, -1
		if n, ok := number[p.Cluster]; ok {
			b.stands[i] = n
		}
		if n, ok := number[c.Pins[p.Excerpt]]; ok {
			b.pin[i] = n
		}
	}
	for id := range c.Kept {
		if n, ok := number[id]; ok {
			b.kept[n] = true
		}
	}
	for _, pair := range c.Apart {
		x, here := number[pair[0]]
		if y, too := number[pair[1]]; here && too {
			b.part(x, y)
		}
	}
	for _, pair := range c.Pairs {
		u, here := unit[pair[0]]
		v, too := unit[pair[1]]
		if !here || !too {
			continue
		}
		b.partners[u], b.partners[v] = append(b.partners[u], v), append(b.partners[v], u)
		if b.pin[u] >= 0 && b.pin[v] >= 0 && b.pin[u] != b.pin[v] {
			b.part(b.pin[u], b.pin[v]) // their clusters cannot become one
		}
	}
	for _, t := range c.Together {
		n, ok := number[t.Cluster]
		if !ok {
			continue
		}
		u := union{cluster: n}
		for _, e := range t.Excerpts {
			if i, ok := unit[e]; ok && b.stands[i] == n {
				u.units = append(u.units, i)
			}
		}
		b.together = append(b.together, u)
	}
	return b.rows(sp, rows), b
}

func (b *binding) part(x, y int32) {
	if x != y {
		b.apart[[2]int32{min(x, y), max(x, y)}] = true
	}
}

// rows carries the binding of the points over to rows that stand where stands says. A row of several points is bound by
// what holds for all of them; the rest is for the points' own binding.
func (b *binding) rows(sp *space, stands []int32) *binding {
	out := &binding{stands: stands, pin: make([]int32, len(sp.points)), kept: b.kept, apart: b.apart, partners: make(map[int32][]int32)}
	if stands == nil {
		out.stands = slices.Repeat([]int32{-1}, len(sp.points))
	}
	for r, members := range sp.points {
		out.pin[r] = b.pin[members[0]]
		for _, p := range members {
			if b.pin[p] != out.pin[r] {
				out.pin[r] = -1
			}
		}
	}
	for u, others := range b.partners {
		for _, v := range others {
			x, y := sp.rowOf[u], sp.rowOf[v]
			if x >= 0 && y >= 0 && len(sp.points[x]) == 1 && len(sp.points[y]) == 1 {
				out.partners[x] = append(out.partners[x], y)
			}
		}
	}
	for _, t := range b.together {
		rows := union{cluster: t.cluster}
		for _, p := range t.units {
			if r := sp.rowOf[p]; r >= 0 && out.stands[r] == t.cluster {
				rows.units = append(rows.units, r)
			}
		}
		slices.Sort(rows.units)
		rows.units = slices.Compact(rows.units)
		out.together = append(out.together, rows)
	}
	return out
}

// bind holds the grouping of the points to what people decided, and notes which clusters go on where by decision, and
// which decisions cannot be honoured.
func (g *groups) bind(points []feedback.Point, standing feedback.Standing) {
	if g.ofPoints == nil {
		return
	}
	label, claims := g.ofPoints.enforce(g.label)
	g.label, _ = graph.Compact(label)
	g.claims = make(map[int]int, len(claims))
	for s, u := range claims {
		g.claims[int(s)] = int(g.label[u])
	}
	for i, c := range standing.Clusters {
		if _, goesOn := g.claims[i]; g.ofPoints.kept[i] && !goesOn {
			g.unmet = append(g.unmet, feedback.Unmet{Decision: standing.Constraints.Kept[c.ID].ID,
				Reason: c.ID.String() + " could not go on: none of its excerpts is left"})
		}
	}
}

// bound holds a grouping of rows to what people decided.
func (g *groups) bound(rows []int32) []int32 {
	if g.ofRows == nil {
		return rows
	}
	rows, _ = g.ofRows.enforce(rows)
	return rows
}

// joined says whether a cluster is one into which people merged others.
func (g *groups) joined(c int) bool {
	if g.ofPoints == nil {
		return false
	}
	for _, t := range g.ofPoints.together {
		for _, u := range t.units {
			if g.label[u] == int32(c) {
				return true
			}
		}
	}
	return false
}
