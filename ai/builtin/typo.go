package builtin

import "earshot/ai/builtin/internal/words"

const (
	// A shorter word has too many neighbours, and a longer one is seldom a word.
	typoMinBytes, typoMaxBytes = 5, 20
	// typoRanks is how frequent a word must be that stands in for an unknown one.
	typoRanks = 30000
)

// correct returns the rank of the most frequent word at distance one from an unknown word (a letter too many, missing or
// wrong, or two turned round; the first letter stays, since people seldom miss it), or -1. The hashes of the candidates, 50
// for each letter, are computed from those of the word's beginnings, so that hardly any candidate has to be spelled.
func (v *vocabulary) correct(word []byte) int {
	n := len(word)
	if n < typoMinBytes || n > typoMaxBytes {
		return -1
	}
	var power, prefix [typoMaxBytes + 2]uint64 // Base^i; the hash of word[:i]
	power[0] = 1
	for i, c := range word {
		if c < 'a' || c > 'z' {
			return -1
		}
		power[i+1] = power[i] * words.Base
		prefix[i+1] = prefix[i]*words.Base + uint64(c)
	}
	whole := prefix[n]
	best := typoRanks
	var spelled [typoMaxBytes + 1]byte
	// try spells word[:at], the letters, word[next:], if that may be a word.
	try := func(hash uint64, at int, letters []byte, next int) {
		if !v.mayHave(hash) {
			return
		}
		s := append(append(append(spelled[:0], word[:at]...), letters...), word[next:]...)
		if rank := v.rank(s, hash); rank >= 0 {
			best = min(best, rank)
		}
	}
	var letters [2]byte
	for i := 1; i <= n; i++ {
		tail := whole - prefix[i]*power[n-i] // the hash of word[i:]
		for c := byte('a'); c <= 'z'; c++ {
			letters[0] = c
			try((prefix[i]*words.Base+uint64(c))*power[n-i]+tail, i, letters[:1], i)
		}
		if i == n {
			break
		}
		after := whole - prefix[i+1]*power[n-i-1] // the hash of word[i+1:]
		try(prefix[i]*power[n-i-1]+after, i, nil, i+1)
		for c := byte('a'); c <= 'z'; c++ {
			letters[0] = c
			try((prefix[i]*words.Base+uint64(c))*power[n-i-1]+after, i, letters[:1], i+1)
		}
		if i+1 < n {
			letters[0], letters[1] = word[i+1], word[i]
			turned := (prefix[i]*words.Base+uint64(word[i+1]))*words.Base + uint64(word[i])
			try(turned*power[n-i-2]+(whole-prefix[i+2]*power[n-i-2]), i, letters[:], i+2)
		}
	}
	if best == typoRanks {
		return -1
	}
	return best
}
