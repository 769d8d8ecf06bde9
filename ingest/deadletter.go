package ingest

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"earshot/feedback"
)

// MaxDeadPayload is how many bytes of a dead letter's payload are kept.
const MaxDeadPayload = 64 << 10

// redactedPayload is how many bytes of text in a payload are redacted, in the order in which they are kept. What comes
// after them lies far behind the cut, and goes: redacting megabytes to keep 64 KiB would hold up the messages behind.
const redactedPayload = 4 * MaxDeadPayload

// DeadStore keeps dead letters. Saving one twice changes nothing but its attempts.
type DeadStore interface {
	SaveDeadLetters(ctx context.Context, letters []feedback.DeadLetter) error
}

// DeadLetters redacts the messages that no stage could take, and then keeps them.
type DeadLetters struct{ store DeadStore }

// NewDeadLetters makes DeadLetters that keep what they are given in the store.
func NewDeadLetters(store DeadStore) *DeadLetters { return &DeadLetters{store: store} }

// Bury redacts the payloads and reasons and saves the letters in one call. A payload may be anything: it is kept as
// valid UTF-8 without NUL, at most [MaxDeadPayload] bytes of it. Its errors are those of the store, and no letter is
// buried then.
func (d *DeadLetters) Bury(ctx context.Context, letters []feedback.DeadLetter) error {
	if len(letters) == 0 {
		return nil
	}
	clean := make([]feedback.DeadLetter, len(letters))
	for i, l := range letters {
		if l.ID == (feedback.ID{}) {
			l.ID = feedback.DeadLetterID(l.Workspace, l.Source, []byte(l.Payload))
		}
		r := NewRedactor(nil)
		l.Payload = redactPayload(r, l.Workspace, l.Payload)
		l.Reason, _ = r.Text(readable(l.Reason))
		if l.Reason == "" {
			l.Reason = "no reason was given"
		}
		clean[i] = l
	}
	return d.store.SaveDeadLetters(ctx, clean)
}

// redactPayload redacts the strings within JSON, so that it stays JSON and can be replayed, and the whole of anything
// else. The author goes, but for a hash that names the same person when the letter is replayed.
func redactPayload(r *Redactor, workspace, payload string) string {
	if len(payload) <= feedback.MaxMessage && utf8.ValidString(payload) && depth([]byte(payload)) <= MaxDepth {
		if value, err := parseWhole(payload); err == nil {
			p := payloadRedactor{Redactor: r, workspace: workspace, left: redactedPayload}
			clean := p.value(value, "")
			if text, err := marshalValue(clean); err == nil {
				if len(text) > MaxDeadPayload {
					text = namesFirst(nil, clean)
				}
				return cutAt(strings.ReplaceAll(string(text), `\u0000`, ""), MaxDeadPayload)
			}
		}
	}
	// A value on the edge of the cut could be halved beyond recognition, so the text is redacted before it is cut.
	text, _ := r.Text(unescape(readable(payload[:min(len(payload), redactedPayload)])))
	marks := r.marks(workspace)
	return cutAt(text, MaxDeadPayload-len(marks)) + marks
}

// telling are the fields that say whose a message is, in the order in which a payload that is cut keeps them.
var telling = []string{"specversion", "id", "source", "external_id", "email", "author", "customer", "name", "data"}

// namesFirst writes JSON with the telling fields of each object before the others, so that a cut leaves whose it is.
func namesFirst(text []byte, value any) []byte {
	switch v := value.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(precedence(a), precedence(b)) })
		text = append(text, '{')
		for i, name := range names {
			if i > 0 {
				text = append(text, ',')
			}
			text = append(namesFirst(text, name), ':')
			text = namesFirst(text, v[name])
		}
		return append(text, '}')
	case []any:
		text = append(text, '[')
		for i, inner := range v {
			if i > 0 {
				text = append(text, ',')
			}
			text = namesFirst(text, inner)
		}
		return append(text, ']')
	}
	plain, _ := marshalValue(value) // a string, number, boolean or null that was read from JSON
	return append(text, plain...)
}

// precedence is the place of a field among the telling ones, behind them all for any other.
func precedence(name string) int {
	if i := slices.Index(telling, name); i >= 0 {
		return i
	}
	return len(telling)
}

// maxMarks is how many addresses of a text are marked, the first ones.
const maxMarks = 100

