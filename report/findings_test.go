package report

import (
	"slices"
	"strings"
	"testing"

	"earshot/feedback"
)

func finding(doc *Document, kind FindingKind, subject string) *Finding {
	for i, f := range doc.Findings {
		if f.Kind == kind && slices.Contains(f.Subjects, subject) {
			return &doc.Findings[i]
		}
	}
	return nil
}

func TestEachStoryIsFoundByTheRightFinding(t *testing.T) {
	doc := draft(t, fieldwork())
	for _, c := range []struct {
		story   string
		kind    FindingKind
		subject string
	}{
		{"a problem that emerged after a release", Emerging, "C1"},
		{"a problem that faded after a fix shipped", Fading, "C2"},
		{"the fix that shipped", Shipped, "feature:f-login"},
		{"a slow riser among the largest accounts", Climbing, "C3"},
		{"its segment", Segment, "segment:enterprise"},
		{"a loud and cheap complaint", Loud, "C4"},
		{"a need that no feature fits", Unmet, "C5"},
		{"praise for something new", Praise, "C6"},
		{"a tone that worsened", Tone, "C9"},
		{"an account to call", Call, "account:c001"},
		{"a burst outside the topics", Forming, formingRef(formingFacts(&feedback.Snapshot{Workspace: "crewlane"}).Groups[0].ID)},
	} {
		f := finding(doc, c.kind, c.subject)
		if f == nil || !f.Sure {
			t.Errorf("%s: no %s of %s", c.story, c.kind, c.subject)
			continue
		}
		if len(f.Numbers) == 0 || f.Claim.String() == "" {
			t.Errorf("%s: no numbers or no sentence", c.story)
		}
	}
	for _, f := range doc.Findings {
		if slices.Contains([]FindingKind{Emerging, Rising, Climbing, Fading}, f.Kind) && slices.ContainsFunc(f.Subjects, func(s string) bool { return s == "C7" || s == "C8" || s == "C10" || s == "C11" }) {
			t.Errorf("%s of %v, which did not change", f.Kind, f.Subjects)
		}
	}
	if f := finding(doc, Shipped, "feature:f-parts"); f == nil || f.Sure {
		t.Errorf("a difference that chance may explain: %+v", f)
	}
	if !strings.Contains(doc.Headline.String(), "Calendar entries twice") || !strings.Contains(doc.Headline.String(), "app signs people out") {
		t.Errorf("headline: %s", doc.Headline)
	}
	if n := len(doc.Summary); n < 3 || n > maxSummary {
		t.Errorf("%d sentences", n)
	}
}

// In 200 quarters in which nothing changed, at most one page in twenty may claim a change.
func TestQuietQuartersAreCalledQuiet(t *testing.T) {
	claims, uncorrected, forming, told := 0, 0, 0, 0
	for seed := range uint64(200) {
		s := quiet(seed)
		doc := draft(t, s)
		if slices.ContainsFunc(doc.Findings, func(f Finding) bool { return f.Sure && f.headline != nil }) {
			claims++
		}
		if slices.ContainsFunc(doc.Statistics.Clusters, func(c ClusterStatistics) bool { return c.ShareTest != nil && c.ShareTest.P <= Alpha }) {
			uncorrected++
		}
		if s.Forming != nil {
			forming++
			told += truth(slices.ContainsFunc(doc.Findings, func(f Finding) bool { return f.Kind == Forming && f.Sure }))
		}
	}
	t.Logf("of 200 quiet quarters %d claim a change (%d that something forms, of %d with a group that might); %d would without the correction for many tests",
		claims, told, forming, uncorrected)
	if claims > 10 {
		t.Errorf("%d of 200 quiet quarters claim a change, 10 at most may", claims)
	}
	if uncorrected < 100 {
		t.Errorf("the control found a change in %d of 200 only: these quarters test nothing", uncorrected)
	}
}

