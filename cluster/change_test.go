package cluster_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/cluster"
	"earshot/feedback"
)

func stage(t *testing.T, m *memory, change ...func(*cluster.Config)) *cluster.Stage {
	t.Helper()
	c := cluster.Config{Store: m, Model: model, Now: clock, Seed: 1}
	for _, f := range change {
		f(&c)
	}
	s, err := cluster.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// planted is a workspace in which topics 0 and 1 stand as one cluster, whose split is the next run's to make.
func planted(t *testing.T) (m *memory, whole feedback.ClusterID) {
	t.Helper()
	m = &memory{points: topics(40, 30, 25, 20, 18, 16)}
	for i := range m.points {
		m.points[i].OccurredAt = clock().AddDate(0, 0, -7*(i%3))
	}
	first := run(t, m)
	whole = home(t, first, 0, 40)
	m.joined(whole, home(t, first, 1, 30))
	return m, whole
}

func TestAPreviewSaysWhatItWouldChangeAndChangesNothing(t *testing.T) {
	m, whole := planted(t)
	m.standing.Decided = []feedback.Decided{{Cluster: feedback.ClusterRef(whole), Name: "Whole", What: "link to Maps confirmed"},
		{Cluster: feedback.ClusterRef(whole + 2), Name: "Other", What: "link to Billing confirmed"}}
	before, stood := slices.Clone(m.points), m.standing.Run
	r, err := stage(t, m).Preview(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	for i := range before {
		if m.points[i].Cluster != before[i].Cluster || m.standing.Run != stood {
			t.Fatal("a preview changed what stands")
		}
	}
	c := r.Change
	if r.State != feedback.RunPreviewed || c.ClustersBefore != 5 || c.ClustersAfter != 6 || c.Ended != 0 || c.Fates[feedback.FateSplit] != 1 {
		t.Errorf("%s, %+v", r.State, c)
	}
	part := feedback.ClusterRef(r.NextCluster - 1)
	if len(c.Moves) == 0 || c.Moves[0].From != feedback.ClusterRef(whole) || c.Moves[0].To != part || c.Moves[0].Excerpts < 27 || c.Moved < 27 || c.Moved > 33 {
		t.Errorf("moves: %+v of %d", c.Moves, c.Moved)
	}
	if x := c.Clusters[0]; x.Fate != feedback.FateSplit || x.From != feedback.ClusterRef(whole) || x.FromSize != 70 || x.To != part || x.ToName == "" {
		t.Errorf("the first change: %+v", x)
	}
	if len(c.Touched) != 1 || c.Touched[0].Cluster != feedback.ClusterRef(whole) {
		t.Errorf("touched: %+v", c.Touched)
	}
	if len(c.Trends) < 2 {
		t.Fatalf("trends: %+v", c.Trends)
	}
	for _, line := range c.Trends[:2] {
		was, is := 0, 0
		for _, w := range line.Weeks {
			was, is = was+w.Before, is+w.After
		}
		if line.Cluster == part && (was != 0 || is < 27) || line.Cluster == feedback.ClusterRef(whole) && (was != 70 || is > 43) || len(line.Weeks) != 13 {
			t.Errorf("%s: %d before, %d after in %d weeks", line.Cluster, was, is, len(line.Weeks))
		}
	}
}

func TestAPreviewCountsNoCopies(t *testing.T) {
	plain, _ := planted(t)
	plain.points = append(plain.points, point(2000, 3, 0), point(2001, 4, 0)) // that stand nowhere yet
	want, err := stage(t, plain).Preview(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	copied := func(marked bool) *feedback.Run {
		m, _ := planted(t)
		m.points = append(m.points, point(2000, 3, 0), point(2001, 4, 0))
		for i, p := range slices.Clone(m.points) {
			if i%3 == 0 {
				again := point(3000+i, 0, 0)
				again.Text, again.Vector, again.OccurredAt, again.Cluster, again.Copy = p.Text, p.Vector, p.OccurredAt, p.Cluster, marked
				m.points = append(m.points, again)
			}
		}
		r, err := stage(t, m).Preview(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	summary := func(r *feedback.Run) string {
		c := r.Change
		s := fmt.Sprint(r.Excerpts, r.Unassigned, c.Stood, c.Moved, c.Left, c.Joined, c.UnassignedBefore, c.UnassignedAfter, c.Outliers, c.Moves)
		for _, x := range c.Clusters {
			s += fmt.Sprint("; ", x.Fate, x.From, x.FromSize, x.To, x.ToSize, x.Shared)
		}
		return s + fmt.Sprint("; ", c.Trends)
	}
	if got := summary(copied(true)); got != summary(want) {
		t.Errorf("with copies\n%s\nwithout\n%s", got, summary(want))
	}
	if summary(copied(false)) == summary(want) {
		t.Error("as many that are no copies change no count: the test is blind")
	}
}

func TestTheScheduleAppliesWhatIsWithinBoundsAndLeavesTheRestToAPerson(t *testing.T) {
	wide, narrow := cluster.Bounds{Moved: 1, Ended: 1}, cluster.Bounds{Moved: 0.1, Ended: 0.1}
	split := func(t *testing.T) *memory { m, _ := planted(t); return m }
	merge := func(t *testing.T) *memory {
		m := &memory{points: topics(60, 30, 25, 20, 18, 16)}
		first := run(t, m)
		for range 2 {
			m.parted(home(t, first, 0, 60), 12)
		}
		return m
	}
	for _, c := range []struct {
		name   string
		world  func(*testing.T) *memory
		bounds cluster.Bounds
		state  feedback.RunState
		why    string
	}{
		{"the first run", func(*testing.T) *memory { return &memory{points: topics(40, 30, 25)} }, narrow, feedback.RunApplied, ""},
		{"a split that moves much", split, narrow, feedback.RunPreviewed, "excerpts in clusters would leave theirs"},
		{"the same within bounds", split, wide, feedback.RunApplied, ""},
		{"clusters that end", merge, cluster.Bounds{Moved: 1, Ended: 0.1}, feedback.RunPreviewed, "2 of 8 clusters would end, where 1 may"},
		{"the same within bounds", merge, cluster.Bounds{Moved: 1, Ended: 0.25}, feedback.RunApplied, ""},
		{"nothing new", func(t *testing.T) *memory { m := &memory{points: topics(40, 30, 25)}; run(t, m); return m }, cluster.Bounds{}, feedback.RunApplied, ""},
		{"what a person decided", func(t *testing.T) *memory {
			m, whole := planted(t)
			m.standing.Decided = []feedback.Decided{{Cluster: feedback.ClusterRef(whole), What: "link to Maps confirmed"}}
			return m
		}, wide, feedback.RunPreviewed, "link to Maps confirmed"},
		{"what a person decided elsewhere", func(t *testing.T) *memory {
			m, whole := planted(t)
			m.standing.Decided = []feedback.Decided{{Cluster: feedback.ClusterRef(whole + 2), What: "link to Maps confirmed"}}
			return m
		}, wide, feedback.RunApplied, ""},
		{"after a rollback", func(t *testing.T) *memory { m, _ := planted(t); m.standing.TakenBack = 7; return m }, wide, feedback.RunPreviewed, "run 7 was taken back"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := c.world(t)
			r, err := stage(t, m).Propose(t.Context(), "acme", feedback.CauseSchedule, c.bounds)
			if err != nil {
				t.Fatal(err)
			}
			if r.State != c.state || !strings.Contains(r.Reason, c.why) || (r.Reason == "") != (c.why == "") || r.Cause != feedback.CauseSchedule {
				t.Errorf("%s: %q", r.State, r.Reason)
			}
		})
	}
}

func TestOutliersAreForcedIntoClustersOnlyOnRequest(t *testing.T) {
	world := func() *memory {
		m := &memory{points: topics(40, 30, 25, 20)}
		for n := range 30 { // each on its own
			p := point(1000+n, n, 0)
			p.Text = fmt.Sprintf("w%da w%db w%dc", n, n, n)
			m.points = append(m.points, p)
		}
		for n := range 2 {
			p := point(400+n, 0, 0.8)
			clear(p.Vector)
			m.points = append(m.points, p)
		}
		return m
	}
	plain := run(t, world())
	if plain.Unassigned < 5 || plain.Change.Forced != 0 || plain.Change.Outliers[feedback.OutlierBlank] != 2 {
		t.Fatalf("%d unassigned, %d forced, %v", plain.Unassigned, plain.Change.Forced, plain.Change.Outliers)
	}
	for _, share := range []float64{1, 0.03, 0} {
		want := min(plain.Unassigned, max(2, int(share*float64(len(plain.Assignments))))) // what is blank is near to nothing
		forced := run(t, world(), func(c *cluster.Config) { c.MaxOutliers = &share })
		if forced.Unassigned != want || forced.Change.Forced != plain.Unassigned-want || forced.Config["max_outliers"] != share {
			t.Errorf("at most %v: %d unassigned, %d forced, want %d", share, forced.Unassigned, forced.Change.Forced, want)
		}
		for i, c := range forced.Clusters {
			if c.Name != plain.Clusters[i].Name || !slices.Equal(c.Centroid, plain.Clusters[i].Centroid) {
				t.Errorf("%s is another because outliers were forced into it", c.ID)
			}
		}
	}
	for _, share := range []float64{-0.1, 1.1} {
		if _, err := try(t.Context(), world(), func(c *cluster.Config) { c.MaxOutliers = &share }); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("a share of %v: %v", share, err)
		}
	}
}

// What a cluster asks of new excerpts its own members would mostly pass, and what lies between two clusters would not.
func TestFloorsAndMarginsAreThoseOfTheMembers(t *testing.T) {
	m := &memory{points: topics(60, 50, 40, 30, 25, 20)}
	r := run(t, m)
	joins := 0
	for _, a := range r.Assignments {
		if id, _, _ := feedback.Join(r.Clusters, m.points[slices.IndexFunc(m.points, func(p feedback.Point) bool { return p.Excerpt == a.Excerpt })].Vector); id == a.Cluster && id != 0 {
			joins++
		}
	}
	if part := float64(joins) / float64(len(r.Assignments)); part < 0.8 {
		t.Errorf("%.2f of the members would join their own cluster", part)
	}
	between := make(feedback.Vector, dims)
	for d := range between {
		between[d] = r.Clusters[0].Centroid[d] + 0.98*r.Clusters[1].Centroid[d]
	}
	feedback.Normalize(between)
	loose := slices.Clone(r.Clusters)
	for i := range loose {
		loose[i].Floor = 0
	}
	if id, _, why := feedback.Join(loose, between); id != 0 || why != feedback.OutlierBetween {
		t.Errorf("what lies between two clusters joins %d, %q", id, why)
	}
	for i := range loose {
		loose[i].Margin = 0
	}
	if id, _, _ := feedback.Join(loose, between); id == 0 {
		t.Error("without margins it joins none either: the test is blind")
	}
}
