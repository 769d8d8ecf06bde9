package postgres_test

import (
	"fmt"
	"reflect"
	"testing"

	"earshot/feedback"
)

func TestASnapshotCountsWhatForms(t *testing.T) {
	store := open(t)
	var items, group []feedback.Item
	// The newest feedback of the period is of the 20th: the last days are the 14th to the 20th.
	for i, day := range []int{20, 19, 18, 14, 13, 1, -40} {
		it := said(fmt.Sprint("scanner", i), day, []string{"big", "small"}[i%2], fmt.Sprintf("The scanner reads label %d as a blank since Monday.", i))
		group = append(group, it)
	}
	for day := range 20 {
		items = append(items, said(fmt.Sprint("other", day), day+1, "", fmt.Sprintf("It crashes on day %d.", day)))
	}
	repeat := said("repeat", 20, "big", "The scanner reads label 0 as a blank since Monday.")
	spam := said("spam", 20, "big", "Cheap scanners.")
	spam.Spam = true
	all := append(append(append([]feedback.Item{}, items...), group...), repeat, spam)
	save(t, store, all...)
	analyse(t, store, feedback.Vector{1, 0, 0}, -0.5, items...)
	analyse(t, store, feedback.Vector{0, 0, 1}, -0.5, append(group, repeat, spam)...)
	saveRun(t, store, run(0, map[feedback.ClusterID][]feedback.Item{1: items}))
	f := feedback.Forming{Name: "Scanner", Keywords: []string{"scanner"}, Recent: 6, Before: 2, Chance: 1e-5, Looked: 3, Since: june.Start, SeenAt: june.End}
	for _, it := range append(group, repeat, spam) {
		f.Excerpts = append(f.Excerpts, it.Excerpts[0].ID)
	}
	if err := store.SaveForming(t.Context(), "acme", []feedback.Forming{f}, june.End); err != nil {
		t.Fatal(err)
	}
	snap := snapshot(t, store)
	got := snap.Forming
	if got == nil || len(got.Groups) != 1 {
		t.Fatalf("%+v", got)
	}
	g := got.Groups[0]
	if got.Looked != 3 || got.End.Day() != 21 || got.Recent.Day() != 14 || got.Now != 7+4 || got.Before != 13+2 {
		t.Errorf("%+v", got)
	}
	if g.Now != 4 || g.Before != 2 || g.Customers != 2 || g.ARR != 90600 || len(g.Excerpts) != 6 || g.ID != feedback.FormingID(g.Excerpts) {
		t.Errorf("%+v", g)
	}
	if len(g.Quotes) != 2 || g.Quotes[0].Text[:11] != "The scanner" || g.Quotes[0].End-g.Quotes[0].Start != len(g.Quotes[0].Text) {
		t.Errorf("quotes, one of each customer: %+v", g.Quotes)
	}
	again, err := store.RecountForming(t.Context(), snap)
	if err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("counted again\n got %+v, %v\nwant %+v", again, err, got)
	}
	if o := snap.Origin; o == nil || o.Items != len(all) || o.Decision != 0 {
		t.Errorf("origin: %+v", o)
	}

	segment, err := store.Snapshot(t.Context(), "acme", june, "big-business")
	if err != nil || segment.Forming == nil || segment.Forming.Groups[0].Customers != 1 || segment.Forming.Groups[0].Now != 2 {
		t.Errorf("of one segment: %+v, %v", segment.Forming, err)
	}
	earlier := june.Before()
	if old, err := store.Snapshot(t.Context(), "acme", earlier, ""); err != nil || old.Forming != nil {
		t.Errorf("of a period of before it formed: %+v, %v", old.Forming, err)
	}
	// A later run makes it a cluster: it forms no more, and what was said of it can still be counted.
	saveRun(t, store, run(1, map[feedback.ClusterID][]feedback.Item{1: items, 2: append(group, repeat)}))
	if snap := snapshot(t, store); snap.Forming != nil {
		t.Errorf("it has a cluster, and forms: %+v", snap.Forming)
	}
	if again, err := store.RecountForming(t.Context(), snap); err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("counted after a run\n got %+v, %v\nwant %+v", again, err, got)
	}
}
