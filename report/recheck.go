package report

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"earshot/feedback"
)

// Evidence reads what a Pulse rests on, as it is now.
type Evidence interface {
	// Snapshot gives the facts of the period and the one before it, from one consistent read: of all feedback, or of that of
	// one segment of customers.
	Snapshot(ctx context.Context, workspace string, period feedback.Period, segment string) (feedback.Snapshot, error)
	// RecountForming counts the groups that a snapshot found forming again, by their excerpts, wherever those are now; nil
	// where nothing formed.
	RecountForming(ctx context.Context, snapshot feedback.Snapshot) (*feedback.FormingFacts, error)
	// Bodies gives the bodies of items; those that are gone are left out.
	Bodies(ctx context.Context, workspace string, items []feedback.ID) (map[feedback.ID]string, error)
}

// Recheck is what became of a Pulse's claims. Two questions are kept apart: whether the document is what was published,
// and whether the database still bears it out.
type Recheck struct {
	Pulse    string    `json:"pulse"`
	Erased   time.Time `json:"erased,omitzero"` // when words were taken out of the document on request: it is not the published one since, and not held against its hash
	Problems []Problem `json:"problems"`        // the document is not what was published, or does not bear itself out: none in a Pulse that nobody touched

	Facts   int       `json:"facts"`   // numbers and names that were counted again from the database
	Said    int       `json:"said"`    // of them, those that a sentence cites
	Changed []Recount `json:"changed"` // facts that come out otherwise now, those of sentences first

	Quotes int          `json:"quotes"` // that were looked up by their offsets
	Broken []QuoteFault `json:"broken"` // quotes that do not stand so any more

	RunThen int `json:"run_then"`
	RunNow  int `json:"run_now"`
}

// Recount is a fact that comes out otherwise now.
type Recount struct {
	Path string `json:"path"` // for instance clusters/C12/now/items
	Then any    `json:"then"` // nil where the fact is new
	Now  any    `json:"now"`  // nil where it is gone
	Said bool   `json:"said"` // a sentence of the Pulse cites it
}

// QuoteFault says what became of a quote.
type QuoteFault struct {
	Excerpt feedback.ID `json:"excerpt"`
	Item    feedback.ID `json:"item"`
	Fate    string      `json:"fate"` // "erased" or "edited"
	Said    bool        `json:"said"` // a sentence of the Pulse quotes it
}

// Holds says whether everything that the Pulse says still holds.
func (r *Recheck) Holds() bool {
	return len(r.Problems) == 0 && !slices.ContainsFunc(r.Changed, func(c Recount) bool { return c.Said }) &&
		!slices.ContainsFunc(r.Broken, func(q QuoteFault) bool { return q.Said })
}

// Check verifies a Pulse that was kept: that its document is the one that was published, that the document bears itself
// out ([Verify]), that every fact comes out the same from the database again, and that every quote stands in its item at
// its offsets. Its errors are those of the evidence, and Invalid for a document that cannot be read.
func Check(ctx context.Context, evidence Evidence, pulse feedback.Pulse) (*Recheck, error) {
	doc, err := ParseDocument(pulse.Document)
	if err != nil {
		return nil, err
	}
	r := &Recheck{Pulse: pulse.ID, Erased: pulse.ErasedAt, Problems: []Problem{}, Changed: []Recount{}, Broken: []QuoteFault{}, RunThen: doc.Snapshot.Run}
	if pulse.ErasedAt.IsZero() {
		r.Problems = Verify(doc)
		if sha256.Sum256(pulse.Document) != pulse.Hash {
			r.Problems = append(r.Problems, Problem{Where: "document", Why: "it has another hash than it was kept under"})
		}
	}
	fresh, err := evidence.Snapshot(ctx, pulse.Workspace, doc.Snapshot.Period, doc.Snapshot.Segment)
	if err != nil {
		return nil, fmt.Errorf("count the facts again: %w", err)
	}
	// What forms is looked for anew as feedback comes: it is counted again by what it was made of.
	if fresh.Forming, err = evidence.RecountForming(ctx, doc.Snapshot); err != nil {
		return nil, fmt.Errorf("count what formed again: %w", err)
	}
	tidy(&fresh)
	if doc.Snapshot.Stake == nil {
		fresh.Stake = nil // a Pulse of before they were added up lists every account
	}
	r.RunNow = fresh.Run
	if err := r.compare(doc, &fresh); err != nil {
		return nil, err
	}
	return r, r.lookUp(ctx, evidence, doc)
}

