package importer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"earshot/feedback"
)

// Sheet is a file read whole with no meaning given to its columns: what somebody who names the columns needs.
type Sheet struct {
	Name     string
	Encoding string // as in [Mapping]
	Columns  []string
	Rows     []SheetRow // the good ones, in order
	Refused  []error    // one a bad row, with file and line; each is Invalid
}

// SheetRow is one row: its cells as they stand, one for each of the sheet's columns.
type SheetRow struct {
	Line  int // where it starts in the file, from 1
	Cells []string
}

// ReadSheet reads a CSV, JSON Lines or JSON file in any of the encodings and dialects that [Open] knows. A JSON file's
// columns are the keys of its objects; a key that an object lacks is an empty cell, and a value that is no string stands
// as JSON. Its errors are Invalid for a file that is empty or has no row of column names, and Unavailable when ctx ends;
// a row that can't be read is in Refused, and the rows behind it follow.
func ReadSheet(ctx context.Context, name string, r io.Reader) (*Sheet, error) {
	s := &Sheet{Name: name}
	if name == "-" || name == "" {
		s.Name = "standard input"
	}
	in, encoding, err := decodeText(r)
	if err != nil {
		return nil, feedback.Errorf(feedback.Internal, "read %s: %w", s.Name, err)
	}
	s.Encoding = encoding
	head, err := in.Peek(peek)
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, feedback.Errorf(feedback.Internal, "read %s: %w", s.Name, err)
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, feedback.Errorf(feedback.Invalid, "%s is empty", s.Name)
	}
	switch guessFormat(head) {
	case JSONLines:
		err = s.readObjects(ctx, in, eachLine)
	case JSONArray:
		err = s.readObjects(ctx, in, eachElement)
	default:
		err = s.readCSV(ctx, newCSVReader(in, guessDelimiter(head)))
	}
	switch {
	case ctx.Err() != nil:
		return nil, feedback.Errorf(feedback.Unavailable, "read %s: %w", s.Name, ctx.Err())
	case err != nil && feedback.ErrorCode(err) == feedback.Internal:
		return nil, feedback.Errorf(feedback.Internal, "read %s: %w", s.Name, err)
	case err != nil:
		return nil, err
	}
	return s, nil
}

func (s *Sheet) readCSV(ctx context.Context, records *csvReader) error {
	first, err := records.next()
	if err != nil {
		return feedback.Errorf(feedback.Invalid, "%s has no row of column names", s.Name)
	}
	if first.err != nil {
		return invalid(s.Name, first.line, "the column names", "%s", first.err)
	}
	s.Columns = tidyHeader(first.fields)
	for ctx.Err() == nil {
		r, err := records.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		width := len(s.Columns)
		if len(r.fields) > width && strings.TrimSpace(strings.Join(r.fields[width:], "")) == "" {
			r.fields = r.fields[:width]
		}
		switch {
		case r.err != nil:
			s.Refused = append(s.Refused, invalid(s.Name, r.line, "", "%s", r.err))
		case len(r.fields) != width:
			s.Refused = append(s.Refused, invalid(s.Name, r.line, "", "has %d columns, the header has %d", len(r.fields), width))
		default:
			s.Rows = append(s.Rows, SheetRow{Line: r.line, Cells: r.fields})
		}
	}
	return nil
}

func (s *Sheet) readObjects(ctx context.Context, in *bufio.Reader, each func(*bufio.Reader, func(int, []byte, error) bool) error) error {
	at := map[string]int{}
	err := each(in, func(line int, raw []byte, err error) bool {
		o := map[string]json.RawMessage{}
		if err == nil && !utf8.Valid(raw) {
			err = badText(raw)
		}
		if err == nil {
			err = json.Unmarshal(raw, &o)
		}
		if err != nil {
			s.Refused = append(s.Refused, invalid(s.Name, line, "", "is no JSON object: %s", err))
			return ctx.Err() == nil
		}
		cells := make([]string, len(s.Columns))
		for _, key := range sortedKeys(o) {
			i, known := at[key]
			if !known {
				if len(s.Columns) == MaxColumns {
					continue
				}
				i = len(s.Columns)
				at[key] = i
				s.Columns = append(s.Columns, key)
				cells = append(cells, "")
			}
			cells[i] = rawString(o[key])
		}
		s.Rows = append(s.Rows, SheetRow{Line: line, Cells: cells})
		return ctx.Err() == nil
	})
	for i, row := range s.Rows {
		s.Rows[i].Cells = append(row.Cells, make([]string, len(s.Columns)-len(row.Cells))...)
	}
	return err
}

// Column gives the index of the column of that name, written in any case and with any blanks, hyphens or underscores
// between its words. Its error is Invalid and lists the columns that there are.
func (s *Sheet) Column(name string) (int, error) {
	for _, same := range []func(string) bool{
		func(c string) bool { return c == name },
		func(c string) bool { return plain(c) == plain(name) },
	} {
		if i := slices.IndexFunc(s.Columns, same); i >= 0 {
			return i, nil
		}
	}
	return -1, feedback.Errorf(feedback.Invalid, "%s: there is no column %q: the columns are %s", s.Name, clip(name), list(s.Columns))
}

// Fault words what is wrong with one cell, with file, line and column. It is Invalid.
func (s *Sheet) Fault(row SheetRow, column int, format string, args ...any) error {
	return invalid(s.Name, row.Line, "column "+strconv.Quote(clip(s.Columns[column])), "%s", fmt.Sprintf(format, args...))
}
