package main

import (
	"slices"
	"strings"

	"earshot/classify"
	"earshot/classify/internal/head"
	"earshot/internal/glove"
)

// vocabulary is how many of the most frequent words have a meaning.
const vocabulary = 50000

// frequency is the constant of smooth inverse frequency (Arora, Liang and Ma 2017) under Zipf's law: frequent words say little.
const frequency = 1e-3

// blocks are the sorts of features whose words' vectors are summed, each into a block of its own.
var blocks = [...]head.Sort{head.Word}

// meanings holds the word vectors, less their mean.
type meanings struct {
	words []string // in the order of their frequency, contractions last
	rows  [][]float64
	of    [len(blocks)]map[uint32]int // a feature's row
}

// spelled says what stands for the words that the vectors' tokenizer cut or that are written short.
var spelled = map[string]string{
	"cant": "can not", "cannot": "can not", "wont": "will not", "dont": "do not", "doesnt": "does not", "didnt": "did not",
	"isnt": "is not", "aint": "is not", "arent": "are not", "wasnt": "was not", "werent": "were not", "hasnt": "has not",
	"havent": "have not", "hadnt": "had not", "wouldnt": "would not", "couldnt": "could not", "shouldnt": "should not",
	"im": "i am", "ive": "i have", "id": "i would", "youre": "you are", "youve": "you have", "youll": "you will",
	"theyre": "they are", "theyve": "they have", "theyll": "they will", "weve": "we have", "thats": "that is",
	"theres": "there is", "whats": "what is", "lets": "let us", "pls": "please", "plz": "please", "thx": "thanks",
	"ppl": "people", "u": "you", "ur": "your", "r": "are", "bc": "because", "cuz": "because",
}

func newMeanings(s glove.Vectors) *meanings {
	m := &meanings{}
	mean := make([]float64, glove.Dims)
	var weights []float64
	at := map[string]int{}
	for i, w := range s.Words {
		if len(m.words) == vocabulary {
			break
		}
		if !isWord(w) || spelled[w] != "" {
			continue
		}
		at[w] = len(m.words)
		m.words, m.rows = append(m.words, w), append(m.rows, slices.Clone(s.Rows[i]))
		weights = append(weights, frequency/(frequency+1/(float64(i)+2.7)/12))
		axpy(1, s.Rows[i], mean)
	}
	var short []string
	for w := range spelled {
		short = append(short, w)
	}
	slices.Sort(short)
	for _, w := range short {
		row := make([]float64, glove.Dims)
		for _, part := range strings.Fields(spelled[w]) {
			axpy(1, m.rows[at[part]], row)
		}
		m.words, m.rows = append(m.words, w), append(m.rows, row)
	}
	for i := range m.rows {
		axpy(-1/float64(vocabulary), mean, m.rows[i])
		if i < len(weights) {
			for d := range m.rows[i] {
				m.rows[i][d] *= weights[i]
			}
		}
	}
	for b, sort := range blocks {
		m.of[b] = make(map[uint32]int, len(m.words))
		for i, w := range m.words {
			m.of[b][head.Feature(sort, head.HashWord([]byte(w)), 0)] = i
		}
	}
	return m
}

// sum adds the vectors of a text's words.
func (m *meanings) sum(features []classify.Weighed) []float64 {
	out := make([]float64, len(blocks)*glove.Dims)
	for _, f := range features {
		for b := range blocks {
			if i, ok := m.of[b][f.ID]; ok {
				axpy(f.Times, m.rows[i], out[b*glove.Dims:(b+1)*glove.Dims])
			}
		}
	}
	return out
}

func isWord(w string) bool {
	for _, c := range w {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return w != ""
}
