package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/eval"
	"earshot/feedback"
	"earshot/ingest/importer"
)

func (c *cli) evalLinkCommand() *cobra.Command {
	var f evalFlags
	var o linkOptions
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "link --features FEATURES --file FILE",
		Short: "Measure how well texts or clusters are linked to your features",
		Long: `Link every row, or every true cluster, to a feature and compare with the label, which is the id or the name of the
right one: how often it is ranked first (recall@1) or among the first three or five, how often Earshot abstains, how
many of its links are right, and the expected calibration error of its scores over ten bins.

With --level cluster the rows of one label make one cluster, as a perfect clustering would; with --level item each row
is linked by itself, which is harder. --examples N adds the texts of N rows a feature, chosen by the seed, to that
feature's description and leaves these rows out of the scores. --map gold=feature says what labels under other names
stand for; --map gold= says that no feature fits them, where abstaining is right. Rows without a label, or with one
that --ignore-label names, are left out. The features' file is one that earshot features import takes.`,
		Example: `  earshot eval link --features features.csv --file tickets.csv --text body --label feature
  earshot eval link --features features.csv --file tickets.csv --label feature --level cluster --map wishes= --json
  earshot eval link --features features.csv --file tickets.csv --label feature --examples 3`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.evalConfig(&f)
			if err != nil {
				return err
			}
			switch {
			case o.features == "":
				return fmt.Errorf("%w: name the file of the features with --features", errUsage)
			case f.label == "":
				return fmt.Errorf("%w: name the column of the right feature with --label", errUsage)
			case o.level != "item" && o.level != "cluster":
				return fmt.Errorf("%w: --level is item or cluster, not %q", errUsage, o.level)
			case o.examples < 0:
				return fmt.Errorf("%w: --examples is a number of rows a feature, 0 or more", errUsage)
			}
			result, rows, err := c.evalLink(cmd.Context(), cfg, &f, &o)
			if err != nil {
				return err
			}
			return c.show(result, rows)
		},
	})
	f.fileFlags(cmd, "label", "column of the right feature's id or name")
	f.ignoreFlag(cmd, "a label whose rows are left out; may be repeated")
	f.modelFlags(cmd)
	f.seedFlag(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.features, "features", "", "CSV or JSON file of the features (required)")
	flags.StringVar(&o.level, "level", "item", "item or cluster")
	flags.IntVar(&o.examples, "examples", 0, "labelled rows a feature that are added to its description")
	flags.StringSliceVar(&o.mapping, "map", nil, "what the file's labels stand for: gold=feature,... or gold= for none")
	return cmd
}

type linkOptions struct {
	features, level string
	examples        int
	mapping         []string
}

// linkResult is what eval link says. Shares are 0 to 1.
type linkResult struct {
	File             string                                    `json:"file"`
	Embedder         string                                    `json:"embedder"`
	Level            string                                    `json:"level"`
	Features         int                                       `json:"features"`
	Examples         int                                       `json:"examples"` // rows that became part of a description
	Rows             int                                       `json:"rows"`
	Refused          int                                       `json:"refused"`
	N                int                                       `json:"n"`           // rows or clusters that were linked
	NoFeature        int                                       `json:"n_unfit"`     // of these, those that no feature fits
	Recall1          float64                                   `json:"recall_at_1"` // of those that a feature fits
	Recall3          float64                                   `json:"recall_at_3"`
	Recall5          float64                                   `json:"recall_at_5"`
	Abstention       float64                                   `json:"abstention"`
	AbstentionRight  float64                                   `json:"abstention_where_none_fits"`
	Linked           int                                       `json:"linked"`
	LinkedRight      float64                                   `json:"linked_right"`
	Automatic        int                                       `json:"automatic"`
	AutomaticRight   float64                                   `json:"automatic_right"`
	CalibrationError float64                                   `json:"calibration_error"`
	Bins             [eval.CalibrationBins]eval.CalibrationBin `json:"calibration_bins"`
	Seconds          map[string]float64                        `json:"seconds"`
}

// labelledRow is a row with the feature that is right for it, "" for none.
type labelledRow struct {
	text, label, feature string
}

