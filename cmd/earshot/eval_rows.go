package main

import (
	"context"
	"slices"
	"strings"

	"earshot/feedback"
	"earshot/ingest"
	"earshot/ingest/importer"
)

// evalRow is one row of a labelled file.
type evalRow struct {
	text  string // clean and redacted
	clean string // before personal data was replaced
	label string // as it stands in the file, less blanks at its ends
	group string
	// scored is false for a row without a label, or with one that was to be ignored.
	scored bool
	cells  importer.SheetRow
	format feedback.Format
}

// evalRows is a labelled file.
type evalRows struct {
	rows        []evalRow
	refused     int
	sheet       *importer.Sheet
	text, label int // columns; label is -1 where there is none
	refuse      func(error)
}

// readRows reads the labelled file and refuses the rows that have no text. Its own errors are those of a file that is not
// there, is empty or lacks a column.
func (c *cli) readRows(ctx context.Context, f *evalFlags) (*evalRows, error) {
	r := &evalRows{label: -1}
	show := c.showRejects()
	r.refuse = func(err error) { r.refused++; show(err) }
	var err error
	if r.sheet, err = c.readSheet(ctx, f.file); err != nil {
		return nil, err
	}
	for _, bad := range r.sheet.Refused {
		r.refuse(bad)
	}
	if len(r.sheet.Columns) > 0 {
		if r.text, err = r.sheet.Column(f.text); err != nil {
			return nil, withHint(err, "name the column of the text with --text; a file whose first line is a row needs a line of names above it")
		}
		if f.label != "" {
			if r.label, err = r.sheet.Column(f.label); err != nil {
				return nil, withHint(err, "name the column of the right answers with --label")
			}
		}
	}
	group, format := -1, -1
	if f.group != "" && len(r.sheet.Columns) > 0 {
		if group, err = r.sheet.Column(f.group); err != nil {
			return nil, withHint(err, "name the column of the groups with --group")
		}
	}
	if f.formatColumn != "" && len(r.sheet.Columns) > 0 {
		if format, err = r.sheet.Column(f.formatColumn); err != nil {
			return nil, withHint(err, "name the column of the formats with --format-column")
		}
	}
	for _, cells := range r.sheet.Rows {
		row := evalRow{cells: cells, format: feedback.Format(f.bodyFormat)}
		raw := cells.Cells[r.text]
		if len(raw) > feedback.MaxBody {
			r.refuse(r.sheet.Fault(cells, r.text, "has %d bytes, the limit is %d", len(raw), feedback.MaxBody))
			continue
		}
		if format >= 0 && strings.TrimSpace(cells.Cells[format]) != "" {
			row.format = feedback.Format(strings.ToLower(strings.TrimSpace(cells.Cells[format])))
			if !isFormat(string(row.format)) {
				r.refuse(r.sheet.Fault(cells, format, "%q is none of text, html and markdown", clip(cells.Cells[format], 40)))
				continue
			}
		}
		if row.clean = ingest.Clean(raw, row.format); row.clean == "" {
			r.refuse(r.sheet.Fault(cells, r.text, "is empty: the row has no text"))
			continue
		}
		row.text, _ = ingest.Redact(row.clean)
		if r.label >= 0 {
			row.label = strings.TrimSpace(cells.Cells[r.label])
			row.scored = row.label != "" && !slices.ContainsFunc(f.ignore, func(l string) bool { return strings.EqualFold(l, row.label) })
		}
		if group >= 0 {
			row.group = strings.TrimSpace(cells.Cells[group])
		}
		r.rows = append(r.rows, row)
	}
	if len(r.rows) == 0 {
		return nil, r.none()
	}
	return r, nil
}

func (c *cli) readSheet(ctx context.Context, name string) (*importer.Sheet, error) {
	in, err := c.input(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return importer.ReadSheet(ctx, name, in)
}

// none says that there is nothing to measure.
func (r *evalRows) none() error {
	if r.refused > 0 {
		return feedback.Errorf(feedback.Invalid, "%s: none of its rows can be measured, %s refused", r.sheet.Name, count(r.refused, "was", "were"))
	}
	return feedback.Errorf(feedback.Invalid, "%s has no rows below its column names", r.sheet.Name)
}

// unlabelled says that no row has a right answer to compare with.
func (r *evalRows) unlabelled() error {
	if r.refused > 0 {
		return r.none()
	}
	return feedback.Errorf(feedback.Invalid, "%s: no row has a label in column %q that counts", r.sheet.Name, r.sheet.Columns[r.label])
}

// refusals fails when rows were refused, once all others are measured.
func (r *evalRows) refusals() error {
	if r.refused == 0 {
		return nil
	}
	return feedback.Errorf(feedback.Invalid, "%s refused; the figures are those of the others", count(r.refused, "row was", "rows were"))
}

// texts gives the texts of all rows.
func (r *evalRows) texts() []string {
	out := make([]string, len(r.rows))
	for i := range r.rows {
		out[i] = r.rows[i].text
	}
	return out
}

// withHint says what to do about an error that has none.
func withHint(err error, hint string) error {
	return feedback.Errorf(feedback.ErrorCode(err), "%w", err).WithHint("%s", hint)
}
