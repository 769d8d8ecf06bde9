package ingest

import (
	"strings"

	"earshot/feedback"
)

// NewSubject reads what is to be forgotten. An author is named by the id or the address, or by the name where messages
// have nothing else; an item by its id, or as source:external-id. Its errors are Invalid.
func NewSubject(workspace string, kind feedback.SubjectKind, name string) (feedback.Subject, error) {
	s := feedback.Subject{Workspace: workspace, Kind: kind}
	if err := feedback.CheckWorkspace(workspace); err != nil {
		return s, err
	}
	name = strings.TrimSpace(name)
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

// Concerns says whether a dead letter is the subject's: whether its payload names the author, the customer or the item.
// One that cannot be read names nobody.
func Concerns(s feedback.Subject, l *feedback.DeadLetter) bool {
	value, err := parseWhole(l.Payload)
	if err != nil {
		return false
	}
	return concerns(s, l, value, 0)
}

// concerns looks into the value and, for messages in an envelope, into the objects within it.
func concerns(s feedback.Subject, l *feedback.DeadLetter, value any, level int) bool {
	v, ok := value.(map[string]any)
	if !ok || level > 3 {
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
			for _, hash := range s.Hashes {
				if len(person) == 32 && [32]byte(person) == hash {
					return true
				}
			}
		}
	case feedback.SubjectCustomer:
		if id := text(v["customer"], "id"); id != "" && pseudonym(s.Workspace, tidyID(id)) == s.Customer {
			return true
		}
	case feedback.SubjectItem:
		id := text(v, "external_id")
		if _, envelope := v["specversion"]; envelope && text(v["data"], "external_id") == "" {
			id = eventID(text(v, "source"), text(v, "id"))
		}
		if id != "" && feedback.ItemID(s.Workspace, l.Source, pseudonym(s.Workspace, tidyID(id))) == s.Item {
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
