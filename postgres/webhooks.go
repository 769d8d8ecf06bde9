package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// ClaimDelivery takes a webhook's delivery until the lease ends, unless it was taken before; at expires it is forgotten.
// It fails with Conflict for one that was settled, a replay, and with Unavailable for one that another request has and did
// not settle yet. Deliveries that expired by now are removed.
func (s *Store) ClaimDelivery(ctx context.Context, workspace string, id [32]byte, now, lease, expires time.Time) error {
	const (
		forget = `DELETE FROM webhook_deliveries WHERE workspace_id = $1 AND expires_at < $2`
		claim  = `
			INSERT INTO webhook_deliveries AS d (workspace_id, id, claimed_until, expires_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (workspace_id, id) DO UPDATE SET claimed_until = excluded.claimed_until
			WHERE NOT d.settled AND d.claimed_until <= $5`
		look = `SELECT settled FROM webhook_deliveries WHERE workspace_id = $1 AND id = $2`
	)
	return s.write(ctx, "claim a delivery", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, forget, workspace, now); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, claim, workspace, id[:], lease, expires, now)
		if err != nil || tag.RowsAffected() == 1 {
			return err
		}
		var settled bool
		if err := tx.QueryRow(ctx, look, workspace, id[:]).Scan(&settled); err != nil {
			return err
		}
		if settled {
			return feedback.Errorf(feedback.Conflict, "the delivery was taken before")
		}
		return feedback.Errorf(feedback.Unavailable, "the delivery is being taken by another request")
	})
}

// SettleDelivery says that what a delivery brought is on disk: it is refused from now on.
func (s *Store) SettleDelivery(ctx context.Context, workspace string, id [32]byte) error {
	const settle = `UPDATE webhook_deliveries SET settled = true WHERE workspace_id = $1 AND id = $2`
	return s.write(ctx, "settle a delivery", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, settle, workspace, id[:])
		return err
	})
}

// ReleaseDelivery gives up the claim to a delivery that is not settled, so that it can be sent again at once.
func (s *Store) ReleaseDelivery(ctx context.Context, workspace string, id [32]byte) error {
	const release = `DELETE FROM webhook_deliveries WHERE workspace_id = $1 AND id = $2 AND NOT settled`
	return s.write(ctx, "release a delivery", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, release, workspace, id[:])
		return err
	})
}
