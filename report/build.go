package report

import (
	"cmp"
	"slices"

	"earshot/feedback"
)

// The parts of a need, by which what to build is ranked. Each is taken against the largest of its kind among the topics of
// the period, so that a part says the same in a small workspace and in a large one.
const (
	needRevenue  = 0.4  // ARR of the customers who speak of it
	needReach    = 0.3  // customers, or items where no customer is known
	needSeverity = 0.15 // excerpts of severity 3
	needTrend    = 0.15 // whole where its share grows beyond chance, half for a steady rise
)

// ofBuild ranks what to build or mend: topics that are wished for, complained of or broken. What is liked, what fades and
// what is loud but cheap needs nothing built. A feature is named once, under the topic that needs it most.
func ofBuild(t *teller) []Finding {
	type need struct {
		subject
		weight float64
	}
	var needs []need
	arr, reach, severe := 0.0, 0.0, 0.0
	for i := range t.snapshot.Clusters {
		c := t.cluster(i)
		now := c.facts.Now
		wishes := now.Kinds[feedback.KindRequest] + now.Kinds[feedback.KindComplaint] + now.Kinds[feedback.KindBug]
		falling := c.stats.ShareTest.Significant() && !c.stats.ShareTest.Up || c.stats.TrendTest.Significant() && !c.stats.TrendTest.Up && c.stats.Steady
		if now.Items < MinItems || 2*wishes < now.Excerpts || c.stats.Positive > 0.5 || falling {
			continue
		}
		needs = append(needs, need{subject: c})
		arr, reach, severe = max(arr, now.ARR), max(reach, behind(now)), max(severe, float64(now.Severe))
	}
	for i := range needs {
		n := &needs[i]
		now := n.facts.Now
		n.weight = needRevenue*part(now.ARR, arr) + needReach*part(behind(now), reach) + needSeverity*part(float64(now.Severe), severe)
		switch {
		case n.stats.ShareTest.Significant():
			n.weight += needTrend
		case n.stats.TrendTest.Significant() && n.stats.Steady:
			n.weight += needTrend / 2
		}
		n.weight = round(n.weight)
	}
	slices.SortStableFunc(needs, func(a, b need) int { return cmp.Compare(b.weight, a.weight) })
	features := map[string]bool{}
	var found []Finding
	for _, n := range needs {
		subjects := []string{n.facts.ID.String()}
		if n.stats.Fitted {
			feature := n.facts.Link.Feature
			if features[feature] {
				continue
			}
			features[feature] = true
			subjects = append(subjects, featureRef(feature))
		}
		found = append(found, Finding{Kind: Build, Subjects: subjects, Sure: true, Claim: buildClaim(n.subject), Evidence: n.evidence(), weight: n.weight,
			Numbers: t.cites([]string{n.fact("now/items"), n.fact("now/customers"), n.fact("now/arr"), n.fact("now/severe"), n.stat("share"), n.stat("share_before")})})
	}
	return found
}

// behind is how many speak of it.
func behind(c feedback.Counts) float64 {
	if c.Customers > 0 {
		return float64(c.Customers)
	}
	return float64(c.Items) / 100 // far less than customers count, and more than nothing
}

// buildClaim gives the reasons: who, how much revenue, how bad, and whether it grows. The topic's name stands before them
// and not among them: it may be two words that are no noun together.
func buildClaim(c subject) Claim {
	kinds := c.facts.Now.Kinds
	var asked any = " raised it"
	for _, k := range []struct {
		kind feedback.Kind
		word string
	}{{feedback.KindRequest, "asked for"}, {feedback.KindBug, "ran into"}} {
		if 2*kinds[k.kind] > c.facts.Now.Excerpts {
			asked = []any{" ", c.t.word(k.word, c.fact("now/kinds/"+string(k.kind)), c.fact("now/excerpts")), " it"}
		}
	}
	pieces := []any{c.name(), ": "}
	if c.facts.Now.Customers > 0 {
		pieces = append(pieces, c.customers(), c.worth(" with ", " of ARR"), asked, ", in ")
	}
	pieces = append(pieces, c.items())
	if c.facts.Now.Severe > 0 {
		pieces = append(pieces, " with ", c.t.num(Count, "severe report", "", c.fact("now/severe")))
	}
	switch {
	case c.stats.ShareTest.Significant() && c.stats.ShareTest.Up:
		pieces = append(pieces, "; its share is ", c.moved([]string{"up"}), " from ", c.shareBefore(), " to ", c.share())
	case c.stats.TrendTest.Significant() && c.stats.TrendTest.Up && c.stats.Steady:
		pieces = append(pieces, "; it ", climbs(c))
	}
	return say(Build, pieces...)
}