func TestABurstOutsideTheTopicsIsAFinding(t *testing.T) {
	find := func(change func(f *feedback.FormingFacts)) *Finding {
		s := fieldwork()
		change(s.Forming)
		return finding(draft(t, s), Forming, formingRef(s.Forming.Groups[0].ID))
	}
	f := find(func(*feedback.FormingFacts) {})
	want := "Outside the topics, ‘barcode scanner’ is forming: nine items from seven customers with 214k of ARR in seven days, against one in the 28 days before. " +
		"In a customer's words: “Since Monday the barcode scanner reads every second label as a blank.”"
	if f == nil || !f.Sure || f.Claim.String() != want || len(f.Evidence) == 0 {
		t.Errorf("%+v", f)
	}
	for name, change := range map[string]func(f *feedback.FormingFacts){
		"a burst of everything":   func(f *feedback.FormingFacts) { f.Now = 700 },
		"the same all the time":   func(f *feedback.FormingFacts) { f.Groups[0].Before = 25 },
		"one of a thousand looks": func(f *feedback.FormingFacts) { f.Looked = 10000 },
	} {
		if f := find(change); f == nil || f.Sure {
			t.Errorf("%s is called sure: %+v", name, f)
		}
	}
	for name, change := range map[string]func(f *feedback.FormingFacts){
		"one customer": func(f *feedback.FormingFacts) { f.Groups[0].Customers = 1 },
		"three items":  func(f *feedback.FormingFacts) { f.Groups[0].Now = 3 },
	} {
		if f := find(change); f != nil {
			t.Errorf("%s forms something: %s", name, f.Claim)
		}
	}
}

func TestSmallCountsClaimNothing(t *testing.T) {
	s := workspace("small", []topic{
		{name: "four of them", theme: "a", weekly: [13]int{11: 2, 12: 2}, negative: 1, kind: feedback.KindBug},
		{name: "five of them", theme: "a", weekly: [13]int{10: 2, 11: 2, 12: 1}, negative: 1, kind: feedback.KindBug},
	})
	s.Coverage.Items, s.Before.Items, s.Shipped = 40, 40, nil
	doc := draft(t, s)
	if f := finding(doc, Emerging, "C1"); f != nil {
		t.Errorf("four items are under the support, and emerge: %s", f.Claim)
	}
	f := finding(doc, Emerging, "C2")
	if f == nil || f.Sure {
		t.Fatalf("five items from nothing are to be listed, and not to be sure of: %+v", f)
	}
	if !strings.HasPrefix(doc.Headline.String(), "Nothing changed by more than chance") {
		t.Errorf("headline: %s", doc.Headline)
	}
}

func TestOneCustomersBurstIsNoTrend(t *testing.T) {
	s := workspace("burst", []topic{
		{name: "one bad week", theme: "a", weekly: [13]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 30}, kind: feedback.KindBug},
		{name: "the rest", theme: "a", weekly: [13]int{40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40}, kind: feedback.KindBug},
	})
	if st := Compute(&s); st.Clusters[0].TrendTest == nil || st.Clusters[0].Steady {
		t.Errorf("a single week made a steady trend: %+v", st.Clusters[0])
	}
}

