package report

import (
	"cmp"
	"maps"
	"slices"

	"earshot/feedback"
)

// The thresholds of every finding.
const (
	Alpha        = 0.05 // the q-value at which a change counts
	strongAlpha  = 0.01 // the q-value at which it is called strong
	MinItems     = 5    // items, of the period and the one before, under which a cluster is not tested at all
	toneExcerpts = 10   // excerpts in each period under which a shift of tone is not tested
	trendWeeks   = 6    // weeks with feedback under which no trend is tested
	emergingPart = 0.9  // of a cluster's items in both periods: from here on it is emerging, had it been heard before or not
	segmentLift  = 1.5  // times its share of all feedback: from here on a segment is over-represented
)

// Statistics are what follows from a snapshot: shares, tests and sums. They are a function of it (see [Compute]), kept in
// the document so that a reader need not compute them, and computed again by [Verify]. All shares are between 0 and 1.
type Statistics struct {
	Tests      int                  `json:"tests"`             // in the one family that Q is corrected for
	Changes    int                  `json:"changes"`           // tests of that family with Q at most Alpha
	Dispersion float64              `json:"dispersion"`        // variance from week to week against plain sampling; 1 or more
	Comparable bool                 `json:"comparable"`        // the period before was heard too
	Grouped    int                  `json:"grouped"`           // clusters with feedback in the period
	ARRShare   float64              `json:"arr_share"`         // of the workspace's ARR: that of the customers heard
	AtStake    AtStake              `json:"at_stake"`          // of all accounts
	Typical    Typical              `json:"typical"`           // the medians over clusters with support
	Clusters   []ClusterStatistics  `json:"clusters"`          // as the snapshot's Clusters
	Themes     []ThemeStatistics    `json:"themes"`            // as the snapshot's Themes
	Shipped    []ShippedStatistics  `json:"shipped"`           // as the snapshot's Shipped
	Segments   []SegmentConcentrate `json:"segments"`          // over-represented ones, the surest first
	Forming    []FormingStatistics  `json:"forming,omitempty"` // as the groups of the snapshot's Forming
}

// AtStake sums distinct accounts with something negative or severe to say.
type AtStake struct {
	Accounts       int     `json:"accounts"` // with a negative excerpt
	ARR            float64 `json:"arr"`
	Share          float64 `json:"share"`           // of the ARR heard
	SevereAccounts int     `json:"severe_accounts"` // with an excerpt of severity 3
	SevereARR      float64 `json:"severe_arr"`
}

// Typical holds medians over the clusters with at least MinItems items in the period.
type Typical struct {
	Items float64 `json:"items"`
	ARR   float64 `json:"arr"`
}

// ClusterStatistics are the statistics of one cluster. A test is nil where there was not enough to test.
type ClusterStatistics struct {
	Cluster        feedback.ClusterID `json:"cluster"`
	Share          float64            `json:"share"` // of the period's items
	ShareBefore    float64            `json:"share_before"`
	Change         float64            `json:"change"`     // Share less ShareBefore
	ChangeLow      float64            `json:"change_low"` // a 95 % interval of Change
	ChangeHigh     float64            `json:"change_high"`
	New            bool               `json:"new"` // first seen in the period
	Negative       float64            `json:"negative"`
	NegativeBefore float64            `json:"negative_before"` // parts of its excerpts
	Positive       float64            `json:"positive"`
	Praise         float64            `json:"praise"`
	ARRShare       float64            `json:"arr_share"` // of the ARR heard
	AtStakeARR     float64            `json:"at_stake_arr"`
	AtStake        int                `json:"at_stake"` // accounts whose negative excerpts are about it
	Fitted         bool               `json:"fitted"`   // a feature is linked, and not merely suggested
	Steady         bool               `json:"steady"`   // its trend does not hang on one week
	ShareTest      *Test              `json:"share_test,omitempty"`
	TrendTest      *Test              `json:"trend_test,omitempty"`
	ToneTest       *Test              `json:"tone_test,omitempty"`
}

