package app_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app"
	"earshot/cluster"
	"earshot/demo"
	"earshot/feedback"
	"earshot/postgres"
)

// some sends a tenth of the sample, or the other nine.
func some(tenth bool) iter.Seq2[app.Outgoing, error] {
	return func(yield func(app.Outgoing, error) bool) {
		n := 0
		for m, err := range sampleMessages() {
			if n++; (n%10 == 0) == tenth && !yield(m, err) {
				return
			}
		}
	}
}

func receive(t *testing.T, a *app.App, messages iter.Seq2[app.Outgoing, error]) {
	t.Helper()
	if _, err := a.Send(t.Context(), demo.Workspace, messages, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := a.Process(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

// members gives where the excerpts of the sample are.
func members(t *testing.T, a *app.App) map[feedback.ID]feedback.ClusterID {
	t.Helper()
	out := map[feedback.ID]feedback.ClusterID{}
	list, err := a.Store.ClusterList(t.Context(), demo.Workspace)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range slices.Concat(list.Clusters, list.Hidden) {
		hits, err := a.Store.ClusterExcerpts(t.Context(), demo.Workspace, v.Cluster.ID, 0, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hits {
			out[h.Excerpt] = v.Cluster.ID
		}
	}
	return out
}

// forgetful is a store whose runs know no decision.
type forgetful struct{ *postgres.Store }

func (f forgetful) Standing(ctx context.Context, workspace string, model feedback.Model) (feedback.Standing, error) {
	s, err := f.Store.Standing(ctx, workspace, model)
	s.Constraints = feedback.Constraints{Last: s.Constraints.Last}
	for i := range s.Clusters {
		s.Clusters[i].OwnName = ""
	}
	return s, err
}

func TestWhatPeopleDecidedOutlivesReruns(t *testing.T) {
	a := openApp(t, app.Options{Queue: true, Now: func() time.Time { return time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC) }})
	receive(t, a, some(false))
	if _, _, err := a.Recluster(t.Context(), demo.Workspace, app.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	list, err := a.Store.ClusterList(t.Context(), demo.Workspace)
	if err != nil || len(list.Clusters) < 20 {
		t.Fatalf("%d clusters, %v", len(list.Clusters), err)
	}
	id := func(n int) feedback.ClusterID { return list.Clusters[n].Cluster.ID }
	decide := func(d feedback.Decision) feedback.Decision {
		t.Helper()
		d.Actor = "ana"
		done, err := a.Decide(t.Context(), demo.Workspace, d)
		if err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		return done
	}
	before := members(t, a)
	of := func(c feedback.ClusterID) (out []feedback.ID) {
		for e, at := range before {
			if at == c {
				out = append(out, e)
			}
		}
		slices.SortFunc(out, func(a, b feedback.ID) int { return strings.Compare(a.String(), b.String()) })
		return out
	}
	var split feedback.Decision
	for n := 0; split.ID == 0 && n < 5; n++ {
		if parts, err := a.Parts(t.Context(), demo.Workspace, id(n)); err == nil {
			split = decide(feedback.Decision{Kind: feedback.DecideSplit, Cluster: id(n), Excerpts: parts[1].Excerpts})
		}
	}
	if split.ID == 0 || split.Name == "" {
		t.Fatalf("nothing could be split: %+v", split)
	}
	renamed, merged, absorbed, confirmed, hidden, target := id(6), id(7), id(8), id(len(list.Clusters)-1), id(len(list.Clusters)-2), id(9)
	decide(feedback.Decision{Kind: feedback.DecideRename, Cluster: renamed, Name: "What we call it"})
	theme := list.Clusters[10].Cluster.Theme
	decide(feedback.Decision{Kind: feedback.DecideRenameTheme, Theme: theme, Name: "Our theme"})
	decide(feedback.Decision{Kind: feedback.DecideMerge, Cluster: merged, Other: absorbed})
	decide(feedback.Decision{Kind: feedback.DecideConfirm, Cluster: confirmed})
	decide(feedback.Decision{Kind: feedback.DecideHide, Cluster: hidden})
	moved := of(id(10))[:3]
	decide(feedback.Decision{Kind: feedback.DecideMove, Cluster: target, Excerpts: slices.Clone(moved)})
	left, right := id(11), id(12)
	decide(feedback.Decision{Kind: feedback.DecideApart, Cluster: left, Other: right})
	pair := of(id(13))[:2]
	decide(feedback.Decision{Kind: feedback.DecideApart, Excerpts: slices.Clone(pair)})
	stood := members(t, a)

	broken := func() (wrong []string) {
		at := members(t, a)
		say := func(ok bool, format string, args ...any) {
			if !ok {
				wrong = append(wrong, fmt.Sprintf(format, args...))
			}
		}
		view := func(c feedback.ClusterID) feedback.Cluster {
			v, err := a.Store.ClusterByID(t.Context(), demo.Workspace, c)
			if err != nil {
				t.Fatal(err)
			}
			return v.Cluster
		}
		for _, e := range moved {
			say(at[e] == target, "moved to %s, in %s", target, at[e])
		}
		for _, e := range split.Excerpts {
			say(at[e] == split.Other, "split off to %s, in %s", split.Other, at[e])
		}
		together := 0
		for _, e := range of(absorbed) {
			if at[e] == merged {
				together++
			}
		}
		say(10*together >= 9*len(of(absorbed)), "of %d merged into %s it has %d", len(of(absorbed)), merged, together)
		for e, c := range stood {
			say(!(c == left && at[e] == right || c == right && at[e] == left), "an excerpt of %s went to %s", c, at[e])
		}
		say(at[pair[0]] == 0 || at[pair[0]] != at[pair[1]], "both of a pair in %s", at[pair[0]])
		say(view(renamed).Name == "What we call it" && !view(renamed).Retired, "%s is called %q", renamed, view(renamed).Name)
		say(view(confirmed).Confirmed && !view(confirmed).Retired && view(confirmed).Size > 0, "%s ended", confirmed)
		say(view(hidden).Hidden && !view(hidden).Retired, "%s is shown", hidden)
		say(view(absorbed).Successor == merged, "%s leads to %s", absorbed, view(absorbed).Successor)
		named := false
		now, err := a.Store.ClusterList(t.Context(), demo.Workspace)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range now.Clusters {
			named = named || v.Cluster.Theme == theme && v.Cluster.ThemeName == "Our theme"
			say(v.Cluster.ID != hidden, "%s is listed", hidden)
		}
		say(named, "the theme lost its name")
		return wrong
	}
	if wrong := broken(); len(wrong) > 0 {
		t.Fatalf("at once: %s", strings.Join(wrong, "; "))
	}
	for _, again := range []struct {
		name    string
		prepare func()
	}{
		{"a rerun", func() {}},
		{"a tenth more", func() { receive(t, a, some(true)) }},
		{"another seed", func() { a.Config.Seed = 99 }},
	} {
		again.prepare()
		run, _, err := a.Recluster(t.Context(), demo.Workspace, app.RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if wrong := broken(); len(wrong) > 0 || len(run.Unmet) > 0 {
			t.Errorf("after %s: %s; unmet %v", again.name, strings.Join(wrong, "; "), run.Unmet)
		}
	}
	doc, err := a.Report(t.Context(), demo.Workspace, app.DefaultPeriod, "")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, c := range doc.Snapshot.Clusters {
		names[c.Name] = true
		if c.ID == hidden {
			t.Errorf("the Pulse speaks of %s, which is hidden", hidden)
		}
	}
	if !names["What we call it"] || doc.Snapshot.Coverage.Hidden == 0 {
		t.Errorf("the Pulse counts %d excerpts as hidden", doc.Snapshot.Coverage.Hidden)
	}
	// Runs that know nothing of the decisions undo them: were it not so, the above would show nothing.
	model := feedback.Model{Name: doc.Snapshot.Model.Name, Version: doc.Snapshot.Model.Version, Dimensions: doc.Snapshot.Model.Dimensions}
	stage, err := cluster.New(cluster.Config{Store: forgetful{a.Store}, Model: model, Now: time.Now, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stage.Recluster(t.Context(), demo.Workspace); err != nil {
		t.Fatal(err)
	}
	if wrong := broken(); len(wrong) < 3 {
		t.Errorf("a stage that ignores decisions breaks only %q", wrong)
	}
}

func TestAClusterThatAPersonMadeIsLinkedAtOnce(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	if err := a.Store.SaveFeatures(t.Context(), "acme", []feedback.Feature{
		{ID: "tax", Name: "Tax rates of invoices", Kind: "feature"}, {ID: "dark", Name: "Dark theme of the screen", Kind: "feature"},
		{ID: "sync", Name: "Calendar sync of appointments", Kind: "feature"}, {ID: "photos", Name: "Photos taken offline", Kind: "feature"},
	}); err != nil {
		t.Fatal(err)
	}
	hand(t, a, subjects(20), time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC))
	if _, _, err := a.Recluster(t.Context(), "acme", app.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	links, err := a.Store.Links(t.Context(), "acme")
	if err != nil || len(links) == 0 {
		t.Fatalf("%d clusters have links, %v", len(links), err)
	}
	of := slices.Sorted(maps.Keys(links))[0]
	hits, err := a.Store.ClusterExcerpts(t.Context(), "acme", of, 0, 5)
	if err != nil {
		t.Fatal(err)
	}
	split := feedback.Decision{Kind: feedback.DecideSplit, Cluster: of, Actor: "ana"}
	for _, h := range hits {
		split.Excerpts = append(split.Excerpts, h.Excerpt)
	}
	if split, err = a.Decide(t.Context(), "acme", split); err != nil {
		t.Fatal(err)
	}
	if links, err = a.Store.Links(t.Context(), "acme"); err != nil || len(links[split.Other]) == 0 {
		t.Errorf("%s has no link, %v", split.Other, err)
	}
}
