package classify

import (
	"slices"

	"earshot/feedback"
)

// Explanation is why a text has its labels.
type Explanation struct {
	Labels    feedback.Labels
	Urgent    bool                      // it cannot wait
	ChurnRisk bool                      // its writer speaks of leaving
	Kinds     map[feedback.Kind]float64 // what spoke for each kind, those with nothing left out
	Reasons   []Reason                  // in the order of the text
	Hint      float64                   // what rating and score say, -1 to 1; it counts only where the words do not
	Rules     string                    // the language whose rules read it; "" where none fits, and only emoji and hint count
	Truncated bool                      // it has more than MaxWords words, and only those were read
}

// Reason is one phrase that counted.
type Reason struct {
	Text      string // verbatim, Start to End
	Start     int    // bytes of the text
	End       int
	Rule      string  // the line of the lexicon, for instance en/problems.txt:12
	Sentiment float64 // what it came to; its sum over all reasons leads the sentiment
	Kinds     map[feedback.Kind]float64
	Severity  int
	Urgent    bool
	ChurnRisk bool
	Notes     []string // what changed its weight, for instance negated
}

var noteNames = [...]struct {
	note note
	name string
}{
	{noteNegated, "negated"}, {noteBoosted, "strengthened"}, {noteSoftened, "weakened"}, {noteWished, "wished for"},
	{noteBeforeBut, "before a but"}, {noteAfterBut, "after a but"}, {noteAsked, "in a question"}, {noteIronic, "ironic"},
	{notePolite, "polite"}, {noteResolved, "resolved"},
}

func (r *reading) explain(text string) Explanation {
	e := Explanation{Labels: r.labels, Urgent: r.urgent, ChurnRisk: r.churn, Kinds: map[feedback.Kind]float64{}, Hint: r.prior, Truncated: r.truncated}
	if r.code != unknown {
		e.Rules = languages[r.code].tag
	}
	for k, amount := range r.kinds {
		if amount != 0 {
			e.Kinds[feedback.Kinds[k]] = amount
		}
	}
	for _, h := range r.hits {
		start, end := int(r.tokens[h.first].start), int(r.tokens[h.last-1].end)
		reason := Reason{
			Text: text[start:end], Start: start, End: end, Rule: h.rule.line, Sentiment: h.sentiment,
			Severity: int(h.severity), Urgent: h.rule.urgent, ChurnRisk: h.rule.churn,
		}
		for k, amount := range h.rule.kinds {
			if amount != 0 {
				if reason.Kinds == nil {
					reason.Kinds = map[feedback.Kind]float64{}
				}
				reason.Kinds[feedback.Kinds[k]] = float64(amount)
			}
		}
		for _, n := range noteNames {
			if h.note&n.note != 0 {
				reason.Notes = append(reason.Notes, n.name)
			}
		}
		e.Reasons = append(e.Reasons, reason)
	}
	slices.SortStableFunc(e.Reasons, func(a, b Reason) int { return a.Start - b.Start })
	return e
}
