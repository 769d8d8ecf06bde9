package ai

import (
	"context"

	"earshot/feedback"
)

// Embedder turns texts into vectors, one a text, each of unit length or all zero.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([]feedback.Vector, error)
	Model() feedback.Model
}

// Completer lets a language model answer: instructions say what to do, data is what to do it with.
type Completer interface {
	Complete(ctx context.Context, instructions, data string) (string, error)
}
