package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

type clusterScores struct{ NMI, ARI, ACC, Purity float64 }

type clustered struct {
	Embedder        string
	N               int
	Classes         int
	Clusters        int
	OutlierRate     float64 `json:"outlier_rate"`
	NMI, ARI        *float64
	ACC, Purity     *float64
	Seconds         map[string]float64
	PeakMemoryBytes int64 `json:"peak_memory_bytes"`
	KMeans          *struct {
		K, Starts int
		Mean      clusterScores
		Seeds     []clusterScores
		OneStart  clusterScores `json:"one_start_mean"`
	}
	Nearest *struct {
		Examples int
		Accuracy float64
	}
}

func clusters(p *place, b *page, public bool) error {
	type set struct {
		name, file, label string
		args              []string
	}
	sets := []set{{"sample workspace, items of one topic", p.made("sample.csv"), "topic", nil}}
	for _, t := range notTopics {
		sets[0].args = append(sets[0].args, "--ignore-label", t)
	}
	sets[0].args = append(sets[0].args, "--format-column", "format", "--kmeans", "34")
	if public {
		if err := p.bankingSets(); err != nil {
			return err
		}
		test, train := p.public("banking77", "test.csv"), p.public("banking77", "train.csv")
		sets = append(sets, set{"Banking77 test", test, "category", []string{"--kmeans", "77", "--nearest", train}},
			set{"Banking77 train and test", p.made("all.csv"), "category", []string{"--kmeans", "77"}})
	}
	var rows, means [][]string
	nearest := ""
	for _, s := range sets {
		var r clustered
		if err := p.eval(&r, append([]string{"cluster", "--file", s.file, "--label", s.label}, s.args...)...); err != nil {
			return err
		}
		b.embedder = r.Embedder
		rows = append(rows, []string{s.name, fmt.Sprint(r.N), fmt.Sprint(r.Classes), fmt.Sprint(r.Clusters), percent(r.OutlierRate),
			score(r.NMI), score(r.ARI), score(r.ACC), score(r.Purity), fmt.Sprintf("%.2f", r.Seconds["embed"]), fmt.Sprintf("%.2f", r.Seconds["cluster"]),
			fmt.Sprint(r.PeakMemoryBytes >> 20)})
		if k := r.KMeans; k != nil {
			for i, x := range append(k.Seeds, k.Mean) {
				name := fmt.Sprintf("%s, k = %d, seed %d", s.name, k.K, i+1)
				if i == len(k.Seeds) {
					name = fmt.Sprintf("**%s, k = %d, mean**", s.name, k.K)
				}
				means = append(means, []string{name, percent(x.NMI), percent(x.ARI), percent(x.ACC), percent(x.Purity)})
			}
			x := k.OneStart
			means = append(means, []string{fmt.Sprintf("%s, k = %d, mean of one start a seed", s.name, k.K), percent(x.NMI), percent(x.ARI), percent(x.ACC), percent(x.Purity)})
		}
		if strings.HasPrefix(s.name, "Banking77") {
			least := map[string][2]float64{"Banking77 test": {75, 45}, "Banking77 train and test": {76, 48}}[s.name]
			b.goals = append(b.goals, goal{s.name + ", the number of clusters not given: NMI", least[0], 100 * *r.NMI, "%.1f"},
				goal{"the same: ARI", least[1], 100 * *r.ARI, "%.1f"}, goal{"the same: texts in a cluster (%)", 90, 100 - 100*r.OutlierRate, "%.1f"})
		}
		if s.name == "Banking77 test" {
			nearest = fmt.Sprintf("The nearest of the %d training examples of Banking77 has the right intent for %s %% of the test set.\n", r.Nearest.Examples, percent(r.Nearest.Accuracy))
			b.goals = append(b.goals, goal{fmt.Sprintf("Banking77 test, k-means at k = 77, mean of 3 seeds, best of %d starts each: NMI", r.KMeans.Starts), 70, 100 * r.KMeans.Mean.NMI, "%.1f"},
				goal{"the same: ARI", 36, 100 * r.KMeans.Mean.ARI, "%.1f"},
				goal{"Banking77 test, k-means at k = 77, mean of 3 seeds, one start each: NMI", 70, 100 * r.KMeans.OneStart.NMI, "%.1f"},
				goal{"the same: ARI", 36, 100 * r.KMeans.OneStart.ARI, "%.1f"},
				goal{"nearest example has the right intent, train to test (%)", 87, 100 * r.Nearest.Accuracy, "%.1f"})
		}
	}
	b.line("## Clusters\n\nScores and outliers in percent, seconds, and peak memory in MB.\n")
	b.table([]string{"set", "n", "classes", "clusters", "outliers", "NMI", "ARI", "ACC", "purity", "embed", "cluster", "memory"}, rows)
	b.line("The same vectors under a plain k-means that is told k; of each seed the tightest of four starts is kept, unless it says otherwise:\n")
	b.table([]string{"set", "NMI", "ARI", "ACC", "purity"}, means)
	if nearest != "" {
		b.line("%s", nearest)
	}
	if public {
		return counts(p, b)
	}
	return nil
}

