package report

import (
	"fmt"
	"time"

	"earshot/feedback"
)

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// topic is a short way to write a cluster: thirteen weeks of items, of which the last four are the period and the four
// before them the period before.
type topic struct {
	name, theme string
	weekly      [13]int
	negative    float64 // part of the excerpts, in both periods unless worse is set
	worse       float64 // added in the period
	positive    float64
	severe      int
	customers   int
	arr         float64
	kind        feedback.Kind
	segments    map[string]int
	link        *feedback.LinkFacts
	quotes      []string
}

var link = func(id, name string, status feedback.Status, state feedback.LinkState, shipped time.Time) *feedback.LinkFacts {
	return &feedback.LinkFacts{Feature: id, Name: name, Status: status, State: state, Score: 0.71, ShippedAt: shipped}
}

// fieldwork is a workspace with one of each story: something new after a release, something that faded after a fix, a
// slow riser among large accounts, a loud and cheap complaint, a need that no feature fits, praise for something new.
func fieldwork() feedback.Snapshot {
	shipped := date(2026, 5, 4)
	s := workspace("crewlane", []topic{
		{name: "calendar entries twice", theme: "Scheduling", weekly: [13]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 11, 14, 12}, negative: 0.82, severe: 9, customers: 29, arr: 1240300,
			kind: feedback.KindBug, segments: map[string]int{"enterprise": 9, "mid-market": 18, "small": 11, "": 3}, link: link("f-cal", "Calendar sync", feedback.StatusShipped, feedback.LinkAutomatic, date(2026, 5, 25)),
			quotes: []string{"Since I connected my Outlook last Thursday every job I plan on the board shows up in my calendar two times.", "Two vans at the same flat at 8:15, one tenant, no parking. The tenant filmed it. Please make this stop before I lose the contract, which is the largest that we have and which took us the better part of a year to win, as I have told three people on your chat already.", "Ghost bookings again"}},
		{name: "app signs people out", theme: "Technician app", weekly: [13]int{14, 15, 13, 16, 14, 15, 14, 16, 13, 4, 3, 2, 2}, negative: 0.9, customers: 8, arr: 214000,
			kind: feedback.KindBug, segments: map[string]int{"enterprise": 2, "mid-market": 5, "small": 3, "": 1}, link: link("f-login", "Stay signed in", feedback.StatusShipped, feedback.LinkConfirmed, shipped),
			quotes: []string{"Types email, types password, waits for code, van engine running."}},
		{name: "single sign-on and SCIM", theme: "Access and roles", weekly: [13]int{1, 1, 2, 1, 2, 3, 3, 4, 4, 5, 5, 6, 7}, negative: 0.35, customers: 17, arr: 2610000,
			kind: feedback.KindRequest, segments: map[string]int{"enterprise": 20, "mid-market": 3}, link: link("f-sso", "Single sign-on", feedback.StatusPlanned, feedback.LinkAutomatic, time.Time{}),
			quotes: []string{"Our security review ends in October, and without SCIM we cannot renew.", "Is there a date for SAML?"}},
		{name: "dark mode", theme: "Technician app", weekly: [13]int{9, 11, 10, 9, 12, 10, 11, 10, 9, 12, 11, 10, 12}, negative: 0.5, customers: 6, arr: 9800,
			kind: feedback.KindRequest, segments: map[string]int{"small": 8, "": 37}, link: link("f-dark", "Dark theme", feedback.StatusIdea, feedback.LinkAutomatic, time.Time{}),
			quotes: []string{"My eyes. MY EYES. It is 5 am in a van, and the app is a searchlight."}},
		{name: "carbon report per site", theme: "Reports and search", weekly: [13]int{3, 4, 3, 4, 4, 3, 5, 4, 4, 4, 5, 4, 5}, negative: 0.2, customers: 14, arr: 880000,
			kind: feedback.KindRequest, segments: map[string]int{"enterprise": 7, "mid-market": 9, "small": 2},
			quotes: []string{"Our client asks for CO2 per visit from January. We have the kilometres and the parts, and no way to add them up.", "Who will give me a number for the tender?"}},
		{name: "new route planner", theme: "Scheduling", weekly: [13]int{0, 0, 0, 0, 0, 0, 0, 1, 2, 7, 9, 8, 9}, negative: 0.03, positive: 0.88, customers: 24, arr: 640000,
			kind: feedback.KindPraise, segments: map[string]int{"enterprise": 5, "mid-market": 15, "small": 11, "": 2}, link: link("f-route", "Route planner", feedback.StatusShipped, feedback.LinkAutomatic, date(2026, 5, 18)),
			quotes: []string{"Saved us forty minutes a van on the first morning. My dispatcher nearly cried."}},
		{name: "export to Excel", theme: "Reports and search", weekly: [13]int{6, 7, 5, 6, 7, 6, 6, 7, 6, 6, 7, 5, 6}, negative: 0.45, customers: 15, arr: 512000, kind: feedback.KindRequest,
			segments: map[string]int{"enterprise": 5, "mid-market": 12, "small": 7}, link: link("f-export", "Table export", feedback.StatusInProgress, feedback.LinkAutomatic, time.Time{}),
			quotes: []string{"It shows 50 rows at a time, so for February that was 23 screens."}},
		{name: "VAT rounded per line", theme: "Invoices", weekly: [13]int{4, 5, 4, 6, 5, 4, 5, 4, 5, 5, 4, 5, 4}, negative: 0.75, worse: 0, severe: 2, customers: 11, arr: 305000, kind: feedback.KindBug,
			segments: map[string]int{"enterprise": 3, "mid-market": 9, "small": 6}, link: link("f-vat", "Invoice totals", feedback.StatusShipped, feedback.LinkSuggested, date(2025, 11, 3)),
			quotes: []string{"Their AP system rejects anything that doesn't tie out to the penny."}},
		{name: "support answers slowly", theme: "Support", weekly: [13]int{8, 9, 10, 8, 9, 8, 9, 10, 9, 9, 8, 10, 9}, negative: 0.4, worse: 0.42, severe: 1, customers: 19, arr: 590000, kind: feedback.KindComplaint,
			segments: map[string]int{"enterprise": 8, "mid-market": 14, "small": 10, "": 4}, quotes: []string{"Third mail from me on this, and the only replies so far came from your robot."}},
		{name: "easy to learn", theme: "Support", weekly: [13]int{10, 9, 11, 10, 9, 10, 12, 10, 11, 10, 9, 10, 11}, negative: 0.02, positive: 0.93, customers: 22, arr: 410000, kind: feedback.KindPraise,
			segments: map[string]int{"mid-market": 14, "small": 20, "": 6}, quotes: []string{"Now I drag a job onto Kev and Kev has it. That's basically my whole review."}},
		{name: "Rückruf auf Deutsch", theme: "Support", weekly: [13]int{1, 0, 2, 1, 1, 0, 1, 2, 1, 1, 0, 1, 1}, negative: 0.4, customers: 2, arr: 300000, kind: feedback.KindQuestion,
			segments: map[string]int{"enterprise": 2}, quotes: []string{"Gibt es eine Hotline auf Deutsch?"}},
	})
	s.Forming = formingFacts(&s)
	s.Origin = &feedback.Origin{Made: feedback.Made{Product: "v1.0.0", Rules: "1", Labels: "0a1b2c3d"}, Items: 1259, Decision: 3, Seed: 1,
		Settings: map[string]any{"granularity": 0.0, "min_size": 5.0, "named_by_model": false}}
	return s
}

