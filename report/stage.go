package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"earshot/feedback"
)

// Store is what the stage reads and writes.
type Store interface {
	// Snapshot gives the facts of the period and the one before it, from one consistent read: of all feedback, or of that of
	// one segment of customers.
	Snapshot(ctx context.Context, workspace string, period feedback.Period, segment string) (feedback.Snapshot, error)
	// SavePulse keeps a Pulse; one that is kept already is left as it is.
	SavePulse(ctx context.Context, pulse feedback.Pulse) error
	// Newest gives the occurred_at of the newest item, and NotFound when there is none.
	Newest(ctx context.Context, workspace string) (time.Time, error)
}

// Writer puts sentences into better words: a language model. It gives one sentence for each that it gets, in order. Each
// is verified like any other; the original stands where one does not verify, or where the Writer fails.
type Writer interface {
	Rewrite(ctx context.Context, sentences []string) ([]string, error)
}

// Config says what a Stage works with.
type Config struct {
	Store  Store
	Writer Writer           // optional; nil for the prose that the package writes itself
	Now    func() time.Time // for the time at which a Pulse is kept; it is no part of the document
	Made   feedback.Made    // what the program is, for the record in each snapshot
	Log    *slog.Logger     // optional; nothing is logged where it is nil
}

// Stage writes Pulses. It is safe for use by many goroutines.
type Stage struct {
	cfg Config
}

