package ingest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"earshot/feedback"
)

// Prepare turns one message into an item that is ready to be saved: decoded, cleaned, redacted, split, its language
// guessed where the producer named none, spam marked. It is a function of the message alone (now only bounds the time),
// so a message that is delivered twice gives the same item. Its errors are those of [Decode], and Invalid for a body
// that is empty after cleaning.
func Prepare(m *feedback.Message, now time.Time) (feedback.Item, error) {
	d, err := decode(m.Workspace, m.Source, m.Data, m.ReceivedAt, now)
	if err != nil {
		return feedback.Item{}, err
	}
	forwarded := isForward(d.Title)
	body := clean(d.Body, d.Format, forwarded)
	if body == "" {
		return feedback.Item{}, feedback.Errorf(feedback.Invalid, "body: is empty after cleaning: nothing in it is visible")
	}
	r := NewRedactor(d.Author)
	item := feedback.Item{
		Workspace:   m.Workspace,
		Source:      m.Source,
		ExternalID:  pseudonym(m.Workspace, tidyID(d.ExternalID)),
		ContentHash: d.hash,
		OccurredAt:  d.OccurredAt,
		ReceivedAt:  m.ReceivedAt.UTC(),
		Receipt:     m.Receipt,
		Author:      authorHash(m.Workspace, d.Author),
		Address:     addressHash(m.Workspace, d.Author),
		Language:    d.Language,
		Rating:      d.Rating,
		Score:       d.Score,
	}
	if item.ExternalID == "" {
		item.ExternalID = hex.EncodeToString(d.hash[:]) // an id of characters that no one sees is none
	}
	item.ID = feedback.ItemID(m.Workspace, m.Source, item.ExternalID)
	item.Title, _ = r.Text(strings.Join(strings.Fields(normalize(d.Title)), " "))
	item.Body, _ = r.Text(body)
	item.URL, _ = r.Text(strings.Join(strings.Fields(normalize(d.URL)), "%20"))
	item.BodyHash = bodyHash(item.Body)
	if item.Attributes, err = r.attributes(d.Attributes); err != nil {
		return feedback.Item{}, feedback.Errorf(feedback.Invalid, "attributes: %w", err)
	}
	if item.Customer, err = r.customer(m.Workspace, d.Customer); err != nil {
		return feedback.Item{}, err
	}
	if item.Language == "" {
		item.Language = Language(item.Body)
	}
	item.Spam = DetectSpam(d.Title, body).Spam
	item.Excerpts = excerpts(item.ID, item.Body)
	return item, nil
}

// excerpts cuts the body and names the parts: equal texts of one item are told apart by their number.
func excerpts(item feedback.ID, body string) []feedback.Excerpt {
	spans := Split(body)
	out := make([]feedback.Excerpt, len(spans))
	seen := make(map[string]int, len(spans))
	for i, s := range spans {
		text := body[s.Start:s.End]
		out[i] = feedback.Excerpt{ID: feedback.ExcerptID(item, text, seen[text]), Start: s.Start, End: s.End, Text: text}
		seen[text]++
	}
	return out
}

// tidyID keeps an id as its producer wrote it, less what can't be seen.
func tidyID(id string) string { return strings.ReplaceAll(normalize(id), "\n", " ") }

// pseudonym replaces an id that is an address or a phone number by one that is neither and stays the same.
func pseudonym(workspace, id string) string {
	if strings.IndexByte(id, '@') < 0 && strings.IndexByte(id, '+') < 0 {
		return id
	}
	if redacted, _ := Redact(id); redacted == id {
		return id
	}
	hash := hashOf("pseudonym", workspace, strings.ToLower(id))
	return "person-" + hex.EncodeToString(hash[:12])
}

func (r *Redactor) customer(workspace string, c *feedback.Customer) (*feedback.Customer, error) {
	if c == nil {
		return nil, nil
	}
	out := *c
	if out.ID = pseudonym(workspace, tidyID(c.ID)); out.ID == "" {
		return nil, feedback.Errorf(feedback.Invalid, "customer.id: has no visible character")
	}
	out.Name, _ = r.Text(tidyID(c.Name))
	out.Segment, _ = r.Text(tidyID(c.Segment))
	out.Plan, _ = r.Text(tidyID(c.Plan))
	var err error
	if out.Attributes, err = r.attributes(c.Attributes); err != nil {
		return nil, feedback.Errorf(feedback.Invalid, "customer.attributes: %w", err)
	}
	return &out, nil
}

// attributes redacts the strings and keys of attributes, in the order of the keys, and numbers long enough to be a card's.
func (r *Redactor) attributes(attributes map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	if len(attributes) == 0 {
		return nil, nil
	}
	out := make(map[string]json.RawMessage, len(attributes))
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		raw := attributes[key]
		if mayHold(raw) {
			value, err := parseValue(raw)
			if err != nil {
				return nil, err
			}
			if raw, err = marshalValue(r.walk(key, value)); err != nil {
				return nil, err
			}
		}
		name, _ := r.Text(tidyID(key))
		out[name] = raw
	}
	return out, nil
}

// mayHold says that a JSON value holds text, or a number of many digits.
func mayHold(raw json.RawMessage) bool {
	return bytes.ContainsAny(raw, `"{[`) || len(raw) >= 11
}

func (r *Redactor) walk(key string, value any) any {
	switch v := value.(type) {
	case string:
		return r.Value(key, normalize(v))
	case json.Number:
		if s := v.String(); len(s) >= 11 && !strings.ContainsAny(s, ".eE") {
			if redacted := r.Value(key, s); redacted != s {
				return redacted
			}
		}
		return v
	case []any:
		for i := range v {
			v[i] = r.walk(key, v[i])
		}
		return v
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, inner := range slices.Sorted(maps.Keys(v)) {
			name, _ := r.Text(inner)
			out[name] = r.walk(inner, v[inner])
		}
		return out
	}
	return value
}