func workspace(name string, topics []topic) feedback.Snapshot {
	end := date(2026, 6, 29)
	s := feedback.Snapshot{Workspace: name, Period: feedback.Period{Start: end.AddDate(0, 0, -28), End: end}, Run: 7, Features: 45,
		Model: feedback.Model{Name: "builtin", Version: "1", Dimensions: 356}}
	s.Previous = s.Period.Before()
	for w := range 13 {
		s.Weeks = append(s.Weeks, end.AddDate(0, 0, -7*(13-w)))
	}
	place := map[string]int{}
	for i, tp := range topics {
		c := tp.cluster(&s, feedback.ClusterID(i+1))
		at, ok := place[tp.theme]
		if !ok {
			at = len(s.Themes)
			place[tp.theme] = at
			s.Themes = append(s.Themes, feedback.ThemeFacts{ID: feedback.ThemeID(at + 1), Name: tp.theme, Weekly: make([]int, 13)})
		}
		th := &s.Themes[at]
		c.Theme, c.ThemeName = th.ID, th.Name
		join(&th.Now, c.Now)
		join(&th.Before, c.Before)
		for w := range c.Weekly {
			th.Weekly[w] += c.Weekly[w]
		}
		th.Clusters = append(th.Clusters, c.ID)
		s.Clusters = append(s.Clusters, c)
		s.Coverage.Items += c.Now.Items
		s.Coverage.Excerpts += c.Now.Excerpts
		s.Before.Items += c.Before.Items
		s.Before.Excerpts += c.Before.Excerpts
	}
	const loose = 31 // items of no cluster, in each period
	s.Coverage.Items, s.Before.Items = s.Coverage.Items+loose, s.Before.Items+loose
	s.Coverage.Unassigned, s.Before.Unassigned = loose, loose
	s.Coverage.Excerpts += loose
	s.Coverage.Analysed = s.Coverage.Excerpts - 4
	s.Coverage.Spam, s.Coverage.Repeats, s.Coverage.DeadLetters = 6, 11, 2
	s.Coverage.Customers, s.Before.Customers = 87, 81
	s.Coverage.ARR, s.Coverage.MissingARR, s.Coverage.WithoutCustomer = 4875000, 5, 57
	s.Coverage.Sentiment, s.Before.Sentiment = -0.21, -0.16
	s.Total = feedback.WorkspaceTotals{Items: 1240, Customers: 120, ARR: 6120000, Oldest: s.Weeks[0].Add(9 * time.Hour), Newest: end.Add(-5 * time.Hour)}
	s.Accounts = []feedback.AccountFacts{
		{ID: "c001", Name: "Halvorsgate Lift Group", Segment: "enterprise", ARR: 418600, Items: 9, Negative: 6, Severe: 2, Clusters: []feedback.ClusterID{1, 3}},
		{ID: "c002", Name: "Brackenmoor Facilities plc", Segment: "enterprise", ARR: 367250, Items: 5, Negative: 3, Clusters: []feedback.ClusterID{3}},
		{ID: "c004", Name: "Oberkamp Aufzugswerke", Segment: "enterprise", ARR: 298400, Items: 4, Negative: 2, Severe: 1, Clusters: []feedback.ClusterID{1, 9}},
		{ID: "c010", Name: "Kranfelder Gebäudetechnik", Segment: "enterprise", ARR: 188640, Items: 3, Negative: 1, Clusters: []feedback.ClusterID{7}},
		{ID: "c031", Name: "Ottilie & Sons", Segment: "small", ARR: 4200, Items: 7, Negative: 7, Severe: 4, Clusters: []feedback.ClusterID{2, 1}},
		{ID: "c090", Name: "Verde Jardines", Segment: "small", Items: 2, Clusters: []feedback.ClusterID{}},
	}
	s.Shipped = []feedback.ShippedFacts{
		{Feature: "f-login", Name: "Stay signed in", ShippedAt: date(2026, 5, 4), Days: 28, Before: 59, After: 21, SentimentBefore: -0.62, SentimentAfter: -0.4, Clusters: []feedback.ClusterID{2}},
		{Feature: "f-route", Name: "Route planner", ShippedAt: date(2026, 5, 18), Days: 28, Before: 1, After: 26, SentimentBefore: 0.1, SentimentAfter: 0.7, Clusters: []feedback.ClusterID{6}},
		{Feature: "f-parts", Name: "Parts catalogue", ShippedAt: date(2026, 6, 1), Days: 28, Before: 6, After: 5, SentimentBefore: -0.3, SentimentAfter: -0.1, Clusters: []feedback.ClusterID{}},
	}
	s.Segments = []feedback.SegmentFacts{
		{Name: "enterprise", Known: 18, Customers: 15, Items: 61, ARR: 3400000, Sentiment: -0.24},
		{Name: "mid-market", Known: 44, Customers: 35, Items: 99, ARR: 1210000, Sentiment: -0.19},
		{Name: "small", Known: 58, Customers: 37, Items: 78, ARR: 265000, Sentiment: -0.2},
	}
	s.Sources = []feedback.SourceFacts{{Name: "zendesk", Items: 151, Before: 139}, {Name: "play-store", Items: 70, Before: 64}, {Name: "nps-survey", Items: 61, Before: 66}, {Name: "sales-calls", Items: 33, Before: 30}}
	return s
}

