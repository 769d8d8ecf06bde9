package ai

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"earshot/feedback"
)

// muteEmbedder gives a zero vector for each text that holds "mute".
type muteEmbedder struct{ fakeEmbedder }

func (e *muteEmbedder) Embed(_ context.Context, texts []string) ([]feedback.Vector, error) {
	vectors := make([]feedback.Vector, len(texts))
	for i, text := range texts {
		vectors[i] = feedback.Vector{1}
		if strings.Contains(text, "mute") || strings.TrimSpace(text) == "!" {
			vectors[i] = feedback.Vector{0}
		}
	}
	return vectors, nil
}

func TestZeroVectorsOfWordsAreReportedAndHandedOn(t *testing.T) {
	for name, c := range map[string]struct {
		texts []string
		zeros float64
	}{
		"none":           {[]string{"the board", "is slow"}, 0},
		"of no word":     {[]string{"the board", " ! "}, 0},
		"of words":       {[]string{"mute board", "is slow", "mute", "!"}, 2},
		"nothing at all": {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			reg := prometheus.NewRegistry()
			e := NewZeroReportingEmbedder(&muteEmbedder{}, slog.New(slog.NewTextHandler(&log, nil)), reg)
			vectors, err := e.Embed(t.Context(), c.texts)
			if err != nil || len(vectors) != len(c.texts) {
				t.Fatal(vectors, err)
			}
			families, err := reg.Gather()
			if err != nil || len(families) != 1 || families[0].GetName() != "earshot_embedder_zero_vectors_total" || families[0].GetMetric()[0].GetCounter().GetValue() != c.zeros {
				t.Errorf("%v, %v", families, err)
			}
			if warned := strings.Contains(log.String(), "level=WARN"); warned != (c.zeros > 0) || strings.Contains(log.String(), "board") {
				t.Errorf("the log says %q", log.String())
			}
		})
	}
}
