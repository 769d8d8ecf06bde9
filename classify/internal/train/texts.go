package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"earshot/classify"
)

var tasks = [...]string{"sentiment", "kind", "severity"}

// classes lists the labels of each task in the order of the head's outputs.
var classes = [...][]string{
	{"negative", "neutral", "positive"},
	{"bug", "request", "complaint", "praise", "question", "other"},
	{"0", "1", "2", "3"},
}

// workWriter is the writer of the working part. The lexicon was made with it in sight.
const workWriter = "labels_work"

// text is one labelled text.
type text struct {
	words  string
	labels [len(tasks)]int // into classes
	writer string
}

// example is a text as the fit sees it.
type example struct {
	text
	cues    classify.Cues
	meaning []float64 // the sums of its words' vectors, a block after another
}

// readAll reads every writer's file and the working part. A text that several writers wrote ("ok") is kept once, so that
// none stands on both sides of a test.
func readAll(folder, work string) ([]text, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil {
		return nil, err
	}
	if len(files) < 2 {
		return nil, fmt.Errorf("%s has no texts of two writers", folder)
	}
	slices.Sort(files)
	var all []text
	seen := map[string]bool{}
	for _, file := range append(files, work) {
		list, err := readTexts(file)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			key := strings.Join(strings.Fields(strings.ToLower(t.words)), " ")
			if !seen[key] {
				seen[key] = true
				all = append(all, t)
			}
		}
	}
	return all, nil
}

// readTexts reads a file of labelled texts with the columns text, sentiment, kind and severity.
func readTexts(path string) ([]text, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(rows) < 2 || !slices.Equal(rows[0][:min(4, len(rows[0]))], append([]string{"text"}, tasks[:]...)) {
		return nil, fmt.Errorf("%s: its columns are not text, sentiment, kind and severity", path)
	}
	writer := strings.TrimSuffix(filepath.Base(path), ".csv")
	var list []text
	for n, row := range rows[1:] {
		t := text{words: row[0], writer: writer}
		for k, name := range tasks {
			t.labels[k] = slices.Index(classes[k], row[k+1])
			if t.labels[k] < 0 {
				return nil, fmt.Errorf("%s: row %d: %q is no %s", path, n+2, row[k+1], name)
			}
		}
		list = append(list, t)
	}
	return list, nil
}

// prepare reads the cues of the texts and sums the meanings of their words.
func prepare(texts []text, m *meanings) ([]example, error) {
	words := make([]string, len(texts))
	for i, t := range texts {
		words[i] = t.words
	}
	cues, err := classify.ReadCues(words)
	if err != nil {
		return nil, err
	}
	var list []example
	for i, t := range texts {
		if cues[i].Rules == "" {
			continue // the head never judges such a text
		}
		list = append(list, example{text: t, cues: cues[i], meaning: m.sum(cues[i].Features)})
	}
	return list, nil
}
