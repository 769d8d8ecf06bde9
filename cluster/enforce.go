package cluster

import (
	"cmp"
	"maps"
	"slices"
)

// grouping is a labelling while it is brought into line.
type grouping struct {
	*binding
	label []int32
	next  int32           // the first label that is free
	count []map[int32]int // of each standing cluster, its free units by label
	total []int           // its free units
	top   map[int32]int32 // of each label, the standing cluster with most free units there
	home  []int32         // of each standing cluster: where it goes on; -1 for nowhere
}

// enforce gives the labelling that is nearest to label and honours the binding: what was merged is joined, what must be
// apart or go on is taken out of the groups that swallowed it, with the newcomers that are nearer to it, and excerpts are put
// where people put them. claims gives for standing clusters that go on by decision a unit of the group that they go on in.
// Enforcing it twice changes nothing more.
func (b *binding) enforce(label []int32) (out []int32, claims map[int32]int32) {
	g := &grouping{binding: b, label: slices.Clone(label)}
	for u, l := range g.label {
		g.next = max(g.next, l+1)
		if b.pin[u] >= 0 {
			g.label[u] = -1 // what is pinned says nothing of where its cluster went
		}
	}
	g.survey()
	for _, t := range b.together {
		g.join(t)
	}
	g.extract()
	g.sendHome()
	owners := g.putPins()
	g.separate()
	claims = make(map[int32]int32)
	for s := range g.home {
		if (b.kept[s] || owners[int32(s)]) && g.home[s] >= 0 {
			if u := slices.Index(g.label, g.home[s]); u >= 0 {
				claims[int32(s)] = int32(u)
			}
		}
	}
	return g.label, claims
}

// survey counts where the free units of the standing clusters are, and finds each cluster's home: where most of them are,
// if that is half of them or the group is mostly theirs.
func (g *grouping) survey() {
	n := len(g.kept)
	g.count, g.total, g.top, g.home = make([]map[int32]int, n), make([]int, n), make(map[int32]int32), make([]int32, n)
	for s := range g.count {
		g.count[s] = make(map[int32]int)
	}
	for u, s := range g.stands {
		if s < 0 || g.pin[u] >= 0 {
			continue
		}
		g.total[s]++
		if l := g.label[u]; l >= 0 {
			g.count[s][l]++
		}
	}
	for s, at := range g.count {
		for l, c := range at {
			if t, ok := g.top[l]; !ok || c > g.count[t][l] || c == g.count[t][l] && int32(s) < t {
				g.top[l] = int32(s)
			}
		}
	}
	for s, at := range g.count {
		g.home[s] = -1
		if best := plurality(at); best >= 0 && (2*at[best] >= g.total[s] || g.top[best] == int32(s)) {
			g.home[s] = best
		}
	}
}

// plurality is the label with the highest count, the lowest of equals, or -1.
func plurality(count map[int32]int) int32 {
	best := int32(-1)
	for l, c := range count {
		if best < 0 || c > count[best] || c == count[best] && l < best {
			best = l
		}
	}
	return best
}

// join brings the two sides of a merge into one group: what the merge brought in, and the others of the cluster.
func (g *grouping) join(t union) {
	side := make(map[int32]bool, len(t.units))
	in, own := make(map[int32]int), make(map[int32]int)
	for _, u := range t.units {
		side[u] = true
	}
	for u, s := range g.stands {
		if l := g.label[u]; s == t.cluster && g.pin[u] < 0 && l >= 0 {
			if side[int32(u)] {
				in[l]++
			} else {
				own[l]++
			}
		}
	}
	to, from := plurality(own), plurality(in)
	if to < 0 || from < 0 || to == from {
		return
	}
	if in[from] > own[to] {
		to, from = from, to
	}
	whole := g.top[from] == t.cluster
	for u, l := range g.label {
		if l == from && (whole || g.stands[u] == t.cluster) {
			g.label[u] = to
		}
	}
	g.survey()
}

// extract gives every standing cluster that must go on, or that must be apart from another, a group without the others.
func (g *grouping) extract() {
	for again := true; again; {
		again = false
		for s := int32(0); int(s) < len(g.home) && !again; s++ {
			switch h := g.home[s]; {
			case g.kept[s] && g.total[s] > 0 && (h < 0 || 2*g.count[s][h] < g.total[s]):
				g.takeOut(s, -1)
				again = true
			case g.kept[s] && h >= 0 && g.top[h] != s || h >= 0 && g.outnumbered(s, h):
				g.takeOut(s, h)
				again = true
			}
		}
	}
}

