package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// row is a figure beside its bound.
type row struct{ figure, bound, measured, holds string }

// table collects a row for each figure; they are told as they are known, and printed together at the end.
type table struct {
	progress *progress
	rows     []row
	broken   int // rows that do not hold
}

// row adds a figure.
func (t *table) row(figure, bound string, measured any, holds bool) {
	word := "yes"
	if !holds {
		word = "NO"
		t.broken++
	}
	t.add(row{figure, bound, fmt.Sprint(measured), word})
}

// leaveOut adds a figure that cannot be measured here, which neither holds nor does not.
func (t *table) leaveOut(figure, bound, why string) {
	t.add(row{figure, bound, "not run: " + why, "-"})
}

func (t *table) add(r row) {
	t.rows = append(t.rows, r)
	t.progress.line(fmt.Sprintf("%s: %s (%s): %s", r.holds, r.figure, r.bound, r.measured))
}

// write prints all rows.
func (t *table) write(out io.Writer) {
	rows := append([]row{{"figure", "bound", "measured", "holds"}}, t.rows...)
	var figure, bound int
	for _, r := range rows {
		figure, bound = max(figure, utf8.RuneCountInString(r.figure)), max(bound, utf8.RuneCountInString(r.bound))
	}
	for i, r := range rows {
		fmt.Fprintf(out, "%-*s | %-*s | %-5s | %s\n", figure, r.figure, bound, r.bound, r.holds, r.measured)
		if i == 0 {
			fmt.Fprintf(out, "%s-|-%s-|-------|-%s\n", strings.Repeat("-", figure), strings.Repeat("-", bound), strings.Repeat("-", 9))
		}
	}
}
