package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
	"earshot/link"
)

func (c *cli) evalCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Measure how good Earshot is on your own labelled data",
		Long: `Measure clusters, labels, links, splits, redaction and stability on a CSV, JSON Lines or JSON file whose right
answers stand in one of its columns. Nothing is stored, and no database or queue is needed. Each text is cleaned and
redacted as it is when feedback comes in, and measured whole: only eval split cuts it into excerpts. In JSON, shares
are 0 to 1, and a share of nothing is 0.

A row that cannot be used is refused with file, line and column, the rest is measured, and the exit code is 3.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return fmt.Errorf("%w: eval cannot measure %q (see %s --help)", errUsage, args[0], cmd.CommandPath())
		},
		Run: func(cmd *cobra.Command, _ []string) { _ = cmd.Help() },
	}
	cmd.AddCommand(c.evalClusterCommand(), c.evalLabelCommand(), c.evalLinkCommand(), c.evalSplitCommand(),
		c.evalRedactCommand(), c.evalStabilityCommand())
	return cmd
}

// evalFlags are what the evaluations share.
type evalFlags struct {
	file, text, label, group string
	bodyFormat, formatColumn string
	ignore                   []string
	embedder                 string
	seed                     uint64
	granularity              int
	granularityGiven         func() bool // nil where nothing is clustered
}

// fileFlags adds the file and its columns. The label is the column of the right answer.
func (f *evalFlags) fileFlags(cmd *cobra.Command, label, labelUse string) {
	flags := cmd.Flags()
	flags.StringVar(&f.file, "file", "", "CSV, JSON Lines or JSON file, or - for standard input (required)")
	flags.StringVar(&f.text, "text", "text", "column of the text")
	flags.StringVar(&f.label, "label", label, labelUse)
	flags.StringVar(&f.bodyFormat, "body-format", "text", "how texts are written: text, html or markdown")
	flags.StringVar(&f.formatColumn, "format-column", "", "column of how a text is written, where rows differ; empty is --body-format")
	_ = cmd.MarkFlagFilename("file")
}

func (f *evalFlags) ignoreFlag(cmd *cobra.Command, use string) {
	cmd.Flags().StringArrayVar(&f.ignore, "ignore-label", nil, use)
}

// modelFlags add what chooses the vectors.
func (f *evalFlags) modelFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.embedder, "embedder", "", "builtin or openai (EARSHOT_EMBEDDER)")
}

// groupFlags add what chooses the clusters.
func (f *evalFlags) groupFlags(cmd *cobra.Command) {
	f.seedFlag(cmd)
	cmd.Flags().IntVar(&f.granularity, "granularity", 0, granularityUse)
	f.granularityGiven = func() bool { return cmd.Flags().Changed("granularity") }
}

func (f *evalFlags) seedFlag(cmd *cobra.Command) {
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "seed: the same file and seed give the same figures (EARSHOT_SEED)")
}

// evalConfig reads the settings and puts the evaluation's flags over them.
func (c *cli) evalConfig(f *evalFlags) (app.Config, error) {
	cfg, err := c.config()
	if err != nil {
		return cfg, err
	}
	if f.file == "" {
		return cfg, fmt.Errorf("%w: name the labelled file with --file", errUsage)
	}
	switch f.embedder {
	case "":
	case "builtin", "openai":
		cfg.Embedder = f.embedder
	default:
		return cfg, fmt.Errorf("%w: --embedder is builtin or openai, not %q", errUsage, f.embedder)
	}
	if !isFormat(f.bodyFormat) {
		return cfg, fmt.Errorf("%w: --body-format is text, html or markdown, not %q", errUsage, f.bodyFormat)
	}
	f.seed = cmp.Or(f.seed, cfg.Seed)
	if f.granularityGiven == nil || !f.granularityGiven() {
		f.granularity = cfg.Granularity
	}
	if err := checkGranularity(f.granularity); err != nil {
		return cfg, err
	}
	return cfg, nil
}

func isFormat(s string) bool {
	switch feedback.Format(s) {
	case feedback.FormatText, feedback.FormatHTML, feedback.FormatMarkdown:
		return true
	}
	return false
}

// embedBatch is how many texts are embedded at once.
const embedBatch = 512

// embed gives a vector for each text.
func embed(ctx context.Context, embedder link.Embedder, texts []string, bar *steps) ([]feedback.Vector, error) {
	vectors := make([]feedback.Vector, 0, len(texts))
	for len(vectors) < len(texts) {
		bar.step("Embedding", len(vectors), len(texts))
		part, err := embedder.Embed(ctx, texts[len(vectors):min(len(vectors)+embedBatch, len(texts))])
		if err != nil {
			return nil, fmt.Errorf("embed the texts: %w", err)
		}
		if len(part) == 0 {
			return nil, feedback.Errorf(feedback.Internal, "the embedder gave no vectors")
		}
		vectors = append(vectors, part...)
	}
	return vectors, nil
}

// modelName names an embedder as people read it.
func modelName(m feedback.Model) string {
	return fmt.Sprintf("%s %s, %d dimensions", m.Name, m.Version, m.Dimensions)
}

// stopwatch measures the steps of a run by the clock on the wall.
type stopwatch struct{ last time.Time }

func newStopwatch() *stopwatch { return &stopwatch{last: time.Now()} }

// lap gives the seconds since the last lap.
func (s *stopwatch) lap() float64 {
	now := time.Now()
	seconds := now.Sub(s.last).Seconds()
	s.last = now
	return seconds
}

// peakMemory gives the most bytes of memory that this process ever had, or 0 where the system does not say.
func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}

// show prints what was measured, and fails when rows were refused.
func (c *cli) show(result interface{ print(io.Writer) error }, rows *evalRows) error {
	if c.json {
		if err := c.printJSON(result); err != nil {
			return err
		}
	} else if err := result.print(c.out); err != nil {
		return err
	}
	return rows.refusals()
}

// figure is one line of a result: what it is, and its value.
type figure struct{ name, value string }

// figures prints a title and the lines below it, the values in one column.
func figures(w io.Writer, title string, lines []figure) error {
	if _, err := fmt.Fprintln(w, plain(title)); err != nil {
		return err
	}
	width := 0
	for _, l := range lines {
		width = max(width, len([]rune(l.name)))
	}
	for _, l := range lines {
		if _, err := fmt.Fprintf(w, "  %-*s  %s\n", width, l.name, plain(l.value)); err != nil {
			return err
		}
	}
	return nil
}

// percent gives a share as people read it.
func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// percentOf and shareOf give a dash for a share of nothing.
func percentOf(share float64, whole int) string {
	if whole == 0 {
		return "-"
	}
	return percent(share)
}

func shareOf(share float64, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f", share)
}

func seconds(s float64) string { return fmt.Sprintf("%.2f s", s) }

// memory gives bytes as people read them.
func memory(bytes int64) string {
	if bytes == 0 {
		return "not known on this system"
	}
	return fmt.Sprintf("%d MB", bytes>>20)
}
