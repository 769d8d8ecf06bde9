package ingest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/feedback"
)

// hashOf hashes the parts, each behind its length so that no two lists of parts read alike.
func hashOf(parts ...string) [32]byte {
	h := make([]byte, 0, 1024)
	for _, p := range parts {
		h = binary.BigEndian.AppendUint64(h, uint64(len(p)))
		h = append(h, p...)
	}
	return sha256.Sum256(h)
}

// contentHash covers all that a producer said, in one form whatever the order of its keys and the zone of its times.
func contentHash(s *feedback.Submission) [32]byte {
	parts := make([]string, 0, 32)
	parts = append(parts, "submission", s.ExternalID, instant(s.OccurredAt), s.Title, s.Body, string(s.Format), s.URL, s.Language,
		amount(s.Rating), amount(s.Score))
	if a := s.Author; a != nil {
		parts = append(parts, "author", a.ID, a.Name, a.Email)
	}
	if c := s.Customer; c != nil {
		parts = append(parts, "customer", c.ID, c.Name, c.Segment, c.Plan, amount(c.ARR))
		parts = appendAttributes(parts, c.Attributes)
	}
	parts = appendAttributes(parts, s.Attributes)
	return hashOf(parts...)
}

func appendAttributes(parts []string, attributes map[string]json.RawMessage) []string {
	parts = append(parts, "attributes", strconv.Itoa(len(attributes)))
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		parts = append(parts, key, string(attributes[key]))
	}
	return parts
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func amount(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'g', -1, 64)
}

// bodyHash covers the words alone: two items of one hash say the same, however they are spaced or cased.
func bodyHash(body string) [32]byte {
	return sha256.Sum256([]byte(strings.ToLower(strings.Join(strings.Fields(body), " "))))
}

// keptAuthor marks an author's id that is the hash of one: what dead letters keep of a person.
const keptAuthor = "sha256:"

// authorHash names the person within the workspace by what the message knows of them: the id, else the address, else
// the name. It is nil where there is none. A hash that a dead letter kept is that person still.
func authorHash(workspace string, a *feedback.Author) []byte {
	if a == nil {
		return nil
	}
	switch {
	case a.ID != "":
		return personHash(workspace, "id", a.ID)
	case a.Email != "":
		return personHash(workspace, "email", a.Email)
	case strings.TrimSpace(a.Name) != "":
		return personHash(workspace, "name", a.Name)
	}
	return nil
}

// addressHash names the person by the address, where the author goes by an id. It is nil where there is none.
func addressHash(workspace string, a *feedback.Author) []byte {
	if a == nil || a.ID == "" || a.Email == "" {
		return nil
	}
	return personHash(workspace, "email", a.Email)
}

// personHash hashes one way of naming a person.
func personHash(workspace, by, value string) []byte {
	if digits, ok := strings.CutPrefix(value, keptAuthor); ok {
		if kept, err := hex.DecodeString(digits); err == nil && len(kept) == sha256.Size {
			return kept
		}
	}
	switch by {
	case "email":
		value = strings.ToLower(strings.TrimSpace(value))
	case "name":
		value = strings.ToLower(strings.Join(strings.Fields(value), " "))
	}
	hash := hashOf("author", workspace, by, value)
	return hash[:]
}
