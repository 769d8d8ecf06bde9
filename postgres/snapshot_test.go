package postgres_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"earshot/feedback"
	"earshot/postgres"
)

var june = feedback.Period{Start: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}

// said is an item of a customer, or of nobody, at noon of a day of June 2026; a day below 1 is in May.
func said(id string, day int, customer string, sentences ...string) feedback.Item {
	it := item(id, sentences...)
	it.OccurredAt = june.Start.AddDate(0, 0, day-1).Add(12 * time.Hour)
	if customer != "" {
		arr := map[string]float64{"big": 90000, "small": 600}[customer]
		it.Customer = &feedback.Customer{ID: customer, Name: "The " + customer + " one", Segment: customer + "-business"}
		if arr > 0 {
			it.Customer.ARR = &arr
		}
	}
	return it
}

func snapshot(t *testing.T, store *postgres.Store) feedback.Snapshot {
	t.Helper()
	snap, err := store.Snapshot(t.Context(), "acme", june, "")
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func TestASnapshotCountsItemsAndCustomersOnce(t *testing.T) {
	store := open(t)
	two := said("two", 3, "big", "The app crashes on start.", "The app crashes on exit.")
	spam := said("spam", 5, "", "Buy links now.")
	spam.Spam = true
	items := []feedback.Item{
		two,
		said("again", 4, "big", "It crashed a second time today."),
		said("small", 20, "small", "Crashes here as well, every day."),
		said("nobody", 21, "", "Crash crash crash."),
		said("repeat", 22, "small", "Crashes here as well, every day."),
		said("earlier", -10, "small", "It crashed in May."),
		spam,
	}
	save(t, store, items...)
	analyse(t, store, feedback.Vector{1, 0, 0}, -0.5, items...)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: items[:6]}))
	snap := snapshot(t, store)

	want := feedback.Coverage{Items: 4, Excerpts: 5, Analysed: 5, Spam: 1, Repeats: 1, Customers: 2, WithoutCustomer: 1,
		ARR: 90600, Sentiment: -0.5}
	if snap.Coverage != want {
		t.Errorf("coverage\n got %+v\nwant %+v", snap.Coverage, want)
	}
	if snap.Before.Items != 1 || snap.Before.Customers != 1 {
		t.Errorf("before: %+v", snap.Before)
	}
	c := snap.Clusters[0]
	if c.Now.Items != 4 || c.Now.Excerpts != 5 || c.Now.Customers != 2 || c.Now.ARR != 90600 || c.Now.Negative != 5 ||
		c.Now.Kinds[feedback.KindBug] != 5 || c.Before.Items != 1 || c.Before.ARR != 600 {
		t.Errorf("cluster: %+v", c)
	}
	if c.Segments["big-business"] != 2 || c.Segments["small-business"] != 1 || c.Segments[""] != 1 {
		t.Errorf("segments: %v", c.Segments)
	}
	if sum := total(c.Weekly); sum != 5 || len(c.Weekly) != len(snap.Weeks) {
		t.Errorf("weekly %v: %d items in %d weeks, want 5 in 13", c.Weekly, sum, len(c.Weekly))
	}
	if th := snap.Themes[0]; th.Now.Items != 4 || th.Now.ARR != 90600 || total(th.Weekly) != 5 || len(th.Clusters) != 1 {
		t.Errorf("theme: %+v", th)
	}
	if len(snap.Accounts) != 2 || snap.Accounts[0].ID != "big" || snap.Accounts[0].Negative != 3 {
		t.Errorf("accounts: %+v", snap.Accounts)
	}
	customers := map[string]bool{}
	for _, q := range c.Quotes {
		if customers[q.Customer] && q.Customer != "" {
			t.Errorf("two quotes of %s", q.Customer)
		}
		customers[q.Customer] = true
	}
	if len(c.Quotes) != 3 {
		t.Errorf("%d quotes, want one of each voice", len(c.Quotes))
	}
}

func TestAnItemInTwoClustersOfAThemeCountsOnceInIt(t *testing.T) {
	store := open(t)
	it := said("1", 3, "big", "The app crashes.", "Add dark mode.")
	save(t, store, it)
	analyse(t, store, feedback.Vector{1, 0, 0}, 0, it)
	r := run(0, map[feedback.ClusterID][]feedback.Item{1: {it}, 2: {}})
	r.Assignments[1].Cluster = 2
	saveRun(t, store, r)
	snap := snapshot(t, store)
	if snap.Clusters[0].Now.Items != 1 || snap.Clusters[1].Now.Items != 1 {
		t.Fatalf("%+v", snap.Clusters)
	}
	if th := snap.Themes[0].Now; th.Items != 1 || th.Customers != 1 || th.ARR != 90000 || th.Excerpts != 2 {
		t.Errorf("theme: %+v", th)
	}
}

