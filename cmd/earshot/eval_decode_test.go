package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/eval"
	"earshot/feedback"
	"earshot/ingest"
)

func FuzzReadPoints(f *testing.F) {
	f.Add("The board is slow. Add an undo.", `["The board is slow.", "Add an undo."]`)
	f.Add("Größe passt nicht", `[[0,5],[6,17]]`)
	f.Add("a b", "2")
	f.Add("x", `[[0,1],[5,2]]`)
	f.Fuzz(func(t *testing.T, raw, label string) {
		row := evalRow{clean: ingest.Clean(raw, feedback.FormatText), label: label, format: feedback.FormatText}
		d, err := readPoints(row, raw)
		if err != nil {
			return
		}
		if d.gaps != nil && len(d.gaps) != max(0, d.points-1) {
			t.Fatalf("%d points and %d gaps", d.points, len(d.gaps))
		}
		last := eval.Gap{}
		for _, g := range d.gaps {
			if g.Start < last.End || g.End < g.Start || g.End > len(d.text) {
				t.Fatalf("gaps %v in %d bytes", d.gaps, len(d.text))
			}
			last = g
		}
	})
}

func FuzzReadLabelMap(f *testing.F) {
	f.Add("a=bug|complaint,b=praise", "a")
	f.Add("x=y=other", "X=Y")
	f.Fuzz(func(t *testing.T, pairs, label string) {
		m, err := readLabelMap(strings.Split(pairs, ","), kindNames())
		if err != nil {
			return
		}
		class, ok := m.gold(label)
		if again := m.ours(class); ok && again != class {
			t.Fatalf("%q is compared as %q, and that as %q", label, class, again)
		}
	})
}

func FuzzExpectedKinds(f *testing.F) {
	f.Add("EMAIL, phone;IBAN")
	f.Add("Call [PHONE_1] or [NATIONAL_ID_12]")
	f.Fuzz(func(t *testing.T, label string) {
		kinds, err := expectedKinds(label)
		if err == nil && len(kinds) > len(label) {
			t.Fatalf("%d kinds in %q", len(kinds), label)
		}
	})
}

// A remote model is asked when the flag says so, and no other: its vectors tell texts apart that share no word.
func TestEvalAsksTheEmbedderThatTheFlagNames(t *testing.T) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		var request struct{ Input []string }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			t.Error(err)
		}
		type datum struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		}
		var data []datum
		for i, text := range request.Input {
			v := make([]float32, 16)
			v[len(strings.Fields(text))%16] = 1
			data = append(data, datum{i, v})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
	}))
	defer server.Close()
	settings := map[string]string{"EARSHOT_OPENAI_BASE_URL": server.URL + "/v1", "EARSHOT_OPENAI_DIMENSIONS": "16"}
	var rows strings.Builder
	rows.WriteString("text,label\n")
	for i := range 12 {
		fmt.Fprintf(&rows, "w%d,one\nx%d y%d z%d,three\n", i, i, i, i)
	}
	path := file(t, "rows.csv", rows.String())
	for embedder, asked := range map[string]bool{"openai": true, "builtin": false} {
		calls = 0
		var out, errs strings.Builder
		code := run(t.Context(), []string{"eval", "cluster", "--file", path, "--nearest", path, "--embedder", embedder, "--json"},
			func(name string) (string, bool) { v, ok := settings[name]; return v, ok }, strings.NewReader(""), &out, &errs)
		var got clusterResult
		if err := json.Unmarshal([]byte(out.String()), &got); code != exitOK || err != nil {
			t.Fatalf("exit code %d, %v\n%s", code, err, errs.String())
		}
		if (calls > 0) != asked || !strings.HasPrefix(got.Embedder, embedder) {
			t.Errorf("%s: %d calls, %s", embedder, calls, got.Embedder)
		}
		if asked && got.Nearest.Accuracy != 1 {
			t.Errorf("%+v", got.Nearest)
		}
	}
}
