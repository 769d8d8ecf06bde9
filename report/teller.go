package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"earshot/feedback"
)

// teller makes the parts of sentences, each with its citations.
type teller struct {
	*facts
	year int // of the period's last day: its dates need no year
}

func newTeller(f *facts) *teller {
	return &teller{facts: f, year: lastYear(f.snapshot.Period)}
}

func lastYear(p feedback.Period) int { return p.End.AddDate(0, 0, -1).Year() }

func (t *teller) cites(paths []string) []Citation {
	cites := make([]Citation, len(paths))
	for i, p := range paths {
		cites[i] = t.cite(p)
	}
	return cites
}

func (t *teller) num(f Format, unit string, d Derivation, paths ...string) Part {
	p := Part{Kind: PartNumber, Format: f, Unit: unit, Derive: d, Cites: t.cites(paths)}
	if text, err := p.number(t.year); err == nil {
		p.Text = text
	}
	return p
}

// number writes a number part from the values that it cites.
func (p Part) number(year int) (string, error) {
	var x []float64
	for _, c := range p.Cites {
		v, ok := number(c.Value)
		if !ok {
			return "", fmt.Errorf("%s is no number", c.Path)
		}
		x = append(x, v)
	}
	v, ok := derive(p.Derive, x)
	if !ok {
		return "", fmt.Errorf("%q cannot be derived from %d facts", p.Derive, len(x))
	}
	text, ok := p.Format.write(v, p.Unit, year)
	if !ok {
		return "", fmt.Errorf("%q is no format", p.Format)
	}
	return text, nil
}

func (t *teller) word(text string, paths ...string) Part {
	return Part{Kind: PartWord, Text: text, Cites: t.cites(paths)}
}

// fitting gives the first of the candidates that holds for the facts.
func (t *teller) fitting(candidates []string, paths ...string) Part {
	var p Part
	for _, w := range candidates {
		if p = t.word(w, paths...); t.checkWord(p) == nil {
			break
		}
	}
	return p
}

func (t *teller) named(ref string) Part {
	name, _ := t.name(ref)
	return Part{Kind: PartName, Text: display(name, nameLimit), Ref: ref}
}

// subject is a cluster as sentences speak of it.
type subject struct {
	t     *teller
	i     int
	facts *feedback.ClusterFacts
	stats *ClusterStatistics
}

func (t *teller) cluster(i int) subject {
	return subject{t: t, i: i, facts: &t.snapshot.Clusters[i], stats: &t.statistics.Clusters[i]}
}

// index finds a cluster's place in the snapshot; -1 where it is not there.
func (t *teller) index(id feedback.ClusterID) int {
	for i := range t.snapshot.Clusters {
		if t.snapshot.Clusters[i].ID == id {
			return i
		}
	}
	return -1
}

func (c subject) fact(name string) string { return fmt.Sprintf("/snapshot/clusters/%d/%s", c.i, name) }
func (c subject) stat(name string) string {
	return fmt.Sprintf("/statistics/clusters/%d/%s", c.i, name)
}
func (c subject) name() Part        { return c.t.named(c.facts.ID.String()) }
func (c subject) items() Part       { return c.t.num(Count, "item", "", c.fact("now/items")) }
func (c subject) customers() Part   { return c.t.num(Count, "customer", "", c.fact("now/customers")) }
func (c subject) arr() Part         { return c.t.num(Money, "", "", c.fact("now/arr")) }
func (c subject) share() Part       { return c.t.num(Percent, "", "", c.stat("share")) }
func (c subject) shareBefore() Part { return c.t.num(Percent, "", "", c.stat("share_before")) }
func (c subject) negative() Part    { return c.t.num(Percent, "", "", c.stat("negative")) }
func (c subject) firstHeard() Part  { return c.t.num(Date, "", "", c.fact("first_seen")) }
func (c subject) moved(words []string) Part {
	return c.t.fitting(words, c.stat("share"), c.stat("share_before"))
}

// reach says who is behind a cluster: customers where they are known, and items always.
func (c subject) reach() []any {
	if c.facts.Now.Customers == 0 {
		return []any{c.items()}
	}
	return []any{c.items(), " from ", c.customers()}
}

// worth adds the revenue behind a cluster, where there is any.
func (c subject) worth(before, after string) []any {
	if c.facts.Now.ARR <= 0 {
		return nil
	}
	return []any{before, c.arr(), after}
}

// series cites some weeks of a cluster, added up.
func (c subject) weeks(from, to int) Part {
	var paths []string
	for w := from; w < to; w++ {
		paths = append(paths, c.fact(fmt.Sprintf("weekly/%d", w)))
	}
	return c.t.num(Count, "item", Sum, paths...)
}

func (c subject) evidence() []feedback.ID {
	ids := []feedback.ID{}
	for _, q := range c.facts.Quotes {
		ids = append(ids, q.Excerpt)
	}
	return ids
}

// quoteLimit is the most bytes of a quote within a sentence.
const quoteLimit = 170

// quote gives a telling quote of a cluster for the end of a sentence: a short one, or the whole sentences that begin a
// long one. ok is false where none is short enough: to cut a customer short in the middle is to put words in their mouth.
func (c subject) quote() (p Part, ok bool) { return shortQuote(c.facts.Quotes) }

func shortQuote(quotes []feedback.Quote) (p Part, ok bool) {
	for _, q := range quotes {
		if text, whole := opening(q.Text, quoteLimit); whole && !strings.ContainsFunc(text, unicode.IsControl) {
			return Part{Kind: PartQuote, Text: text, Excerpt: q.Excerpt.String()}, true
		}
	}
	return Part{}, false
}

// opening gives the whole sentences with which a text begins, as many as fit into limit bytes.
func opening(text string, limit int) (string, bool) {
	text = strings.TrimSpace(text)
	if len(text) <= limit {
		return text, text != ""
	}
	best := 0
	for i, r := range text {
		if i > limit {
			break
		}
		next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		if (r == '.' || r == '!' || r == '?') && i+1 >= 40 && i+1 <= limit && unicode.IsSpace(next) {
			best = i + 1
		}
	}
	return text[:best], best > 0
}

// say makes a claim of strings, parts and lists of either: it joins neighbouring text and ends the sentence.
func say(kind FindingKind, pieces ...any) Claim {
	claim := Claim{Kind: kind}
	var add func(pieces []any)
	add = func(pieces []any) {
		for _, piece := range pieces {
			switch v := piece.(type) {
			case string:
				if n := len(claim.Parts); n > 0 && claim.Parts[n-1].Kind == PartText {
					claim.Parts[n-1].Text += v
				} else if v != "" {
					claim.Parts = append(claim.Parts, Part{Kind: PartText, Text: v})
				}
			case Part:
				claim.Parts = append(claim.Parts, v)
			case []any:
				add(v)
			}
		}
	}
	add(pieces)
	if n := len(claim.Parts); n == 0 || claim.Parts[n-1].Kind != PartQuote {
		add([]any{"."})
	}
	claim.Parts[0].Text = capital(claim.Parts[0].Text)
	return claim
}

// capital writes the first letter large where the first word is all small: "iPad sync" stays as it is.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	word, _, _ := strings.Cut(s, " ")
	if word != strings.ToLower(word) {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}
