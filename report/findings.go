package report

import (
	"cmp"
	"math"
	"slices"

	"earshot/feedback"
)

// The most findings of a kind that a document holds.
var most = map[FindingKind]int{Emerging: 8, Forming: 4, Rising: 6, Climbing: 4, Tone: 4, Fading: 6, Shipped: 8, Praise: 3, Build: 5, Stake: 1, Loud: 3,
	Unmet: 6, Segment: 5, Call: 6}

var kindOrder = []FindingKind{Emerging, Forming, Rising, Climbing, Tone, Fading, Shipped, Praise, Build, Stake, Loud, Unmet, Segment, Call}

// find gives every finding that the facts bear, by kind and weight.
func find(t *teller) []Finding {
	var all []Finding
	for i := range t.snapshot.Clusters {
		all = append(all, ofCluster(t.cluster(i))...)
	}
	all = append(all, ofForming(t)...)
	all = append(all, ofShipped(t)...)
	all = append(all, ofBuild(t)...)
	all = append(all, ofStake(t)...)
	all = append(all, ofSegments(t)...)
	all = append(all, ofAccounts(t)...)
	for i := range all {
		all[i].weight = round(all[i].weight)
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(kindOrder, a.Kind), slices.Index(kindOrder, b.Kind)), cmp.Compare(b.weight, a.weight))
	})
	kept := []Finding{}
	taken := map[FindingKind]int{}
	for _, f := range all {
		if taken[f.Kind] < most[f.Kind] {
			taken[f.Kind]++
			kept = append(kept, f)
		}
	}
	return kept
}

// ofCluster gives what there is to say of one cluster. Of the ways in which it may have changed one is told, the
// strongest: what is new is not also rising.
func ofCluster(c subject) []Finding {
	now, before, st := c.facts.Now, c.facts.Before, c.stats
	if now.Items+before.Items < MinItems {
		return nil
	}
	var found []Finding
	weigh := func(base float64) float64 {
		return base * math.Sqrt(float64(now.Items+before.Items)) * (1 + 2*st.ARRShare) * (1 + part(float64(now.Severe), float64(now.Excerpts)))
	}
	add := func(kind FindingKind, sure bool, base float64, claim Claim, headline func(*teller) []any, numbers ...string) {
		found = append(found, Finding{Kind: kind, Subjects: []string{c.facts.ID.String()}, Sure: sure, Numbers: c.t.cites(numbers),
			Claim: claim, Evidence: c.evidence(), weight: weigh(base), headline: headline})
	}
	numbers := []string{c.fact("now/items"), c.fact("before/items"), c.stat("share"), c.stat("share_before")}
	comparable := c.t.statistics.Comparable
	liked := st.Positive > 0.5 && st.Praise >= 0.4
	// A share can move because others moved: for a topic to rise or fade, its items must have done so too.
	grown := comparable && st.ShareTest.Significant() && st.ShareTest.Up && now.Items > before.Items
	emerging := comparable && now.Items >= MinItems && part(now.Items, now.Items+before.Items) >= emergingPart
	climbing := st.TrendTest.Significant() && st.TrendTest.Up && st.Steady
	switch {
	case liked && (grown || climbing || emerging && st.ShareTest.Significant()):
		add(Praise, true, 1.2, praiseClaim(c), praiseHead(c), append(numbers, c.stat("positive"))...)
	case emerging:
		add(Emerging, st.ShareTest.Significant(), 3, emergingClaim(c), emergingHead(c), withTest(numbers, c, "share_test", st.ShareTest)...)
	case grown:
		add(Rising, true, 1.5*leap(st), risingClaim(c), risingHead(c), withTest(numbers, c, "share_test", st.ShareTest)...)
	case climbing:
		add(Climbing, true, 1.5, climbingClaim(c), climbingHead(c), withTest(numbers, c, "trend_test", st.TrendTest)...)
	case comparable && st.ShareTest.Significant() && !st.ShareTest.Up && now.Items < before.Items:
		add(Fading, true, 0.8*leap(st), fadingClaim(c), fadingHead(c), withTest(numbers, c, "share_test", st.ShareTest)...)
	case st.TrendTest.Significant() && st.Steady && now.Items < before.Items:
		add(Fading, true, 0.8, easingClaim(c), easingHead(c), withTest(numbers, c, "trend_test", st.TrendTest)...)
	}
	if comparable && st.ToneTest.Significant() {
		add(Tone, true, 1, toneClaim(c), toneHead(c), withTest([]string{c.stat("negative"), c.stat("negative_before")}, c, "tone_test", st.ToneTest)...)
	}
	ty := c.t.statistics.Typical
	if now.Items >= 2*MinItems && c.t.snapshot.Coverage.ARR > 0 && len(c.t.snapshot.Clusters) >= 4 && !liked &&
		loud(float64(now.Items), ty.Items, now.ARR, ty.ARR) {
		add(Loud, true, 1, loudClaim(c), nil, c.fact("now/items"), "/statistics/typical/items", c.fact("now/arr"), "/statistics/typical/arr")
	}
	wishes := now.Kinds[feedback.KindRequest] + now.Kinds[feedback.KindComplaint] + now.Kinds[feedback.KindBug]
	if c.t.snapshot.Features > 0 && !st.Fitted && now.Items >= MinItems && 2*wishes >= now.Excerpts && !liked {
		add(Unmet, true, 0.25+part(float64(now.Kinds[feedback.KindRequest]), float64(now.Excerpts)), unmetClaim(c), nil, c.fact("now/items"), c.fact("now/customers"), c.fact("now/arr"))
	}
	return found
}

