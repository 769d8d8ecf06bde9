package app_test

import (
	"bytes"
	"encoding/csv"
	"iter"
	"os"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"earshot/app"
	"earshot/demo"
	"earshot/eval"
	"earshot/feedback"
	"earshot/ingest/importer"
	"earshot/report"
)

func sampleMessages() iter.Seq2[app.Outgoing, error] {
	return func(yield func(app.Outgoing, error) bool) {
		for item, err := range demo.Items() {
			if !yield(app.Outgoing{Source: item.Source, Message: item.Message}, err) {
				return
			}
		}
	}
}

// topics gives the true topic of each item that has just one, by source and external id.
func topics(t *testing.T) map[[2]string]string {
	t.Helper()
	file, err := os.ReadFile("../demo/testdata/truth.csv")
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	truth, points := map[[2]string]string{}, map[[2]string]int{}
	for _, r := range records[1:] {
		key := [2]string{r[0], r[1]}
		truth[key] = r[2]
		points[key]++
	}
	for key, n := range points {
		if n > 1 || slices.Contains([]string{"spam", "misc", "smalltalk"}, truth[key]) {
			delete(truth, key)
		}
	}
	return truth
}

// placed is an excerpt of an item that makes one point: its true topic and the cluster that it is in.
type placed struct {
	topic   string
	cluster feedback.ClusterID
}

func placements(t *testing.T, a *app.App) []placed {
	t.Helper()
	truth := topics(t)
	conn, err := pgx.Connect(t.Context(), a.DatabaseURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `SELECT i.source, i.external_id, coalesce(e.cluster_id, 0)
		FROM excerpts e JOIN items i ON i.workspace_id = e.workspace_id AND i.id = e.item_id WHERE e.workspace_id = $1`, demo.Workspace)
	if err != nil {
		t.Fatal(err)
	}
	var out []placed
	var source, id string
	var cluster int32
	if _, err := pgx.ForEachRow(rows, []any{&source, &id, &cluster}, func() error {
		if topic, ok := truth[[2]string{source, id}]; ok {
			out = append(out, placed{topic, feedback.ClusterID(cluster)})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTheSampleWorkspaceIsUnderstood is the floor of quality, a good deal below what make quality prints: whoever lowers
// it should know why.
func TestTheSampleWorkspaceIsUnderstood(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	features, err := importer.Features(t.Context(), "features.csv", bytes.NewReader(demo.Features))
	if err != nil {
		t.Fatal(err)
	}
	customers, _, err := importer.Customers(t.Context(), "customers.csv", bytes.NewReader(demo.Customers))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Store.SaveFeatures(t.Context(), demo.Workspace, features); err != nil {
		t.Fatal(err)
	}
	if err := a.Store.SaveCustomers(t.Context(), demo.Workspace, customers); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Send(t.Context(), demo.Workspace, sampleMessages(), func(err error) { t.Error(err) }, nil); err != nil {
		t.Fatal(err)
	}
	if err := a.Process(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	run, _, err := a.Recluster(t.Context(), demo.Workspace, app.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}

	all := placements(t, a)
	names, groups := make([]string, len(all)), make([]int, len(all))
	outside := 0
	for i, p := range all {
		names[i], groups[i] = p.topic, int(p.cluster)
		if p.cluster == 0 {
			outside++
		}
	}
	gold, distinct := eval.Labels(names)
	ari, purity := eval.ARI(gold, groups), eval.Purity(gold, groups)
	t.Logf("%d excerpts of %d topics in %d clusters: ARI %.2f, purity %.2f, %d in no cluster", len(all), len(distinct),
		len(run.Clusters), ari, purity, outside)
	if len(all) < 900 || ari < 0.35 || purity < 0.55 || outside*10 > len(all) {
		t.Error("the clusters are worse than they were")
	}

	doc, err := a.Report(t.Context(), demo.Workspace, app.DefaultPeriod, "")
	if err != nil {
		t.Fatal(err)
	}
	if problems := report.Verify(doc); len(problems) > 0 {
		t.Errorf("the Pulse does not verify: %v", problems)
	}
	checkStories(t, doc, topicOf(all))
}

// topicOf says what most excerpts of each cluster are about.
func topicOf(all []placed) map[string]string {
	counts := map[string]map[string]int{}
	for _, p := range all {
		id := p.cluster.String()
		if counts[id] == nil {
			counts[id] = map[string]int{}
		}
		counts[id][p.topic]++
	}
	topic := map[string]string{}
	for id, byTopic := range counts {
		for name, n := range byTopic {
			if best := topic[id]; best == "" || n > byTopic[best] || n == byTopic[best] && name < best {
				topic[id] = name
			}
		}
	}
	return topic
}

// checkStories wants each story of the sample told by a finding that is the right one for it.
func checkStories(t *testing.T, doc *report.Document, topic map[string]string) {
	t.Helper()
	for story, kinds := range map[string][]report.FindingKind{
		"photos-lost":         {report.Emerging},
		"calendar-duplicates": {report.Fading},
		"carbon-report":       {report.Unmet},
		"job-chime":           {report.Loud},
		"route-praise":        {report.Praise, report.Climbing},
		"sso-scim":            {report.Climbing, report.Rising, report.Segment},
	} {
		if !slices.ContainsFunc(doc.Findings, func(f report.Finding) bool {
			return slices.Contains(kinds, f.Kind) &&
				slices.ContainsFunc(f.Subjects, func(s string) bool { return topic[s] == story })
		}) {
			t.Errorf("no finding of %v tells of %s", kinds, story)
		}
	}
}
