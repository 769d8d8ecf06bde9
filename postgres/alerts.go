package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// SaveAlerts keeps alerts, each named once, as they are after a look, and what is to be delivered of them, both or nothing. Of two processes
// that raise one alert at a time the second fails with Conflict, and finds it standing at its next look. The words of the
// evidence are not kept twice: they are read from the excerpts again, so that what is erased is gone here too.
func (s *Store) SaveAlerts(ctx context.Context, alerts []feedback.Alert, deliveries []feedback.Delivery) error {
	const save = `
		INSERT INTO alerts (workspace_id, id, kind, subject, open, opened_at, document)
		SELECT workspace_id, id, kind, subject, open, opened_at, document::jsonb
		FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[], $7::text[])
		    WITH ORDINALITY AS n (workspace_id, id, kind, subject, open, opened_at, document, i)
		ORDER BY i -- one that closes comes before the next of its subject
		ON CONFLICT (workspace_id, id) DO UPDATE SET open = excluded.open AND alerts.open, document = excluded.document
		WHERE alerts.open`
	return s.write(ctx, "save the alerts", func(tx pgx.Tx) error {
		var workspaces, kinds, subjects, documents []string
		var ids [][16]byte
		var open []bool
		var opened []time.Time
		for _, a := range alerts {
			words := a.Evidence
			a.Evidence = make([]feedback.Quote, len(words))
			for i, q := range words {
				a.Evidence[i] = feedback.Quote{Excerpt: q.Excerpt}
			}
			document, err := json.Marshal(a)
			if err != nil {
				return err
			}
			workspaces, ids, kinds = append(workspaces, a.Workspace), append(ids, a.ID), append(kinds, string(a.Kind))
			subjects, open, opened = append(subjects, a.Subject), append(open, a.Open), append(opened, a.OpenedAt)
			documents = append(documents, string(document))
		}
		if _, err := tx.Exec(ctx, save, workspaces, ids, kinds, subjects, open, opened, documents); err != nil {
			return err
		}
		return addDeliveries(ctx, tx, deliveries)
	})
}

// Alerts gives the alerts of a workspace, those that stand first and then the latest, at most limit of them.
func (s *Store) Alerts(ctx context.Context, workspace string, openOnly bool, limit int) (list []feedback.Alert, err error) {
	const find = `
		SELECT document FROM alerts WHERE workspace_id = $1 AND (open OR NOT $2)
		ORDER BY open DESC, opened_at DESC, id LIMIT $3`
	return s.alerts(ctx, workspace, find, workspace, openOnly, limit)
}

// AlertByID gives one alert, or NotFound.
func (s *Store) AlertByID(ctx context.Context, workspace string, id feedback.ID) (feedback.Alert, error) {
	const find = `SELECT document FROM alerts WHERE workspace_id = $1 AND id = $2`
	list, err := s.alerts(ctx, workspace, find, workspace, [16]byte(id))
	if err != nil {
		return feedback.Alert{}, err
	}
	if len(list) == 0 {
		return feedback.Alert{}, feedback.Errorf(feedback.NotFound, "workspace %q has no alert %s", workspace, id)
	}
	return list[0], nil
}

func (s *Store) alerts(ctx context.Context, workspace, query string, args ...any) (list []feedback.Alert, err error) {
	err = s.read(ctx, "load the alerts", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (a feedback.Alert, err error) {
			var document []byte
			if err := row.Scan(&document); err != nil {
				return a, err
			}
			return a, json.Unmarshal(document, &a)
		})
		if err != nil {
			return err
		}
		return readEvidence(ctx, tx, workspace, list)
	})
	return list, err
}

// readEvidence fills in the evidence of alerts as the excerpts stand now, and leaves out what is there no more.
func readEvidence(ctx context.Context, tx pgx.Tx, workspace string, list []feedback.Alert) error {
	const find = `
		SELECT e.id, e.item_id, e.start_byte, e.end_byte, e.text, i.source, e.occurred_at, coalesce(nullif(c.name, ''), i.customer_id, ''),
		    coalesce(c.segment, ''), coalesce(e.sentiment, 0)::numeric::float8, coalesce(e.severity, 0)
		FROM excerpts e JOIN items i ON i.workspace_id = e.workspace_id AND i.id = e.item_id
		LEFT JOIN customers c ON c.workspace_id = i.workspace_id AND c.id = i.customer_id
		WHERE e.workspace_id = $1 AND e.id = ANY ($2::uuid[]) AND NOT e.spam`
	ids := [][16]byte{}
	for _, a := range list {
		for _, q := range a.Evidence {
			ids = append(ids, q.Excerpt)
		}
	}
	rows, err := tx.Query(ctx, find, workspace, ids)
	if err != nil {
		return err
	}
	found := map[feedback.ID]feedback.Quote{}
	var q feedback.Quote
	_, err = pgx.ForEachRow(rows, []any{(*[16]byte)(&q.Excerpt), (*[16]byte)(&q.Item), &q.Start, &q.End, &q.Text, &q.Source, &q.OccurredAt, &q.Customer,
		&q.Segment, &q.Sentiment, &q.Severity}, func() error {
		found[q.Excerpt] = q
		return nil
	})
	if err != nil {
		return err
	}
	for i := range list {
		kept := []feedback.Quote{}
		for _, q := range list[i].Evidence {
			if whole, ok := found[q.Excerpt]; ok {
				kept = append(kept, whole)
			}
		}
		list[i].Evidence = kept
	}
	return nil
}
