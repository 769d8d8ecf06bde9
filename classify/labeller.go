package classify

import (
	"sync"

	"earshot/classify/internal/head"
	"earshot/feedback"
)

// Hint is what is known about a text besides its words. It breaks ties and speaks where the words are silent; words that
// are clear overrule it.
type Hint struct {
	Rating   *float64 // stars, 0 to 5
	Score    *float64 // a survey's score, 0 to 10
	Language string   // BCP 47, as the producer believes
}

// Labeller gives texts their labels by its lexicon and its trained head. The same text and hint give the same labels on every
// machine. It is safe for concurrent use.
type Labeller struct {
	lexicon *lexicon
	model   *head.Model
	scratch sync.Pool
}

// NewLabeller reads the lexicon and the head in the binary. It panics only when the binary was built with faulty ones.
func NewLabeller() *Labeller {
	l, err := readLexicon()
	if err != nil {
		panic(err)
	}
	l.seal()
	model, err := readModel(modelBytes)
	if err != nil {
		panic(err)
	}
	b := &Labeller{lexicon: l, model: model}
	b.scratch.New = func() any { return newReading(l) }
	return b
}

// Label gives the labels of a text. A text without words has neutral sentiment and kind other, unless the hint says more;
// a text in a language that the lexicon does not know gets what its emoji and the hint say. The sentiment is never NaN.
func (b *Labeller) Label(text string, hint Hint) feedback.Labels {
	r := b.scratch.Get().(*reading)
	defer b.scratch.Put(r)
	r.read(b.lexicon, text, hint)
	r.judge(b.model)
	return r.labels
}

// Explain gives the labels of a text with what raised them. Its labels are those of [Labeller.Label].
func (b *Labeller) Explain(text string, hint Hint) Explanation {
	r := b.scratch.Get().(*reading)
	defer b.scratch.Put(r)
	r.read(b.lexicon, text, hint)
	r.judge(b.model)
	return r.explain(b.model, text)
}

func newReading(l *lexicon) *reading {
	return &reading{lookup: func(word []byte) int32 { return l.numbers[string(word)] }}
}

// reading is one text as the rules see it. It is used again for the next text.
type reading struct {
	words
	lookup func([]byte) int32
	hits   []hit
	own    []bool // of each token: a rule has taken it

	labels            feedback.Labels
	positive          float64 // what speaks for a good sentiment, 0 or more
	negative          float64 // what speaks for a bad one, 0 or more
	kinds             [kindCount]float64
	urgent, churn     bool
	cosmetic          bool
	code              int // of the language whose rules read it, or unknown
	prior             float64
	wishes, questions int

	turn     turn
	hashes   []uint64 // of each token
	pieces   []uint32
	features []feature
	evidence []int32 // in the order of evidenceNames
	scores   head.Scores
	chances  [taskCount][6]int32
	mood     int // the sentiment's class
}

// turn is the last but of a text: the token at which it stands, -1 for none, and the tokens that it parts.
type turn struct{ from, at, to int }

// hit is one phrase that was found.
type hit struct {
	rule        *rule
	first, last int32   // its first token, and the one behind its last
	sentiment   float64 // what it came to
	severity    int8
	note        note
}

// note says what changed the weight of a hit.
type note uint16

const (
	noteNegated note = 1 << iota
	noteBoosted
	noteSoftened
	noteWished
	noteBeforeBut
	noteAfterBut
	noteAsked
	noteIronic
	notePolite
	noteResolved
)

func (r *reading) read(l *lexicon, text string, hint Hint) {
	r.hits, r.own = r.hits[:0], r.own[:0]
	r.positive, r.negative, r.kinds, r.prior = 0, 0, [kindCount]float64{}, 0
	r.urgent, r.churn, r.cosmetic, r.wishes, r.questions = false, false, false, 0, 0
	r.split(text, r.lookup)
	code, tag := l.language(&r.words, hint.Language)
	r.code = code
	rules := code
	if rules == unknown {
		rules = english
	}
	a := &l.automata[rules]
	a.resolve(&r.words)
	r.match(l, a)
	r.feel(hint)
	r.labels = feedback.Labels{Language: tag}
	r.weigh(text)
}

// match finds the phrases, the longest at each place first come; no word belongs to two.
func (r *reading) match(l *lexicon, a *automaton) {
	for range r.tokens {
		r.own = append(r.own, false)
	}
	for i := range r.tokens {
		if r.own[i] || r.tokens[i].word == wordUnknown || r.code == unknown && r.tokens[i].high-r.tokens[i].low > 4 {
			continue
		}
		m := l.find(a, r.tokens, i)
		if m.worth == 0 || l.rules[m.rule].opens && !r.opening(i) {
			continue
		}
		for k := range int(m.last) - i {
			if m.own&(1<<k) != 0 {
				r.own[i+k] = true
			}
		}
		r.hits = append(r.hits, hit{rule: &l.rules[m.rule], first: int32(i), last: m.last, severity: l.rules[m.rule].severity})
	}
}

// opening says whether token i begins a clause or stands in a question.
func (r *reading) opening(i int) bool {
	s := r.sentences[r.tokens[i].sentence]
	return s.question || int32(i) == s.first || r.tokens[i].flags&opens != 0
}
