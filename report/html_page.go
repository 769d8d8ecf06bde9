package report

import (
	"fmt"
	"html/template"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"earshot/feedback"
)

func (b *builder) page() htmlPage {
	c := b.s.Coverage
	workspace := name(b.heading(), nameLimit, "")
	p := htmlPage{
		Title: fmt.Sprintf("Pulse · %s · %s", workspace.Text, b.period()), Workspace: workspace.Text, WorkspaceFull: workspace.Full,
		Period: b.period(), Hash: b.doc.SnapshotHash, Style: template.CSS(palette + pulseStyle), Headline: b.claim(b.doc.Headline), Figures: b.Figures, Notes: b.Notes,
		Comparable: b.st.Comparable, Weekly: len(b.s.Weeks) > 1, Customers: c.Customers > 0, ARR: c.ARR > 0, Features: b.s.Features > 0,
		Method: method(b.view), Nav: b.nav,
	}
	if b.brief {
		p.Method, p.Notes = briefMethod(b.view), nil
	}
	if b.st.Comparable {
		p.Previous = b.previous()
	}
	for _, s := range b.doc.Summary {
		p.Summary = append(p.Summary, htmlClaim{Label: orElse(kindLabels[s.Kind], "Overall"), Claim: b.claim(s), Note: b.testedClaim(s)})
	}
	p.Columns = 3
	for _, has := range []bool{p.Comparable, p.Weekly, p.Customers, p.ARR, p.Features} {
		p.Columns += truth(has)
	}
	b.topics(&p)
	p.Build = b.findings(b.planned, b.of(Build))
	if !b.brief {
		b.details(&p)
	}
	for _, f := range b.of(Stake) {
		p.Stake = b.claim(f.Claim)
	}
	b.people(&p)
	b.evidence(&p)
	b.formingEvidence(&p)
	return p
}

// details fills in what only those need who work with the findings.
func (b *builder) details(p *htmlPage) {
	p.Chart, p.Narrow = drawMap(b.view, b.links, broad), drawMap(b.view, b.links, tall)
	p.Emerging = b.findings(b.tested, b.unsaid(Emerging, Forming))
	p.Shipped = b.findings(b.toneAfter, b.unsaid(Shipped))
	p.Unmet = b.findings(func(Finding) string { return "" }, b.unsaid(Unmet))
	p.Other = b.findings(b.tested, b.unsaid(Rising, Climbing, Tone, Fading, Praise, Loud))
}

