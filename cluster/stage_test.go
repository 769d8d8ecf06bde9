package cluster_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"earshot/cluster"
	"earshot/feedback"
)

const dims = 48

var model = feedback.Model{Name: "test", Version: "1", Dimensions: dims}

// topicWords make texts by which topics can be told and named.
var topicWords = []string{
	"invoice total", "login page", "calendar sync", "battery drain", "route planner", "push alerts", "dark theme", "export file",
	"signature pad", "stock count", "price list", "photo upload", "holiday rules", "map view", "search box", "tax rate",
}

// direction is the unit vector of a topic, or of a point between two.
func direction(topic int) feedback.Vector {
	rng := rand.New(rand.NewPCG(uint64(topic), 11))
	v := make(feedback.Vector, dims)
	for d := range v {
		v[d] = float32(rng.NormFloat64())
	}
	feedback.Normalize(v)
	return v
}

// point is the nth excerpt of a topic: near its direction, as far as the noise says.
func point(topic, n int, noise float64) feedback.Point {
	rng := rand.New(rand.NewPCG(uint64(topic), uint64(n)+1000))
	v := direction(topic)
	for d := range v {
		v[d] += float32(noise * rng.NormFloat64() / math.Sqrt(dims))
	}
	feedback.Normalize(v)
	words := topicWords[topic%len(topicWords)]
	text := fmt.Sprintf("The %s is not what we expected at site %d", words, n)
	item := feedback.ItemID("acme", "test", strconv.Itoa(topic)+"/"+strconv.Itoa(n))
	return feedback.Point{Excerpt: feedback.ExcerptID(item, text, 0), Item: item, Text: text, Vector: v}
}

// topics are sizes[i] points of topic i.
func topics(sizes ...int) []feedback.Point {
	var out []feedback.Point
	for topic, size := range sizes {
		for n := range size {
			out = append(out, point(topic, n, 0.8))
		}
	}
	return out
}

func run(t *testing.T, m *memory, change ...func(*cluster.Config)) *feedback.Run {
	t.Helper()
	r, err := try(t.Context(), m, change...)
	if err != nil {
		t.Fatal(err)
	}
	check(t, m, r)
	return r
}

func try(ctx context.Context, m *memory, change ...func(*cluster.Config)) (*feedback.Run, error) {
	c := cluster.Config{Store: m, Model: model, Now: clock, Seed: 1}
	for _, f := range change {
		f(&c)
	}
	stage, err := cluster.New(c)
	if err != nil {
		return nil, err
	}
	return stage.Recluster(ctx, "acme")
}

// check holds a run against what every run promises.
func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, m *memory, r *feedback.Run) {
	t.Helper()
	if len(r.Assignments) != len(m.points) {
		t.Fatalf("%d assignments for %d points", len(r.Assignments), len(m.points))
	}
	themes, names := make(map[feedback.ThemeID]string), make(map[string]bool)
	for _, x := range r.Themes {
		if x.Name == "" || names["theme "+strings.ToLower(x.Name)] {
			t.Fatalf("theme %s is called %q", x.ID, x.Name)
		}
		names["theme "+strings.ToLower(x.Name)] = true
		themes[x.ID] = x.Name
	}
	size, used := make(map[feedback.ClusterID]int), make(map[feedback.ThemeID]bool)
	for i, a := range r.Assignments {
		if i > 0 && slices.Compare(a.Excerpt[:], r.Assignments[i-1].Excerpt[:]) <= 0 {
			t.Fatalf("assignments are out of order")
		}
		size[a.Cluster]++
		if (a.Cluster == 0) != slices.Contains(feedback.Outliers, a.Outlier) {
			t.Fatalf("an excerpt of cluster %d is an outlier because %q", a.Cluster, a.Outlier)
		}
	}
	if size[0] != r.Unassigned {
		t.Fatalf("%d unassigned, but %d are in no cluster", r.Unassigned, size[0])
	}
	for i, c := range r.Clusters {
		switch {
		case i > 0 && c.ID <= r.Clusters[i-1].ID:
			t.Fatalf("clusters are out of order")
		case c.Size == 0 || c.Size != size[c.ID]:
			t.Fatalf("%s has size %d, but %d excerpts", c.ID, c.Size, size[c.ID])
		case c.Name == "" || names[strings.ToLower(c.Name)]:
			t.Fatalf("%s is called %q", c.ID, c.Name)
		case c.Summary == "" || strings.ContainsAny(c.Summary, "\n\r"):
			t.Fatalf("summary of %s: %q", c.ID, c.Summary)
		case themes[c.Theme] == "" || themes[c.Theme] != c.ThemeName:
			t.Fatalf("%s is under theme %s, %q", c.ID, c.Theme, c.ThemeName)
		case c.Floor < 0 || c.Floor > 1 || math.IsNaN(c.Floor):
			t.Fatalf("floor of %s: %v", c.ID, c.Floor)
		case c.Margin < 0 || c.Margin > 2 || math.IsNaN(c.Margin):
			t.Fatalf("margin of %s: %v", c.ID, c.Margin)
		case math.Abs(float64(feedback.Dot(c.Centroid, c.Centroid))-1) > 1e-4:
			t.Fatalf("the centroid of %s has length %v", c.ID, feedback.Dot(c.Centroid, c.Centroid))
		case c.ID >= r.NextCluster || c.Theme >= r.NextTheme || c.Retired:
			t.Fatalf("%+v with next cluster %d, next theme %d", c, r.NextCluster, r.NextTheme)
		}
		names[strings.ToLower(c.Name)] = true
		used[c.Theme] = true
		delete(size, c.ID)
	}
	delete(size, 0)
	if len(size) > 0 || len(used) != len(themes) {
		t.Fatalf("clusters that do not stand: %v; %d of %d themes used", size, len(used), len(themes))
	}
}

