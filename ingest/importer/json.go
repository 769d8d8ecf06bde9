package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"earshot/feedback"
)

// planJSON looks at the first objects. Those that are messages as the contract has them are taken as they are; of others
// the keys are mapped like columns. Where already the first object is longer than the head, whose rest is cut off, the file
// is taken to hold messages.
func (f *File) planJSON(head []byte, cut bool) error {
	var objects []map[string]json.RawMessage
	var lines []int
	collect := func(line int, raw []byte, err error) bool {
		var o map[string]json.RawMessage
		if err == nil && json.Unmarshal(raw, &o) == nil && len(o) > 0 {
			objects, lines = append(objects, o), append(lines, line)
		}
		return len(objects) < lookedAt
	}
	if err := f.eachObject(reader(head), collect); err != nil {
		return err
	}
	if len(objects) == 0 && cut && f.options.Text == "" {
		f.mapping.Contract = true
		f.convert = newConverter(&f.mapping, &f.options)
		return nil
	}
	if len(objects) == 0 {
		return feedback.Errorf(feedback.Invalid, "has no JSON object in its first rows").
			WithHint("JSON Lines has one object a line, an array starts with [")
	}
	contract := 0
	for _, o := range objects {
		if isMessage(o) {
			contract++
		}
	}
	if f.mapping.Contract = contract*2 > len(objects) && f.options.Text == ""; f.mapping.Contract {
		f.convert = newConverter(&f.mapping, &f.options)
	} else if err := f.settle(tableOf(objects), nil); err != nil {
		return err
	}
	for i, o := range objects {
		if len(f.sample) == shown {
			break
		}
		if row, err := f.object(lines[i], o); err == nil {
			f.sample = append(f.sample, row)
		}
	}
	f.convert.forget()
	return nil
}

func reader(head []byte) *bufio.Reader { return bufio.NewReaderSize(bytes.NewReader(head), 64<<10) }

// isMessage says that an object has the contract's own names.
func isMessage(o map[string]json.RawMessage) bool {
	_, hasBody := o["body"]
	if _, hasTitle := o["title"]; !hasBody && !hasTitle {
		return false
	}
	for _, name := range []string{"external_id", "occurred_at"} {
		if _, ok := o[name]; ok {
			return true
		}
	}
	for _, name := range []string{"customer", "author", "attributes"} {
		if raw := o[name]; len(raw) > 0 && raw[0] == '{' {
			return true
		}
	}
	return hasBody && len(o) == 1
}

