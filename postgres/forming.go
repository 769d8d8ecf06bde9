package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"earshot/feedback"
)

// UnassignedPoints gives the analysed excerpts that are in no cluster and were said since, with their vectors of the
// model, spam and copies left out: the latest, at most limit of them.
func (s *Store) UnassignedPoints(ctx context.Context, workspace string, model feedback.Model, since time.Time, limit int) ([]feedback.Point, error) {
	const find = `
		SELECT e.id, e.item_id, e.text, e.occurred_at, m.embedding
		FROM excerpts e
		JOIN embeddings m ON m.workspace_id = e.workspace_id AND m.excerpt_id = e.id AND m.model_id = e.model_id
		WHERE e.workspace_id = $1 AND e.cluster_id IS NULL AND e.model_id = $2 AND NOT e.spam AND e.occurred_at >= $3
		  AND ` + ofNoCopy + `
		ORDER BY e.occurred_at DESC, e.id LIMIT $4`
	var points []feedback.Point
	err := s.read(ctx, "load the unassigned excerpts", func(tx pgx.Tx) error {
		id, err := findModel(ctx, tx, model)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, find, workspace, id, since, limit)
		if err != nil {
			return err
		}
		points, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Point, error) {
			var p feedback.Point
			var vector pgvector.HalfVector
			err := row.Scan((*[16]byte)(&p.Excerpt), (*[16]byte)(&p.Item), &p.Text, &p.OccurredAt, &vector)
			p.Vector = vector.Slice()
			feedback.Normalize(p.Vector)
			return p, err
		})
		return err
	})
	return points, err
}

// Heard counts the analysed excerpts, spam and copies left out, that were said from the one time to before the other.
func (s *Store) Heard(ctx context.Context, workspace string, from, to time.Time) (int, error) {
	const count = `
		SELECT count(*) FROM items i JOIN excerpts e ON e.workspace_id = i.workspace_id AND e.item_id = i.id
		WHERE i.workspace_id = $1 AND i.occurred_at >= $2 AND i.occurred_at < $3 AND NOT i.spam AND i.duplicate_of IS NULL AND e.model_id IS NOT NULL`
	var n int
	err := s.pool.QueryRow(ctx, count, workspace, from, to).Scan(&n)
	return n, coded("count what was heard", err)
}

// ToWatch gives the workspaces in which clusters stand and excerpts of no cluster have been analysed with the model that
// were received since the last watch.
func (s *Store) ToWatch(ctx context.Context, model feedback.Model) ([]string, error) {
	const find = `
		SELECT w.id FROM workspaces w JOIN models m ON m.name = $1 AND m.version = $2 AND m.dimensions = $3
		WHERE EXISTS (SELECT FROM clusters c WHERE c.workspace_id = w.id AND NOT c.retired)
		  AND EXISTS (
		    SELECT FROM excerpts e JOIN items i ON i.workspace_id = e.workspace_id AND i.id = e.item_id
		    WHERE e.workspace_id = w.id AND e.cluster_id IS NULL AND e.model_id = m.id AND NOT e.spam
		      AND (w.watched_until IS NULL OR i.received_at > w.watched_until))
		ORDER BY w.id`
	var workspaces []string
	err := s.read(ctx, "find what to watch", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, model.Name, model.Version, model.Dimensions)
		if err != nil {
			return err
		}
		workspaces, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return workspaces, err
}

// WhereForming gives the workspaces in which something formed when they were last looked at.
func (s *Store) WhereForming(ctx context.Context) (workspaces []string, err error) {
	const find = `SELECT DISTINCT workspace_id FROM forming ORDER BY 1`
	err = s.read(ctx, "find where something forms", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find)
		if err != nil {
			return err
		}
		workspaces, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return workspaces, err
}

