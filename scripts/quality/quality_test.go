package main

import (
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

func TestAnEvaluationThatFailsWritesNoPage(t *testing.T) {
	t.Chdir("../..")
	p := &place{earshot: t.TempDir() + "/nowhere", work: t.TempDir(), data: t.TempDir()}
	if page, err := write(p, header{date: time.Unix(0, 0)}); err == nil || page != nil {
		t.Errorf("%d bytes, %v", len(page), err)
	}
}
