package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"earshot/feedback"
)

// Folded says what a step of the folding did.
type Folded struct {
	Workspace string
	Excerpts  int // that the new part holds; 0 where nothing was due, or another process is at it
}

// FoldVectors builds one part of an index, where one is due, beside all that goes on: it locks nobody out, and takes one
// core of the database while it builds. It begins by removing what a process that was stopped left unfinished, so that it
// may be called, and stopped, at any time. Of several processes one folds; for the others nothing is due.
func (s *Store) FoldVectors(ctx context.Context, f Folding) (Folded, error) {
	conn, err := s.builder(ctx)
	if err != nil {
		return Folded{}, coded("connect to the database", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		// The server ends a closed connection in its own time, and until then the next step would find it folding still.
		_, _ = conn.Exec(ctx, `SELECT pg_advisory_unlock_all()`)
		_ = conn.Close(ctx)
	}()
	b := &folder{conn: conn, Folding: f}
	done, err := b.step(ctx)
	return done, coded("build the index", err)
}

// builder opens a connection of its own, for building takes long and must be outside of a transaction. A statement on it
// ends when ctx does, and with the connection the lock is gone.
func (s *Store) builder(ctx context.Context) (*pgx.Conn, error) {
	cfg := s.pool.Config().ConnConfig
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 10 * time.Second}
	}
	return pgx.ConnectConfig(ctx, cfg)
}

type folder struct {
	Folding
	conn  *pgx.Conn
	model int16
}

func (b *folder) step(ctx context.Context) (Folded, error) {
	const (
		able  = `SELECT string_to_array(extversion, '.')::integer[] >= '{0,8}' FROM pg_extension WHERE extname = 'vector'`
		alone = `SELECT pg_try_advisory_lock(hashtext('earshot index'))`
	)
	var can, mine bool
	if err := b.conn.QueryRow(ctx, able).Scan(&can); err != nil {
		return Folded{}, err
	}
	if !can { // before 0.8.0 a search of a part could not go on behind the spam in it
		return Folded{}, feedback.Errorf(feedback.Unavailable, "the database's pgvector is older than 0.8.0, and a search scans every vector").
			WithHint("install a newer one, and run ALTER EXTENSION vector UPDATE")
	}
	if err := b.conn.QueryRow(ctx, alone).Scan(&mine); err != nil || !mine {
		return Folded{}, err
	}
	var states []IndexState
	err := pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) (err error) {
		b.model, states, err = indexStates(ctx, tx, b.Folding)
		if err != nil {
			return err
		}
		return b.retire(ctx, tx)
	})
	if err != nil {
		return Folded{}, err
	}
	if err := b.sweep(ctx); err != nil {
		return Folded{}, err
	}
	for _, state := range states {
		if state.Behind < b.Least && !state.Sparse {
			continue
		}
		n, err := b.fold(ctx, state)
		if err != nil || n > 0 {
			return Folded{Workspace: state.Workspace, Excerpts: n}, err
		}
	}
	return Folded{}, nil
}

// retire lets go of the parts of models with which nothing is analysed any more.
func (b *folder) retire(ctx context.Context, tx pgx.Tx) error {
	const retire = `
		DELETE FROM index_parts p WHERE p.model_id <> $1
		    AND NOT EXISTS (SELECT FROM excerpts e WHERE e.workspace_id = p.workspace_id AND e.model_id = p.model_id)`
	_, err := tx.Exec(ctx, retire, b.model)
	return err
}

// sweep drops the indexes that are no part: unfinished ones, and those whose part was replaced or let go of.
func (b *folder) sweep(ctx context.Context) error {
	const find = `
		SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %I.%I', n.nspname, c.relname)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE i.indrelid = 'embeddings'::regclass AND c.relname LIKE 'embeddings\_part\_%'
		    AND NOT EXISTS (SELECT FROM index_parts p WHERE c.relname = 'embeddings_part_' || p.id)
		ORDER BY c.oid`
	rows, err := b.conn.Query(ctx, find)
	if err != nil {
		return err
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, drop := range statements {
		if _, err := b.conn.Exec(ctx, drop); err != nil {
			return err
		}
	}
	return nil
}

// fold builds the part of a workspace that is due, puts it in the place of those that it replaces, and says how many
// excerpts it holds.
func (b *folder) fold(ctx context.Context, state IndexState) (int, error) {
	var part indexPart
	var replaced []int32
	if err := pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) (err error) {
		part, replaced, err = b.plan(ctx, tx, state)
		return err
	}); err != nil || part.excerpts == 0 {
		return 0, err
	}
	if err := b.build(ctx, state.Workspace, part); err != nil {
		return 0, err
	}
	if err := pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error {
		return b.replace(ctx, tx, state.Workspace, part, replaced)
	}); err != nil {
		return 0, err
	}
	return part.excerpts, b.sweep(ctx)
}