func TestSentencesAreGrammarForOneAndForMany(t *testing.T) {
	s := fieldwork()
	s.Clusters[0].Now.Customers = 1
	s.Clusters[2].Now.Customers = 1
	s.Accounts = s.Accounts[2:3]
	s.Accounts[0].Negative = 1
	doc := draft(t, s)
	var all []string
	for _, c := range claims(doc) {
		all = append(all, c.String())
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{"from one customer ", "the one customer now behind it holds ", "one severe problem and made one negative point,", "one reported something severe"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, wrong := range []string{"one customers", "one items", "daies", "  ", " ,", " .", ".."} {
		if strings.Contains(text, wrong) {
			t.Errorf("%q in\n%s", wrong, text)
		}
	}
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{count(1, "item"), "one item"}, {count(0, "item"), "no items"}, {count(12, "day"), "12 days"}, {count(1204, "reply"), "1,204 replies"}, {count(4, ""), "four"},
		{percent(0), "0%"}, {percent(0.0004), "under 0.1%"}, {percent(0.0612), "6.1%"}, {percent(0.0996), "10%"}, {percent(0.998), "over 99%"}, {percent(1), "100%"}, {percent(12.5), "1,250%"},
		{points(0.0294), "+2.9 pt"}, {points(-0.0294), "−2.9 pt"}, {points(-0.0001), "0.0 pt"},
		{money(0), "0"}, {money(950), "950"}, {money(999.7), "1k"}, {money(4200), "4.2k"}, {money(418600), "419k"}, {money(999800), "1M"}, {money(1240000), "1.2M"}, {money(48e6), "48M"}, {money(2e9), "2B"},
		{sentiment(-0.216), "−0.22"}, {sentiment(0.001), "0.00"}, {grouped(-1234567), "−1,234,567"},
		{span(date(2026, 6, 1), date(2026, 6, 29)), "1 to 28 June 2026"}, {span(date(2026, 6, 1), date(2026, 6, 2)), "1 June 2026"},
		{span(date(2026, 5, 30), date(2026, 6, 29)), "30 May to 28 June 2026"}, {span(date(2025, 12, 1), date(2026, 2, 1)), "1 December 2025 to 31 January 2026"},
		{display("a\u202eb\x1b[1mc\n d", 64), "ab[1mc d"}, {display("\u200b\ufeff", 9), "(unnamed)"}, {clip("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 2), "👩‍👩‍👧…"}, {capital("iPad sync"), "iPad sync"}, {capital("sync"), "Sync"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// moves is a workspace of every other way in which a topic may change.
func moves() feedback.Snapshot {
	steady := func(n int) (w [13]int) {
		for i := range w {
			w[i] = n
		}
		return w
	}
	s := workspace("moves", []topic{
		{name: "invoices doubled", theme: "a", weekly: [13]int{10, 10, 10, 10, 10, 10, 10, 10, 10, 25, 26, 24, 25}, customers: 30, arr: 2e6, negative: .6, kind: feedback.KindBug},
		{name: "grew a bit", theme: "a", weekly: [13]int{40, 40, 40, 40, 40, 40, 40, 40, 40, 62, 60, 61, 60}, customers: 30, arr: 2e6, negative: .6, kind: feedback.KindBug},
		{name: "tripled up", theme: "a", weekly: [13]int{4, 4, 4, 4, 4, 4, 4, 4, 4, 14, 12, 15, 14}, negative: .6, kind: feedback.KindBug},
		{name: "came back", theme: "b", weekly: [13]int{4, 4, 4, 4, 0, 0, 0, 0, 0, 8, 9, 5, 5}, customers: 5, arr: 9000, negative: .6, kind: feedback.KindBug},
		{name: "went quiet", theme: "b", weekly: [13]int{4, 4, 4, 4, 9, 9, 8, 9, 9, 0, 0, 0, 0}, customers: 5, arr: 9000, negative: .6, kind: feedback.KindBug},
		{name: "slow faller", theme: "b", weekly: [13]int{26, 24, 22, 20, 18, 16, 14, 13, 12, 12, 12, 11, 11}, customers: 5, arr: 9000, negative: .6, kind: feedback.KindBug},
		{name: "kinder now", theme: "b", weekly: steady(20), negative: .9, worse: -.6, customers: 5, arr: 9000, kind: feedback.KindBug},
		{name: "base", theme: "b", weekly: steady(120), negative: .4, customers: 5, arr: 9000, kind: feedback.KindQuestion},
	})
	s.Shipped = nil
	return s
}

func TestEveryMoveHasItsSentence(t *testing.T) {
	doc := draft(t, moves())
	var all []string
	for _, f := range doc.Findings {
		all = append(all, f.Claim.String())
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{
		"‘Invoices doubled’ more than doubled from 4.5% to 9.4% of feedback, with 100 items from 30 customers and 2M of ARR behind it.", "‘Grew a bit’ now accounts for", "items are about ‘tripled up’, which more than doubled from",
		"‘Came back’ is back after a silent period: 27 items from five customers with 9k of ARR.", "‘Went quiet’ fell silent, after 35 items in the period before.",
		"‘Slow faller’ keeps easing, from 92 items in the opening four weeks to 46 in the closing four.", "The tone on ‘kinder now’ brightened: 30% of its excerpts are negative, against 90% in the period before.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if finding(doc, Fading, "C8") != nil {
		t.Error("a topic with as many items as before is called fading, for others grew")
	}
	if len(doc.Verification.Withheld) > 0 {
		t.Errorf("withheld: %v", doc.Verification.Withheld)
	}
}