// ThemeStatistics are the statistics of one theme.
type ThemeStatistics struct {
	Theme       feedback.ThemeID `json:"theme"`
	Share       float64          `json:"share"`
	ShareBefore float64          `json:"share_before"`
	Change      float64          `json:"change"`
}

// ShippedStatistics say whether feedback about a feature changed once it had shipped.
type ShippedStatistics struct {
	Feature string `json:"feature"`
	Test    *Test  `json:"test,omitempty"`
}

// SegmentConcentrate says that a segment speaks about a cluster more than it speaks at large.
type SegmentConcentrate struct {
	Cluster  feedback.ClusterID `json:"cluster"`
	Segment  string             `json:"segment"`
	Items    int                `json:"items"`    // of the cluster from this segment
	Share    float64            `json:"share"`    // of the cluster's items whose segment is known
	Expected float64            `json:"expected"` // of all items whose segment is known
	Test     Test               `json:"test"`     // one-sided; its Q is corrected over segments and clusters, apart from the changes
}

// Test is one statistical test.
type Test struct {
	Method string  `json:"method"`
	P      float64 `json:"p"`
	Q      float64 `json:"q"`  // P corrected for all tests of its family (Benjamini-Hochberg)
	Up     bool    `json:"up"` // the direction that was seen
}

// Significant says whether the change counts.
func (t *Test) Significant() bool { return t != nil && t.Q <= Alpha }

// Strong says whether the change is far beyond chance.
func (t *Test) Strong() bool { return t != nil && t.Q <= strongAlpha }

// Compute derives the statistics of a snapshot. Every test of a change (share, trend, tone, effect of what shipped, what forms) is in
// one family, so that in a quiet period the chance that the page claims any change at all is Alpha.
func Compute(s *feedback.Snapshot) Statistics {
	st := Statistics{
		Comparable: s.Before.Items > 0,
		ARRShare:   part(s.Coverage.ARR, s.Total.ARR),
		Clusters:   make([]ClusterStatistics, len(s.Clusters)),
		Themes:     make([]ThemeStatistics, len(s.Themes)),
		Shipped:    make([]ShippedStatistics, len(s.Shipped)),
		Segments:   []SegmentConcentrate{},
	}
	st.AtStake = atStake(s)
	accounts, arr := clusterStakes(s)
	series, totals := weekly(s)
	st.Dispersion = round(dispersion(series, totals))
	var family []*Test
	add := func(t *Test) *Test {
		if t != nil {
			family = append(family, t)
		}
		return t
	}
	for i := range s.Clusters {
		c := &s.Clusters[i]
		cs := clusterShares(s, c)
		cs.AtStake, cs.AtStakeARR = accounts[c.ID], round(arr[c.ID])
		cs.ShareTest = add(shareTest(s, c, st.Dispersion))
		cs.TrendTest, cs.Steady = trendTest(c, series[i], totals, st.Dispersion)
		add(cs.TrendTest)
		cs.ToneTest = add(toneTest(c))
		if c.Now.Items > 0 {
			st.Grouped++
		}
		st.Clusters[i] = cs
	}
	for i, t := range s.Themes {
		now, before := part(t.Now.Items, s.Coverage.Items), part(t.Before.Items, s.Before.Items)
		st.Themes[i] = ThemeStatistics{Theme: t.ID, Share: now, ShareBefore: before, Change: round(now - before)}
	}
	for i, f := range s.Shipped {
		st.Shipped[i] = ShippedStatistics{Feature: f.Feature}
		if f.Before+f.After >= MinItems {
			st.Shipped[i].Test = add(&Test{Method: methodPoisson, P: compareCounts(f.After, f.Before), Up: f.After > f.Before})
		}
	}
	st.Forming = formingTests(s)
	for i := range st.Forming {
		add(st.Forming[i].Test)
	}
	correct(family)
	st.Tests = len(family)
	for _, t := range family {
		if t.Significant() {
			st.Changes++
		}
	}
	st.Typical = typical(s)
	st.Segments = concentrated(s)
	return st
}

