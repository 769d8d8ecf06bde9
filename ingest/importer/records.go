package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"earshot/feedback"
)

// record is one row of a CSV file.
type record struct {
	line   int // where it starts, from 1
	fields []string
	err    error // the row can't be used; the ones after it can
}

// maxRowLines is how many lines one CSV row may go over: what an unclosed quote would swallow otherwise.
const maxRowLines = 5000

// csvReader reads records one at a time and goes on behind a bad one. It takes quotes as people write them: a quote
// within a bare field is a character, a quoted field ends where a delimiter or the line's end follows its quote. A row
// over MaxRow bytes or maxRowLines lines, most often for a quote that was never closed, is given up at the end of its
// first line.
type csvReader struct {
	in        *bufio.Reader
	delimiter byte
	line      int      // of the line that was read last
	ahead     [][]byte // lines that were read and not used up
	at        int      // the next of them
}

func newCSVReader(in *bufio.Reader, delimiter rune) *csvReader {
	return &csvReader{in: in, delimiter: byte(delimiter)}
}

// nextLine gives a line with its end; io.EOF when there is none.
func (c *csvReader) nextLine() ([]byte, error) {
	if c.at == len(c.ahead) {
		line, err := readLine(c.in, MaxRow)
		if err != nil {
			if errors.Is(err, errLong) {
				c.line++
			}
			return nil, err
		}
		c.ahead = append(c.ahead, line)
	}
	c.at++
	c.line++
	return c.ahead[c.at-1], nil
}

var errLong = errors.New("line too long")

// readLine reads to the next line feed, or carriage return where the file has no line feeds there. It gives io.EOF only
// without a line.
func readLine(in *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > limit {
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = in.ReadSlice('\n')
			}
			if err != nil && err != io.EOF {
				return nil, err
			}
			return nil, errLong
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case err == io.EOF && len(line) > 0:
			return line, nil
		default:
			return nil, err
		}
	}
}

// next gives the next record that isn't blank. Its error is io.EOF or a failure to read; a bad row is in the record.
func (c *csvReader) next() (record, error) {
	for {
		if c.ahead = c.ahead[c.at:]; len(c.ahead) == 0 {
			c.ahead = nil
		}
		c.at = 0
		line, err := c.nextLine()
		if errors.Is(err, errLong) {
			return record{line: c.line, err: fmt.Errorf("is longer than %d bytes", MaxRow)}, nil
		}
		if err != nil {
			return record{}, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		return c.parse(line)
	}
}

func (c *csvReader) parse(line []byte) (record, error) {
	r := record{line: c.line, err: badText(line)}
	at, size, lines := 0, len(line), 1
	for {
		if at < len(line) && line[at] == '"' {
			var value strings.Builder
			next, closed := quoted(&value, line, at+1, c.delimiter)
			for !closed {
				more, err := c.nextLine()
				size += len(more)
				lines++
				switch {
				case err != nil && err != io.EOF && !errors.Is(err, errLong):
					return record{}, err
				case err != nil || size > MaxRow || lines > maxRowLines:
					c.at, c.line = 1, r.line
					r.err = fmt.Errorf("has a quote that is never closed, or is longer than %d bytes or %d lines", MaxRow, maxRowLines)
					return r, nil
				}
				if r.err == nil {
					r.err = badText(more)
				}
				line = more
				next, closed = quoted(&value, line, 0, c.delimiter)
			}
			r.fields = append(r.fields, strings.ReplaceAll(value.String(), "\r\n", "\n"))
			at = next
		} else {
			end := at
			for end < len(line) && line[end] != c.delimiter && line[end] != '\n' {
				end++
			}
			r.fields = append(r.fields, strings.TrimSuffix(string(line[at:end]), "\r"))
			at = end
		}
		if len(r.fields) > MaxColumns {
			r.err = fmt.Errorf("has more than %d columns", MaxColumns)
			return r, nil
		}
		if at >= len(line) || line[at] == '\n' {
			return r, nil
		}
		at++
	}
}

// quoted reads on within a field in quotes, to its closing quote or to the end of the line.
func quoted(value *strings.Builder, line []byte, i int, delimiter byte) (next int, closed bool) {
	for ; i < len(line); i++ {
		if line[i] != '"' {
			value.WriteByte(line[i])
			continue
		}
		if i+1 < len(line) && line[i+1] == '"' {
			value.WriteByte('"')
			i++
			continue
		}
		end := i + 1
		for end < len(line) && (line[end] == ' ' || line[end] == '\r') && line[end] != delimiter {
			end++
		}
		if end >= len(line) || line[end] == delimiter || line[end] == '\n' {
			return end, true
		}
		value.WriteByte('"') // a quote in the middle that wasn't doubled
	}
	return len(line), false
}

// badText finds what no text file holds.
func badText(text []byte) error {
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return fmt.Errorf("has a NUL byte, at byte %d of its line", i+1)
	}
	if !utf8.Valid(text) {
		i := 0
		for i < len(text) {
			r, size := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			i += size
		}
		return fmt.Errorf("isn't valid UTF-8, at byte %d of its line", i+1)
	}
	return nil
}

// guessDelimiter takes the delimiter that cuts the first rows into the same number of columns, the most of them.
func guessDelimiter(head []byte) rune {
	best, score := ',', 0
	for _, d := range []rune{',', ';', '\t', '|'} {
		c := newCSVReader(bufio.NewReaderSize(bytes.NewReader(head), 64<<10), d)
		first, same, n := 0, 0, 0
		for n < 20 {
			r, err := c.next()
			if err != nil {
				break
			}
			if n++; n == 1 {
				first = len(r.fields)
			}
			if len(r.fields) == first {
				same++
			}
		}
		if first < 2 {
			continue
		}
		if s := same * 1000 / n * min(first, 40); s > score {
			best, score = d, s
		}
	}
	return best
}

// invalid words a fault of one row, with its place.
func invalid(file string, line int, field, format string, args ...any) error {
	where := fmt.Sprintf("%s, line %d", file, line)
	if field != "" {
		where += ", " + field
	}
	return feedback.Errorf(feedback.Invalid, "%s: %s", where, fmt.Sprintf(format, args...))
}
