package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"earshot/feedback"
)

// MaxDepth is how deep a JSON object of a file or a payload may be nested.
const MaxDepth = 32

// objectExport is an export of JSON objects: one a line, in an array, or in an array within an object as an API's page
// has it. One object may hold several items, or none.
type objectExport struct {
	Export
	is      func(o map[string]json.RawMessage) bool // by names and shapes alone; values may be cut off
	columns []Column
	leaves  []string // what is left out by rule
	read    func(raw []byte, out *said) error
}

// objectExports are held against a file in this order.
var objectExports = []*objectExport{&zendesk, &intercom, &appStore, &github, &slackMessages}

func holds(o map[string]json.RawMessage, names ...string) int {
	n := 0
	for _, name := range names {
		if raw, ok := o[name]; ok && len(raw) > 0 {
			n++
		}
	}
	return n
}

// exportOf gives the export that most of the objects belong to, or nil.
func exportOf(objects []map[string]json.RawMessage) *objectExport {
	for _, e := range objectExports {
		n := 0
		for _, o := range objects {
			if e.is(o) {
				n++
			}
		}
		if n*2 > len(objects) {
			return e
		}
	}
	return nil
}

// partial reads the members of an object whose end may be cut off: those that are whole, and of the last one what is
// there.
func partial(head []byte) map[string]json.RawMessage {
	in := bufio.NewReader(bytes.NewReader(head))
	line := 1
	if c, err := skipBlanks(in, &line); err != nil || c != '{' {
		return nil
	}
	o := map[string]json.RawMessage{}
	for len(o) < MaxColumns {
		name, err := memberName(in, &line)
		if err != nil {
			return o
		}
		raw, end, err := value(in, &line, len(head))
		if len(raw) > 0 {
			o[name] = raw
		}
		if err != nil || end != ',' {
			return o
		}
	}
	return o
}

// memberName reads the name of an object's member and the colon behind it.
func memberName(in *bufio.Reader, line *int) (string, error) {
	c, err := skipBlanks(in, line)
	if err != nil {
		return "", err
	}
	if c != '"' {
		return "", errNoName
	}
	raw := []byte{'"'}
	for escaped := false; ; {
		if c, err = in.ReadByte(); err != nil {
			return "", err
		}
		if raw = append(raw, c); len(raw) > maxName {
			return "", errNoName
		}
		if c == '"' && !escaped {
			break
		}
		escaped = c == '\\' && !escaped
	}
	var name string
	if json.Unmarshal(raw, &name) != nil {
		return "", errNoName
	}
	if c, err = skipBlanks(in, line); err == nil && c != ':' {
		err = errNoName
	}
	return name, err
}

const maxName = 512

var errNoName = errors.New("has no name where an object's member must have one")

// value reads one value of an object up to the comma or bracket behind it, and keeps at most limit bytes of it.
func value(in *bufio.Reader, line *int, limit int) (raw []byte, end byte, err error) {
	c, err := skipBlanks(in, line)
	depth, text := 0, quotes{}
	for ; err == nil; c, err = in.ReadByte() {
		if c == '\n' {
			*line++
		}
		switch {
		case !text.outside(c):
		case c == '{' || c == '[':
			depth++
		case (c == ',' || c == '}') && depth == 0:
			return bytes.TrimSpace(raw), c, nil
		case c == '}' || c == ']':
			depth = max(depth-1, 0)
		}
		if len(raw) < limit {
			raw = append(raw, c)
		}
	}
	return bytes.TrimSpace(raw), 0, err
}

// listed looks for an array within the object that the head starts with, whose elements belong to an export: an API's
// answer, saved as it came.
func listed(head []byte) (name string, e *objectExport) {
	in := bufio.NewReader(bytes.NewReader(head))
	line := 1
	if c, err := skipBlanks(in, &line); err != nil || c != '{' {
		return "", nil
	}
	for range 32 {
		name, err := memberName(in, &line)
		if err != nil {
			return "", nil
		}
		raw, end, err := value(in, &line, len(head))
		if bytes.HasPrefix(raw, []byte{'['}) {
			if e := exportOf(firstElements(raw)); e != nil {
				return name, e
			}
		}
		if err != nil || end != ',' {
			return "", nil
		}
	}
	return "", nil
}

// firstElements gives the objects at the start of an array whose end may be cut off.
func firstElements(raw []byte) []map[string]json.RawMessage {
	var objects []map[string]json.RawMessage
	_ = eachElement(bufio.NewReader(bytes.NewReader(raw)), func(_ int, raw []byte, err error) bool {
		var o map[string]json.RawMessage
		if err == nil && json.Unmarshal(raw, &o) == nil && len(o) > 0 {
			objects = append(objects, o)
		}
		return len(objects) < lookedAt
	})
	if rest, ok := bytes.CutPrefix(raw, []byte{'['}); ok && len(objects) == 0 {
		if o := partial(rest); len(o) > 0 {
			objects = append(objects, o)
		}
	}
	return objects
}

