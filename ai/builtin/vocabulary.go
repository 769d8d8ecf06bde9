package builtin

import (
	"bytes"
	"fmt"

	"earshot/ai/builtin/internal/words"
)

// vocabulary finds a word's rank without a Go map, whose building would cost more than all else at load: an
// open-addressing table of ranks, whose keys stay in the asset, behind a bit set that answers most misses.
type vocabulary struct {
	words   []byte   // by rank, each ends with a line feed
	start   []uint32 // where each word begins, and one more for the end
	slots   []uint32 // rank + 1, or 0 for an empty slot
	mask    uint64
	present []uint64 // a bit for each of 64·len values of a hash
}

func newVocabulary(list []byte, count int) (vocabulary, error) {
	size := 64
	for size < 2*count {
		size *= 2
	}
	v := vocabulary{
		words: list, start: make([]uint32, 1, count+1), slots: make([]uint32, size), mask: uint64(size - 1),
		present: make([]uint64, size/8), // eight bits for each slot: a miss is taken for a hit once in 16 times or less
	}
	for at := 0; at < len(list); {
		end := bytes.IndexByte(list[at:], '\n')
		if end < 0 {
			break
		}
		h := words.Mix(words.Hash(list[at : at+end]))
		v.present[h>>38%uint64(len(v.present))] |= 1 << (h >> 32 & 63)
		slot := h & v.mask
		for v.slots[slot] != 0 {
			slot = (slot + 1) & v.mask
		}
		v.slots[slot] = uint32(len(v.start))
		at += end + 1
		v.start = append(v.start, uint32(at))
	}
	if len(v.start) != count+1 {
		return vocabulary{}, fmt.Errorf("embedding asset lists %d words, not %d", len(v.start)-1, count)
	}
	return v, nil
}

// mayHave tells whether a word with this hash may be in the vocabulary.
func (v *vocabulary) mayHave(hash uint64) bool {
	h := words.Mix(hash)
	return v.present[h>>38%uint64(len(v.present))]>>(h>>32&63)&1 != 0
}

// rank returns the frequency rank of a lower-case word with this hash, 0 for the most frequent, or -1.
func (v *vocabulary) rank(word []byte, hash uint64) int {
	for slot := words.Mix(hash) & v.mask; v.slots[slot] != 0; slot = (slot + 1) & v.mask {
		rank := v.slots[slot] - 1
		if bytes.Equal(v.words[v.start[rank]:v.start[rank+1]-1], word) {
			return int(rank)
		}
	}
	return -1
}

// word returns the word of a rank.
func (v *vocabulary) word(rank int) []byte { return v.words[v.start[rank] : v.start[rank+1]-1] }
