package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"earshot/eval"
	"earshot/feedback"
	"earshot/ingest"
)

func (c *cli) evalSplitCommand() *cobra.Command {
	var f evalFlags
	var o splitOptions
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "split --file FILE",
		Short: "Measure how well texts are split into the points they make",
		Long: `Split each text into excerpts and compare with the points that it makes. The label is

  a number                              how many points: 2
  a JSON list of the points' own words  ["The board is slow", "please add an undo"]
  a JSON list of their places           [[0, 17], [23, 41]], in characters, the end not counted

With the words or the places, the cuts are compared too: a cut is right when it lies between two points. A text is right
when each of its points has an excerpt of its own that holds it whole. --talk names a column of what should be in no
excerpt (greetings, thanks, what the agent says): a JSON list of words too, which may be empty. Rows without a label are
left out.

With --join K no label is needed: each row counts as one point, every K of them, shuffled by the seed, are joined into
one message, and the message should fall apart where it was joined. Each is made to begin with a capital and to end with
a mark; with --bare all is lower case and no mark stands between them. Rows of fewer than four words are left out. That is
how sets of one-point messages are used, NLU++ for instance, a JSON array of objects with a text.`,
		Example: `  earshot eval split --file tickets.csv --text body --label points
  earshot eval split --file eval/testdata/splits_work.csv --talk talk
  earshot eval split --file banking_fold0.json --join 2
  earshot eval split --file banking_fold0.json --join 1      is a single point left whole?`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := c.evalConfig(&f); err != nil {
				return err
			}
			switch {
			case o.join < 0 || o.join > 100:
				return fmt.Errorf("%w: --join is a number of rows, 1 to 100", errUsage)
			case o.join > 0 && (cmd.Flags().Changed("label") || o.talk != ""):
				return fmt.Errorf("%w: --join makes its own points: leave out --label and --talk", errUsage)
			case o.bare && o.join == 0:
				return fmt.Errorf("%w: --bare says how rows are joined: give --join 2 too", errUsage)
			case o.join > 0:
				f.label = ""
			case f.label == "":
				return fmt.Errorf("%w: name the column of the points with --label, or join rows with --join 2", errUsage)
			}
			result, rows, err := c.evalSplit(cmd.Context(), &f, o)
			if err != nil {
				return err
			}
			return c.show(result, rows)
		},
	})
	f.fileFlags(cmd, "points", "column of the points: their number, words or places")
	f.seedFlag(cmd)
	cmd.Flags().StringVar(&o.talk, "talk", "", "column of what should be in no excerpt")
	cmd.Flags().IntVar(&o.join, "join", 0, "join so many rows of one point each into a message")
	cmd.Flags().BoolVar(&o.bare, "bare", false, "join them in lower case, with no mark between them")
	return cmd
}

// splitOptions say where the points come from.
type splitOptions struct {
	talk string // column of small talk, or empty
	join int    // rows a message; 0 takes the points from the label
	bare bool
}

// splitResult is what eval split says.
type splitResult struct {
	File    string `json:"file"`
	Rows    int    `json:"rows"`
	Refused int    `json:"refused"`
	Join    int    `json:"join,omitempty"`
	Bare    bool   `json:"bare,omitempty"`
	eval.Splitting
	Seconds float64 `json:"seconds"`
}

// divided is a text with its true points, not yet split.
type divided struct {
	text   string
	points int
	gaps   []eval.Gap
	wanted []eval.Place
	talk   []eval.Place
}

