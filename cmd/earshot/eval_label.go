package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"earshot/classify"
	"earshot/eval"
	"earshot/feedback"
)

// labelTasks are the labels that can be measured: what each may be, and how it is read off a text's labels.
var labelTasks = map[string]struct {
	classes []string
	of      func(feedback.Labels) string
}{
	"sentiment": {[]string{"negative", "neutral", "positive"}, func(l feedback.Labels) string {
		switch {
		case l.Sentiment < feedback.Negative:
			return "negative"
		case l.Sentiment > feedback.Positive:
			return "positive"
		}
		return "neutral"
	}},
	"kind":     {kindNames(), func(l feedback.Labels) string { return string(l.Kind) }},
	"severity": {[]string{"0", "1", "2", "3"}, func(l feedback.Labels) string { return strconv.Itoa(l.Severity) }},
}

func kindNames() []string {
	names := make([]string, len(feedback.Kinds))
	for i, k := range feedback.Kinds {
		names[i] = string(k)
	}
	return names
}

func (c *cli) evalLabelCommand() *cobra.Command {
	var f evalFlags
	var task string
	var mapping []string
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "label --task sentiment|kind|severity --file FILE",
		Short: "Measure sentiment, kind or severity against your own labels",
		Long: fmt.Sprintf(`Label the texts and compare: accuracy, macro-F1, precision, recall and F1 of each class, and the confusion matrix,
by scikit-learn's definitions. Rows without a label, or with one that --ignore-label names, are left out.

Labels are negative, neutral, positive (sentiment below %g, within, above %g); bug, request, complaint, praise, question,
other (kind); 0 to 3 (severity). --map says what labels under other names stand for. A label that is coarser than
Earshot's stands for several, of which the first is the name that is shown: feature=request|question. The macro-F1 is
the mean over all classes that occur, in the file or among the answers; where answers fall into a class that the file
lacks, the mean over the file's own classes is printed beside it.`, feedback.Negative, feedback.Positive),
		Example: `  earshot eval label --task sentiment --file tweets.csv --label airline_sentiment
  earshot eval label --task sentiment --file reviews.csv --label stars --map 1=negative,2=negative,3=neutral,4=positive,5=positive
  earshot eval label --task kind --file reviews.csv --label type --map "Bug Report=bug|complaint,Feature Request=request" --json`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, known := labelTasks[task]; !known {
				return fmt.Errorf("%w: --task is sentiment, kind or severity, not %q", errUsage, task)
			}
			if _, err := c.evalConfig(&f); err != nil {
				return err
			}
			if f.label == "" {
				return fmt.Errorf("%w: name the column of the true label with --label", errUsage)
			}
			classes, err := readLabelMap(mapping, labelTasks[task].classes)
			if err != nil {
				return err
			}
			result, rows, err := c.evalLabel(cmd.Context(), &f, task, classes)
			if err != nil {
				return err
			}
			return c.show(result, rows)
		},
	})
	f.fileFlags(cmd, "label", "column of the true label")
	f.ignoreFlag(cmd, "a label whose rows are left out; may be repeated")
	cmd.Flags().StringVar(&task, "task", "", "sentiment, kind or severity (required)")
	cmd.Flags().StringSliceVar(&mapping, "map", nil, "what the file's labels stand for: gold=ours,... or gold=ours|ours")
	return cmd
}

// labelResult is what eval label says. Shares are 0 to 1.
type labelResult struct {
	File        string        `json:"file"`
	Task        string        `json:"task"`
	Rows        int           `json:"rows"`
	Refused     int           `json:"refused"`
	N           int           `json:"n"` // rows with a label that counts
	Accuracy    float64       `json:"accuracy"`
	MacroF1     float64       `json:"macro_f1"`
	GoldMacroF1 float64       `json:"macro_f1_of_gold_classes"` // over the classes that occur in the file
	PerClass    []classResult `json:"per_class"`
	Classes     []string      `json:"classes"`   // of the confusion matrix
	Confusion   [][]int       `json:"confusion"` // a row for each true class, a column for each said
	Seconds     float64       `json:"seconds"`
}

type classResult struct {
	Class     string  `json:"class"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	Support   int     `json:"support"`
}

func (c *cli) evalLabel(ctx context.Context, f *evalFlags, task string, classes *labelMap) (*labelResult, *evalRows, error) {
	rows, err := c.readRows(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	var truth, texts []string
	for _, r := range rows.rows {
		if !r.scored {
			continue
		}
		class, ok := classes.gold(r.label)
		if !ok {
			rows.refuse(rows.sheet.Fault(r.cells, rows.label, "%q is no label of this task (%s): say what it stands for with --map, or leave it out with --ignore-label",
				clip(r.label, 40), classes.list()))
			continue
		}
		truth, texts = append(truth, class), append(texts, r.text)
	}
	if len(truth) == 0 {
		return nil, nil, rows.unlabelled()
	}
	labeller := classify.NewLabeller()
	predicted := make([]string, len(texts))
	watch := newStopwatch()
	for i, text := range texts {
		predicted[i] = classes.ours(labelTasks[task].of(labeller.Label(text, classify.Hint{})))
	}
	took := watch.lap()
	m := eval.Classify(truth, predicted)
	out := &labelResult{
		File: rows.sheet.Name, Task: task, Rows: len(rows.rows), Refused: rows.refused, N: m.N, Accuracy: m.Accuracy,
		MacroF1: m.MacroF1, GoldMacroF1: m.GoldMacroF1(), Classes: m.Classes, Confusion: m.Confusion, Seconds: took,
	}
	for _, k := range m.PerClass {
		out.PerClass = append(out.PerClass, classResult{k.Name, k.Precision, k.Recall, k.F1, k.Support})
	}
	return out, rows, nil
}

func (r *labelResult) print(w io.Writer) error {
	lines := []figure{
		{"n", fmt.Sprintf("%s of %s", thousands(r.N), count(r.Rows, "row", "rows"))},
		{"accuracy", fmt.Sprintf("%.3f", r.Accuracy)},
		{"macro-F1", fmt.Sprintf("%.3f", r.MacroF1)},
	}
	if r.GoldMacroF1 != r.MacroF1 {
		lines = append(lines, figure{"macro-F1 over the file's classes", fmt.Sprintf("%.3f", r.GoldMacroF1)})
	}
	lines = append(lines, figure{"labelling took", seconds(r.Seconds)})
	if err := figures(w, fmt.Sprintf("Labels (%s) of %s", r.Task, r.File), lines); err != nil {
		return err
	}
	var rows, matrix [][]string
	header := []string{"TRUE \\ SAID"}
	for i, k := range r.PerClass {
		rows = append(rows, []string{k.Class, fmt.Sprintf("%.3f", k.Precision), fmt.Sprintf("%.3f", k.Recall), fmt.Sprintf("%.3f", k.F1), fmt.Sprint(k.Support)})
		header = append(header, k.Class)
		line := []string{k.Class}
		for _, n := range r.Confusion[i] {
			line = append(line, fmt.Sprint(n))
		}
		matrix = append(matrix, line)
	}
	fmt.Fprintln(w)
	if err := table(w, []string{"CLASS", "PRECISION", "RECALL", "F1", "SUPPORT"}, rows); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return table(w, header, matrix)
}
