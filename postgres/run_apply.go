package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// ApplyRun makes a preview what stands, in one transaction: clusters, themes and assignments become those that were
// previewed. Excerpts that came since join its clusters by [feedback.Join]. It fails with NotFound where there is no such
// run, and with Conflict where it does not wait, or what stands is no longer what it began from.
func (s *Store) ApplyRun(ctx context.Context, workspace string, id int, now time.Time) error {
	return s.write(ctx, "apply the run", func(tx pgx.Tx) error {
		if _, err := waiting(ctx, tx, workspace, id); err != nil {
			return err
		}
		if err := unchanged(ctx, tx, workspace, id); err != nil {
			return err
		}
		return apply(ctx, tx, workspace, id, now)
	})
}

// unchanged reports Conflict when what stands is not what the run began from.
func unchanged(ctx context.Context, tx pgx.Tx, workspace string, id int) error {
	const compare = `
		SELECT w.standing_run, r.base, r.mark FROM workspaces w JOIN runs r ON r.workspace_id = w.id AND r.id = $2
		WHERE w.id = $1`
	var standing, base int
	var was string
	if err := tx.QueryRow(ctx, compare, workspace, id).Scan(&standing, &base, &was); err != nil {
		return err
	}
	now, err := mark(ctx, tx, workspace)
	if err != nil {
		return err
	}
	switch {
	case standing != base:
		return feedback.Errorf(feedback.Conflict, "run %d was made before run %d changed what stands", id, standing).
			WithHint("make another preview: earshot recluster --preview")
	case now != was:
		return feedback.Errorf(feedback.Conflict, "somebody decided about the clusters after run %d was made", id).
			WithHint("make another preview: earshot recluster --preview")
	}
	return nil
}

// apply makes a stored run what stands. Its caller holds the workspace.
func apply(ctx context.Context, tx pgx.Tx, workspace string, id int, now time.Time) error {
	if err := openPlaces(ctx, tx, workspace, id, "after"); err != nil {
		return err
	}
	if err := unmoved(ctx, tx, workspace, id); err != nil {
		return err
	}
	if err := freezeWeeks(ctx, tx, workspace, now); err != nil {
		return err
	}
	for _, keep := range []string{keepClusters, keepThemes} {
		if _, err := tx.Exec(ctx, keep, workspace, id); err != nil {
			return err
		}
	}
	if err := restore(ctx, tx, workspace, id, "after"); err != nil {
		return err
	}
	if err := placeLate(ctx, tx, workspace, id); err != nil {
		return err
	}
	const keepAssignments = `
		INSERT INTO run_assignments (workspace_id, run_id, side, part, excerpts, stood, clusters, similarities, outliers)
		SELECT $1, $2, 'before', n / $3, array_agg(id ORDER BY n), array_agg(cluster_id ORDER BY n),
		    array_agg(cluster_id ORDER BY n), array_agg(similarity ORDER BY n), array_agg(outlier ORDER BY n)
		FROM (SELECT e.id, coalesce(e.cluster_id, 0) AS cluster_id, e.similarity, coalesce(e.outlier, '') AS outlier,
		          row_number() OVER (ORDER BY e.id) - 1 AS n
		      FROM places a JOIN excerpts e ON e.workspace_id = $1 AND e.id = a.id
		      WHERE (e.cluster_id, e.similarity, e.outlier) IS DISTINCT FROM (a.cluster_id, a.similarity, a.outlier)) AS moving
		GROUP BY n / $3`
	if _, err := tx.Exec(ctx, keepAssignments, workspace, id, assignedAPart); err != nil {
		return err
	}
	if err := takePlaces(ctx, tx, workspace); err != nil {
		return err
	}
	const stand = `
		UPDATE workspaces w SET standing_run = r.id, next_cluster = greatest(w.next_cluster, r.next_cluster),
		    next_theme = greatest(w.next_theme, r.next_theme)
		FROM runs r WHERE w.id = $1 AND r.workspace_id = $1 AND r.id = $2`
	const applied = `UPDATE runs SET state = 'applied', decided_at = $3 WHERE workspace_id = $1 AND id = $2`
	if _, err := tx.Exec(ctx, stand, workspace, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, applied, workspace, id, now); err != nil {
		return err
	}
	if err := followDecisions(ctx, tx, workspace); err != nil {
		return err
	}
	return outdate(ctx, tx, workspace, id, now)
}

// unmoved reports Conflict when an excerpt was moved since the run was made, or other excerpts speak of another model.
func unmoved(ctx context.Context, tx pgx.Tx, workspace string, id int) error {
	const count = `
		SELECT (SELECT count(*) FROM places a
		        JOIN excerpts e ON e.workspace_id = $1 AND e.id = a.id
		        WHERE coalesce(e.cluster_id, 0) <> a.stood),
		    (SELECT count(*) FROM excerpts e JOIN runs r ON r.workspace_id = e.workspace_id AND r.id = $2
		     WHERE e.workspace_id = $1 AND e.model_id <> r.model_id AND NOT e.spam)`
	var moved, others int
	if err := tx.QueryRow(ctx, count, workspace, id).Scan(&moved, &others); err != nil {
		return err
	}
	switch {
	case moved > 0:
		return feedback.Errorf(feedback.Conflict, "%d excerpts were moved after run %d was made", moved, id).
			WithHint("run it again: earshot recluster, with --preview to look at it first")
	case others > 0:
		return feedback.Errorf(feedback.Conflict, "%d excerpts were analysed with another embedding model than that of run %d",
			others, id).WithHint("let earshot serve analyse what is left, and make another preview")
	}
	return nil
}

