package app

import (
	"context"

	"earshot/ask"
	"earshot/feedback"
)

// Search finds excerpts of a workspace by meaning and by words, as [ask.Searcher.Search] does.
func (a *App) Search(ctx context.Context, workspace, query string, limit int) ([]feedback.Hit, error) {
	searcher, err := ask.New(ask.Config{Store: a.Store, Embedder: a.models.embedder})
	if err != nil {
		return nil, err
	}
	return searcher.Search(ctx, workspace, query, limit)
}