// SaveForming puts what forms in place of what was forming, and notes that what was received until then has been watched.
func (s *Store) SaveForming(ctx context.Context, workspace string, forming []feedback.Forming, until time.Time) error {
	const clear = `DELETE FROM forming WHERE workspace_id = $1`
	const insert = `
		INSERT INTO forming (workspace_id, ordinal, name, summary, keywords, excerpts, recent, before, chance, since, seen_at, looked)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	const watched = `UPDATE workspaces SET watched_until = $2 WHERE id = $1`
	return s.write(ctx, "save what forms", func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(clear, workspace)
		for i, f := range forming {
			excerpts := make([][16]byte, len(f.Excerpts))
			for j, id := range f.Excerpts {
				excerpts[j] = id
			}
			keywords := f.Keywords
			if keywords == nil {
				keywords = []string{}
			}
			batch.Queue(insert, workspace, i, f.Name, f.Summary, keywords, excerpts, f.Recent, f.Before, f.Chance, f.Since, f.SeenAt, f.Looked)
		}
		batch.Queue(watched, workspace, until)
		return tx.SendBatch(ctx, batch).Close()
	})
}

// Forming gives what formed when it was last looked at, less the excerpts that have found a cluster since, each with at
// most hits of its excerpts. A group of which most excerpts have is left out.
func (s *Store) Forming(ctx context.Context, workspace string, hits int) ([]feedback.Forming, error) {
	const find = `
		SELECT f.name, f.summary, f.keywords, f.recent, f.before, f.chance, f.since, f.seen_at, f.looked,
		    ARRAY(SELECT u.id FROM unnest(f.excerpts) WITH ORDINALITY AS u (id, n)
		          JOIN excerpts e ON e.workspace_id = f.workspace_id AND e.id = u.id AND e.cluster_id IS NULL AND NOT e.spam
		          ORDER BY u.n)
		FROM forming f WHERE f.workspace_id = $1
		  AND 2 * (SELECT count(*) FROM excerpts e
		           WHERE e.workspace_id = $1 AND e.id = ANY (f.excerpts) AND e.cluster_id IS NULL AND NOT e.spam)
		      >= cardinality(f.excerpts)
		ORDER BY f.ordinal`
	const said = `SELECT` + hitColumns + hitTables + `
		WHERE e.workspace_id = $1 AND e.id = ANY ($2::uuid[]) ORDER BY e.occurred_at DESC, e.id`
	var forming []feedback.Forming
	err := s.read(ctx, "load what forms", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace)
		if err != nil {
			return err
		}
		forming, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Forming, error) {
			var f feedback.Forming
			var ids [][16]byte
			err := row.Scan(&f.Name, &f.Summary, &f.Keywords, &f.Recent, &f.Before, &f.Chance, &f.Since, &f.SeenAt, &f.Looked, &ids)
			for _, id := range ids {
				f.Excerpts = append(f.Excerpts, id)
			}
			return f, err
		})
		if err != nil {
			return err
		}
		for i, f := range forming {
			var ids [][16]byte
			for _, id := range f.Excerpts[:min(hits, len(f.Excerpts))] {
				ids = append(ids, id)
			}
			rows, err := tx.Query(ctx, said, workspace, ids)
			if err != nil {
				return err
			}
			if forming[i].Hits, err = pgx.CollectRows(rows, scanHit); err != nil {
				return err
			}
		}
		return nil
	})
	return forming, err
}

// RunSeen says whether a run, applied or not, began after the newest of the excerpts was received.
func (s *Store) RunSeen(ctx context.Context, workspace string, excerpts []feedback.ID) (bool, error) {
	ids := make([][16]byte, len(excerpts))
	for i, id := range excerpts {
		ids[i] = id
	}
	const ask = `
		SELECT coalesce((SELECT max(started_at) FROM runs WHERE workspace_id = $1)
		    > (SELECT max(i.received_at) FROM excerpts e JOIN items i ON i.workspace_id = e.workspace_id AND i.id = e.item_id
		       WHERE e.workspace_id = $1 AND e.id = ANY ($2::uuid[])), false)`
	var seen bool
	err := s.pool.QueryRow(ctx, ask, workspace, ids).Scan(&seen)
	return seen, coded("ask whether a run has seen the excerpts", err)
}
