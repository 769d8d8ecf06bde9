package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// gatherAccounts fills a table of the transaction with the customers that said something negative or severe in the period.
const gatherAccounts = `
	CREATE TEMP TABLE accounts (
	    customer integer NOT NULL,
	    items    integer NOT NULL,
	    negative integer NOT NULL,
	    severe   integer NOT NULL
	) ON COMMIT DROP`

// readAccounts reads the accounts that said something negative or severe in the period, the most revenue first, and adds
// all of them up.
func readAccounts(ctx context.Context, tx pgx.Tx, _ window, snap *feedback.Snapshot) error {
	const (
		fill = `
			INSERT INTO accounts
			SELECT customer, count(DISTINCT item), count(*) FILTER (WHERE mood < $1), count(*) FILTER (WHERE severity = 3)
			FROM points WHERE period = 1 AND customer IS NOT NULL GROUP BY 1
			HAVING count(*) FILTER (WHERE mood < $1 OR severity = 3) > 0`
		find = `
			WITH top AS (
			    SELECT a.*, c.id, c.name, c.segment, c.arr FROM accounts a JOIN spoke c ON c.n = a.customer
			    ORDER BY c.arr DESC NULLS LAST, a.negative DESC, c.id LIMIT $2
			), about AS (
			    SELECT customer, array_agg(cluster_id ORDER BY points DESC, cluster_id) AS clusters
			    FROM (SELECT customer, cluster_id, count(*) AS points FROM points
			          WHERE period = 1 AND cluster_id IS NOT NULL AND mood < $1 AND customer IN (SELECT customer FROM top)
			          GROUP BY 1, 2) AS n
			    GROUP BY 1
			)
			SELECT t.id, t.name, t.segment, coalesce(t.arr, 0)::float8, t.items, t.negative, t.severe, coalesce(b.clusters, '{}')
			FROM top t LEFT JOIN about b ON b.customer = t.customer
			ORDER BY t.arr DESC NULLS LAST, t.negative DESC, t.id`
		total = `
			SELECT count(*) FILTER (WHERE a.negative > 0), coalesce(sum(c.arr) FILTER (WHERE a.negative > 0), 0)::float8,
			    count(*) FILTER (WHERE a.severe > 0), coalesce(sum(c.arr) FILTER (WHERE a.severe > 0), 0)::float8
			FROM accounts a JOIN spoke c ON c.n = a.customer`
		byCluster = `
			SELECT n.cluster_id, count(*), coalesce(sum(c.arr), 0)::float8
			FROM (SELECT DISTINCT cluster_id, customer FROM points
			      WHERE period = 1 AND cluster_id IS NOT NULL AND customer IS NOT NULL AND mood < $1) AS n
			JOIN spoke c ON c.n = n.customer GROUP BY 1 ORDER BY 1`
	)
	negative := units(feedback.Negative)
	if _, err := tx.Exec(ctx, gatherAccounts); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, fill, negative); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, find, negative, snapshotAccounts)
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
	if err != nil {
		return err
	}
	snap.Stake = &feedback.StakeFacts{}
	k := snap.Stake
	if err := tx.QueryRow(ctx, total).Scan(&k.Accounts, &k.ARR, &k.SevereAccounts, &k.SevereARR); err != nil {
		return err
	}
	if rows, err = tx.Query(ctx, byCluster, negative); err != nil {
		return err
	}
	k.Clusters, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.ClusterStake, error) {
		var c feedback.ClusterStake
		return c, row.Scan((*int32)(&c.ID), &c.Accounts, &c.ARR)
	})
	return err
}

