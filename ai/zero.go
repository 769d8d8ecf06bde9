package ai

import (
	"context"
	"log/slog"
	"strings"
	"unicode"

	"github.com/prometheus/client_golang/prometheus"

	"earshot/feedback"
)

// ZeroReportingEmbedder says when a model gives zero vectors for texts that have words. Such a vector is near to nothing, and
// its excerpt would be in no cluster for ever: that is the model's fault or a wrong setting's, where the built-in embedder
// has zero for words that it does not know. The vectors are handed on as they are. Make one with [NewZeroReportingEmbedder].
type ZeroReportingEmbedder struct {
	Embedder
	log   *slog.Logger
	zeros prometheus.Counter
}

// NewZeroReportingEmbedder wraps e, and registers its counter with reg. It panics where that is registered already, as
// [prometheus] does: make one for a process.
func NewZeroReportingEmbedder(e Embedder, log *slog.Logger, reg prometheus.Registerer) *ZeroReportingEmbedder {
	zeros := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "earshot_embedder_zero_vectors_total",
		Help: "Vectors of zeros that the model gave for texts with words.",
	})
	reg.MustRegister(zeros)
	return &ZeroReportingEmbedder{Embedder: e, log: log, zeros: zeros}
}

// Embed asks the embedder, counts the zero vectors of texts with a letter or a digit, and warns of them once a call.
func (e *ZeroReportingEmbedder) Embed(ctx context.Context, texts []string) ([]feedback.Vector, error) {
	vectors, err := e.Embedder.Embed(ctx, texts)
	if err != nil {
		return vectors, err
	}
	zeros := 0
	for i, v := range vectors[:min(len(vectors), len(texts))] {
		if isZero(v) && strings.ContainsFunc(texts[i], func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			zeros++
		}
	}
	if zeros > 0 {
		e.zeros.Add(float64(zeros))
		model := e.Model()
		e.log.Warn("the embedding model gave zero vectors for texts that have words: what they say joins no cluster; check the model and its server",
			"model", model.Name, "version", model.Version, "zero", zeros, "texts", len(texts))
	}
	return vectors, nil
}

func isZero(v feedback.Vector) bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}
