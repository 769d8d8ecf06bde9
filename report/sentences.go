package report

import (
	"fmt"

	"earshot/feedback"
)

// One function a kind of finding: the sentence that tells it, and the clause that a headline makes of it.

func emergingClaim(c subject) Claim {
	if c.stats.New {
		if c.i%2 == 0 {
			return say(Emerging, c.name(), ", first heard on ", c.firstHeard(), ", has brought ", c.reach(), c.worth(" with ", " of ARR"))
		}
		return say(Emerging, c.t.word("nobody", c.fact("before/items")), " spoke of ", c.name(), " until ", c.firstHeard(), "; since then it has brought ",
			c.reach(), c.worth(", with ", " of ARR"))
	}
	if c.facts.Before.Items == 0 {
		return say(Emerging, c.name(), " ", back(c), " after a silent period: ", c.reach(), c.worth(" with ", " of ARR"))
	}
	return say(Emerging, c.name(), " ", c.t.word("grew", c.fact("now/items"), c.fact("before/items")), " from ", c.t.num(Count, "item", "", c.fact("before/items")),
		" in the period before to ", c.reach(), c.worth(" with ", " of ARR"))
}

func emergingHead(c subject) func(*teller) []any {
	return func(*teller) []any {
		if c.stats.New {
			return []any{c.name(), " ", c.t.word("is new", c.stat("new")), " and accounts for ", c.share(), " of feedback"}
		}
		if c.facts.Before.Items == 0 {
			return []any{c.name(), " ", back(c), " and accounts for ", c.share(), " of feedback"}
		}
		return []any{c.name(), " is ", c.t.word("all but new", c.fact("now/items"), c.fact("before/items")), " and accounts for ", c.share(), " of feedback"}
	}
}

func back(c subject) Part { return c.t.word("is back", c.fact("now/items"), c.fact("before/items")) }

func risingClaim(c subject) Claim {
	switch c.i % 3 {
	case 0:
		return say(Rising, c.name(), " ", c.moved(growth), " from ", c.shareBefore(), " to ", c.share(), " of feedback, with ", c.reach(), c.worth(" and ", " of ARR behind it"))
	case 1:
		return say(Rising, c.name(), " now accounts for ", c.share(), " of feedback, ", c.moved([]string{"up"}), " from ", c.shareBefore(), ": ", c.reach(), c.worth(" with ", " of ARR"))
	}
	return say(Rising, c.reach(), " are about ", c.name(), ", which ", c.moved(growth), " from ", c.shareBefore(), " of feedback to ", c.share())
}

func risingHead(c subject) func(*teller) []any {
	return func(*teller) []any {
		return []any{c.name(), " ", c.moved(growth), " to ", c.share(), " of feedback"}
	}
}

// thirds compares the first weeks of the series with the last.
func thirds(c subject) (early, late Part) {
	n := len(c.facts.Weekly)
	weeks := max(1, n/3)
	return c.weeks(0, weeks), c.weeks(n-weeks, n)
}

func climbingClaim(c subject) Claim {
	return say(Climbing, c.name(), " ", climbs(c), fromTo(c), customersHold(c))
}

func climbs(c subject) Part {
	early, late := thirds(c)
	return c.t.sums("keeps climbing", late, early)
}

// customersHold adds who is behind a slow riser: that is what makes it worth a sentence.
func customersHold(c subject) []any {
	if c.facts.Now.Customers == 0 || c.facts.Now.ARR <= 0 {
		return nil
	}
	verb := " hold "
	if c.facts.Now.Customers == 1 {
		verb = " holds "
	}
	return []any{"; the ", c.customers(), " now behind it", verb, c.arr(), " of ARR"}
}

// sums is a word over two sums; it cites the two spans one after the other.
func (t *teller) sums(text string, a, b Part) Part {
	p := Part{Kind: PartWord, Text: text, Derive: Sum}
	p.Cites = append(append(p.Cites, a.Cites...), b.Cites...)
	return p
}

// fromTo tells both spans of a series: "from five items in the opening four weeks to 23 in the closing four".
func fromTo(c subject) []any {
	early, late := thirds(c)
	late.Unit, late.Text = "", count(float64(sum(c.facts.Weekly[len(c.facts.Weekly)-len(late.Cites):])), "")
	span := func(unit string) Part {
		return Part{Kind: PartNumber, Format: Count, Unit: unit, Derive: Number, Cites: late.Cites, Text: count(float64(len(late.Cites)), unit)}
	}
	return []any{", from ", early, " in the opening ", span("week"), " to ", late, " in the closing ", span("")}
}