func (b *builder) topics(p *htmlPage) {
	flags := map[string]string{}
	for _, f := range b.of(Emerging, Rising, Climbing, Fading, Praise, Loud, Tone) {
		if f.Sure && flags[f.Subjects[0]] == "" {
			flags[f.Subjects[0]] = strings.ToLower(kindLabels[f.Kind])
		}
	}
	for _, t := range b.Themes {
		n := t.Facts.Now
		row := htmlTheme{Name: name(themeName(t.Facts), nameLimit, ""), Share: percent(t.Stats.Share), Change: points(t.Stats.Change), Sentiment: felt(n),
			Customers: grouped(n.Customers), ARR: money(n.ARR)}
		for _, r := range t.Rows {
			row.Rows = append(row.Rows, b.topic(r, flags[r.Facts.ID.String()]))
		}
		if t.More > 0 {
			row.More = fmt.Sprintf("and %s with fewer items", counted(t.More, "topic"))
		}
		p.Themes = append(p.Themes, row)
	}
	switch {
	case b.Left > 0 && b.brief:
		p.Left = fmt.Sprintf("%s of the period %s not on this sheet, and on the whole page.", counted(b.Left, "topic"), isAre(b.Left))
	case b.Left > 0:
		p.Left = fmt.Sprintf("%s of the period %s not in this table: the smallest, about which nothing was found.", counted(b.Left, "topic"), strings.TrimSpace(isAre(b.Left)))
	}
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// felt writes a mean sentiment, and nothing where nobody spoke.
func felt(c feedback.Counts) string {
	if c.Excerpts == 0 {
		return "–"
	}
	return sentiment(c.Sentiment)
}

func (b *builder) topic(r clusterRow, flag string) htmlTopic {
	c, st, href := r.Facts, r.Stats, b.links.cluster(r.Facts.ID)
	t := htmlTopic{
		Name: name(clusterName(c), nameLimit, href), Flag: flag, Share: htmlName{Text: percent(st.Share), Href: href}, Items: counted(c.Now.Items, "item"),
		Customers: htmlName{Text: grouped(c.Now.Customers), Href: href}, ARR: htmlName{Text: money(c.Now.ARR), Href: href}, Sentiment: felt(c.Now),
		Change: points(st.Change), Arrow: arrow(st.Change, st.ShareTest), Certainty: sureness(&st), Spark: spark(b.s, c.Weekly), Mood: mood(c.Now.Sentiment),
	}
	if st.ShareTest.Significant() { // more of what is kind is good, and less of what is harsh
		t.Tone = "sure"
		switch kind := c.Now.Sentiment * st.Change; {
		case c.Now.Sentiment > feedback.Negative && c.Now.Sentiment < feedback.Positive:
		case kind > 0:
			t.Tone += " better"
		case kind < 0:
			t.Tone += " worse"
		}
	}
	feature, status := feature(b.s, &c)
	t.Status = status
	if feature != "" {
		n := name(feature, 40, "")
		t.Feature = &n
	}
	return t
}

// planned tells which feature a need belongs to, and how far that is.
func (b *builder) planned(f Finding) string {
	id, err := feedback.ParseClusterID(f.Subjects[0])
	if i := b.cluster(id); err == nil && i >= 0 {
		name, status := feature(b.s, &b.s.Clusters[i])
		if name != "" {
			return fmt.Sprintf("%s: %s", display(name, 60), status)
		}
		return status
	}
	return ""
}

// toneAfter tells what the tone was on either side of what shipped.
func (b *builder) toneAfter(f Finding) string {
	for _, s := range b.s.Shipped {
		if featureRef(s.Feature) == f.Subjects[0] && s.Before > 0 && s.After > 0 {
			return fmt.Sprintf("Sentiment %s before, %s after", sentiment(s.SentimentBefore), sentiment(s.SentimentAfter))
		}
	}
	return ""
}

func (b *builder) people(p *htmlPage) {
	call := map[string]bool{}
	for _, f := range b.of(Call) {
		call[f.Subjects[0]] = true
	}
	for _, a := range b.Accounts {
		row := htmlAccount{Name: name(accountName(a.Facts), 48, ""), Segment: display(orElse(a.Facts.Segment, "no segment"), 32), ARR: moneyOrUnknown(a.Facts.ARR),
			Negative: grouped(a.Facts.Negative), Severe: grouped(a.Facts.Severe), IsSevere: a.Facts.Severe > 0}
		if call[accountRef(a.Facts.ID)] {
			row.Call = "call"
		}
		for _, id := range a.Clusters {
			if i := b.cluster(id); i >= 0 {
				row.About = append(row.About, name(clusterName(b.s.Clusters[i]), 48, b.links.cluster(id)))
			}
		}
		p.Accounts = append(p.Accounts, row)
	}
	for _, q := range b.Quotes {
		row := b.quote(q.Cluster, q.Quote, q.Text, q.Cut)
		row.Name = name(clusterName(b.s.Clusters[b.cluster(q.Cluster)]), 48, b.links.cluster(q.Cluster))
		p.Quotes = append(p.Quotes, row)
	}
	if b.brief {
		return
	}
	for _, seg := range b.s.Segments {
		row := htmlSegment{Name: name(orElse(seg.Name, "no segment"), 40, ""), Heard: fmt.Sprintf("%s of %s", grouped(seg.Customers), grouped(seg.Known)),
			Items: grouped(seg.Items), ARR: money(seg.ARR), Sentiment: sentiment(seg.Sentiment), Mood: mood(seg.Sentiment)}
		for _, f := range b.st.Segments {
			if i := b.cluster(f.Cluster); f.Segment == seg.Name && i >= 0 && len(row.About) < 2 {
				row.About = append(row.About, htmlNote{name(clusterName(b.s.Clusters[i]), 48, b.links.cluster(f.Cluster)),
					fmt.Sprintf("%s of its items, %s of all", percent(f.Share), percent(f.Expected))})
			}
		}
		p.Segments = append(p.Segments, row)
	}
}

func moneyOrUnknown(v float64) string {
	if v <= 0 {
		return "not known"
	}
	return money(v)
}

func (b *builder) quote(id feedback.ClusterID, q feedback.Quote, text string, cut bool) htmlQuote {
	return htmlQuote{ID: "e-" + q.Excerpt.String(), Text: readable(text), Cut: cut, Href: b.links.excerpt(q.Excerpt.String()), Speaker: speaker(q)}
}

// readable drops from a quote the characters that a page does not show, and those that turn its direction.
func readable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
}