// leap says how far a share moved, in doublings or halvings, and counts no more than two of them.
func leap(st *ClusterStatistics) float64 {
	if st.Share == 0 || st.ShareBefore == 0 {
		return 2
	}
	return min(2, math.Abs(math.Log2(st.Share/st.ShareBefore)))
}

func withTest(numbers []string, c subject, name string, test *Test) []string {
	if test == nil {
		return numbers
	}
	return append(slices.Clone(numbers), c.stat(name+"/p"), c.stat(name+"/q"))
}

func ofShipped(t *teller) []Finding {
	var found []Finding
	for i, f := range t.snapshot.Shipped {
		test := t.statistics.Shipped[i].Test
		if test == nil {
			continue
		}
		finding := Finding{Kind: Shipped, Subjects: shippedSubjects(t, f), Sure: test.Significant(),
			Numbers: t.cites([]string{shippedFact(i, "before"), shippedFact(i, "after"), shippedFact(i, "days"), shippedStat(i, "test/p"), shippedStat(i, "test/q")}),
			Claim:   shippedClaim(t, i), Evidence: clusterEvidence(t, f.Clusters),
			weight: 0.6 * math.Sqrt(float64(f.Before+f.After)) * math.Abs(math.Log((float64(f.After)+1)/(float64(f.Before)+1))),
		}
		if !test.Up { // more talk about what has just shipped is no news
			finding.headline = shippedHead(t, i)
		}
		found = append(found, finding)
	}
	return found
}

func shippedSubjects(t *teller, f feedback.ShippedFacts) []string {
	refs := []string{featureRef(f.Feature)}
	for _, id := range f.Clusters {
		if t.index(id) >= 0 {
			refs = append(refs, id.String())
		}
	}
	return refs
}

func ofStake(t *teller) []Finding {
	a := t.statistics.AtStake
	if a.Accounts == 0 || a.ARR <= 0 {
		return nil
	}
	return []Finding{{Kind: Stake, Subjects: []string{}, Sure: true, Claim: stakeClaim(t), Evidence: []feedback.ID{},
		Numbers: t.cites([]string{"/statistics/at_stake/accounts", "/statistics/at_stake/arr", "/statistics/at_stake/share", "/statistics/at_stake/severe_accounts", "/statistics/at_stake/severe_arr"})}}
}

func ofSegments(t *teller) []Finding {
	var found []Finding
	for i, seg := range t.statistics.Segments {
		found = append(found, Finding{Kind: Segment, Subjects: []string{seg.Cluster.String(), segmentRef(seg.Segment)}, Sure: true,
			Numbers: t.cites([]string{segmentStat(i, "items"), segmentStat(i, "share"), segmentStat(i, "expected"), segmentStat(i, "test/p"), segmentStat(i, "test/q")}),
			Claim:   segmentClaim(t, i), Evidence: t.cluster(t.index(seg.Cluster)).evidence(),
			weight: math.Sqrt(float64(seg.Items)) * seg.Share / seg.Expected,
		})
	}
	return found
}

// ofAccounts picks whom to call: whoever is blocked, or unhappy more than once, the largest first.
func ofAccounts(t *teller) []Finding {
	var found []Finding
	for i, a := range t.snapshot.Accounts {
		if a.Severe == 0 && a.Negative < 2 || a.ARR <= 0 {
			continue
		}
		found = append(found, Finding{Kind: Call, Subjects: []string{accountRef(a.ID)}, Sure: true,
			Numbers: t.cites([]string{accountFact(i, "arr"), accountFact(i, "negative"), accountFact(i, "severe")}),
			Claim:   callClaim(t, i), Evidence: accountEvidence(t, a),
			weight: a.ARR * (1 + float64(min(a.Severe, 3)) + 0.2*float64(min(a.Negative, 10))),
		})
	}
	return found
}

func clusterEvidence(t *teller, ids []feedback.ClusterID) []feedback.ID {
	evidence := []feedback.ID{}
	for _, id := range ids {
		if i := t.index(id); i >= 0 {
			evidence = append(evidence, t.cluster(i).evidence()...)
		}
	}
	return evidence
}

// accountEvidence gives the quotes that are the account's own.
func accountEvidence(t *teller, a feedback.AccountFacts) []feedback.ID {
	evidence := []feedback.ID{}
	for _, c := range t.snapshot.Clusters {
		for _, q := range c.Quotes {
			if q.Customer == accountName(a) && q.Sentiment < feedback.Negative {
				evidence = append(evidence, q.Excerpt)
			}
		}
	}
	return evidence
}