// where says how many of a topic's points are in each cluster of a run.
func where(r *feedback.Run, topic, size int) map[feedback.ClusterID]int {
	at := make(map[feedback.ID]feedback.ClusterID)
	for _, a := range r.Assignments {
		at[a.Excerpt] = a.Cluster
	}
	out := make(map[feedback.ClusterID]int)
	for n := range size {
		if c, ok := at[point(topic, n, 0.8).Excerpt]; ok {
			out[c]++
		}
	}
	return out
}

// home is the cluster that holds at least nine tenths of a topic's points.
func home(t *testing.T, r *feedback.Run, topic, size int) feedback.ClusterID {
	t.Helper()
	in := where(r, topic, size)
	for c, n := range in {
		if c > 0 && 10*n >= 9*size {
			return c
		}
	}
	t.Fatalf("topic %d is spread over %v", topic, in)
	return 0
}

func fates(r *feedback.Run) map[feedback.Fate]int {
	out := make(map[feedback.Fate]int)
	for _, l := range r.Lineage {
		out[l.Fate]++
	}
	return out
}

func TestReclusterFindsPlantedTopics(t *testing.T) {
	m := &memory{points: topics(60, 50, 40, 30, 25, 20, 15, 12)}
	r := run(t, m)
	if len(r.Clusters) != 8 || r.Unassigned > 5 {
		t.Fatalf("%d clusters, %d unassigned", len(r.Clusters), r.Unassigned)
	}
	for topic, size := range []int{60, 50, 40, 30, 25, 20, 15, 12} {
		id := home(t, r, topic, size)
		if id != feedback.ClusterID(topic+1) {
			t.Errorf("topic %d of %d is %s: new clusters are numbered by size", topic, size, id)
		}
		c := r.Clusters[id-1]
		if !strings.EqualFold(c.Name, topicWords[topic]) {
			t.Errorf("topic %q is called %q, with keywords %q", topicWords[topic], c.Name, c.Keywords)
		}
		if c.BornRun != 1 {
			t.Errorf("%s was born in run %d", c.ID, c.BornRun)
		}
	}
	if f := fates(r); f[feedback.FateBorn] != 8 || len(f) != 1 {
		t.Errorf("lineage: %v", f)
	}
}

func TestReclusterAgainKeepsEverything(t *testing.T) {
	m := &memory{points: topics(60, 50, 40, 30, 25, 20, 15, 12)}
	first := run(t, m)
	second := run(t, m)
	if f := fates(second); f[feedback.FateContinued] != len(first.Clusters) || len(f) != 1 {
		t.Fatalf("lineage: %v", f)
	}
	if second.Base != first.ID {
		t.Errorf("the second run is based on run %d", second.Base)
	}
	if c := second.Change; c.Moved+c.Left+c.Joined+c.Ended > 0 || c.Stood != len(m.points)-second.Unassigned || len(c.Moves)+len(c.Trends) > 0 {
		t.Errorf("the same data again changes something: %+v", c)
	}
	first.Lineage, second.Lineage, first.ID, second.ID, second.Base = nil, nil, 0, 0, 0
	first.Change, second.Change = feedback.RunChange{}, feedback.RunChange{}
	for i := range first.Assignments {
		first.Assignments[i].Stood = second.Assignments[i].Stood // the first run found them in no cluster
	}
	if !reflect.DeepEqual(first, second) {
		a, b := reflect.ValueOf(*first), reflect.ValueOf(*second)
		for i := range a.NumField() {
			if x, y := a.Field(i).Interface(), b.Field(i).Interface(); !reflect.DeepEqual(x, y) {
				t.Errorf("another %s: %+v, then %+v", a.Type().Field(i).Name, x, y)
			}
		}
	}
}