// counts compares the number of clusters with that of classes on many subsets.
func counts(p *place, b *page) error {
	sets, err := p.subsets()
	if err != nil {
		return err
	}
	var rows [][]string
	var known, fresh []float64
	for _, s := range sets {
		var r clustered
		if err := p.eval(&r, "cluster", "--file", s.file, "--label", "category"); err != nil {
			return err
		}
		off := math.Abs(float64(r.Clusters)/float64(r.Classes) - 1)
		if s.dev {
			known = append(known, off)
		} else {
			fresh = append(fresh, off)
		}
		rows = append(rows, []string{fmt.Sprint(s.seed), fmt.Sprint(r.N), fmt.Sprint(r.Classes), fmt.Sprint(r.Clusters), percent(off), percent(r.OutlierRate), score(r.NMI), score(r.ARI)})
	}
	b.line("## Number of clusters\n\nOn random parts of Banking77, rows and classes drawn by the seed. Counting was developed on other random parts of it; the first %d\nof these are to work with, the others to be left alone.\n", developed)
	b.table([]string{"seed", "n", "classes", "clusters", "off", "outliers", "NMI", "ARI"}, rows)
	for _, x := range []struct {
		name string
		off  []float64
	}{{"To work with", known}, {"Left alone", fresh}} {
		near, middle := countedWithin(x.off)
		b.line("%s: within 35 %%: %d of %d; median error %.2f.\n", x.name, near, len(x.off), middle)
	}
	near, middle := countedWithin(fresh)
	b.goals = append(b.goals, goal{"number of clusters within 35 % of that of classes, parts of Banking77 left alone (%)", 90, 100 * float64(near) / float64(len(fresh)), "%.1f"},
		goal{"100 less the median error of that number (%)", 80, 100 - 100*middle, "%.1f"})
	return nil
}

type (
	kept   struct{ Kept, Same float64 }
	joined struct{ Joined, Stayed, Missed float64 }
)

func stability(p *place, b *page, public bool) error {
	sets := [][]string{{"sample workspace, items of one topic", p.made("sample.csv"), "--format-column", "format"}}
	if public {
		sets = append(sets, []string{"Banking77 test", p.public("banking77", "test.csv")}, []string{"Banking77 train and test", p.made("all.csv")})
	}
	var rows, between [][]string
	for _, s := range sets {
		var r struct {
			Clusters   int
			Rerun      kept
			OtherOrder kept      `json:"other_order"`
			OtherSeed  kept      `json:"other_seed"`
			Draws      []float64 `json:"more_data_draws"`
			Afresh     float64
			Joining    joined
			NoMargin   joined `json:"joining_without_margin"`
		}
		if err := p.eval(&r, append([]string{"stability", "--add", "10%", "--draws", "5", "--file", s[1]}, s[2:]...)...); err != nil {
			return err
		}
		rows = append(rows, []string{s[0], fmt.Sprint(r.Clusters), percent(r.Rerun.Kept), percent(r.OtherOrder.Kept), percent(r.OtherSeed.Kept),
			percent(slices.Min(r.Draws)), percent(r.Afresh)})
		for _, x := range []struct {
			name string
			joined
		}{{s[0], r.Joining}, {"the same, without a margin", r.NoMargin}} {
			between = append(between, []string{x.name, percent(x.Joined), percent(x.Stayed), percent(x.Missed)})
		}
		b.goals = append(b.goals, goal{s[0] + ", 10 % more data, the least of 5 draws: keep their cluster (%)", 95, 100 * slices.Min(r.Draws), "%.1f"},
			goal{"the same, another seed while clusters stand (%)", 90, 100 * r.OtherSeed.Kept, "%.1f"},
			goal{"the same, another seed afresh: agree (%)", 90, 100 * r.Afresh, "%.1f"})
	}
	b.line("## Stability\n\nOf the texts in a cluster, the share (percent) whose cluster has the same id afterwards. Afresh: nothing stands, another seed,\nand the share on which both agree under the best one-to-one mapping. 10 %% more: the least of five draws of the rows that come later.\n")
	b.table([]string{"set", "clusters", "run again", "other order", "other seed", "10 % more", "afresh"}, rows)
	b.line("Of the 10 %% that came later: the share (percent) that joined a standing cluster at once, by floor and margin; of these the share\nthat the next run left there; and of the others the share that it put into a cluster.\n")
	b.table([]string{"set", "joined", "stayed", "missed"}, between)
	return nil
}

