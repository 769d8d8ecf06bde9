package report

import (
	"slices"
	"unicode/utf8"
)

// maxSummary is the most sentences that follow the headline.
const maxSummary = 5

// compose writes the headline and the summary from the findings. Candidates stand in the order in which an editor would
// try them; each is used only if it verifies.
func compose(t *teller, findings []Finding) (headlines, summary []Claim) {
	s := t.snapshot
	switch {
	case s.Coverage.Items == 0:
		return []Claim{say("", t.word("nothing", itemsPath), " was heard in ", t.periodWords())}, silent(t)
	case len(s.Clusters) == 0:
		they := "; they are "
		if s.Coverage.Items == 1 {
			they = "; it is "
		}
		return []Claim{say("", t.num(Count, "item", "", itemsPath), wasWere(s.Coverage.Items), " heard in ", t.periodWords(), they,
			t.word("in no topic", "/statistics/grouped"))}, volume(t)
	}
	changes := ranked(findings)
	if len(changes) > 0 {
		headlines = append(headlines, headlinesOf(t, changes)...)
	}
	headlines = append(headlines, quietHeadlines(t)...)
	for _, f := range pick(changes, findings) {
		summary = append(summary, f.Claim)
	}
	if len(summary) < 3 {
		summary = append(summary, volume(t)...)
		summary = append(summary, biggest(t)...)
	}
	return headlines, summary
}

const (
	itemsPath  = "/snapshot/coverage/items"
	beforePath = "/snapshot/before/items"
)