// evidence lists what stands behind the page; served pages link to it instead.
func (b *builder) evidence(p *htmlPage) {
	for _, id := range b.order {
		c := b.s.Clusters[b.cluster(id)]
		n := c.Now
		e := htmlEvidence{ID: id.String(), Name: name(clusterName(c), 2*nameLimit, "")}
		first := id.String()
		if !c.FirstSeen.IsZero() {
			first += ", first heard on " + c.FirstSeen.Format("2 January 2006")
		}
		e.Facts = append(e.Facts, first, fmt.Sprintf("%s in %s; %s in the period before", counted(n.Excerpts, "excerpt"), counted(n.Items, "item"), counted(c.Before.Items, "item")))
		if n.Customers > 0 {
			e.Facts = append(e.Facts, fmt.Sprintf("%s, %s of ARR", counted(n.Customers, "customer"), money(n.ARR)))
		}
		e.Facts = append(e.Facts, fmt.Sprintf("%d negative, %d positive, %d severe", n.Negative, n.Positive, n.Severe))
		if k := kindList(n); k != "" {
			e.Facts = append(e.Facts, k)
		}
		if t := b.st.Clusters[b.cluster(id)]; t.ShareTest != nil {
			e.Facts = append(e.Facts, fmt.Sprintf("Share %s, %s to %s with 95%% confidence; %s, %s", points(t.Change), points(t.ChangeLow), points(t.ChangeHigh), t.ShareTest.Method, qvalue(t.ShareTest.Q)))
		}
		for i, q := range c.Quotes {
			if i >= maxEvidence && !b.cited(q.Excerpt) {
				continue
			}
			text := clip(q.Text, 1200)
			e.Quotes = append(e.Quotes, b.quote(id, q, strings.TrimSuffix(text, "…"), text != q.Text))
		}
		p.Evidence = append(p.Evidence, e)
	}
}

// formingEvidence lists what stands behind what forms. It is on every page, for no page of its own lasts as long.
func (b *builder) formingEvidence(p *htmlPage) {
	for i, g := range b.formingTold() {
		f, st := b.s.Forming, b.st.Forming[i]
		e := htmlEvidence{ID: g.ID, Name: name(orElse(g.Name, g.ID), 2*nameLimit, ""), Facts: []string{
			"In no topic yet; the name is a working one",
			fmt.Sprintf("%s from %s; %s from %s", counted(g.Now, "item"), span(f.Recent, f.End), grouped(g.Before), span(f.Start, f.Recent)),
		}}
		if g.Customers > 0 {
			e.Facts = append(e.Facts, fmt.Sprintf("%s, %s of ARR", counted(g.Customers, "customer"), money(g.ARR)))
		}
		e.Facts = append(e.Facts, fmt.Sprintf("%d severe", g.Severe),
			fmt.Sprintf("%s of its items would fall into these days with nothing changed; %s, the best of %s, %s", percent(st.Expected), st.Test.Method,
				counted(f.Looked, "group"), qvalue(st.Test.Q)))
		for _, q := range g.Quotes {
			text := clip(q.Text, 1200)
			e.Quotes = append(e.Quotes, b.quote(0, q, strings.TrimSuffix(text, "…"), text != q.Text))
		}
		p.Evidence = append(p.Evidence, e)
	}
}

// formingTold gives the groups that findings are about, by their place among the statistics.
func (b *builder) formingTold() iter.Seq2[int, feedback.FormingGroup] {
	return func(yield func(int, feedback.FormingGroup) bool) {
		for _, f := range b.of(Forming) {
			i := formingIndex(b.s, strings.TrimPrefix(f.Subjects[0], "forming:"))
			if i >= 0 && !yield(i, b.s.Forming.Groups[i]) {
				return
			}
		}
	}
}

// cited says whether the page links to a quote, so that its evidence may not be left out.
func (b *builder) cited(id feedback.ID) bool {
	for _, c := range b.doc.claims() {
		if slices.ContainsFunc(c.Parts, func(p Part) bool { return p.Excerpt == id.String() }) {
			return true
		}
	}
	return slices.ContainsFunc(b.Quotes, func(q quoteRow) bool { return q.Quote.Excerpt == id })
}

func kindList(c feedback.Counts) string {
	var list []string
	for _, k := range feedback.Kinds {
		if n := c.Kinds[k]; n > 0 {
			list = append(list, fmt.Sprintf("%s %d", k, n))
		}
	}
	return strings.Join(list, ", ")
}
