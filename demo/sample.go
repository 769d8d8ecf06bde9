package demo

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"iter"
)

// Workspace is the name under which the sample is loaded.
const Workspace = "demo"

// Customers is a CSV of the 120 accounts: id, name, segment, plan, arr, region.
//
//go:embed sample/customers.csv
var Customers []byte

// Features is a CSV of the product's hierarchy: id, parent_id, name, kind, status, shipped_at, description.
//
//go:embed sample/features.csv
var Features []byte

//go:embed sample/items.jsonl
var items []byte

// Item is one message of the sample.
type Item struct {
	Source  string
	Message json.RawMessage // the message contract, as any producer writes it
}

// Items gives the messages in the order in which they were said.
func Items() iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		lines := bufio.NewScanner(bytes.NewReader(items))
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			var source struct {
				Source string `json:"source"`
			}
			line := bytes.Clone(lines.Bytes())
			err := json.Unmarshal(line, &source)
			if err != nil {
				err = fmt.Errorf("sample item %d: %w", n, err)
			}
			if !yield(Item{Source: source.Source, Message: line}, err) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Item{}, fmt.Errorf("read the sample: %w", err))
		}
	}
}

// Count is the number of messages.
func Count() int { return bytes.Count(items, []byte("\n")) }