// tableOf makes columns of the keys of objects, in the order of their first sight and then of the alphabet.
func tableOf(objects []map[string]json.RawMessage) *table {
	t := &table{}
	for _, o := range objects {
		for _, k := range sortedKeys(o) {
			if len(t.header) < MaxColumns && !slices.Contains(t.header, k) {
				t.header = append(t.header, k)
			}
		}
	}
	for _, o := range objects {
		row := make([]string, len(t.header))
		for i, k := range t.header {
			row[i] = rawString(o[k])
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// object converts one object. Keys that the first rows didn't have become attributes.
func (f *File) object(line int, o map[string]json.RawMessage) (Row, error) {
	if f.mapping.Contract {
		return f.message(line, o)
	}
	cells := make([]string, len(f.mapping.Columns))
	for i, c := range f.mapping.Columns {
		cells[i] = rawString(o[c.Name])
	}
	row, err := f.convert.fields(line, cells)
	if err != nil {
		return row, err
	}
	for _, k := range sortedKeys(o) {
		i := slices.IndexFunc(f.mapping.Columns, func(c Column) bool { return c.Name == k })
		switch {
		case i < 0 && string(o[k]) != "null":
			attribute(&row.Submission, k, rawString(o[k]))
		case i >= 0 && row.Submission.Attributes[k] != nil:
			row.Submission.Attributes[k] = o[k] // with its own type
		}
	}
	return row, nil
}

// message takes an object that is a submission already, with the source that it may name beside.
func (f *File) message(line int, o map[string]json.RawMessage) (Row, error) {
	row := Row{Line: line, Source: f.options.DefaultSource}
	if name := slug(rawString(o["source"])); name != "" {
		row.Source = name
	}
	delete(o, "source")
	raw, err := json.Marshal(o)
	if err != nil {
		return row, invalid(f.mapping.File, line, "", "%s", err)
	}
	if err := json.Unmarshal(raw, &row.Submission); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return row, invalid(f.mapping.File, line, "field "+wrong.Field, "want another type than %s", wrong.Value)
		}
		return row, invalid(f.mapping.File, line, "", "%s", err)
	}
	s := &row.Submission
	if s.Body == "" && s.Title == "" {
		return row, invalid(f.mapping.File, line, "field body", "is empty: the row has no text")
	}
	if s.ExternalID == "" {
		s.ExternalID = f.convert.derive(row.Source, []string{string(raw)})
	}
	return row, nil
}

// jsonRows reads the objects of a JSON file.
func (f *File) jsonRows(yield func(Row, error) bool) error {
	convert := f.yieldObject
	if f.objects != nil {
		convert = f.yieldExport
	}
	return f.eachObject(f.in, convert(yield))
}

// eachObject yields the objects of a JSON file as they are written.
func (f *File) eachObject(in *bufio.Reader, yield func(line int, raw []byte, err error) bool) error {
	switch {
	case f.list != "":
		return eachListed(in, f.list, yield)
	case f.mapping.Format == JSONArray:
		return eachElement(in, yield)
	}
	return eachLine(in, yield)
}

func (f *File) yieldObject(yield func(Row, error) bool) func(line int, raw []byte, err error) bool {
	return func(line int, raw []byte, err error) bool {
		var o map[string]json.RawMessage
		switch {
		case err != nil:
		default:
			if err = checkObject(raw); err == nil {
				err = json.Unmarshal(raw, &o)
			}
			if err == nil && o == nil {
				err = errors.New("is null")
			}
		}
		if err != nil {
			return yield(Row{Line: line}, invalid(f.mapping.File, line, "", "%s", plainly(err)))
		}
		return yield(f.object(line, o))
	}
}

// maxObject is the most bytes of one JSON object: a text at its limit, escaped.
const maxObject = feedback.MaxMessage

// eachLine yields the lines of a JSON Lines file that aren't blank.
func eachLine(in *bufio.Reader, yield func(line int, raw []byte, err error) bool) error {
	for line := 1; ; line++ {
		raw, err := readLine(in, maxObject)
		switch {
		case errors.Is(err, errLong):
			if !yield(line, nil, fmt.Errorf("is longer than %d bytes", maxObject)) {
				return nil
			}
			continue
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if raw = bytes.TrimSpace(raw); len(raw) > 0 && !yield(line, raw, nil) {
			return nil
		}
	}
}

// eachElement yields the elements of one JSON array without reading more than one of them into memory. It follows only
// brackets and strings, so that a broken element is one bad row. What follows the array is an error of its own row.
func eachElement(in *bufio.Reader, yield func(line int, raw []byte, err error) bool) error {
	line := 1
	c, err := skipBlanks(in, &line)
	if err != nil || c != '[' {
		return err
	}
	for {
		raw, start, last, err := element(in, &line)
		switch {
		case err == io.EOF:
			yield(start, nil, errors.New("ends within the array"))
			return nil
		case errors.Is(err, errLong):
			if !yield(start, nil, fmt.Errorf("is longer than %d bytes", maxObject)) {
				return nil
			}
		case err != nil:
			return err
		case len(raw) > 0 && !yield(start, raw, nil):
			return nil
		}
		if last {
			if _, err := skipBlanks(in, &line); err != io.EOF && err == nil {
				yield(line, nil, errors.New("stands behind the end of the array"))
			}
			return nil
		}
	}
}

func skipBlanks(in *bufio.Reader, line *int) (byte, error) {
	for {
		c, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		switch c {
		case '\n':
			*line++
		case ' ', '\t', '\r':
		default:
			return c, nil
		}
	}
}

// quotes follows the strings of a JSON text, byte by byte.
type quotes struct{ quoted, escaped bool }

// outside takes in the next byte and says whether it belongs to no string.
func (q *quotes) outside(c byte) bool {
	switch {
	case q.escaped:
		q.escaped = false
	case q.quoted:
		q.quoted, q.escaped = c != '"', c == '\\'
	case c == '"':
		q.quoted = true
	default:
		return true
	}
	return false
}

// element reads up to the comma or bracket behind one element.
func element(in *bufio.Reader, line *int) (raw []byte, start int, last bool, err error) {
	c, err := skipBlanks(in, line)
	start = *line
	depth, text, long := 0, quotes{}, false
	for ; err == nil; c, err = in.ReadByte() {
		if c == '\n' {
			*line++
		}
		switch {
		case !text.outside(c):
		case c == '{' || c == '[':
			depth++
		case (c == ',' || c == ']') && depth == 0:
			if long {
				return nil, start, c == ']', errLong
			}
			return bytes.TrimSpace(raw), start, c == ']', nil
		case c == '}' || c == ']':
			depth = max(depth-1, 0)
		}
		if long = long || len(raw) >= maxObject; !long {
			raw = append(raw, c)
		} else {
			raw = nil
		}
	}
	return nil, start, false, err
}
