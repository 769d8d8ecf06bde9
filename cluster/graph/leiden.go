package graph

import (
	"math"
	"math/rand/v2"
)

// LeidenOptions say how [Leiden] groups.
type LeidenOptions struct {
	Resolution float64 // of the modularity: more gives more and smaller communities; default 1
	Seed       uint64  // the same graph, options and seed give the same communities
	Start      []int32 // communities to start from, of any numbers, negative for a node on its own; nil for none
	Rounds     int     // at most so many passes of moving, refining and aggregating; default 10
	// Hold is how much weight binds each node to the others of its community in Start, as a part of the weight of its
	// edges: 0 lets all of them go where the graph says.
	Hold float64
	// Stop is asked now and then; once it says yes, what was found so far is given. nil: never.
	Stop func() bool
}

// Leiden finds communities of high modularity, and gives each node the number of its own: numbered from 0 in the order
// of their first nodes. Every community is connected. It is the algorithm of Traag, Waltman and van Eck (2019), "From
// Louvain to Leiden: guaranteeing well-connected communities", with the generalised modularity of Reichardt and Bornholdt
// (2006); in the refinement a node joins the best of the communities that it may join (their limit of theta to 0).
func Leiden(g *Graph, o LeidenOptions) []int32 {
	n := g.Nodes()
	if n == 0 {
		return []int32{}
	}
	if o.Resolution <= 0 {
		o.Resolution = 1
	}
	if o.Rounds <= 0 {
		o.Rounds = 10
	}
	base := newLevel(g, o)
	membership := make([]int32, len(base.strength))
	for i := range membership {
		membership[i] = int32(i)
	}
	if o.Start != nil {
		startFrom(membership, o.Start, len(base.strength) > n)
	}
	rng := rand.New(rand.NewPCG(o.Seed, 0x6c656964656e))
	for range o.Rounds {
		if !base.improve(membership, rng) || base.stopped() {
			break
		}
	}
	return connected(g, membership[:n])
}

// startFrom sets the communities that Start names, and those of the anchors behind the nodes.
func startFrom(membership, start []int32, anchored bool) {
	n := len(start)
	dense, count := Compact(start)
	next := int32(count)
	for i, c := range dense {
		if c < 0 {
			c = next
			next++
		}
		membership[i] = c
	}
	if anchored {
		for a := range count {
			membership[n+a] = int32(a)
		}
	}
}

// Compact numbers labels from 0 in the order of their first appearance; negative ones become -1. The second result is how many
// numbers there are.
func Compact(labels []int32) ([]int32, int) {
	out := make([]int32, len(labels))
	most := int32(-1)
	for _, l := range labels {
		most = max(most, l)
	}
	if int(most) < 2*len(labels) {
		return out, compactInto(out, labels, make([]int32, most+1))
	}
	ids := make(map[int32]int32)
	for i, l := range labels {
		if l < 0 {
			out[i] = -1
			continue
		}
		id, ok := ids[l]
		if !ok {
			id = int32(len(ids))
			ids[l] = id
		}
		out[i] = id
	}
	return out, len(ids)
}

// compactInto is Compact where each label has its place in ids, which is zero.
func compactInto(out, labels, ids []int32) int {
	next := int32(0)
	for i, l := range labels {
		if l < 0 {
			out[i] = -1
			continue
		}
		if ids[l] == 0 {
			next++
			ids[l] = next
		}
		out[i] = ids[l] - 1
	}
	return int(next)
}

// level is the graph at one step of aggregation. A node's strength is what it weighs in the null model; edges inside an
// aggregated node count no more, for they stay inside whatever happens.
type level struct {
	Graph
	strength []float64
	scale    float64 // resolution / (2m)
	stop     func() bool
	work     *workspace
}

func (l *level) stopped() bool { return l.stop != nil && l.stop() }

