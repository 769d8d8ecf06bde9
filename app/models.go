package app

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"earshot/ai"
	"earshot/ai/builtin"
	"earshot/ai/openai"
	"earshot/cluster"
	"earshot/report"
)

// embeddingCache is how many vectors of a remote model are remembered.
const embeddingCache = 20000

// models are the embedder and the writer that the settings choose.
type models struct {
	embedder ai.Embedder
	writer   *ai.Writer // nil: names and prose are Earshot's own
}

// newModels makes what the settings choose. Without "openai" in one of them nothing of a remote model is made. What a remote
// embedder does wrong goes to the log and, counted, to reg.
func newModels(cfg Config, log *slog.Logger, reg prometheus.Registerer) (m models, err error) {
	remote := openai.Config{BaseURL: cfg.OpenAIBaseURL, APIKey: cfg.OpenAIKey}
	var budget *ai.Budget
	if cfg.Embedder == "openai" || cfg.Writer == "openai" {
		// What is spent is wall-clock money: the budget's hour is the clock's, whatever time a run is told.
		if budget, err = ai.NewBudget(ai.BudgetConfig{Calls: cfg.OpenAICalls, Now: time.Now}); err != nil {
			return m, err
		}
	}
	if cfg.Embedder == "openai" {
		remote.Model, remote.Dimensions = cfg.OpenAIEmbedding, cfg.OpenAIDimensions
		embedder, err := openai.NewEmbedder(remote)
		if err != nil {
			return m, err
		}
		paid := ai.NewBudgetedEmbedder(embedder, budget)
		heard := ai.NewZeroReportingEmbedder(ai.NewRetryingEmbedder(paid, ai.RetryConfig{}), log, reg)
		m.embedder = ai.NewCachingEmbedder(heard, embeddingCache)
	} else if m.embedder, err = builtin.New(); err != nil {
		return m, err
	}
	if cfg.Writer == "openai" {
		remote.Model = cfg.OpenAIChat
		chat, err := openai.NewCompleter(remote)
		if err != nil {
			return m, err
		}
		m.writer = ai.NewWriter(ai.NewRetryingCompleter(ai.NewBudgetedCompleter(chat, budget), ai.RetryConfig{}))
	}
	return m, nil
}

// namer gives the writer as stage 3 wants it: a nil interface where there is none.
func (m models) namer() cluster.Namer {
	if m.writer == nil {
		return nil
	}
	return m.writer
}

// rewriter gives the writer as stage 6 wants it: a nil interface where there is none.
func (m models) rewriter() report.Writer {
	if m.writer == nil {
		return nil
	}
	return m.writer
}

// NewEmbedder makes the embedder that the settings choose, with nothing else started, for commands that need no database.
// Its errors are Invalid for a setting that cannot be, and Internal for a faulty binary.
func NewEmbedder(cfg Config) (ai.Embedder, error) {
	cfg.Writer = "builtin" // nobody asks it to write
	m, err := newModels(cfg, slog.Default(), prometheus.NewRegistry())
	return m.embedder, err
}
