package ingest

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"earshot/feedback"
)

// NewSubject reads what is to be forgotten. An author is named by the id or the address, or by the name where messages
// have nothing else; an item by its id, or as source:external-id. Its errors are Invalid.
func NewSubject(workspace string, kind feedback.SubjectKind, name string) (feedback.Subject, error) {
	name = strings.TrimSpace(name)
	s := feedback.Subject{Workspace: workspace, Kind: kind, Called: []string{name}}
	if err := feedback.CheckWorkspace(workspace); err != nil {
		return s, err
	}
	if name == "" || len(name) > MaxName {
		return s, feedback.Errorf(feedback.Invalid, "say which %s is to be forgotten, in 1 to %d bytes", kind, MaxName)
	}
	switch kind {
	case feedback.SubjectAuthor:
		for _, by := range []string{"id", "email", "name"} {
			s.Hashes = append(s.Hashes, [32]byte(personHash(workspace, by, name)))
		}
	case feedback.SubjectCustomer:
		s.Customer = pseudonym(workspace, tidyID(name))
	case feedback.SubjectItem:
		id, err := feedback.ParseID(name)
		if source, external, ok := strings.Cut(name, ":"); err != nil && ok && external != "" && feedback.CheckSource(source) == nil {
			id, err = feedback.ItemID(workspace, source, pseudonym(workspace, tidyID(external))), nil
			s.Called = []string{external}
		}
		if err != nil {
			return s, feedback.Errorf(feedback.Invalid, "an item is named by its id, or as source:external-id")
		}
		s.Item = id
	default:
		return s, feedback.Errorf(feedback.Invalid, "only an author, a customer or an item can be forgotten")
	}
	return s, nil
}

// Concerns says whether a dead letter is the subject's: whether its payload names the author, the customer or the item. In
// one that cannot be read as JSON, for instance because it was cut, any mention counts: it cannot be told whose it is.
func Concerns(s feedback.Subject, l *feedback.DeadLetter) bool {
	value, err := parseWhole(l.Payload)
	if err != nil {
		return mentions(s, l)
	}
	return concerns(s, l, value, 0)
}

// concerns looks into the value and, for messages in an envelope or a list, into what is within it.
func concerns(s feedback.Subject, l *feedback.DeadLetter, value any, level int) bool {
	if level > 3 {
		return false
	}
	if list, ok := value.([]any); ok {
		return slices.ContainsFunc(list, func(inner any) bool { return concerns(s, l, inner, level+1) })
	}
	v, ok := value.(map[string]any)
	if !ok {
		return false
	}
	text := func(of any, name string) string {
		inner, _ := of.(map[string]any)
		t, _ := inner[name].(string)
		return t
	}
	switch s.Kind {
	case feedback.SubjectAuthor:
		a := &feedback.Author{ID: text(v["author"], "id"), Name: text(v["author"], "name"), Email: text(v["author"], "email")}
		for _, person := range [][]byte{authorHash(s.Workspace, a), addressHash(s.Workspace, a)} {
			if len(person) == 32 && slices.Contains(s.Hashes, [32]byte(person)) {
				return true
			}
		}
	case feedback.SubjectCustomer:
		if isCustomer(s, text(v["customer"], "id")) {
			return true
		}
	case feedback.SubjectItem:
		id := text(v, "external_id")
		if _, envelope := v["specversion"]; envelope && text(v["data"], "external_id") == "" {
			id = eventID(text(v, "source"), text(v, "id"))
		}
		if isItem(s, l, id) {
			return true
		}
	}
	for _, inner := range v {
		if concerns(s, l, inner, level+1) {
			return true
		}
	}
	return false
}

// isAuthor says whether the author goes by the value, as an id or as a name.
func isAuthor(s feedback.Subject, value string) bool {
	return slices.Contains(s.Hashes, [32]byte(personHash(s.Workspace, "id", value))) ||
		slices.Contains(s.Hashes, [32]byte(personHash(s.Workspace, "name", value)))
}

// isCustomer says whether messages mean the customer by the id: some call it by its name alone.
func isCustomer(s feedback.Subject, id string) bool {
	if id = pseudonym(s.Workspace, tidyID(id)); id == "" {
		return false
	}
	return id == s.Customer || slices.ContainsFunc(s.Called, func(called string) bool { return id == pseudonym(s.Workspace, tidyID(called)) })
}

func isItem(s feedback.Subject, l *feedback.DeadLetter, id string) bool {
	return id != "" && feedback.ItemID(s.Workspace, l.Source, pseudonym(s.Workspace, tidyID(id))) == s.Item
}

// shortestMention is the least bytes of a name that is looked for among words. A shorter one has to stand in quotes.
const shortestMention = 4

// mentions looks for the subject in a payload that is text: among its quoted values and, as they are written, its words.
func mentions(s feedback.Subject, l *feedback.DeadLetter) bool {
	called := slices.DeleteFunc(slices.Clone(s.Called), func(called string) bool {
		return s.Kind == feedback.SubjectItem && !isItem(s, l, called) // of another source
	})
	hashes := s.Hashes
	for _, called := range called { // an id may be an address, which the text has as its mark alone
		hashes = append(slices.Clip(hashes), [32]byte(personHash(s.Workspace, "email", called)))
	}
	var sources, ids []string // of envelopes, whose two names make one
	parts := strings.Split(l.Payload, `"`)
	for i, part := range parts {
		if part == "" || len(part) > MaxName {
			continue
		}
		value := unquoted(part)
		switch {
		case strings.HasPrefix(value, keptAuthor) && slices.Contains(hashes, [32]byte(personHash(s.Workspace, "email", value))),
			s.Kind == feedback.SubjectAuthor && isAuthor(s, value),
			s.Kind == feedback.SubjectCustomer && isCustomer(s, value),
			s.Kind == feedback.SubjectItem && isItem(s, l, value):
			return true
		case s.Kind != feedback.SubjectItem || i < 2 || strings.TrimSpace(parts[i-1]) != ":":
		case unquoted(parts[i-2]) == "source" && len(sources) < 8:
			sources = append(sources, value)
		case unquoted(parts[i-2]) == "id" && len(ids) < 8:
			ids = append(ids, value)
		}
	}
	for _, source := range sources {
		for _, id := range ids {
			if isItem(s, l, eventID(source, id)) {
				return true
			}
		}
	}
	return slices.ContainsFunc(called, func(called string) bool {
		return len(called) >= shortestMention && holdsWords(l.Payload, called)
	})
}

// unquoted reads what stood between two quotes, which may have been quoted themselves.
func unquoted(part string) string {
	part = strings.TrimRight(part, `\`)
	var value string
	if strings.Contains(part, `\`) && json.Unmarshal([]byte(`"`+part+`"`), &value) == nil {
		return value
	}
	return part
}

// holdsWords says whether the words stand in the text, in any case, with no letter or digit right before or behind them.
func holdsWords(text, words string) bool {
	text, words = strings.ToLower(text), strings.ToLower(words)
	for at := 0; ; {
		i := strings.Index(text[at:], words)
		if i < 0 {
			return false
		}
		if at += i; wordStart(text, at) && wordEnd(text, at+len(words)) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
}