// ranked gives the findings that a headline may tell: sure changes, the weightiest first.
func ranked(findings []Finding) []Finding {
	var changes []Finding
	for _, f := range findings {
		if f.Sure && f.headline != nil {
			changes = append(changes, f)
		}
	}
	slices.SortStableFunc(changes, func(a, b Finding) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	return changes
}

// headlineLimit is the most letters of a headline that tells two things; a longer one tells one.
const headlineLimit = 140

func headlinesOf(t *teller, changes []Finding) []Claim {
	lead := changes[0]
	single := say(lead.Kind, lead.headline(t))
	for _, other := range changes[1:] {
		if good(other.Kind) == good(lead.Kind) || slices.ContainsFunc(other.Subjects, func(s string) bool { return slices.Contains(lead.Subjects, s) }) {
			continue
		}
		both := say(lead.Kind, lead.headline(t), ", while ", other.headline(t))
		if utf8.RuneCountInString(both.String()) <= headlineLimit {
			return []Claim{both, single}
		}
	}
	return []Claim{single}
}

// good says whether a kind of change is one to be glad of: headlines join one of each.
func good(kind FindingKind) bool { return kind == Fading || kind == Praise || kind == Shipped }

func quietHeadlines(t *teller) []Claim {
	var claims []Claim
	if t.statistics.Comparable && t.statistics.Tests > 0 && t.statistics.Changes == 0 {
		nothing := []any{t.word("nothing", "/statistics/changes"), " changed by more than chance would explain"}
		if i := biggestCluster(t); i >= 0 && len(t.snapshot.Clusters) > 1 {
			c := t.cluster(i)
			claims = append(claims, say("", nothing, "; ", c.name(), " is ", t.word(largest, c.fact("now/items")), " topic, at ", c.share(), " of feedback"))
		}
		claims = append(claims, say("", nothing))
	}
	if i := biggestCluster(t); i >= 0 && len(t.snapshot.Clusters) > 1 {
		c := t.cluster(i)
		claims = append(claims, say("", c.name(), " is ", t.word(largest, c.fact("now/items")), " topic, at ", c.share(), " of feedback"))
	}
	return append(claims, say("", t.num(Count, "item", "", itemsPath), wasWere(t.snapshot.Coverage.Items), " heard in ", t.periodWords()))
}

// pick chooses what follows the headline: the changes first, at most two of a kind and one of a subject, then what is at
// stake, what no feature fits, and what is loud.
func pick(changes, findings []Finding) []Finding {
	var chosen []Finding
	kinds, subjects := map[FindingKind]int{}, map[string]bool{}
	take := func(f Finding, most int) {
		if len(chosen) >= maxSummary || kinds[f.Kind] >= most || slices.ContainsFunc(f.Subjects, func(s string) bool { return subjects[s] }) {
			return
		}
		chosen = append(chosen, f)
		kinds[f.Kind]++
		for _, s := range f.Subjects {
			subjects[s] = true
		}
	}
	standing := []FindingKind{Unmet, Stake, Loud, Segment}
	reserved := 0
	if slices.ContainsFunc(findings, func(f Finding) bool { return slices.Contains(standing, f.Kind) }) {
		reserved = 1
	}
	// One of each kind of change before a second of any: five sentences are few.
	for _, limit := range []int{1, 2} {
		for _, f := range changes {
			if len(chosen) < maxSummary-reserved {
				take(f, limit)
			}
		}
	}
	for _, kind := range standing {
		for _, f := range findings {
			if f.Kind == kind {
				take(f, 1)
			}
		}
	}
	return chosen
}

func biggestCluster(t *teller) int {
	best := -1
	for i, c := range t.snapshot.Clusters {
		if c.Now.Items > 0 && (best < 0 || c.Now.Items > t.snapshot.Clusters[best].Now.Items) {
			best = i
		}
	}
	return best
}

func biggest(t *teller) []Claim {
	i := biggestCluster(t)
	if i < 0 {
		return nil
	}
	c := t.cluster(i)
	if len(t.snapshot.Clusters) == 1 {
		return []Claim{say("", c.name(), " is ", t.word("the only topic", "/statistics/grouped"), ", with ", c.reach())}
	}
	pieces := []any{c.reach(), areIs(c.facts.Now.Items), "about ", c.name()} // the headline calls it the largest
	if c.facts.Now.Excerpts > 0 {
		pieces = append(pieces, "; ", c.negative(), " of its excerpts are negative")
	}
	return []Claim{say("", pieces...)}
}

// volume tells how much was heard.
func volume(t *teller) []Claim {
	s := t.snapshot
	heard := []any{t.num(Count, "item", "", itemsPath), " came in"}
	if s.Coverage.Customers > 0 {
		heard = append(heard, " from ", t.num(Count, "customer", "", "/snapshot/coverage/customers"))
	}
	before := t.num(Count, "day", Days, "/snapshot/period/end", "/snapshot/period/start")
	switch {
	case s.Before.Items == 0:
		return []Claim{say("", heard, "; the ", before, " before hold ", t.word("nothing", beforePath), " to compare with")}
	case s.Before.Items == s.Coverage.Items:
		return []Claim{say("", heard, ", ", t.word("as many", itemsPath, beforePath), " as in the ", before, " before")}
	}
	word := t.fitting([]string{"more", "fewer"}, itemsPath, beforePath)
	return []Claim{say("", heard, ", ", t.num(Percent, "", Change, itemsPath, beforePath), " ", word, " than in the ", before, " before")}
}

// silent is the summary of a period without feedback.
func silent(t *teller) []Claim {
	if t.snapshot.Total.Items == 0 {
		return []Claim{say("", "the workspace holds ", t.word("nothing", "/snapshot/total/items"), " yet")}
	}
	claims := []Claim{say("", "the workspace holds ", t.num(Count, "item", "", "/snapshot/total/items"), " in all, dated ",
		t.num(Date, "", "", "/snapshot/total/oldest"), " to ", t.num(Date, "", "", "/snapshot/total/newest"))}
	if t.snapshot.Before.Items > 0 {
		claims = append(claims, say("", "the period before brought ", t.num(Count, "item", "", beforePath)))
	}
	return claims
}

func (t *teller) periodWords() []any {
	return []any{"the ", t.num(Count, "day", Days, "/snapshot/period/end", "/snapshot/period/start"), " from ", t.num(Date, "", "", "/snapshot/period/start")}
}

func areIs(n int) string {
	if n == 1 {
		return " is "
	}
	return " are "
}

func wasWere(n int) string {
	if n == 1 {
		return " was"
	}
	return " were"
}
