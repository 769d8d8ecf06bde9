package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// readAccounts reads the customers that said something negative or severe in the period, the most revenue first.
func readAccounts(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = heard + `
		SELECT c.id, coalesce(nullif(c.name, ''), c.id), c.segment, coalesce(c.arr, 0)::float8, count(DISTINCT p.item_id),
		    count(*) FILTER (WHERE p.sentiment < $6::numeric), count(*) FILTER (WHERE p.severity = 3),
		    ARRAY(SELECT q.cluster_id FROM points q
		          WHERE q.customer_id = c.id AND q.period = 1 AND q.cluster_id IS NOT NULL AND q.sentiment < $6::numeric
		          GROUP BY 1 ORDER BY count(*) DESC, 1)
		FROM points p JOIN customers c ON c.workspace_id = $1 AND c.id = p.customer_id
		WHERE p.period = 1
		GROUP BY c.workspace_id, c.id
		HAVING count(*) FILTER (WHERE p.sentiment < $6::numeric OR p.severity = 3) > 0
		ORDER BY c.arr DESC NULLS LAST, 6 DESC, c.id`
	rows, err := tx.Query(ctx, find, w.args(feedback.Negative)...)
	if err != nil {
		return err
	}
	snap.Accounts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.AccountFacts, error) {
		var a feedback.AccountFacts
		var clusters []int32
		err := row.Scan(&a.ID, &a.Name, &a.Segment, &a.ARR, &a.Items, &a.Negative, &a.Severe, &clusters)
		for _, c := range clusters {
			a.Clusters = append(a.Clusters, feedback.ClusterID(c))
		}
		return a, err
	})
	return err
}

// readShipped compares, for every feature that shipped since the period before began, the days after it with as many days
// before. Only links that count are followed: automatic and confirmed ones.
func readShipped(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = heard + `,
		shipped AS (
		    SELECT id, name, shipped_at, least($6::integer, ($5::timestamptz)::date - shipped_at) AS days FROM features
		    WHERE workspace_id = $1 AND status = 'shipped' AND shipped_at >= $3 AND shipped_at < $5
		)
		SELECT s.id, s.name, s.shipped_at, s.days,
		    count(DISTINCT p.item_id) FILTER (WHERE p.occurred_at < s.shipped_at),
		    count(DISTINCT p.item_id) FILTER (WHERE p.occurred_at >= s.shipped_at),
		    coalesce(round(avg(p.sentiment) FILTER (WHERE p.occurred_at < s.shipped_at), 4), 0)::float8,
		    coalesce(round(avg(p.sentiment) FILTER (WHERE p.occurred_at >= s.shipped_at), 4), 0)::float8,
		    coalesce(array_agg(DISTINCT l.cluster_id) FILTER (WHERE l.cluster_id IS NOT NULL), '{}')
		FROM shipped s
		LEFT JOIN links l ON l.workspace_id = $1 AND l.feature_id = s.id AND l.state IN ('automatic', 'confirmed')
		LEFT JOIN points p ON p.cluster_id = l.cluster_id
		    AND p.occurred_at >= s.shipped_at - s.days AND p.occurred_at < s.shipped_at + s.days
		GROUP BY s.id, s.name, s.shipped_at, s.days ORDER BY s.shipped_at DESC, s.id`
	rows, err := tx.Query(ctx, find, w.args(shippedSpan)...)
	if err != nil {
		return err
	}
	snap.Shipped, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.ShippedFacts, error) {
		var f feedback.ShippedFacts
		var clusters []int32
		err := row.Scan(&f.Feature, &f.Name, &f.ShippedAt, &f.Days, &f.Before, &f.After, &f.SentimentBefore,
			&f.SentimentAfter, &clusters)
		for _, c := range clusters {
			f.Clusters = append(f.Clusters, feedback.ClusterID(c))
		}
		return f, err
	})
	return err
}

func readSegments(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = heard + `,
		spoke AS (SELECT DISTINCT customer_id FROM heard WHERE period = 1)
		SELECT c.segment, count(*), count(s.customer_id),
		    coalesce(sum(c.arr) FILTER (WHERE s.customer_id IS NOT NULL), 0)::float8,
		    coalesce((SELECT count(*) FROM heard h JOIN customers u ON u.workspace_id = $1 AND u.id = h.customer_id
		              WHERE h.period = 1 AND u.segment = c.segment), 0),
		    coalesce((SELECT round(avg(p.sentiment), 4) FROM points p JOIN customers u ON u.workspace_id = $1 AND u.id = p.customer_id
		              WHERE p.period = 1 AND u.segment = c.segment), 0)::float8
		FROM customers c LEFT JOIN spoke s ON s.customer_id = c.id
		WHERE c.workspace_id = $1 AND c.segment <> ''
		GROUP BY c.segment ORDER BY 4 DESC, 1`
	rows, err := tx.Query(ctx, find, w.args()...)
	if err != nil {
		return err
	}
	snap.Segments, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.SegmentFacts, error) {
		var f feedback.SegmentFacts
		return f, row.Scan(&f.Name, &f.Known, &f.Customers, &f.ARR, &f.Items, &f.Sentiment)
	})
	return err
}

func readSources(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = heard + `
		SELECT source, count(*) FILTER (WHERE period = 1), count(*) FILTER (WHERE period = 0)
		FROM heard WHERE period >= 0 GROUP BY 1 ORDER BY 2 DESC, 1`
	rows, err := tx.Query(ctx, find, w.args()...)
	if err != nil {
		return err
	}
	snap.Sources, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.SourceFacts, error) {
		var f feedback.SourceFacts
		return f, row.Scan(&f.Name, &f.Items, &f.Before)
	})
	return err
}
