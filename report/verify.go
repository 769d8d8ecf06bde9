package report

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"earshot/feedback"
)

// Problem says what of a document does not hold.
type Problem struct {
	Where string `json:"where"` // "headline", "summary/2", "findings/7", "statistics"
	Text  string `json:"text"`  // the sentence or part that does not hold
	Why   string `json:"why"`
}

// Verify checks a document against its own snapshot, and gives everything that does not hold: the snapshot's hash, the
// statistics (computed again), and of every sentence each number (derived again and written again), each name (against
// its id), each quote (character by character against the stored text), and each comparing word (by its rule, against
// the numbers). Text between them may hold no digit, no quotation mark and no word that asserts a quantity or a cause.
func Verify(doc *Document) []Problem {
	f, err := newFacts(&doc.Snapshot)
	if err != nil {
		return []Problem{{Where: "snapshot", Why: err.Error()}}
	}
	problems := []Problem{}
	if hash, err := snapshotHash(&doc.Snapshot); err != nil || hash != doc.SnapshotHash {
		problems = append(problems, Problem{Where: "snapshot", Text: doc.SnapshotHash, Why: "the snapshot has another hash"})
	}
	if !sameJSON(doc.Statistics, f.statistics) {
		problems = append(problems, Problem{Where: "statistics", Why: "the snapshot gives other statistics"})
	}
	t := newTeller(f)
	check := func(where string, c Claim) {
		for _, err := range t.check(c) {
			problems = append(problems, Problem{Where: where, Text: clip(c.String(), 400), Why: err.Error()})
		}
	}
	borne := find(t)
	check("headline", doc.Headline)
	for i, c := range doc.Summary {
		check(fmt.Sprintf("summary/%d", i), c)
	}
	for i, found := range doc.Findings {
		where := fmt.Sprintf("findings/%d", i)
		check(where, found.Claim)
		for _, err := range t.checkFinding(found, borne) {
			problems = append(problems, Problem{Where: where, Text: string(found.Kind), Why: err.Error()})
		}
	}
	return problems
}

func sameJSON(a, b any) bool {
	x, err := canonical(a)
	y, err2 := canonical(b)
	return err == nil && err2 == nil && string(x) == string(y)
}

// checkFinding holds the numbers, subjects and evidence of a finding against the snapshot, and its certainty against
// what the facts bear.
func (t *teller) checkFinding(f Finding, borne []Finding) (errs []error) {
	for _, c := range f.Numbers {
		if err := t.checkCitation(c); err != nil {
			errs = append(errs, err)
		}
	}
	for _, ref := range f.Subjects {
		if _, ok := t.name(ref); !ok {
			errs = append(errs, fmt.Errorf("%q names nothing", ref))
		}
	}
	for _, id := range f.Evidence {
		if _, ok := t.excerpt(id.String()); !ok {
			errs = append(errs, fmt.Errorf("excerpt %s is not in the snapshot", id))
		}
	}
	i := slices.IndexFunc(borne, func(b Finding) bool { return b.Kind == f.Kind && slices.Equal(b.Subjects, f.Subjects) })
	switch {
	case i < 0:
		errs = append(errs, fmt.Errorf("the facts do not bear %s of %v", f.Kind, f.Subjects))
	case borne[i].Sure != f.Sure:
		errs = append(errs, fmt.Errorf("it is called sure: %v, and the tests say %v", f.Sure, borne[i].Sure))
	}
	return errs
}

// check gives all that does not hold of one sentence.
func (t *teller) check(c Claim) (errs []error) {
	if len(c.Parts) == 0 {
		return []error{errors.New("it says nothing")}
	}
	named := map[string]bool{}
	for _, p := range c.Parts {
		if p.Kind == PartName {
			named[p.Ref] = true
		}
	}
	for _, p := range c.Parts {
		if err := t.checkPart(p); err != nil {
			errs = append(errs, err)
		}
		// A number belongs to the one that the sentence names: else a name could be exchanged and every number stay right.
		for _, cite := range p.Cites {
			if e := t.entity(cite.Path); e != "" && !named[e] {
				errs = append(errs, fmt.Errorf("%q is a fact of %s, which the sentence does not name", p.Text, e))
				break
			}
		}
	}
	return errs
}

