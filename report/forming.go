package report

import (
	"fmt"
	"math"

	"earshot/feedback"
)

// What a group has at least, among what is in no topic, to be a finding: items of the last days, and people behind them
// where they are known. One customer who writes much forms nothing.
const (
	formingItems  = 4
	formingPeople = 2
)

// FormingStatistics say whether a group that forms came in a burst.
type FormingStatistics struct {
	ID       string  `json:"id"`
	Expected float64 `json:"expected"` // the part of its items that the last days would have, with nothing changed
	Test     *Test   `json:"test,omitempty"`
}

// formingTests hold what forms against what the days lead one to expect: each item of a group falls among the last days
// with the chance that any item heard does, at least their part of the time, and their number is binomial. A group was
// picked from all that were looked at, so its p is that of the best among as many (Bonferroni), and goes into the family
// of all other tests as one.
func formingTests(s *feedback.Snapshot) []FormingStatistics {
	if s.Forming == nil {
		return nil
	}
	f := s.Forming
	days := part(f.End.Sub(f.Recent).Hours(), f.End.Sub(f.Start).Hours())
	expected := max(days, part(f.Now, f.Now+f.Before))
	list := make([]FormingStatistics, len(f.Groups))
	for i, g := range f.Groups {
		list[i] = FormingStatistics{ID: g.ID, Expected: expected}
		more := float64(g.Now) > expected*float64(g.Now+g.Before)
		if more && g.Now >= formingItems && (g.Customers == 0 || g.Customers >= formingPeople) {
			p := atLeast(g.Now, g.Now+g.Before, expected) * float64(max(1, f.Looked))
			list[i].Test = &Test{Method: methodBinomial, P: min(1, p), Up: true}
		}
	}
	return list
}

func formingRef(id string) string { return "forming:" + id }

func formingFact(i int, name string) string {
	return fmt.Sprintf("/snapshot/forming/groups/%d/%s", i, name)
}

func formingStat(i int, name string) string { return fmt.Sprintf("/statistics/forming/%d/%s", i, name) }

// ofForming gives what forms outside the topics.
func ofForming(t *teller) []Finding {
	var found []Finding
	for i, st := range t.statistics.Forming {
		if st.Test == nil {
			continue
		}
		g := t.snapshot.Forming.Groups[i]
		finding := Finding{Kind: Forming, Subjects: []string{formingRef(g.ID)}, Sure: st.Test.Significant(),
			Numbers: t.cites([]string{formingFact(i, "now"), formingFact(i, "before"), formingFact(i, "customers"), formingFact(i, "arr"),
				formingStat(i, "expected"), formingStat(i, "test/p"), formingStat(i, "test/q")}),
			Claim: formingClaim(t, i), Evidence: []feedback.ID{}, headline: formingHead(t, i),
			weight: 1.5 * math.Sqrt(float64(g.Now+g.Before)) * (1 + 2*part(g.ARR, t.snapshot.Coverage.ARR)) * (1 + part(g.Severe, len(g.Excerpts)))}
		for _, q := range g.Quotes {
			finding.Evidence = append(finding.Evidence, q.Excerpt)
		}
		found = append(found, finding)
	}
	return found
}

// formingClaim lets a customer say what the group is about, for its name is a working one.
func formingClaim(t *teller, i int) Claim {
	g := t.snapshot.Forming.Groups[i]
	verb := "is forming"
	if !t.statistics.Forming[i].Test.Significant() {
		verb = "may be forming"
	}
	pieces := []any{"outside the topics, ", t.named(formingRef(g.ID)), " ", forms(t, verb, i), ": ", t.num(Count, "item", "", formingFact(i, "now"))}
	if g.Customers > 0 {
		pieces = append(pieces, " from ", t.num(Count, "customer", "", formingFact(i, "customers")))
	}
	if g.ARR > 0 {
		pieces = append(pieces, " with ", t.num(Money, "", "", formingFact(i, "arr")), " of ARR")
	}
	before := t.num(Count, "", "", formingFact(i, "before"))
	if g.Before == 0 {
		before = t.word("none", formingFact(i, "before"))
	}
	pieces = append(pieces, " in ", formingSpan(t), ", against ", before, " in the ",
		t.num(Count, "day", Days, "/snapshot/forming/recent", "/snapshot/forming/start"), " before")
	if !t.statistics.Forming[i].Test.Significant() {
		return say(Forming, append(pieces, ", a burst that chance may explain"))
	}
	if q, ok := shortQuote(g.Quotes); ok {
		pieces = append(pieces, ". In a customer's words: ", q)
	}
	return say(Forming, pieces...)
}

func formingSpan(t *teller) Part {
	return t.num(Count, "day", Days, "/snapshot/forming/end", "/snapshot/forming/recent")
}

// forms is the word for a group of which more was said a day than before.
func forms(t *teller, verb string, i int) Part {
	return t.word(verb, formingFact(i, "now"), formingFact(i, "before"), formingStat(i, "expected"))
}

func formingHead(t *teller, i int) func(*teller) []any {
	return func(*teller) []any {
		return []any{t.named(formingRef(t.snapshot.Forming.Groups[i].ID)), " ", forms(t, "is forming", i), ", with ",
			t.num(Count, "item", "", formingFact(i, "now")), " in ", formingSpan(t)}
	}
}