// newLevel makes the first level. With Hold, an anchor stands behind the nodes for each community of Start: it weighs
// nothing and is joined to each of its members.
func newLevel(g *Graph, o LeidenOptions) *level {
	n := g.Nodes()
	l := &level{Graph: *g, strength: strengths(g), stop: o.Stop}
	var total float64
	for _, k := range l.strength {
		total += k
	}
	if total > 0 {
		l.scale = o.Resolution / total
	}
	if o.Hold > 0 && o.Start != nil {
		dense, count := Compact(o.Start)
		b := newBuilder(n + count)
		each := func(visit func(a, b int32, weight float64)) {
			for i := range n {
				targets, weights := g.Of(i)
				for x, j := range targets {
					if int(j) > i {
						visit(int32(i), j, weights[x])
					}
				}
				if dense[i] >= 0 {
					visit(int32(i), int32(n)+dense[i], o.Hold*l.strength[i])
				}
			}
		}
		each(b.count)
		b.place()
		each(b.add)
		l.Graph = *b.graph()
		l.strength = append(l.strength, make([]float64, count)...)
	}
	l.work = newWorkspace(len(l.strength))
	return l
}

// strengths gives what each node weighs in the null model.
func strengths(g *Graph) []float64 {
	out := make([]float64, g.Nodes())
	if g.Strength != nil {
		copy(out, g.Strength)
		return out
	}
	for i := range out {
		_, weights := g.Of(i)
		for _, w := range weights {
			out[i] += w
		}
	}
	return out
}

// improve makes one pass from the communities in membership, and reports whether it changed any.
func (l *level) improve(membership []int32, rng *rand.Rand) bool {
	current := l
	changed := false
	own := make([]int32, len(membership)) // the aggregated node of each node
	for i := range own {
		own[i] = int32(i)
	}
	communities := append([]int32(nil), membership...)
	for {
		moved := current.moveNodes(communities, rng)
		changed = changed || moved
		for i := range membership {
			membership[i] = communities[own[i]]
		}
		dense, count := Compact(communities)
		if count == len(communities) || current.stopped() {
			return changed
		}
		refined := current.refine(dense, count, rng)
		refined, count = Compact(refined)
		if count == len(communities) {
			return changed
		}
		parent := make([]int32, count)
		for i, r := range refined {
			parent[r] = dense[i]
		}
		current = current.aggregate(refined, count)
		for i := range own {
			own[i] = refined[own[i]]
		}
		communities = parent
	}
}

// moveNodes moves nodes one by one to the neighbouring community, or to one of their own, that gains most, until none
// gains any more. It visits a node again only when a neighbour has left for another community.
func (l *level) moveNodes(community []int32, rng *rand.Rand) bool {
	n := len(l.strength)
	w := l.work
	of, seen := w.sum, w.seen
	total, size := w.total[:n], w.size[:n]
	clear(total)
	clear(size)
	for i, c := range community {
		total[c] += l.strength[i]
		size[c]++
	}
	free := w.free[:0]
	for c := n - 1; c >= 0; c-- {
		if size[c] == 0 {
			free = append(free, int32(c))
		}
	}
	// The queue is a ring: each node waits in it once at most.
	queue, waiting := w.shuffled(n, rng), w.mark[:n]
	for i := range waiting {
		waiting[i] = true
	}
	moved := false
	first, length := 0, n
	for visits := 1; length > 0; visits++ {
		if visits%asking == 0 && l.stopped() {
			break
		}
		v := queue[first]
		if first++; first == n {
			first = 0
		}
		length--
		waiting[v] = false
		from := community[v]
		k := l.strength[v]
		targets, weights := l.Of(int(v))
		count := gather(of, seen, 0, community, targets, weights)
		total[from] -= k
		size[from]--
		// The gain is over standing alone. What it stays in wins ties, so that nothing moves for nothing.
		to, gain := from, of[from]-float64(l.scale*float64(k*total[from]))
		stay := gain
		if size[from] > 0 && gain < 0 {
			to, gain = -1, 0
		}
		for _, c := range seen[:count] {
			g := of[c] - float64(l.scale*float64(k*total[c]))
			of[c] = 0
			if c != from && (g > gain || g == gain && to != from && to >= 0 && c < to) {
				to, gain = c, g
			}
		}
		if gain-stay <= epsilon {
			to = from
		}
		if to < 0 {
			to = free[len(free)-1]
			free = free[:len(free)-1]
		}
		if size[from] == 0 && to != from {
			free = append(free, from)
		}
		total[to] += k
		size[to]++
		if to == from {
			continue
		}
		community[v] = to
		moved = true
		for _, u := range targets {
			if community[u] != to && !waiting[u] {
				waiting[u] = true
				last := first + length
				if last >= n {
					last -= n
				}
				queue[last] = u
				length++
			}
		}
	}
	return moved
}

