package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// Plan says that a schedule is served up to due, and keeps what is to be delivered for it, both or nothing. Of several
// processes that plan one moment only one does, and gets true.
func (s *Store) Plan(ctx context.Context, workspace string, schedule int, due time.Time, deliveries []feedback.Delivery) (planned bool, err error) {
	const serve = `
		UPDATE schedules SET served = $3 WHERE workspace_id = $1 AND id = $2 AND served < $3 AND NOT paused`
	err = s.write(ctx, "plan deliveries", func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, serve, workspace, schedule, due)
		if planned = err == nil && done.RowsAffected() > 0; !planned {
			return err
		}
		return addDeliveries(ctx, tx, deliveries)
	})
	return planned && err == nil, err
}

// AddDeliveries keeps deliveries that are to be sent. One that is kept already stays as it is.
func (s *Store) AddDeliveries(ctx context.Context, deliveries []feedback.Delivery) error {
	return s.write(ctx, "plan deliveries", func(tx pgx.Tx) error { return addDeliveries(ctx, tx, deliveries) })
}

func addDeliveries(ctx context.Context, tx pgx.Tx, deliveries []feedback.Delivery) error {
	const insert = `
		INSERT INTO deliveries (id, workspace_id, schedule_id, kind, target, due, period, subject, state, next_at, updated_at)
		SELECT id, workspace_id, schedule_id, kind, target, due, period, subject, 'waiting', at, at
		FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[], $9::timestamptz[])
		    AS n (id, workspace_id, schedule_id, kind, target, due, period, subject, at)
		ON CONFLICT (id) DO NOTHING`
	var ids [][16]byte
	var workspaces, kinds, targets, periods, subjects []string
	var schedules []int32
	var due, at []time.Time
	for _, d := range deliveries {
		ids, workspaces, schedules = append(ids, d.ID), append(workspaces, d.Workspace), append(schedules, int32(d.Schedule))
		kinds, targets, due = append(kinds, string(d.Kind)), append(targets, d.Target), append(due, d.Due)
		periods, subjects, at = append(periods, d.Period), append(subjects, d.Subject), append(at, d.UpdatedAt)
	}
	_, err := tx.Exec(ctx, insert, ids, workspaces, schedules, kinds, targets, due, periods, subjects, at)
	return err
}

const deliveryColumns = `id, workspace_id, schedule_id, kind, target, due, period, subject, state, attempts, next_at, updated_at, error`

func scanDelivery(row pgx.CollectableRow) (d feedback.Delivery, err error) {
	return d, row.Scan((*[16]byte)(&d.ID), &d.Workspace, &d.Schedule, (*string)(&d.Kind), &d.Target, &d.Due, &d.Period, &d.Subject,
		(*string)(&d.State), &d.Attempts, &d.NextAt, &d.UpdatedAt, &d.Error)
}

// Claim takes the next delivery that may be sent at now, for the length of lease: no other process gets it meanwhile. One
// whose claim ran out is taken too, with Cut set: whether it was sent is not known. only is the one delivery to take, or
// the zero ID for any. ok is false where there is none.
func (s *Store) Claim(ctx context.Context, now time.Time, lease time.Duration, only feedback.ID) (d feedback.Delivery, ok bool, err error) {
	const claim = `
		WITH next AS (
		    SELECT id, state FROM deliveries
		    WHERE state IN ('waiting', 'sending') AND next_at <= $1 AND ($3::uuid IS NULL OR id = $3)
		    ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
		UPDATE deliveries d SET state = 'sending', attempts = attempts + 1, next_at = $2, updated_at = $1
		FROM next n WHERE d.id = n.id
		RETURNING d.id, workspace_id, schedule_id, kind, target, due, period, subject, d.state, attempts, next_at, updated_at, error,
		    n.state = 'sending'`
	var one *[16]byte
	if only != (feedback.ID{}) {
		one = (*[16]byte)(&only)
	}
	err = s.write(ctx, "claim a delivery", func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, claim, now, now.Add(lease), one).Scan((*[16]byte)(&d.ID), &d.Workspace, &d.Schedule, (*string)(&d.Kind),
			&d.Target, &d.Due, &d.Period, &d.Subject, (*string)(&d.State), &d.Attempts, &d.NextAt, &d.UpdatedAt, &d.Error, &d.Cut)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		ok = err == nil
		return err
	})
	return d, ok, err
}

// Record writes down what became of a claimed delivery. It fails with Conflict when the claim ran out and another process
// took it over: that one's word counts.
func (s *Store) Record(ctx context.Context, d feedback.Delivery) error {
	const record = `
		UPDATE deliveries SET state = $3, next_at = $4, updated_at = $5, error = $6
		WHERE id = $1 AND workspace_id = $7 AND attempts = $2 AND state = 'sending'`
	return s.write(ctx, "record a delivery", func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, record, [16]byte(d.ID), d.Attempts, string(d.State), d.NextAt, d.UpdatedAt, d.Error, d.Workspace)
		if err == nil && done.RowsAffected() == 0 {
			return feedback.Errorf(feedback.Conflict, "delivery %s was taken over", d.ID)
		}
		return err
	})
}

// SetSubject says which Pulse the deliveries of a schedule's moment carry, unless that is settled, and gives the one that
// it is: all targets get the same.
func (s *Store) SetSubject(ctx context.Context, d feedback.Delivery, subject string) (settled string, err error) {
	const (
		set = `
			UPDATE deliveries SET subject = $4
			WHERE workspace_id = $1 AND schedule_id = $2 AND due = $3 AND kind = 'pulse' AND subject = ''`
		get = `SELECT subject FROM deliveries WHERE workspace_id = $1 AND id = $2`
	)
	err = s.write(ctx, "settle what is delivered", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, set, d.Workspace, d.Schedule, d.Due, subject); err != nil {
			return err
		}
		return tx.QueryRow(ctx, get, d.Workspace, [16]byte(d.ID)).Scan(&settled)
	})
	return settled, err
}

// Deliveries gives the record of a workspace, the latest first, at most limit of it.
func (s *Store) Deliveries(ctx context.Context, workspace string, limit int) (list []feedback.Delivery, err error) {
	const find = `SELECT ` + deliveryColumns + ` FROM deliveries WHERE workspace_id = $1 ORDER BY updated_at DESC, id LIMIT $2`
	err = s.read(ctx, "load the deliveries", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanDelivery)
		return err
	})
	return list, err
}

// DeliveryByID gives one delivery of a workspace, or NotFound.
func (s *Store) DeliveryByID(ctx context.Context, workspace string, id feedback.ID) (d feedback.Delivery, err error) {
	const find = `SELECT ` + deliveryColumns + ` FROM deliveries WHERE workspace_id = $1 AND id = $2`
	err = s.read(ctx, "load the delivery", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace, [16]byte(id))
		if err != nil {
			return err
		}
		d, err = pgx.CollectExactlyOneRow(rows, scanDelivery)
		return err
	})
	return d, err
}
