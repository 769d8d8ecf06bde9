package importer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"path/filepath"
	"strings"

	"earshot/feedback"
)

// The number of rows that are looked at before a mapping is settled, and of those that are shown.
const (
	lookedAt = 200
	shown    = 5
)

// Row is one submission of a file.
type Row struct {
	Line       int    // where it starts in the file, from 1
	Source     string // where it comes from: the row's own, or the file's
	Submission feedback.Submission
}

// File is a file that was looked at and is ready to be read once.
type File struct {
	mapping    Mapping
	sample     []Row
	options    Options
	fileSource string // the source by the file's name; "" where another was asked for
	in         *bufio.Reader
	convert    *converter
	objects    *objectExport                                   // that the file's objects belong to; nil for none
	list       string                                          // the array that holds them, within an object
	read       func(yield func(row Row, err error) bool) error // of an archive
	left       map[string]int
}

// Open looks at the first rows of a file and settles how it is read. The name stands in errors and, without a source of
// its own, names the file's source; "-" is standard input. Its errors are Invalid: an empty file, a CSV file without a
// row of names, a column that was asked for and isn't there, no column that looks like text.
func Open(name string, r io.Reader, o Options) (*File, error) {
	f := &File{options: o, mapping: Mapping{File: name, Format: o.Format}, left: map[string]int{}}
	if name == "-" || name == "" {
		f.mapping.File = "standard input"
	}
	if o.DefaultSource == "" {
		f.fileSource = sourceOf(name)
		f.options.DefaultSource = f.fileSource
	} else if err := feedback.CheckSource(o.DefaultSource); err != nil {
		return nil, err
	}
	var err error
	if f.in, f.mapping.Encoding, err = decodeText(r); err != nil {
		return nil, feedback.Errorf(feedback.Internal, "read %s: %w", f.mapping.File, err)
	}
	head, err := f.in.Peek(peek)
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, feedback.Errorf(feedback.Internal, "read %s: %w", f.mapping.File, err)
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, feedback.Errorf(feedback.Invalid, "%s is empty", f.mapping.File)
	}
	if f.mapping.Format == Auto {
		f.mapping.Format = guessFormat(head)
	}
	if e, list := f.knownObjects(head); e != nil {
		f.planExport(head, e, list)
		return f, nil
	}
	if f.mapping.Format == CSV {
		err = f.planCSV(head, len(head) == peek)
	} else {
		err = f.planJSON(head, len(head) == peek)
	}
	if err != nil {
		return nil, in(f.mapping.File, err)
	}
	return f, nil
}

// in puts the file's name before an error, if there is one, and keeps its code and hint.
func in(file string, err error) error {
	if err == nil {
		return nil
	}
	var coded *feedback.Error
	if errors.As(err, &coded) {
		return &feedback.Error{Code: coded.Code, Hint: coded.Hint, Err: fmt.Errorf("%s: %w", file, coded.Err)}
	}
	return fmt.Errorf("%s: %w", file, err)
}

func sourceOf(name string) string {
	base := filepath.Base(name)
	if s := slug(strings.TrimSuffix(base, filepath.Ext(base))); s != "" && name != "-" {
		return s
	}
	return "import"
}

// Mapping says how the file is read.
func (f *File) Mapping() *Mapping { return &f.mapping }

// Sample gives the file's first good rows, at most five.
func (f *File) Sample() []Row { return f.sample }

// LeftOut says what was left out by the rules of the export that the file is, and how often, among the rows that were
// read so far: an agent's comment, a pull request, a rating without words.
func (f *File) LeftOut() map[string]int { return maps.Clone(f.left) }

// belongsTo settles the source of a file that is a known export, unless another was asked for.
func (f *File) belongsTo(e *Export) {
	f.mapping.Export = e.Name
	if f.fileSource != "" {
		f.options.DefaultSource = e.Source
	}
}

// guessFormat knows JSON by its first byte.
func guessFormat(head []byte) Format {
	head = bytes.TrimLeft(head, " \t\r\n")
	switch {
	case head[0] == '{':
		return JSONLines
	case head[0] == '[':
		if rest := bytes.TrimLeft(head[1:], " \t\r\n"); len(rest) == 0 || rest[0] == '{' || rest[0] == ']' {
			return JSONArray
		}
	}
	return CSV
}

