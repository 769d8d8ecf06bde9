package report

import (
	"context"
	"crypto/sha256"
	"strings"
	"testing"

	"earshot/feedback"
)

// archive is the evidence behind a Pulse: a snapshot that may have changed since, and the bodies of its items.
type archive struct {
	snapshot feedback.Snapshot
	bodies   map[feedback.ID]string
}

func (a *archive) Snapshot(context.Context, string, feedback.Period, string) (feedback.Snapshot, error) {
	return a.snapshot, nil
}

func (a *archive) RecountForming(_ context.Context, s feedback.Snapshot) (*feedback.FormingFacts, error) {
	if s.Forming == nil {
		return nil, nil
	}
	return a.snapshot.Forming, nil
}

func (a *archive) Bodies(context.Context, string, []feedback.ID) (map[feedback.ID]string, error) {
	return a.bodies, nil
}

// evidence is what fieldwork was read from.
func evidence() *archive {
	a := &archive{snapshot: fieldwork(), bodies: map[feedback.ID]string{}}
	for q := range a.snapshot.Quotes() {
		a.bodies[q.Item] = strings.Repeat("-", q.Start) + q.Text + " And more."
	}
	return a
}

func kept(t *testing.T) feedback.Pulse {
	t.Helper()
	p, err := Keep(draft(t, fieldwork()), noon)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func check(t *testing.T, a *archive, p feedback.Pulse) *Recheck {
	t.Helper()
	r, err := Check(t.Context(), a, p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAPulseWhoseEvidenceStandsHolds(t *testing.T) {
	r := check(t, evidence(), kept(t))
	if !r.Holds() || len(r.Changed)+len(r.Broken)+len(r.Problems) > 0 || r.Facts < 200 || r.Said < 40 || r.Quotes < 10 {
		t.Errorf("%+v", r)
	}
}

func TestCheckSaysWhatNoLongerHolds(t *testing.T) {
	first := fieldwork().Clusters[0]
	tests := map[string]struct {
		change func(a *archive, p *feedback.Pulse)
		holds  bool
		says   func(r *Recheck) bool
	}{
		"a number that a sentence says": {func(a *archive, _ *feedback.Pulse) { a.snapshot.Clusters[0].Now.Items-- }, false,
			func(r *Recheck) bool {
				c := r.Changed[0]
				return c.Path == "clusters/C1/now/items" && c.Said && c.Then == 41.0 && c.Now == 40.0
			}},
		"a number that none says": {func(a *archive, _ *feedback.Pulse) { a.snapshot.Accounts[5].Items++ }, true,
			func(r *Recheck) bool { return r.Changed[0].Path == "accounts/account:c090/items" && !r.Changed[0].Said }},
		"a week of a series that a sentence adds up": {func(a *archive, _ *feedback.Pulse) { a.snapshot.Clusters[2].Weekly[11]-- }, false,
			func(r *Recheck) bool { return r.Changed[0].Path == "clusters/C3/weekly/11" }},
		"an item of what forms": {func(a *archive, _ *feedback.Pulse) { a.snapshot.Forming.Groups[0].Now-- }, false,
			func(r *Recheck) bool {
				return strings.HasPrefix(r.Changed[0].Path, "forming/groups/forming:G") && r.Changed[0].Said
			}},
		"what forms is gone": {func(a *archive, _ *feedback.Pulse) { a.snapshot.Forming = nil }, false,
			func(r *Recheck) bool { return strings.HasPrefix(r.Changed[0].Path, "forming/") }},
		"a quote of what forms that was edited": {func(a *archive, _ *feedback.Pulse) {
			a.bodies[a.snapshot.Forming.Groups[0].Quotes[0].Item] = "---something else"
		}, false, func(r *Recheck) bool { return len(r.Broken) == 1 && r.Broken[0].Said }},
		"a topic that is gone": {func(a *archive, _ *feedback.Pulse) { a.snapshot.Clusters = a.snapshot.Clusters[1:] }, false,
			func(r *Recheck) bool {
				return strings.HasPrefix(r.Changed[0].Path, "clusters/C1/") && r.Changed[0].Now == nil
			}},
		"a topic that stands elsewhere in the list": {func(a *archive, _ *feedback.Pulse) {
			a.snapshot.Clusters[9], a.snapshot.Clusters[10] = a.snapshot.Clusters[10], a.snapshot.Clusters[9]
		}, true, func(r *Recheck) bool { return len(r.Changed) == 0 }},
		"a topic with another name": {func(a *archive, _ *feedback.Pulse) { a.snapshot.Clusters[0].Name = "ghosts" }, false,
			func(r *Recheck) bool { return r.Changed[0].Path == "clusters/C1/name" }},
		"an item that was erased": {func(a *archive, _ *feedback.Pulse) { delete(a.bodies, first.Quotes[0].Item) }, true,
			func(r *Recheck) bool { return len(r.Broken) == 1 && r.Broken[0].Fate == "erased" }},
		"an item that was edited": {func(a *archive, _ *feedback.Pulse) { a.bodies[first.Quotes[1].Item] = "---something else" }, true,
			func(r *Recheck) bool { return len(r.Broken) == 1 && r.Broken[0].Fate == "edited" }},
		"another run": {func(a *archive, _ *feedback.Pulse) { a.snapshot.Run = 9 }, true,
			func(r *Recheck) bool { return r.RunThen == 7 && r.RunNow == 9 && len(r.Changed) == 0 }},
		"a document under another hash": {func(_ *archive, p *feedback.Pulse) { p.Hash = sha256.Sum256(nil) }, false,
			func(r *Recheck) bool { return r.Problems[len(r.Problems)-1].Where == "document" }},
		"a document that was changed": {func(_ *archive, p *feedback.Pulse) {
			p.Document = []byte(strings.Replace(string(p.Document), `"text": "41 items"`, `"text": "51 items"`, 1))
			p.Hash = sha256.Sum256(p.Document)
		}, false, func(r *Recheck) bool { return len(r.Problems) > 0 }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, p := evidence(), kept(t)
			test.change(a, &p)
			r := check(t, a, p)
			if r.Holds() != test.holds || !test.says(r) {
				t.Errorf("holds %v: %+v", r.Holds(), r)
			}
		})
	}
}

func TestAQuoteInASentenceThatWasErasedNoLongerHolds(t *testing.T) {
	a, p := evidence(), kept(t)
	doc := draft(t, fieldwork())
	for _, c := range doc.claims() {
		for _, part := range c.Parts {
			if part.Kind != PartQuote {
				continue
			}
			for q := range a.snapshot.Quotes() {
				if q.Excerpt.String() == part.Excerpt {
					delete(a.bodies, q.Item)
				}
			}
			if r := check(t, a, p); r.Holds() || !r.Broken[0].Said {
				t.Errorf("%+v", r.Broken)
			}
			return
		}
	}
	t.Fatal("no sentence quotes anybody")
}

func TestDiffComparesTopicsByTheirIds(t *testing.T) {
	from, to := draft(t, fieldwork()), fieldwork()
	to.Clusters[0].Name, to.Clusters[0].Now.Items = "ghost bookings", 20
	to.Clusters = append(to.Clusters[:9:9], to.Clusters[10:]...)
	d := Diff(from, draft(t, to))
	byID := map[string]TopicDifference{}
	for _, topic := range d.Topics {
		byID[topic.Cluster.String()] = topic
	}
	if c := byID["C1"]; c.ItemsFrom != 41 || c.ItemsTo != 20 || c.NameBefore != "calendar entries twice" || c.Name != "ghost bookings" {
		t.Errorf("%+v", c)
	}
	if !byID["C10"].Vanished || byID["C11"].Vanished || byID["C3"].ItemsFrom != byID["C3"].ItemsTo {
		t.Errorf("%+v", d.Topics)
	}
	if len(d.Gone) == 0 || len(d.New) == 0 {
		t.Error("the sentences are the same")
	}
	same := Diff(from, from)
	if len(same.Gone)+len(same.New) > 0 || same.Topics[0].ShareFrom != same.Topics[0].ShareTo {
		t.Errorf("a Pulse differs from itself: %+v", same)
	}
}

func TestAPulseThatWordsWereErasedFromIsNotHeldAgainstItsHash(t *testing.T) {
	p := kept(t)
	doc, err := ParseDocument(p.Document)
	if err != nil {
		t.Fatal(err)
	}
	quote := doc.Snapshot.Clusters[0].Quotes[0]
	document, _, err := Erase(p.Document, feedback.Gone{Excerpts: map[feedback.ID]bool{quote.Excerpt: true}, Texts: []string{quote.Text}})
	if err != nil {
		t.Fatal(err)
	}
	p.Document = document
	if r := check(t, evidence(), p); len(r.Problems) == 0 {
		t.Error("a document that was tampered with passes")
	}
	p.ErasedAt = noon
	if r := check(t, evidence(), p); len(r.Problems) > 0 || len(r.Broken) != 1 || r.Broken[0].Fate != "erased" || r.Erased.IsZero() {
		t.Errorf("%+v", r)
	}
}