func clusterShares(s *feedback.Snapshot, c *feedback.ClusterFacts) ClusterStatistics {
	cs := ClusterStatistics{
		Cluster: c.ID, Share: part(c.Now.Items, s.Coverage.Items), ShareBefore: part(c.Before.Items, s.Before.Items),
		New:      c.Now.Items > 0 && s.Period.Contains(c.FirstSeen),
		Negative: part(c.Now.Negative, c.Now.Excerpts), NegativeBefore: part(c.Before.Negative, c.Before.Excerpts),
		Positive: part(c.Now.Positive, c.Now.Excerpts), Praise: part(c.Now.Kinds[feedback.KindPraise], c.Now.Excerpts),
		ARRShare: part(c.Now.ARR, s.Coverage.ARR),
		Fitted:   c.Link != nil && (c.Link.State == feedback.LinkAutomatic || c.Link.State == feedback.LinkConfirmed),
	}
	cs.Change = round(cs.Share - cs.ShareBefore)
	if s.Coverage.Items > 0 && s.Before.Items > 0 {
		low, high := difference(c.Now.Items, s.Coverage.Items, c.Before.Items, s.Before.Items)
		cs.ChangeLow, cs.ChangeHigh = round(low), round(high)
	}
	return cs
}

func shareTest(s *feedback.Snapshot, c *feedback.ClusterFacts, dispersion float64) *Test {
	if s.Coverage.Items == 0 || s.Before.Items == 0 || c.Now.Items+c.Before.Items < MinItems {
		return nil
	}
	method, p := compareShares(c.Now.Items, s.Coverage.Items, c.Before.Items, s.Before.Items, dispersion)
	up := part(c.Now.Items, s.Coverage.Items) > part(c.Before.Items, s.Before.Items)
	return &Test{Method: method, P: p, Up: up}
}

// trendTest tests the weekly series, and says whether the direction holds with the heaviest week left out.
func trendTest(c *feedback.ClusterFacts, counts, totals []int, dispersion float64) (*Test, bool) {
	if sum(counts) < 2*MinItems {
		return nil, false
	}
	z, p, ok := trend(counts, totals, dispersion)
	if !ok {
		return nil, false
	}
	heaviest := 0
	for w, n := range counts {
		if n > counts[heaviest] {
			heaviest = w
		}
	}
	fewer, rest := slices.Clone(counts), slices.Clone(totals)
	fewer[heaviest], rest[heaviest] = 0, 0
	z2, p2, ok2 := trend(fewer, rest, dispersion)
	return &Test{Method: methodTrend, P: p, Up: z > 0}, ok2 && z*z2 > 0 && p2 <= Alpha
}

func toneTest(c *feedback.ClusterFacts) *Test {
	if c.Now.Excerpts < toneExcerpts || c.Before.Excerpts < toneExcerpts {
		return nil
	}
	method, p := compareShares(c.Now.Negative, c.Now.Excerpts, c.Before.Negative, c.Before.Excerpts, 1)
	up := part(c.Now.Negative, c.Now.Excerpts) > part(c.Before.Negative, c.Before.Excerpts)
	return &Test{Method: method, P: p, Up: up}
}

// weekly gives each cluster's series, and the sum over clusters that the trends are held against.
func weekly(s *feedback.Snapshot) (series [][]int, totals []int) {
	totals = make([]int, len(s.Weeks))
	for _, c := range s.Clusters {
		counts := make([]int, len(s.Weeks))
		copy(counts, c.Weekly)
		for w, n := range counts {
			totals[w] += n
		}
		series = append(series, counts)
	}
	return series, totals
}

