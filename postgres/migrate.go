package postgres

import (
	"context"
	"embed"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"earshot/feedback"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migration says where the schema stands.
type Migration struct {
	Applied int   `json:"applied"` // migrations that this call ran
	Version int64 `json:"version"` // of the schema now
}

// Migrate brings the schema up to date, each migration in a transaction of its own, and does nothing where it is. Several
// processes may call it at once: one migrates, the others wait. It fails with Unavailable when the database cannot be
// reached or has no pgvector, and with Conflict when the schema is newer than this binary.
func Migrate(ctx context.Context, cfg Config) (Migration, error) {
	pc, err := cfg.pool()
	if err != nil {
		return Migration{}, err
	}
	if err := checkVector(ctx, pc.ConnConfig); err != nil {
		return Migration{}, err
	}
	db := stdlib.OpenDB(*pc.ConnConfig)
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return Migration{}, err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return Migration{}, err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return Migration{}, err
	}
	version, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return Migration{}, coded("read the version of the schema", err)
	}
	if version > newest {
		return Migration{}, feedback.Errorf(feedback.Conflict,
			"the database has schema %d and this earshot knows only %d", version, newest).WithHint("install a newer earshot")
	}
	if version == newest {
		return Migration{Version: version}, nil
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return Migration{}, coded("migrate the schema", err)
	}
	return Migration{Applied: len(done), Version: newest}, nil
}

// checkVector says plainly that pgvector is missing, where the first migration would fail on it.
func checkVector(ctx context.Context, cc *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, cc)
	if err != nil {
		return coded("connect to the database", err)
	}
	defer conn.Close(ctx)
	const find = `SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')`
	var there bool
	if err := conn.QueryRow(ctx, find).Scan(&there); err != nil {
		return coded("look for pgvector", err)
	}
	if !there {
		return feedback.Errorf(feedback.Unavailable, "the database server has no pgvector").
			WithHint("install it (Debian with PGDG: apt install postgresql-17-pgvector) or use the image pgvector/pgvector")
	}
	return nil
}
