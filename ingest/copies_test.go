package ingest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"earshot/feedback"
)

// utterance is one item of a test: who said what where, on which day.
type utterance struct {
	source, author, customer, title, body string
	day                                   int
}

func (u utterance) said(n int) feedback.Said {
	s := feedback.Said{ID: feedback.ItemID("acme", u.source, fmt.Sprint(n)), Source: u.source, Customer: u.customer, Title: u.title, Body: u.body,
		BodyHash: bodyHash(u.body), OccurredAt: testNow.AddDate(0, 0, u.day)}
	if u.author != "" {
		s.Author = personHash("acme", "id", u.author)
	}
	return s
}

// originals runs the judge until nothing is left to judge, in batches, as a store would, and gives for each utterance the
// place of its original, -1 for an original.
func originals(t *testing.T, all []feedback.Said, batch int) []int {
	t.Helper()
	byID := map[feedback.ID]int{}
	bands := map[int64][]int{}
	for i, s := range all {
		byID[s.ID] = i
	}
	var queue []int
	for i := range all {
		queue = append(queue, i)
	}
	for rounds := 0; len(queue) > 0; rounds++ {
		if rounds > 10*len(all) {
			t.Fatal("the judging does not end")
		}
		var waiting, near []feedback.Said
		taken := map[int]bool{}
		for _, i := range queue[:min(batch, len(queue))] {
			taken[i] = true
			waiting = append(waiting, all[i])
			for _, b := range Bands(&all[i]) {
				if !slices.Contains(bands[b], i) {
					bands[b] = append(bands[b], i)
				}
			}
		}
		queue = queue[min(batch, len(queue)):]
		seen := map[int]bool{}
		add := func(i int) {
			if !seen[i] && !taken[i] {
				seen[i] = true
				near = append(near, all[i])
			}
		}
		for i := range taken {
			for _, b := range Bands(&all[i]) {
				for _, k := range bands[b] {
					add(k)
					if at, ok := byID[all[k].Original]; ok {
						add(at)
					}
				}
			}
			for k := range all {
				if all[k].Original == all[i].ID {
					add(k)
				}
			}
		}
		judged, again := JudgeCopies(waiting, near)
		for _, j := range judged {
			all[byID[j.Item]].Original = j.Original
		}
		for _, id := range again {
			if !slices.Contains(queue, byID[id]) {
				queue = append(queue, byID[id])
			}
		}
	}
	out := make([]int, len(all))
	for i, s := range all {
		out[i] = -1
		if at, ok := byID[s.Original]; ok {
			out[i] = at
		}
	}
	return out
}

const review = "I have used this app for two years and the last update broke the route planner: it sends our drivers through the old town every morning."

