package link_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/ai/builtin"
	"earshot/feedback"
	"earshot/link"
)

// product is a set of features and of true clusters, each with the feature that it is about, or "".
type product struct {
	name     string
	features []feedback.Feature
	clusters []feedback.Cluster
	want     map[feedback.ClusterID]string
}

// TestLinksOfTrueClusters holds the thresholds on the sample workspace; earshot eval link measures any other product.
func TestLinksOfTrueClusters(t *testing.T) {
	e, err := builtin.New()
	if err != nil {
		t.Fatal(err)
	}
	sample := sampleProduct(t, e)
	check := func(p product, right, precision float64) {
		t.Helper()
		first, sum, got := measure(t, e, p)
		var automatic, good float64
		for _, l := range got {
			if l.State == feedback.LinkAutomatic {
				automatic++
				if p.want[l.Cluster] == l.Feature {
					good++
				}
			}
		}
		t.Logf("%s: %d clusters, %d features: R@1 %.1f %%; automatic %.0f, of which right %.0f; suggested %d, abstained %d",
			p.name, sum.Clusters, sum.Features, 100*first, automatic, good, sum.Suggested, sum.Abstained)
		if first < right {
			t.Errorf("%s: the best feature is the right one for %.3f of the clusters, want %.3f", p.name, first, right)
		}
		if good < precision*automatic {
			t.Errorf("%s: %.0f of %.0f automatic links are right, want %.3f", p.name, good, automatic, precision)
		}
		for _, l := range got {
			if p.want[l.Cluster] == "" {
				t.Errorf("%s: linked to %s (%.2f, %v), and no feature fits it", nameOf(p, l.Cluster), l.Feature, l.Score, l.Evidence)
			} else if p.want[l.Cluster] != l.Feature {
				t.Logf("  %s -> %s (%s %.2f, next %s %.2f), want %s", nameOf(p, l.Cluster), l.Feature, l.State, l.Score, l.RunnerUp, l.RunnerUpScore, p.want[l.Cluster])
			}
		}
		for _, c := range p.clusters {
			if !slices.ContainsFunc(got, func(l feedback.Link) bool { return l.Cluster == c.ID }) {
				t.Logf("  %s -> none", c.Name)
			}
		}
	}
	check(sample, 0.9, 0.95)

	// Negative control: with its own feature gone, a cluster must not be given to another automatically.
	wrong, total := 0, 0
	for _, c := range sample.clusters {
		if sample.want[c.ID] == "" {
			continue
		}
		less := sample
		less.features = slices.DeleteFunc(slices.Clone(sample.features), func(f feedback.Feature) bool { return f.ID == sample.want[c.ID] })
		_, _, got := measure(t, e, less)
		total++
		for _, l := range got {
			if l.Cluster == c.ID {
				t.Logf("  without %s: %s -> %s (%s %.2f)", sample.want[c.ID], c.Name, l.Feature, l.State, l.Score)
				if l.State == feedback.LinkAutomatic {
					wrong++
				}
			}
		}
	}
	t.Logf("own feature taken away: %d of %d linked automatically all the same", wrong, total)
	if wrong > 2 {
		t.Errorf("%d of %d clusters without a feature of their own were linked automatically, want 2 at most", wrong, total)
	}
}

// measure gives the share of clusters whose best feature is the right one, whatever the thresholds, and what Link does.
func measure(t *testing.T, e *builtin.Embedder, p product) (float64, link.Summary, []feedback.Link) {
	t.Helper()
	run := func(cfg link.Config) (link.Summary, []feedback.Link) {
		store := &fakeStore{clusters: p.clusters, features: p.features}
		cfg.Store, cfg.Embedder = store, e
		stage, err := link.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := stage.Link(context.Background(), "default")
		if err != nil {
			t.Fatal(err)
		}
		return sum, store.saved
	}
	_, all := run(link.Config{Suggest: 1e-9})
	right, known := 0.0, 0.0
	for _, l := range all {
		if want := p.want[l.Cluster]; want != "" {
			known++
			if l.Feature == want {
				right++
			}
		}
	}
	sum, got := run(link.Config{})
	return right / known, sum, got
}

func nameOf(p product, id feedback.ClusterID) string { return p.clusters[id-1].Name }

