package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// Rollback takes back the run that was applied last and not taken back yet, in one transaction, and gives the numbers of
// both: clusters, themes and the excerpts that the run saw are again as they were before it. The clusters that it founded
// end, each in the cluster from which most of its excerpts came; no number is given twice. Excerpts that came since join
// the clusters that stand again by [feedback.Join]. It fails with NotFound where no run was applied, and with Conflict
// where what stood before it is no longer kept, or people moved excerpts between clusters since.
func (s *Store) Rollback(ctx context.Context, workspace string, now time.Time) (undone, by int, err error) {
	err = s.write(ctx, "roll back", func(tx pgx.Tx) error {
		if undone, err = lastApplied(ctx, tx, workspace); err != nil {
			return err
		}
		if err := undecided(ctx, tx, workspace, undone); err != nil {
			return err
		}
		if by, err = insertRollback(ctx, tx, workspace, undone, now); err != nil {
			return err
		}
		return takeBack(ctx, tx, workspace, undone, by, now)
	})
	return undone, by, err
}

// lastApplied gives the run that a rollback takes back, and holds its workspace for this transaction.
func lastApplied(ctx context.Context, tx pgx.Tx, workspace string) (int, error) {
	const hold = `SELECT id FROM workspaces WHERE id = $1 FOR UPDATE`
	if _, err := tx.Exec(ctx, hold, workspace); err != nil {
		return 0, err
	}
	const find = `
		SELECT id, kept FROM runs WHERE workspace_id = $1 AND state = 'applied' AND undoes IS NULL ORDER BY id DESC LIMIT 1`
	var id int
	var kept bool
	err := tx.QueryRow(ctx, find, workspace).Scan(&id, &kept)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, feedback.Errorf(feedback.NotFound, "workspace %q has no applied run to take back", workspace)
	}
	if err != nil {
		return 0, err
	}
	if !kept {
		return 0, feedback.Errorf(feedback.Conflict, "what stood before run %d is no longer kept", id).
			WithHint("the last %d applied runs can be taken back", appliedKept)
	}
	return id, nil
}

// undecided reports Conflict when people decided, since the run was applied, where excerpts belong: what they decided
// outlives a rollback, and was said of clusters that it takes away. Names, marks and links follow it.
func undecided(ctx context.Context, tx pgx.Tx, workspace string, run int) error {
	const find = `
		SELECT d.id, false FROM standing_decisions d
		WHERE d.workspace_id = $1 AND d.run_id >= $2 AND d.kind IN ('pin', 'move', 'merge', 'split', 'apart')
		UNION ALL
		SELECT u.id, true FROM decisions u JOIN decisions d ON d.workspace_id = u.workspace_id AND d.id = u.undoes
		WHERE u.workspace_id = $1 AND u.run_id >= $2 AND d.run_id < $2 AND d.kind IN ('pin', 'move', 'merge', 'split', 'apart')
		ORDER BY 2 DESC, 1 LIMIT 1`
	var decision int
	var undo bool
	err := tx.QueryRow(ctx, find, workspace, run).Scan(&decision, &undo)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if undo {
		return feedback.Errorf(feedback.Conflict, "run %d can no longer be taken back: decision %d undid one that is older than it", run, decision).
			WithHint("group anew: earshot recluster --preview")
	}
	return feedback.Errorf(feedback.Conflict, "decision %d was made about the clusters of run %d, which would go", decision, run).
		WithHint("undo it first: earshot cluster undo %d; or group anew: earshot recluster --preview", decision)
}

// insertRollback records the rollback as a run of its own, by the model of what stands after it.
func insertRollback(ctx context.Context, tx pgx.Tx, workspace string, undone int, now time.Time) (by int, err error) {
	const next = `UPDATE workspaces SET next_run = next_run + 1 WHERE id = $1 RETURNING next_run - 1`
	if err := tx.QueryRow(ctx, next, workspace).Scan(&by); err != nil {
		return 0, err
	}
	const insert = `
		INSERT INTO runs (workspace_id, id, model_id, seed, config, started_at, finished_at, excerpts, clusters, unassigned,
		    state, base, undoes, cause, decided_at)
		SELECT r.workspace_id, $3,
		    coalesce((SELECT model_id FROM run_clusters c WHERE c.workspace_id = $1 AND c.run_id = $2 AND c.side = 'before'
		              LIMIT 1), r.model_id),
		    r.seed, '{}', $4, $4, 0, 0, 0, 'applied', w.standing_run, $2, 'person', $4
		FROM runs r JOIN workspaces w ON w.id = r.workspace_id WHERE r.workspace_id = $1 AND r.id = $2`
	_, err = tx.Exec(ctx, insert, workspace, undone, by, now)
	return by, err
}

