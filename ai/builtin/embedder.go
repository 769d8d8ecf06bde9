package builtin

import (
	"context"
	"fmt"
	"math"
	"sync"

	"earshot/ai/builtin/internal/words"
	"earshot/feedback"
)

const (
	// Dimensions is the length of every vector.
	Dimensions = wordDims + hashedDims
	// MaxWords is how many words of a text count; what follows them is not read. Feedback is embedded in excerpts of a sentence
	// or a few, so only a text that is no feedback comes near.
	MaxWords = 2000
)

// version names what a vector is. It changes whenever any text may get another vector: with the asset and with the code.
const version = "1"

// The squares are the shares of the two parts in the similarity of two texts.
const pooledShare, hashedShare = 0.7416198, 0.6708204 // √0.55, √0.45

// Embedder turns texts into vectors. It is safe for concurrent use.
type Embedder struct {
	asset      asset
	vocabulary vocabulary
	lexicon    *words.Lexicon
	scratch    sync.Pool
}

// New loads the embedder from the asset in the binary. It returns an error only when the binary was built with an asset
// that does not belong to the code.
func New() (*Embedder, error) {
	lexicon, err := words.ReadLexicon(conceptText)
	if err != nil {
		return nil, fmt.Errorf("load built-in embedder: %w", err)
	}
	a, err := readAsset(assetBytes, conceptText)
	if err != nil {
		return nil, fmt.Errorf("load built-in embedder: %w", err)
	}
	v, err := newVocabulary(a.words, len(a.scales))
	if err != nil {
		return nil, fmt.Errorf("load built-in embedder: %w", err)
	}
	e := &Embedder{asset: a, vocabulary: v, lexicon: lexicon}
	e.scratch.New = func() any { return new(scratch) }
	return e, nil
}

// Model names the embedder and its version.
func (e *Embedder) Model() feedback.Model {
	return feedback.Model{Name: "builtin", Version: version, Dimensions: Dimensions}
}

// Embed returns one vector for each text, of unit length, or all zero for a text without any letter, digit or symbol.
// Texts need no preparation. Only a cancelled context makes it fail.
func (e *Embedder) Embed(ctx context.Context, texts []string) ([]feedback.Vector, error) {
	vectors := make([]feedback.Vector, len(texts))
	block := make([]float32, len(texts)*Dimensions)
	for i, text := range texts {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("embed texts: %w", context.Cause(ctx))
		}
		vectors[i] = block[i*Dimensions : (i+1)*Dimensions : (i+1)*Dimensions]
		e.EmbedInto(vectors[i], text)
	}
	return vectors, nil
}

// EmbedInto writes the vector of one text over dst, which must have Dimensions elements. It allocates nothing once its
// buffers have grown to the longest text.
func (e *Embedder) EmbedInto(dst feedback.Vector, text string) {
	if len(dst) != Dimensions {
		panic(fmt.Sprintf("builtin: vector of %d dimensions, not %d", len(dst), Dimensions))
	}
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	e.embed(dst, text, s)
}

func (e *Embedder) embed(dst feedback.Vector, text string, s *scratch) {
	clear(dst)
	s.list.Split(text, MaxWords)
	s.read(e)
	pooled, hashed := dst[:wordDims:wordDims], dst[wordDims:]
	for i := range s.words {
		e.addWord(pooled, hashed, s, i)
	}
	for i := range s.words {
		e.addConcepts(pooled, hashed, s, i)
	}
	scale(pooled, pooledShare)
	scale(hashed, hashedShare)
	feedback.Normalize(dst)
}

// addWord adds the word of an index, its pair with the one before, and its characters.
func (e *Embedder) addWord(pooled, hashed []float32, s *scratch, i int) {
	w := &s.words[i]
	if w.rank >= 0 {
		row := e.asset.rows[w.rank*wordDims:][:wordDims]
		factor := e.asset.scales[w.rank] * w.repeat
		for d, x := range row {
			// The conversion forbids a fused multiply-add, whose last bit differs between machines.
			pooled[d] += float32(factor * float32(int8(x)))
		}
	}
	addFeature(hashed, w.stem, kindWord, w.weight)
	if i > 0 {
		before := &s.words[i-1]
		addFeature(hashed, before.stem*3+w.stem, kindPair, (w.weight+before.weight)*(pairWeight/2))
	}
	if w.weight >= characterMinWeight {
		weight := w.weight * characterWeight
		if w.unknown {
			weight *= unknownCharacters
		}
		s.addCharacters(hashed, s.list.Word(i), weight)
	}
}

// addConcepts adds what the phrases that begin at the word of an index stand for, in both parts.
func (e *Embedder) addConcepts(pooled, hashed []float32, s *scratch, i int) {
	s.matches = e.lexicon.AppendMatches(s.matches[:0], s.stems[i:])
	for _, m := range s.matches {
		weight := float32(1 / math.Sqrt(float64(len(m.Concepts))))
		for _, c := range m.Concepts {
			addFeature(hashed, uint64(c), kindConcept, weight*conceptWeight)
			for d, x := range e.asset.concepts[int(c)*wordDims:][:wordDims] {
				pooled[d] += float32(weight * x)
			}
		}
	}
}

// scale sets the length of v, unless v is zero.
func scale(v []float32, length float32) {
	feedback.Normalize(v)
	for i := range v {
		v[i] *= length
	}
}
