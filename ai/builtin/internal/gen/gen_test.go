package main

import (
	"math"
	"testing"

	"earshot/ai/builtin/internal/words"
	"earshot/internal/glove"
)

func TestEigen(t *testing.T) {
	values, vectors := eigen([][]float64{{2, 1, 0}, {1, 2, 0}, {0, 0, 5}})
	for k, want := range []float64{5, 3, 1} {
		if math.Abs(values[k]-want) > 1e-12 {
			t.Errorf("eigenvalue %d: got %v, want %v", k, values[k], want)
		}
		if length := dot(vectors[k], vectors[k]); math.Abs(length-1) > 1e-12 {
			t.Errorf("eigenvector %d has squared length %v", k, length)
		}
	}
	if v := vectors[1]; math.Abs(v[0]-v[1]) > 1e-12 || math.Abs(v[2]) > 1e-12 {
		t.Errorf("second eigenvector: %v", v)
	}
}

func TestWeighKeepsWordsAndLowersFrequentOnes(t *testing.T) {
	one := make([]float64, glove.Dims)
	one[0] = 1
	s := glove.Vectors{Words: []string{"the", ",", "not", "refund", "covid19", "invoice"}}
	for range s.Words {
		s.Rows = append(s.Rows, one)
	}
	got := weigh(s, 3)
	if len(got.words) != 3 || got.words[0] != "the" || got.words[1] != "not" || got.words[2] != "refund" {
		t.Fatalf("kept %q", got.words)
	}
	if !(got.rows[0][0] < got.rows[2][0] && got.weights[0] < got.weights[2]) {
		t.Errorf("%v and %v for a frequent word, %v and %v for a rare one", got.rows[0][0], got.weights[0], got.rows[2][0], got.weights[2])
	}
}

func TestFamiliesMoveTogether(t *testing.T) {
	some := &table{
		words: []string{"charge", "charged", "parcel"}, probabilities: []float64{0.01, 0.01, 0.01},
		rows: [][]float64{{1, 0}, {0, 1}, {0.5, 0.5}},
	}
	joinFamilies(some)
	if d := some.rows[0][0] - some.rows[1][0]; math.Abs(d-(1-familyShare)) > 1e-12 {
		t.Errorf("charge and charged are %v apart", d)
	}
	if math.Abs(some.rows[2][0]-0.5) > 1e-12 {
		t.Errorf("a word without relatives moved: %v", some.rows[2])
	}
}

func TestConceptVectorIsTheMeanOfItsWords(t *testing.T) {
	lexicon, err := words.ReadLexicon("refund: reimburse, money back, zorblax\n")
	if err != nil {
		t.Fatal(err)
	}
	a, b := make([]float64, outDims), make([]float64, outDims)
	a[0], b[1] = 1, 1
	v := conceptVectors(&table{words: []string{"refund", "reimburse"}, rows: [][]float64{a, b}}, lexicon)
	if v[0][0] != 0.5 || v[0][1] != 0.5 || len(v[0]) != outDims {
		t.Errorf("got %v", v[0][:2])
	}
}
