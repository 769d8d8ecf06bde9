package ai

import (
	"container/list"
	"context"
	"crypto/sha256"
	"slices"
	"sync"

	"earshot/feedback"
)

// CachingEmbedder remembers the vectors of the texts that it saw last, by their hashes: a batch that is delivered again
// and a text that many people send cost nothing twice. It is safe for concurrent use. Make one with [NewCachingEmbedder].
type CachingEmbedder struct {
	Embedder
	size int

	mu     sync.Mutex
	byText map[[32]byte]*list.Element
	recent *list.List // of cached, the latest used first
}

type cached struct {
	text   [32]byte
	vector feedback.Vector
}

// NewCachingEmbedder wraps e with room for size vectors, at least 1.
func NewCachingEmbedder(e Embedder, size int) *CachingEmbedder {
	return &CachingEmbedder{Embedder: e, size: max(size, 1), byText: map[[32]byte]*list.Element{}, recent: list.New()}
}

// Embed asks the embedder for the texts alone that it does not know, each once. The vectors are the caller's own.
func (e *CachingEmbedder) Embed(ctx context.Context, texts []string) ([]feedback.Vector, error) {
	vectors := make([]feedback.Vector, len(texts))
	var missing []string
	at := map[[32]byte][]int{} // where each missing text stands
	var order [][32]byte
	for i, text := range texts {
		key := sha256.Sum256([]byte(text))
		if v, ok := e.get(key); ok {
			vectors[i] = v
			continue
		}
		if at[key] == nil {
			missing = append(missing, text)
			order = append(order, key)
		}
		at[key] = append(at[key], i)
	}
	if len(missing) == 0 {
		return vectors, nil
	}
	got, err := e.Embedder.Embed(ctx, missing)
	if err != nil {
		return nil, err
	}
	if len(got) != len(missing) {
		return nil, feedback.Errorf(feedback.Internal, "an embedder gave %d vectors for %d texts", len(got), len(missing))
	}
	for n, key := range order {
		e.put(key, got[n])
		for _, i := range at[key] {
			vectors[i] = slices.Clone(got[n])
		}
	}
	return vectors, nil
}

func (e *CachingEmbedder) get(key [32]byte) (feedback.Vector, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	found, ok := e.byText[key]
	if !ok {
		return nil, false
	}
	e.recent.MoveToFront(found)
	return slices.Clone(found.Value.(cached).vector), true
}

func (e *CachingEmbedder) put(key [32]byte, v feedback.Vector) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if found, ok := e.byText[key]; ok {
		e.recent.MoveToFront(found)
		return
	}
	e.byText[key] = e.recent.PushFront(cached{key, slices.Clone(v)})
	for len(e.byText) > e.size {
		oldest := e.recent.Back()
		e.recent.Remove(oldest)
		delete(e.byText, oldest.Value.(cached).text)
	}
}