func (c *cli) evalLink(ctx context.Context, cfg app.Config, f *evalFlags, o *linkOptions) (*linkResult, *evalRows, error) {
	features, err := c.readFeatures(ctx, o.features)
	if err != nil {
		return nil, nil, err
	}
	names, err := newFeatureNames(features, o.mapping)
	if err != nil {
		return nil, nil, err
	}
	rows, err := c.readRows(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	var labelled []labelledRow
	for _, r := range rows.rows {
		if !r.scored {
			continue
		}
		feature, err := names.of(r.label)
		if err != nil {
			rows.refuse(rows.sheet.Fault(r.cells, rows.label, "%s", err))
			continue
		}
		labelled = append(labelled, labelledRow{r.text, r.label, feature})
	}
	if len(labelled) == 0 {
		return nil, nil, rows.unlabelled()
	}
	examples := 0
	if o.examples > 0 {
		whole := len(labelled)
		labelled = giveExamples(features, labelled, o.examples, f.seed)
		examples = whole - len(labelled)
		if len(labelled) == 0 {
			return nil, nil, feedback.Errorf(feedback.Invalid, "%s: every labelled row became an example", rows.sheet.Name).
				WithHint("ask for fewer with --examples")
		}
	}
	embedder, err := app.NewEmbedder(cfg)
	if err != nil {
		return nil, nil, err
	}
	bar := newSteps(c.errs)
	defer bar.done()
	watch := newStopwatch()
	texts := make([]string, len(labelled))
	for i, r := range labelled {
		texts[i] = r.text
	}
	vectors, err := embed(ctx, embedder, texts, bar)
	if err != nil {
		return nil, nil, err
	}
	took := map[string]float64{"embed": watch.lap()}
	board := &linkBoard{features: features}
	if o.level == "cluster" {
		board.trueClusters(labelled, vectors)
	} else {
		board.singles(labelled, vectors)
	}
	choices, err := board.choices(ctx, embedder)
	if err != nil {
		return nil, nil, err
	}
	took["link"] = watch.lap()
	m := eval.MeasureLinks(choices)
	return &linkResult{
		File: rows.sheet.Name, Embedder: modelName(embedder.Model()), Level: o.level, Features: names.candidates, Examples: examples,
		Rows: len(rows.rows), Refused: rows.refused, N: m.N, NoFeature: m.N - m.Fitting, Recall1: m.Recall1, Recall3: m.Recall3,
		Recall5: m.Recall5, Abstention: m.Abstention, AbstentionRight: m.AbstentionRight, Linked: m.Linked, LinkedRight: m.LinkedRight,
		Automatic: m.Automatic, AutomaticRight: m.AutomaticRight, CalibrationError: m.CalibrationError, Bins: m.Bins, Seconds: took,
	}, rows, nil
}

func (c *cli) readFeatures(ctx context.Context, name string) ([]feedback.Feature, error) {
	in, err := c.input(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	features, err := importer.Features(ctx, name, in)
	if err != nil {
		return nil, err
	}
	paths := make(map[string][]string, len(features))
	for i := range features { // parents come first
		path := append(append([]string(nil), paths[features[i].Parent]...), features[i].Name)
		features[i].Path, paths[features[i].ID] = path, path
	}
	return features, nil
}

// giveExamples adds the texts of n rows a feature to its description and gives the other rows.
func giveExamples(features []feedback.Feature, rows []labelledRow, n int, seed uint64) []labelledRow {
	chosen := make(map[int]bool)
	texts := make(map[string][]string)
	for _, i := range rand.New(rand.NewPCG(seed, 0)).Perm(len(rows)) {
		if id := rows[i].feature; id != "" && len(texts[id]) < n {
			texts[id] = append(texts[id], rows[i].text)
			chosen[i] = true
		}
	}
	for i := range features {
		said := texts[features[i].ID]
		features[i].Description = strings.TrimSpace(strings.Join(append([]string{features[i].Description}, said...), "\n"))
	}
	var rest []labelledRow
	for i, r := range rows {
		if !chosen[i] {
			rest = append(rest, r)
		}
	}
	return rest
}

func (r *linkResult) print(w io.Writer) error {
	what := map[string]string{"item": "rows", "cluster": "clusters"}[r.Level]
	lines := []figure{
		{"embedder", r.Embedder},
		{"features", thousands(r.Features)},
		{what, fmt.Sprintf("%s, of which %s fit no feature", thousands(r.N), thousands(r.NoFeature))},
	}
	if r.Examples > 0 {
		lines = append(lines, figure{"examples given", count(r.Examples, "row", "rows")})
	}
	lines = append(lines,
		figure{"recall@1", percentOf(r.Recall1, r.N-r.NoFeature)}, figure{"recall@3", percentOf(r.Recall3, r.N-r.NoFeature)}, figure{"recall@5", percentOf(r.Recall5, r.N-r.NoFeature)},
		figure{"linked", countRight(r.Linked, r.LinkedRight)},
		figure{"of these automatic", countRight(r.Automatic, r.AutomaticRight)},
		figure{"abstention", percent(r.Abstention)})
	if r.NoFeature > 0 {
		lines = append(lines, figure{"where no feature fits", percent(r.AbstentionRight)})
	}
	lines = append(lines, figure{"calibration error", percent(r.CalibrationError)},
		figure{"embedding took", seconds(r.Seconds["embed"])}, figure{"linking took", seconds(r.Seconds["link"])})
	if err := figures(w, fmt.Sprintf("Links of the %s of %s", what, r.File), lines); err != nil {
		return err
	}
	var rows [][]string
	for i, b := range r.Bins {
		if b.N > 0 {
			rows = append(rows, []string{fmt.Sprintf("%.1f to %.1f", float64(i)/eval.CalibrationBins, float64(i+1)/eval.CalibrationBins), fmt.Sprint(b.N),
				fmt.Sprintf("%.3f", b.Score), fmt.Sprintf("%.3f", b.Right)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	return table(w, []string{"SCORE", strings.ToUpper(what), "MEAN SCORE", "SHARE RIGHT"}, rows)
}

// countRight gives a number of links, and how many of them are right.
func countRight(n int, right float64) string {
	if n == 0 {
		return "0"
	}
	return fmt.Sprintf("%s, %s right", thousands(n), percent(right))
}
