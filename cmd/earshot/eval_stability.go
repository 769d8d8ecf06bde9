package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/eval"
	"earshot/feedback"
)

func (c *cli) evalStabilityCommand() *cobra.Command {
	var f evalFlags
	add, draws := "10%", 1
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "stability --file FILE",
		Short: "Measure how many texts keep their cluster when the clustering is run again",
		Long: `Cluster the texts, and then once more while the first clusters stand, as earshot recluster does: on the same rows, on
the rows in another order, with another seed, and with more data. Printed is the share of the rows in a cluster whose
cluster has the same id afterwards, and the share of all rows whose answer is the same, none included. For the last, the
rows that come later are chosen by the seed, and the first run knows nothing of them; --draws chooses them several
times over and gives the mean and the least. No labels are needed.

Rows that come later first join the clusters that stand, by floor and margin, as feedback does between two runs: printed
is how many do, how many of them the next run leaves there, and how many of the others it puts into a cluster; beside it
the same without a margin.

Afresh clusters with another seed while nothing stands: ids mean nothing then, and the share is that of the rows on
which the two agree under the best one-to-one mapping of their clusters.`,
		Example: `  earshot eval stability --file tickets.csv --text body
  earshot eval stability --file tickets.csv --add 25% --draws 5 --json`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.evalConfig(&f)
			if err != nil {
				return err
			}
			more, err := readShare(add)
			if err != nil {
				return err
			}
			if draws < 1 || draws > 100 {
				return fmt.Errorf("%w: --draws is a number from 1 to 100", errUsage)
			}
			result, rows, err := c.evalStability(cmd.Context(), cfg, &f, more, draws)
			if err != nil {
				return err
			}
			return c.show(result, rows)
		},
	})
	f.fileFlags(cmd, "", "")
	_ = cmd.Flags().MarkHidden("label")
	f.modelFlags(cmd)
	f.groupFlags(cmd)
	cmd.Flags().StringVar(&add, "add", add, "how much more data comes, as a part of what was there")
	cmd.Flags().IntVar(&draws, "draws", draws, "how often more data is tried, each time with other rows")
	return cmd
}

// readShare reads 10% or 10 as 0.1.
func readShare(s string) (float64, error) {
	n, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%")), 64)
	if err != nil || !(n > 0 && n <= 1000) {
		return 0, fmt.Errorf("%w: --add is a percentage above 0, up to 1000%%, not %q", errUsage, clip(s, 20))
	}
	return n / 100, nil
}

// stabilityResult is what eval stability says. Shares are 0 to 1.
type stabilityResult struct {
	File       string             `json:"file"`
	Embedder   string             `json:"embedder"`
	Seed       uint64             `json:"seed"`
	Rows       int                `json:"rows"`
	Refused    int                `json:"refused"`
	Clusters   int                `json:"clusters"` // of the first run
	Rerun      eval.Stability     `json:"rerun"`
	OtherOrder eval.Stability     `json:"other_order"`
	OtherSeed  eval.Stability     `json:"other_seed"`
	Add        float64            `json:"add"`
	Added      int                `json:"added"`           // rows
	MoreData   eval.Stability     `json:"more_data"`       // of the first draw
	Draws      []float64          `json:"more_data_draws"` // what is kept in each
	Joining    eval.Joining       `json:"joining"`         // what was added, in the first draw
	NoMargin   eval.Joining       `json:"joining_without_margin"`
	Afresh     float64            `json:"afresh"`
	Seconds    map[string]float64 `json:"seconds"`
}