// eachListed yields the elements of the arrays of that name in the objects of a file, one page after another.
func eachListed(in *bufio.Reader, name string, yield func(line int, raw []byte, err error) bool) error {
	line := 1
	for more := true; more; {
		c, err := skipBlanks(in, &line)
		if err == io.EOF {
			return nil
		}
		if err == nil && c != '{' {
			err = errNoName
		}
		if err == nil {
			more, err = onePage(in, name, &line, yield)
		}
		switch {
		case errors.Is(err, errNoName):
			yield(line, nil, err)
			return nil
		case err == io.EOF:
			yield(line, nil, errors.New("ends within an object"))
			return nil
		case err != nil:
			return err
		}
	}
	return nil
}

// onePage reads one object behind its opening brace. It says false when yield wants no more.
func onePage(in *bufio.Reader, list string, line *int, yield func(int, []byte, error) bool) (bool, error) {
	for {
		name, err := memberName(in, line)
		if err != nil {
			return false, err
		}
		if name != list {
			if _, end, err := value(in, line, 0); err != nil || end == '}' {
				return true, err
			}
			continue
		}
		c, err := skipBlanks(in, line)
		if err != nil {
			return false, err
		}
		if c != '[' {
			return false, errNoName
		}
		for last := false; !last; {
			var raw []byte
			var start int
			if raw, start, last, err = element(in, line); err != nil && !errors.Is(err, errLong) {
				return false, err
			}
			if err != nil {
				err = fmt.Errorf("is longer than %d bytes", maxObject)
			}
			if (len(raw) > 0 || err != nil) && !yield(start, raw, err) {
				return false, nil
			}
		}
		switch c, err := skipBlanks(in, line); {
		case err != nil:
			return false, err
		case c == '}':
			return true, nil
		case c != ',':
			return false, errNoName
		}
	}
}

// checkObject refuses what no JSON decoder should have to look at.
func checkObject(raw []byte) error {
	if !utf8.Valid(raw) {
		return badText(raw)
	}
	depth, text := 0, quotes{}
	for _, c := range raw {
		switch {
		case !text.outside(c):
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return fmt.Errorf("is nested deeper than %d levels", MaxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// knownObjects gives the export that the objects of a JSON file belong to, and the name of the array that holds them
// where it stands within an object. It gives nil where the file is none that is known, or is not to be read as one.
func (f *File) knownObjects(head []byte) (e *objectExport, list string) {
	if f.mapping.Format == CSV || f.options.Text != "" || f.options.Generic {
		return nil, ""
	}
	head = bytes.TrimLeft(head, " \t\r\n")
	if head[0] == '[' {
		return exportOf(firstElements(head)), ""
	}
	var objects []map[string]json.RawMessage
	_ = eachLine(reader(head), func(_ int, raw []byte, err error) bool {
		var o map[string]json.RawMessage
		if err == nil && json.Unmarshal(raw, &o) == nil && len(o) > 0 {
			objects = append(objects, o)
		}
		return len(objects) > 0 && len(objects) < lookedAt
	})
	if len(objects) == 0 {
		objects = append(objects, partial(head)) // the first goes over several lines, or over what was looked at
	}
	if e := exportOf(objects); e != nil {
		return e, ""
	}
	list, e = listed(head)
	return e, list
}

// planExport settles that the file is a known export, and keeps what its first objects hold as the sample.
func (f *File) planExport(head []byte, e *objectExport, list string) {
	if f.objects, f.list = e, list; list != "" {
		f.mapping.Format = JSONArray
	}
	f.belongsTo(&e.Export)
	f.mapping.Columns, f.mapping.LeftOut = e.columns, e.leaves
	_ = f.eachObject(reader(head), f.yieldExport(func(row Row, err error) bool {
		if err == nil {
			f.sample = append(f.sample, row)
		}
		return len(f.sample) < shown
	}))
	clear(f.left)
}

// yieldExport makes rows of the objects of a known export.
func (f *File) yieldExport(yield func(Row, error) bool) func(line int, raw []byte, err error) bool {
	return func(line int, raw []byte, err error) bool {
		var found said
		if err == nil {
			err = checkObject(raw)
		}
		if err == nil {
			err = f.objects.read(raw, &found)
		}
		if err != nil {
			return yield(Row{Line: line, Source: f.options.DefaultSource}, invalid(f.mapping.File, line, "", "%s", plainly(err)))
		}
		return f.yieldSaid(f.mapping.File, line, &found, yield)
	}
}

func (f *File) yieldSaid(file string, line int, found *said, yield func(Row, error) bool) bool {
	for what, n := range found.left {
		f.left[what] += n
	}
	for _, s := range found.items {
		row := Row{Line: line, Source: f.options.DefaultSource, Submission: s}
		var err error
		if len(s.Body) > feedback.MaxBody {
			err = feedback.Errorf(feedback.TooLarge, "%s, line %d: a text has %d bytes, the limit is %d", file, line, len(s.Body), feedback.MaxBody)
		}
		if !yield(row, err) {
			return false
		}
	}
	return true
}

// plainly words an error of encoding/json for a person.
func plainly(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		if wrong.Field == "" {
			return fmt.Errorf("is no JSON object, but %s", wrong.Value)
		}
		return fmt.Errorf("field %s: want another type than %s", wrong.Field, wrong.Value)
	}
	return err
}