// New makes a stage. Its errors are Invalid: a Store and Now are needed.
func New(cfg Config) (*Stage, error) {
	if cfg.Store == nil || cfg.Now == nil {
		return nil, feedback.Errorf(feedback.Invalid, "a report needs a store and a clock")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Stage{cfg: cfg}, nil
}

// Write makes the Pulse of a workspace for a period (see [ParsePeriod]), of all feedback or of that of one segment of
// customers, keeps it and gives it. It fails with Invalid for
// a period that cannot be read, with NotFound when the period is relative and the workspace has no feedback, and with
// the store's own code otherwise.
func (s *Stage) Write(ctx context.Context, workspace, period, segment string) (*Document, error) {
	span, err := s.period(ctx, workspace, period)
	if err != nil {
		return nil, err
	}
	snapshot, err := s.cfg.Store.Snapshot(ctx, workspace, span, segment)
	if err != nil {
		return nil, fmt.Errorf("read the facts of the period: %w", err)
	}
	if snapshot.Origin != nil {
		snapshot.Origin.Made = s.cfg.Made
	}
	doc, err := s.document(ctx, snapshot)
	if err != nil {
		return nil, err
	}
	pulse, err := Keep(doc, s.cfg.Now())
	if err != nil {
		return nil, err
	}
	if err := s.cfg.Store.SavePulse(ctx, pulse); err != nil {
		return nil, fmt.Errorf("keep the pulse: %w", err)
	}
	s.cfg.Log.InfoContext(ctx, "pulse written", "workspace", workspace, "pulse", pulse.ID, "claims", doc.Verification.Claims,
		"withheld", len(doc.Verification.Withheld))
	return doc, nil
}

func (s *Stage) period(ctx context.Context, workspace, period string) (feedback.Period, error) {
	newest := time.Time{}
	if !absolute(period) {
		if _, err := ParsePeriod(period, s.cfg.Now()); err != nil {
			return feedback.Period{}, err // a typing error comes before an empty workspace
		}
		var err error
		if newest, err = s.cfg.Store.Newest(ctx, workspace); err != nil {
			return feedback.Period{}, fmt.Errorf("find the newest feedback: %w", err)
		}
	}
	return ParsePeriod(period, newest)
}

func (s *Stage) document(ctx context.Context, snapshot feedback.Snapshot) (*Document, error) {
	doc, err := Draft(snapshot)
	if err != nil || s.cfg.Writer == nil {
		return doc, err
	}
	sentences := []string{doc.Headline.String()}
	for _, c := range doc.Summary {
		sentences = append(sentences, c.String())
	}
	better, err := s.cfg.Writer.Rewrite(ctx, sentences)
	if err != nil || len(better) != len(sentences) {
		s.cfg.Log.WarnContext(ctx, "the pulse keeps its own words", "sentences", len(sentences), "got", len(better), "error", err)
		return doc, ctx.Err()
	}
	if err := adopt(doc, better); err != nil {
		return nil, err
	}
	return doc, nil
}

// Draft makes the document of a snapshot: a pure function of it. What of its prose does not verify is left out, and
// listed among the withheld. It takes the snapshot over, and puts its times into UTC and its absent lists into empty ones.
func Draft(snapshot feedback.Snapshot) (*Document, error) {
	tidy(&snapshot)
	hash, err := snapshotHash(&snapshot)
	if err != nil {
		return nil, err
	}
	f, err := newFacts(&snapshot)
	if err != nil {
		return nil, err
	}
	t := newTeller(f)
	doc := &Document{Schema: Schema, SnapshotHash: hash, Snapshot: snapshot, Statistics: *f.statistics,
		Summary: []Claim{}, Findings: []Finding{}, Verification: Verification{Withheld: []Problem{}}}
	holds := func(where string, c Claim) bool {
		errs := t.check(c)
		for _, err := range errs {
			doc.Verification.Withheld = append(doc.Verification.Withheld, Problem{Where: where, Text: clip(c.String(), 400), Why: err.Error()})
		}
		return len(errs) == 0
	}
	var verified []Finding
	for _, found := range find(t) {
		if holds("findings", found.Claim) {
			verified = append(verified, found)
		}
	}
	doc.Findings = append(doc.Findings, verified...)
	headlines, summary := compose(t, verified)
	for _, c := range headlines {
		if holds("headline", c) {
			doc.Headline = c
			break
		}
	}
	for _, c := range summary {
		if len(doc.Summary) < maxSummary && c.String() != doc.Headline.String() && holds("summary", c) {
			doc.Summary = append(doc.Summary, c)
		}
	}
	doc.Verification.count(doc)
	return doc, nil
}

// adopt takes the sentences of a Writer that verify.
func adopt(doc *Document, better []string) error {
	f, err := newFacts(&doc.Snapshot)
	if err != nil {
		return err
	}
	t := newTeller(f)
	take := func(where string, c *Claim, sentence string) {
		claim, err := reword(*c, sentence)
		if err == nil {
			if errs := t.check(claim); len(errs) > 0 {
				err = errs[0]
			}
		}
		if err != nil {
			doc.Verification.Withheld = append(doc.Verification.Withheld, Problem{Where: where, Text: clip(sentence, 400), Why: err.Error()})
			return
		}
		*c = claim
	}
	take("headline", &doc.Headline, better[0])
	for i := range doc.Summary {
		take(fmt.Sprintf("summary/%d", i), &doc.Summary[i], better[i+1])
	}
	doc.Verification.count(doc)
	return nil
}

func (v *Verification) count(doc *Document) {
	withheld := v.Withheld
	*v = Verification{Withheld: withheld}
	claims := doc.claims()
	v.Claims = len(claims)
	for _, c := range claims {
		for _, p := range c.Parts {
			switch p.Kind {
			case PartNumber:
				v.Numbers++
			case PartName:
				v.Names++
			case PartQuote:
				v.Quotes++
			case PartWord:
				v.Words++
			}
		}
	}
}

// Keep makes the Pulse of a document, as it is stored: the same document is the same Pulse, whenever it was made.
func Keep(doc *Document, now time.Time) (feedback.Pulse, error) {
	data, err := JSON(doc)
	if err != nil {
		return feedback.Pulse{}, err
	}
	hash := sha256.Sum256(data)
	return feedback.Pulse{ID: "P" + hex.EncodeToString(hash[:5]), Workspace: doc.Snapshot.Workspace, Segment: doc.Snapshot.Segment, Period: doc.Snapshot.Period,
		Hash: hash, Document: data, CreatedAt: now.UTC()}, nil
}

// tidy puts what a store may leave open into one form, so that equal facts have equal bytes: times in UTC, and lists that
// are empty and not absent.
func tidy(s *feedback.Snapshot) {
	for _, t := range []*time.Time{&s.Period.Start, &s.Period.End, &s.Previous.Start, &s.Previous.End, &s.Total.Oldest, &s.Total.Newest} {
		*t = t.UTC()
	}
	s.Themes, s.Clusters, s.Accounts = present(s.Themes), present(s.Clusters), present(s.Accounts)
	s.Shipped, s.Segments, s.Weeks, s.Sources = present(s.Shipped), present(s.Segments), present(s.Weeks), present(s.Sources)
	for i := range s.Weeks {
		s.Weeks[i] = s.Weeks[i].UTC()
	}
	for i := range s.Themes {
		s.Themes[i].Weekly, s.Themes[i].Clusters = present(s.Themes[i].Weekly), present(s.Themes[i].Clusters)
		kinds(&s.Themes[i].Now)
		kinds(&s.Themes[i].Before)
	}
	for i := range s.Clusters {
		c := &s.Clusters[i]
		c.FirstSeen = c.FirstSeen.UTC()
		c.Keywords, c.Weekly, c.Quotes = present(c.Keywords), present(c.Weekly), present(c.Quotes)
		kinds(&c.Now)
		kinds(&c.Before)
		if c.Segments == nil {
			c.Segments = map[string]int{}
		}
		if c.Link != nil {
			c.Link.ShippedAt = c.Link.ShippedAt.UTC()
		}
		for j := range c.Quotes {
			c.Quotes[j].OccurredAt = c.Quotes[j].OccurredAt.UTC()
		}
	}
	if s.Stake != nil {
		s.Stake.Clusters = present(s.Stake.Clusters)
	}
	if f := s.Forming; f != nil {
		f.Start, f.Recent, f.End = f.Start.UTC(), f.Recent.UTC(), f.End.UTC()
		for i := range f.Groups {
			g := &f.Groups[i]
			g.Keywords, g.Excerpts, g.Quotes = present(g.Keywords), present(g.Excerpts), present(g.Quotes)
			for j := range g.Quotes {
				g.Quotes[j].OccurredAt = g.Quotes[j].OccurredAt.UTC()
			}
		}
	}
	for i := range s.Accounts {
		s.Accounts[i].Clusters = present(s.Accounts[i].Clusters)
	}
	for i := range s.Shipped {
		s.Shipped[i].ShippedAt, s.Shipped[i].Clusters = s.Shipped[i].ShippedAt.UTC(), present(s.Shipped[i].Clusters)
	}
}

func kinds(c *feedback.Counts) {
	if c.Kinds == nil {
		c.Kinds = map[feedback.Kind]int{}
	}
}

func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
