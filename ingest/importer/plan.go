package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"earshot/feedback"
)

// table is what was seen of a file's first rows.
type table struct {
	header []string
	rows   [][]string
}

func (t *table) column(i int) []string {
	values := make([]string, 0, len(t.rows))
	for _, row := range t.rows {
		if i < len(row) {
			values = append(values, strings.TrimSpace(row[i]))
		}
	}
	return values
}

// plan maps the columns: first as asked, then as the known export has them, then by their names, then by what is in them.
func plan(t *table, o *Options, export *sheetExport) ([]Column, error) {
	columns := make([]Column, len(t.header))
	for i, name := range t.header {
		columns[i].Name = name
	}
	taken, err := asked(columns, o)
	if err != nil {
		return nil, err
	}
	if export != nil {
		export.plan(columns, t, taken)
	} else {
		byName(columns, t, taken, nil)
	}
	if !taken[Text] {
		i, why := longestText(columns, t)
		if i < 0 {
			return nil, feedback.Errorf(feedback.Invalid, "no column looks like text: the columns are %s", list(t.header)).
				WithHint("say which one with --text NAME")
		}
		columns[i].Field, columns[i].Why = Text, why
	}
	if !taken[Time] && export == nil {
		if i := onlyDates(columns, t); i >= 0 {
			columns[i].Field, columns[i].Why = Time, "its values are times"
		}
	}
	settle(columns, t, taken)
	return columns, nil
}

// asked maps what the options name. A column that isn't there is an error that lists those that are.
func asked(columns []Column, o *Options) (map[Field]bool, error) {
	taken := map[Field]bool{}
	for _, want := range []struct {
		field Field
		name  string
	}{{Text, o.Text}, {Title, o.Title}, {ID, o.ID}, {Time, o.Time}, {Source, o.Source}, {CustomerID, o.Customer}, {Rating, o.Rating},
		{Score, o.Score}, {Language, o.Language}, {URL, o.URL}, {AuthorName, o.Author}} {
		if want.name == "" {
			continue
		}
		taken[want.field] = true
		if want.name == "-" {
			continue
		}
		i := find(columns, want.name)
		if i < 0 {
			names := make([]string, len(columns))
			for k := range columns {
				names[k] = columns[k].Name
			}
			return nil, feedback.Errorf(feedback.Invalid, "there is no column %q for the %s: the columns are %s", clip(want.name), want.field, list(names))
		}
		if columns[i].Field != "" {
			return nil, feedback.Errorf(feedback.Invalid, "the column %q is asked for twice: as %s and as %s", clip(want.name), columns[i].Field, want.field)
		}
		columns[i].Field, columns[i].Why = want.field, "as asked"
	}
	return taken, nil
}

func find(columns []Column, name string) int {
	for _, same := range []func(string) bool{
		func(s string) bool { return s == name },
		func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(name)) },
		func(s string) bool { return plain(s) == plain(name) },
	} {
		if i := slices.IndexFunc(columns, func(c Column) bool { return same(c.Name) }); i >= 0 {
			return i
		}
	}
	return -1
}

// byName gives every field that is still free, and one of those that are wanted unless that is nil, to the column whose
// name says it best and whose values don't deny it.
func byName(columns []Column, t *table, taken map[Field]bool, wanted []Field) {
	for _, k := range known {
		if taken[k.field] || wanted != nil && !slices.Contains(wanted, k.field) {
			continue
		}
		for _, name := range k.names {
			i := slices.IndexFunc(columns, func(c Column) bool { return c.Field == "" && plain(c.Name) == name })
			if i < 0 || !fits(k.field, t.column(i)) {
				continue
			}
			columns[i].Field, columns[i].Why = k.field, "by its name"
			taken[k.field] = true
			break
		}
	}
}

// fits says that the values of a column may be what its name says.
func fits(f Field, values []string) bool {
	filled, good := 0, 0
	seen := map[string]bool{}
	var d dates
	if err := d.decide(values, monthFirst); err != nil && f == Time {
		return true // dates they are; that they can't be read is said when the mapping is settled
	}
	for _, v := range values {
		if v == "" {
			continue
		}
		filled++
		switch f {
		case ID:
			if !seen[v] && len(v) <= 512 {
				good++
			}
			seen[v] = true
		case Time:
			if _, err := d.parse(v); err == nil {
				good++
			}
		case Rating, Score:
			if _, ok := amount(v); ok {
				good++
			}
		case Text:
			if _, ok := amount(v); !ok {
				good++
			}
		case Source, Language:
			if len(v) <= 63 {
				good++
			}
		case AuthorEmail:
			if strings.Contains(v, "@") {
				good++
			}
		default:
			good++
		}
	}
	switch {
	case filled == 0:
		return len(values) == 0 || f != Text
	case f == ID:
		return good == len(values)
	}
	return good*10 >= filled*6
}

