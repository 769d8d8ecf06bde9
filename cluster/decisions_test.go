package cluster_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"earshot/cluster"
	"earshot/feedback"
)

// decided is a memory with decisions: what a run must honour whatever the data says.
func decided(t *testing.T, sizes ...int) (*memory, *feedback.Run) {
	t.Helper()
	m := &memory{points: topics(sizes...)}
	return m, run(t, m)
}

func (m *memory) constrain(c feedback.Constraints) {
	c.Last = 1
	m.standing.Constraints = c
}

// move puts points of a topic into a cluster, as a decision does at once.
func (m *memory) move(to feedback.ClusterID, points ...feedback.ID) {
	for i := range m.points {
		if slices.Contains(points, m.points[i].Excerpt) {
			m.points[i].Cluster = to
		}
	}
}

// again runs in each of the ways in which a decision must hold, and looks after each.
func (m *memory) again(t *testing.T, look func(t *testing.T, r *feedback.Run)) {
	t.Helper()
	keep := m.standing.Constraints
	rerun := func(change ...func(*cluster.Config)) {
		t.Helper()
		r := run(t, m, change...)
		m.standing.Constraints = keep // the store keeps them; here they name the same clusters
		look(t, r)
	}
	rerun()
	for topic := range 4 {
		for n := range 4 {
			m.points = append(m.points, point(topic, 500+n, 0.8))
		}
	}
	rerun()
	rerun(func(c *cluster.Config) { c.Seed = 77 })
	for topic := range 3 {
		for n := range 12 {
			m.points = append(m.points, point(topic, 700+n, 0.8))
		}
	}
	rerun(func(c *cluster.Config) { c.Seed = 5 })
	before := m.runs[len(m.runs)-1]
	rerun(func(c *cluster.Config) { c.Seed = 5 })
	if !slices.Equal(settled(before), settled(m.runs[len(m.runs)-1])) {
		t.Error("the same data again moved an excerpt")
	}
}

func placed(r *feedback.Run) map[feedback.ID]feedback.ClusterID {
	at := make(map[feedback.ID]feedback.ClusterID)
	for _, a := range r.Assignments {
		at[a.Excerpt] = a.Cluster
	}
	return at
}

func TestPinnedExcerptsStayInEveryRun(t *testing.T) {
	m, first := decided(t, 40, 30, 25, 20)
	from, to := home(t, first, 0, 40), home(t, first, 1, 30)
	pinned := []feedback.ID{point(0, 3, 0.8).Excerpt, point(0, 4, 0.8).Excerpt}
	pins := map[feedback.ID]feedback.ClusterID{pinned[0]: to, pinned[1]: to}
	m.move(to, pinned...)
	ignoring := *m
	ignoring.points = slices.Clone(m.points)
	m.constrain(feedback.Constraints{Pins: pins})
	m.again(t, func(t *testing.T, r *feedback.Run) {
		at := placed(r)
		if at[pinned[0]] != to || at[pinned[1]] != to {
			t.Errorf("pinned to %s, but in %s and %s", to, at[pinned[0]], at[pinned[1]])
		}
		if home(t, r, 0, 40) != from || home(t, r, 1, 30) != to {
			t.Error("the clusters lost their ids")
		}
	})
	// A run that knows nothing of the decision undoes it.
	if at := placed(run(t, &ignoring)); at[pinned[0]] == to {
		t.Error("the data alone keeps what was pinned: the test shows nothing")
	}
}

func TestAPinKeepsItsClusterAliveWhenTheOthersLeave(t *testing.T) {
	m, first := decided(t, 40, 30, 25, 20)
	lone := home(t, first, 3, 20)
	pinned := point(3, 1, 0.8).Excerpt
	m.points = slices.DeleteFunc(m.points, func(p feedback.Point) bool { return p.Cluster == lone && p.Excerpt != pinned })
	m.constrain(feedback.Constraints{Pins: map[feedback.ID]feedback.ClusterID{pinned: lone}})
	r := run(t, m)
	if placed(r)[pinned] != lone {
		t.Errorf("in %s", placed(r)[pinned])
	}
}

