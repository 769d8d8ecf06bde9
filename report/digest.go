package report

import (
	"cmp"
	"slices"
	"time"
)

// DigestSchema names the shape of a [Digest].
const DigestSchema = "earshot.digest/1"

// Digest is a Pulse in short, for a program that gets it pushed: what it says in words, and where the whole of it stands.
type Digest struct {
	Schema    string        `json:"schema"`
	Workspace string        `json:"workspace"`
	Pulse     string        `json:"pulse"` // its id
	Start     string        `json:"start"` // of the period, as 2026-06-01
	End       string        `json:"end"`   // the first day after the period
	Link      string        `json:"link,omitempty"`
	Test      bool          `json:"test,omitempty"` // it was sent to try the address
	Headline  string        `json:"headline"`
	Summary   []string      `json:"summary"`
	Items     int           `json:"items"`
	Customers int           `json:"customers"`
	ARRHeard  float64       `json:"arr_heard"`
	AtStake   float64       `json:"arr_at_stake"`
	Topics    []DigestTopic `json:"topics"`  // the most items first, at most ten
	Forming   []string      `json:"forming"` // what forms outside the topics
	Calls     []string      `json:"calls"`   // accounts to call, and why
}

// DigestTopic is one topic of a digest.
type DigestTopic struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Items       int     `json:"items"`
	Share       float64 `json:"share"`
	ShareBefore float64 `json:"share_before"`
	Certainty   string  `json:"certainty"` // of the change, in words
	Sentiment   float64 `json:"sentiment"`
	ARR         float64 `json:"arr"`
}

// The most that the short forms show. The whole Pulse is one link away.
const (
	shortTopics = 10
	shortCalls  = 5
	shortQuotes = 3
)

// Short gives the digest of a document that is kept as pulse. link may be "".
func Short(doc *Document, pulse, link string) Digest {
	v := newView(doc, Product)
	d := Digest{Schema: DigestSchema, Workspace: v.s.Workspace, Pulse: pulse, Start: v.s.Period.Start.Format(time.DateOnly),
		End: v.s.Period.End.Format(time.DateOnly), Link: link, Headline: doc.Headline.String(), Summary: []string{},
		Items: v.s.Coverage.Items, Customers: v.s.Coverage.Customers, ARRHeard: v.s.Coverage.ARR, AtStake: v.st.AtStake.ARR,
		Topics: []DigestTopic{}, Forming: []string{}, Calls: []string{}}
	for _, c := range doc.Summary {
		d.Summary = append(d.Summary, c.String())
	}
	for _, r := range v.largest(shortTopics) {
		d.Topics = append(d.Topics, DigestTopic{ID: r.Facts.ID.String(), Name: clusterName(r.Facts), Items: r.Facts.Now.Items, Share: r.Stats.Share,
			ShareBefore: r.Stats.ShareBefore, Certainty: sureness(&r.Stats), Sentiment: r.Facts.Now.Sentiment, ARR: r.Facts.Now.ARR})
	}
	for _, f := range v.of(Forming) {
		d.Forming = append(d.Forming, f.Claim.String())
	}
	for _, f := range v.calls() {
		d.Calls = append(d.Calls, f.Claim.String())
	}
	return d
}

// largest gives the topics of the table with the most items, at most n.
func (v *view) largest(n int) []clusterRow {
	var rows []clusterRow
	for _, t := range v.Themes {
		rows = append(rows, t.Rows...)
	}
	slices.SortStableFunc(rows, func(a, b clusterRow) int { return cmp.Compare(b.Facts.Now.Items, a.Facts.Now.Items) })
	return rows[:min(n, len(rows))]
}

// unsaid gives the findings of some kinds that the summary does not tell.
func (v *view) unsaid(kinds ...FindingKind) []Finding {
	return slices.DeleteFunc(v.of(kinds...), func(f Finding) bool {
		return slices.ContainsFunc(v.doc.Summary, func(c Claim) bool { return c.String() == f.Claim.String() })
	})
}

// calls gives what is said of the accounts to call.
func (v *view) calls() []Finding {
	calls := v.of(Call)
	return calls[:min(shortCalls, len(calls))]
}

// topicLine says of a topic in one line what a table would.
func (v *view) topicLine(r clusterRow) string {
	line := counted(r.Facts.Now.Items, "item") + ", " + percent(r.Stats.Share)
	if v.st.Comparable {
		line += " (" + points(r.Stats.Change) + ", " + sureness(&r.Stats) + ")"
	}
	if r.Facts.Now.ARR > 0 {
		line += ", ARR " + money(r.Facts.Now.ARR)
	}
	return line
}

// subject is the line under which a Pulse is announced.
func (v *view) subject() string {
	return "Pulse, " + v.period() + ": " + v.doc.Headline.String()
}