func takeBack(ctx context.Context, tx pgx.Tx, workspace string, undone, by int, now time.Time) error {
	if err := openPlaces(ctx, tx, workspace, undone, "after"); err != nil {
		return err
	}
	if err := freezeWeeks(ctx, tx, workspace, now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, endBorn, workspace, undone); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, recordRollback, workspace, undone, by); err != nil {
		return err
	}
	if err := restore(ctx, tx, workspace, undone, "before"); err != nil {
		return err
	}
	clusters, late, err := lateExcerpts(ctx, tx, workspace, undone)
	if err != nil {
		return err
	}
	placed := make([]feedback.Assignment, len(late))
	for i, l := range late {
		placed[i] = l.place(clusters)
	}
	if err := fillPlaces(ctx, tx, workspace, undone, "before"); err != nil {
		return err
	}
	if err := addPlaces(ctx, tx, placed); err != nil {
		return err
	}
	if err := takePlaces(ctx, tx, workspace); err != nil {
		return err
	}
	const taken = `
		UPDATE runs SET state = 'rolled_back', reason = 'run ' || $3::integer || ' took it back'
		WHERE workspace_id = $1 AND id = $2`
	if _, err := tx.Exec(ctx, taken, workspace, undone, by); err != nil {
		return err
	}
	const stand = `UPDATE workspaces SET standing_run = $2 WHERE id = $1`
	if _, err := tx.Exec(ctx, stand, workspace, by); err != nil {
		return err
	}
	const figures = `
		UPDATE runs r SET excerpts = n.excerpts, unassigned = n.unassigned,
		    clusters = (SELECT count(*) FROM clusters WHERE workspace_id = $1 AND NOT retired)
		FROM (SELECT count(*) AS excerpts, count(*) FILTER (WHERE cluster_id IS NULL) AS unassigned
		      FROM excerpts e WHERE workspace_id = $1 AND model_id IS NOT NULL AND NOT spam AND ` + ofNoCopy + `) AS n
		WHERE r.workspace_id = $1 AND r.id = $2`
	if _, err := tx.Exec(ctx, figures, workspace, by); err != nil {
		return err
	}
	if err := followDecisions(ctx, tx, workspace); err != nil {
		return err
	}
	return outdate(ctx, tx, workspace, by, now)
}

const (
	// founded are the clusters that run $2 founded, each with the standing one from which most of its excerpts came; flow
	// is how many excerpts went from where to where, as the places say.
	founded = `
		WITH flow AS MATERIALIZED (
		    SELECT a.stood, a.cluster_id, count(*) AS shared FROM places a GROUP BY 1, 2
		), stood AS (
		    SELECT id FROM run_clusters WHERE workspace_id = $1 AND run_id = $2 AND side = 'before'
		), size AS (
		    SELECT cluster_id, count(*) AS size FROM excerpts WHERE workspace_id = $1 AND cluster_id IS NOT NULL AND NOT spam GROUP BY 1
		), founded AS (
		    SELECT DISTINCT ON (n.id) n.id, f.stood, coalesce(f.shared, 0) AS shared, coalesce(z.size, 0) AS size
		    FROM run_clusters n
		    LEFT JOIN flow f ON f.cluster_id = n.id AND f.stood IN (SELECT id FROM stood)
		    LEFT JOIN size z ON z.cluster_id = n.id
		    WHERE n.workspace_id = $1 AND n.run_id = $2 AND n.side = 'after' AND NOT n.retired AND n.id NOT IN (SELECT id FROM stood)
		    ORDER BY n.id, f.shared DESC NULLS LAST, f.stood
		)`

	endBorn = founded + `
		UPDATE clusters c SET retired = true, successor = f.stood FROM founded f
		WHERE c.workspace_id = $1 AND c.id = f.id`

	recordRollback = founded + `
		INSERT INTO lineage (workspace_id, run_id, ordinal, fate, from_cluster, to_cluster, shared, overlap)
		SELECT $1, $3, row_number() OVER (ORDER BY s.from_cluster) - 1, s.fate, s.from_cluster, s.to_cluster, s.shared, s.overlap
		FROM (
		    SELECT CASE WHEN f.stood IS NULL THEN 'retired' ELSE 'merged' END AS fate, f.id AS from_cluster, f.stood AS to_cluster,
		        f.shared, CASE WHEN f.size > 0 THEN least(1, f.shared::real / f.size) ELSE 0 END AS overlap
		    FROM founded f
		    UNION ALL
		    SELECT CASE WHEN a.retired THEN 'returned' ELSE 'continued' END, b.id, b.id, coalesce(x.shared, 0), 1
		    FROM stood b
		    JOIN run_clusters a ON a.workspace_id = $1 AND a.run_id = $2 AND a.side = 'after' AND a.id = b.id
		    LEFT JOIN (SELECT stood, sum(shared)::integer AS shared FROM flow GROUP BY 1) x ON x.stood = b.id
		) AS s`
)
