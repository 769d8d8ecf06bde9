package app_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"earshot/app"
	"earshot/feedback"
	"earshot/internal/pgtest"
)

// lines is a log that several goroutines write to.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestARemoteModelThatGivesZeroVectorsIsNamedAndItsFeedbackKept(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Input []string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		type one struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		}
		var data []one
		for i, text := range asked.Input {
			v := []float32{0, 0, 0}
			if strings.Contains(text, "dark") {
				v[1] = 1
			}
			data = append(data, one{i, v})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
	}))
	defer server.Close()
	cfg, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir, cfg.Workspace, cfg.Embedder = pgtest.Folder(t), "acme", "openai"
	cfg.OpenAIBaseURL, cfg.OpenAIKey, cfg.OpenAIEmbedding, cfg.OpenAIDimensions = server.URL+"/v1", "k", "m", 3
	log := &lines{}
	a, err := app.Open(t.Context(), cfg, app.Options{Queue: true, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	warned := func() bool {
		for _, c := range app.Doctor(t.Context(), cfg, quiet()) {
			if c.Name == "zero vectors" {
				return c.Health == app.Warning && strings.HasSuffix(c.Found, ": 1")
			}
		}
		return false
	}
	send(t, a, "acme", bodies("Please add a dark theme."))
	process(t, a)
	if strings.Contains(log.String(), "zero vectors") || warned() {
		t.Errorf("a vector that is none of zeros is warned of: %s", log)
	}
	send(t, a, "acme", bodies("Please add a dark theme.", "The calendar shows every visit twice."))
	process(t, a)
	list, err := a.Store.ClusterList(t.Context(), "acme")
	if err != nil || list.Items != 2 || list.Outliers[feedback.OutlierBlank] != 1 {
		t.Errorf("%d items, %v, %v", list.Items, list.Outliers, err)
	}
	if !strings.Contains(log.String(), "zero vectors") || strings.Contains(log.String(), "calendar") || !warned() {
		t.Errorf("the log says %s; doctor warns: %t", log, warned())
	}
}
