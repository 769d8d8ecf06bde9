package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// openPlaces makes the table places for this transaction: where the excerpts go that stand on one side of the run, a row
// each. Held against the arrays of run_assignments themselves, whose number Postgres cannot estimate, every excerpt would be
// looked up on its own, time and again; with the table's statistics all of them are joined in one pass.
func openPlaces(ctx context.Context, tx pgx.Tx, workspace string, run int, side string) error {
	const create = `
		CREATE TEMPORARY TABLE places (id uuid NOT NULL, stood integer NOT NULL, cluster_id integer, similarity real, outlier text)
		ON COMMIT DROP`
	if _, err := tx.Exec(ctx, create); err != nil {
		return err
	}
	return fillPlaces(ctx, tx, workspace, run, side)
}

// fillPlaces makes the places those of one side of the run.
func fillPlaces(ctx context.Context, tx pgx.Tx, workspace string, run int, side string) error {
	const fill = `
		INSERT INTO places (id, stood, cluster_id, similarity, outlier)
		SELECT u.id, u.stood, nullif(u.cluster_id, 0), u.similarity, nullif(u.outlier, '')
		FROM run_assignments a, unnest(a.excerpts, a.stood, a.clusters, a.similarities, a.outliers)
		     AS u (id, stood, cluster_id, similarity, outlier)
		WHERE a.workspace_id = $1 AND a.run_id = $2 AND a.side = $3`
	if _, err := tx.Exec(ctx, `TRUNCATE places`); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, fill, workspace, run, side); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `ANALYZE places`)
	return err
}

// addPlaces adds excerpts that are not among the places.
func addPlaces(ctx context.Context, tx pgx.Tx, placed []feedback.Assignment) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"places"}, []string{"id", "stood", "cluster_id", "similarity", "outlier"},
		pgx.CopyFromSlice(len(placed), func(i int) ([]any, error) {
			a := placed[i]
			var similarity *float32
			if a.Cluster != 0 {
				s := float32(a.Similarity)
				similarity = &s
			}
			var outlier *string
			if a.Outlier != "" {
				outlier = (*string)(&a.Outlier)
			}
			return []any{[16]byte(a.Excerpt), int32(a.Stood), none(a.Cluster), similarity, outlier}, nil
		}))
	return err
}

// takePlaces puts the excerpts where the places say. Only the rows that change are written: a rerun over the same data
// writes none.
func takePlaces(ctx context.Context, tx pgx.Tx, workspace string) error {
	const assign = `
		UPDATE excerpts e SET cluster_id = a.cluster_id, similarity = a.similarity, outlier = a.outlier
		FROM places a
		WHERE e.workspace_id = $1 AND e.id = a.id
		  AND (e.cluster_id, e.similarity, e.outlier) IS DISTINCT FROM (a.cluster_id, a.similarity, a.outlier)`
	_, err := tx.Exec(ctx, assign, workspace)
	return err
}
