package app

import (
	"context"
	"log/slog"

	"earshot/ask"
	"earshot/feedback"
	"earshot/postgres"
)

// Search finds excerpts of a workspace by meaning and by words, as [ask.Searcher.Search] does.
func (a *App) Search(ctx context.Context, workspace, query string, limit int) ([]feedback.Hit, error) {
	searcher, err := ask.New(ask.Config{Store: a.Store, Embedder: a.models.embedder})
	if err != nil {
		return nil, err
	}
	return searcher.Search(ctx, workspace, query, limit)
}

// Migrate brings the schema of the database that cfg names up to date, and starts nothing else.
func Migrate(ctx context.Context, cfg Config) (done postgres.Migration, err error) {
	a := &App{Config: cfg, log: slog.Default()}
	defer a.Close()
	url, err := a.openDatabase(ctx, false)
	if err != nil {
		return done, err
	}
	return postgres.Migrate(ctx, postgres.Config{URL: url})
}
