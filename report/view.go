package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"earshot/feedback"
)

// The most that a page shows of what may be long. What is left out is counted on the page.
const (
	maxCircles  = 50 // topics in the chart
	maxEvidence = 5  // quotes of a cluster in the evidence
)

// Audience says for whom a page is drawn. The document is the same.
type Audience string

// The audiences. The executive's page is one sheet: what changed, what to build, what is at stake.
const (
	Product   Audience = "" // everything
	Executive Audience = "executive"
)

// limits are the most that an audience is shown.
type limits struct {
	rows, accounts, quotes int
	graphemes              int // of a quote
}

var limitsOf = map[Audience]limits{
	Product:   {rows: 22, accounts: 8, quotes: 6, graphemes: 280},
	Executive: {rows: 5, accounts: 3, quotes: 3, graphemes: 150},
}

// view is a document as the renderers see it: chosen, ordered and put into words, and free of markup.
type view struct {
	doc      *Document
	s        *feedback.Snapshot
	st       *Statistics
	Figures  []figure
	Themes   []themeRow
	Left     int // clusters with feedback that the table leaves out
	LeftPart float64
	Accounts []accountRow
	Quotes   []quoteRow
	Notes    []figure

	limits limits
}

// figure is a number with its name and, where it needs one, a remark.
type figure struct{ Label, Value, Note string }

type themeRow struct {
	Facts feedback.ThemeFacts
	Stats ThemeStatistics
	Rows  []clusterRow
	More  int
}

type clusterRow struct {
	Facts feedback.ClusterFacts
	Stats ClusterStatistics
}

type accountRow struct {
	Facts    feedback.AccountFacts
	Clusters []feedback.ClusterID
}

type quoteRow struct {
	Cluster feedback.ClusterID
	Quote   feedback.Quote
	Text    string // the quote, or the whole words with which it begins
	Cut     bool
}

func newView(doc *Document, audience Audience) *view {
	v := &view{limits: limitsOf[audience], doc: doc, s: &doc.Snapshot, st: &doc.Statistics}
	v.Figures = v.coverage()
	v.table()
	v.accounts()
	v.quotes()
	v.Notes = v.notes()
	return v
}

// heading names whose feedback the document is about.
func (v *view) heading() string {
	if v.s.Segment == "" {
		return v.s.Workspace
	}
	return v.s.Workspace + ", " + v.s.Segment + " customers"
}

func (v *view) period() string   { return span(v.s.Period.Start, v.s.Period.End) }
func (v *view) previous() string { return span(v.s.Previous.Start, v.s.Previous.End) }

// changed writes how a count changed from the period before.
func changed(now, before int) string {
	switch {
	case before == 0:
		return "none in the period before"
	case now == before:
		return "as before"
	}
	sign := "+"
	if now < before {
		sign = "−"
	}
	return fmt.Sprintf("%s%s on the period before", sign, percent(math.Abs(float64(now-before))/float64(before)))
}

func (v *view) coverage() []figure {
	c, b := v.s.Coverage, v.s.Before
	figures := []figure{{"Items", grouped(c.Items), changed(c.Items, b.Items)}}
	if c.Customers > 0 || v.s.Total.Customers > 0 {
		figures = append(figures, figure{"Customers heard", grouped(c.Customers), fmt.Sprintf("of %s known", grouped(v.s.Total.Customers))})
	}
	if v.s.Total.ARR > 0 {
		figures = append(figures, figure{"Share of ARR heard", percent(v.st.ARRShare), fmt.Sprintf("%s of %s", money(c.ARR), money(v.s.Total.ARR))})
	}
	if v.st.AtStake.ARR > 0 {
		figures = append(figures, figure{"ARR with complaints", money(v.st.AtStake.ARR), fmt.Sprintf("%s of the ARR heard", percent(v.st.AtStake.Share))})
	}
	if c.Excerpts > 0 {
		note := "−1 worst, +1 best"
		if b.Excerpts > 0 {
			note = sentiment(b.Sentiment) + " in the period before"
		}
		figures = append(figures, figure{"Sentiment", sentiment(c.Sentiment), note})
	}
	if len(v.s.Sources) > 0 {
		figures = append(figures, figure{"Sources", grouped(len(v.s.Sources)), v.sources()})
	}
	return figures
}

func (v *view) sources() string {
	list := slices.Clone(v.s.Sources)
	slices.SortStableFunc(list, func(a, b feedback.SourceFacts) int {
		return cmp.Or(cmp.Compare(b.Items, a.Items), cmp.Compare(a.Name, b.Name))
	})
	var names []string
	for i, s := range list {
		if i == 4 && len(list) > 5 {
			names = append(names, fmt.Sprintf("%d more", len(list)-i))
			break
		}
		names = append(names, fmt.Sprintf("%s %s", display(s.Name, 24), grouped(s.Items)))
	}
	return strings.Join(names, ", ")
}

