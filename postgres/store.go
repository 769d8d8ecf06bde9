package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxvector "github.com/pgvector/pgvector-go/pgx"

	"earshot/feedback"
)

// Config says which database to use and how.
type Config struct {
	URL            string // as of libpq: postgres://… or key=value words
	MaxConnections int32  // of the pool; 8 where it is 0
}

// connectTimeout bounds one attempt to connect.
const connectTimeout = 5 * time.Second

// Store reads and writes one database. It is safe for use by many goroutines.
type Store struct {
	pool *pgxpool.Pool
}

// Open connects to the database, brings its schema up to date, and gives the store. It fails with Unavailable when the
// database cannot be reached or lacks pgvector, and with Conflict when its schema is newer than this binary.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if _, err := Migrate(ctx, cfg); err != nil {
		return nil, err
	}
	pc, err := cfg.pool()
	if err != nil {
		return nil, err
	}
	pc.AfterConnect = prepare
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, coded("connect to the database", err)
	}
	return &Store{pool: pool}, nil
}

// prepare teaches a connection the vector types, and to give times in UTC wherever the process runs, and gives it room for
// what is gathered of a large workspace, which Postgres takes only as it is needed and lets nobody change later.
func prepare(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, `SET temp_buffers = '64MB'`); err != nil {
		return err
	}
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return pgxvector.RegisterTypes(ctx, conn)
}

func (cfg Config) pool() (*pgxpool.Config, error) {
	pc, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		// The parser's own message may hold the URL, and with it a password.
		return nil, feedback.Errorf(feedback.Invalid, "the database URL cannot be read").
			WithHint("EARSHOT_DATABASE_URL looks like postgres://user:password@host:5432/earshot")
	}
	pc.MaxConns = cfg.MaxConnections
	if pc.MaxConns == 0 {
		pc.MaxConns = 8
	}
	pc.ConnConfig.ConnectTimeout = connectTimeout
	pc.ConnConfig.RuntimeParams["application_name"] = "earshot"
	pc.ConnConfig.RuntimeParams["timezone"] = "UTC"
	return pc, nil
}

// Close waits until the connections in use are given back, and closes them all.
func (s *Store) Close() { s.pool.Close() }

// Ping reports Unavailable when the database does not answer.
func (s *Store) Ping(ctx context.Context) error {
	return coded("reach the database", s.pool.Ping(ctx))
}

// write runs do in one transaction, and maps what goes wrong to a coded error that says what was being done.
func (s *Store) write(ctx context.Context, doing string, do func(pgx.Tx) error) error {
	return coded(doing, pgx.BeginFunc(ctx, s.pool, do))
}

// read runs do in one read-only transaction that sees a single moment of the database.
func (s *Store) read(ctx context.Context, doing string, do func(pgx.Tx) error) error {
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return coded(doing, pgx.BeginTxFunc(ctx, s.pool, snapshot, do))
}

// modelID gives the number of a model, and registers it at its first use.
func modelID(ctx context.Context, tx pgx.Tx, m feedback.Model) (int16, error) {
	id, err := findModel(ctx, tx, m)
	if !errors.Is(err, pgx.ErrNoRows) {
		return id, err
	}
	const register = `
		INSERT INTO models (name, version, dimensions) VALUES ($1, $2, $3)
		ON CONFLICT (name, version, dimensions) DO NOTHING`
	if _, err := tx.Exec(ctx, register, m.Name, m.Version, m.Dimensions); err != nil {
		return 0, err
	}
	return findModel(ctx, tx, m)
}

// findModel gives the number of a model, or pgx.ErrNoRows where nothing was ever embedded with it.
func findModel(ctx context.Context, tx pgx.Tx, m feedback.Model) (int16, error) {
	const find = `SELECT id FROM models WHERE name = $1 AND version = $2 AND dimensions = $3`
	var id int16
	err := tx.QueryRow(ctx, find, m.Name, m.Version, m.Dimensions).Scan(&id)
	return id, err
}

// Info says which server holds the database and how large it is.
type Info struct {
	Server string // the version of PostgreSQL, for instance 15.18
	Vector string // the version of pgvector
	Schema int64  // the version of the schema
	Bytes  int64
}

// Info asks the server what it is.
func (s *Store) Info(ctx context.Context) (Info, error) {
	const ask = `
		SELECT split_part(current_setting('server_version'), ' ', 1),
		    (SELECT extversion FROM pg_extension WHERE extname = 'vector'),
		    (SELECT max(version_id) FROM goose_db_version WHERE is_applied), pg_database_size(current_database())`
	var info Info
	err := s.read(ctx, "ask the database what it is", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, ask).Scan(&info.Server, &info.Vector, &info.Schema, &info.Bytes)
	})
	return info, err
}
