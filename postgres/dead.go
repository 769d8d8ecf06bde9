package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
	"earshot/internal/crash"
)

// SaveDeadLetters keeps messages that could not be taken. One that is kept already takes the time and the reason of a
// message that was received later: it was sent again, and has failed again.
func (s *Store) SaveDeadLetters(ctx context.Context, letters []feedback.DeadLetter) error {
	const insert = `
		INSERT INTO dead_letters (workspace_id, id, source, stage, code, reason, payload, received_at, attempts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (workspace_id, id) DO UPDATE SET
		    code = excluded.code, reason = excluded.reason, received_at = excluded.received_at, attempts = excluded.attempts
		WHERE dead_letters.received_at < excluded.received_at`
	crash.At(crash.DeadBurying)
	err := s.write(ctx, "save dead letters", func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, d := range letters {
			batch.Queue(insert, d.Workspace, [16]byte(d.ID), d.Source, d.Stage, string(d.Code), d.Reason, d.Payload,
				d.ReceivedAt, d.Attempts)
		}
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		err := deadReceipts(ctx, tx, letters)
		crash.At(crash.DeadSaving)
		return err
	})
	crash.At(crash.DeadSaved)
	return err
}

// deadReceipts books the messages of letters that the ingest stage could not take. Those of later stages were booked
// when their items were saved.
func deadReceipts(ctx context.Context, tx pgx.Tx, letters []feedback.DeadLetter) error {
	var receipts []feedback.Receipt
	var workspaces, sources []string
	var outcomes []feedback.Outcome
	for _, d := range letters {
		if d.Stage != "ingest" {
			continue
		}
		receipts, workspaces, sources = append(receipts, d.Receipt), append(workspaces, d.Workspace), append(sources, d.Source)
		outcomes = append(outcomes, feedback.OutcomeDead)
	}
	return giveReceipts(ctx, tx, receipts, workspaces, sources, outcomes)
}

// DeadLetterCount says how many dead letters a workspace has.
func (s *Store) DeadLetterCount(ctx context.Context, workspace string) (int, error) {
	const count = `SELECT count(*) FROM dead_letters WHERE workspace_id = $1`
	var n int
	err := s.read(ctx, "count the dead letters", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, count, workspace).Scan(&n)
	})
	return n, err
}

const (
	deadColumns = `workspace_id, id, source, stage, code, reason, payload, received_at, attempts`
	deadChosen  = `
		workspace_id = $1 AND ($2 = '' OR source = $2) AND ($3 = '' OR code = $3)
		AND ($4 = '' OR strpos(lower(reason), lower($4)) > 0)`
)

func scanDead(row pgx.CollectableRow) (feedback.DeadLetter, error) {
	var d feedback.DeadLetter
	err := row.Scan(&d.Workspace, (*[16]byte)(&d.ID), &d.Source, &d.Stage, (*string)(&d.Code), &d.Reason, &d.Payload,
		&d.ReceivedAt, &d.Attempts)
	return d, err
}

// DeadLetters gives the dead letters of a workspace that the filter lets through, the latest first, at most limit of
// them, and how many there are.
func (s *Store) DeadLetters(ctx context.Context, workspace string, f feedback.DeadFilter, limit int) (letters []feedback.DeadLetter, total int, err error) {
	const (
		count = `SELECT count(*) FROM dead_letters WHERE ` + deadChosen
		find  = `
			SELECT ` + deadColumns + ` FROM dead_letters
			WHERE ` + deadChosen + ` AND ($5::timestamptz IS NULL OR (received_at, id) < ($5, $6))
			ORDER BY received_at DESC, id DESC LIMIT $7`
	)
	var before *time.Time
	if !f.Before.IsZero() {
		before = &f.Before
	}
	err = s.read(ctx, "load the dead letters", func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, count, workspace, f.Source, string(f.Code), f.Reason).Scan(&total); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, find, workspace, f.Source, string(f.Code), f.Reason, before, [16]byte(f.BeforeID), limit)
		if err != nil {
			return err
		}
		letters, err = pgx.CollectRows(rows, scanDead)
		return err
	})
	return letters, total, err
}

// DeadLetter gives one dead letter by its id, or by a beginning of it of at least four digits. It fails with NotFound
// where there is none, and with Conflict where there are several.
func (s *Store) DeadLetter(ctx context.Context, workspace, id string) (feedback.DeadLetter, error) {
	const find = `
		SELECT ` + deadColumns + ` FROM dead_letters
		WHERE workspace_id = $1 AND starts_with(id::text, lower($2)) ORDER BY id LIMIT 2`
	if len(id) < 4 || len(id) > 36 {
		return feedback.DeadLetter{}, feedback.Errorf(feedback.Invalid, "%q is no id of a dead letter", id).
			WithHint("give at least the first four digits: earshot dead list shows them")
	}
	var letters []feedback.DeadLetter
	err := s.read(ctx, "load a dead letter", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace, id)
		if err != nil {
			return err
		}
		letters, err = pgx.CollectRows(rows, scanDead)
		return err
	})
	switch {
	case err != nil:
		return feedback.DeadLetter{}, err
	case len(letters) == 0:
		return feedback.DeadLetter{}, feedback.Errorf(feedback.NotFound, "workspace %q has no dead letter %q", workspace, id)
	case len(letters) > 1:
		return feedback.DeadLetter{}, feedback.Errorf(feedback.Conflict, "several dead letters begin with %q", id).WithHint("give more digits")
	}
	return letters[0], nil
}

// RemoveDeadLetters removes dead letters as they were read, and says how many there were. One that has come again since,
// because its message was sent again and failed again, stays.
func (s *Store) RemoveDeadLetters(ctx context.Context, workspace string, letters []feedback.DeadLetter) (int, error) {
	const remove = `
		DELETE FROM dead_letters d USING unnest($2::uuid[], $3::timestamptz[]) AS n (id, received_at)
		WHERE d.workspace_id = $1 AND d.id = n.id AND d.received_at = n.received_at`
	ids, received := make([][16]byte, len(letters)), make([]time.Time, len(letters))
	for i, l := range letters {
		ids[i], received[i] = l.ID, l.ReceivedAt
	}
	return s.removeDead(ctx, remove, workspace, ids, received)
}

// DropDeadLetters removes all dead letters that the filter lets through, and says how many those were.
func (s *Store) DropDeadLetters(ctx context.Context, workspace string, f feedback.DeadFilter) (int, error) {
	const remove = `DELETE FROM dead_letters WHERE ` + deadChosen
	return s.removeDead(ctx, remove, workspace, f.Source, string(f.Code), f.Reason)
}

func (s *Store) removeDead(ctx context.Context, remove string, args ...any) (int, error) {
	var n int64
	err := s.write(ctx, "remove dead letters", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, remove, args...)
		n = tag.RowsAffected()
		return err
	})
	return int(n), err
}