func climbingHead(c subject) func(*teller) []any {
	return func(*teller) []any {
		return []any{c.name(), " ", climbs(c), c.worth(", among customers with ", " of ARR")}
	}
}

func fadingClaim(c subject) Claim {
	if c.facts.Now.Items == 0 {
		return say(Fading, c.name(), " ", c.t.word("fell silent", c.fact("now/items"), c.fact("before/items")), ", after ",
			c.t.num(Count, "item", "", c.fact("before/items")), " in the period before", shippedAside(c))
	}
	if c.i%2 == 0 {
		return say(Fading, c.name(), " ", c.moved(decline), " from ", c.shareBefore(), " to ", c.share(), " of feedback: ", c.items(), ", against ",
			c.t.num(Count, "", "", c.fact("before/items")), " in the period before", shippedAside(c))
	}
	return say(Fading, c.name(), " is ", c.moved([]string{"down"}), " to ", c.share(), " of feedback from ", c.shareBefore(), ", ", c.items(), " against ",
		c.t.num(Count, "", "", c.fact("before/items")), shippedAside(c))
}

// shippedAside names the feature that shipped before the fall, as a fact beside it and no more than that.
func shippedAside(c subject) []any {
	link, s := c.facts.Link, c.t.snapshot
	if link == nil || !c.stats.Fitted || link.Status != feedback.StatusShipped || link.ShippedAt.IsZero() ||
		link.ShippedAt.Before(s.Previous.Start) || !link.ShippedAt.Before(s.Period.End) {
		return nil
	}
	return []any{"; ", c.t.named(featureRef(link.Feature)), " shipped on ", c.t.num(Date, "", "", c.fact("link/shipped_at"))}
}

func fadingHead(c subject) func(*teller) []any {
	return func(*teller) []any {
		if c.facts.Now.Items == 0 {
			return []any{c.name(), " ", c.t.word("fell silent", c.fact("now/items"), c.fact("before/items"))}
		}
		return []any{c.name(), " ", c.moved(decline), " to ", c.share(), " of feedback"}
	}
}

func eases(c subject) Part {
	early, late := thirds(c)
	return c.t.sums("keeps easing", late, early)
}

func easingClaim(c subject) Claim {
	return say(Fading, c.name(), " ", eases(c), fromTo(c), shippedAside(c))
}

func easingHead(c subject) func(*teller) []any {
	return func(*teller) []any { return []any{c.name(), " ", eases(c)} }
}

func toneWord(c subject) Part {
	return c.t.fitting([]string{"worsened", "brightened"}, c.stat("negative"), c.stat("negative_before"))
}

func toneClaim(c subject) Claim {
	return say(Tone, "the tone on ", c.name(), " ", toneWord(c), ": ", c.negative(), " of its excerpts are negative, against ",
		c.t.num(Percent, "", "", c.stat("negative_before")), " in the period before")
}

func toneHead(c subject) func(*teller) []any {
	return func(*teller) []any { return []any{"the tone on ", c.name(), " ", toneWord(c)} }
}

func praiseClaim(c subject) Claim {
	pieces := []any{c.name(), " ", c.t.word("is liked", c.stat("positive")), ": ", c.reach(), ", ", c.t.num(Percent, "", "", c.stat("positive")), " of the excerpts positive"}
	if q, ok := c.quote(); ok {
		pieces = append(pieces, ". In a customer's words: ", q)
	}
	return say(Praise, pieces...)
}

func praiseHead(c subject) func(*teller) []any {
	return func(*teller) []any {
		return []any{c.name(), " ", c.t.word("is liked", c.stat("positive")), " and accounts for ", c.share(), " of feedback"}
	}
}

func loudClaim(c subject) Claim {
	word := c.t.word("loud but cheap", c.fact("now/items"), "/statistics/typical/items", c.fact("now/arr"), "/statistics/typical/arr")
	if c.facts.Now.ARR <= 0 {
		return say(Loud, c.name(), " is ", word, ": ", c.items(), ", and ", c.t.word("none", c.fact("now/arr")), " of the ARR heard")
	}
	return say(Loud, c.name(), " is ", word, ": ", c.items(), ", from customers with ", c.t.num(Percent, "", "", c.stat("arr_share")), " of the ARR heard")
}

