package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"earshot/eval"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The results are made up, so that the files change only when the printing does.
func TestEvaluationsArePrintedAsTheyWere(t *testing.T) {
	of := func(f float64) *float64 { return &f }
	for name, result := range map[string]interface{ print(io.Writer) error }{
		"eval_cluster": &clusterResult{
			File: "test.csv", Embedder: "builtin 1, 384 dimensions", Rows: 3180, N: 3080, Groups: 1, Classes: 77, Clusters: 80, Outliers: 60,
			OutlierRate: 0.0189, NMI: of(0.75), ARI: of(0.441), ACC: of(0.5512), Purity: of(0.6), PeakMemory: 90 << 20,
			Naming:  eval.Naming{Names: 80, Distinct: 1, Verbatim: 0.987, OneWord: 0.05, Lists: 0.3, Inside: 0.46, Outside: 0.031},
			Seconds: map[string]float64{"embed": 0.123, "cluster": 1.5},
			KMeans: &kmeansResult{K: 77, Starts: 4, OneStart: eval.ClusterScores{NMI: 0.7, ARI: 0.349, Accuracy: 0.49, Purity: 0.52}, Mean: eval.ClusterScores{NMI: 0.71, ARI: 0.365, Accuracy: 0.5, Purity: 0.53},
				Seeds: []eval.ClusterScores{{NMI: 0.71, ARI: 0.36, Accuracy: 0.5, Purity: 0.5}, {NMI: 0.71, ARI: 0.37, Accuracy: 0.5, Purity: 0.56}}},
			Nearest: &nearestResult{File: "train.csv", Examples: 10003, Accuracy: 0.876},
		},
		"eval_cluster_unlabelled": &clusterResult{File: "x.csv", Embedder: "builtin 1, 384 dimensions", Rows: 2, Groups: 2, OutlierRate: 1, grouped: true},
		"eval_cluster_groups": &clusterResult{File: "x.csv", Embedder: "builtin 1, 384 dimensions", Rows: 40, N: 40, Groups: 2, Classes: 8, Clusters: 8,
			NMI: of(0.9), ARI: of(0.8), ACC: of(0.7), Purity: of(0.6), Within: &eval.ClusterScores{NMI: 0.8, ARI: 0.7, Accuracy: 0.7, Purity: 0.6}, grouped: true},
		"eval_label": &labelResult{
			File: "reviews.csv", Task: "sentiment", Rows: 7, N: 6, Accuracy: 4.0 / 6, MacroF1: 0.489, GoldMacroF1: 0.7335,
			PerClass: []classResult{{"negative", 2.0 / 3, 1, 0.8, 2}, {"neutral", 0, 0, 0, 0}, {"positive", 2.0 / 3, 2.0 / 3, 2.0 / 3, 4}},
			Classes:  []string{"negative", "neutral", "positive"}, Confusion: [][]int{{2, 0, 0}, {0, 0, 0}, {1, 1, 2}},
		},
		"eval_link": &linkResult{
			File: "tickets.csv", Embedder: "builtin 1, 384 dimensions", Level: "cluster", Features: 33, Examples: 9, Rows: 900, N: 34, NoFeature: 1,
			Recall1: 0.9091, Recall3: 0.97, Recall5: 1, Abstention: 0.0588, AbstentionRight: 1, Linked: 32, LinkedRight: 0.9375, Automatic: 25, AutomaticRight: 1,
			CalibrationError: 0.083, Bins: [eval.CalibrationBins]eval.CalibrationBin{4: {N: 9, Score: 0.44, Right: 0.5}, 9: {N: 25, Score: 0.97, Right: 1}},
			Seconds: map[string]float64{"embed": 0.01, "link": 0.02},
		},
		"eval_link_none": &linkResult{File: "tickets.csv", Embedder: "builtin 1, 384 dimensions", Level: "item", Features: 3, Rows: 2, N: 2, NoFeature: 2, Abstention: 1, AbstentionRight: 1},
		"eval_split": &splitResult{File: "m.json", Join: 2, Splitting: eval.Splitting{N: 143, Points: 286, Parts: 174, Exact: 0.217, Near: 1, TooFew: 0.783,
			Cuts: &eval.CutScores{Want: 143, Made: 31, Right: 31, Precision: 1, Recall: 0.217, F1: 0.356}}},
		"eval_split_places": &splitResult{File: "splits.csv", Splitting: eval.Splitting{N: 150, Points: 255, Parts: 217, Exact: 0.76, Near: 0.98, TooMany: 0.01, TooFew: 0.23,
			Cuts:   &eval.CutScores{Want: 111, Made: 73, Right: 71, Precision: 0.973, Recall: 0.64, F1: 0.772},
			Places: &eval.PlaceScores{N: 150, Right: 0.727, Points: 255, Lost: 0.004, Talk: 95, TalkTaken: 0.074}}},
		"eval_split_bare":   &splitResult{File: "m.json", Join: 2, Bare: true, Splitting: eval.Splitting{N: 1, Points: 2, Parts: 2, Exact: 1, Near: 1}},
		"eval_split_counts": &splitResult{File: "m.csv", Splitting: eval.Splitting{N: 3, Points: 5, Parts: 5, Exact: 1, Near: 1}},
		"eval_redact": &redactResult{File: "personal.csv", Redaction: eval.Redaction{N: 5, Exact: 0.4,
			PerKind:  []eval.KindTally{{Kind: "CARD", Found: 1}, {Kind: "IBAN", Want: 1}, {Kind: "PHONE", Want: 3, Found: 2, Right: 2, Precision: 1, Recall: 2.0 / 3}},
			AllKinds: eval.KindTally{Want: 4, Found: 3, Right: 2, Precision: 2.0 / 3, Recall: 0.5}}},
		"eval_stability": &stabilityResult{File: "tickets.csv", Embedder: "builtin 1, 384 dimensions", Rows: 3080, Clusters: 80, Add: 0.1, Added: 280, Afresh: 0.967,
			Rerun: eval.Stability{Texts: 3080, Clustered: 3032, Kept: 1, Same: 1}, OtherOrder: eval.Stability{Texts: 3080, Clustered: 3032, Kept: 1, Same: 1},
			OtherSeed: eval.Stability{Texts: 3080, Clustered: 3032, Kept: 0.998, Same: 0.997}, MoreData: eval.Stability{Texts: 2800, Kept: 1, Same: 0.99},
			Joining: eval.Joining{Texts: 280, Joined: 0.789, Stayed: 0.932, Missed: 0.915}, NoMargin: eval.Joining{Texts: 280, Joined: 0.843, Stayed: 0.915, Missed: 0.886},
			Seconds: map[string]float64{"embed": 0.02, "cluster": 3.5}},
	} {
		var got bytes.Buffer
		if err := result.print(&got); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s differs from what is kept; look at it, and run the test with -update:\n%s", path, &got)
		}
	}
}
