package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// countOutliers counts the analysed excerpts that are in no cluster, without those of copies, by the reason that is stored
// of them.
func countOutliers(ctx context.Context, tx pgx.Tx, workspace string) (map[feedback.Outlier]int, error) {
	const count = `
		SELECT coalesce(e.outlier, ''), count(*) FROM excerpts e
		WHERE e.workspace_id = $1 AND e.cluster_id IS NULL AND e.model_id IS NOT NULL AND NOT e.spam AND ` + ofNoCopy + ` GROUP BY 1`
	rows, err := tx.Query(ctx, count, workspace)
	if err != nil {
		return nil, err
	}
	counts := map[feedback.Outlier]int{}
	var reason feedback.Outlier
	var n int
	_, err = pgx.ForEachRow(rows, []any{(*string)(&reason), &n}, func() error {
		counts[reason] = n
		return nil
	})
	return counts, err
}

// UnassignedExcerpts gives limit of the analysed excerpts that are in no cluster from the offset on, the latest first and
// then by id, without spam and without those of copies: those of the reason, or all of them where it is "".
func (s *Store) UnassignedExcerpts(ctx context.Context, workspace string, reason feedback.Outlier, offset, limit int) ([]feedback.Hit, error) {
	const find = `SELECT` + hitColumns + hitTables + `
		WHERE e.workspace_id = $1 AND e.cluster_id IS NULL AND e.model_id IS NOT NULL AND NOT e.spam AND i.duplicate_of IS NULL
		  AND ($2 = '' OR e.outlier = $2)
		ORDER BY e.occurred_at DESC, e.id OFFSET $3 LIMIT $4`
	return s.hits(ctx, "list the unassigned excerpts", find, workspace, string(reason), offset, limit)
}
