package eval_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/ai/builtin"
	"earshot/eval"
	"earshot/feedback"
)

// TestQuality measures the built-in embedder on public labelled texts, which the project doesn't contain:
//
//	EARSHOT_EVAL_DATA=/path/to/data go test ./eval -run TestQuality -v
func TestQuality(t *testing.T) {
	folder := os.Getenv("EARSHOT_EVAL_DATA")
	if folder == "" {
		t.Skip("set EARSHOT_EVAL_DATA to the folder that has banking77/ and nlupp/")
	}
	e, err := builtin.New()
	if err != nil {
		t.Fatal(err)
	}
	embed := func(texts []string) []feedback.Vector {
		vectors, err := e.Embed(context.Background(), texts)
		if err != nil {
			t.Fatal(err)
		}
		return vectors
	}

	test := readCSV(t, filepath.Join(folder, "banking77", "test.csv"))
	train := readCSV(t, filepath.Join(folder, "banking77", "train.csv"))
	testVectors, trainVectors := embed(test.texts), embed(train.texts)
	nearest := eval.NearestAccuracy(testVectors, test.labels, trainVectors, train.labels)
	t.Logf("banking77: the nearest train example has the right intent for %.1f %%", 100*nearest)
	report(t, "banking77 test", testVectors, test.labels)

	both := labelled{append(test.texts, train.texts...), append(test.labels, train.labels...)}
	for _, n := range []int{500, 1000, 10000} {
		some := both.sample(n)
		report(t, "banking77, some texts", embed(some.texts), some.labels)
	}
	half := test.without(2)
	report(t, "banking77 test, every second intent left out", embed(half.texts), half.labels)

	for _, domain := range []string{"banking", "hotels"} {
		set := readNLU(t, folder, domain).atLeast(2)
		vectors := embed(set.texts)
		t.Logf("nlu++ %s: the nearest other text has the same intents for %.1f %%", domain, 100*leaveOneOut(vectors, set.labels))
	}
}

// report prints the means over three seeds of k-means that is told the number of classes.
func report(t *testing.T, name string, vectors []feedback.Vector, labels []string) {
	gold, classes := eval.Labels(labels)
	var nmi, ari, acc float64
	const seeds = 3
	for seed := range uint64(seeds) {
		fit := eval.KMeans(vectors, eval.KMeansOptions{K: len(classes), Restarts: 4, Seed: seed + 1})
		nmi += 100 * eval.NMI(gold, fit.Assign) / seeds
		ari += 100 * eval.ARI(gold, fit.Assign) / seeds
		acc += 100 * eval.Accuracy(gold, fit.Assign) / seeds
	}
	t.Logf("%s: n %d, k %d: NMI %.1f, ARI %.1f, ACC %.1f", name, len(vectors), len(classes), nmi, ari, acc)
}

func leaveOneOut(vectors []feedback.Vector, labels []string) float64 {
	right := 0
	for i, q := range vectors {
		best, at := float32(-2), -1
		for j, v := range vectors {
			if i == j {
				continue
			}
			if s := feedback.Dot(q, v); s > best {
				best, at = s, j
			}
		}
		if labels[at] == labels[i] {
			right++
		}
	}
	return float64(right) / float64(len(vectors))
}

type labelled struct{ texts, labels []string }

func (l *labelled) add(text, label string) {
	l.texts = append(l.texts, text)
	l.labels = append(l.labels, label)
}

// without leaves out every nth class.
func (l labelled) without(nth int) labelled {
	ids, _ := eval.Labels(l.labels)
	var out labelled
	for i, text := range l.texts {
		if ids[i]%nth != nth-1 {
			out.add(text, l.labels[i])
		}
	}
	return out
}

// sample takes n texts at equal distances.
func (l labelled) sample(n int) labelled {
	var out labelled
	for i := range n {
		at := i * len(l.texts) / n
		out.add(l.texts[at], l.labels[at])
	}
	return out
}

// atLeast leaves out the classes with fewer texts than n.
func (l labelled) atLeast(n int) labelled {
	counts := make(map[string]int)
	for _, label := range l.labels {
		counts[label]++
	}
	var out labelled
	for i, text := range l.texts {
		if counts[l.labels[i]] >= n {
			out.add(text, l.labels[i])
		}
	}
	return out
}

func readCSV(t *testing.T, path string) labelled {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out labelled
	for _, row := range rows[1:] {
		out.add(row[0], row[1])
	}
	return out
}

// readNLU reads all folds of one domain; the label of a text is the set of its intents.
func readNLU(t *testing.T, folder, domain string) labelled {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "nlupp", domain+"_fold*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no folds of %s: %v", domain, err)
	}
	var out labelled
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var rows []struct {
			Text    string
			Intents []string
		}
		if err := json.Unmarshal(raw, &rows); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, row := range rows {
			slices.Sort(row.Intents)
			if len(row.Intents) > 0 {
				out.add(row.Text, strings.Join(row.Intents, "+"))
			}
		}
	}
	return out
}