type classified struct {
	N        int
	Accuracy float64
	MacroF1  float64 `json:"macro_f1"`
	PerClass []struct {
		Class                 string
		Precision, Recall, F1 float64
		Support               int
	} `json:"per_class"`
	Classes   []string
	Confusion [][]int
}

func labels(p *place, b *page, _ bool) error {
	const work, heldOut = "eval/testdata/labels_work.csv", "eval/testdata/labels_heldout.csv"
	sample := p.made("sample.csv")
	var rows, classes [][]string
	var matrices strings.Builder
	for _, s := range []struct{ name, file, task string }{
		{"own set, working part", work, "sentiment"}, {"own set, working part", work, "kind"}, {"own set, working part", work, "severity"},
		{"own set, held out", heldOut, "sentiment"}, {"own set, held out", heldOut, "kind"}, {"own set, held out", heldOut, "severity"},
		{"sample workspace", sample, "sentiment"}, {"sample workspace", sample, "kind"},
	} {
		args := []string{"label", "--task", s.task, "--label", s.task, "--file", s.file}
		if s.file == sample {
			args = append(args, "--format-column", "format")
		}
		var r classified
		if err := p.eval(&r, args...); err != nil {
			return err
		}
		rows = append(rows, []string{s.name + ": " + s.task, fmt.Sprint(r.N), fmt.Sprintf("%.3f", r.Accuracy), fmt.Sprintf("%.3f", r.MacroF1)})
		if s.file != heldOut {
			continue
		}
		least := map[string]float64{"sentiment": 0.75, "kind": 0.70}[s.task]
		if least > 0 {
			b.goals = append(b.goals, goal{"own held-out part: " + s.task + ", macro-F1", least, r.MacroF1, "%.3f"})
		}
		var m page
		var lines [][]string
		for i, k := range r.PerClass {
			classes = append(classes, []string{s.task + ": " + k.Class, fmt.Sprintf("%.3f", k.Precision), fmt.Sprintf("%.3f", k.Recall), fmt.Sprintf("%.3f", k.F1), fmt.Sprint(k.Support)})
			line := []string{k.Class}
			for _, n := range r.Confusion[i] {
				line = append(line, fmt.Sprint(n))
			}
			lines = append(lines, line)
		}
		m.table(append([]string{s.task + ": true, then said"}, r.Classes...), lines)
		matrices.Write(m.Bytes())
	}
	b.line("## Labels\n")
	b.table([]string{"set: task", "n", "accuracy", "macro-F1"}, rows)
	b.line("The held-out part in detail:\n")
	b.table([]string{"class", "precision", "recall", "F1", "support"}, classes)
	b.WriteString(matrices.String())
	return nil
}

func links(p *place, b *page, public bool) error {
	type set struct {
		name string
		args []string
	}
	sample := []string{"--features", "demo/sample/features.csv", "--file", p.made("sample.csv"), "--label", "feature", "--format-column", "format", "--map", "none="}
	sets := []set{
		{"sample workspace, items", sample},
		{"sample workspace, items, 3 examples a feature", append(sample[:len(sample):len(sample)], "--examples", "3")},
		{"sample workspace, true clusters", append(sample[:len(sample):len(sample)], "--level", "cluster")},
	}
	if public {
		banking := []string{"--features", p.made("features.csv"), "--file", p.public("banking77", "test.csv"), "--label", "category"}
		sets = append(sets, set{"Banking77 test, items, names alone", banking},
			set{"Banking77 test, items, 3 examples a feature", append(banking[:len(banking):len(banking)], "--examples", "3")},
			set{"Banking77 test, true clusters, names alone", append(banking[:len(banking):len(banking)], "--level", "cluster")})
	}
	var rows [][]string
	for _, s := range sets {
		var r struct {
			N                int
			Recall1          float64 `json:"recall_at_1"`
			Recall3          float64 `json:"recall_at_3"`
			Recall5          float64 `json:"recall_at_5"`
			Abstention       float64
			LinkedRight      float64 `json:"linked_right"`
			Automatic        int
			AutomaticRight   float64 `json:"automatic_right"`
			CalibrationError float64 `json:"calibration_error"`
		}
		if err := p.eval(&r, append([]string{"link"}, s.args...)...); err != nil {
			return err
		}
		rows = append(rows, []string{s.name, fmt.Sprint(r.N), percent(r.Recall1), percent(r.Recall3), percent(r.Recall5), percent(r.Abstention),
			percent(r.LinkedRight), fmt.Sprintf("%d, %s", r.Automatic, percent(r.AutomaticRight)), percent(r.CalibrationError)})
	}
	b.line("## Links to features\n\nIn percent. Automatic links are counted, with the share of them that is right.\n")
	b.table([]string{"set", "n", "R@1", "R@3", "R@5", "abstention", "links right", "automatic", "calibration error"}, rows)
	return nil
}