func (t *teller) checkPart(p Part) error {
	for _, c := range p.Cites {
		if err := t.checkCitation(c); err != nil {
			return err
		}
	}
	switch p.Kind {
	case PartText:
		return checkText(p.Text)
	case PartNumber:
		text, err := p.number(t.year)
		if err != nil {
			return fmt.Errorf("the number %q: %w", p.Text, err)
		}
		if p.Text != text && p.Text != capital(text) {
			return fmt.Errorf("the number reads %q, and the facts give %q", p.Text, text)
		}
	case PartName:
		name, ok := t.name(p.Ref)
		if shown := display(name, nameLimit); !ok || p.Text != shown && p.Text != capital(shown) {
			return fmt.Errorf("%q is not the name of %s", p.Text, p.Ref)
		}
	case PartQuote:
		q, ok := t.excerpt(p.Excerpt)
		if !ok {
			return fmt.Errorf("excerpt %q is not in the snapshot", p.Excerpt)
		}
		if p.Text == "" || !strings.Contains(q.Text, p.Text) {
			return fmt.Errorf("the quote does not stand so in excerpt %s", p.Excerpt)
		}
		if q.End-q.Start != len(q.Text) {
			return fmt.Errorf("the offsets of excerpt %s do not span its text", p.Excerpt)
		}
	case PartWord:
		return t.checkWord(p)
	default:
		return fmt.Errorf("%q is no kind of part", p.Kind)
	}
	return nil
}

func (t *teller) checkCitation(c Citation) error {
	v, err := t.at(c.Path)
	if err != nil {
		return err
	}
	x, ok := number(v)
	y, ok2 := number(c.Value)
	if reflect.DeepEqual(v, c.Value) || ok && ok2 && x == y {
		return nil
	}
	return fmt.Errorf("%s is cited as %v and is %v", c.Path, c.Value, v)
}

// checkWord applies the rule of a comparing word to what it cites.
func (t *teller) checkWord(p Part) error {
	text := strings.ToLower(p.Text)
	if text == largest {
		return t.checkLargest(p)
	}
	rule, ok := words[text]
	if !ok {
		return fmt.Errorf("%q is no word that can be checked", p.Text)
	}
	var x []float64
	for _, c := range p.Cites {
		v, ok := number(c.Value)
		if !ok {
			return fmt.Errorf("%s is no number", c.Path)
		}
		x = append(x, v)
	}
	if p.Derive == Sum { // two spans of equal length, one after the other
		half := len(x) / 2
		a, _ := derive(Sum, x[:half])
		b, _ := derive(Sum, x[half:])
		x = []float64{a, b}
	}
	if len(x) == 0 || !rule(x) {
		return fmt.Errorf("%q does not hold for %v", p.Text, x)
	}
	return nil
}

var lastIndex = regexp.MustCompile(`^(/snapshot/clusters/)\d+(/.+)$`)

// checkLargest holds a fact of one cluster against the same fact of every other.
func (t *teller) checkLargest(p Part) error {
	if len(p.Cites) != 1 {
		return fmt.Errorf("%q compares one fact", p.Text)
	}
	m := lastIndex.FindStringSubmatch(p.Cites[0].Path)
	own, ok := number(p.Cites[0].Value)
	if m == nil || !ok {
		return fmt.Errorf("%q cannot compare %s", p.Text, p.Cites[0].Path)
	}
	for i := range t.snapshot.Clusters {
		v, err := t.at(fmt.Sprintf("%s%d%s", m[1], i, m[2]))
		if x, _ := number(v); err != nil || x > own {
			return fmt.Errorf("%q does not hold: %s has %v", p.Text, t.snapshot.Clusters[i].ID, v)
		}
	}
	return nil
}

func (t *teller) excerpt(id string) (feedback.Quote, bool) {
	for q := range t.snapshot.Quotes() {
		if q.Excerpt.String() == id {
			return q, true
		}
	}
	return feedback.Quote{}, false
}

// checkText refuses text that asserts what only a number, a quote or a comparing word may assert.
func checkText(text string) error {
	rest := " " + strings.ToLower(text) + " "
	for _, phrase := range plain {
		rest = strings.ReplaceAll(rest, phrase, " ")
	}
	if strings.ContainsFunc(rest, unicode.IsNumber) {
		return fmt.Errorf("the text %q holds a number that nothing stands behind", text)
	}
	if strings.ContainsAny(rest, "\"“”„«»‘<>%") {
		return fmt.Errorf("the text %q holds a quotation or a sign that nothing stands behind", text)
	}
	fields := strings.FieldsFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' })
	if i := slices.IndexFunc(fields, func(w string) bool {
		return loaded[w] || strings.HasSuffix(w, "n't") || strings.HasSuffix(w, "n’t")
	}); i >= 0 {
		return fmt.Errorf("the text %q asserts %q, and nothing stands behind it", text, fields[i])
	}
	return nil
}
