package classify

import (
	"strings"

	"earshot/classify/internal/head"
)

// feature is one thing that the head weighs: words of the text, and where they stand.
type feature struct {
	id          uint32
	first, last int32 // its tokens, half open
	weight      int32 // what it counts, in halves: less before a but and more behind it
}

// What a feature counts, in halves: what stands before a but in its sentence, elsewhere, and behind a but.
const (
	conceded = 1
	evenly   = 2
	turned   = 3
)

// reach is how many words behind it a negation turns.
const reach = 4

// Numbers and sums of money are each one word to the head.
const (
	numberWord = "<num>"
	moneyWord  = "<money>"
)

var (
	anyNumber = head.HashWord([]byte(numberWord))
	anyMoney  = head.HashWord([]byte(moneyWord))
)

// negating holds the words that turn what follows, in the languages that have rules.
var negating = func() map[uint64]bool {
	set := map[uint64]bool{}
	for _, word := range strings.Fields(`not no never none nothing nobody neither nor without cant cannot dont doesnt didnt wont wouldnt
		couldnt shouldnt isnt arent wasnt werent hasnt havent hadnt aint hardly barely
		nicht kein keine keinen nie niemals ohne no nunca jamas sin ningun ninguna pas jamais aucun aucune sans rien`) {
		set[head.HashWord([]byte(word))] = true
	}
	return set
}()

// gather lists the features of a text. A word that the model does not know is cut into pieces; with no model none is.
func (r *reading) gather(m *head.Model) {
	r.features, r.hashes = r.features[:0], r.hashes[:0]
	negated := -1
	for i, t := range r.tokens {
		h := r.hash(t)
		r.hashes = append(r.hashes, h)
		first := int(r.sentences[t.sentence].first) == i
		if first || t.flags&opens != 0 {
			negated = -1
		}
		word := head.Feature(head.Word, h, 0)
		r.add(word, i, i+1)
		if m != nil && m.Find(word) == nil {
			r.pieces = head.Pieces(r.pieces[:0], r.folded(t))
			for _, id := range r.pieces {
				r.add(id, i, i+1)
			}
		}
		if negated >= 0 && i-negated <= reach {
			r.add(head.Feature(head.Negated, h, 0), i, i+1)
		}
		if negating[h] {
			negated = i
		}
		if !first {
			r.add(head.Feature(head.Pair, r.hashes[i-1], h), i-1, i+1)
		}
	}
	if len(r.hashes) > 0 {
		r.add(head.Feature(head.Opening, r.hashes[0], 0), 0, 1)
	}
	if len(r.hashes) > 1 {
		r.add(head.Feature(head.OpeningPair, r.hashes[0], r.hashes[1]), 0, 2)
	}
}

func (r *reading) add(id uint32, first, last int) {
	r.features = append(r.features, feature{id, int32(first), int32(last), r.weightAt(first)})
}

// weightAt gives what a feature that begins at a token counts.
func (r *reading) weightAt(at int) int32 {
	t := r.turn
	switch {
	case t.at < 0 || at < t.from || at >= t.to:
		return evenly
	case at < t.at:
		return conceded
	}
	return turned
}

func (r *reading) hash(t token) uint64 {
	if t.word == wordMoney {
		return anyMoney
	}
	if c := r.buf[t.low]; c >= '0' && c <= '9' {
		return anyNumber
	}
	return head.HashWord(r.folded(t))
}

// Cues are what the head weighs in a text. Its training reads them.
type Cues struct {
	Words    []string  // folded; every number is <num>, every sum of money <money>
	Features []Weighed // of its words and their neighbours
	Pieces   []Weighed // of its words' pieces
	Evidence []float64 // in the order of the head's
	Rules    string    // the language whose rules read it; where none did, the head does not judge it
}

// Weighed is a feature as package head numbers it, and how often it counts.
type Weighed struct {
	ID    uint32
	Times float64
}

// ReadCues gives what the head weighs in each text. It needs the rules alone, and no trained head.
func ReadCues(texts []string) ([]Cues, error) {
	l, err := readLexicon()
	if err != nil {
		return nil, err
	}
	l.seal()
	r := newReading(l)
	list := make([]Cues, len(texts))
	for i, text := range texts {
		r.read(l, text, Hint{})
		r.gather(nil)
		c := Cues{}
		if !r.mute() {
			c.Rules = languages[r.code].tag
		}
		for i, t := range r.tokens {
			switch word := r.folded(t); r.hashes[i] {
			case anyNumber:
				c.Words = append(c.Words, numberWord)
			case anyMoney:
				c.Words = append(c.Words, moneyWord)
			default:
				c.Words = append(c.Words, string(word))
				for _, id := range head.Pieces(nil, word) {
					c.Pieces = append(c.Pieces, Weighed{id, float64(r.weightAt(i)) / evenly})
				}
			}
		}
		for _, f := range r.features {
			c.Features = append(c.Features, Weighed{f.id, float64(f.weight) / evenly})
		}
		for _, v := range r.evidence {
			c.Evidence = append(c.Evidence, float64(v)/head.Whole)
		}
		list[i] = c
	}
	return list, nil
}