func (c *cli) evalSplit(ctx context.Context, f *evalFlags, o splitOptions) (*splitResult, *evalRows, error) {
	rows, err := c.readRows(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	talk := -1
	if o.talk != "" && len(rows.sheet.Columns) > 0 {
		if talk, err = rows.sheet.Column(o.talk); err != nil {
			return nil, nil, withHint(err, "name the column of what should be in no excerpt with --talk")
		}
	}
	var texts []divided
	if o.join > 0 {
		points := make([]string, len(rows.rows))
		for i, r := range rows.rows {
			points[i] = strings.Join(strings.Fields(r.clean), " ")
		}
		for _, j := range eval.Join(points, o.join, f.seed, o.bare) {
			texts = append(texts, divided{text: j.Text, points: j.Points, gaps: j.Gaps})
		}
		if len(texts) == 0 {
			return nil, nil, feedback.Errorf(feedback.Invalid, "%s has too few rows of four words or more to join %d of them", rows.sheet.Name, o.join)
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
			if talk >= 0 && strings.TrimSpace(r.cells.Cells[talk]) != "" {
				if err := d.readTalk(r.cells.Cells[talk]); err != nil {
					rows.refuse(rows.sheet.Fault(r.cells, talk, "%s", err))
					continue
				}
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
		found[i] = eval.Division{Points: d.points, Parts: len(spans), Gaps: d.gaps, Wanted: d.wanted, Talk: d.talk}
		for k, s := range spans {
			found[i].Found = append(found[i].Found, eval.Place(s))
			if k > 0 {
				found[i].Cuts = append(found[i].Cuts, eval.Gap{Start: spans[k-1].End, End: s.Start})
			}
		}
	}
	return &splitResult{File: rows.sheet.Name, Rows: len(rows.rows), Refused: rows.refused, Join: o.join, Bare: o.bare, Seconds: watch.lap(),
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
	d.points, d.gaps, d.wanted = len(points), []eval.Gap{}, []eval.Place{}
	end := 0
	for i, p := range points {
		at := strings.Index(d.text[end:], p)
		if p == "" || at < 0 {
			return d, fmt.Errorf("point %d is not in the text behind the one before", i+1)
		}
		if i > 0 {
			d.gaps = append(d.gaps, eval.Gap{Start: end, End: end + at})
		}
		d.wanted = append(d.wanted, wordsOnly(d.text, end+at, end+at+len(p)))
		end += at + len(p)
	}
	return d, nil
}

// wordsOnly takes the marks and blanks from the ends of a place, which an excerpt may have or not.
func wordsOnly(text string, start, end int) eval.Place {
	isMark := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	left := strings.TrimLeftFunc(text[start:end], isMark)
	return eval.Place{Start: end - len(left), End: end - len(left) + len(strings.TrimRightFunc(left, isMark))}
}

// readTalk finds the lines that should be in no excerpt, each beside the points. One that is not in the text was cut by
// cleaning, as it should be, and is in no excerpt either.
func (d *divided) readTalk(label string) error {
	var pieces []string
	if json.Unmarshal([]byte(label), &pieces) != nil {
		return fmt.Errorf("%q is no JSON list of words", clip(label, 40))
	}
	at := 0
	for _, piece := range pieces {
		for line := range strings.SplitSeq(piece, "\n") {
			place := eval.Place{Start: -1, End: -1}
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			for from := at; from <= len(d.text); {
				i := strings.Index(d.text[from:], line)
				if i < 0 {
					break
				}
				start, end := from+i, from+i+len(line)
				if !slices.ContainsFunc(d.wanted, func(w eval.Place) bool { return start < w.End && w.Start < end }) {
					place, at = wordsOnly(d.text, start, end), end
					break
				}
				from = start + 1
			}
			d.talk = append(d.talk, place)
		}
	}
	return nil
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
		if r.Bare {
			title += " bare"
		}
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
	if x := r.Places; x != nil {
		lines = append(lines, figure{"right", percentOf(x.Right, x.N)}, figure{"points lost", percentOf(x.Lost, x.Points)})
		if x.Talk > 0 {
			lines = append(lines, figure{"small talk taken", percentOf(x.TalkTaken, x.Talk) + " of " + thousands(x.Talk)})
		}
	}
	return figures(w, title, append(lines, figure{"splitting took", seconds(r.Seconds)}))
}