func (f *File) planCSV(head []byte, cut bool) error {
	if f.mapping.Delimiter = f.options.Delimiter; f.mapping.Delimiter == 0 {
		f.mapping.Delimiter = guessDelimiter(head)
	} else if f.mapping.Delimiter >= 0x80 || f.mapping.Delimiter == '"' || f.mapping.Delimiter < ' ' && f.mapping.Delimiter != '\t' {
		return feedback.Errorf(feedback.Invalid, "%q cannot separate columns", f.mapping.Delimiter)
	}
	records := newCSVReader(bufio.NewReaderSize(bytes.NewReader(head), 64<<10), f.mapping.Delimiter)
	first, err := records.next()
	if err != nil {
		return feedback.Errorf(feedback.Invalid, "has no row of column names")
	}
	if first.err != nil {
		return feedback.Errorf(feedback.Invalid, "line %d, the column names: %w", first.line, first.err)
	}
	if err := checkHeader(first.fields); err != nil {
		return err
	}
	t := table{header: tidyHeader(first.fields)}
	lines := []int{}
	for len(t.rows) < lookedAt {
		r, err := records.next()
		if err != nil {
			if cut && len(t.rows) > 0 {
				t.rows, lines = t.rows[:len(t.rows)-1], lines[:len(lines)-1] // its end wasn't seen
			}
			break
		}
		if r.err == nil && len(r.fields) == len(t.header) {
			t.rows, lines = append(t.rows, r.fields), append(lines, r.line)
		}
	}
	if err := f.settle(&t, f.sheetExport(&t)); err != nil {
		return err
	}
	for i, fields := range t.rows {
		if len(f.sample) == shown {
			break
		}
		if row, err := f.convert.fields(lines[i], fields); err == nil {
			f.sample = append(f.sample, row)
		}
	}
	f.convert.forget()
	return nil
}

// sheetExport gives the export that a table's columns are those of, or nil.
func (f *File) sheetExport(t *table) *sheetExport {
	if f.options.Generic {
		return nil
	}
	return sheetOf(t)
}

// settle makes the mapping and the converter for a table, and for the export that it belongs to, if any.
func (f *File) settle(t *table, export *sheetExport) error {
	columns, err := plan(t, &f.options, export)
	if err != nil {
		return err
	}
	f.mapping.Columns = columns
	if export != nil {
		f.belongsTo(&export.Export)
		f.mapping.LeftOut = export.leaves
	}
	f.convert = newConverter(&f.mapping, &f.options)
	f.convert.export = export
	for i, c := range columns {
		if c.Field != Time {
			continue
		}
		fallback := monthFirst
		if f.mapping.Delimiter == ';' {
			fallback = dayFirst // semicolons come from places that write 31/12
		}
		if err := f.convert.dates.decide(t.column(i), fallback); err != nil {
			return feedback.Errorf(feedback.Invalid, "column %q: %w", clip(c.Name), err).WithHint("write them as 2026-03-30, or leave the column out with --time -")
		}
		switch f.convert.dates.order {
		case dayFirst:
			f.mapping.Dates = "day/month/year"
		case monthFirst:
			f.mapping.Dates = "month/day/year"
		}
	}
	return nil
}

// tidyHeader trims the names, and names what has none or the name of another.
func tidyHeader(fields []string) []string {
	out := make([]string, len(fields))
	seen := map[string]bool{}
	for i, name := range fields {
		name = strings.TrimSpace(name)
		if name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		for base, n := name, 2; seen[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s (%d)", base, n)
		}
		seen[strings.ToLower(name)] = true
		out[i] = name
	}
	return out
}

// Rows yields the file's rows in order. An error that is Invalid or TooLarge is that of one row, with file, line and
// field, and the rows after it follow; any other ends the file: it could not be read, or ctx is done. Rows can be used
// once.
func (f *File) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		read := f.csvRows
		switch {
		case f.read != nil:
			read = f.read
		case f.mapping.Format != CSV:
			read = f.jsonRows
		}
		err := read(func(row Row, err error) bool {
			if done := ctx.Err(); done != nil {
				yield(Row{}, feedback.Errorf(feedback.Unavailable, "read %s: %w", f.mapping.File, done))
				return false
			}
			if row.Source == "" { // a row that could not be read is of the file's source, too
				row.Source = f.options.DefaultSource
			}
			return yield(row, err)
		})
		if code := feedback.ErrorCode(err); code == feedback.TooLarge {
			yield(Row{}, in(f.mapping.File, err))
		} else if err != nil {
			yield(Row{}, feedback.Errorf(feedback.Internal, "read %s: %w", f.mapping.File, err))
		}
	}
}

func (f *File) csvRows(yield func(Row, error) bool) error {
	records := newCSVReader(f.in, f.mapping.Delimiter)
	if _, err := records.next(); err != nil {
		return err
	}
	width := len(f.mapping.Columns)
	for {
		r, err := records.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var row Row
		switch {
		case r.err != nil:
			err = invalid(f.mapping.File, r.line, "", "%s", r.err)
		case len(r.fields) > width && strings.TrimSpace(strings.Join(r.fields[width:], "")) == "":
			row, err = f.convert.fields(r.line, r.fields[:width])
		case len(r.fields) != width:
			err = invalid(f.mapping.File, r.line, "", "has %d columns, the header has %d", len(r.fields), width)
		default:
			row, err = f.convert.fields(r.line, r.fields)
		}
		var without *leftOut
		if errors.As(err, &without) {
			f.left[without.what]++
			continue
		}
		if !yield(row, err) {
			return nil
		}
	}
}

// rawString gives a JSON string's value, or any other value as it is written.
func rawString(raw json.RawMessage) string {
	var s string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return s
	}
	if string(raw) == "null" {
		return ""
	}
	return string(raw)
}
