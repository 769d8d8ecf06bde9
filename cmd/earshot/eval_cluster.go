package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/eval"
	"earshot/feedback"
	"earshot/link"
)

func (c *cli) evalClusterCommand() *cobra.Command {
	var f evalFlags
	var kmeans int
	var nearest string
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "cluster --file FILE",
		Short: "Measure how well clusters agree with your own classes",
		Long: `Embed the texts, cluster them with no knowledge of the labels, and compare: NMI, ARI, ACC (the best one-to-one
mapping of clusters to classes) and purity, by scikit-learn's definitions. Texts that belong to no cluster count as
one cluster more; they are counted by their reason. Rows without a label take part in the clustering, but not in the scores; so do those with a label
that --ignore-label names.

The names of the clusters are measured, too: how many no other cluster has, stand word for word in a text of the cluster, are
one word, or hold a comma; and which part of a cluster's texts, and of those of the worst other cluster, has all words of the name.

--group clusters within each value of a column, an app for instance, and pools the results, with clusters and classes
of two groups kept apart; the means within the groups are printed too, for the groups alone explain some of the pooled
scores. --kmeans adds a plain k-means on the same vectors, which is told the number of clusters: three seeds, each the
tightest of four starts, and the mean of single starts. --nearest adds the share of rows whose nearest example in
another labelled file has the row's own label.`,
		Example: `  earshot eval cluster --file tickets.csv --text body --label topic
  earshot eval cluster --file reviews.csv --label topic --group app --ignore-label other --json
  earshot eval cluster --file test.csv --label intent --kmeans 77 --nearest train.csv
  earshot eval cluster --file tickets.csv --label topic --embedder openai`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.evalConfig(&f)
			if err != nil {
				return err
			}
			switch {
			case kmeans < 0:
				return fmt.Errorf("%w: --kmeans is a number of clusters, 1 or more", errUsage)
			case kmeans > 0 && f.group != "":
				return fmt.Errorf("%w: --kmeans knows no groups: leave out --group", errUsage)
			case nearest != "" && f.label == "":
				return fmt.Errorf("%w: --nearest needs --label", errUsage)
			}
			result, rows, err := c.evalCluster(cmd.Context(), cfg, &f, kmeans, nearest)
			if err != nil {
				return err
			}
			return c.show(result, rows)
		},
	})
	f.fileFlags(cmd, "label", `column of the true class; "" to cluster without scores`)
	f.ignoreFlag(cmd, "a label whose rows are clustered and not scored; may be repeated")
	f.modelFlags(cmd)
	f.groupFlags(cmd)
	cmd.Flags().StringVar(&f.group, "group", "", "column within whose values to cluster")
	cmd.Flags().IntVar(&kmeans, "kmeans", 0, "also run k-means with this number of clusters, with three seeds")
	cmd.Flags().StringVar(&nearest, "nearest", "", "another labelled file with the same columns, for the nearest example")
	return cmd
}

// clusterResult is what eval cluster says. Shares and scores are 0 to 1; scores are null where no row is labelled.
type clusterResult struct {
	File        string                   `json:"file"`
	Embedder    string                   `json:"embedder"`
	Seed        uint64                   `json:"seed"`
	Rows        int                      `json:"rows"`
	Refused     int                      `json:"refused"`
	N           int                      `json:"n"` // rows with a label that counts
	Groups      int                      `json:"groups"`
	Classes     int                      `json:"classes"`
	Clusters    int                      `json:"clusters"`
	Outliers    int                      `json:"outliers"`
	OutlierRate float64                  `json:"outlier_rate"`
	Reasons     map[feedback.Outlier]int `json:"outlier_reasons"`
	Off         *float64                 `json:"clusters_off"` // clusters for each class, less 1: -0.25 is a quarter too few; null where no row is labelled
	NMI         *float64                 `json:"nmi"`
	ARI         *float64                 `json:"ari"`
	ACC         *float64                 `json:"acc"`
	Purity      *float64                 `json:"purity"`
	Within      *eval.ClusterScores      `json:"within_groups,omitempty"`
	Naming      eval.Naming              `json:"names"`
	KMeans      *kmeansResult            `json:"kmeans,omitempty"`
	Nearest     *nearestResult           `json:"nearest,omitempty"`
	Seconds     map[string]float64       `json:"seconds"`
	PeakMemory  int64                    `json:"peak_memory_bytes"` // 0 where the system does not say

	grouped bool
}

type kmeansResult struct {
	K        int                  `json:"k"`
	Starts   int                  `json:"starts"` // of each seed, of which the tightest is kept
	Mean     eval.ClusterScores   `json:"mean"`
	Seeds    []eval.ClusterScores `json:"seeds"`
	OneStart eval.ClusterScores   `json:"one_start_mean"` // over the same seeds, with nothing to choose from
}

