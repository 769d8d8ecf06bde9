package main

import (
	"math"

	"earshot/ai/builtin/internal/words"
	"earshot/internal/glove"
)

// All that is done here to the vectors is linear or concerns single words, so it is done once for each word and not for each
// text: the sum of transformed vectors is the transform of the sum.

const (
	commonComponents = 3
	outDims          = glove.Dims - commonComponents
	// whitening is the power to which the variances of the remaining directions are evened out: 0 leaves them, 1 evens them.
	whitening = 0.5
	// familyShare is how much of a word's vector is that of all words with its stem.
	familyShare = 0.8
	// narrowFloor is added to the scatter within concepts, relative to its mean, before it is divided by.
	narrowFloor = 0.5
)

// removeCommon turns the vectors to the principal directions of texts, removes the first few, which all texts share,
// and evens out the others.
func removeCommon(t *table) {
	values, directions := eigen(textMoment(t))
	apply(t, func(k int) (float64, []float64) {
		if k < commonComponents {
			return 0, directions[k]
		}
		return math.Pow(values[k], -whitening/2), directions[k]
	})
}

// textMoment is E[s sᵀ] of the pooled vector s of a text of textWords words that are drawn by their probability. It stands
// in for a corpus.
func textMoment(t *table) [][]float64 {
	const textWords = 12
	m := square(glove.Dims)
	mean := make([]float64, glove.Dims)
	var total float64
	for _, p := range t.probabilities {
		total += p
	}
	for k, row := range t.rows {
		p := t.probabilities[k] / total
		for i, x := range row {
			mean[i] += p * x
			for j, y := range row {
				m[i][j] += textWords * p * x * y
			}
		}
	}
	for i := range m {
		for j := range m[i] {
			m[i][j] += textWords * (textWords - 1) * mean[i] * mean[j]
		}
	}
	return m
}

// joinFamilies draws the words of one stem together. In the news "charged" is next to "convicted", in feedback to "charge".
func joinFamilies(t *table) {
	type family struct {
		sum    []float64
		weight float64
	}
	families := make(map[string]*family)
	stem := func(i int) string { return string(words.AppendStem(nil, []byte(t.words[i]))) }
	for i, row := range t.rows {
		f := families[stem(i)]
		if f == nil {
			f = &family{sum: make([]float64, len(row))}
			families[stem(i)] = f
		}
		w := math.Sqrt(t.probabilities[i])
		f.weight += w
		for d, x := range row {
			f.sum[d] += w * x
		}
	}
	for i, row := range t.rows {
		f := families[stem(i)]
		for d := range row {
			row[d] = (1-familyShare)*row[d] + familyShare*f.sum[d]/f.weight
		}
	}
}

// narrowConcepts shrinks the directions in which words of one concept differ (within-class covariance normalization, Hatch
// and others 2006). The directions that removeCommon emptied come last and are left out: outDims remain.
func narrowConcepts(t *table, lexicon *words.Lexicon) {
	scatter := square(glove.Dims)
	members := 0.0
	for _, rows := range conceptRows(t, lexicon) {
		if len(rows) < 2 {
			continue
		}
		mean := make([]float64, glove.Dims)
		unit := make([][]float64, len(rows))
		for k, row := range rows {
			unit[k] = normalized(row)
			for d, x := range unit[k] {
				mean[d] += x / float64(len(rows))
			}
		}
		for _, row := range unit {
			members++
			for i := range row {
				for j := range row {
					scatter[i][j] += (row[i] - mean[i]) * (row[j] - mean[j])
				}
			}
		}
	}
	values, directions := eigen(scatter)
	var mean float64
	for _, v := range values {
		mean += v / glove.Dims
	}
	apply(t, func(k int) (float64, []float64) {
		return 1 / math.Sqrt(values[k]/mean+narrowFloor), directions[k]
	})
	for i := range t.rows {
		t.rows[i] = t.rows[i][:outDims]
	}
}

// conceptRows returns the vectors of each concept's words.
func conceptRows(t *table, lexicon *words.Lexicon) [][][]float64 {
	index := make(map[string]int, len(t.words))
	for i, w := range t.words {
		index[w] = i
	}
	out := make([][][]float64, len(lexicon.Concepts))
	for c, concept := range lexicon.Concepts {
		for _, w := range concept.Words {
			if i, ok := index[w]; ok {
				out[c] = append(out[c], t.rows[i])
			}
		}
	}
	return out
}

// conceptVectors returns the mean of the vectors of each concept's words.
func conceptVectors(t *table, lexicon *words.Lexicon) [][]float64 {
	out := make([][]float64, len(lexicon.Concepts))
	for c, rows := range conceptRows(t, lexicon) {
		out[c] = make([]float64, outDims)
		for _, row := range rows {
			for d, x := range row {
				out[c][d] += x / float64(len(rows))
			}
		}
	}
	return out
}

// apply replaces each vector v by the scalar products of the scaled directions with v.
func apply(t *table, direction func(k int) (scale float64, v []float64)) {
	m := make([][]float64, glove.Dims)
	for k := range m {
		scale, v := direction(k)
		m[k] = make([]float64, glove.Dims)
		for d, x := range v {
			m[k][d] = scale * x
		}
	}
	for i, row := range t.rows {
		next := make([]float64, glove.Dims)
		for k := range next {
			next[k] = dot(m[k], row)
		}
		t.rows[i] = next
	}
}
