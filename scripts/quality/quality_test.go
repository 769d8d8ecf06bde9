package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTheProjectsOwnSetsAreMade(t *testing.T) {
	t.Chdir("../..")
	p := &place{work: t.TempDir()}
	if err := p.sampleSets(); err != nil {
		t.Fatal(err)
	}
	for _, name := range redactionSets {
		if err := p.redactionSet(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, least := range map[string]int{"sample.csv": 1000, "points.csv": 1200, "redaction.csv": 800, "redaction_heldout.csv": 200} {
		rows, err := readRows(p.made(name))
		if err != nil || len(rows) < least {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
		for _, row := range rows {
			if strings.TrimSpace(row[0]) == "" {
				t.Errorf("%s: %q has no text", name, row)
			}
		}
	}
	rows, err := readRows(p.made("sample.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if topic, feature := row[2], row[3]; (feature == "") != (topic == "misc") {
			t.Errorf("topic %q has the feature %q", topic, feature)
		}
	}
}

func TestPartsOfASetAreWithinTheirBounds(t *testing.T) {
	byClass := make(map[string][][]string)
	for c := range 30 {
		for i := range 10 + c {
			class := string(rune('A' + c))
			byClass[class] = append(byClass[class], []string{fmt.Sprint(class, i), class})
		}
	}
	sizes := make(map[int]bool)
	for seed := range uint64(20) {
		part := partOf(byClass, 12, 0, seed)
		classes, texts, whole := make(map[string]bool), make(map[string]bool), 0
		for _, row := range part.rows {
			if !classes[row[1]] {
				whole += len(byClass[row[1]])
			}
			classes[row[1]], texts[row[0]] = true, true
		}
		if part.classes < 12 || part.classes > 30 || len(classes) > part.classes || len(texts) != len(part.rows) || 3*len(part.rows) < whole-2 {
			t.Errorf("seed %d: %d rows, %d of them different, %d classes of %d drawn", seed, len(part.rows), len(texts), len(classes), part.classes)
		}
		sizes[len(part.rows)] = true
	}
	if len(sizes) < 15 {
		t.Errorf("20 seeds draw parts of only %d sizes", len(sizes))
	}
}

func TestAnEvaluationThatFailsWritesNoPage(t *testing.T) {
	t.Chdir("../..")
	p := &place{earshot: t.TempDir() + "/nowhere", work: t.TempDir(), data: t.TempDir()}
	if page, err := write(p, header{date: time.Unix(0, 0)}); err == nil || page != nil {
		t.Errorf("%d bytes, %v", len(page), err)
	}
}
