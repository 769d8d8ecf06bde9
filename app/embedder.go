package app

import "earshot/ai"

// NewEmbedder makes the embedder that the settings choose, with nothing else started, for commands that need no database.
// Its errors are Invalid for a setting that cannot be, and Internal for a faulty binary.
func NewEmbedder(cfg Config) (ai.Embedder, error) {
	cfg.Writer = "builtin"
	m, err := newModels(cfg)
	return m.embedder, err
}
