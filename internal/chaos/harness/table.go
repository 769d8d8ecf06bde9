package main

import (
	"fmt"
	"io"
)

// table prints a row for each figure as it is known.
type table struct {
	out    io.Writer
	broken int // rows that do not hold
}

func newTable(out io.Writer) *table {
	t := &table{out: out}
	t.print("figure", "bound", "measured", "holds")
	return t
}

func (t *table) print(figure, bound, measured any, holds string) {
	fmt.Fprintf(t.out, "%-74v | %-34v | %-5s | %v\n", figure, bound, holds, measured)
}

// row adds a figure.
func (t *table) row(figure, bound string, measured any, holds bool) {
	word := "yes"
	if !holds {
		word = "NO"
		t.broken++
	}
	t.print(figure, bound, measured, word)
}
