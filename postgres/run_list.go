package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// reversible is the run that a rollback would take back.
const reversible = `coalesce(r.kept AND r.id = (SELECT max(a.id) FROM runs a
	WHERE a.workspace_id = r.workspace_id AND a.state = 'applied' AND a.undoes IS NULL), false)`

const runColumns = `
	r.id, r.state, r.cause, r.base, coalesce(r.undoes, 0), r.reason, r.id = w.standing_run, ` + reversible + `,
	m.name, m.version, m.dimensions, r.seed, r.config, r.started_at, r.finished_at, r.decided_at, r.excerpts, r.clusters,
	r.unassigned, `

const runTables = `
	FROM runs r JOIN workspaces w ON w.id = r.workspace_id JOIN models m ON m.id = r.model_id `

func scanRun(row pgx.CollectableRow) (feedback.RunRecord, error) {
	var r feedback.RunRecord
	var seed int64
	var config, change []byte
	var decided *time.Time
	err := row.Scan(&r.ID, (*string)(&r.State), (*string)(&r.Cause), &r.Base, &r.Undoes, &r.Reason, &r.Stands, &r.Reversible,
		&r.Model.Name, &r.Model.Version, &r.Model.Dimensions, &seed, &config, &r.StartedAt, &r.FinishedAt, &decided,
		&r.Excerpts, &r.Clusters, &r.Unassigned, &change)
	if err != nil {
		return r, err
	}
	r.Seed = uint64(seed)
	if decided != nil {
		r.DecidedAt = *decided
	}
	return r, errors.Join(json.Unmarshal(config, &r.Config), json.Unmarshal(change, &r.Change))
}

// Runs gives the latest runs, at most limit of them, the latest first, without the lists of what they change. A workspace
// that nobody knows has none.
func (s *Store) Runs(ctx context.Context, workspace string, limit int) ([]feedback.RunRecord, error) {
	const find = `SELECT` + runColumns + `r.change - '{moves,clusters,touched,trends}'::text[]` + runTables + `
		WHERE r.workspace_id = $1 ORDER BY r.id DESC LIMIT $2`
	var runs []feedback.RunRecord
	err := s.read(ctx, "list the runs", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace, limit)
		if err != nil {
			return err
		}
		runs, err = pgx.CollectRows(rows, scanRun)
		return err
	})
	return runs, err
}

// RunByID gives one run with all that it changes, or NotFound.
func (s *Store) RunByID(ctx context.Context, workspace string, id int) (feedback.RunRecord, error) {
	const find = `SELECT` + runColumns + `r.change` + runTables + `WHERE r.workspace_id = $1 AND r.id = $2`
	var run feedback.RunRecord
	err := s.read(ctx, "load the run", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace, id)
		if err != nil {
			return err
		}
		run, err = pgx.CollectExactlyOneRow(rows, scanRun)
		if errors.Is(err, pgx.ErrNoRows) {
			return feedback.Errorf(feedback.NotFound, "workspace %q has no run %d", workspace, id).
				WithHint("earshot runs lists them")
		}
		return err
	})
	return run, err
}
