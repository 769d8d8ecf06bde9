package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// packageDims is the length of the package's vectors.
const packageDims = 100

// source is what the package holds: words by falling frequency, with their vectors.
type source struct {
	words []string
	rows  [][]float64 // each of packageDims elements
}

// readPackage reads the JSON file of the npm package: an object whose "words" lists the words by frequency and whose
// "vectors" has for each word its vector, its length and its index. The file has 300 MB, so it is read as a stream.
func readPackage(path string) (source, error) {
	f, err := os.Open(path)
	if err != nil {
		return source{}, err
	}
	defer f.Close()
	dec := json.NewDecoder(bufio.NewReaderSize(f, 1<<20))
	if _, err := dec.Token(); err != nil {
		return source{}, err
	}
	var list []string
	vectors := make(map[string][]float64)
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return source{}, err
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
			return source{}, fmt.Errorf("%v: %w", key, err)
		}
	}
	s := source{words: list, rows: make([][]float64, len(list))}
	for i, w := range list {
		row := vectors[w]
		if len(row) < packageDims {
			return source{}, fmt.Errorf("word %q has %d dimensions, not %d", w, len(row), packageDims)
		}
		s.rows[i] = row[:packageDims]
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