// outnumbered says whether a standing cluster shares its home with a larger one from which it must be apart.
func (g *grouping) outnumbered(s, home int32) bool {
	for t, at := range g.home {
		t := int32(t)
		if t != s && at == home && g.apart[[2]int32{min(s, t), max(s, t)}] &&
			(g.count[s][home] < g.count[t][home] || g.count[s][home] == g.count[t][home] && s > t) {
			return true
		}
	}
	return false
}

// takeOut makes a group of the free units of a standing cluster: of those with the label from, and the newcomers there
// that have more ties to them than to the others; or of all of them, wherever they are, where from is -1.
func (g *grouping) takeOut(s, from int32) {
	fresh := g.next
	g.next++
	for u, at := range g.stands {
		if at == s && g.pin[u] < 0 && (from < 0 || g.label[u] == from) {
			g.label[u] = fresh
		}
	}
	if from >= 0 && g.near != nil {
		var follow []int
		for u, at := range g.stands {
			if at >= 0 || g.label[u] != from || g.pin[u] >= 0 {
				continue
			}
			targets, weights := g.near.Of(u)
			var there, here float64
			for x, t := range targets {
				switch {
				case g.label[t] == fresh:
					there += weights[x]
				case g.label[t] == from && g.stands[t] >= 0:
					here += weights[x]
				}
			}
			if there > here {
				follow = append(follow, u)
			}
		}
		for _, u := range follow {
			g.label[u] = fresh
		}
	}
	g.survey()
	g.home[s] = fresh
}

// sendHome takes the units of a standing cluster out of the groups of those from which it must be apart.
func (g *grouping) sendHome() {
	pairs := slices.SortedFunc(maps.Keys(g.apart), func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
	for _, pair := range pairs {
		for u, s := range g.stands {
			l := g.label[u]
			if l < 0 || g.pin[u] >= 0 || s != pair[0] && s != pair[1] {
				continue
			}
			other := pair[0] + pair[1] - s
			if g.home[s] == l || g.count[other][l] == 0 && g.home[other] != l {
				continue
			}
			if g.home[other] == l || g.count[s][l] < g.count[other][l] || g.count[s][l] == g.count[other][l] && s > other {
				g.label[u] = g.home[s]
			}
		}
		homes := g.home
		g.survey()
		g.home = homes
	}
}

// putPins puts every pinned unit where its cluster goes on, or in a group of its own where that has nowhere to go on or
// where the pinned ones are more than those that took it elsewhere. It gives the clusters that own the group they are in.
func (g *grouping) putPins() map[int32]bool {
	owners := make(map[int32]bool)
	pinned := make(map[int32][]int32)
	for u, s := range g.pin {
		if s >= 0 {
			pinned[s] = append(pinned[s], int32(u))
		}
	}
	for _, s := range slices.Sorted(maps.Keys(pinned)) {
		h := g.home[s]
		mine := h >= 0 && g.top[h] == s
		if h < 0 || !mine && g.total[s] < len(pinned[s]) {
			h, mine = g.next, true
			g.next++
			g.home[s] = h
		}
		owners[s] = mine
		for _, u := range pinned[s] {
			g.label[u] = h
		}
	}
	return owners
}

// separate parts pairs of units that must be apart: the one that is pinned stays, or the one that stands there, or the
// first.
func (g *grouping) separate() {
	rank := func(u int32) int {
		switch {
		case g.pin[u] >= 0:
			return 2
		case g.stands[u] >= 0 && g.home[g.stands[u]] == g.label[u]:
			return 1
		}
		return 0
	}
	for _, u := range slices.Sorted(maps.Keys(g.partners)) {
		for _, v := range g.partners[u] {
			if v < u || g.label[u] < 0 || g.label[u] != g.label[v] {
				continue
			}
			goes := v
			if cmp.Compare(rank(v), rank(u)) > 0 {
				goes = u
			}
			to := int32(-1)
			if s := g.stands[goes]; s >= 0 && g.home[s] != g.label[goes] {
				to = g.home[s]
			}
			for _, w := range g.partners[goes] {
				if g.label[w] == to {
					to = -1
				}
			}
			g.label[goes] = to
		}
	}
}