func TestCopiesAreFoundAndCommonWordsAreNot(t *testing.T) {
	edited := strings.Replace(review, "every morning", "each morning", 1)
	for _, c := range []struct {
		name  string
		items []utterance
		want  []int
	}{
		{"the same review in two stores, a word changed", []utterance{{source: "app-store", author: "a", body: review}, {source: "play-store", author: "b", body: edited, day: 3}}, []int{-1, 0}},
		{"posted twice by one author, a word changed", []utterance{{source: "app-store", author: "a", body: review}, {source: "app-store", author: "a", body: edited, day: 1}}, []int{-1, 0}},
		{"a forwarded mail", []utterance{{source: "mail", author: "customer", body: review}, {source: "mail", author: "agent", title: "Fwd: Routes", body: "FYI, see below.\n\n" + review, day: 1}}, []int{-1, 0}},
		{"a copy of a copy is one of the original", []utterance{{source: "a", body: review}, {source: "b", body: edited, day: 1}, {source: "c", body: strings.ToUpper(edited), day: 2}}, []int{-1, 0, 0}},
		{"short and common words of different people", []utterance{{source: "app-store", author: "a", body: "Great app!"}, {source: "app-store", author: "b", body: "great app"}, {source: "play-store", author: "c", body: "Great app"}, {source: "play-store", body: "Great app"}}, []int{-1, -1, -1, -1}},
		{"short words that one author repeats", []utterance{{source: "app-store", author: "a", body: "Great app!"}, {source: "play-store", author: "a", body: "Great  app!", day: 2}}, []int{-1, 0}},
		{"short words that one customer repeats", []utterance{{source: "x", customer: "k", body: "It crashed again."}, {source: "y", customer: "k", body: "It crashed again.", day: 2}}, []int{-1, 0}},
		{"the same words of two customers", []utterance{{source: "x", customer: "k1", body: review}, {source: "y", customer: "k2", body: review, day: 1}}, []int{-1, -1}},
		{"a campaign: one place, two authors, the same words", []utterance{{source: "forum", author: "a", body: review}, {source: "forum", author: "b", body: review, day: 1}}, []int{-1, -1}},
		{"the same words after half a year", []utterance{{source: "x", author: "a", body: review}, {source: "x", author: "a", body: review, day: 180}}, []int{-1, -1}},
		{"another case of the same form", []utterance{{source: "bot", body: review + " Case 4711."}, {source: "bot", body: review + " Case 4712.", day: 1}}, []int{-1, -1}},
		{"the same topic in other words", []utterance{{source: "x", author: "a", body: review}, {source: "x", author: "a", body: "Since the update two weeks ago the planner for routes chooses streets in the old town, which costs our drivers half an hour each day.", day: 1}}, []int{-1, -1}},
	} {
		var all []feedback.Said
		for i, u := range c.items {
			all = append(all, u.said(i))
		}
		if got := originals(t, all, 100); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestSpamIsNoOriginalAndNoCopy(t *testing.T) {
	a, b := utterance{source: "x", body: review}.said(1), utterance{source: "y", body: review, day: 1}.said(2)
	a.Spam = true
	if got := originals(t, []feedback.Said{a, b}, 10); got[1] != -1 {
		t.Error("a copy of spam")
	}
}

// Whatever the order and the batches in which items come, the same ones count.
func TestJudgingDoesNotDependOnTheOrderInWhichFeedbackCame(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields(review)
	var all []feedback.Said
	for n := range 40 {
		body := slices.Clone(words)
		for range rng.IntN(4) {
			body[rng.IntN(len(body))] = string(rune('a' + rng.IntN(26)))
		}
		all = append(all, utterance{source: fmt.Sprint("s", n%7), body: strings.Join(body, " "), day: rng.IntN(200)}.said(n))
	}
	want := map[feedback.ID]feedback.ID{}
	for try := range 12 {
		items := slices.Clone(all)
		rng.Shuffle(len(items), func(i, k int) { items[i], items[k] = items[k], items[i] })
		got := originals(t, items, []int{1, 3, 100}[try%3])
		copies := 0
		for i := range items {
			var of feedback.ID
			if got[i] >= 0 {
				of = items[got[i]].ID
				copies++
			}
			if try == 0 {
				want[items[i].ID] = of
			} else if want[items[i].ID] != of {
				t.Fatalf("try %d: %s is a copy of %s, and was one of %s", try, items[i].ID, of, want[items[i].ID])
			}
		}
		if copies < 10 {
			t.Fatalf("only %d copies: the test says nothing", copies)
		}
	}
}

func TestBandsFindWhatIsAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	found, n := 0, 0
	for range 400 {
		words := make([]string, 30)
		for i := range words {
			words[i] = "w" + string(rune('a'+rng.IntN(26))) + string(rune('a'+rng.IntN(26)))
		}
		a := feedback.Said{Body: strings.Join(words, " ")}
		words[rng.IntN(30)] = "other"
		words[rng.IntN(30)] = "another"
		b := feedback.Said{Body: strings.Join(words, " ")}
		if likeness(pairsOf(a.Body).pairs, pairsOf(b.Body).pairs) < copyLikeness {
			continue
		}
		n++
		if slices.ContainsFunc(Bands(&a), func(x int64) bool { return slices.Contains(Bands(&b), x) }) {
			found++
		}
	}
	t.Logf("of %d pairs that share %.0f %% of their pairs of words or more, %d share a band", n, 100*copyLikeness, found)
	if n < 300 || found*100 < n*90 {
		t.Error("too few")
	}
}

func BenchmarkBands(b *testing.B) {
	s := feedback.Said{Body: review + " " + review}
	for b.Loop() {
		Bands(&s)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

func TestLikenessIsSymmetricAndWithinBounds(t *testing.T) {
	a, b := pairsOf(review).pairs, pairsOf("Please add a dark theme to the app").pairs
	if likeness(a, a) != 1 || likeness(a, b) != likeness(b, a) || likeness(nil, nil) != 0 || likeness(a, b) > 0.1 {
		t.Error(likeness(a, a), likeness(a, b), likeness(b, a))
	}
	if w := pairsOf("Great app!"); w.words != 2 || len(w.pairs) != 1 {
		t.Error(w)
	}
}
