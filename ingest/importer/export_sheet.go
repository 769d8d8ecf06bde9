package importer

import (
	"slices"

	"earshot/feedback"
)

// sheetExport is an export in columns.
type sheetExport struct {
	Export
	is       func(has func(names ...string) int) bool // has counts the names that stand in the header, in their plain form
	fields   []fieldNames
	ignored  []string // columns that are left out
	asField  []Field  // what further columns may be taken for by their names; the others become attributes
	guess    func(columns []Column, t *table, taken map[Field]bool)
	wordless string // what a row without words is called
	titled   bool   // a title alone is no feedback
	leaves   []string

	// refine places what the columns alone do not say, and gives what the row's identity is made of where it has no id.
	refine func(cell func(name string) string, s *feedback.Submission) (identity []string)
}

// fieldNames are the columns that a field may come from, the best first.
type fieldNames struct {
	field Field
	names []string
}

// people are the fields that hidden fields and properties of a person often hold.
var people = []Field{AuthorID, AuthorEmail, AuthorName, CustomerID, CustomerName, CustomerSegment, CustomerPlan, CustomerARR}

// sheetExports are held against a table in this order.
var sheetExports = []*sheetExport{&playStore, &appStoreSheet, &delighted, &typeform, &productboard, &canny}

// sheetOf gives the export that a table's header is that of, or nil.
func sheetOf(t *table) *sheetExport {
	header := map[string]bool{}
	for _, name := range t.header {
		header[plain(name)] = true
	}
	has := func(names ...string) int {
		n := 0
		for _, name := range names {
			if header[name] {
				n++
			}
		}
		return n
	}
	for _, e := range sheetExports {
		if e.is(has) {
			return e
		}
	}
	return nil
}

// plan maps the columns that nobody asked for otherwise.
func (e *sheetExport) plan(columns []Column, t *table, taken map[Field]bool) {
	why := "as in " + e.Name
	for _, f := range e.fields {
		if taken[f.field] {
			continue
		}
		for _, name := range f.names {
			i := slices.IndexFunc(columns, func(c Column) bool { return c.Field == "" && plain(c.Name) == name })
			if i >= 0 {
				columns[i].Field, columns[i].Why = f.field, why
				taken[f.field] = true
				break
			}
		}
	}
	for i := range columns {
		if columns[i].Field == "" && slices.Contains(e.ignored, plain(columns[i].Name)) {
			columns[i].Field, columns[i].Why = Ignored, why
		}
	}
	if e.guess != nil {
		e.guess(columns, t, taken)
	}
	if len(e.asField) > 0 {
		byName(columns, t, taken, e.asField)
	}
}

// finish places what the columns alone do not say.
func (e *sheetExport) finish(columns []Column, cells []string, s *feedback.Submission) (identity []string) {
	if e.refine != nil {
		identity = e.refine(func(name string) string {
			for i, c := range columns {
				if plain(c.Name) == name {
					return cells[i]
				}
			}
			return ""
		}, s)
	}
	if identity == nil {
		return cells
	}
	return identity
}
