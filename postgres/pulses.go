package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// SavePulse keeps a Pulse for good. The same document saved again moves only its time, so that it is the latest. It fails with
// Conflict when another document has the id, and when an excerpt that it quotes was erased since its snapshot.
func (s *Store) SavePulse(ctx context.Context, p feedback.Pulse) error {
	const insert = `
		INSERT INTO pulses (workspace_id, id, period_start, period_end, hash, document, created_at, segment)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (workspace_id, id) DO UPDATE SET created_at = greatest(pulses.created_at, excluded.created_at)
		WHERE pulses.hash = excluded.hash`
	return s.write(ctx, "save the pulse", func(tx pgx.Tx) error {
		if err := ensureWorkspaces(ctx, tx, []string{p.Workspace}); err != nil {
			return err
		}
		if err := quotesStand(ctx, tx, p); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, insert, p.Workspace, p.ID, p.Period.Start, p.Period.End, p.Hash[:], p.Document, p.CreatedAt, p.Segment)
		if err == nil && done.RowsAffected() == 0 {
			return feedback.Errorf(feedback.Conflict, "another Pulse is called %s already", p.ID)
		}
		return err
	})
}

// quotesStand fails with Conflict unless every excerpt that the Pulse quotes is there.
func quotesStand(ctx context.Context, tx pgx.Tx, p feedback.Pulse) error {
	const missing = `
		SELECT count(*) FROM unnest($2::uuid[]) AS n (id)
		WHERE NOT EXISTS (SELECT FROM excerpts e WHERE e.workspace_id = $1 AND e.id = n.id)`
	var document struct{ Snapshot feedback.Snapshot }
	if err := json.Unmarshal(p.Document, &document); err != nil {
		return feedback.Errorf(feedback.Invalid, "a Pulse is JSON: %w", err)
	}
	var quoted [][16]byte
	for q := range document.Snapshot.Quotes() {
		quoted = append(quoted, q.Excerpt)
	}
	var gone int
	if err := tx.QueryRow(ctx, missing, p.Workspace, quoted).Scan(&gone); err != nil || gone == 0 {
		return err
	}
	return feedback.Errorf(feedback.Conflict, "%d excerpts that the Pulse quotes were erased or edited while it was written", gone).
		WithHint("write it again")
}

const selectPulse = `SELECT id, workspace_id, period_start, period_end, hash, document, created_at, erased_at, segment FROM pulses `

// LatestPulse gives the Pulse of the whole workspace that was made last, or NotFound where there is none.
func (s *Store) LatestPulse(ctx context.Context, workspace string) (feedback.Pulse, error) {
	const find = selectPulse + `WHERE workspace_id = $1 AND segment = '' ORDER BY created_at DESC, id LIMIT 1`
	return s.pulse(ctx, find, workspace)
}

// Pulses gives the Pulses of a workspace, the latest made first, limit of them from the offset on.
func (s *Store) Pulses(ctx context.Context, workspace string, offset, limit int) ([]feedback.Pulse, error) {
	const find = selectPulse + `WHERE workspace_id = $1 ORDER BY created_at DESC, id OFFSET $2 LIMIT $3`
	var pulses []feedback.Pulse
	err := s.read(ctx, "list the pulses", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace, offset, limit)
		if err != nil {
			return err
		}
		pulses, err = pgx.CollectRows(rows, scanPulse)
		return err
	})
	return pulses, err
}

// Bodies gives the bodies of items of a workspace; those that it does not have are left out.
func (s *Store) Bodies(ctx context.Context, workspace string, items []feedback.ID) (map[feedback.ID]string, error) {
	const find = `SELECT id, body FROM items WHERE workspace_id = $1 AND id = ANY ($2::uuid[])`
	ids := make([][16]byte, len(items))
	for i, id := range items {
		ids[i] = id
	}
	bodies := make(map[feedback.ID]string, len(items))
	err := s.read(ctx, "load the bodies of items", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace, ids)
		if err != nil {
			return err
		}
		var id [16]byte
		var body string
		_, err = pgx.ForEachRow(rows, []any{&id, &body}, func() error {
			bodies[id] = body
			return nil
		})
		return err
	})
	return bodies, err
}

// PulseByID gives one Pulse, or NotFound.
func (s *Store) PulseByID(ctx context.Context, workspace, id string) (feedback.Pulse, error) {
	const find = selectPulse + `WHERE workspace_id = $1 AND id = $2`
	return s.pulse(ctx, find, workspace, id)
}

func (s *Store) pulse(ctx context.Context, query string, args ...any) (feedback.Pulse, error) {
	var p feedback.Pulse
	err := s.read(ctx, "load the pulse", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		p, err = pgx.CollectExactlyOneRow(rows, scanPulse)
		return err
	})
	return p, err
}

func scanPulse(row pgx.CollectableRow) (feedback.Pulse, error) {
	var p feedback.Pulse
	var hash []byte
	var erased *time.Time
	err := row.Scan(&p.ID, &p.Workspace, &p.Period.Start, &p.Period.End, &hash, &p.Document, &p.CreatedAt, &erased, &p.Segment)
	if erased != nil {
		p.ErasedAt = *erased
	}
	copy(p.Hash[:], hash)
	return p, err
}

// Newest says when the newest item of the workspace was said, or NotFound where there is none. Spam does not count.
func (s *Store) Newest(ctx context.Context, workspace string) (time.Time, error) {
	const find = `SELECT max(occurred_at) FROM items WHERE workspace_id = $1 AND NOT spam`
	var newest *time.Time
	err := s.read(ctx, "find the newest feedback", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, find, workspace).Scan(&newest)
	})
	if err != nil {
		return time.Time{}, err
	}
	if newest == nil {
		return time.Time{}, feedback.Errorf(feedback.NotFound, "workspace %q has no feedback yet", workspace).
			WithHint("import some: earshot import FILE.csv")
	}
	return newest.UTC(), nil
}
