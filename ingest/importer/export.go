package importer

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"earshot/feedback"
)

// Export is a kind of file that a vendor writes, and that [Open] and [OpenArchive] know by its header or shape.
type Export struct {
	Name   string `json:"name"`          // for instance "Zendesk tickets"
	Source string `json:"source"`        // the name of the source, where no other is asked for
	Files  string `json:"written_as"`    // how the file is written
	By     string `json:"recognised_by"` // what it is recognised by
}

// Exports lists what is recognised, in the order in which a file is held against it.
func Exports() []Export {
	var list []Export
	for _, e := range objectExports {
		list = append(list, e.Export)
	}
	for _, e := range sheetExports {
		list = append(list, e.Export)
	}
	return append(list, slackArchive)
}

// said is what one object of an export holds.
type said struct {
	items []feedback.Submission
	left  map[string]int // what is left out by rule, and how often
}

func (s *said) add(item feedback.Submission) { s.items = append(s.items, item) }

func (s *said) leave(what string) {
	if s.left == nil {
		s.left = map[string]int{}
	}
	s.left[what]++
}

// put adds an attribute, unless its value is empty.
func put(s *feedback.Submission, name string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
	case idText:
		if v == "" {
			return
		}
		value = string(v)
	case []string:
		if v = slices.DeleteFunc(slices.Clone(v), func(s string) bool { return strings.TrimSpace(s) == "" }); len(v) == 0 {
			return
		}
		value = v
	case int:
		if v == 0 {
			return
		}
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return // a string, a number or a list of strings can always be written
	}
	if s.Attributes == nil {
		s.Attributes = map[string]json.RawMessage{}
	}
	if len(s.Attributes) < maxAttributes {
		s.Attributes[name] = raw
	}
}

// idText is an id that a vendor writes as a number or as a string; null is none.
type idText string

// UnmarshalJSON keeps every digit of a number.
func (t *idText) UnmarshalJSON(raw []byte) error {
	*t = idText(strings.TrimSpace(rawString(raw)))
	return nil
}

// moment is a time as vendors write them: RFC 3339 or its relatives, or seconds since 1970; null is none.
type moment struct{ time.Time }

// UnmarshalJSON fails for what is no time.
func (m *moment) UnmarshalJSON(raw []byte) error {
	var d dates
	t, err := d.parse(rawString(raw))
	m.Time = t
	return err
}

// author gives the person, or nil where nothing is known.
func author(id idText, name, email string) *feedback.Author {
	a := feedback.Author{ID: string(id), Name: strings.TrimSpace(name), Email: strings.TrimSpace(email)}
	if a == (feedback.Author{}) {
		return nil
	}
	return &a
}

// customer gives the account, or nil where neither its id nor its name is known.
func customer(id idText, name string) *feedback.Customer {
	name = strings.TrimSpace(name)
	if id == "" {
		id = idText(name)
	}
	if id == "" {
		return nil
	}
	return &feedback.Customer{ID: string(id), Name: name}
}