// table picks the clusters to show: those that a sure finding is about, then the largest. They stand under their themes,
// the largest theme first.
func (v *view) table() {
	told := map[string]bool{}
	for _, f := range v.doc.Findings {
		if f.Sure && f.headline == nil && !slices.Contains([]FindingKind{Emerging, Rising, Climbing, Tone, Fading, Praise}, f.Kind) {
			continue
		}
		for _, ref := range f.Subjects {
			told[ref] = true
		}
	}
	order := make([]int, len(v.s.Clusters))
	for i := range order {
		order[i] = i
	}
	weight := func(i int) int {
		c := v.s.Clusters[i]
		if told[c.ID.String()] {
			return 1<<40 + c.Now.Items
		}
		return c.Now.Items
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weight(b), weight(a)) })
	shown := map[int]bool{}
	for _, i := range order {
		c := v.s.Clusters[i]
		if c.Now.Items == 0 && !told[c.ID.String()] {
			continue
		}
		if len(shown) < v.limits.rows {
			shown[i] = true
		} else {
			v.Left++
		}
	}
	byTheme := map[feedback.ThemeID]*themeRow{}
	var themes []*themeRow
	for i, t := range v.s.Themes {
		row := &themeRow{Facts: t, Stats: v.st.Themes[i]}
		byTheme[t.ID] = row
		themes = append(themes, row)
	}
	for i, c := range v.s.Clusters {
		row := byTheme[c.Theme]
		if row == nil {
			row = &themeRow{Facts: feedback.ThemeFacts{ID: c.Theme, Name: orElse(c.ThemeName, "Other topics")}}
			byTheme[c.Theme] = row
			themes = append(themes, row)
		}
		switch {
		case shown[i]:
			row.Rows = append(row.Rows, clusterRow{Facts: c, Stats: v.st.Clusters[i]})
		case c.Now.Items > 0:
			row.More++
		}
	}
	for _, row := range themes {
		if len(row.Rows) == 0 {
			continue
		}
		slices.SortStableFunc(row.Rows, func(a, b clusterRow) int { return cmp.Compare(b.Facts.Now.Items, a.Facts.Now.Items) })
		v.Themes = append(v.Themes, *row)
	}
	slices.SortStableFunc(v.Themes, func(a, b themeRow) int { return cmp.Compare(b.Facts.Now.Items, a.Facts.Now.Items) })
}

// accounts picks whose revenue is at stake: the largest with something negative or severe to say.
func (v *view) accounts() {
	for _, a := range v.s.Accounts {
		if a.Negative > 0 || a.Severe > 0 {
			v.Accounts = append(v.Accounts, accountRow{Facts: a, Clusters: a.Clusters[:min(2, len(a.Clusters))]})
		}
	}
	slices.SortStableFunc(v.Accounts, func(a, b accountRow) int {
		return cmp.Or(cmp.Compare(b.Facts.ARR, a.Facts.ARR), cmp.Compare(b.Facts.Severe, a.Facts.Severe), cmp.Compare(b.Facts.Negative, a.Facts.Negative))
	})
	v.Accounts = v.Accounts[:min(v.limits.accounts, len(v.Accounts))]
}

// quotes lets customers speak: one quote a topic, those of the findings first.
func (v *view) quotes() {
	clusters := map[string]feedback.ClusterFacts{}
	var order []string
	for _, row := range v.doc.Findings {
		order = append(order, row.Subjects...)
	}
	for _, c := range v.s.Clusters {
		clusters[c.ID.String()] = c
		order = append(order, c.ID.String())
	}
	taken, spoken := map[string]bool{}, map[feedback.ID]bool{}
	for _, c := range append([]Claim{v.doc.Headline}, v.doc.Summary...) {
		for _, p := range c.Parts {
			for _, cl := range clusters {
				for _, q := range cl.Quotes {
					if p.Kind == PartQuote && p.Excerpt == q.Excerpt.String() {
						spoken[q.Excerpt] = true // it stands in the summary already
					}
				}
			}
		}
	}
	for _, ref := range order {
		c, ok := clusters[ref]
		if !ok || taken[ref] || len(v.Quotes) == v.limits.quotes {
			continue
		}
		for _, q := range c.Quotes {
			if spoken[q.Excerpt] || strings.TrimSpace(q.Text) == "" {
				continue
			}
			text, cut := shorten(q.Text, v.limits.graphemes)
			v.Quotes = append(v.Quotes, quoteRow{Cluster: c.ID, Quote: q, Text: text, Cut: cut})
			taken[ref], spoken[q.Excerpt] = true, true
			break
		}
	}
}

