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

// method tells in a few sentences how the page came to be.
func method(v *view) []string {
	ver := v.doc.Verification
	lines := []string{fmt.Sprintf("Every number was counted in the database or follows from what was counted. %s, with %s, %s, %s and %s, %s checked against the facts before publication; %s.",
		counted(ver.Claims, "sentence"), counted(ver.Numbers, "number"), counted(ver.Names, "name"), counted(ver.Quotes, "quote"), counted(ver.Words, "comparison"),
		wasWereWord(ver.Claims), withheld(len(ver.Withheld)))}
	if v.st.Comparable && v.st.Tests > 0 {
		lines = append(lines, fmt.Sprintf("%s against the period before: shares by the two-proportion test, or Fisher's exact test where counts are small; weekly trends by Cochran-Armitage; what shipped by an exact Poisson test%s. All are corrected together (q, Benjamini-Hochberg), so that where nothing changed the page would claim a change one time in twenty. %s Topics with fewer than %s in the two periods together are not tested.",
			plainTests(v.st), formingMethod(v.s), restless(v.st.Dispersion), counted(MinItems, "item")))
	}
	scales := " Sentiment runs from −1 to +1"
	if v.s.Total.ARR > 0 {
		scales += "; ARR is in the workspace's one currency and is counted once for each customer"
	}
	lines = append(lines, grouping(v.s)+scales+".")
	if line := origin(v.s); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// briefMethod tells the same on the executive's sheet: how it was checked, what from, and what was left out.
func briefMethod(v *view) []string {
	lines := method(v)[:1]
	if line := origin(v.s); line != "" {
		lines = append(lines, line)
	}
	var left []string
	for _, n := range v.Notes {
		left = append(left, n.Label+": "+n.Value)
	}
	if len(left) > 0 {
		lines = append(lines, strings.Join(left, "; ")+".")
	}
	return lines
}

// grouping tells what topics were made by.
func grouping(s *feedback.Snapshot) string {
	if s.Run == 0 {
		return "Topics have not been made yet."
	}
	line := fmt.Sprintf("Topics come from grouping run %d, on vectors of the embedding model %s, version %s", s.Run, display(s.Model.Name, 40), display(s.Model.Version, 40))
	if s.Origin == nil {
		return line + "."
	}
	if set := settings(s.Origin.Settings); set != "" {
		line += ", with " + set
	}
	return line + "."
}

// settingNames put what somebody set for a run into words.
var settingNames = []struct{ key, words string }{
	{"granularity", "granularity %v"}, {"min_size", "at least %v excerpts in a topic"}, {"max_outliers", "at most %v of the excerpts in none"},
}

func settings(set map[string]any) string {
	var list []string
	for _, n := range settingNames {
		if v, ok := set[n.key]; ok {
			list = append(list, fmt.Sprintf(n.words, v))
		}
	}
	if set["named_by_model"] == true {
		list = append(list, "names by a language model")
	}
	return strings.Join(list, ", ")
}

// origin tells what the snapshot was made with and how far what it was read from had come, in one consistent read.
func origin(s *feedback.Snapshot) string {
	o := s.Origin
	if o == nil {
		return ""
	}
	held := "the workspace held nothing"
	if o.Items > 0 {
		held = "the workspace held " + counted(o.Items, "item")
		if !s.Total.Newest.IsZero() {
			held += ", the newest of " + s.Total.Newest.Format("2 January 2006, 15:04") + " UTC"
		}
	}
	if o.Decision > 0 {
		held += fmt.Sprintf(", and decision %d about topics was the latest", o.Decision)
	}
	line := "All facts come from one consistent read, when " + held + "."
	if o.Product != "" {
		line += fmt.Sprintf(" Made with Earshot %s, version %s of the rules that clean, redact and split, and the labels %s.", display(o.Product, 40), display(o.Rules, 20), display(o.Labels, 20))
	}
	return line
}

func formingMethod(s *feedback.Snapshot) string {
	if s.Forming == nil {
		return ""
	}
	return fmt.Sprintf("; what forms by an exact binomial test, as the best of the %s that were looked at", counted(s.Forming.Looked, "group"))
}

func plainTests(st *Statistics) string {
	return fmt.Sprintf("%s of %s found a change", grouped(st.Changes), counted(st.Tests, "test"))
}

func withheld(n int) string {
	if n == 0 {
		return "none had to be withheld"
	}
	return fmt.Sprintf("%s did not hold and %s withheld", grouped(n), wasWereWord(n))
}

func wasWereWord(n int) string { return strings.TrimSpace(wasWere(n)) }

func restless(dispersion float64) string {
	if dispersion < 1.05 {
		return "Feedback varied from week to week no more than chance would make it."
	}
	return fmt.Sprintf("Feedback varied %.1f times as much from week to week as chance alone would make it, and the tests allow for that.", dispersion)
}
