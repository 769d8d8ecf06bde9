package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// SaveDeadLetters keeps messages that could not be taken. One that is kept already stays as it was first seen.
func (s *Store) SaveDeadLetters(ctx context.Context, letters []feedback.DeadLetter) error {
	const insert = `
		INSERT INTO dead_letters (workspace_id, id, source, stage, code, reason, payload, received_at, attempts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (workspace_id, id) DO NOTHING`
	return s.write(ctx, "save dead letters", func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, d := range letters {
			batch.Queue(insert, d.Workspace, [16]byte(d.ID), d.Source, d.Stage, string(d.Code), d.Reason, d.Payload,
				d.ReceivedAt, d.Attempts)
		}
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		return deadReceipts(ctx, tx, letters)
	})
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

// DeadLetters gives the dead letters of a workspace, the latest first, at most limit of them.
func (s *Store) DeadLetters(ctx context.Context, workspace string, limit int) ([]feedback.DeadLetter, error) {
	const find = `
		SELECT workspace_id, id, source, stage, code, reason, payload, received_at, attempts FROM dead_letters
		WHERE workspace_id = $1 ORDER BY received_at DESC, id LIMIT $2`
	var letters []feedback.DeadLetter
	err := s.read(ctx, "load the dead letters", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace, limit)
		if err != nil {
			return err
		}
		letters, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.DeadLetter, error) {
			var d feedback.DeadLetter
			err := row.Scan(&d.Workspace, (*[16]byte)(&d.ID), &d.Source, &d.Stage, (*string)(&d.Code), &d.Reason, &d.Payload,
				&d.ReceivedAt, &d.Attempts)
			return d, err
		})
		return err
	})
	return letters, err
}
