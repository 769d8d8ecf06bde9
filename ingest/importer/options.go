package importer

import (
	"fmt"
	"slices"
	"strings"

	"earshot/feedback"
)

// The limits of a file. Each stands in the error that it causes.
const (
	MaxRow     = feedback.MaxBody // bytes of one CSV row or one line
	MaxColumns = 512
)

// Format says how a file is written.
type Format string

// The formats. Auto looks at the first bytes.
const (
	Auto      Format = ""
	CSV       Format = "csv"
	JSONLines Format = "jsonl"
	JSONArray Format = "json"
)

// Options override what is guessed. The names of columns are those of the header, in any case; a JSON file's columns
// are the keys of its objects.
type Options struct {
	Format     Format
	BodyFormat feedback.Format // of every text; text where it is empty
	Delimiter  rune            // of a CSV file; 0 to guess among comma, semicolon, tab and bar

	Text, Title, ID, Time, Source, Customer, Rating, Score, Language, URL, Author string // columns; "-" for none

	DefaultSource string // of rows that name none; the known export's, or the file's own name, where it is empty

	// Generic reads a file by its columns alone, also where it is a known export. A text column that is asked for in a JSON
	// file says the same.
	Generic bool
}

// Field is what a column means.
type Field string

// The fields that a column may be mapped to. Columns that are mapped to none become attributes.
const (
	Text            Field = "text"
	Title           Field = "title"
	ID              Field = "id"
	Time            Field = "time"
	Source          Field = "source"
	Rating          Field = "rating"
	Score           Field = "score"
	Language        Field = "language"
	URL             Field = "url"
	AuthorName      Field = "author"
	AuthorEmail     Field = "author email"
	AuthorID        Field = "author id"
	CustomerID      Field = "customer"
	CustomerName    Field = "customer name"
	CustomerSegment Field = "customer segment"
	CustomerPlan    Field = "customer plan"
	CustomerARR     Field = "customer arr"
	Ignored         Field = "left out" // what the vendor's side wrote, and what other columns say better
)

// Column is a column of a file and what it is taken for.
type Column struct {
	Name  string
	Field Field  // "" for an attribute
	Why   string // for instance: named "review", the longest text, as asked
}

// Mapping says how a file is read.
type Mapping struct {
	File      string
	Export    string // the name of the known export that it is; "" for none
	Format    Format
	Encoding  string // utf-8, utf-16le, utf-16be or windows-1252
	Delimiter rune   // of a CSV file
	Columns   []Column
	Contract  bool     // the objects of a JSON file are messages already; Columns is empty then
	Dates     string   // how dates with slashes are read, where there are any: day first or month first
	LeftOut   []string // what a known export holds that is no customer's words
}

// Column gives the name of the column that a field comes from; "" for none.
func (m *Mapping) Column(f Field) string {
	for _, c := range m.Columns {
		if c.Field == f {
			return c.Name
		}
	}
	return ""
}

// String gives the mapping as lines that a person reads before an import.
func (m *Mapping) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", m.File)
	if m.Export != "" {
		fmt.Fprintf(&b, "%s, ", m.Export)
	}
	fmt.Fprintf(&b, "%s, %s", m.Format, m.Encoding)
	if m.Format == CSV {
		fmt.Fprintf(&b, ", separated by %s", delimiterName(m.Delimiter))
	}
	if m.Contract {
		b.WriteString(", each object a message\n")
		return b.String()
	}
	b.WriteByte('\n')
	width := 0
	for _, c := range m.Columns {
		if c.Field == "" || c.Field == Ignored {
			continue
		}
		width = max(width, len([]rune(c.Name)))
	}
	var rest []string
	leaves := slices.Clone(m.LeftOut)
	for _, c := range m.Columns {
		switch c.Field {
		case "":
			rest = append(rest, c.Name)
			continue
		case Ignored:
			leaves = append(leaves, c.Name)
			continue
		}
		pad := strings.Repeat(" ", width-len([]rune(c.Name)))
		fmt.Fprintf(&b, "  %s%s  ->  %s (%s)\n", c.Name, pad, c.Field, c.Why)
	}
	if len(rest) > 0 {
		fmt.Fprintf(&b, "  attributes: %s\n", strings.Join(rest, ", "))
	}
	if len(leaves) > 0 {
		fmt.Fprintf(&b, "  left out: %s\n", strings.Join(leaves, ", "))
	}
	if m.Dates != "" {
		fmt.Fprintf(&b, "  dates: %s\n", m.Dates)
	}
	return b.String()
}

func delimiterName(r rune) string {
	switch r {
	case '\t':
		return "tabs"
	case ',':
		return "commas"
	case ';':
		return "semicolons"
	case '|':
		return "bars"
	}
	return fmt.Sprintf("%q", r)
}
