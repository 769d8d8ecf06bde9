package openai

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"earshot/feedback"

	goopenai "github.com/sashabaranov/go-openai"
)

// Bounds of one call. OpenAI takes 2,048 texts, 8,192 tokens a text and 300,000 in all; a token is seldom less than two
// bytes.
const (
	maxTexts     = 256
	maxTextBytes = 16_000
	maxCallBytes = 400_000
	// maxDimensions is pgvector's bound for a halfvec with an index.
	maxDimensions = 4000
)

// Embedder asks a server for vectors. It is safe for concurrent use.
type Embedder struct {
	client
	dimensions int
	shorten    bool // the model gives vectors of any length that it is asked for
}

// NewEmbedder checks the configuration and sends nothing. Its errors are Invalid.
func NewEmbedder(c Config) (*Embedder, error) {
	base, err := newClient(c, "EARSHOT_OPENAI_EMBEDDING_MODEL")
	if err != nil {
		return nil, err
	}
	if c.Dimensions < 1 || c.Dimensions > maxDimensions {
		return nil, feedback.Errorf(feedback.Invalid, "vectors cannot have %d dimensions", c.Dimensions).
			WithHint("set EARSHOT_OPENAI_DIMENSIONS to what the model gives, 1 to %d", maxDimensions)
	}
	return &Embedder{client: base, dimensions: c.Dimensions, shorten: strings.Contains(c.Model, "text-embedding-3")}, nil
}

// Model is "openai" with the server's model and the length of its vectors as version.
func (e *Embedder) Model() feedback.Model {
	return feedback.Model{Name: "openai", Version: fmt.Sprintf("%s/%d", e.model, e.dimensions), Dimensions: e.dimensions}
}

// Embed gives one vector a text, in order, each of unit length; a text without anything visible has the zero vector and
// is not sent. A text counts up to its first 16,000 bytes. It fails with Unavailable when the server is away, slow or
// overloaded, with Invalid when a setting is wrong, and with Internal when the answer does not fit the texts; then there are no
// vectors at all.
func (e *Embedder) Embed(ctx context.Context, texts []string) ([]feedback.Vector, error) {
	vectors := make([]feedback.Vector, len(texts))
	for p := range parts(texts) {
		got, err := e.call(ctx, p.texts)
		if err != nil {
			return nil, err
		}
		for i, v := range got {
			vectors[p.places[i]] = v
		}
	}
	for i := range vectors {
		if vectors[i] == nil {
			vectors[i] = make(feedback.Vector, e.dimensions)
		}
	}
	return vectors, nil
}

// Calls is how many calls Embed makes for the texts.
func (e *Embedder) Calls(texts []string) int {
	n := 0
	for range parts(texts) {
		n++
	}
	return n
}

// part is what goes in one call, with where each text stands among all.
type part struct {
	texts  []string
	places []int
}

// parts divides texts within the bounds of one call, and leaves out those without anything visible.
func parts(texts []string) iter.Seq[part] {
	return func(yield func(part) bool) {
		var p part
		size := 0
		for i, text := range texts {
			text = strings.ToValidUTF8(cutBytes(text, maxTextBytes), "")
			if strings.TrimSpace(text) == "" {
				continue
			}
			if len(p.texts) == maxTexts || size+len(text) > maxCallBytes {
				if !yield(p) {
					return
				}
				p, size = part{}, 0
			}
			p.texts, p.places, size = append(p.texts, text), append(p.places, i), size+len(text)
		}
		if len(p.texts) > 0 {
			yield(p)
		}
	}
}

// call makes one call and checks its answer.
func (e *Embedder) call(ctx context.Context, texts []string) ([]feedback.Vector, error) {
	request := goopenai.EmbeddingRequest{Input: texts, Model: goopenai.EmbeddingModel(e.model)}
	if e.shorten {
		request.Dimensions = e.dimensions
	}
	timed, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	answer, err := e.api.CreateEmbeddings(timed, request)
	if err != nil {
		return nil, e.failure(ctx, err)
	}
	if len(answer.Data) != len(texts) {
		return nil, feedback.Errorf(feedback.Internal, "the model server at %s gave %d vectors for %d texts", e.host, len(answer.Data), len(texts))
	}
	vectors := make([]feedback.Vector, len(texts))
	for _, one := range answer.Data {
		if one.Index < 0 || one.Index >= len(texts) || vectors[one.Index] != nil {
			return nil, feedback.Errorf(feedback.Internal, "the model server at %s numbered its vectors wrongly", e.host)
		}
		if len(one.Embedding) != e.dimensions {
			return nil, feedback.Errorf(feedback.Invalid, "the model %q gives vectors of %d dimensions, not %d", e.model, len(one.Embedding), e.dimensions).
				WithHint("set EARSHOT_OPENAI_DIMENSIONS to %d", len(one.Embedding))
		}
		v := feedback.Vector(one.Embedding)
		feedback.Normalize(v)
		vectors[one.Index] = v
	}
	return vectors, nil
}

// cutBytes cuts s to at most limit bytes, between two characters.
func cutBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