// compare counts again, what the snapshot says of feedback and what sentences say that follows from it.
func (r *Recheck) compare(doc *Document, fresh *feedback.Snapshot) error {
	then, err := newFacts(&doc.Snapshot)
	if err != nil {
		return err
	}
	now, err := newFacts(fresh)
	if err != nil {
		return err
	}
	old, pointers := then.leaves()
	current, _ := now.leaves()
	said := said(doc, pointers)
	all := maps.Clone(old)
	maps.Copy(all, current)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if !said[path] && !recounted(path) {
			continue
		}
		if _, was := old[path]; was {
			r.Facts++
			r.Said += truth(said[path])
		}
		if old[path] != current[path] {
			r.Changed = append(r.Changed, Recount{Path: strings.TrimPrefix(path, "snapshot/"), Then: old[path], Now: current[path], Said: said[path]})
		}
	}
	slices.SortStableFunc(r.Changed, func(a, b Recount) int { return truth(b.Said) - truth(a.Said) })
	return nil
}

// recounted says whether a fact is one that the database counts. What follows from such, what run made the topics, and
// the words that stand for them are not; quotes are looked up by their offsets.
func recounted(path string) bool {
	section, ok := strings.CutPrefix(path, "snapshot/")
	if !ok || strings.Contains(path, "/quotes/") || strings.Contains(path, "/keywords/") {
		return false
	}
	for _, other := range []string{"run", "model/", "origin/", "workspace", "period/", "previous/", "weeks/", "total/", "coverage/dead_letters"} {
		if strings.HasPrefix(section, other) {
			return false
		}
	}
	return true
}

// said gives the paths of the facts that sentences cite, and of the names that they use.
func said(doc *Document, pointers map[string]string) map[string]bool {
	paths := map[string]bool{}
	for _, c := range doc.claims() {
		for _, p := range c.Parts {
			for _, cite := range p.Cites {
				paths[pointers[cite.Path]] = true
			}
			if p.Kind == PartName {
				if id, ok := strings.CutPrefix(p.Ref, "forming:"); ok {
					paths["snapshot/forming/groups/"+formingRef(id)+"/name"] = true
				} else if _, err := feedback.ParseClusterID(p.Ref); err == nil {
					paths["snapshot/clusters/"+p.Ref+"/name"] = true
				}
			}
		}
	}
	delete(paths, "")
	return paths
}

// lookUp looks every quote up by its offsets.
func (r *Recheck) lookUp(ctx context.Context, evidence Evidence, doc *Document) error {
	quoted := map[string]bool{}
	for _, c := range doc.claims() {
		for _, p := range c.Parts {
			if p.Kind == PartQuote {
				quoted[p.Excerpt] = true
			}
		}
	}
	var quotes []feedback.Quote
	seen := map[feedback.ID]bool{}
	items := []feedback.ID{}
	for q := range doc.Snapshot.Quotes() {
		if !seen[q.Excerpt] {
			seen[q.Excerpt] = true
			quotes = append(quotes, q)
			items = append(items, q.Item)
		}
	}
	r.Quotes = len(quotes)
	if len(quotes) == 0 {
		return nil
	}
	bodies, err := evidence.Bodies(ctx, doc.Snapshot.Workspace, items)
	if err != nil {
		return fmt.Errorf("look the quotes up: %w", err)
	}
	for _, q := range quotes {
		fault := QuoteFault{Excerpt: q.Excerpt, Item: q.Item, Said: quoted[q.Excerpt.String()]}
		body, there := bodies[q.Item]
		switch {
		case !there || q.Text == Erased:
			fault.Fate = "erased"
		case q.Start < 0 || q.End > len(body) || q.Start > q.End || body[q.Start:q.End] != q.Text:
			fault.Fate = "edited"
		default:
			continue
		}
		r.Broken = append(r.Broken, fault)
	}
	slices.SortStableFunc(r.Broken, func(a, b QuoteFault) int { return truth(b.Said) - truth(a.Said) })
	return nil
}

// claims gives every sentence of the document.
func (doc *Document) claims() []Claim {
	claims := append([]Claim{doc.Headline}, doc.Summary...)
	for _, f := range doc.Findings {
		claims = append(claims, f.Claim)
	}
	return claims
}
