package importer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"earshot/feedback"
)

// converter makes submissions of rows. It counts the rows that say the same, so that each has an id of its own.
type converter struct {
	mapping *Mapping
	options *Options
	hasID   bool
	dates   dates
	seen    map[uint64]uint32
	export  *sheetExport // that the rows belong to; nil for none
}

// leftOut is the error of a row that is left out by rule: nothing is wrong with it.
type leftOut struct{ what string }

// Error gives what it is.
func (l *leftOut) Error() string { return l.what }

func newConverter(m *Mapping, o *Options) *converter {
	return &converter{mapping: m, options: o, hasID: m.Column(ID) != "", seen: map[uint64]uint32{}}
}

// forget starts the count anew, after a look at the first rows.
func (c *converter) forget() { clear(c.seen) }

// fields converts the cells of one row, one for each column.
func (c *converter) fields(line int, cells []string) (Row, error) {
	row := Row{Line: line, Source: c.options.DefaultSource}
	s := &row.Submission
	s.Format = c.options.BodyFormat
	author, customer := feedback.Author{}, feedback.Customer{}
	for i, column := range c.mapping.Columns {
		value := strings.TrimSpace(cells[i])
		if value == "" {
			continue
		}
		switch column.Field {
		case Text:
			if len(value) > feedback.MaxBody {
				return row, feedback.Errorf(feedback.TooLarge, "%s, line %d, column %q: has %d bytes, the limit is %d", c.mapping.File, line, clip(column.Name), len(value), feedback.MaxBody)
			}
			s.Body = value
		case Title:
			s.Title = value
		case ID:
			s.ExternalID = value
		case Time:
			t, err := c.dates.parse(value)
			if err != nil {
				return row, c.fault(line, column, err)
			}
			s.OccurredAt = t
		case Source:
			if name := slug(value); name != "" {
				row.Source = name
			}
		case Rating:
			if n, ok := amount(value); ok && n <= 5 {
				s.Rating = &n
			} else {
				attribute(s, column.Name, value)
			}
		case Score:
			if n, ok := amount(value); ok && n <= 10 {
				s.Score = &n
			} else {
				attribute(s, column.Name, value)
			}
		case Language:
			s.Language = value
		case URL:
			s.URL = value
		case AuthorName:
			author.Name = value
		case AuthorEmail:
			author.Email = value
		case AuthorID:
			author.ID = value
		case CustomerID:
			customer.ID = value
		case CustomerName:
			customer.Name = value
		case CustomerSegment:
			customer.Segment = value
		case CustomerPlan:
			customer.Plan = value
		case Ignored:
		case CustomerARR:
			n, err := money(value)
			if err != nil {
				return row, c.fault(line, column, err)
			}
			customer.ARR = n
		default:
			attribute(s, column.Name, value)
		}
	}
	identity := cells
	if c.export != nil {
		if s.Body == "" && (s.Title == "" || c.export.titled) {
			return row, &leftOut{c.export.wordless}
		}
		identity = c.export.finish(c.mapping.Columns, cells, s)
	}
	if s.Body == "" && s.Title == "" {
		return row, invalid(c.mapping.File, line, "column "+strconv.Quote(c.mapping.Column(Text)), "is empty: the row has no text")
	}
	if s.Body == "" {
		s.Body, s.Title = s.Title, ""
	}
	if author != (feedback.Author{}) {
		s.Author = &author
	}
	if customer.ID == "" {
		customer.ID = customer.Name
	}
	if customer.ID != "" {
		s.Customer = &customer
	}
	if s.ExternalID == "" {
		s.ExternalID = c.derive(row.Source, identity)
	}
	return row, nil
}

func (c *converter) fault(line int, column Column, err error) error {
	return invalid(c.mapping.File, line, "column "+strconv.Quote(clip(column.Name)), "%s", err)
}

// derive makes an id of what a row says and of how often it was said before.
func (c *converter) derive(source string, parts []string) string {
	h := sha256.New()
	var size [8]byte
	for _, p := range append([]string{source}, parts...) {
		binary.BigEndian.PutUint64(size[:], uint64(len(p)))
		h.Write(size[:])
		h.Write([]byte(p))
	}
	sum := h.Sum(nil)
	key := binary.BigEndian.Uint64(sum)
	c.seen[key]++
	id := "row-" + hex.EncodeToString(sum[:16])
	if n := c.seen[key]; n > 1 {
		id += "-" + strconv.FormatUint(uint64(n), 10)
	}
	return id
}

// maxAttributes keeps within the message contract: further columns of a very wide file are left out, the last first.
const maxAttributes = 64

func attribute(s *feedback.Submission, name, value string) {
	if s.Attributes == nil {
		s.Attributes = map[string]json.RawMessage{}
	}
	if len(s.Attributes) >= maxAttributes {
		return
	}
	raw, err := json.Marshal(value)
	if err == nil {
		s.Attributes[name] = raw
	}
}

// money reads an amount as people and spreadsheets write it: 1234.5, €1,234.50, 1.234,50 EUR, 12k, $1.2m, 1'000. A blank
// one is nil.
func money(v string) (*float64, error) {
	text := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '\'', '’', '_':
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(v)))
	text = strings.TrimFunc(text, func(r rune) bool { return strings.ContainsRune("€$£¥₹", r) })
	for _, unit := range []string{"eur", "usd", "gbp", "chf", "cad", "aud"} {
		text = strings.TrimSuffix(strings.TrimPrefix(text, unit), unit)
	}
	text = strings.TrimFunc(text, func(r rune) bool { return strings.ContainsRune("€$£¥₹", r) })
	if text == "" || text == "-" || text == "n/a" {
		return nil, nil
	}
	factor := 1.0
	for suffix, f := range map[string]float64{"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6} {
		if head, ok := strings.CutSuffix(text, suffix); ok && strings.Trim(head, "0123456789.,") == "" {
			text, factor = head, f
			break
		}
	}
	n, err := strconv.ParseFloat(decimal(text, factor != 1), 64)
	if err != nil || n < 0 || math.IsInf(n, 0) || math.IsNaN(n) || n*factor > 1e13 {
		return nil, feedback.Errorf(feedback.Invalid, "%q isn't an amount that this reads, for instance 1234.50", clip(v))
	}
	n *= factor
	return &n, nil
}

// decimal brings the separators of thousands and decimals into Go's form. A single separator with three digits behind
// it separates thousands, unless a unit such as k stands behind it.
func decimal(text string, scaled bool) string {
	comma, point := strings.LastIndexByte(text, ','), strings.LastIndexByte(text, '.')
	switch {
	case comma >= 0 && point >= 0 && comma > point:
		return strings.Replace(strings.ReplaceAll(text, ".", ""), ",", ".", 1)
	case comma >= 0 && point >= 0:
		return strings.ReplaceAll(text, ",", "")
	case comma >= 0:
		if strings.Count(text, ",") > 1 || len(text)-comma == 4 && !scaled {
			return strings.ReplaceAll(text, ",", "")
		}
		return strings.Replace(text, ",", ".", 1)
	case strings.Count(text, ".") > 1 || point >= 0 && len(text)-point == 4 && !scaled && point <= 3 && text[0] != '0':
		return strings.ReplaceAll(text, ".", "")
	}
	return text
}

// sortedKeys gives the keys of an object in their order.
func sortedKeys(object map[string]json.RawMessage) []string {
	keys := make([]string, 0, len(object))
	for k := range object {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