// marks are the hashes of the addresses that a text lost, a line each: by them the text is found when one of them is to be
// forgotten, for it names nobody else.
func (r *Redactor) marks(workspace string) string {
	lines := make([]string, min(r.counts[SecretEmail], maxMarks))
	for key, n := range r.numbers {
		if address, ok := strings.CutPrefix(key, string(SecretEmail)+" "); ok && n <= len(lines) {
			lines[n-1] = fmt.Sprintf("\n[%s_%d]=\"%s%x\"", SecretEmail, n, keptAuthor, personHash(workspace, "email", address))
		}
	}
	return strings.Join(lines, "")
}

// parseWhole reads a text that is one JSON value and nothing else.
func parseWhole(text string) (any, error) {
	if !json.Valid([]byte(text)) {
		return nil, errors.New("not JSON")
	}
	return parseValue([]byte(text))
}

// cutAt gives the first bytes of a text, whole runes of them.
func cutAt(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// payloadRedactor redacts a payload that is JSON.
type payloadRedactor struct {
	*Redactor
	workspace string
	left      int // bytes of text that are redacted still
}

// value redacts a JSON value. The name of its author is taken out of all its texts first.
func (r *payloadRedactor) value(value any, key string) any {
	switch v := value.(type) {
	case string:
		v = cutAt(v, max(r.left, 0))
		r.left -= len(v)
		return r.Value(key, unescape(readable(v)))
	case json.Number:
		return r.walk(key, v)
	case []any:
		for i := range v {
			v[i] = r.value(v[i], key)
		}
		return v
	case map[string]any:
		openData(v)
		if inner, ok := v["author"].(map[string]any); ok {
			a := &feedback.Author{}
			a.ID, _ = inner["id"].(string)
			a.Name, _ = inner["name"].(string)
			a.Email, _ = inner["email"].(string)
			r.author = NewRedactor(a).author
			delete(v, "author")
			if hash := authorHash(r.workspace, a); hash != nil {
				kept := map[string]any{"id": keptAuthor + hex.EncodeToString(hash)}
				if address := addressHash(r.workspace, a); address != nil {
					kept["email"] = keptAuthor + hex.EncodeToString(address)
				}
				v["author"] = kept
			}
		}
		if name, ok := v["author"].(string); ok { // no message has one so, but it names somebody
			by := "name"
			if strings.Contains(name, "@") {
				by = "email"
			}
			r.author = NewRedactor(&feedback.Author{Name: name}).author
			v["author"] = map[string]any{"id": keptAuthor + hex.EncodeToString(personHash(r.workspace, by, name))}
		}
		out := make(map[string]any, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			clean, _ := r.Text(readable(name))
			switch s, isText := v[name].(string); {
			case isText && (name == "data_base64" || name == "external_id" || name == "id"):
				out[clean] = r.opaque(r.workspace, name, s)
			case name == "author" && isObject(v[name]):
				out[clean] = v[name]
			default:
				out[clean] = r.value(v[name], name)
			}
		}
		return out
	}
	return value
}

func isObject(value any) bool {
	_, is := value.(map[string]any)
	return is
}

// openData opens an object that an envelope holds as a string, as [Decode] does: whom it names could not be told within it.
func openData(envelope map[string]any) {
	data, isText := envelope["data"].(string)
	if _, is := envelope["specversion"]; !is || !isText || depth([]byte(data)) > MaxDepth {
		return
	}
	if value, err := parseWhole(strings.TrimPrefix(strings.TrimSpace(data), "\ufeff")); err == nil {
		if inner, ok := value.(map[string]any); ok {
			envelope["data"] = inner
		}
	}
}

// opaque redacts what must not be rewritten within: an id keeps naming the same thing, and base64 is dropped whole.
func (r *Redactor) opaque(workspace, name, s string) string {
	if name == "data_base64" {
		return "[data removed]"
	}
	return pseudonym(workspace, tidyID(s))
}

// readable gives text that Postgres takes: valid UTF-8, no NUL.
func readable(s string) string {
	return withoutNUL(strings.ToValidUTF8(s, "\uFFFD"))
}

// unescape undoes the ways of writing an address that hide it from a search: HTML's references and JSON's escapes.
func unescape(s string) string {
	if strings.Contains(s, "&#") || strings.Contains(s, "&commat;") || strings.Contains(s, "&period;") {
		s = readable(html.UnescapeString(s))
	}
	for _, escape := range [][2]string{{`\u0040`, "@"}, {`\u002e`, "."}, {`\u002E`, "."}, {`\u002b`, "+"}, {`\u002B`, "+"}, {`\/`, "/"}} {
		if strings.Contains(s, escape[0]) {
			s = strings.ReplaceAll(s, escape[0], escape[1])
		}
	}
	return s
}
