package words

// Base is the multiplier of the polynomial hash.
const Base uint64 = 0x9e3779b97f4a7c15

// Hash is a polynomial hash of the bytes. Go's own hashes are seeded anew in each process, and these values are part of what
// a vector is. A polynomial lets the hash of a word with one letter changed be computed without reading the word again.
// It isn't well mixed: use Mix before taking bits of it.
func Hash(b []byte) uint64 {
	var h uint64
	for _, c := range b {
		h = h*Base + uint64(c)
	}
	return h
}

// Mix is the finalizer of splitmix64: every bit of the result depends on every bit of h.
func Mix(h uint64) uint64 {
	h ^= h >> 30
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	return h ^ h>>31
}