// features of the sample's topics; those that are left out are not about the product's features.
var sampleLinks = map[string]string{
	"accounting-sync": "f-accounting-sync", "api-limits": "f-api-webhooks", "app-languages": "f-app-languages",
	"asset-search": "f-asset-search", "barcode-scan": "f-barcode-scan", "battery-drain": "f-gps-power",
	"board-slow": "f-board-speed", "board-undo": "f-board-undo", "calendar-duplicates": "f-calendar-dedupe",
	"carbon-report": "", "card-payments": "f-card-payments", "checklists": "f-checklists", "dashboards": "f-dashboards",
	"easy-praise": "f-board-dnd", "invoice-tax": "f-invoice-tax", "job-chime": "f-job-notifications",
	"login-lockout": "f-login-2fa", "onboarding": "f-guided-setup", "photos-lost": "f-offline-photos",
	"portal-login": "f-portal-login", "quote-templates": "f-quote-templates", "recurring-jobs": "f-plans-recurring",
	"report-export": "f-report-export", "route-praise": "f-routes-optimiser", "seasonal-seats": "f-seasonal-seats",
	"sms-reminders": "f-sms-reminders", "sso-scim": "f-sso-scim", "subcontractor-access": "f-subcontractor-roles",
	"support-praise": "f-support-chat", "support-slow": "f-support-chat", "tablet-crash": "f-tablet-stability",
	"timesheets": "f-timesheets", "van-stock": "f-van-stock", "wrong-address": "f-address-pin",
}

func sampleProduct(t *testing.T, e *builtin.Embedder) product {
	t.Helper()
	texts := make(map[string]string)
	for _, path := range glob(t, "../demo/sample/items.jsonl") {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, feedback.MaxMessage)
		for lines.Scan() {
			var item struct {
				Source     string
				ExternalID string `json:"external_id"`
				Title      string
				Body       string
			}
			if err := json.Unmarshal(lines.Bytes(), &item); err != nil {
				t.Fatal(err)
			}
			texts[item.Source+"/"+item.ExternalID] = item.Title + ". " + item.Body
		}
	}
	topics := make(map[string][]string)
	for _, path := range glob(t, "../demo/testdata/truth.csv") {
		for _, row := range readCSV(t, path) {
			if _, counts := sampleLinks[row[2]]; counts {
				topics[row[2]] = append(topics[row[2]], texts[row[0]+"/"+row[1]])
			}
		}
	}
	p := product{name: "sample workspace"}
	p.clusters, p.want = trueClusters(t, e, topics, sampleLinks)
	names, parents := make(map[string]string), make(map[string]string)
	for _, row := range readCSV(t, "../demo/sample/features.csv") {
		names[row[0]], parents[row[0]] = row[2], row[1]
		f := feedback.Feature{ID: row[0], Parent: row[1], Name: row[2], Kind: row[3], Description: row[6]}
		for id := f.ID; id != ""; id = parents[id] {
			f.Path = slices.Insert(f.Path, 0, names[id])
		}
		p.features = append(p.features, f)
	}
	return p
}

// trueClusters makes a cluster of each topic: the mean of its texts, and the ten words that tell it from the others.
func trueClusters(t *testing.T, e *builtin.Embedder, topics map[string][]string, links map[string]string) ([]feedback.Cluster, map[feedback.ClusterID]string) {
	t.Helper()
	within, across := make(map[string]map[string]float64), make(map[string]float64)
	for topic, texts := range topics {
		within[topic] = make(map[string]float64)
		for _, text := range texts {
			words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r != '\'' && (r < 'a' || r > 'z') && (r < '0' || r > '9') })
			slices.Sort(words)
			for _, w := range slices.Compact(words) {
				within[topic][w] += 1 / float64(len(texts))
			}
		}
		for w := range within[topic] {
			across[w]++
		}
	}
	var clusters []feedback.Cluster
	want := make(map[feedback.ClusterID]string)
	for _, topic := range slices.Sorted(maps.Keys(topics)) {
		c := feedback.Cluster{ID: feedback.ClusterID(len(clusters) + 1), Name: topic, Size: len(topics[topic])}
		want[c.ID] = links[topic]
		vectors, err := e.Embed(context.Background(), topics[topic])
		if err != nil {
			t.Fatal(err)
		}
		c.Centroid = make(feedback.Vector, len(vectors[0]))
		for _, v := range vectors {
			for d := range v {
				c.Centroid[d] += v[d]
			}
		}
		feedback.Normalize(c.Centroid)
		weight := func(w string) float64 { return within[topic][w] * math.Log(float64(len(topics))/across[w]) }
		c.Keywords = slices.SortedFunc(maps.Keys(within[topic]), func(a, b string) int {
			return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(a, b))
		})[:10]
		// A topic's label would give the answer away: a cluster is named by its words.
		c.Name = strings.Join(c.Keywords[:3], " ")
		clusters = append(clusters, c)
	}
	return clusters, want
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("nothing at %s: %v", pattern, err)
	}
	return paths
}

// readCSV gives the rows below the header.
func readCSV(t *testing.T, path string) [][]string {
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
	return rows[1:]
}