// shorten gives a quote of at most so many graphemes: the whole sentences with which it begins, or else whole words.
func shorten(text string, graphemes int) (string, bool) {
	short := clip(text, graphemes)
	if short == text {
		return text, false
	}
	if whole, ok := opening(text, len(short)); ok {
		return whole, true
	}
	return strings.TrimSuffix(short, "…"), true
}

// notes say what was left out and what could not be known.
func (v *view) notes() []figure {
	c := v.s.Coverage
	var notes []figure
	add := func(label string, n, of int, note string) {
		if n == 0 {
			return
		}
		value := grouped(n)
		if of > 0 {
			value += " (" + percent(float64(n)/float64(of)) + ")"
		}
		notes = append(notes, figure{label, value, note})
	}
	add("Excerpts", c.Excerpts, 0, "the points that the items make, each counted with its item")
	add("Excerpts in no topic", c.Unassigned, c.Analysed, "they are near no group of like excerpts; they count in totals and shares")
	add("Excerpts in hidden topics", c.Hidden, c.Analysed, "somebody chose to leave these topics out; they count in totals and shares")
	add("Excerpts not analysed yet", c.Excerpts-c.Analysed, c.Excerpts, "in no topic and in no sentiment")
	add("Spam", c.Spam, 0, "items kept and not counted")
	add("Repeats", c.Repeats, c.Items, "items that say word for word what the same customer said before; counted")
	add("Messages that could not be taken", c.DeadLetters, 0, "among the dead letters, with their reasons")
	add("Items of no known customer", c.WithoutCustomer, c.Items, "not in the customers, segments and revenue of this page")
	add("Customers heard whose ARR is not known", c.MissingARR, c.Customers, "they count as customers, and not as revenue")
	for _, seg := range v.s.Segments {
		if seg.Known >= 5 && seg.Customers*10 <= seg.Known {
			add("Quiet segment: "+display(orElse(seg.Name, "unknown"), 32), seg.Customers, seg.Known, "of its customers were heard; what the others think is not known")
		}
	}
	return notes
}

// certainty puts a test into words.
func certainty(t *Test) string {
	switch {
	case t == nil:
		return "too few to test"
	case t.Strong():
		return "strong evidence"
	case t.Significant():
		return "evidence"
	}
	return "may be chance"
}

// sureness is the certainty of a topic's change: of its share, or else of a steady trend.
func sureness(st *ClusterStatistics) string {
	if !st.ShareTest.Significant() && st.TrendTest.Significant() && st.Steady {
		if st.TrendTest.Up {
			return "steady rise"
		}
		return "steady fall"
	}
	return certainty(st.ShareTest)
}

// arrow shows a direction without colour.
func arrow(change float64, t *Test) string {
	switch {
	case !t.Significant():
		return ""
	case change > 0:
		return "▲"
	case change < 0:
		return "▼"
	}
	return ""
}

var statusNames = map[feedback.Status]string{feedback.StatusIdea: "idea", feedback.StatusPlanned: "planned", feedback.StatusInProgress: "in progress", feedback.StatusShipped: "shipped"}

// feature says which feature a cluster is about, and how sure that is.
func feature(s *feedback.Snapshot, c *feedback.ClusterFacts) (name, status string) {
	switch {
	case c.Link == nil || c.Link.State == feedback.LinkRejected:
		if s.Features > 0 {
			return "", "no feature"
		}
		return "", ""
	case c.Link.State == feedback.LinkSuggested:
		return orElse(c.Link.Name, c.Link.Feature), "perhaps"
	}
	return orElse(c.Link.Name, c.Link.Feature), statusNames[c.Link.Status]
}

// of gives the findings of some kinds.
func (v *view) of(kinds ...FindingKind) []Finding {
	var list []Finding
	for _, f := range v.doc.Findings {
		if slices.Contains(kinds, f.Kind) {
			list = append(list, f)
		}
	}
	return list
}

// speaker says who a quote is from, as far as a reader need know.
func speaker(q feedback.Quote) string {
	parts := []string{}
	if q.Segment != "" {
		parts = append(parts, display(q.Segment, 32)+" customer")
	}
	return strings.Join(append(parts, display(q.Source, 32), q.OccurredAt.Format("2 January 2006")), ", ")
}

var kindLabels = map[FindingKind]string{Emerging: "New", Forming: "Forming", Rising: "Rising", Build: "Next", Climbing: "Climbing", Tone: "Tone", Fading: "Fading", Shipped: "Shipped",
	Praise: "Liked", Stake: "At stake", Loud: "Loud", Unmet: "Unmet", Segment: "Segment", Call: "Call"}
