package builtin

import (
	"math"

	"earshot/ai/builtin/internal/words"
)

// scratch is what one text needs while it is embedded; it is used again for the next.
type scratch struct {
	list    words.List
	words   []word
	stems   []uint64 // the hash of each word's stem
	matches []words.Match
	counts  []count // an open-addressing table, at most half full
	stem    []byte
	padded  []byte // a word between two marks of its ends
	starts  []int  // of each character in padded
}

// word is what is known of one word of the text.
type word struct {
	stem    uint64  // hash of the stem, of the word that stands in for it if there is one
	rank    int     // in the vocabulary, or -1
	weight  float32 // in the hashed part
	repeat  float32 // less than 1 when the text has the word several times
	unknown bool    // not in the vocabulary as it is written
	slot    int     // in counts
}

type count struct {
	hash uint64
	n    int
}

// read looks up the words of s.list.
func (s *scratch) read(e *Embedder) {
	n := s.list.Len()
	s.words, s.stems = s.words[:0], s.stems[:0]
	s.clearCounts(n)
	for i := range n {
		text := s.list.Word(i)
		hash := words.Hash(text)
		w := e.look(s, text, hash)
		w.slot = s.count(hash)
		s.words = append(s.words, w)
		s.stems = append(s.stems, w.stem)
	}
	for i := range s.words {
		w := &s.words[i]
		// A word's n occurrences count as n^¾. Roots are exact on every machine, powers aren't.
		w.repeat = float32(1 / math.Sqrt(math.Sqrt(float64(s.counts[w.slot].n))))
		w.weight *= w.repeat
	}
}

// look finds a word in the vocabulary, or one that it may be a misspelling of.
func (e *Embedder) look(s *scratch, text []byte, hash uint64) word {
	s.stem = words.AppendStem(s.stem[:0], text)
	w := word{stem: words.Hash(s.stem), rank: e.vocabulary.rank(text, hash), weight: 1}
	if w.rank >= 0 {
		w.weight = e.asset.weights[w.rank]
		return w
	}
	w.unknown = true
	switch {
	case len(text) == 1:
		w.weight = singleWeight
	case text[0] >= '0' && text[0] <= '9':
		w.weight = numberWeight
	case !e.lexicon.Knows(w.stem):
		if w.rank = e.vocabulary.correct(text); w.rank >= 0 {
			s.stem = words.AppendStem(s.stem[:0], e.vocabulary.word(w.rank))
			w.stem = words.Hash(s.stem)
			w.weight = max(e.asset.weights[w.rank], correctedMinWeight)
		}
	}
	return w
}

// correctedMinWeight bounds the weight of a word that stands in for an unknown one, for that may be a name after all.
const correctedMinWeight = 0.3

func (s *scratch) clearCounts(words int) {
	size := 32
	for size < 2*words {
		size *= 2
	}
	if cap(s.counts) < size {
		s.counts = make([]count, size)
	}
	s.counts = s.counts[:size]
	clear(s.counts)
}

// count counts one more occurrence of a word and returns its slot.
func (s *scratch) count(hash uint64) int {
	mask := uint64(len(s.counts) - 1)
	slot := words.Mix(hash) & mask
	for s.counts[slot].n > 0 && s.counts[slot].hash != hash {
		slot = (slot + 1) & mask
	}
	s.counts[slot].hash = hash
	s.counts[slot].n++
	return int(slot)
}
