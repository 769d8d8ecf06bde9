package head

// Sort is what a feature says of its words.
type Sort uint8

// The sorts of features.
const (
	Word        Sort = iota + 1 // a word stands in the text
	Negated                     // it stands within reach of a negation
	Pair                        // two words stand side by side in one sentence
	Opening                     // the text begins with the word
	OpeningPair                 // the text begins with the two words
	Piece                       // a run of characters stands in a word
)

// HashWord gives a word's number: the 64-bit FNV-1a of its folded form.
func HashWord(word []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range word {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// Feature gives the number of a feature of one word or piece (b is 0) or of two. Two features share a number by chance about
// once in four billion pairs.
func Feature(sort Sort, a, b uint64) uint32 {
	h := a*0x9e3779b97f4a7c15 ^ (b+uint64(sort))*0xc2b2ae3d27d4eb4f
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return uint32(h ^ h>>32)
}

// The pieces of a word are its runs of so many bytes, its start and end marked.
const (
	shortestPiece = 3
	longestPiece  = 5
	// LeastPieced is the length of the shortest word that has pieces.
	LeastPieced = 4
	// MostPieced is the length up to which a word's bytes are cut into pieces.
	MostPieced = 48
)

// Pieces appends the features of the pieces of a folded word. A word that is short or does not begin with a letter from a to
// z has none.
func Pieces(dst []uint32, word []byte) []uint32 {
	if len(word) < LeastPieced || word[0] < 'a' || word[0] > 'z' {
		return dst
	}
	var marked [MostPieced + 2]byte
	marked[0] = '<'
	n := 1 + copy(marked[1:1+MostPieced], word)
	marked[n] = '>'
	n++
	for from := range n {
		h := uint64(14695981039346656037)
		for to := from; to < min(from+longestPiece, n); to++ {
			h = (h ^ uint64(marked[to])) * 1099511628211
			if to-from+1 >= shortestPiece {
				dst = append(dst, Feature(Piece, h, 0))
			}
		}
	}
	return dst
}
