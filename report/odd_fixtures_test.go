package report

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"earshot/feedback"
)

type fixture struct {
	name     string
	snapshot feedback.Snapshot
}

// fixtures are all the shapes that a page must be right for.
func fixtures() []fixture {
	return []fixture{{"fieldwork", fieldwork()}, {"anonymous", anonymous()}, {"ungrouped", ungrouped()}, {"single", single()}, {"empty", empty()},
		{"blank", blank()}, {"quiet", quiet(3)}, {"hostile", hostile()}, {"moves", moves()}}
}

// quiet is a workspace in which nothing changes but by chance: every topic has one rate for all thirteen weeks, and the
// weeks themselves are fuller and emptier, as weeks are.
func quiet(seed uint64) feedback.Snapshot {
	rng := rand.New(rand.NewPCG(seed, 1))
	topics := make([]topic, 30)
	var weeks [13]float64
	for w := range weeks {
		weeks[w] = 0.7 + 0.6*rng.Float64()
	}
	for i := range topics {
		rate := 0.5 + 14*rng.Float64()*rng.Float64()
		for w := range weeks {
			topics[i].weekly[w] = poisson(rng, rate*weeks[w])
		}
		topics[i].name, topics[i].theme = fmt.Sprintf("topic number %d", i), fmt.Sprintf("theme %d", i%6)
		topics[i].negative, topics[i].customers, topics[i].arr, topics[i].kind = 0.4, 9, 1000*float64(rng.IntN(90)), feedback.KindComplaint
	}
	s := workspace("quiet", topics)
	s.Shipped, s.Accounts = nil, nil
	for i := range s.Clusters { // tone by chance too
		for _, c := range []*feedback.Counts{&s.Clusters[i].Now, &s.Clusters[i].Before} {
			c.Negative = 0
			for range c.Excerpts {
				if rng.Float64() < 0.4 {
					c.Negative++
				}
			}
		}
	}
	s.Forming = quietPool(rng, &s)
	return s
}

// quietPool is what a watch finds in no topic where nothing changed: of 40 groups of one rate each, those that came in a
// burst by chance, as it tells them.
func quietPool(rng *rand.Rand, s *feedback.Snapshot) *feedback.FormingFacts {
	f := &feedback.FormingFacts{Start: s.Period.End.AddDate(0, 0, -35), Recent: s.Period.End.AddDate(0, 0, -7), End: s.Period.End, Looked: 40}
	f.Now, f.Before = poisson(rng, 100), poisson(rng, 400)
	expected := max(0.2, float64(f.Now)/float64(f.Now+f.Before))
	for i := range f.Looked {
		rate := 5 + 15*rng.Float64()
		g := feedback.FormingGroup{Name: fmt.Sprintf("group %d", i), Now: poisson(rng, rate*float64(f.Now)/500), Before: poisson(rng, rate*float64(f.Before)/500)}
		if g.Now >= 4 && float64(f.Looked)*atLeast(g.Now, g.Now+g.Before, expected) < 0.5 { // looser than the watch: more to be wrong about
			g.ID = feedback.FormingID([]feedback.ID{{byte(i)}})
			f.Groups = append(f.Groups, g)
		}
	}
	if f.Groups == nil {
		return nil
	}
	return f
}

func poisson(rng *rand.Rand, rate float64) int {
	n := 0
	for t := rng.ExpFloat64(); t < rate; t += rng.ExpFloat64() {
		n++
	}
	return n
}

// empty has no feedback in its period, and some outside it.
func empty() feedback.Snapshot {
	s := workspace("empty", nil)
	s.Coverage, s.Before, s.Accounts, s.Shipped, s.Segments, s.Sources, s.Weeks = feedback.Coverage{}, feedback.Coverage{}, nil, nil, nil, nil, nil
	s.Total = feedback.WorkspaceTotals{Items: 12, Oldest: date(2025, 12, 1), Newest: date(2026, 3, 9)}
	s.Run = 0
	return s
}

// blank has no feedback at all.
func blank() feedback.Snapshot {
	s := empty()
	s.Workspace, s.Total, s.Features = "blank", feedback.WorkspaceTotals{}, 0
	return s
}