func (c *cli) evalStability(ctx context.Context, cfg app.Config, f *evalFlags, add float64, draws int) (*stabilityResult, *evalRows, error) {
	rows, err := c.readRows(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	embedder, err := app.NewEmbedder(cfg)
	if err != nil {
		return nil, nil, err
	}
	bar := newSteps(c.errs)
	defer bar.done()
	watch := newStopwatch()
	vectors, err := embed(ctx, embedder, rows.texts(), bar)
	if err != nil {
		return nil, nil, err
	}
	took := map[string]float64{"embed": watch.lap()}
	out := &stabilityResult{File: rows.sheet.Name, Embedder: modelName(embedder.Model()), Seed: f.seed, Rows: len(rows.rows),
		Refused: rows.refused, Add: add, Seconds: took}
	base := newBench(rows.texts(), vectors, benchSettings{model: embedder.Model(), seed: f.seed, granularity: f.granularity})
	if err := out.measure(ctx, base, draws, bar); err != nil {
		return nil, nil, err
	}
	took["cluster"] = watch.lap()
	return out, rows, nil
}

// measure clusters the texts again and again.
func (r *stabilityResult) measure(ctx context.Context, fresh *bench, draws int, bar *steps) error {
	runs := 5 + 2*draws
	done := 0
	group := func(b *bench) error {
		bar.step("Clustering", done, runs)
		done++
		return b.group(ctx)
	}
	first := fresh.clone()
	if err := group(first); err != nil {
		return err
	}
	before := first.clusters()
	r.Clusters = len(first.standing.Clusters)

	again := first.clone()
	if err := group(again); err != nil {
		return err
	}
	r.Rerun = eval.MeasureStability(before, again.clusters())

	order := rand.New(rand.NewPCG(fresh.settings.seed, 1)).Perm(len(before))
	moved, stood := first.clone(), make([]int, len(before))
	for to, from := range order {
		moved.points[to], stood[to] = first.points[from], before[from]
	}
	if err := group(moved); err != nil {
		return err
	}
	r.OtherOrder = eval.MeasureStability(stood, moved.clusters())

	seeded := first.clone()
	seeded.settings.seed++
	if err := group(seeded); err != nil {
		return err
	}
	r.OtherSeed = eval.MeasureStability(before, seeded.clusters())

	afresh := fresh.clone()
	afresh.settings.seed++
	if err := group(afresh); err != nil {
		return err
	}
	r.Afresh = eval.Accuracy(before, afresh.clusters())
	for draw := range draws {
		if draw > 0 {
			order = rand.New(rand.NewPCG(fresh.settings.seed, uint64(draw+1))).Perm(len(before))
		}
		grown, joining, noMargin, err := r.grow(fresh, order, group)
		if err != nil {
			return err
		}
		if draw == 0 {
			r.MoreData, r.Joining, r.NoMargin = grown, joining, noMargin
		}
		r.Draws = append(r.Draws, grown.Kept)
	}
	return nil
}

// grow clusters a part of the texts, and then all of them while the part's clusters stand. The part is the first of the
// order, and one text at least. It also says how the others joined the part's clusters, and how without a margin.
func (r *stabilityResult) grow(fresh *bench, order []int, group func(*bench) error) (grown eval.Stability, joining, noMargin eval.Joining, err error) {
	early := max(1, int(math.Round(float64(len(order))/(1+r.Add))))
	r.Added = len(order) - early
	whole := fresh.clone()
	for to, from := range order {
		whole.points[to] = fresh.points[from]
	}
	part := whole.clone()
	part.points = part.points[:early]
	if err := group(part); err != nil {
		return grown, joining, noMargin, err
	}
	before := part.clusters()
	joined := join(part.standing.Clusters, whole.points[early:])
	loose := slices.Clone(part.standing.Clusters)
	for i := range loose {
		loose[i].Margin = 0
	}
	joinedLoosely := join(loose, whole.points[early:])
	whole.points = slices.Concat(part.points, whole.points[early:])
	whole.standing = part.standing
	if err := group(whole); err != nil {
		return grown, joining, noMargin, err
	}
	after := whole.clusters()
	return eval.MeasureStability(before, after[:early]), eval.MeasureJoining(joined, after[early:]), eval.MeasureJoining(joinedLoosely, after[early:]), nil
}

// join gives the cluster that each text joins, as it would between two runs, 0 for none.
func join(clusters []feedback.Cluster, points []feedback.Point) []int {
	out := make([]int, len(points))
	for i, p := range points {
		id, _, _ := feedback.Join(clusters, p.Vector)
		out[i] = int(id)
	}
	return out
}

func (r *stabilityResult) print(w io.Writer) error {
	err := figures(w, "Stability of the clusters of "+r.File, []figure{
		{"embedder", r.Embedder},
		{"rows", thousands(r.Rows)},
		{"clusters", thousands(r.Clusters)},
		{"embedding took", seconds(r.Seconds["embed"])},
		{"clustering took", fmt.Sprintf("%s for %d runs", seconds(r.Seconds["cluster"]), 5+2*max(1, len(r.Draws)))},
	})
	if err != nil {
		return err
	}
	var lines [][]string
	for _, x := range []struct {
		name string
		s    eval.Stability
	}{
		{"run again", r.Rerun},
		{"rows in another order", r.OtherOrder},
		{"another seed", r.OtherSeed},
		{fmt.Sprintf("%g %% more data", 100*r.Add), r.MoreData},
	} {
		lines = append(lines, []string{x.name, percentOf(x.s.Kept, x.s.Clustered), percent(x.s.Same), thousands(x.s.Clustered), thousands(x.s.Texts)})
	}
	fmt.Fprintln(w)
	if err := table(w, []string{"THEN", "KEEP THEIR CLUSTER", "SAME ANSWER", "IN A CLUSTER", "ROWS"}, lines); err != nil {
		return err
	}
	if n := len(r.Draws); n > 1 {
		var sum float64
		for _, x := range r.Draws {
			sum += x
		}
		fmt.Fprintf(w, "\nMore data, %d times: %s keep their cluster, %s at least.\n", n, percent(sum/float64(n)), percent(slices.Min(r.Draws)))
	}
	if r.Joining.Texts > 0 {
		fmt.Fprintf(w, "\nBetween runs: of the %s rows that came later %s joined a cluster at once; the next run left %s of them there, and put %s of the "+
			"others into one. Without a margin: %s, %s and %s.\n", thousands(r.Joining.Texts), percent(r.Joining.Joined), percent(r.Joining.Stayed),
			percent(r.Joining.Missed), percent(r.NoMargin.Joined), percent(r.NoMargin.Stayed), percent(r.NoMargin.Missed))
	}
	_, err = fmt.Fprintf(w, "\nAfresh with another seed, nothing standing: the two agree on %s of the rows.\n", percent(r.Afresh))
	return err
}