func (tp topic) cluster(s *feedback.Snapshot, id feedback.ClusterID) feedback.ClusterFacts {
	c := feedback.ClusterFacts{ID: id, Name: tp.name, Keywords: []string{tp.name}, Weekly: tp.weekly[:], Segments: tp.segments, Link: tp.link}
	c.Now = tp.counts(sum(tp.weekly[9:]), tp.worse)
	c.Before = tp.counts(sum(tp.weekly[5:9]), 0)
	c.Before.Severe = 0
	for w, n := range tp.weekly {
		if n > 0 {
			c.FirstSeen = s.Weeks[w].Add(34 * time.Hour)
			break
		}
	}
	for i, text := range tp.quotes {
		item := feedback.ItemID(s.Workspace, "zendesk", fmt.Sprint(id, i))
		c.Quotes = append(c.Quotes, feedback.Quote{Excerpt: feedback.ExcerptID(item, text, 0), Item: item, Start: 3, End: 3 + len(text), Text: text,
			Source: []string{"zendesk", "play-store"}[i%2], OccurredAt: s.Period.Start.AddDate(0, 0, 3+i*5), Customer: []string{"Halvorsgate Lift Group", "", "Ottilie & Sons"}[i%3],
			Segment: []string{"enterprise", "", "small"}[i%3], Sentiment: tp.positive - tp.negative, Severity: min(tp.severe, 2)})
	}
	return c
}