func unmetClaim(c subject) Claim {
	fits := c.t.word("no feature fits", c.stat("fitted"))
	if c.facts.Link != nil && c.facts.Link.State != feedback.LinkRejected {
		fits = c.t.word("no feature clearly fits", c.stat("fitted"))
	}
	if c.i%2 == 0 || c.facts.Now.Customers == 0 {
		return say(Unmet, fits, " ", c.name(), ": ", c.reach(), c.worth(" with ", " of ARR"))
	}
	return say(Unmet, c.name(), " came from ", c.customers(), c.worth(" with ", " of ARR"), " in ", c.items(), ", and ", fits, " it")
}

func shippedFact(i int, name string) string { return fmt.Sprintf("/snapshot/shipped/%d/%s", i, name) }
func shippedStat(i int, name string) string { return fmt.Sprintf("/statistics/shipped/%d/%s", i, name) }

func shippedClaim(t *teller, i int) Claim {
	f := t.snapshot.Shipped[i]
	days := t.num(Count, "day", "", shippedFact(i, "days"))
	name, on := t.named(featureRef(f.Feature)), t.num(Date, "", "", shippedFact(i, "shipped_at"))
	before, after := t.num(Count, "item", "", shippedFact(i, "before")), t.num(Count, "item", "", shippedFact(i, "after"))
	if !t.statistics.Shipped[i].Test.Significant() {
		return say(Shipped, name, " shipped on ", on, "; ", after, " in the ", days, " since, against ", before, " in the same span before, a difference that chance may explain")
	}
	word := shippedWord(t, i)
	return say(Shipped, "feedback about ", name, " ", word, " from ", before, " in the ", days, " before it shipped on ", on, " to ", after, " in the ", days, " after")
}

func shippedWord(t *teller, i int) Part {
	candidates := append(growth[:len(growth):len(growth)], decline...)
	if t.snapshot.Shipped[i].Before < MinItems {
		candidates = []string{"rose", "fell"} // twice next to nothing is not worth a "doubled"
	}
	return t.fitting(candidates, shippedFact(i, "after"), shippedFact(i, "before"))
}

func shippedHead(t *teller, i int) func(*teller) []any {
	return func(*teller) []any {
		return []any{"feedback about ", t.named(featureRef(t.snapshot.Shipped[i].Feature)), " ", shippedWord(t, i), " once it had shipped"}
	}
}

func stakeClaim(t *teller) Claim {
	a := t.statistics.AtStake
	pieces := []any{t.num(Count, "customer", "", "/statistics/at_stake/accounts"), " with ", t.num(Money, "", "", "/statistics/at_stake/arr"), " of ARR, ",
		t.num(Percent, "", "", "/statistics/at_stake/share"), " of the ARR heard, had something negative to say"}
	if a.SevereAccounts > 0 && a.SevereARR > 0 {
		pieces = append(pieces, "; ", t.num(Count, "", "", "/statistics/at_stake/severe_accounts"), " reported something severe")
	}
	return say(Stake, pieces...)
}

func segmentStat(i int, name string) string {
	return fmt.Sprintf("/statistics/segments/%d/%s", i, name)
}

func segmentClaim(t *teller, i int) Claim {
	seg := t.statistics.Segments[i]
	return say(Segment, t.named(segmentRef(seg.Segment)), " customers bring ", t.num(Percent, "", "", segmentStat(i, "share")), " of the items on ",
		t.named(seg.Cluster.String()), ", well ", t.word("above", segmentStat(i, "share"), segmentStat(i, "expected")), " their ",
		t.num(Percent, "", "", segmentStat(i, "expected")), " of all feedback")
}

func accountFact(i int, name string) string { return fmt.Sprintf("/snapshot/accounts/%d/%s", i, name) }

func callClaim(t *teller, i int) Claim {
	a := t.snapshot.Accounts[i]
	pieces := []any{t.named(accountRef(a.ID)), ", at ", t.num(Money, "", "", accountFact(i, "arr")), " of ARR, "}
	if a.Severe > 0 {
		pieces = append(pieces, "reported ", t.num(Count, "severe problem", "", accountFact(i, "severe")), " and ")
	}
	pieces = append(pieces, "made ", t.num(Count, "negative point", "", accountFact(i, "negative")))
	if len(a.Clusters) > 0 && t.index(a.Clusters[0]) >= 0 {
		pieces = append(pieces, ", about ", t.named(a.Clusters[0].String()))
	}
	return say(Call, pieces...)
}