// keepClusters and keepThemes keep what stands as it is before the run.
const (
	keepClusters = `
		INSERT INTO run_clusters (workspace_id, run_id, side, id, theme_id, model_id, name, summary, keywords, centroid, floor,
		    margin, born_run, retired, successor, own_name, run_centroid, run_floor)
		SELECT workspace_id, $2, 'before', id, theme_id, model_id, name, summary, keywords, centroid, floor, margin, born_run,
		    retired, successor, own_name, run_centroid, run_floor
		FROM clusters WHERE workspace_id = $1 AND NOT retired`
	keepThemes = `
		INSERT INTO run_themes (workspace_id, run_id, side, id, name, retired, own_name)
		SELECT workspace_id, $2, 'before', id, name, retired, own_name FROM themes WHERE workspace_id = $1 AND NOT retired`
)

// restore makes the clusters and themes those of one side of the run.
func restore(ctx context.Context, tx pgx.Tx, workspace string, id int, side string) error {
	const themes = `
		INSERT INTO themes (workspace_id, id, name, retired)
		SELECT workspace_id, id, name, retired FROM run_themes WHERE workspace_id = $1 AND run_id = $2 AND side = $3
		ON CONFLICT (workspace_id, id) DO UPDATE SET name = excluded.name, retired = excluded.retired`
	const retireThemes = `
		UPDATE themes t SET retired = true
		WHERE t.workspace_id = $1 AND NOT t.retired AND NOT EXISTS (
		    SELECT FROM run_themes r WHERE r.workspace_id = $1 AND r.run_id = $2 AND r.side = $3 AND r.id = t.id)`
	const clusters = `
		INSERT INTO clusters (workspace_id, id, theme_id, model_id, name, summary, keywords, centroid, floor, margin, born_run,
		    retired, successor)
		SELECT workspace_id, id, theme_id, model_id, name, summary, keywords, centroid, floor, margin, born_run, retired, successor
		FROM run_clusters WHERE workspace_id = $1 AND run_id = $2 AND side = $3
		ON CONFLICT (workspace_id, id) DO UPDATE SET
		    theme_id = excluded.theme_id, model_id = excluded.model_id, name = excluded.name, summary = excluded.summary,
		    keywords = excluded.keywords, centroid = excluded.centroid, floor = excluded.floor, margin = excluded.margin,
		    retired = excluded.retired, successor = excluded.successor`
	// What people called a cluster is theirs: a run leaves it, and a rollback brings back what it stood beside.
	const ownNames = `
		UPDATE clusters c SET run_centroid = r.run_centroid, run_floor = r.run_floor,
		    own_name = CASE r.side WHEN 'before' THEN r.own_name ELSE c.own_name END
		FROM run_clusters r
		WHERE c.workspace_id = $1 AND r.workspace_id = $1 AND r.run_id = $2 AND r.side = $3 AND r.id = c.id`
	const ownThemeNames = `
		UPDATE themes t SET own_name = r.own_name FROM run_themes r
		WHERE t.workspace_id = $1 AND r.workspace_id = $1 AND r.run_id = $2 AND r.side = $3 AND r.id = t.id AND r.side = 'before'`
	for _, statement := range []string{themes, clusters, retireThemes, ownNames, ownThemeNames} {
		if _, err := tx.Exec(ctx, statement, workspace, id, side); err != nil {
			return err
		}
	}
	return nil
}

// followDecisions makes names, marks and links what people decided of the clusters that stand now.
func followDecisions(ctx context.Context, tx pgx.Tx, workspace string) error {
	const last = `SELECT next_decision - 1, standing_result(id) FROM workspaces WHERE id = $1`
	var decision, run int
	if err := tx.QueryRow(ctx, last, workspace).Scan(&decision, &run); err != nil || decision == 0 {
		return err
	}
	k, err := openDesk(ctx, tx, workspace, run)
	if err != nil {
		return err
	}
	return k.reconcile(ctx)
}

// outdate discards the previews that were made of what no longer stands, and drops what is kept of runs for nothing.
func outdate(ctx context.Context, tx pgx.Tx, workspace string, by int, now time.Time) error {
	const discard = `
		UPDATE runs SET state = 'discarded', decided_at = $3,
		    reason = 'run ' || $2::integer || ' changed what it was made from'
		WHERE workspace_id = $1 AND state = 'previewed' AND id <> $2`
	if _, err := tx.Exec(ctx, discard, workspace, by, now); err != nil {
		return err
	}
	return prune(ctx, tx, workspace)
}