// asking is after how many visits of nodes it is asked whether to stop.
const asking = 1 << 16

// epsilon keeps rounding from looking like a gain.
const epsilon = 1e-9

// workspace is the room that the passes over a graph and those made of it take turns with. No weight is zero, so that a sum is
// where nothing was added yet, as all are between two uses.
type workspace struct {
	sum   []float64 // of weights by community
	seen  []int32   // the communities that have one
	total []float64
	other []float64
	size  []int32
	free  []int32
	queue []int32
	mark  []bool
}

// newWorkspace makes room for a graph of n nodes. Sums have one place more, for what is not to count.
func newWorkspace(n int) *workspace {
	return &workspace{
		sum: make([]float64, n+1), seen: make([]int32, n+2), total: make([]float64, n), other: make([]float64, n),
		size: make([]int32, n), free: make([]int32, n), queue: make([]int32, n), mark: make([]bool, n),
	}
}

// gather adds the weights of targets to the sums of their groups, and writes those groups that had none to seen, behind
// the first met; it gives how many stand there then. It is not inlined, for there are not registers enough for it beside
// what a pass holds.
//
//go:noinline
func gather(sum []float64, seen []int32, met int, group, targets []int32, weights []float64) int {
	weights = weights[:len(targets)]
	for x, u := range targets {
		g := group[u]
		before := sum[g]
		seen[met] = g
		if math.Float64bits(before) == 0 {
			met++
		}
		sum[g] = before + weights[x]
	}
	return met
}

// shuffled gives the numbers below n in a random order.
func (w *workspace) shuffled(n int, rng *rand.Rand) []int32 {
	out := w.queue[:n]
	for i := range out {
		out[i] = int32(i)
	}
	rng.Shuffle(n, func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// connected numbers the connected parts of the communities.
func connected(g *Graph, community []int32) []int32 {
	out := make([]int32, len(community))
	for i := range out {
		out[i] = -1
	}
	var next int32
	var stack []int32
	for i := range out {
		if out[i] >= 0 {
			continue
		}
		out[i] = next
		stack = append(stack[:0], int32(i))
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			targets, _ := g.Of(int(v))
			for _, u := range targets {
				if out[u] < 0 && community[u] == community[v] {
					out[u] = next
					stack = append(stack, u)
				}
			}
		}
		next++
	}
	return out
}

// Modularity is the generalised modularity of communities at a resolution, from below 0 to 1. Nodes of a negative
// community count as alone.
func Modularity(g *Graph, community []int32, resolution float64) float64 {
	dense, count := Compact(community)
	total := make([]float64, count)
	strength := strengths(g)
	var inside, all, alone float64
	for i, k := range strength {
		targets, weights := g.Of(i)
		var edges float64
		for x, j := range targets {
			edges += weights[x]
			if dense[i] >= 0 && dense[j] == dense[i] {
				inside += weights[x]
			}
		}
		all += k
		if dense[i] >= 0 {
			total[dense[i]] += k
			inside += k - edges // what is inside the node itself
		} else {
			alone += float64(k * k)
		}
	}
	if all == 0 {
		return 0
	}
	expected := alone
	for _, t := range total {
		expected += float64(t * t)
	}
	return inside/all - resolution*expected/all/all
}