func TestAPinOfATextThatSaysNothing(t *testing.T) {
	m, first := decided(t, 40, 30, 25)
	p := point(9, 1, 0.8)
	clear(p.Vector)
	p.Cluster = home(t, first, 1, 30)
	m.points = append(m.points, p)
	m.constrain(feedback.Constraints{Pins: map[feedback.ID]feedback.ClusterID{p.Excerpt: p.Cluster}})
	if r := run(t, m); placed(r)[p.Excerpt] != p.Cluster {
		t.Errorf("in %s", placed(r)[p.Excerpt])
	}
}

func TestMergedClustersAreNotParted(t *testing.T) {
	m, first := decided(t, 40, 30, 25, 20)
	a, b := home(t, first, 0, 40), home(t, first, 1, 30)
	var side []feedback.ID
	for n := range 30 {
		side = append(side, point(1, n, 0.8).Excerpt)
	}
	m.joined(a, b)
	ignoring := *m
	ignoring.points = slices.Clone(m.points)
	m.constrain(feedback.Constraints{Together: []feedback.Together{{Cluster: a, Excerpts: side}}})
	m.again(t, func(t *testing.T, r *feedback.Run) {
		if home(t, r, 0, 40) != a || home(t, r, 1, 30) != a {
			t.Errorf("parted: %v and %v", where(r, 0, 40), where(r, 1, 30))
		}
	})
	if r := run(t, &ignoring); home(t, r, 1, 30) == a {
		t.Error("the data alone keeps what was merged: the test shows nothing")
	}
}

func TestWhatWasSplitOffIsNotJoinedAgain(t *testing.T) {
	m, first := decided(t, 60, 30, 25, 20)
	whole := home(t, first, 0, 60)
	part := m.parted(whole, 20)
	chosen := make(map[feedback.ID]feedback.ClusterID)
	for _, p := range m.points {
		if p.Cluster == part {
			chosen[p.Excerpt] = part
		}
	}
	m.constrain(feedback.Constraints{Pins: chosen, Apart: [][2]feedback.ClusterID{{whole, part}},
		Kept: map[feedback.ClusterID]feedback.Decision{part: {ID: 1}}})
	m.again(t, func(t *testing.T, r *feedback.Run) {
		at := placed(r)
		for e := range chosen {
			if at[e] != part {
				t.Fatalf("a chosen excerpt is in %s", at[e])
			}
		}
		if in := where(r, 0, 60); in[whole] < 36 {
			t.Errorf("the rest is in %v", in)
		}
	})
}

func TestClustersKeptApartAreNotMerged(t *testing.T) {
	m, first := decided(t, 60, 30, 25, 20)
	whole := home(t, first, 0, 60)
	part := m.parted(whole, 25)
	stood := placedPoints(m)
	ignoring := *m
	ignoring.points = slices.Clone(m.points)
	m.constrain(feedback.Constraints{Apart: [][2]feedback.ClusterID{{whole, part}}})
	m.again(t, func(t *testing.T, r *feedback.Run) {
		at := placed(r)
		for e, c := range stood {
			if c == whole && at[e] == part || c == part && at[e] == whole {
				t.Fatalf("an excerpt went from %s to %s", c, at[e])
			}
		}
		if in := where(r, 0, 60); in[part] < 20 || in[whole] < 30 {
			t.Errorf("%v", in)
		}
	})
	if r := run(t, &ignoring); fates(r)[feedback.FateMerged] != 1 {
		t.Error("the data alone keeps them apart: the test shows nothing")
	}
}

func placedPoints(m *memory) map[feedback.ID]feedback.ClusterID {
	at := make(map[feedback.ID]feedback.ClusterID)
	for _, p := range m.points {
		at[p.Excerpt] = p.Cluster
	}
	return at
}

func TestExcerptsKeptApartAreNeverInOneCluster(t *testing.T) {
	m, first := decided(t, 40, 30, 25, 20)
	a := home(t, first, 0, 40)
	x, y, z := point(0, 1, 0.8).Excerpt, point(0, 2, 0.8).Excerpt, point(0, 3, 0.8).Excerpt
	m.move(0, y)
	m.constrain(feedback.Constraints{Pairs: [][2]feedback.ID{{x, y}, {x, z}}})
	m.again(t, func(t *testing.T, r *feedback.Run) {
		at := placed(r)
		if at[x] == at[y] || at[x] == at[z] {
			t.Errorf("%s, %s and %s", at[x], at[y], at[z])
		}
		if home(t, r, 0, 40) != a {
			t.Error("the cluster lost its id")
		}
	})
}

