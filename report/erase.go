package report

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"earshot/feedback"
)

// Erased stands in a document where evidence was.
const Erased = "[erased]"

// leastErased is how many characters a text must have to be looked for within others: a shorter one is found by the
// excerpt that it is.
const leastErased = 16

// Erase takes what is gone out of a document that [JSON] wrote: quotes of the excerpts, wherever their words stand, and
// the customers by name and id. Numbers stay as they were published. What did not verify, and was kept for the operator
// alone, goes whole where anything does. The document keeps its form; it is no longer the one that its hash was made of.
// A document in which nothing is gone comes back as it is, with false. Its errors are Invalid, for what is not JSON.
func Erase(document []byte, gone feedback.Gone) ([]byte, bool, error) {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, false, feedback.Errorf(feedback.Invalid, "read the pulse: %w", err)
	}
	e := &eraser{excerpts: map[string]bool{}, customers: map[string]bool{}, phrases: map[string]bool{}, groups: map[string]bool{}}
	for id := range gone.Excerpts {
		e.excerpts[id.String()] = true
	}
	for _, text := range gone.Texts {
		if utf8.RuneCountInString(text) >= leastErased {
			e.texts = append(e.texts, text)
			e.all += "\n" + strings.ToLower(text)
		}
	}
	for _, c := range gone.Customers {
		e.customers[c] = true
		e.customers["account:"+c] = true
	}
	for _, p := range gone.Phrases {
		e.phrases[p] = true
	}
	e.forming(tree)
	tree = e.walk(tree, "")
	if !e.changed {
		return document, false, nil
	}
	if doc, ok := tree.(map[string]any); ok {
		if v, ok := doc["verification"].(map[string]any); ok {
			if withheld, ok := v["withheld"].([]any); ok {
				for _, w := range withheld {
					if problem, ok := w.(map[string]any); ok {
						problem["text"], problem["why"] = Erased, Erased
					}
				}
			}
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out) // a map's keys come sorted
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(tree); err != nil {
		return nil, false, feedback.Errorf(feedback.Internal, "encode the pulse: %w", err)
	}
	return out.Bytes(), true, nil
}

type eraser struct {
	excerpts, customers map[string]bool
	phrases             map[string]bool // of clusters, that nobody says any more
	groups              map[string]bool // of what forms, as names refer to them
	texts               []string
	all                 string // the texts in lower case, a line each
	changed             bool
}

func (e *eraser) walk(node any, key string) any {
	switch v := node.(type) {
	case map[string]any:
		if id, _ := v["excerpt"].(string); e.excerpts[id] {
			for _, field := range []string{"text", "customer", "segment"} {
				if s, ok := v[field].(string); ok && s != "" {
					v[field] = Erased
				}
			}
			e.changed = true
		}
		if ref, _ := v["ref"].(string); e.groups[ref] {
			v["text"] = Erased
		}
		for k := range v {
			v[k] = e.walk(v[k], k)
		}
	case []any:
		for i := range v {
			v[i] = e.walk(v[i], key)
		}
	case string:
		if clean := e.clean(v, key); clean != v {
			e.changed = true
			return clean
		}
	}
	return node
}

// forming finds the groups that formed of what is gone: few people said them, and their names are their words.
func (e *eraser) forming(node any) {
	doc, _ := node.(map[string]any)
	snapshot, _ := doc["snapshot"].(map[string]any)
	facts, _ := snapshot["forming"].(map[string]any)
	groups, _ := facts["groups"].([]any)
	for _, g := range groups {
		group, _ := g.(map[string]any)
		excerpts, _ := group["excerpts"].([]any)
		if !slices.ContainsFunc(excerpts, func(id any) bool { s, _ := id.(string); return e.excerpts[s] }) {
			continue
		}
		id, _ := group["id"].(string)
		e.groups[formingRef(id)] = true
		group["name"], group["keywords"] = Erased, []any{}
		e.changed = true
	}
}

// clean gives a string without what is gone.
func (e *eraser) clean(s, key string) string {
	switch key {
	case "customer", "id", "name", "ref", "subjects", "value", "text":
		if e.customers[s] {
			return Erased
		}
	}
	if key == "name" || key == "theme_name" || key == "keywords" {
		for part := range strings.SplitSeq(strings.ToLower(s), ", ") { // a name may be two
			if e.phrases[part] {
				return Erased
			}
		}
	}
	// The name of a cluster may be the beginning of what somebody said.
	if key == "name" || key == "theme_name" || key == "text" || key == "keywords" {
		if len(strings.Fields(s)) >= 4 && utf8.RuneCountInString(s) >= leastErased && strings.Contains(e.all, strings.ToLower(s)) {
			return Erased
		}
	}
	for _, text := range e.texts {
		if len(s) >= len(text) && strings.Contains(s, text) {
			s = strings.ReplaceAll(s, text, Erased)
		}
	}
	return s
}
