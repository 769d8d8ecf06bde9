package classify

import (
	"cmp"
	"math"
	"slices"

	"earshot/classify/internal/head"
	"earshot/feedback"
)

// Explanation is why a text has its labels.
type Explanation struct {
	Labels    feedback.Labels
	Sentiment Verdict
	Kind      Verdict
	Severity  Verdict
	Phrases   []Phrase // what the rules found, in the order of the text
	Hint      float64  // what rating and score say, -1 to 1; the clearer the words are, the less it counts
	Rules     string   // the language whose rules read it; "" where none fits, and only emoji and hint count
	Truncated bool     // it has more than MaxWords words, and only those were read
}

// Verdict is one label, and what spoke for it and against it.
type Verdict struct {
	Label   string             // negative, neutral or positive; a kind; or a severity
	Chance  float64            // the label's, 0 to 1
	Chances map[string]float64 // of every label of the task; they add up to 1
	Voices  []Voice            // the strongest first
}

// Voice is something that spoke for a label, or against it where its weight is negative.
type Voice struct {
	Text   string // words of the text, verbatim, or what the evidence is, for instance "a question"
	Start  int    // bytes of the text, or 0 and 0 where it has no place
	End    int
	Weight float64 // what it adds to the label's score beyond what it adds to the others' on average: logarithms of the odds
}

// Phrase is one phrase of the lexicon that was found.
type Phrase struct {
	Text      string // verbatim, Start to End
	Start     int    // bytes of the text
	End       int
	Rule      string  // the line of the lexicon, for instance en/problems.txt:12
	Sentiment float64 // what it came to
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

// faintest is the weight under which a voice is not worth its line.
const faintest = 0.02

func (r *reading) explain(m *head.Model, text string) Explanation {
	e := Explanation{Labels: r.labels, Phrases: r.phrases(text), Hint: r.prior, Truncated: r.truncated}
	if r.code != unknown {
		e.Rules = languages[r.code].tag
	}
	kinds := make([]string, len(feedback.Kinds))
	for i, k := range feedback.Kinds {
		kinds[i] = string(k)
	}
	e.Sentiment = r.verdict(m, text, taskSentiment, head.Sentiment, r.mood, []string{"negative", "neutral", "positive"})
	e.Kind = r.verdict(m, text, taskKind, head.Kind, slices.Index(kinds, string(r.labels.Kind)), kinds)
	e.Severity = r.verdict(m, text, taskSeverity, head.Severity, r.labels.Severity, []string{"0", "1", "2", "3"})
	return e
}

// verdict says what spoke for the label that a text has in a task whose outputs begin at from.
func (r *reading) verdict(m *head.Model, text string, task, from, label int, names []string) Verdict {
	v := Verdict{Label: names[label], Chances: map[string]float64{}}
	total := 0.0
	for i := range names {
		total += float64(r.chances[task][i])
	}
	for i, name := range names {
		v.Chances[name] = math.Round(1000*float64(r.chances[task][i])/total) / 1000
	}
	v.Chance = v.Chances[v.Label]
	if r.mute() {
		return v
	}
	spans, evidence := map[[2]int32]float64{}, map[string]float64{}
	for _, f := range r.features {
		if row := m.Find(f.id); row != nil {
			spans[[2]int32{f.first, f.last}] += beyond(label, len(names), func(k int) float64 {
				return float64(m.Share(f.weight*int32(row.Scores[from+k]), len(r.tokens))) / evenly
			})
		}
	}
	for i, amount := range r.evidence {
		if amount != 0 {
			evidence[evidenceNames[i]] += beyond(label, len(names), func(k int) float64 {
				return float64(amount) * float64(m.Evidence[i][from+k]) / head.Whole
			})
		}
	}
	for span, weight := range spans {
		start, end := int(r.tokens[span[0]].start), int(r.tokens[span[1]-1].end)
		v.Voices = append(v.Voices, Voice{Text: text[start:end], Start: start, End: end, Weight: weight})
	}
	for name, weight := range evidence {
		v.Voices = append(v.Voices, Voice{Text: name, Weight: weight})
	}
	v.Voices = slices.DeleteFunc(v.Voices, func(a Voice) bool { return math.Abs(a.Weight) < faintest })
	slices.SortFunc(v.Voices, func(a, b Voice) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End),
			cmp.Compare(a.Text, b.Text))
	})
	return v
}

// beyond gives what speaks for one class more than for all on average, in logarithms of the odds.
func beyond(class, classes int, score func(int) float64) float64 {
	mean := 0.0
	for k := range classes {
		mean += score(k)
	}
	return math.Round(100*(score(class)-mean/float64(classes))/head.One) / 100
}

func (r *reading) phrases(text string) []Phrase {
	var list []Phrase
	for _, h := range r.hits {
		start, end := int(r.tokens[h.first].start), int(r.tokens[h.last-1].end)
		p := Phrase{
			Text: text[start:end], Start: start, End: end, Rule: h.rule.line, Sentiment: h.sentiment,
			Severity: int(h.severity), Urgent: h.rule.urgent, ChurnRisk: h.rule.churn && h.note&noteNegated == 0,
		}
		for k, amount := range h.rule.kinds {
			if amount != 0 {
				if p.Kinds == nil {
					p.Kinds = map[feedback.Kind]float64{}
				}
				p.Kinds[feedback.Kinds[k]] = float64(amount)
			}
		}
		for _, n := range noteNames {
			if h.note&n.note != 0 {
				p.Notes = append(p.Notes, n.name)
			}
		}
		list = append(list, p)
	}
	slices.SortStableFunc(list, func(a, b Phrase) int { return a.Start - b.Start })
	return list
}