// plan finds the range of the next part. It has no excerpts where nothing is due.
func (b *folder) plan(ctx context.Context, tx pgx.Tx, state IndexState) (part indexPart, replaced []int32, err error) {
	const (
		end = `
			SELECT count(*), max(arrival) + 1 FROM (
			    SELECT arrival FROM embeddings
			    WHERE workspace_id = $1 AND model_id = $2 AND arrival > 0 AND arrival >= $3 AND ($4 = 0 OR arrival < $4)
			    ORDER BY arrival LIMIT $5) AS taken`
		number = `SELECT nextval(pg_get_serial_sequence('index_parts', 'id'))`
	)
	parts, err := standingParts(ctx, tx, state.Workspace, b.model)
	if err != nil {
		return part, nil, err
	}
	i, k, ok := b.next(parts, state.Behind)
	if !ok {
		return part, nil, nil
	}
	part.first = after(parts[:i])
	most := b.Most
	if k < len(parts) {
		part.until, most = after(parts[:k]), int(^uint32(0)>>1)
	}
	var until *int64
	if err := tx.QueryRow(ctx, end, state.Workspace, b.model, part.first, part.until, most).Scan(&part.excerpts, &until); err != nil {
		return part, nil, err
	}
	if part.until == 0 && until != nil {
		part.until = *until
	}
	part.live = part.excerpts
	for _, p := range parts[i:k] {
		replaced = append(replaced, p.id)
	}
	return part, replaced, tx.QueryRow(ctx, number).Scan(&part.id)
}

// build makes the index of a part. In parallel it would take both cores of a small machine, and pgvector before 0.8.2 can
// write past its memory then.
func (b *folder) build(ctx context.Context, workspace string, part indexPart) error {
	const (
		prepare = `
			SELECT set_config('maintenance_work_mem', $1::bigint::text || 'kB', false),
			    set_config('max_parallel_maintenance_workers', '0', false), set_config('statement_timeout', '0', false)`
		statement = `
			SELECT format('CREATE INDEX CONCURRENTLY embeddings_part_%s ON embeddings USING hnsw
			        ((embedding::halfvec(%s)) halfvec_cosine_ops)
			    WHERE arrival >= %s::bigint AND arrival < %s::bigint AND workspace_id = %L AND model_id = %s::smallint',
			    $1::integer, $2::integer, $3::bigint, $4::bigint, $5::text, $6::smallint)`
	)
	memory := max(part.excerpts*rowMemory(b.Model.Dimensions), 64<<20) / 1024
	if _, err := b.conn.Exec(ctx, prepare, memory); err != nil {
		return err
	}
	var create string
	if err := b.conn.QueryRow(ctx, statement, part.id, b.Model.Dimensions, part.first, part.until, workspace, b.model).Scan(&create); err != nil {
		return err
	}
	_, err := b.conn.Exec(ctx, create)
	return err
}

// replace puts a part in the place of others, from the next search on, and counts what is left of the rest.
func (b *folder) replace(ctx context.Context, tx pgx.Tx, workspace string, part indexPart, replaced []int32) error {
	const (
		remove = `DELETE FROM index_parts WHERE workspace_id = $1 AND model_id = $2 AND id = ANY ($3::integer[])`
		insert = `
			INSERT INTO index_parts (id, workspace_id, model_id, first, until, excerpts, live) VALUES ($1, $2, $3, $4, $5, $6, $6)`
		count = `
			UPDATE index_parts p SET live = (
			    SELECT count(*) FROM embeddings m WHERE m.workspace_id = p.workspace_id AND m.model_id = p.model_id
			        AND m.arrival > 0 AND m.arrival >= p.first AND m.arrival < p.until)
			WHERE p.workspace_id = $1 AND p.model_id = $2`
	)
	if _, err := tx.Exec(ctx, remove, workspace, b.model, replaced); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, insert, part.id, workspace, b.model, part.first, part.until, part.excerpts); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, count, workspace, b.model)
	return err
}

// modelOrNone gives the number of a model, 0 where nothing was ever embedded with it.
func modelOrNone(ctx context.Context, tx pgx.Tx, m feedback.Model) (int16, error) {
	id, err := findModel(ctx, tx, m)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return id, err
}