func (tp topic) counts(items int, worse float64) feedback.Counts {
	excerpts := items + items/8
	of := func(share float64) int { return int(share*float64(excerpts) + 0.5) }
	return feedback.Counts{Items: items, Excerpts: excerpts, Customers: min(tp.customers, items), ARR: tp.arr, Sentiment: (tp.positive - tp.negative - worse) * 0.7,
		Negative: of(tp.negative + worse), Positive: of(tp.positive), Severe: tp.severe, Kinds: map[feedback.Kind]int{tp.kind: of(0.8), feedback.KindOther: excerpts - of(0.8)}}
}

func join(to *feedback.Counts, c feedback.Counts) {
	n := to.Excerpts + c.Excerpts
	if n > 0 {
		to.Sentiment = (to.Sentiment*float64(to.Excerpts) + c.Sentiment*float64(c.Excerpts)) / float64(n)
	}
	to.Items, to.Excerpts, to.Customers, to.ARR = to.Items+c.Items, n, max(to.Customers, c.Customers)+c.Customers/2, max(to.ARR, c.ARR)+c.ARR/2
	to.Negative, to.Positive, to.Severe = to.Negative+c.Negative, to.Positive+c.Positive, to.Severe+c.Severe
}

// formingFacts has a group that came in a burst, and one that may be chance.
func formingFacts(s *feedback.Snapshot) *feedback.FormingFacts {
	f := &feedback.FormingFacts{Start: s.Period.End.AddDate(0, 0, -35), Recent: s.Period.End.AddDate(0, 0, -7), End: s.Period.End, Looked: 6, Now: 88, Before: 301}
	for i, g := range []struct {
		name        string
		now, before int
		customers   int
		arr         float64
		quotes      []string
	}{
		{"barcode scanner", 9, 1, 7, 214000, []string{"Since Monday the barcode scanner reads every second label as a blank.", "Scanner sees nothing in the dark."}},
		{"tyre pressure", 4, 3, 4, 0, []string{"Could the vehicle check ask for the tyre pressure?"}},
	} {
		group := feedback.FormingGroup{Name: g.name, Keywords: []string{g.name}, Now: g.now, Before: g.before, Customers: g.customers, ARR: g.arr}
		for k := range g.now + g.before {
			item := feedback.ItemID(s.Workspace, "zendesk", fmt.Sprint("forming", i, k))
			text := g.quotes[k%len(g.quotes)]
			id := feedback.ExcerptID(item, text, 0)
			group.Excerpts = append(group.Excerpts, id)
			if k < len(g.quotes) {
				group.Quotes = append(group.Quotes, feedback.Quote{Excerpt: id, Item: item, Start: 2, End: 2 + len(text), Text: text, Source: "zendesk",
					OccurredAt: f.Recent.AddDate(0, 0, 1+k), Customer: "Halvorsgate Lift Group", Segment: "enterprise", Sentiment: -0.4, Severity: 2})
			}
		}
		group.ID = feedback.FormingID(group.Excerpts)
		f.Groups = append(f.Groups, group)
	}
	return f
}
