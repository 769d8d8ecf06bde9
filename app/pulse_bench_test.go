package app_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/app"
	"earshot/report"
)

// fillYear writes a workspace of n excerpts, each of an item of its own, spread evenly over a year up to 28 June 2026: a
// hundred topics of uneven size under fifteen themes, one account to every fifty items, a hundred features.
func fillYear(b *testing.B, a *app.App, workspace string, n int) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), a.DatabaseURL())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(b.Context()))
	for _, statement := range []string{
		`INSERT INTO workspaces (id) VALUES ($1)`,
		`INSERT INTO models (name, version, dimensions) VALUES ('bench', '1', 3) ON CONFLICT DO NOTHING`,
		`INSERT INTO customers (workspace_id, id, name, segment, arr)
		 SELECT $1, 'c' || i, 'Customer ' || i, (ARRAY['enterprise', 'mid-market', 'small', ''])[1 + i % 4], (i * 7919) % 400000
		 FROM generate_series(1, greatest(1, $2::integer / 50)) i`,
		`INSERT INTO items (workspace_id, id, source, external_id, content_hash, body_hash, occurred_at, received_at, title, body, language,
		     customer_id, url, attributes, spam)
		 SELECT $1, md5($1 || i)::uuid, (ARRAY['zendesk', 'app-store', 'survey'])[1 + i % 3], i::text, sha256(i::text::bytea), sha256(i::text::bytea),
		     timestamptz '2026-06-28 23:00Z' - i * (interval '365 days' / $2::integer), now(), '',
		     'The thing of item number ' || i || ' stopped working after the update, and that costs us an hour each day.', 'en',
		     CASE WHEN i % 5 > 0 THEN 'c' || (1 + (i::bigint * 31) % greatest(1, $2::integer / 50)) END, '', '{}', false
		 FROM generate_series(1, $2::integer) i`,
		`INSERT INTO themes (workspace_id, id, name) SELECT $1, i, 'Theme ' || i FROM generate_series(1, 15) i WHERE $2::integer > 0`,
		`INSERT INTO clusters (workspace_id, id, theme_id, model_id, name, summary, keywords, centroid, floor, born_run)
		 SELECT $1, i, 1 + i % 15, (SELECT id FROM models WHERE name = 'bench'), 'Topic ' || i, '', '{a,b,c}', '[1,0,0]', 0.5, 1
		 FROM generate_series(1, 100) i WHERE $2::integer > 0`,
		`INSERT INTO excerpts (workspace_id, id, item_id, ordinal, start_byte, end_byte, text, occurred_at, spam, model_id, sentiment, kind, severity,
		     language, cluster_id, similarity)
		 SELECT $1, md5('e' || $1 || n)::uuid, i.id, 0, 0, octet_length(i.body), i.body, i.occurred_at, false,
		     (SELECT id FROM models WHERE name = 'bench'), (n * 37 % 200 - 120) / 200.0, (ARRAY['bug', 'request', 'complaint', 'praise'])[1 + n % 4],
		     n % 4, 'en', CASE WHEN n % 20 > 0 THEN 1 + (power(n * 61 % 1000 / 1000.0, 2) * 100)::integer % 100 END, (n % 97) / 97.0
		 FROM (SELECT i.*, external_id::integer AS n FROM items i WHERE workspace_id = $1 AND $2::integer > 0) i`,
		`INSERT INTO forming (workspace_id, ordinal, name, summary, keywords, excerpts, recent, before, chance, since, seen_at, looked)
		 SELECT $1, g, 'Group ' || g, '', '{a}', ARRAY(SELECT id FROM excerpts WHERE workspace_id = $1 AND cluster_id IS NULL
		     ORDER BY occurred_at DESC OFFSET 100 * g LIMIT 100), 1, 1, 0.001, now(), now(), 50
		 FROM generate_series(0, 3) g WHERE $2::integer > 0`,
		`VACUUM ANALYZE`,
	} {
		args := []any{workspace, n}
		switch statement {
		case `INSERT INTO workspaces (id) VALUES ($1)`:
			args = args[:1]
		case `INSERT INTO models (name, version, dimensions) VALUES ('bench', '1', 3) ON CONFLICT DO NOTHING`, `VACUUM ANALYZE`:
			args = nil
		}
		if _, err := conn.Exec(b.Context(), statement, args...); err != nil {
			b.Fatalf("%v: %.80s", err, statement)
		}
	}
}

// BenchmarkPulse measures, over a year's feedback, the way from the snapshot to the HTML page of the last 30 days, and a look
// for alerts.
func BenchmarkPulse(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a := openBench(b)
			fillYear(b, a, "bench", n)
			b.Run("page", func(b *testing.B) {
				for b.Loop() {
					doc, err := a.Report(b.Context(), "bench", app.DefaultPeriod, "")
					if err != nil {
						b.Fatal(err)
					}
					page, err := report.HTML(doc, report.Options{})
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(len(page))/1000, "KB-page")
					b.ReportMetric(float64(doc.Snapshot.Coverage.Excerpts), "excerpts-in-period")
				}
			})
			b.Run("alerts", func(b *testing.B) {
				for b.Loop() {
					if _, err := a.CheckAlerts(b.Context(), "bench", time.Date(2026, 6, 28, 23, 0, 0, 0, time.UTC)); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
