package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// readRows gives the rows of a CSV file below its header.
func readRows(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s is empty", path)
	}
	return rows[1:], nil
}

func writeRows(path string, header []string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	err = w.WriteAll(append([][]string{header}, rows...))
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// bankingSets writes Banking77 whole, and its classes as features that are known by their names alone.
func (p *place) bankingSets() error {
	train, err := readRows(p.public("banking77", "train.csv"))
	if err != nil {
		return err
	}
	test, err := readRows(p.public("banking77", "test.csv"))
	if err != nil {
		return err
	}
	all := slices.Concat(test, train)
	header := []string{"text", "category"}
	if err := writeRows(p.made("all.csv"), header, all); err != nil {
		return err
	}
	var classes []string
	for _, row := range all {
		classes = append(classes, row[1])
	}
	slices.Sort(classes)
	classes = slices.Compact(classes)
	var features [][]string
	for _, c := range classes {
		features = append(features, []string{c, strings.ReplaceAll(c, "_", " ")})
	}
	if err := writeRows(p.made("features.csv"), []string{"id", "name"}, features); err != nil {
		return err
	}
	return nil
}

// subset is a part of Banking77: so many rows, by chance, of some of its classes.
type subset struct {
	file    string
	classes int
	seed    uint64
	dev     bool // one of those to work with
}

// subsets writes parts of Banking77 of all sizes, each with other classes: rows and classes are drawn evenly from 500 to
// all of them and from 20 to all, on a scale of ratios. Those of the first seeds are to work with, the others to be left
// alone: clusters were learnt to be counted on other random parts of the same set.
func (p *place) subsets() ([]subset, error) {
	var all [][]string
	for _, name := range []string{"test.csv", "train.csv"} {
		rows, err := readRows(p.public("banking77", name))
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	byClass := make(map[string][][]string)
	for _, row := range all {
		byClass[row[1]] = append(byClass[row[1]], row)
	}
	var out []subset
	for seed := range uint64(48) {
		drawn := partOf(byClass, 20, 500, seed)
		s := subset{file: p.made(fmt.Sprintf("subset-%d.csv", seed)), classes: drawn.classes, seed: seed, dev: seed < developed}
		if err := writeRows(s.file, []string{"text", "category"}, drawn.rows); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// developed is how many of the first seeds are to work with.
const developed = 8

// wholeSet writes Banking77 whole, each message as one point.
func (p *place) wholeSet() error {
	var all [][]string
	for _, name := range []string{"test.csv", "train.csv"} {
		rows, err := readRows(p.public("banking77", name))
		if err != nil {
			return err
		}
		for _, row := range rows {
			all = append(all, []string{row[0], "1"})
		}
	}
	return writeRows(p.made("whole.csv"), []string{"text", "points"}, all)
}

// nluSet writes all messages of one domain of NLU++ into one file.
func (p *place) nluSet(domain string) error {
	paths, err := filepath.Glob(p.public("nlupp", domain+"_fold*.json"))
	if err != nil || len(paths) == 0 {
		return fmt.Errorf("no messages of NLU++ about %s", domain)
	}
	var rows [][]string
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var messages []struct{ Text string }
		if err := json.Unmarshal(raw, &messages); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, m := range messages {
			rows = append(rows, []string{m.Text})
		}
	}
	return writeRows(p.made(domain+".csv"), []string{"text"}, rows)
}

// notTopics are the truths of the sample workspace that are about no topic.
var notTopics = []string{"spam", "smalltalk", "misc"}

// sampleSets writes the items of the sample workspace with their truth: those of one topic (sample.csv), and all with the
// number of points that they make (points.csv).
func (p *place) sampleSets() error {
	truth, err := readRows("demo/testdata/truth.csv")
	if err != nil {
		return err
	}
	links, err := readRows("demo/testdata/topic_features.csv")
	if err != nil {
		return err
	}
	feature := make(map[string]string)
	for _, l := range links {
		feature[l[0]] = l[1]
		if l[1] == "" {
			feature[l[0]] = "none"
		}
	}
	byItem := make(map[string][][]string)
	for _, row := range truth {
		key := row[0] + " " + row[1]
		byItem[key] = append(byItem[key], row)
	}
	f, err := os.Open("demo/sample/items.jsonl")
	if err != nil {
		return err
	}
	defer f.Close()
	var single, all [][]string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var item struct {
			Source, Title, Body, Format string
			ExternalID                  string `json:"external_id"`
		}
		if err := json.Unmarshal(lines.Bytes(), &item); err != nil {
			return err
		}
		truths := byItem[item.Source+" "+item.ExternalID]
		if len(truths) == 0 || truths[0][2] == "spam" || truths[0][2] == "smalltalk" {
			continue
		}
		all = append(all, []string{item.Body, item.Format, strconv.Itoa(len(truths))})
		if len(truths) == 1 {
			text := strings.TrimSpace(item.Title + "\n\n" + item.Body)
			single = append(single, []string{text, item.Format, truths[0][2], feature[truths[0][2]], truths[0][3], truths[0][4]})
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if err := writeRows(p.made("points.csv"), []string{"text", "format", "points"}, all); err != nil {
		return err
	}
	return writeRows(p.made("sample.csv"), []string{"text", "format", "topic", "feature", "kind", "sentiment"}, single)
}

// redactionSet turns lines such as "mail {EMAIL|jane@example.com}" into texts and the kinds in them.
func (p *place) redactionSet(name string) error {
	file := "ingest/testdata/" + name + ".txt"
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var rows [][]string
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		var text strings.Builder
		var kinds []string
		for {
			head, rest, found := strings.Cut(line, "{")
			text.WriteString(head)
			if !found {
				break
			}
			kind, rest, _ := strings.Cut(rest, "|")
			value, rest, closed := strings.Cut(rest, "}")
			if !closed {
				return fmt.Errorf("%s: %q has no end", file, line)
			}
			text.WriteString(value)
			kinds = append(kinds, kind)
			line = rest
		}
		rows = append(rows, []string{text.String(), strings.Join(kinds, " ")})
	}
	return writeRows(p.made(name+".csv"), []string{"text", "expected"}, rows)
}
