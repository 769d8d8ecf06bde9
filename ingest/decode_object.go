package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"earshot/feedback"
)

// object reads the fields of one JSON object and keeps the first fault. A field that is null is a field that is missing.
type object struct {
	path string // with a dot behind it, or "" for the top
	raw  map[string]json.RawMessage
	err  error
}

func (o *object) fail(field, format string, args ...any) {
	o.keep(feedback.Errorf(feedback.Invalid, "%s%s: %s", o.path, field, fmt.Sprintf(format, args...)))
}

func (o *object) keep(err error) {
	if o.err == nil {
		o.err = err
	}
}

func (o *object) field(name string) (json.RawMessage, bool) {
	raw, ok := o.raw[name]
	return raw, ok && string(raw) != "null"
}

// string reads a string of any length, without NUL.
func (o *object) string(name string) string {
	raw, ok := o.field(name)
	if !ok {
		return ""
	}
	if raw[0] != '"' {
		o.fail(name, "want a string, got %s", kindOf(raw))
		return ""
	}
	var s string
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		s = string(inner)
	} else if err := json.Unmarshal(raw, &s); err != nil {
		o.fail(name, "%s", jsonFault(err))
		return ""
	}
	return withoutNUL(s)
}

func (o *object) text(name string, limit int) string {
	s := o.string(name)
	if len(s) > limit {
		o.fail(name, "has %d bytes, the limit is %d", len(s), limit)
		return ""
	}
	return s
}

func (o *object) body(name string) string {
	s := o.string(name)
	if len(s) > feedback.MaxBody {
		o.keep(feedback.Errorf(feedback.TooLarge, "%s%s: has %d bytes, the limit is %d", o.path, name, len(s), feedback.MaxBody))
		return ""
	}
	return s
}

func (o *object) time(name string) time.Time {
	s := strings.TrimSpace(o.text(name, MaxID))
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		o.fail(name, "%q isn't a time as RFC 3339 has it, for instance 2026-03-30T10:44:00Z", clip(s))
		return time.Time{}
	}
	return t.UTC()
}

func (o *object) number(name string, least, most float64) *float64 {
	raw, ok := o.field(name)
	if !ok {
		return nil
	}
	if c := raw[0]; c != '-' && (c < '0' || c > '9') {
		o.fail(name, "want a number, got %s", kindOf(raw))
		return nil
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || !finite(f) || f < least || f > most {
		o.fail(name, "%s is outside %g to %g", clip(string(raw)), least, most)
		return nil
	}
	return &f
}

func (o *object) object(name string) (object, bool) {
	raw, ok := o.field(name)
	if !ok {
		return object{}, false
	}
	inner := object{path: o.path + name + "."}
	if raw[0] != '{' {
		o.fail(name, "want an object, got %s", kindOf(raw))
		return inner, false
	}
	if err := json.Unmarshal(raw, &inner.raw); err != nil {
		o.fail(name, "%s", jsonFault(err))
		return inner, false
	}
	return inner, true
}

// attributes reads free attributes into a form that any JSON store takes: no NUL, no lone surrogate, no number beyond a
// double's range.
func (o *object) attributes(name string) map[string]json.RawMessage {
	raw, ok := o.field(name)
	if !ok {
		return nil
	}
	if len(raw) > MaxAttributeBytes {
		o.fail(name, "has %d bytes, the limit is %d", len(raw), MaxAttributeBytes)
		return nil
	}
	inner, ok := o.object(name)
	if !ok || len(inner.raw) == 0 {
		return nil
	}
	if len(inner.raw) > MaxAttributes {
		o.fail(name, "has %d keys, the limit is %d", len(inner.raw), MaxAttributes)
		return nil
	}
	clean := make(map[string]json.RawMessage, len(inner.raw))
	for _, key := range slices.Sorted(maps.Keys(inner.raw)) {
		if len(key) > MaxName {
			o.fail(name, "a key has %d bytes, the limit is %d", len(key), MaxName)
			return nil
		}
		tidy, err := tidyValue(inner.raw[key])
		if err != nil {
			o.fail(name, "%s: %s", clip(key), err)
			return nil
		}
		clean[withoutNUL(key)] = tidy
	}
	return clean
}

// tidyValue gives a JSON value in its canonical form: no blanks, keys in order, strings escaped in one way.
func tidyValue(raw json.RawMessage) (json.RawMessage, error) {
	value, err := parseValue(raw)
	if err != nil {
		return nil, err
	}
	if value, err = mapStrings(value, withoutNUL); err != nil {
		return nil, err
	}
	return marshalValue(value)
}

func parseValue(raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, errors.New(jsonFault(err))
	}
	return value, nil
}

func marshalValue(value any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

// mapStrings rewrites every string and key of a JSON value, and refuses numbers that are no double.
func mapStrings(value any, f func(string) string) (any, error) {
	switch v := value.(type) {
	case string:
		return f(v), nil
	case json.Number:
		if n, err := v.Float64(); err != nil || !finite(n) {
			return nil, fmt.Errorf("the number %s is out of range", clip(v.String()))
		}
		return v, nil
	case []any:
		for i := range v {
			inner, err := mapStrings(v[i], f)
			if err != nil {
				return nil, err
			}
			v[i] = inner
		}
		return v, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, inner := range v {
			mapped, err := mapStrings(inner, f)
			if err != nil {
				return nil, err
			}
			out[f(key)] = mapped
		}
		return out, nil
	}
	return value, nil
}

// depth is the deepest nesting of arrays and objects, found without building any of it.
func depth(data []byte) int {
	most, level := 0, 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[':
			level++
			most = max(most, level)
		case '}', ']':
			level--
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		}
	}
	return most
}

func kindOf(raw json.RawMessage) string {
	switch raw[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// jsonFault words a JSON error without the text that it stumbled over.
func jsonFault(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("%s at byte %d", syntax.Error(), syntax.Offset)
	}
	return err.Error()
}

func firstInvalid(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

func withoutNUL(s string) string {
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// clip shortens what a stranger sent before it stands in an error.
func clip(s string) string {
	const limit = 40
	if len(s) <= limit {
		return s
	}
	n := limit
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}
