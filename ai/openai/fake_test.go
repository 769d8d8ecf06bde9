package openai_test

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"earshot/ai/openai"
	"earshot/feedback"
)

const key = "sk-test-51c3a9"

// server is a small stand-in for a server that speaks OpenAI's API. Its vectors hold a text's length and its first byte.
type server struct {
	*httptest.Server
	mu      sync.Mutex
	calls   []call
	dims    int
	chat    string                                            // what the model answers
	instead func(w http.ResponseWriter, r *http.Request) bool // answers itself when it gives true
	spoil   func(data []map[string]any) []map[string]any
}

type call struct {
	path, key string
	body      struct {
		Model      string
		Input      []string
		Dimensions int
		Messages   []struct{ Role, Content string }
	}
	raw string
}

func serve(t *testing.T) *server {
	t.Helper()
	s := &server{dims: 2}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		c := call{path: r.URL.Path, key: r.Header.Get("Authorization"), raw: string(raw)}
		if err := json.Unmarshal(raw, &c.body); err != nil {
			t.Errorf("sent %q", raw)
		}
		s.mu.Lock()
		s.calls = append(s.calls, c)
		s.mu.Unlock()
		if s.instead != nil && s.instead(w, r) {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/chat/completions") {
			_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": s.chat}}}})
			return
		}
		var data []map[string]any
		for i, text := range c.body.Input {
			v := make([]float64, s.dims)
			v[0], v[1] = float64(len(text)), float64(text[0])
			data = append(data, map[string]any{"object": "embedding", "index": i, "embedding": v})
		}
		if s.spoil != nil {
			data = s.spoil(data)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": data})
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) config() openai.Config {
	return openai.Config{BaseURL: s.URL + "/v1", APIKey: key, Model: "small", Dimensions: 2}
}

func (s *server) embedder(t *testing.T) *openai.Embedder {
	t.Helper()
	e, err := openai.NewEmbedder(s.config())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// is says whether v is the normalised vector of text.
func is(v feedback.Vector, text string) bool {
	want := feedback.Vector{float32(len(text)), float32(text[0])}
	feedback.Normalize(want)
	return len(v) == 2 && math.Abs(float64(v[0]-want[0])) < 1e-6 && math.Abs(float64(v[1]-want[1])) < 1e-6
}
