package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"earshot/eval"
	"earshot/feedback"
	"earshot/ingest"
)

func (c *cli) evalSplitCommand() *cobra.Command {
	var f evalFlags
	var join int
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "split --file FILE",
		Short: "Measure how well texts are split into the points they make",
		Long: `Split each text into excerpts and compare with the points that it makes. The label is

  a number                              how many points: 2
  a JSON list of the points' own words  ["The board is slow", "please add an undo"]
  a JSON list of their places           [[0, 17], [23, 41]], in characters, the end not counted

With the words or the places, the cuts are compared too: a cut is right when it lies between two points. Rows without a
label are left out.

With --join K no label is needed: each row counts as one point, every K of them, shuffled by the seed, are joined into
one message, and the message should fall apart where it was joined. Rows of fewer than four words are left out. That is
how sets of one-point messages are used, NLU++ for instance, a JSON array of objects with a text.`,
		Example: `  earshot eval split --file tickets.csv --text body --label points
  earshot eval split --file banking_fold0.json --join 2
  earshot eval split --file banking_fold0.json --join 1      is a single point left whole?`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := c.evalConfig(&f); err != nil {
				return err
			}
			switch {
			case join < 0 || join > 100:
				return fmt.Errorf("%w: --join is a number of rows, 1 to 100", errUsage)
			case join > 0 && cmd.Flags().Changed("label"):
				return fmt.Errorf("%w: --join makes its own points: leave out --label", errUsage)
			case join > 0:
				f.label = ""
			case f.label == "":
				return fmt.Errorf("%w: name the column of the points with --label, or join rows with --join 2", errUsage)
			}
			result, rows, err := c.evalSplit(cmd.Context(), &f, join)
			if err != nil {
				return err
			}
			return c.show(result, rows)
		},
	})
	f.fileFlags(cmd, "points", "column of the points: their number, words or places")
	f.seedFlag(cmd)
	cmd.Flags().IntVar(&join, "join", 0, "join so many rows of one point each into a message")
	return cmd
}

// splitResult is what eval split says.
type splitResult struct {
	File    string `json:"file"`
	Rows    int    `json:"rows"`
	Refused int    `json:"refused"`
	Join    int    `json:"join,omitempty"`
	eval.Splitting
	Seconds float64 `json:"seconds"`
}

// divided is a text with its true points, not yet split.
type divided struct {
	text   string
	points int
	gaps   []eval.Gap
}

func (c *cli) evalSplit(ctx context.Context, f *evalFlags, join int) (*splitResult, *evalRows, error) {
	rows, err := c.readRows(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	var texts []divided
	if join > 0 {
		points := make([]string, len(rows.rows))
		for i, r := range rows.rows {
			points[i] = strings.Join(strings.Fields(r.clean), " ")
		}
		for _, j := range eval.Join(points, join, f.seed) {
			texts = append(texts, divided{j.Text, j.Points, j.Gaps})
		}
		if len(texts) == 0 {
			return nil, nil, feedback.Errorf(feedback.Invalid, "%s has too few rows of four words or more to join %d of them", rows.sheet.Name, join)
		}
	} else {
		for _, r := range rows.rows {
			if !r.scored {
				continue
			}
			d, err := readPoints(r, r.cells.Cells[rows.text])
			if err != nil {
				rows.refuse(rows.sheet.Fault(r.cells, rows.label, "%s", err))
				continue
			}
			texts = append(texts, d)
		}
		if len(texts) == 0 {
			return nil, nil, rows.unlabelled()
		}
	}
	found := make([]eval.Division, len(texts))
	watch := newStopwatch()
	for i, d := range texts {
		spans := ingest.Split(d.text)
		found[i] = eval.Division{Points: d.points, Parts: len(spans), Gaps: d.gaps}
		for k := 1; k < len(spans); k++ {
			found[i].Cuts = append(found[i].Cuts, eval.Gap{Start: spans[k-1].End, End: spans[k].Start})
		}
	}
	return &splitResult{File: rows.sheet.Name, Rows: len(rows.rows), Refused: rows.refused, Join: join, Seconds: watch.lap(),
		Splitting: eval.MeasureSplits(found)}, rows, nil
}

// maxPoints is the most points that one text is believed to make.
const maxPoints = 1000

// readPoints reads a label, and finds the points that it quotes in the text as it is after cleaning.
func readPoints(row evalRow, raw string) (divided, error) {
	d := divided{text: row.clean}
	if n, err := strconv.Atoi(row.label); err == nil {
		if n < 0 || n > maxPoints {
			return d, fmt.Errorf("%d is no number of points", n)
		}
		d.points = n
		return d, nil
	}
	points, err := quotedPoints(row, raw)
	if err != nil {
		return d, err
	}
	d.points, d.gaps = len(points), []eval.Gap{}
	end := 0
	for i, p := range points {
		at := strings.Index(d.text[end:], p)
		if p == "" || at < 0 {
			return d, fmt.Errorf("point %d is not in the text behind the one before", i+1)
		}
		if i > 0 {
			d.gaps = append(d.gaps, eval.Gap{Start: end, End: end + at})
		}
		end += at + len(p)
	}
	return d, nil
}

// quotedPoints gives the words of each point, as they are after cleaning, from a list of words or of places.
func quotedPoints(row evalRow, raw string) ([]string, error) {
	var words []string
	if json.Unmarshal([]byte(row.label), &words) == nil {
		for i := range words {
			words[i] = ingest.Clean(words[i], feedback.FormatText)
		}
		return words, nil
	}
	var places [][2]int
	if json.Unmarshal([]byte(row.label), &places) != nil {
		return nil, fmt.Errorf("%q is neither a number of points nor a JSON list of their words or places", clip(row.label, 40))
	}
	runes := []rune(raw)
	points := make([]string, len(places))
	for i, p := range places {
		if p[0] < 0 || p[1] <= p[0] || p[1] > len(runes) {
			return nil, fmt.Errorf("point %d is at [%d, %d], and the text has %d characters", i+1, p[0], p[1], len(runes))
		}
		points[i] = ingest.Clean(string(runes[p[0]:p[1]]), row.format)
	}
	return points, nil
}

func (r *splitResult) print(w io.Writer) error {
	title := "Split of " + r.File
	if r.Join > 0 {
		title = fmt.Sprintf("Split of %s, %s joined", r.File, count(r.Join, "row", "rows"))
	}
	lines := []figure{
		{"n", thousands(r.N)},
		{"points", thousands(r.Points)},
		{"excerpts", thousands(r.Parts)},
		{"exact", percent(r.Exact)},
		{"within one", percent(r.Near)},
		{"too many", percent(r.TooMany)},
		{"too few", percent(r.TooFew)},
	}
	if x := r.Cuts; x != nil {
		lines = append(lines, figure{"cuts", fmt.Sprintf("%s wanted, %s made, %s right", thousands(x.Want), thousands(x.Made), thousands(x.Right))},
			figure{"cuts, precision", percentOf(x.Precision, x.Made)}, figure{"cuts, recall", percentOf(x.Recall, x.Want)}, figure{"cuts, F1", percentOf(x.F1, x.Made+x.Want)})
	}
	return figures(w, title, append(lines, figure{"splitting took", seconds(r.Seconds)}))
}
