package main

import (
	"math"
	"strings"

	"earshot/internal/glove"
)

// table is the vocabulary that is kept, by falling frequency.
type table struct {
	words         []string
	probabilities []float64   // of each word under Zipf's law
	rows          [][]float64 // the weighted vectors, which the further steps transform in place
	weights       []float64   // of each word in the hashed part
}

// The constants a of smooth inverse frequency, a/(a+p) (Arora, Liang and Ma 2017), for the two parts. Exact words and
// characters need less of it: frequent words, too, tell fine intents apart.
const (
	pooledSIF = 5e-4
	hashedSIF = 4e-3
)

// Frequencies are those of news and encyclopedias, where the words with which customers frame what they say are rare. They
// say that something is asked or told, not what.
var (
	frameWords = set(`want wants wanted know please need needs help tell like would could can thanks thank hi hello hey dear
		possible wondering wonder let understand explain able me my you your am are is there any some have has been just really
		sure show going happen happened happening question trying try tried do does did get got the to of and in it this that
		for on with be was so as at if or by an`)
	questionWords = set(`how what why when where who which`)
	// Without these a text says the opposite.
	negations = set(`not no never cannot without nothing nobody none neither nor`)
)

const (
	frameFactor          = 0.5
	questionFactor       = 0.7
	negationFactor       = 2 // in the pooled part
	negationFactorHashed = 4
)

// weigh keeps the most frequent words made of the letters a to z and weighs their vectors.
func weigh(s glove.Vectors, keep int) *table {
	t := &table{}
	for rank, word := range s.Words {
		if len(t.words) == keep {
			break
		}
		if !isWord(word) {
			continue
		}
		p := zipf(rank, len(s.Words))
		pooled, hashed := pooledSIF/(pooledSIF+p), hashedSIF/(hashedSIF+p)
		switch {
		case frameWords[word]:
			pooled *= frameFactor
			hashed *= frameFactor
		case questionWords[word]:
			pooled *= questionFactor
			hashed *= questionFactor
		case negations[word]:
			pooled *= negationFactor
			hashed = min(1, hashed*negationFactorHashed)
		}
		row := make([]float64, glove.Dims)
		for d, x := range s.Rows[rank] {
			row[d] = x * pooled
		}
		t.words = append(t.words, word)
		t.probabilities = append(t.probabilities, p)
		t.rows = append(t.rows, row)
		t.weights = append(t.weights, hashed)
	}
	return t
}

// zipf is the probability of the word of a rank under Zipf's law with Mandelbrot's offset.
func zipf(rank, vocabulary int) float64 {
	const offset = 2.7
	h := math.Log(float64(vocabulary)+offset) - math.Log(offset)
	return 1 / ((float64(rank) + offset) * h)
}

func isWord(w string) bool {
	for _, c := range w {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return w != ""
}

func set(list string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}