func TestReclusterDoesNotDependOnTheOrderOfPoints(t *testing.T) {
	points := topics(40, 35, 30, 20, 15)
	want := run(t, &memory{points: slices.Clone(points)})
	rng := rand.New(rand.NewPCG(3, 3))
	for range 3 {
		rng.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
		if got := run(t, &memory{points: slices.Clone(points)}); !reflect.DeepEqual(got, want) {
			t.Fatal("another order gave another run")
		}
	}
}

func TestReclusterRecordsASplit(t *testing.T) {
	m := &memory{points: topics(40, 30, 25, 20, 18, 16)}
	// Topics 0 and 1 stand as one cluster, as if they had been one when there were fewer excerpts.
	first := run(t, m)
	a, b := home(t, first, 0, 40), home(t, first, 1, 30)
	m.joined(a, b)
	second := run(t, m)
	if home(t, second, 0, 40) != a {
		t.Error("the larger part did not keep the id")
	}
	other := home(t, second, 1, 30)
	if other != first.NextCluster {
		t.Errorf("the smaller part is %s, want the next free id %s", other, first.NextCluster)
	}
	for _, l := range second.Lineage {
		if l.To == other && (l.Fate != feedback.FateSplit || l.From != a || l.Shared < 27 || l.Overlap < 0.9) {
			t.Errorf("lineage of the smaller part: %+v", l)
		}
	}
	if f := fates(second); f[feedback.FateSplit] != 1 || f[feedback.FateContinued] != 5 || len(f) != 2 {
		t.Errorf("lineage: %v", f)
	}
}

func TestReclusterRecordsAMerge(t *testing.T) {
	m := &memory{points: topics(60, 30, 25, 20, 18, 16)}
	first := run(t, m)
	whole := home(t, first, 0, 60)
	// Twenty excerpts of topic 0 stand as a cluster of their own.
	part := m.parted(whole, 20)
	second := run(t, m)
	if home(t, second, 0, 60) != whole {
		t.Error("the larger part did not keep the id")
	}
	if f := fates(second); f[feedback.FateMerged] != 1 || f[feedback.FateContinued] != 6 || len(f) != 2 {
		t.Errorf("lineage: %v", f)
	}
	if len(second.Retired) != 1 || second.Retired[0].ID != part || second.Retired[0].Successor != whole || !second.Retired[0].Retired {
		t.Errorf("retired: %+v", second.Retired)
	}
	if second.NextCluster != part+1 {
		t.Errorf("next cluster is %d", second.NextCluster)
	}
}

// A cluster whose excerpts go to several others, half of them to none, ends without a successor; its lineage names the one
// to which most go.
func TestReclusterRecordsWhereTheExcerptsOfAScatteredClusterWent(t *testing.T) {
	m := &memory{points: topics(60, 50, 40, 30, 25, 20)}
	first := run(t, m)
	largest := home(t, first, 0, 60)
	scattered := m.parted(largest, 8)
	for topic, size := range map[int]int{1: 50, 2: 40, 3: 30} {
		from, left := home(t, first, topic, size), 8-topic
		for i := range m.points {
			if m.points[i].Cluster == from && left > 0 {
				m.points[i].Cluster = scattered
				left--
			}
		}
	}
	second := run(t, m)
	for _, l := range second.Lineage {
		if l.From != scattered {
			continue
		}
		if l.Fate != feedback.FateRetired || l.To != largest || l.Shared != 8 || l.Overlap != 8.0/26 {
			t.Errorf("lineage of the scattered one: %+v", l)
		}
		return
	}
	t.Error("the scattered cluster has no lineage")
}

func TestReclusterRetiresWhatHasNoExcerptsLeftAndFoundsWhatIsNew(t *testing.T) {
	m := &memory{points: topics(40, 30, 25, 20, 18, 16)}
	first := run(t, m)
	gone := home(t, first, 3, 20)
	m.points = slices.DeleteFunc(m.points, func(p feedback.Point) bool { return p.Cluster == gone })
	for n := range 22 {
		m.points = append(m.points, point(9, n, 0.8))
	}
	second := run(t, m)
	if f := fates(second); f[feedback.FateRetired] != 1 || f[feedback.FateBorn] != 1 || f[feedback.FateContinued] != 5 {
		t.Errorf("lineage: %v", f)
	}
	if id := home(t, second, 9, 22); id != first.NextCluster {
		t.Errorf("the new topic is %s", id)
	}
	if len(second.Retired) != 1 || second.Retired[0].ID != gone || second.Retired[0].Successor != 0 {
		t.Errorf("retired: %+v", second.Retired)
	}
}

