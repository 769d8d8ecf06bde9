package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"earshot/feedback"
	"earshot/ingest/importer"
)

// rows gives the rows of the body, by its content type. An error that the sequence yields is of the whole body.
func (in *intake) rows(r *http.Request, from *body) (iter.Seq2[incoming, error], error) {
	media := "application/json"
	if kind := r.Header.Get("Content-Type"); kind != "" {
		var err error
		if media, _, err = mime.ParseMediaType(kind); err != nil {
			media = ""
		}
	}
	buffered := bufio.NewReaderSize(from, 64<<10)
	switch media {
	case "application/x-ndjson", "application/ndjson", "application/jsonl":
		return in.lines(buffered), nil
	case "application/json", "application/cloudevents+json", "application/cloudevents-batch+json":
		first, err := firstByte(buffered)
		switch {
		case err == io.EOF:
			return func(func(incoming, error) bool) {}, nil
		case err != nil:
			return nil, err
		case first == '[':
			return in.elements(buffered), nil
		}
		return in.single(buffered), nil
	case "text/csv":
		return in.table(r, buffered)
	}
	return nil, feedback.Errorf(feedback.Invalid, "the content type of the request is not known").
		WithHint("use application/json for one item or an array, application/x-ndjson for one a line, text/csv for a table")
}

// row checks one message of the contract.
func (in *intake) row(number int, data []byte) incoming {
	external, problem := checkRow(data)
	return incoming{number: number, source: in.source, external: external, data: data, problem: problem}
}

// tooLong is a row of which not all was read.
func tooLong(number int) incoming {
	return incoming{number: number, problem: refused(feedback.TooLarge, "", "the row is over the limit of %d bytes", feedback.MaxMessage)}
}

// firstByte gives the first byte that is no blank, and leaves it unread.
func firstByte(r *bufio.Reader) (byte, error) {
	for {
		c, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if !blank(c) {
			return c, r.UnreadByte()
		}
	}
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// single gives a body that is one message.
func (in *intake) single(r *bufio.Reader) iter.Seq2[incoming, error] {
	return func(yield func(incoming, error) bool) {
		data, err := io.ReadAll(io.LimitReader(r, feedback.MaxMessage+1))
		if err != nil {
			yield(incoming{}, err)
			return
		}
		if len(data) > feedback.MaxMessage {
			yield(tooLong(1), nil)
			return
		}
		yield(in.row(1, data), nil)
	}
}

// lines gives one message a line. Empty lines are counted and left out.
func (in *intake) lines(r *bufio.Reader) iter.Seq2[incoming, error] {
	return func(yield func(incoming, error) bool) {
		for number := 1; ; number++ {
			line, long, err := readLine(r)
			if err != nil && err != io.EOF {
				yield(incoming{}, err)
				return
			}
			row := tooLong(number)
			if !long {
				if line = bytes.TrimSpace(line); len(line) > 0 {
					row = in.row(number, line)
				}
			}
			if (long || len(line) > 0) && !yield(row, nil) || err == io.EOF {
				return
			}
		}
	}
}

// readLine reads a line into memory of its own, or past one that is too long.
func readLine(r *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(line)+len(part) > feedback.MaxMessage; long {
			line = nil
		} else {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long, err
		}
	}
}

// elements gives the elements of a JSON array, which is cut at its commas without being parsed: each element is parsed
// as a row, and one that is broken within its brackets holds up no other.
func (in *intake) elements(r *bufio.Reader) iter.Seq2[incoming, error] {
	return func(yield func(incoming, error) bool) {
		_, _ = r.ReadByte() // the bracket that was seen
		for number := 1; ; number++ {
			element, long, last, err := readElement(r)
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				err = feedback.Errorf(feedback.Invalid, "the array has no end: it breaks off in element %d", number)
			}
			if err != nil {
				yield(incoming{}, err)
				return
			}
			if last && number == 1 && !long && len(element) == 0 {
				return // an empty array
			}
			row := tooLong(number)
			if !long {
				row = in.row(number, element)
			}
			if !yield(row, nil) || last {
				break
			}
		}
	}
}

// readElement reads up to the comma or bracket that ends an element of an array.
func readElement(r *bufio.Reader) (element []byte, long, last bool, err error) {
	depth, quoted, escaped := 0, false, false
	for {
		c, err := r.ReadByte()
		if err != nil {
			return nil, false, false, err
		}
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && (c == ',' || c == ']'):
			return bytes.TrimSpace(element), long, c == ']', nil
		}
		if long = long || len(element) >= feedback.MaxMessage; long {
			element = nil
		} else {
			element = append(element, c)
		}
	}
}

// table gives the rows of a CSV body as messages.
func (in *intake) table(r *http.Request, body *bufio.Reader) (iter.Seq2[incoming, error], error) {
	file, err := importer.Open("the body", body, columnsOf(r.URL.Query(), in.source))
	if err != nil {
		return nil, err
	}
	for _, c := range file.Mapping().Columns {
		in.receipt.Columns = append(in.receipt.Columns, Column{Name: c.Name, Field: string(c.Field)})
	}
	return func(yield func(incoming, error) bool) {
		for row, err := range file.Rows(r.Context()) {
			out := incoming{number: row.Line, source: row.Source, external: row.Submission.ExternalID}
			switch code := feedback.ErrorCode(err); {
			case code == feedback.Invalid || code == feedback.TooLarge:
				out.problem = problemOf(err)
			case err != nil:
				yield(incoming{}, err)
				return
			default:
				out.data, err = json.Marshal(row.Submission)
				if err != nil || len(out.data) > feedback.MaxMessage {
					out.problem = refused(feedback.TooLarge, "", "the row is over the limit of %d bytes", feedback.MaxMessage)
				}
			}
			if !yield(out, nil) {
				return
			}
		}
	}, nil
}

// columnsOf reads from the query what the columns of a table are.
func columnsOf(q url.Values, source string) importer.Options {
	column := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	return importer.Options{
		Format: importer.CSV, Generic: true, BodyFormat: feedback.Format(column("format")), DefaultSource: source,
		Text: column("text"), Title: column("title"), ID: column("id"), Time: column("time"), Source: "-",
		Customer: column("customer"), Rating: column("rating"), Score: column("score"), Language: column("language"),
		URL: column("url"), Author: column("author"),
	}
}
