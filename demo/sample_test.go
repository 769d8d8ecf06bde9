package demo_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"earshot/demo"
	"earshot/feedback"
)

type message struct {
	feedback.Submission
	Source string `json:"source"`
}

func load(t *testing.T) []message {
	t.Helper()
	var out []message
	for item, err := range demo.Items() {
		if err != nil {
			t.Fatal(err)
		}
		var m message
		if err := json.Unmarshal(item.Message, &m); err != nil {
			t.Fatal(err)
		}
		if m.Source != item.Source {
			t.Fatalf("source %q read as %q", m.Source, item.Source)
		}
		out = append(out, m)
	}
	return out
}

func rows(t *testing.T, data []byte) []map[string]string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = r[i]
		}
		out = append(out, row)
	}
	return out
}

func TestTheSampleIsWhole(t *testing.T) {
	items, customers, features := load(t), rows(t, demo.Customers), rows(t, demo.Features)
	if len(items) < 1200 || len(items) != demo.Count() || len(customers) != 120 || len(features) != 45 {
		t.Fatalf("%d items (counted %d), %d customers, %d features", len(items), demo.Count(), len(customers), len(features))
	}
	known, seen := map[string]bool{}, map[string]bool{}
	for _, c := range customers {
		known[c["id"]] = true
	}
	first, last := items[0].OccurredAt, items[len(items)-1].OccurredAt
	if first.Before(time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC)) || !last.Before(time.Date(2026, 6, 29, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("from %s to %s is not within the 13 weeks", first, last)
	}
	for _, m := range items {
		key := m.Source + " " + m.ExternalID
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		seen[key] = true
		if m.Customer != nil && !known[m.Customer.ID] {
			t.Errorf("%s: customer %q is in no list", key, m.Customer.ID)
		}
	}
}

func TestEveryItemOfTheSampleHasItsTruth(t *testing.T) {
	file, err := os.ReadFile("testdata/truth.csv")
	if err != nil {
		t.Fatal(err)
	}
	truth := map[string]bool{}
	for _, r := range rows(t, file) {
		truth[r["source"]+" "+r["external_id"]] = true
		if !strings.Contains(" bug request complaint praise question other ", " "+r["kind"]+" ") ||
			!strings.Contains(" negative neutral positive ", " "+r["sentiment"]+" ") || r["topic"] == "" {
			t.Errorf("%v", r)
		}
	}
	items := load(t)
	for _, m := range items {
		if !truth[m.Source+" "+m.ExternalID] {
			t.Errorf("%s %s has no truth", m.Source, m.ExternalID)
		}
	}
	if len(truth) != len(items) {
		t.Errorf("truth for %d items of %d", len(truth), len(items))
	}
}

func TestTheSampleKeepsTheMessageContract(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../docs/message.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for item := range demo.Items() {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(item.Message))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Error(err)
		}
	}
}

// Real people must not be found in made-up data: only domains and numbers that are reserved for examples may stand in it.
func TestPersonalDataInTheSampleIsReserved(t *testing.T) {
	address := regexp.MustCompile(`[\w.+-]+@[\w.-]+\w`)
	reserved := regexp.MustCompile(`(@|\.)example\.(com|org|net)$|\.example$`)
	for item := range demo.Items() {
		for _, a := range address.FindAllString(string(item.Message), -1) {
			if !reserved.MatchString(a) {
				t.Errorf("%s is no reserved address", a)
			}
		}
	}
}
