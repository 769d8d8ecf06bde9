package builtin

import (
	"unicode/utf8"

	"earshot/ai/builtin/internal/words"
)

const (
	hashedDims = 287
	// spread is in how many dimensions a feature appears, each with a sign: enough that two features seldom fall together.
	spread = 4
)

// The weights of the kinds of features, each times the weight of its words.
const (
	conceptWeight      = 1
	pairWeight         = 0.5
	characterWeight    = 0.35
	unknownCharacters  = 1.5  // more, for an unknown word's characters are all that it shares with its relatives
	characterMinWeight = 0.2  // words of less weight have no characters: nobody looks for them, and they make noise
	singleWeight       = 0.05 // of a letter or digit on its own
	numberWeight       = 0.5
)

// Kinds keep the features of one hash apart.
const (
	kindWord = iota + 1
	kindPair
	kindCharacters
	kindConcept
)

// addFeature adds one feature to the hashed part. Which dimensions and signs it has follows from its hash: a sparse random
// projection that needs no table.
func addFeature(dst []float32, hash, kind uint64, weight float32) {
	weight = float32(weight) // or a product in the caller could be fused with the additions
	h := words.Mix(hash*8 + kind)
	for range spread {
		at := (h & 0xfff) * hashedDims >> 12
		if h&0x1000 != 0 {
			dst[at] -= weight
		} else {
			dst[at] += weight
		}
		h >>= 13
	}
}

// addCharacters adds the character n-grams of a word between two marks of its ends: of three and four characters, or of one
// and two in the scripts that write a syllable or a word with one.
func (s *scratch) addCharacters(dst []float32, word []byte, weight float32) {
	s.padded = append(append(append(s.padded[:0], '<'), word...), '>')
	s.starts = s.starts[:0]
	for i := range s.padded {
		if utf8.RuneStart(s.padded[i]) {
			s.starts = append(s.starts, i)
		}
	}
	s.starts = append(s.starts, len(s.padded))
	shortest, longest := 3, 4
	if r, _ := utf8.DecodeRune(word); r >= 0x2E80 {
		shortest, longest = 1, 2
	}
	for n := shortest; n <= longest; n++ {
		for i := 0; i+n < len(s.starts); i++ {
			addFeature(dst, words.Hash(s.padded[s.starts[i]:s.starts[i+n]]), kindCharacters, weight)
		}
	}
}