type nearestResult struct {
	File     string  `json:"file"`
	Examples int     `json:"examples"`
	Accuracy float64 `json:"accuracy"`
}

func (c *cli) evalCluster(ctx context.Context, cfg app.Config, f *evalFlags, k int, nearest string) (*clusterResult, *evalRows, error) {
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
	texts := rows.texts()
	vectors, err := embed(ctx, embedder, texts, bar)
	if err != nil {
		return nil, nil, err
	}
	took := map[string]float64{"embed": watch.lap()}
	settings := benchSettings{model: embedder.Model(), seed: f.seed, granularity: f.granularity}
	found, err := clusterGroups(ctx, rows, vectors, settings, bar)
	if err != nil {
		return nil, nil, err
	}
	took["cluster"] = watch.lap()

	m := eval.MeasureClusters(found.texts)
	out := &clusterResult{
		File: rows.sheet.Name, Embedder: modelName(embedder.Model()), Seed: f.seed, Rows: m.Texts, N: m.Scored, Groups: m.Groups,
		Classes: m.Classes, Clusters: m.Clusters, Outliers: m.Outliers, OutlierRate: m.OutlierRate(), Reasons: found.outliers, Naming: eval.MeasureNames(found.names), Seconds: took, grouped: f.group != "",
	}
	if m.Classes > 0 {
		off := float64(m.Clusters)/float64(m.Classes) - 1
		out.Off = &off
	}
	if p := m.Pooled; p != nil {
		out.NMI, out.ARI, out.ACC, out.Purity = &p.NMI, &p.ARI, &p.Accuracy, &p.Purity
		if out.grouped {
			out.Within = m.Within
		}
	}
	if k > 0 && m.Pooled != nil {
		out.KMeans = kmeansScores(rows.rows, vectors, k, bar)
		took["kmeans"] = watch.lap()
	}
	if nearest != "" {
		if out.Nearest, err = c.nearestExamples(ctx, f, nearest, rows, vectors, embedder, bar); err != nil {
			return nil, nil, err
		}
		took["nearest"] = watch.lap()
	}
	out.Refused, out.PeakMemory = rows.refused, peakMemory()
	return out, rows, nil
}

// grouping is what clusterGroups found.
type grouping struct {
	texts    []eval.Grouped           // of the rows
	outliers map[feedback.Outlier]int // rows in no cluster, by the reason
	names    []eval.Named             // the clusters
}

// clusterGroups clusters the rows of each group by themselves.
func clusterGroups(ctx context.Context, rows *evalRows, vectors []feedback.Vector, s benchSettings, bar *steps) (*grouping, error) {
	members := make(map[string][]int)
	var order []string
	for i, r := range rows.rows {
		if members[r.group] == nil {
			order = append(order, r.group)
		}
		members[r.group] = append(members[r.group], i)
	}
	out := &grouping{texts: make([]eval.Grouped, len(rows.rows)), outliers: make(map[feedback.Outlier]int)}
	for n, name := range order {
		bar.step("Clustering", n, len(order))
		var texts []string
		var own []feedback.Vector
		for _, i := range members[name] {
			texts, own = append(texts, rows.rows[i].text), append(own, vectors[i])
		}
		b := newBench(texts, own, s)
		if err := b.group(ctx); err != nil {
			return nil, err
		}
		for reason, n := range b.outliers {
			out.outliers[reason] += n
		}
		clusters := b.clusters()
		at := make(map[int]int)
		for _, c := range b.standing.Clusters {
			at[int(c.ID)] = len(out.names)
			out.names = append(out.names, eval.Named{Group: name, Name: c.Name})
		}
		for k, i := range members[name] {
			r := rows.rows[i]
			out.texts[i] = eval.Grouped{Group: r.group, Class: r.label, Scored: r.scored, Cluster: clusters[k]}
			if c, ok := at[clusters[k]]; ok {
				out.names[c].Texts = append(out.names[c].Texts, r.text)
			}
		}
	}
	return out, nil
}

// kmeansSeeds is how many runs of k-means are averaged, and kmeansStarts how many starts each has of which it keeps the
// tightest.
const (
	kmeansSeeds  = 3
	kmeansStarts = 4
)