func TestAConfirmedClusterIsContinuedOrTheRunSaysWhyNot(t *testing.T) {
	m, first := decided(t, 60, 30, 25, 20)
	whole := home(t, first, 0, 60)
	part := m.parted(whole, 12)
	kept := map[feedback.ClusterID]feedback.Decision{part: {ID: 4}}
	m.constrain(feedback.Constraints{Kept: kept})
	m.again(t, func(t *testing.T, r *feedback.Run) {
		at := slices.IndexFunc(r.Clusters, func(c feedback.Cluster) bool { return c.ID == part })
		if at < 0 || r.Clusters[at].Size < 10 || r.Clusters[at].Name != "Part" || len(r.Unmet) != 0 {
			t.Fatalf("%v, unmet %v", where(r, 0, 60), r.Unmet)
		}
	})
	m.points = slices.DeleteFunc(m.points, func(p feedback.Point) bool { return p.Cluster == part })
	if r := run(t, m); len(r.Unmet) != 1 || r.Unmet[0].Decision != 4 || r.Unmet[0].Reason == "" {
		t.Errorf("unmet: %+v", r.Unmet)
	}
}

func TestANameThatAPersonGaveStaysAndIsNotGivenTwice(t *testing.T) {
	m, first := decided(t, 40, 30, 25, 20)
	id, theme := home(t, first, 1, 30), first.Themes[0].ID
	for i := range m.standing.Clusters {
		if m.standing.Clusters[i].ID == id {
			m.standing.Clusters[i].Name, m.standing.Clusters[i].OwnName = "Dark theme", "Login page"
		}
	}
	m.standing.Themes[0].Name, m.standing.Themes[0].OwnName = "Ours", m.standing.Themes[0].Name
	m.constrain(feedback.Constraints{Kept: map[feedback.ClusterID]feedback.Decision{id: {ID: 1}}})
	for n := range 25 { // a topic that would be called so
		m.points = append(m.points, point(6, n, 0.8))
	}
	m.points = slices.DeleteFunc(m.points, func(p feedback.Point) bool {
		return p.Cluster == id && p.Excerpt != point(1, 1, 0.8).Excerpt // its content is not what it was
	})
	r := run(t, m)
	at := slices.IndexFunc(r.Clusters, func(c feedback.Cluster) bool { return c.ID == id })
	if at < 0 || r.Clusters[at].Name != "Dark theme" {
		t.Errorf("%+v", r.Clusters)
	}
	if at := slices.IndexFunc(r.Themes, func(x feedback.Theme) bool { return x.ID == theme }); at < 0 || r.Themes[at].Name != "Ours" {
		t.Errorf("%+v", r.Themes)
	}
}

func TestTheGuardSeesACollapseBehindConfirmedClusters(t *testing.T) {
	m, first := decided(t, 30, 25, 20, 18, 16, 14, 12)
	kept := make(map[feedback.ClusterID]feedback.Decision)
	for _, c := range first.Clusters {
		kept[c.ID] = feedback.Decision{ID: 1}
	}
	m.constrain(feedback.Constraints{Kept: kept})
	for i := range m.points {
		m.points[i].Vector = direction(0)
	}
	if _, err := try(t.Context(), m); feedback.ErrorCode(err) != feedback.Conflict {
		t.Errorf("error %v", err)
	}
}

