package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// lockWorkspaces keeps the workspaces from being forgotten in until the transaction ends. Many may hold it at once.
func lockWorkspaces(ctx context.Context, tx pgx.Tx, names []string) error {
	const lock = `SELECT id FROM workspaces WHERE id = ANY ($1::text[]) ORDER BY id FOR KEY SHARE`
	_, err := tx.Exec(ctx, lock, names)
	return err
}

// findForgotten says which items may not be stored, because they, their authors or their customers were forgotten. The
// workspaces must be locked.
func findForgotten(ctx context.Context, tx pgx.Tx, items []feedback.Item) (map[int]bool, error) {
	const (
		any  = `SELECT DISTINCT workspace_id FROM tombstones WHERE workspace_id = ANY ($1::text[])`
		find = `
			SELECT DISTINCT n.item FROM unnest($1::text[], $2::bytea[], $3::integer[]) AS n (workspace_id, subject, item)
			JOIN tombstones t ON t.workspace_id = n.workspace_id AND t.subject = n.subject`
	)
	rows, err := tx.Query(ctx, any, workspacesOf(items))
	if err != nil {
		return nil, err
	}
	stony, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(stony) == 0 {
		return nil, err
	}
	var workspaces []string
	var subjects [][]byte
	var indices []int32
	for i := range items {
		if !slices.Contains(stony, items[i].Workspace) {
			continue
		}
		for _, tomb := range items[i].Tombs() {
			workspaces, subjects, indices = append(workspaces, items[i].Workspace), append(subjects, tomb[:]), append(indices, int32(i))
		}
	}
	if rows, err = tx.Query(ctx, find, workspaces, subjects, indices); err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		return nil, err
	}
	forgotten := make(map[int]bool, len(found))
	for _, i := range found {
		forgotten[int(i)] = true
	}
	return forgotten, nil
}

func workspacesOf(items []feedback.Item) []string {
	var names []string
	for i := range items {
		if len(names) == 0 || names[len(names)-1] != items[i].Workspace {
			names = append(names, items[i].Workspace)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// withoutForgotten leaves out the customers of a workspace that were forgotten.
func withoutForgotten(ctx context.Context, tx pgx.Tx, rows []customerRow) ([]customerRow, error) {
	const find = `
		SELECT n.i FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS n (workspace_id, subject, i)
		JOIN tombstones t ON t.workspace_id = n.workspace_id AND t.subject = n.subject`
	workspaces, tombs := make([]string, len(rows)), make([][]byte, len(rows))
	for i, r := range rows {
		tomb := feedback.CustomerTomb(r.workspace, r.ID)
		workspaces[i], tombs[i] = r.workspace, tomb[:]
	}
	found, err := tx.Query(ctx, find, workspaces, tombs)
	if err != nil {
		return nil, err
	}
	gone, err := pgx.CollectRows(found, pgx.RowTo[int])
	if err != nil {
		return nil, err
	}
	var kept []customerRow
	for i, r := range rows {
		if !slices.Contains(gone, i+1) {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// AllowReturn takes away what keeps a forgotten subject out, and says how many hashes that were. Nothing that was erased
// comes back by itself.
func (s *Store) AllowReturn(ctx context.Context, subject feedback.Subject) (lifted int, err error) {
	const lift = `
		DELETE FROM tombstones WHERE workspace_id = $1 AND erasure_id IN (
		    SELECT t.erasure_id FROM tombstones t JOIN erasures e ON e.workspace_id = t.workspace_id AND e.id = t.erasure_id
		    WHERE t.workspace_id = $1 AND t.subject = ANY ($2::bytea[]) AND e.kind = $3)`
	err = s.write(ctx, "allow what was forgotten to return", func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, lift, subject.Workspace, tombBytes(subject.Tombs()), string(subject.Kind))
		lifted = int(done.RowsAffected())
		return err
	})
	return lifted, err
}

// Erasures gives the receipts of a workspace, the latest first, at most limit of them.
func (s *Store) Erasures(ctx context.Context, workspace string, limit int) ([]feedback.Erasure, error) {
	const find = `
		SELECT workspace_id, id, kind, encode(subject, 'hex'), erased_at, erased_by, items, excerpts, vectors, customers,
		    dead_letters, clusters, pulses
		FROM erasures WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2`
	var list []feedback.Erasure
	err := s.read(ctx, "list the erasures", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Erasure, error) {
			var e feedback.Erasure
			err := row.Scan(&e.Workspace, &e.ID, (*string)(&e.Kind), &e.Subject, &e.At, &e.By, &e.Items, &e.Excerpts, &e.Vectors,
				&e.Customers, &e.DeadLetters, &e.Clusters, &e.Pulses)
			return e, err
		})
		return err
	})
	return list, err
}