// readShipped compares, for every feature that shipped since the period before began, the days after it with as many days
// before. Only links that count are followed: automatic and confirmed ones.
func readShipped(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = `
		WITH shipped AS (
		    SELECT id, name, shipped_at, least($4::integer, ($3::timestamptz)::date - shipped_at) AS days FROM features
		    WHERE workspace_id = $1 AND status = 'shipped' AND shipped_at >= $2 AND shipped_at < $3
		)
		SELECT s.id, s.name, s.shipped_at, s.days,
		    count(DISTINCT p.item) FILTER (WHERE p.occurred_at < s.shipped_at),
		    count(DISTINCT p.item) FILTER (WHERE p.occurred_at >= s.shipped_at),
		    coalesce(round(avg(p.mood) FILTER (WHERE p.occurred_at < s.shipped_at) / 1e9, 4), 0)::float8,
		    coalesce(round(avg(p.mood) FILTER (WHERE p.occurred_at >= s.shipped_at) / 1e9, 4), 0)::float8,
		    coalesce(array_agg(DISTINCT l.cluster_id) FILTER (WHERE l.cluster_id IS NOT NULL), '{}')
		FROM shipped s
		LEFT JOIN links l ON l.workspace_id = $1 AND l.feature_id = s.id AND l.state IN ('automatic', 'confirmed')
		    AND l.cluster_id NOT IN (SELECT id FROM clusters WHERE workspace_id = $1 AND hidden)
		LEFT JOIN points p ON p.cluster_id = l.cluster_id
		    AND p.occurred_at >= s.shipped_at - s.days AND p.occurred_at < s.shipped_at + s.days
		GROUP BY s.id, s.name, s.shipped_at, s.days ORDER BY s.shipped_at DESC, s.id`
	rows, err := tx.Query(ctx, find, w.workspace, w.previous.Start, w.period.End, shippedSpan)
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

func readSegments(ctx context.Context, tx pgx.Tx, _ window, snap *feedback.Snapshot) error {
	const find = `
		WITH heard AS (
		    SELECT c.segment, count(*) AS items, count(DISTINCT h.customer) AS customers
		    FROM said h JOIN spoke c ON c.n = h.customer WHERE h.period = 1 AND NOT h.repeat GROUP BY 1
		), moods AS (
		    SELECT c.segment, avg(p.mood) AS mood FROM points p JOIN spoke c ON c.n = p.customer WHERE p.period = 1 GROUP BY 1
		), revenue AS (
		    SELECT segment, sum(arr) AS arr FROM spoke
		    WHERE n IN (SELECT customer FROM said WHERE period = 1 AND NOT repeat) GROUP BY 1
		)
		SELECT c.segment, count(*), coalesce(h.customers, 0), coalesce(r.arr, 0)::float8, coalesce(h.items, 0),
		    coalesce(round(m.mood / 1e9, 4), 0)::float8
		FROM spoke c
		LEFT JOIN heard h ON h.segment = c.segment
		LEFT JOIN moods m ON m.segment = c.segment
		LEFT JOIN revenue r ON r.segment = c.segment
		WHERE c.segment <> ''
		GROUP BY c.segment, h.customers, h.items, r.arr, m.mood ORDER BY 4 DESC, 1`
	rows, err := tx.Query(ctx, find)
	if err != nil {
		return err
	}
	snap.Segments, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.SegmentFacts, error) {
		var f feedback.SegmentFacts
		return f, row.Scan(&f.Name, &f.Known, &f.Customers, &f.ARR, &f.Items, &f.Sentiment)
	})
	return err
}

func readSources(ctx context.Context, tx pgx.Tx, _ window, snap *feedback.Snapshot) error {
	const find = `
		SELECT source, count(*) FILTER (WHERE period = 1), count(*) FILTER (WHERE period = 0)
		FROM said WHERE period >= 0 AND NOT repeat GROUP BY 1 ORDER BY 2 DESC, 1`
	rows, err := tx.Query(ctx, find)
	if err != nil {
		return err
	}
	snap.Sources, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.SourceFacts, error) {
		var f feedback.SourceFacts
		return f, row.Scan(&f.Name, &f.Items, &f.Before)
	})
	return err
}