func splits(p *place, b *page, public bool) error {
	sets := [][]string{
		{"own set, work", "--file", "eval/testdata/splits_work.csv", "--talk", "talk"},
		{"own set, held out", "--file", "eval/testdata/splits_heldout.csv", "--talk", "talk"},
		{"sample workspace, bodies", "--file", p.made("points.csv"), "--format-column", "format"},
	}
	if public {
		for _, domain := range []string{"banking", "hotels"} {
			if err := p.nluSet(domain); err != nil {
				return err
			}
			for _, join := range []string{"1", "2", "3"} {
				args := []string{"--file", p.made(domain + ".csv"), "--join", join}
				sets = append(sets, append([]string{fmt.Sprintf("NLU++ %s, %s joined", domain, join)}, args...))
				if join != "1" {
					sets = append(sets, append([]string{fmt.Sprintf("NLU++ %s, %s joined bare", domain, join), "--bare"}, args...))
				}
			}
		}
		if err := p.wholeSet(); err != nil {
			return err
		}
		sets = append(sets, []string{"Banking77, each taken for one point", "--file", p.made("whole.csv")})
	}
	type result struct {
		N, Points, Parts int
		Exact            float64
		Near             float64 `json:"within_one"`
		TooMany          float64 `json:"too_many"`
		TooFew           float64 `json:"too_few"`
		Cuts             *struct{ Precision, Recall, F1 *float64 }
		Places           *struct {
			Right, Lost float64
			Talk        int
			TalkTaken   float64 `json:"talk_taken"`
		}
	}
	var rows, own [][]string
	for _, s := range sets {
		var r result
		if err := p.eval(&r, append([]string{"split"}, s[1:]...)...); err != nil {
			return err
		}
		precision, recall, f1 := "-", "-", "-"
		if r.Cuts != nil && r.Points > r.N {
			precision, recall, f1 = score(r.Cuts.Precision), score(r.Cuts.Recall), score(r.Cuts.F1)
		}
		rows = append(rows, []string{s[0], fmt.Sprint(r.N), fmt.Sprint(r.Points), fmt.Sprint(r.Parts), percent(r.Exact), percent(r.Near), percent(r.TooMany), percent(r.TooFew), precision, recall, f1})
		if x := r.Places; x != nil {
			own = append(own, []string{s[0], percent(x.Right), percent(x.Lost), fmt.Sprint(x.Talk), percent(x.TalkTaken)})
		}
	}
	b.line("## Split into points\n\nShares of messages in percent, and precision, recall and F1 of the cuts where their places are known.\n")
	b.table([]string{"set", "n", "points", "excerpts", "exact", "within one", "too many", "too few", "cut precision", "cut recall", "cut F1"}, rows)
	b.line("The own set says where each point stands: the share of messages whose excerpts are just their points, that of points of which less\nthan half is in an excerpt, and that of greetings, thanks and the like that are in one.\n")
	b.table([]string{"set", "just its points", "points lost", "small talk", "of it taken"}, own)
	return nil
}

// redactionSets are the labelled lines: those that the rules were made with, and those that were held out.
var redactionSets = []string{"redaction", "redaction_heldout"}

func redaction(p *place, b *page, _ bool) error {
	type kind struct {
		Kind               string
		Want, Found, Right int
		Precision, Recall  float64
	}
	b.line("## Redaction\n")
	for i, words := range []string{"with which the rules were made", "which were held out"} {
		var r struct {
			N     int
			Exact float64
			Kinds []kind
			All   kind
		}
		if err := p.eval(&r, "redact", "--file", p.made(redactionSets[i]+".csv")); err != nil {
			return err
		}
		r.All.Kind = "all"
		var rows [][]string
		for _, k := range append(r.Kinds, r.All) {
			rows = append(rows, []string{k.Kind, fmt.Sprint(k.Want), fmt.Sprint(k.Found), fmt.Sprint(k.Right), percent(k.Precision), percent(k.Recall)})
		}
		b.line("%d lines of `ingest/testdata/%s.txt`, %s; just what should go went in %s %% of them.\n", r.N, redactionSets[i], words, percent(r.Exact))
		b.table([]string{"kind", "wanted", "found", "right", "precision", "recall"}, rows)
	}
	return nil
}