func TestReclusterMatchesByCentroidWhatSharesNoExcerpt(t *testing.T) {
	m := &memory{points: topics(40, 30, 25, 20)}
	first := run(t, m)
	want := home(t, first, 0, 40)
	m.points = slices.DeleteFunc(m.points, func(p feedback.Point) bool { return p.Cluster == want })
	for n := 100; n < 140; n++ {
		m.points = append(m.points, point(0, n, 0.8))
	}
	second := run(t, m)
	if f := fates(second); f[feedback.FateContinued] != 4 || len(f) != 1 {
		t.Errorf("lineage: %v", f)
	}
}

func TestReclusterKeepsAGivenNameWhileTheContentStays(t *testing.T) {
	m := &memory{points: topics(40, 30, 25, 20)}
	first := run(t, m)
	id := home(t, first, 1, 30)
	m.standing.Clusters = slices.Clone(m.standing.Clusters)
	for i := range m.standing.Clusters {
		if m.standing.Clusters[i].ID == id {
			m.standing.Clusters[i].Name = "What we call it"
		}
	}
	for n := 100; n < 110; n++ {
		m.points = append(m.points, point(1, n, 0.8))
	}
	second := run(t, m)
	at := slices.IndexFunc(second.Clusters, func(c feedback.Cluster) bool { return c.ID == id })
	if second.Clusters[at].Name != "What we call it" || second.Clusters[at].Size < 39 {
		t.Errorf("%+v", second.Clusters[at])
	}
}

func TestGranularityGivesFewerOrMore(t *testing.T) {
	// Three subjects of four topics each, whose edges run into each other.
	var points []feedback.Point
	for topic := range 12 {
		for n := range 13 {
			p := point(topic, n, 1.2)
			for d, x := range direction(100 + topic/4) {
				p.Vector[d] += 0.7 * x
			}
			feedback.Normalize(p.Vector)
			p.Text = fmt.Sprintf("word%dx%d", topic, n)
			points = append(points, p)
		}
	}
	last := 0
	for _, g := range []int{cluster.Fewest, 0, cluster.Most} {
		r := run(t, &memory{points: slices.Clone(points)}, func(c *cluster.Config) { c.Granularity = g })
		if len(r.Clusters) <= last {
			t.Errorf("granularity %d gives %d clusters, less of it gave %d", g, len(r.Clusters), last)
		}
		last = len(r.Clusters)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for name, change := range map[string]func(*cluster.Config){
		"no store":          func(c *cluster.Config) { c.Store = nil },
		"no clock":          func(c *cluster.Config) { c.Now = nil },
		"no dimensions":     func(c *cluster.Config) { c.Model.Dimensions = 0 },
		"granularity":       func(c *cluster.Config) { c.Granularity = cluster.Most + 1 },
		"minimum size of 1": func(c *cluster.Config) { c.MinSize = 1 },
	} {
		if _, err := try(t.Context(), &memory{}, change); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := try(t.Context(), &memory{}, func(c *cluster.Config) { c.MinSize = 9 }); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("a sound configuration: %v", err)
	}
}

// Whatever the data and whatever stands, a run keeps its promises, and the same data again changes nothing.
func TestReclusterKeepsItsPromisesOnAnyData(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var points []feedback.Point
		for topic, size := range rapid.SliceOfN(rapid.IntRange(1, 25), 1, 8).Draw(t, "sizes") {
			noise := rapid.SampledFrom([]float64{0, 0.5, 1, 2}).Draw(t, "noise")
			for n := range size {
				p := point(topic, n, noise)
				p.Cluster = feedback.ClusterID(rapid.IntRange(0, 5).Draw(t, "stands"))
				points = append(points, p)
			}
		}
		m := &memory{points: points}
		for id := range rapid.IntRange(0, 5).Draw(t, "standing") {
			m.standing.Clusters = append(m.standing.Clusters, feedback.Cluster{ID: feedback.ClusterID(id + 1), Theme: 1, Centroid: direction(id), Name: "Old " + strconv.Itoa(id)})
			m.standing.Themes = []feedback.Theme{{ID: 1, Name: "Old theme"}}
		}
		first, err := try(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		check(t, m, first)
		second, err := try(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(settled(first), settled(second)) {
			t.Fatal("the same data again moved an excerpt")
		}
		if f := fates(second); f[feedback.FateContinued] != len(second.Lineage) {
			t.Fatalf("lineage of the same data: %+v", second.Lineage)
		}
	})
}
