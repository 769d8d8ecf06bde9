//go:build quality

package cluster_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"earshot/ai/builtin"
	"earshot/cluster"
	"earshot/eval"
	"earshot/feedback"
)

// The quality of clusters on labelled texts that the project doesn't contain, and on the sample workspace:
//
//	EARSHOT_QUALITY_DATA=FOLDER go test -tags quality -run Quality -v ./cluster
//
// where FOLDER holds banking77/train.csv and banking77/test.csv with the columns text and category.

type labelled struct {
	name          string
	texts, labels []string
}

func banking(t *testing.T, files ...string) labelled {
	folder := os.Getenv("EARSHOT_QUALITY_DATA")
	if folder == "" {
		t.Fatal("set EARSHOT_QUALITY_DATA to the folder that has banking77/")
	}
	out := labelled{name: "banking77"}
	for _, name := range files {
		f, err := os.Open(filepath.Join(folder, "banking77", name))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			out.texts, out.labels = append(out.texts, row[0]), append(out.labels, row[1])
		}
	}
	return out
}

// sample reads the items of the sample workspace that have one topic.
func sample(t *testing.T) labelled {
	topics := make(map[string][]string)
	truth, _ := filepath.Glob("../demo/testdata/truth.csv")
	for _, path := range truth {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			key := row[0] + "/" + row[1]
			if !slices.Contains(topics[key], row[2]) {
				topics[key] = append(topics[key], row[2])
			}
		}
	}
	out := labelled{name: "sample"}
	items, _ := filepath.Glob("../demo/sample/items.jsonl")
	for _, path := range items {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<22)
		for lines.Scan() {
			var item struct {
				Source, Title, Body string
				ExternalID          string `json:"external_id"`
			}
			if err := json.Unmarshal(lines.Bytes(), &item); err != nil {
				t.Fatal(err)
			}
			if labels := topics[item.Source+"/"+item.ExternalID]; len(labels) == 1 {
				text := item.Body
				if item.Title != "" {
					text = item.Title + "\n" + text
				}
				out.texts, out.labels = append(out.texts, text), append(out.labels, labels[0])
			}
		}
		f.Close()
	}
	return out
}

func (l labelled) subset(rows, classes int, seed uint64) labelled {
	rng := rand.New(rand.NewPCG(seed, 7))
	ids, names := eval.Labels(l.labels)
	keep := rng.Perm(len(names))[:min(classes, len(names))]
	out := labelled{name: fmt.Sprintf("%s %d/%d", l.name, rows, classes)}
	for _, i := range rng.Perm(len(l.texts)) {
		if slices.Contains(keep, ids[i]) && len(out.texts) < rows {
			out.texts, out.labels = append(out.texts, l.texts[i]), append(out.labels, l.labels[i])
		}
	}
	return out
}

func (l labelled) store(t *testing.T) (*memory, feedback.Model) {
	e, err := builtin.New()
	if err != nil {
		t.Fatal(err)
	}
	vectors, err := e.Embed(context.Background(), l.texts)
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{}
	for i, text := range l.texts {
		item := feedback.ItemID("quality", "test", strconv.Itoa(i))
		m.points = append(m.points, feedback.Point{Excerpt: feedback.ExcerptID(item, text, 0), Item: item, Text: text, Vector: vectors[i]})
	}
	return m, e.Model()
}

// copy is the same workspace in another store.
func (m *memory) copy() *memory {
	return &memory{points: slices.Clone(m.points), standing: m.standing, runs: slices.Clone(m.runs)}
}