// kmeansScores clusters all rows by k-means and scores the labelled ones.
func kmeansScores(rows []evalRow, vectors []feedback.Vector, k int, bar *steps) *kmeansResult {
	out := &kmeansResult{K: k, Starts: kmeansStarts}
	score := func(starts, seed int) eval.ClusterScores {
		fit := eval.KMeans(vectors, eval.KMeansOptions{K: k, Restarts: starts, Seed: uint64(seed)})
		var labels []string
		var clusters []int
		for i, r := range rows {
			if r.scored {
				labels, clusters = append(labels, r.label), append(clusters, fit.Assign[i])
			}
		}
		gold, _ := eval.Labels(labels)
		return eval.ScoreClusters(gold, clusters)
	}
	var single []eval.ClusterScores
	for i := range kmeansSeeds {
		bar.step("k-means", i, kmeansSeeds)
		out.Seeds, single = append(out.Seeds, score(kmeansStarts, i+1)), append(single, score(1, i+1))
	}
	out.Mean, out.OneStart = eval.MeanScores(out.Seeds), eval.MeanScores(single)
	return out
}

// nearestExamples compares the labelled rows with those of another file.
func (c *cli) nearestExamples(ctx context.Context, f *evalFlags, name string, rows *evalRows, vectors []feedback.Vector, embedder link.Embedder, bar *steps) (*nearestResult, error) {
	other := *f
	other.file, other.group = name, ""
	train, err := c.readRows(ctx, &other)
	if err != nil {
		return nil, err
	}
	var texts, labels, own []string
	for _, r := range train.rows {
		if r.scored {
			texts, labels = append(texts, r.text), append(labels, r.label)
		}
	}
	if len(texts) == 0 {
		return nil, train.unlabelled()
	}
	examples, err := embed(ctx, embedder, texts, bar)
	if err != nil {
		return nil, err
	}
	var queries []feedback.Vector
	for i, r := range rows.rows {
		if r.scored {
			queries, own = append(queries, vectors[i]), append(own, r.label)
		}
	}
	rows.refused += train.refused
	return &nearestResult{File: train.sheet.Name, Examples: len(texts), Accuracy: eval.NearestAccuracy(queries, own, examples, labels)}, nil
}

func (r *clusterResult) print(w io.Writer) error {
	score := func(s *float64) string {
		if s == nil {
			return "none: no row is labelled"
		}
		return percent(*s)
	}
	lines := []figure{
		{"embedder", r.Embedder},
		{"rows", thousands(r.Rows)},
		{"n (scored)", thousands(r.N)},
		{"gold classes", thousands(r.Classes)},
		{"clusters", thousands(r.Clusters) + offWords(r.Off)},
		{"outliers", percent(r.OutlierRate) + reasons(r.Reasons)},
		{"NMI", score(r.NMI)},
		{"ARI", score(r.ARI)},
		{"ACC", score(r.ACC)},
		{"purity", score(r.Purity)},
	}
	if n := r.Naming; n.Names > 0 {
		lines = append(lines, figure{"names", fmt.Sprintf("%s distinct, %s word for word in a text, %s one word, %s lists", percent(n.Distinct), percent(n.Verbatim), percent(n.OneWord), percent(n.Lists))},
			figure{"  texts with a name's words", fmt.Sprintf("%s of the cluster, %s of the worst other", percent(n.Inside), percent(n.Outside))})
	}
	if r.grouped {
		lines = append(lines, figure{"groups", thousands(r.Groups)})
	}
	if r.Within != nil {
		lines = append(lines, figure{"mean within the groups", scoreLine(*r.Within)})
	}
	if k := r.KMeans; k != nil {
		lines = append(lines, figure{fmt.Sprintf("k-means, k = %d", k.K), scoreLine(k.Mean)})
		for i, s := range k.Seeds {
			lines = append(lines, figure{fmt.Sprintf("  seed %d, best of %d starts", i+1, k.Starts), scoreLine(s)})
		}
		lines = append(lines, figure{"  mean of one start each", scoreLine(k.OneStart)})
	}
	if n := r.Nearest; n != nil {
		lines = append(lines, figure{"nearest example right", fmt.Sprintf("%s, of %s in %s", percent(n.Accuracy), count(n.Examples, "example", "examples"), n.File)})
	}
	lines = append(lines, figure{"embedding took", seconds(r.Seconds["embed"])}, figure{"clustering took", seconds(r.Seconds["cluster"])},
		figure{"peak memory", memory(r.PeakMemory)})
	return figures(w, "Clusters of "+r.File, lines)
}

// offWords says how far the number of clusters is from that of the classes.
func offWords(off *float64) string {
	switch {
	case off == nil:
		return ""
	case *off < 0:
		return fmt.Sprintf(", %s fewer than classes", percent(-*off))
	case *off > 0:
		return fmt.Sprintf(", %s more than classes", percent(*off))
	}
	return ", as many as classes"
}

// scoreLine gives four scores on one line.
func scoreLine(s eval.ClusterScores) string {
	return fmt.Sprintf("NMI %s, ARI %s, ACC %s, purity %s", percent(s.NMI), percent(s.ARI), percent(s.Accuracy), percent(s.Purity))
}
