package main

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
)

const (
	domainFiles = "eval/testdata/domains"
	// domainParts are drawn of each domain, with classes and rows left out.
	domainParts = 6
)

// domains measures clusters and their number on the project's own sets from other domains: those that the counting was
// made with, and those that were held out.
func domains(p *place, b *page, _ bool) error {
	b.line("## Other domains\n")
	b.line("Messages about one topic each, written for the project (`%s`). \"Off\" is by how much the number of clusters differs from that", domainFiles)
	b.line("of classes, k-means is told that number, and \"10 %% more\" is the least of 3 draws. Parts have 40 %% of the classes or more, and a third of their rows or more.\n")
	for _, kind := range []struct{ prefix, words string }{{"work_", "With which the counting was made"}, {"heldout_", "Held out"}} {
		files, err := filepath.Glob(filepath.Join(domainFiles, kind.prefix+"*.csv"))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("no files %s* in %s", kind.prefix, domainFiles)
		}
		var rows [][]string
		var off []float64
		for _, file := range files {
			name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), kind.prefix), ".csv")
			row, offParts, err := p.domain(name, file)
			if err != nil {
				return err
			}
			rows = append(rows, row)
			off = append(off, offParts...)
		}
		b.line("%s:\n", kind.words)
		b.table([]string{"domain", "n", "classes", "clusters", "off", "outliers", "NMI", "ARI", "k-means ARI", "10 % more", "afresh", "parts within 35 %"}, rows)
		near, middle := countedWithin(off)
		b.line("Number of clusters of the parts within 35 %%: %d of %d; median error %.2f.\n", near, len(off), middle)
	}
	return nil
}

// domain measures one set, and how far the number of clusters is off on parts of it.
func (p *place) domain(name, file string) (row []string, off []float64, err error) {
	all, err := readRows(file)
	if err != nil {
		return nil, nil, err
	}
	byClass := make(map[string][][]string)
	for _, r := range all {
		byClass[r[1]] = append(byClass[r[1]], r)
	}
	var whole clustered
	if err := p.eval(&whole, "cluster", "--file", file, "--label", "category", "--kmeans", fmt.Sprint(len(byClass))); err != nil {
		return nil, nil, err
	}
	var more struct {
		Draws  []float64 `json:"more_data_draws"`
		Afresh float64
	}
	if err := p.eval(&more, "stability", "--file", file, "--draws", "3"); err != nil {
		return nil, nil, err
	}
	for seed := range uint64(domainParts) {
		part := partOf(byClass, max(8, 2*len(byClass)/5), 0, seed)
		made := p.made(fmt.Sprintf("%s-%d.csv", name, seed))
		if err := writeRows(made, []string{"text", "category"}, part.rows); err != nil {
			return nil, nil, err
		}
		var r clustered
		if err := p.eval(&r, "cluster", "--file", made, "--label", "category"); err != nil {
			return nil, nil, err
		}
		off = append(off, math.Abs(float64(r.Clusters)/float64(r.Classes)-1))
	}
	near, _ := countedWithin(slices.Clone(off))
	return []string{name, fmt.Sprint(whole.N), fmt.Sprint(whole.Classes), fmt.Sprint(whole.Clusters),
		percent(math.Abs(float64(whole.Clusters)/float64(whole.Classes) - 1)), percent(whole.OutlierRate), score(whole.NMI), score(whole.ARI),
		percent(whole.KMeans.Mean.ARI), percent(slices.Min(more.Draws)), percent(more.Afresh), fmt.Sprintf("%d of %d", near, len(off))}, off, nil
}

// part is some rows of some classes.
type part struct {
	rows    [][]string
	classes int
}

// partOf draws classes and rows evenly on a scale of ratios: from so many classes to all, and from so many of their rows
// to all; from a third of them where fewest is 0.
func partOf(byClass map[string][][]string, fewestClasses, fewest int, seed uint64) part {
	rng := rand.New(rand.NewPCG(seed, 77))
	between := func(least, most int) int {
		return int(math.Round(float64(least) * math.Pow(float64(most)/float64(least), rng.Float64())))
	}
	classes := slices.Sorted(maps.Keys(byClass))
	out := part{classes: between(fewestClasses, len(classes))}
	for _, i := range rng.Perm(len(classes))[:out.classes] {
		out.rows = append(out.rows, byClass[classes[i]]...)
	}
	rng.Shuffle(len(out.rows), func(i, j int) { out.rows[i], out.rows[j] = out.rows[j], out.rows[i] })
	if fewest == 0 {
		fewest = max(1, len(out.rows)/3)
	}
	out.rows = out.rows[:between(fewest, len(out.rows))]
	return out
}

// countedWithin counts the errors of at most 35 %, sorts them, and gives the one in the middle.
func countedWithin(off []float64) (near int, middle float64) {
	slices.Sort(off)
	for _, e := range off {
		if e <= 0.35 {
			near++
		}
	}
	return near, (off[(len(off)-1)/2] + off[len(off)/2]) / 2
}
