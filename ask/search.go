package ask

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"earshot/feedback"
)

// The bounds of what Search takes.
const (
	MaxQuery = 1000 // bytes
	MaxLimit = 200  // hits
)

// Store finds excerpts, each of them at most once in a list. Spam is in neither list.
type Store interface {
	// NearestExcerpts gives the excerpts whose vectors of the model are nearest to vector, the nearest first.
	NearestExcerpts(ctx context.Context, workspace string, model feedback.Model, vector feedback.Vector, limit int) ([]feedback.Hit, error)
	// MatchingExcerpts gives the excerpts that hold words of the text, the best match first. The text is what somebody
	// typed: quotation marks, "or" and a leading minus may mean what they do in web search, and nothing in it is an error.
	MatchingExcerpts(ctx context.Context, workspace, text string, limit int) ([]feedback.Hit, error)
}

// Embedder turns texts into vectors.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([]feedback.Vector, error) // unit length; one per text
	Model() feedback.Model
}

// Config is what a Searcher needs; both are required.
type Config struct {
	Store    Store
	Embedder Embedder
}

// Searcher searches the excerpts of a workspace. It is safe for concurrent use when its store and embedder are.
type Searcher struct {
	store    Store
	embedder Embedder
}

// New makes a Searcher. It returns an Internal error when the Config lacks something.
func New(cfg Config) (*Searcher, error) {
	if cfg.Store == nil || cfg.Embedder == nil {
		return nil, feedback.Errorf(feedback.Internal, "ask: a store and an embedder are needed")
	}
	return &Searcher{store: cfg.Store, embedder: cfg.Embedder}, nil
}

// Search gives up to limit excerpts of the workspace that answer the query, the best first. The score of a hit is its
// reciprocal rank fusion, scaled so that an excerpt that leads both lists scores 1. It returns an Invalid error for a query that is
// empty, not UTF-8 or longer than MaxQuery bytes and for a limit outside 1 to MaxLimit, and the store's and the
// embedder's own errors otherwise.
func (s *Searcher) Search(ctx context.Context, workspace, query string, limit int) ([]feedback.Hit, error) {
	query, err := check(workspace, query, limit)
	if err != nil {
		return nil, err
	}
	vectors, err := s.embedder.Embed(ctx, []string{query})
	if err != nil {
		return nil, fmt.Errorf("embed the query: %w", err)
	}
	if len(vectors) != 1 {
		return nil, feedback.Errorf(feedback.Internal, "embed the query: got %d vectors for one text", len(vectors))
	}

	// Fusion needs more of each list than it returns: an excerpt that is tenth in both may beat one that leads a single
	// list.
	depth := min(max(2*limit, 50), 2*MaxLimit)
	var nearest []feedback.Hit
	// A zero vector means that the model knows no word of the query; its distances would be noise.
	if slices.ContainsFunc(vectors[0], func(x float32) bool { return x != 0 }) {
		nearest, err = s.store.NearestExcerpts(ctx, workspace, s.embedder.Model(), vectors[0], depth)
		if err != nil {
			return nil, fmt.Errorf("search by meaning: %w", err)
		}
	}
	matching, err := s.store.MatchingExcerpts(ctx, workspace, query, depth)
	if err != nil {
		return nil, fmt.Errorf("search by words: %w", err)
	}
	hits := fuse(nearest, matching)
	return hits[:min(limit, len(hits))], nil
}

func check(workspace, query string, limit int) (string, error) {
	if err := feedback.CheckWorkspace(workspace); err != nil {
		return "", err
	}
	query = strings.TrimSpace(query)
	switch {
	case query == "":
		return "", feedback.Errorf(feedback.Invalid, "the query is empty").WithHint("say in a few words what to look for")
	case len(query) > MaxQuery:
		return "", feedback.Errorf(feedback.Invalid, "the query has %d bytes", len(query)).WithHint("the most is %d", MaxQuery)
	case !utf8.ValidString(query) || strings.ContainsRune(query, 0):
		return "", feedback.Errorf(feedback.Invalid, "the query is not UTF-8 text")
	case limit < 1 || limit > MaxLimit:
		return "", feedback.Errorf(feedback.Invalid, "the limit %d is not between 1 and %d", limit, MaxLimit)
	}
	return query, nil
}

// rankConstant softens the lead of the first places. 60 is the value of the method's source: Cormack, Clarke and
// Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009.
const rankConstant = 60

// fuse merges ranked lists into one, by the sum over the lists of 1/(rankConstant + rank).
func fuse(lists ...[]feedback.Hit) []feedback.Hit {
	at := make(map[feedback.ID]int)
	var hits []feedback.Hit
	for _, list := range lists {
		for rank, hit := range list {
			i, known := at[hit.Excerpt]
			if !known {
				i = len(hits)
				at[hit.Excerpt] = i
				hit.Score = 0
				hits = append(hits, hit)
			}
			// A list's own first place is worth 1 over the number of lists.
			hits[i].Score += float64(rankConstant+1) / float64(rankConstant+1+rank) / float64(len(lists))
		}
	}
	slices.SortStableFunc(hits, func(a, b feedback.Hit) int {
		if c := cmp.Compare(b.Score, a.Score); c != 0 {
			return c
		}
		if c := b.OccurredAt.Compare(a.OccurredAt); c != 0 {
			return c
		}
		return slices.Compare(a.Excerpt[:], b.Excerpt[:])
	})
	return hits
}
