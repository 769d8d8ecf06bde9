package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/ai/builtin"
	"earshot/app"
	"earshot/postgres"
)

func TestTheLagOfTheIndexIsAMetric(t *testing.T) {
	a := openApp(t, app.Options{Queue: true})
	pages, err := a.Pages("test")
	if err != nil {
		t.Fatal(err)
	}
	metrics := func() string {
		answer := httptest.NewRecorder()
		pages.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/metrics", nil))
		return answer.Body.String()
	}
	send(t, a, "acme", bodies("The calendar shows every visit twice.", "Please add a dark theme to the app."))
	process(t, a)
	if strings.Contains(metrics(), "earshot_index_") {
		t.Error("a workspace that needs no index has a lag")
	}
	embedder, err := builtin.New()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Store.FoldVectors(t.Context(), postgres.Folding{Model: embedder.Model(), Least: 2, Most: 10}); err != nil {
		t.Fatal(err)
	}
	send(t, a, "acme", raw("later", `{"external_id": "9", "body": "The route planner chooses the old town."}`))
	process(t, a)
	for _, line := range []string{`earshot_index_excerpts{workspace="acme"} 2`, `earshot_index_lag_excerpts{workspace="acme"} 1`, `earshot_index_lag_seconds{workspace="acme"} `} {
		if got := metrics(); !strings.Contains(got, line) {
			t.Errorf("no %q in the metrics", line)
		}
	}
	hits, err := a.Search(t.Context(), "acme", "duplicate calendar entries", 1)
	if err != nil || len(hits) != 1 || !strings.HasPrefix(hits[0].Text, "The calendar") {
		t.Errorf("%+v, %v", hits, err)
	}
}
