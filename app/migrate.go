package app

import (
	"context"
	"log/slog"

	"earshot/postgres"
)

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