func recluster(t *testing.T, m *memory, model feedback.Model, seed uint64) *feedback.Run {
	t.Helper()
	stage, err := cluster.New(cluster.Config{Store: m, Model: model, Now: clock, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	run, err := stage.Recluster(context.Background(), "quality")
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// same is the share of excerpts of the first run that are in the cluster of the same id in the second.
func same(a, b *feedback.Run) float64 {
	at := make(map[feedback.ID]feedback.ClusterID)
	for _, x := range b.Assignments {
		at[x.Excerpt] = x.Cluster
	}
	n := 0
	for _, x := range a.Assignments {
		if at[x.Excerpt] == x.Cluster {
			n++
		}
	}
	return float64(n) / float64(len(a.Assignments))
}

// clusterOf is the cluster of each point; the unassigned are one of their own.
func clusterOf(m *memory) []int {
	out := make([]int, len(m.points))
	for i, p := range m.points {
		out[i] = int(p.Cluster)
	}
	return out
}

// matched is the share of points on which two groupings agree under the best matching of their clusters.
func matched(a, b *memory) float64 { return eval.Accuracy(clusterOf(a), clusterOf(b)) }

func TestQualityOfClusters(t *testing.T) {
	all := banking(t, "train.csv", "test.csv")
	all.name = "banking77 all"
	sets := []labelled{sample(t), banking(t, "test.csv"), all}
	for _, rows := range []int{500, 1000, 3000, 10000} {
		for _, classes := range []int{20, 45, 77} {
			sets = append(sets, all.subset(rows, classes, uint64(rows+classes)))
		}
	}
	var errors []float64
	for _, l := range sets {
		m, model := l.store(t)
		gold, classes := eval.Labels(l.labels)
		start := time.Now()
		first := recluster(t, m, model, 1)
		seconds := time.Since(start).Seconds()
		found := clusterOf(m)
		off := float64(len(first.Clusters))/float64(len(classes)) - 1
		errors = append(errors, max(off, -off))
		fmt.Printf("%-22s n %5d  clusters %3d of %2d  themes %2d  ARI %.3f  NMI %.3f  outliers %4.1f %%  %.2f s",
			l.name, len(gold), len(first.Clusters), len(classes), len(first.Themes), eval.ARI(gold, found), eval.NMI(gold, found),
			100*float64(first.Unassigned)/float64(len(gold)), seconds)

		again := m.copy()
		rerun := recluster(t, again, model, 1)
		seeded := m.copy()
		other := recluster(t, seeded, model, 2)
		cold := m.copy()
		cold.standing = feedback.Standing{}
		recluster(t, cold, model, 2)

		part, _ := l.store(t)
		full := part.copy()
		part.points = part.points[:len(part.points)*10/11]
		before := recluster(t, part, model, 1)
		full.standing = part.standing
		copy(full.points, part.points)
		after := recluster(t, full, model, 1)
		fmt.Printf(" | kept: rerun %.3f  seed %.3f  10%% more %.3f  cold seed %.3f\n", same(first, rerun), same(first, other), same(before, after), matched(m, cold))
	}
	slices.Sort(errors)
	within := 0
	for _, e := range errors {
		if e <= 0.35 {
			within++
		}
	}
	fmt.Printf("clusters against classes: median error %.2f, within 35 %% in %d of %d\n", errors[len(errors)/2], within, len(errors))
}

// TestQualityOfGranularity compares the number of clusters with the number of classes on random subsets.
func TestQualityOfGranularity(t *testing.T) {
	all := banking(t, "train.csv", "test.csv")
	rng := rand.New(rand.NewPCG(2026, 1))
	var off []float64
	var ari, nmi, outliers float64
	const subsets = 24
	for i := range subsets {
		rows := []int{500, 700, 1000, 2000, 3000, 5000, 8000, 13083}[i%8]
		l := all.subset(rows, 20+rng.IntN(58), uint64(i))
		m, model := l.store(t)
		run := recluster(t, m, model, 1)
		gold, classes := eval.Labels(l.labels)
		error := float64(len(run.Clusters))/float64(len(classes)) - 1
		off = append(off, max(error, -error))
		ari += eval.ARI(gold, clusterOf(m)) / subsets
		nmi += eval.NMI(gold, clusterOf(m)) / subsets
		outliers += float64(run.Unassigned) / float64(len(gold)) / subsets
		fmt.Printf("%d:%d/%d ", len(gold), len(run.Clusters), len(classes))
	}
	slices.Sort(off)
	within := 0
	for _, e := range off {
		if e <= 0.35 {
			within++
		}
	}
	fmt.Printf("\nmedian error %.2f, within 35 %% in %d of %d; mean ARI %.3f NMI %.3f outliers %.1f %%\n",
		off[len(off)/2], within, len(off), ari, nmi, 100*outliers)
}

// TestQualityOfNames prints the clusters as a reader sees them.
func TestQualityOfNames(t *testing.T) {
	for _, l := range []labelled{sample(t), banking(t, "test.csv")} {
		m, model := l.store(t)
		run := recluster(t, m, model, 1)
		for _, theme := range run.Themes {
			fmt.Printf("%s %s\n", theme.ID, theme.Name)
			for _, c := range run.Clusters {
				if c.Theme == theme.ID {
					fmt.Printf("   %-5s %4d  %-40s %s\n         %q\n", c.ID, c.Size, c.Name, c.Summary, c.Keywords)
				}
			}
		}
	}
}

// BenchmarkRecluster is a whole run over 10,000 excerpts, with names and save.
func BenchmarkRecluster(b *testing.B) {
	t := &testing.T{}
	m, model := banking(t, "train.csv").subset(10000, 77, 1).store(t)
	for b.Loop() {
		cold := m.copy()
		stage, err := cluster.New(cluster.Config{Store: cold, Model: model, Now: clock, Seed: 1})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := stage.Recluster(b.Context(), "quality"); err != nil {
			b.Fatal(err)
		}
	}
}
