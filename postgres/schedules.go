package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// maxSchedules is the most schedules of a workspace.
const maxSchedules = 100

// AddSchedule keeps a schedule and gives its id. It fails with Conflict when the workspace has too many.
func (s *Store) AddSchedule(ctx context.Context, sc feedback.Schedule) (id int, err error) {
	const (
		// The workspace's row serialises those that add: an id is given once.
		lock = `SELECT FROM workspaces WHERE id = $1 FOR UPDATE`
		next = `
			SELECT greatest((SELECT coalesce(max(id), 0) FROM schedules WHERE workspace_id = $1),
			    (SELECT coalesce(max(schedule_id), 0) FROM deliveries WHERE workspace_id = $1)) + 1,
			    (SELECT count(*) FROM schedules WHERE workspace_id = $1)`
		insert = `
			INSERT INTO schedules (workspace_id, id, cadence, weekday, day, minute, zone, period, targets, paused, served, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	)
	err = s.write(ctx, "save the schedule", func(tx pgx.Tx) error {
		if err := ensureWorkspace(ctx, tx, sc.Workspace); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, lock, sc.Workspace); err != nil {
			return err
		}
		var have int
		if err := tx.QueryRow(ctx, next, sc.Workspace).Scan(&id, &have); err != nil {
			return err
		}
		if have >= maxSchedules {
			return feedback.Errorf(feedback.Conflict, "workspace %q has %d schedules already", sc.Workspace, have).
				WithHint("remove one: earshot schedule remove S1")
		}
		_, err := tx.Exec(ctx, insert, sc.Workspace, id, string(sc.Cadence), int(sc.Weekday), max(1, sc.Day), sc.Minute, sc.Zone, sc.Period,
			sc.Targets, sc.Paused, sc.Served, sc.CreatedAt)
		return err
	})
	return id, err
}

const selectSchedules = `
	SELECT workspace_id, id, cadence, weekday, day, minute, zone, period, targets, paused, served, created_at FROM schedules `

// Schedules gives the schedules of a workspace, or of all where workspace is "", in the order of their ids.
func (s *Store) Schedules(ctx context.Context, workspace string) (list []feedback.Schedule, err error) {
	const find = selectSchedules + `WHERE $1 = '' OR workspace_id = $1 ORDER BY workspace_id, id`
	err = s.read(ctx, "load the schedules", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Schedule, error) {
			var sc feedback.Schedule
			err := row.Scan(&sc.Workspace, &sc.ID, (*string)(&sc.Cadence), (*int)(&sc.Weekday), &sc.Day, &sc.Minute, &sc.Zone, &sc.Period,
				&sc.Targets, &sc.Paused, &sc.Served, &sc.CreatedAt)
			return sc, err
		})
		return err
	})
	return list, err
}

// RemoveSchedule removes a schedule and what of it was not sent; the record of what was stays. It fails with NotFound.
func (s *Store) RemoveSchedule(ctx context.Context, workspace string, id int) error {
	const (
		remove = `DELETE FROM schedules WHERE workspace_id = $1 AND id = $2`
		unsent = `DELETE FROM deliveries WHERE workspace_id = $1 AND schedule_id = $2 AND state = 'waiting'`
	)
	return s.write(ctx, "remove the schedule", func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, remove, workspace, id)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			return noSchedule(workspace, id)
		}
		_, err = tx.Exec(ctx, unsent, workspace, id)
		return err
	})
}

// PauseSchedule stops a schedule, or lets it go on from now: what was due meanwhile is not made up for. It fails with
// NotFound.
func (s *Store) PauseSchedule(ctx context.Context, workspace string, id int, paused bool, now time.Time) error {
	const pause = `
		UPDATE schedules SET served = CASE WHEN paused AND NOT $3 THEN greatest(served, $4) ELSE served END, paused = $3
		WHERE workspace_id = $1 AND id = $2`
	return s.write(ctx, "pause the schedule", func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, pause, workspace, id, paused, now)
		if err == nil && done.RowsAffected() == 0 {
			return noSchedule(workspace, id)
		}
		return err
	})
}

func noSchedule(workspace string, id int) error {
	return feedback.Errorf(feedback.NotFound, "workspace %q has no schedule %s", workspace, feedback.ScheduleName(id)).
		WithHint("earshot schedule list shows those that there are")
}