func TestPartsAreWhatAClusterIsMadeOf(t *testing.T) {
	stage, err := cluster.New(cluster.Config{Store: &memory{}, Model: model, Now: clock, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	points := topics(30, 20)
	standing := []feedback.Cluster{{ID: 7, Name: "Invoice total"}}
	parts, err := stage.Parts(t.Context(), 7, points, standing)
	if err != nil || len(parts) != 2 || len(parts[0].Excerpts) != 30 || len(parts[1].Excerpts) != 20 {
		t.Fatalf("%+v, %v", parts, err)
	}
	if strings.EqualFold(parts[0].Name, "Invoice total") || !strings.Contains(strings.ToLower(parts[0].Name), "invoice") || !strings.EqualFold(parts[1].Name, "Login page") {
		t.Errorf("called %q and %q", parts[0].Name, parts[1].Name)
	}
	if part, err := stage.PartOf(7, parts[1].Excerpts, points, standing); err != nil || part.Name != parts[1].Name || part.Summary == "" {
		t.Errorf("%+v, %v", part, err)
	}
	if _, err := stage.Parts(t.Context(), 7, topics(1), standing); feedback.ErrorCode(err) != feedback.Conflict {
		t.Errorf("one excerpt has parts: %v", err)
	}
	if _, err := stage.Parts(t.Context(), 7, nil, standing); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("nothing has parts: %v", err)
	}
	if _, err := stage.PartOf(7, []feedback.ID{{1}}, points, standing); feedback.ErrorCode(err) != feedback.Conflict {
		t.Errorf("a part of another cluster: %v", err)
	}
	var strangers []feedback.ID
	for i := range byte(8) {
		strangers = append(strangers, feedback.ID{i + 1})
	}
	if _, err := stage.PartOf(7, strangers, points, standing); err == nil || !strings.Contains(err.Error(), strangers[0].String()) {
		t.Errorf("not the first of the excerpts that are not in the cluster: %v", err)
	}
}

// Whatever people decided and whatever the data, a run keeps its promises and the decisions, and the same data again
// changes nothing.
func TestReclusterHonoursAnyDecisions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &memory{points: topics(rapid.SliceOfN(rapid.IntRange(8, 16), 3, 5).Draw(t, "sizes")...)}
		first, err := try(context.Background(), m)
		if err != nil || len(first.Clusters) < 3 {
			return // too little to decide about
		}
		ids := make([]feedback.ClusterID, len(first.Clusters))
		for i, c := range first.Clusters {
			ids[i] = c.ID
		}
		some := func(of string) feedback.ClusterID { return rapid.SampledFrom(ids).Draw(t, of) }
		c := feedback.Constraints{Pins: map[feedback.ID]feedback.ClusterID{}, Kept: map[feedback.ClusterID]feedback.Decision{}}
		for range rapid.IntRange(0, 4).Draw(t, "pins") {
			e := m.points[rapid.IntRange(0, len(m.points)-1).Draw(t, "excerpt")].Excerpt
			c.Pins[e] = some("pinned to")
			m.move(c.Pins[e], e)
		}
		for range rapid.IntRange(0, 2).Draw(t, "kept") {
			c.Kept[some("kept")] = feedback.Decision{ID: 1}
		}
		for range rapid.IntRange(0, 2).Draw(t, "apart") {
			if a, b := some("one"), some("other"); a != b {
				c.Apart = append(c.Apart, [2]feedback.ClusterID{min(a, b), max(a, b)})
			}
		}
		m.constrain(c)
		for topic := range 3 {
			for n := range rapid.IntRange(0, 12).Draw(t, "new") {
				p := point(topic, 900+n, 1)
				p.Text += strconv.Itoa(n)
				m.points = append(m.points, p)
			}
		}
		stood := placedPoints(m)
		second, err := try(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		check(t, m, second)
		at := placed(second)
		became := make(map[feedback.ClusterID]feedback.ClusterID)
		for _, l := range second.Lineage {
			if l.Fate == feedback.FateMerged {
				became[l.From] = l.To
			}
		}
		for e, want := range c.Pins {
			if heir, merged := became[want]; merged {
				want = heir // its pins go with it
			}
			if at[e] != want {
				t.Fatalf("pinned to %s, in %s", want, at[e])
			}
		}
		for id := range c.Kept {
			if !slices.ContainsFunc(second.Clusters, func(x feedback.Cluster) bool { return x.ID == id }) && len(second.Unmet) == 0 {
				t.Fatalf("%s ended without a word", id)
			}
		}
		for _, pair := range c.Apart {
			for e, from := range stood {
				if _, pinned := c.Pins[e]; !pinned && (from == pair[0] && at[e] == pair[1] || from == pair[1] && at[e] == pair[0]) {
					t.Fatalf("an excerpt went from %s to %s", from, at[e])
				}
			}
		}
		m.standing.Constraints = c
		m.standing.Constraints.Last = 1
		third, err := try(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(settled(third), settled(second)) {
			t.Fatal("the same data again moved an excerpt")
		}
	})
}