func TestWhatShippedIsComparedOverEqualSpans(t *testing.T) {
	store := open(t)
	items := []feedback.Item{
		said("a", 8, "big", "Duplicates in my calendar."), said("b", 9, "small", "Each appointment twice."),
		said("c", 12, "big", "Still one duplicate."), said("c again", 13, "big", "Still one duplicate."), said("long ago", -40, "big", "Duplicates since spring."),
	}
	save(t, store, items...)
	analyse(t, store, feedback.Vector{1, 0, 0}, -0.5, items...)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: items}))
	features := []feedback.Feature{{ID: "sync", Name: "Calendar sync", Kind: "feature", Status: feedback.StatusShipped,
		ShippedAt: time.Date(2026, 6, 11, 0, 0, 0, 0, time.UTC)}}
	if err := store.SaveFeatures(t.Context(), "acme", features); err != nil {
		t.Fatal(err)
	}
	link := feedback.Link{Cluster: 1, Feature: "sync", State: feedback.LinkAutomatic, Score: 0.75}
	if err := store.SaveLinks(t.Context(), "acme", []feedback.Link{link}); err != nil {
		t.Fatal(err)
	}
	snap := snapshot(t, store)
	if len(snap.Shipped) != 1 {
		t.Fatalf("%+v", snap.Shipped)
	}
	if s := snap.Shipped[0]; s.Days != 20 || s.Before != 2 || s.After != 1 || s.SentimentBefore != -0.5 || len(s.Clusters) != 1 {
		t.Errorf("%+v", s)
	}
	if l := snap.Clusters[0].Link; l == nil || l.Name != "Calendar sync" || l.Score != 0.75 || snap.Features != 1 {
		t.Errorf("%+v", l)
	}
}

func TestASnapshotDoesNotDependOnTheOrderInWhichFeedbackCame(t *testing.T) {
	items := []feedback.Item{
		said("1", 3, "big", "The app crashes on start.", "And on exit."), said("2", 4, "small", "It crashed today."),
		said("3", 5, "", "Crashes all the time."), said("4", 6, "small", "It crashed again, on a Friday."),
	}
	var first []byte
	for range 2 {
		store := open(t)
		for _, it := range items {
			save(t, store, it)
			analyse(t, store, feedback.Vector{1, 0, 0}, 0.1*float64(len(it.Body)%7)-0.3, it)
		}
		saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: items}))
		got, err := json.Marshal(snapshot(t, store))
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && string(first) != string(got) {
			t.Errorf("two orders, two snapshots:\n%s\n%s", first, got)
		}
		first = got
		slices.Reverse(items)
	}
}

func TestAnEmptyWorkspaceHasASnapshot(t *testing.T) {
	snap := snapshot(t, open(t))
	if snap.Coverage != (feedback.Coverage{}) || len(snap.Clusters) != 0 || snap.Run != 0 || len(snap.Weeks) != 13 {
		t.Errorf("%+v", snap)
	}
}

func TestAPeriodOfPartDaysIsInvalid(t *testing.T) {
	store := open(t)
	for _, p := range []feedback.Period{{}, {Start: june.End, End: june.Start}, {Start: june.Start.Add(time.Hour), End: june.End}} {
		if _, err := store.Snapshot(t.Context(), "acme", p, ""); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%v: %v", p, err)
		}
	}
}

func total(weekly []int) (sum int) {
	for _, n := range weekly {
		sum += n
	}
	return sum
}

func TestASegmentsSnapshotHoldsItsCustomersAlone(t *testing.T) {
	store := open(t)
	items := []feedback.Item{
		said("one", 3, "big", "The app crashes on start."),
		said("two", 4, "big", "It crashed a second time today."),
		said("three", 20, "small", "Crashes here as well, every day."),
		said("four", 21, "", "Crash crash crash."),
		said("five", -10, "small", "It crashed in May."),
	}
	save(t, store, items...)
	analyse(t, store, feedback.Vector{1, 0, 0}, -0.5, items...)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: items}))
	whole, err := store.Snapshot(t.Context(), "acme", june, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Segments) < 2 {
		t.Fatalf("the workspace has the segments %+v", whole.Segments)
	}
	heard := 0
	for _, seg := range whole.Segments {
		snap, err := store.Snapshot(t.Context(), "acme", june, seg.Name)
		if err != nil {
			t.Fatal(err)
		}
		if snap.Segment != seg.Name || snap.Coverage.Items != seg.Items || snap.Coverage.Customers != seg.Customers || snap.Coverage.ARR != seg.ARR ||
			snap.Total.Customers != seg.Known || snap.Coverage.WithoutCustomer != 0 || len(snap.Segments) != 1 {
			t.Errorf("%s: %+v of %+v, want %+v", seg.Name, snap.Coverage, snap.Total, seg)
		}
		for _, c := range snap.Clusters {
			if first := map[string]int{"big-business": 3, "small-business": -10}[seg.Name]; !c.FirstSeen.Equal(june.Start.AddDate(0, 0, first-1).Add(12 * time.Hour)) {
				t.Errorf("%s: first heard on %v, which is another's day", seg.Name, c.FirstSeen)
			}
			for name := range c.Segments {
				if name != seg.Name {
					t.Errorf("%s: a cluster has items of %q", seg.Name, name)
				}
			}
			for _, q := range c.Quotes {
				if q.Segment != seg.Name {
					t.Errorf("%s: a quote of %q", seg.Name, q.Segment)
				}
			}
		}
		heard += snap.Coverage.Items
	}
	if heard != 3 || whole.Coverage.Items != 4 {
		t.Errorf("%d items in the segments, %d in all", heard, whole.Coverage.Items)
	}
	if _, err := store.Snapshot(t.Context(), "acme", june, "nobody"); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("a segment of nobody: %v", err)
	}
}
