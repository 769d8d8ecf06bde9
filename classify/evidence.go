package classify

import (
	"math"
	"slices"
	"strings"

	"earshot/classify/internal/head"
	"earshot/feedback"
)

// EvidenceNames says what each piece of evidence is, in the words of an explanation. Pieces of one name are the same thing
// at several strengths.
func EvidenceNames() []string { return slices.Clone(evidenceNames) }

// Emphasis on what is felt, which must never weaken it.
const (
	ExclaimedGood = "exclamation marks on good feeling"
	ExclaimedBad  = "exclamation marks on bad feeling"
)

// EvidenceOfBug is where the phrases of a bug stand among the evidence.
const EvidenceOfBug = 13

var evidenceNames = func() []string {
	list := []string{
		"phrases of good feeling", "phrases of good feeling", "phrases of bad feeling", "phrases of bad feeling",
		"more good feeling than bad", "more good feeling than bad", "more bad feeling than good", "more bad feeling than good",
		"the last feeling is good", "the last feeling is bad", "a but", "good feeling before a but", "bad feeling before a but",
	}
	for _, kind := range feedback.Kinds {
		name := "phrases of a " + string(kind)
		switch kind {
		case feedback.KindPraise:
			name = "phrases of praise"
		case feedback.KindOther:
			name = "phrases of small talk"
		}
		list = append(list, name, name)
	}
	return append(list,
		"a phrase of severity 1", "a phrase of severity 2", "a phrase of severity 3",
		"urgency", "talk of leaving", "a defect of looks", "irony", "a negation", "something solved", "a wish",
		"a question", "it opens with a question", "it ends with a question", "nothing but questions",
		"exclamation marks", ExclaimedGood, ExclaimedBad,
		"its length", "its length", "its length", "its length", "its length", "its length",
		"several sentences", "several sentences",
		"a shouted word", "all in capitals", "a stretched word", "an emoji", "a number", "a sum of money",
		"a handle", "a hashtag", "three dots", "quotation marks", "a small letter at the start",
		"a language other than English",
	)
}()

// weigh lists the evidence, in the order of evidenceNames and in parts of head.Whole: what the rules found, and the shape
// of the text.
func (r *reading) weigh(text string) {
	r.evidence = r.evidence[:0]
	d := r.positive - r.negative
	balance := d / math.Sqrt(float64(d*d)+saturation)
	r.put(r.positive, r.positive/4, r.negative, r.negative/4)
	r.put(max(0, balance), count(d > clearlyFelt), max(0, -balance), count(d < -clearlyFelt))
	last, before := 0.0, 0.0
	for _, h := range r.hits {
		if h.sentiment == 0 || h.rule.role == rolePolite || h.rule.faint() {
			continue
		}
		if h.note&noteBeforeBut != 0 {
			before = h.sentiment
		} else {
			last = h.sentiment
		}
	}
	r.put(max(0, last), max(0, -last), count(r.turn.at >= 0), max(0, before), max(0, -before))
	for _, v := range r.kinds {
		r.put(v, v/3)
	}
	gravest := int8(0)
	ironic, negated, resolved := false, false, false
	for _, h := range r.hits {
		if h.note&(noteNegated|noteResolved) == 0 {
			gravest = max(gravest, h.severity)
		}
		ironic = ironic || h.note&noteIronic != 0
		negated = negated || h.note&noteNegated != 0
		resolved = resolved || h.rule.role == roleResolved
	}
	r.put(count(gravest == 1), count(gravest == 2), count(gravest == 3))
	r.put(count(r.urgent), count(r.churn), count(r.cosmetic), count(ironic), count(negated), count(resolved), count(r.wishes > 0))
	r.shape(text, d)
}

// shape lists what can be seen of a text, whose feeling is known, without reading it.
func (r *reading) shape(text string, felt float64) {
	questions, exclaims := 0, int32(0)
	for _, s := range r.sentences {
		if s.question {
			questions++
		}
		exclaims += s.exclaims
	}
	n, words := len(r.sentences), len(r.tokens)
	r.put(count(questions > 0), count(n > 0 && r.sentences[0].question), count(n > 0 && r.sentences[n-1].question), count(n > 0 && questions == n))
	stress := float64(min(exclaims, 3)) / 3
	r.put(stress*count(felt == 0), stress*count(felt > 0), stress*count(felt < 0))
	r.put(math.Log2(float64(words+1))/8, count(words <= 2), count(words <= 5), count(words <= 10), count(words >= 20), count(words >= 40))
	r.put(count(n >= 2), count(n >= 4))
	r.put(count(r.capitals > 0 && r.capitals*2 <= r.longer), count(r.longer > 2 && r.capitals*2 > r.longer))
	drawn, emoji, number, money := false, false, false, false
	for _, t := range r.tokens {
		c := r.buf[t.low]
		drawn = drawn || t.flags&stretched != 0
		emoji = emoji || c >= 0x80 || c == ':' || c == ';' || c == '<' || c == '='
		number = number || c >= '0' && c <= '9'
		money = money || t.word == wordMoney
	}
	r.put(count(drawn), count(emoji), count(number), count(money))
	r.put(count(strings.Contains(text, "@")), count(strings.Contains(text, "#")),
		count(strings.Contains(text, "...") || strings.Contains(text, "…")), count(strings.ContainsAny(text, "\"“”")))
	r.put(count(len(text) > 0 && text[0] >= 'a' && text[0] <= 'z'))
	r.put(count(r.code > english))
}

// put adds pieces of evidence, each of at most 1 and at least -1.
func (r *reading) put(values ...float64) {
	for _, v := range values {
		r.evidence = append(r.evidence, int32(math.Round(head.Whole*max(-1, min(1, v)))))
	}
}

func count(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