// single has one item, in one cluster, of nobody in particular.
func single() feedback.Snapshot {
	s := workspace("single", []topic{{name: "lost invoice", theme: "Invoices", weekly: [13]int{12: 1}, negative: 1, kind: feedback.KindBug, quotes: []string{"Where is my invoice?"}}})
	s.Coverage = feedback.Coverage{Items: 1, Excerpts: 1, Analysed: 1, WithoutCustomer: 1, Sentiment: -0.6}
	s.Before, s.Accounts, s.Shipped, s.Segments, s.Features = feedback.Coverage{}, nil, nil, nil, 0
	s.Clusters[0].Quotes[0].Customer, s.Clusters[0].Quotes[0].Segment = "", ""
	s.Sources = []feedback.SourceFacts{{Name: "csv", Items: 1}}
	s.Total = feedback.WorkspaceTotals{Items: 1, Oldest: s.Weeks[12], Newest: s.Weeks[12]}
	return s
}

// anonymous has no customers, no revenue and no features: an imported file of messages.
func anonymous() feedback.Snapshot {
	s := fieldwork()
	s.Workspace, s.Features, s.Accounts, s.Shipped, s.Segments = "anonymous", 0, nil, nil, nil
	s.Coverage.Customers, s.Coverage.ARR, s.Coverage.MissingARR, s.Coverage.WithoutCustomer = 0, 0, 0, s.Coverage.Items
	s.Before.Customers, s.Before.ARR, s.Total.Customers, s.Total.ARR = 0, 0, 0, 0
	s.Sources = []feedback.SourceFacts{{Name: "csv", Items: s.Coverage.Items, Before: s.Before.Items}}
	for i := range s.Clusters {
		c := &s.Clusters[i]
		c.Link, c.Segments = nil, nil
		c.Now.Customers, c.Now.ARR, c.Before.Customers, c.Before.ARR = 0, 0, 0, 0
		for j := range c.Quotes {
			c.Quotes[j].Customer, c.Quotes[j].Segment = "", ""
		}
	}
	for i := range s.Themes {
		t := &s.Themes[i]
		t.Now.Customers, t.Now.ARR, t.Before.Customers, t.Before.ARR = 0, 0, 0, 0
	}
	return s
}

// ungrouped has feedback and no clusters yet.
func ungrouped() feedback.Snapshot {
	s := fieldwork()
	s.Workspace, s.Clusters, s.Themes, s.Shipped, s.Run = "ungrouped", nil, nil, nil, 0
	s.Coverage.Unassigned = s.Coverage.Analysed
	for i := range s.Accounts {
		s.Accounts[i].Clusters = nil
	}
	return s
}

// hostile has names and quotes that were written to break a page, a terminal or a Markdown file.
func hostile() feedback.Snapshot {
	s := fieldwork()
	s.Workspace = "hostile"
	names := []string{
		`<script>alert("x")</script><img src=x onerror=alert(1)>`,
		strings.Repeat("an endless name ", 190),
		"تقويم مكرر في التطبيق",
		"\u202egnirts desrever\u202c and \u2067more",
		"👩‍👩‍👧‍👦 family plan 🏳️‍🌈 " + strings.Repeat("🇩🇪", 80),
		"=HYPERLINK(\"http://x.example\",\"click\") | **bold** [link](javascript:alert(1)) `code`",
		"\x1b[31mred\x1b[0m\r\nnew line\ttab\u200b\ufeff",
		strings.Repeat("unbrokenword", 60),
		" ", "</style></title>", "‘“quoted”’",
	}
	for i := range s.Clusters {
		s.Clusters[i].Name = names[i%len(names)]
		for j := range s.Clusters[i].Quotes {
			q := &s.Clusters[i].Quotes[j]
			q.Text = names[(i+j+1)%len(names)] + "\n<b>" + q.Text + "</b>"
			q.End = q.Start + len(q.Text)
			q.Customer = names[(i+2)%len(names)]
		}
	}
	for i := range s.Themes {
		s.Themes[i].Name = names[(i+3)%len(names)]
	}
	for i := range s.Accounts {
		s.Accounts[i].Name = names[(i+1)%len(names)]
	}
	for i := range s.Shipped {
		s.Shipped[i].Name = names[i]
	}
	for i := range s.Segments {
		s.Segments[i].Name = names[i]
	}
	s.Sources[0].Name = names[0]
	return s
}