// longestText gives the column with the longest values that read like text; -1 where there is none.
func longestText(columns []Column, t *table) (int, string) {
	best, most := -1, 0
	for i := range columns {
		if columns[i].Field != "" && columns[i].Field != Title {
			continue
		}
		bytes, spaced, filled := 0, 0, 0
		for _, v := range t.column(i) {
			if v == "" {
				continue
			}
			filled++
			bytes += len(v)
			if strings.Contains(v, " ") || !isASCII(v) {
				spaced++
			}
		}
		if filled == 0 || spaced*2 < filled || bytes/filled < 8 {
			continue
		}
		if bytes > most {
			best, most = i, bytes
		}
	}
	return best, "its values are the longest text"
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// onlyDates gives the first free column whose values are dates; bare numbers don't count.
func onlyDates(columns []Column, t *table) int {
	for i := range columns {
		if columns[i].Field != "" {
			continue
		}
		var d dates
		values := t.column(i)
		if d.decide(values, monthFirst) != nil {
			continue
		}
		filled, good := 0, 0
		for _, v := range values {
			if v == "" {
				continue
			}
			filled++
			if _, err := strconv.ParseFloat(v, 64); err == nil {
				continue
			}
			if _, err := d.parse(v); err == nil {
				good++
			}
		}
		if filled > 0 && good*10 >= filled*9 {
			return i
		}
	}
	return -1
}

// settle moves what the values place better: ratings over 5 are scores, a customer's name alone is its id too.
func settle(columns []Column, t *table, taken map[Field]bool) {
	for i := range columns {
		c := &columns[i]
		if c.Why == "as asked" || c.Field != Rating && c.Field != Score {
			continue
		}
		most := 0.0
		for _, v := range t.column(i) {
			if n, ok := amount(v); ok {
				most = max(most, n)
			}
		}
		switch {
		case most > 10:
			c.Field, c.Why = "", ""
		case c.Field == Rating && most > 5 && !taken[Score]:
			c.Field, c.Why = Score, "by its name and values up to 10"
			taken[Score] = true
		}
	}
}

// amount reads "4", "4.5", "4,5", "4/5", "5 stars", "★★★★☆".
func amount(v string) (float64, bool) {
	v = strings.TrimSpace(v)
	if stars := strings.Count(v, "★") + strings.Count(v, "⭐"); stars > 0 {
		return float64(stars), true
	}
	head, rest, _ := strings.Cut(v, "/")
	if rest != "" && strings.Trim(rest, "0123456789 ") != "" {
		return 0, false
	}
	head, unit, _ := strings.Cut(strings.TrimSpace(head), " ")
	switch strings.ToLower(unit) {
	case "", "star", "stars", "stern", "sterne", "estrellas", "étoiles":
	default:
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.Replace(head, ",", ".", 1), 64)
	return n, err == nil && n >= 0 && n < 1e6
}

func list(names []string) string {
	quoted := make([]string, 0, len(names))
	for i, n := range names {
		if i == 30 {
			quoted = append(quoted, "...")
			break
		}
		quoted = append(quoted, fmt.Sprintf("%q", clip(n)))
	}
	return strings.Join(quoted, ", ")
}

// checkHeader refuses a file whose first row is data: a sentence, a date or a number in it, or the same name twice for
// most of it.
func checkHeader(header []string) error {
	if len(header) == 0 {
		return feedback.Errorf(feedback.Invalid, "the file is empty")
	}
	for _, name := range header {
		for _, k := range known {
			if slices.Contains(k.names, plain(name)) {
				return nil
			}
		}
	}
	for _, name := range header {
		if why := isData(strings.TrimSpace(name)); why != "" {
			return feedback.Errorf(feedback.Invalid, "the first row has no column names, it seems: it holds %s", why).
				WithHint("put a row of names on top, for instance id,time,text; the first row is %s", list(header))
		}
	}
	return nil
}

func isData(name string) string {
	var d dates
	switch _, number := amount(name); {
	case number:
		return "a number"
	case name == "":
		return ""
	case strings.Contains(name, "@") && strings.Contains(name, "."):
		return "an e-mail address"
	case strings.Contains(name, "://"):
		return "a URL"
	case len(name) > 40 && !strings.HasSuffix(name, "?") && strings.ContainsAny(name, ".,!") || len(name) > 160:
		return "a sentence"
	case len(strings.Fields(name)) >= 4 && strings.ContainsAny(name[len(name)-1:], ".!"):
		return "a sentence"
	}
	if _, err := d.parse(name); err == nil {
		return "a date"
	}
	return ""
}