// clusterStakes gives the accounts whose negative excerpts are about each cluster, and their revenue.
func clusterStakes(s *feedback.Snapshot) (accounts map[feedback.ClusterID]int, arr map[feedback.ClusterID]float64) {
	accounts, arr = map[feedback.ClusterID]int{}, map[feedback.ClusterID]float64{}
	if s.Stake != nil {
		for _, c := range s.Stake.Clusters {
			accounts[c.ID], arr[c.ID] = c.Accounts, c.ARR
		}
		return accounts, arr
	}
	for _, a := range s.Accounts {
		for _, id := range a.Clusters {
			accounts[id]++
			arr[id] += a.ARR
		}
	}
	return accounts, arr
}

func atStake(s *feedback.Snapshot) AtStake {
	var a AtStake
	for _, account := range s.Accounts {
		if account.Negative > 0 {
			a.Accounts++
			a.ARR += account.ARR
		}
		if account.Severe > 0 {
			a.SevereAccounts++
			a.SevereARR += account.ARR
		}
	}
	if k := s.Stake; k != nil {
		a = AtStake{Accounts: k.Accounts, ARR: k.ARR, SevereAccounts: k.SevereAccounts, SevereARR: k.SevereARR}
	}
	a.ARR, a.SevereARR = round(a.ARR), round(a.SevereARR)
	a.Share = part(a.ARR, s.Coverage.ARR)
	return a
}

func typical(s *feedback.Snapshot) Typical {
	var items, arr []float64
	for _, c := range s.Clusters {
		if c.Now.Items >= MinItems {
			items, arr = append(items, float64(c.Now.Items)), append(arr, c.Now.ARR)
		}
	}
	return Typical{Items: median(items), ARR: round(median(arr))}
}

func concentrated(s *feedback.Snapshot) []SegmentConcentrate {
	known, all := 0, map[string]int{}
	for _, seg := range s.Segments {
		if seg.Name != "" {
			all[seg.Name] = seg.Items
			known += seg.Items
		}
	}
	found := []SegmentConcentrate{}
	var family []*Test
	for i := range s.Clusters {
		c := &s.Clusters[i]
		n := 0
		for name, k := range c.Segments {
			if name != "" {
				n += k
			}
		}
		for _, name := range slices.Sorted(maps.Keys(c.Segments)) {
			k := c.Segments[name]
			expected := part(all[name], known)
			if name == "" || k < MinItems || expected == 0 || expected >= 1 {
				continue
			}
			found = append(found, SegmentConcentrate{Cluster: c.ID, Segment: name, Items: k, Share: part(k, n), Expected: expected,
				Test: Test{Method: methodBinomial, P: atLeast(k, n, expected), Up: true}})
		}
	}
	for i := range found {
		family = append(family, &found[i].Test)
	}
	correct(family)
	found = slices.DeleteFunc(found, func(f SegmentConcentrate) bool {
		return f.Test.Q > Alpha || f.Share < segmentLift*f.Expected
	})
	slices.SortFunc(found, func(a, b SegmentConcentrate) int {
		return cmp.Or(cmp.Compare(a.Test.Q, b.Test.Q), cmp.Compare(b.Items, a.Items), cmp.Compare(a.Cluster, b.Cluster),
			cmp.Compare(a.Segment, b.Segment))
	})
	return found
}

// correct fills in the q-values of one family, and rounds.
func correct(family []*Test) {
	p := make([]float64, len(family))
	for i, t := range family {
		p[i] = t.P
	}
	for i, q := range benjaminiHochberg(p) {
		family[i].P, family[i].Q = round(p[i]), round(q)
	}
}

// part is a as a part of b, 0 where there is no b.
func part[T int | float64](a, b T) float64 {
	if b == 0 {
		return 0
	}
	return round(float64(a) / float64(b))
}

func sum(xs []int) int {
	total := 0
	for _, x := range xs {
		total += x
	}
	return total
}

func median(xs []float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	slices.Sort(xs)
	if len(xs)%2 == 1 {
		return xs[len(xs)/2]
	}
	return (xs[len(xs)/2-1] + xs[len(xs)/2]) / 2
}
