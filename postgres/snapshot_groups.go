package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// readGroups lists the clusters and themes that stand; the other queries fill in their facts.
func readGroups(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = `
		SELECT c.id, c.name, c.theme_id, t.name, c.keywords,
		    (SELECT min(e.occurred_at) FROM excerpts e
		     WHERE e.workspace_id = c.workspace_id AND e.cluster_id = c.id AND NOT e.spam)
		FROM clusters c JOIN themes t ON t.workspace_id = c.workspace_id AND t.id = c.theme_id
		WHERE c.workspace_id = $1 AND NOT c.retired ORDER BY c.id`
	rows, err := tx.Query(ctx, find, w.workspace)
	if err != nil {
		return err
	}
	snap.Clusters, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.ClusterFacts, error) {
		c := feedback.ClusterFacts{
			Now: newCounts(), Before: newCounts(), Weekly: make([]int, len(w.weeks)), Segments: map[string]int{},
		}
		var first *time.Time
		err := row.Scan((*int32)(&c.ID), &c.Name, (*int32)(&c.Theme), &c.ThemeName, &c.Keywords, &first)
		if first != nil {
			c.FirstSeen = *first
		}
		return c, err
	})
	if err != nil {
		return err
	}
	const themes = `SELECT id, name FROM themes WHERE workspace_id = $1 AND NOT retired ORDER BY id`
	if rows, err = tx.Query(ctx, themes, w.workspace); err != nil {
		return err
	}
	snap.Themes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.ThemeFacts, error) {
		t := feedback.ThemeFacts{Now: newCounts(), Before: newCounts(), Weekly: make([]int, len(w.weeks))}
		return t, row.Scan((*int32)(&t.ID), &t.Name)
	})
	return err
}

func newCounts() feedback.Counts { return feedback.Counts{Kinds: map[feedback.Kind]int{}} }

// group finds the facts of a row that stands for a cluster or, where cluster is nil, for a theme.
type group struct {
	snap    *feedback.Snapshot
	cluster *int32
	theme   *int32
	period  int
}

func (g *group) counts() *feedback.Counts {
	if g.cluster != nil {
		if c := findCluster(g.snap, *g.cluster); c != nil {
			return pick(g.period, &c.Now, &c.Before)
		}
		return nil
	}
	if t := findTheme(g.snap, g.theme); t != nil {
		return pick(g.period, &t.Now, &t.Before)
	}
	return nil
}

func pick(period int, now, before *feedback.Counts) *feedback.Counts {
	if period == 1 {
		return now
	}
	return before
}

func findCluster(snap *feedback.Snapshot, id int32) *feedback.ClusterFacts {
	for i := range snap.Clusters {
		if snap.Clusters[i].ID == feedback.ClusterID(id) {
			return &snap.Clusters[i]
		}
	}
	return nil
}

func findTheme(snap *feedback.Snapshot, id *int32) *feedback.ThemeFacts {
	if id == nil {
		return nil
	}
	for i := range snap.Themes {
		if snap.Themes[i].ID == feedback.ThemeID(*id) {
			return &snap.Themes[i]
		}
	}
	return nil
}

// readCounts counts every cluster and every theme in both periods: an item in two clusters of one theme is one item of it.
func readCounts(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = heard + `
		SELECT period, cluster_id, theme_id, count(DISTINCT item_id), count(*), count(DISTINCT customer_id),
		    coalesce(round(avg(sentiment), 4), 0)::float8,
		    count(*) FILTER (WHERE sentiment < $6::numeric), count(*) FILTER (WHERE sentiment > $7::numeric),
		    count(*) FILTER (WHERE severity = 3),
		    ARRAY(SELECT count(*) FILTER (WHERE k = x) FROM unnest(array_agg(kind)) AS k, unnest($8::text[]) AS x GROUP BY x
		          ORDER BY array_position($8::text[], x))
		FROM points WHERE period >= 0 AND cluster_id IS NOT NULL
		GROUP BY GROUPING SETS ((period, cluster_id), (period, theme_id))`
	kinds := make([]string, len(feedback.Kinds))
	for i, k := range feedback.Kinds {
		kinds[i] = string(k)
	}
	rows, err := tx.Query(ctx, find, w.args(feedback.Negative, feedback.Positive, kinds)...)
	if err != nil {
		return err
	}
	g := group{snap: snap}
	var c feedback.Counts
	var byKind []int
	_, err = pgx.ForEachRow(rows, []any{&g.period, &g.cluster, &g.theme, &c.Items, &c.Excerpts, &c.Customers, &c.Sentiment,
		&c.Negative, &c.Positive, &c.Severe, &byKind}, func() error {
		to := g.counts()
		if to == nil {
			return nil
		}
		*to = c
		to.Kinds = make(map[feedback.Kind]int, len(byKind))
		for i, n := range byKind {
			if n > 0 {
				to.Kinds[feedback.Kinds[i]] = n
			}
		}
		return nil
	})
	return err
}

// readRevenue adds up the ARR of the distinct customers of every cluster and theme.
func readRevenue(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = heard + `
		SELECT p.period, p.cluster_id, p.theme_id, coalesce(sum(c.arr), 0)::float8
		FROM (SELECT period, cluster_id, NULL::integer AS theme_id, customer_id FROM points
		      WHERE period >= 0 AND cluster_id IS NOT NULL AND customer_id IS NOT NULL
		      UNION
		      SELECT period, NULL, theme_id, customer_id FROM points
		      WHERE period >= 0 AND theme_id IS NOT NULL AND customer_id IS NOT NULL) p
		JOIN customers c ON c.workspace_id = $1 AND c.id = p.customer_id
		GROUP BY 1, 2, 3`
	rows, err := tx.Query(ctx, find, w.args()...)
	if err != nil {
		return err
	}
	g := group{snap: snap}
	var arr float64
	_, err = pgx.ForEachRow(rows, []any{&g.period, &g.cluster, &g.theme, &arr}, func() error {
		if to := g.counts(); to != nil {
			to.ARR = arr
		}
		return nil
	})
	return err
}

func readWeekly(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = heard + `
		SELECT cluster_id, theme_id, floor(extract(epoch FROM occurred_at - $6::timestamptz) / (7 * 86400))::integer AS week,
		    count(DISTINCT item_id)
		FROM points WHERE cluster_id IS NOT NULL AND occurred_at >= $6
		GROUP BY GROUPING SETS ((cluster_id, week), (theme_id, week))`
	rows, err := tx.Query(ctx, find, w.args(w.weeks[0])...)
	if err != nil {
		return err
	}
	g := group{snap: snap}
	var week, items int
	_, err = pgx.ForEachRow(rows, []any{&g.cluster, &g.theme, &week, &items}, func() error {
		if g.cluster == nil {
			if t := findTheme(snap, g.theme); t != nil {
				t.Weekly[week] = items
			}
		} else if c := findCluster(snap, *g.cluster); c != nil {
			c.Weekly[week] = items
		}
		return nil
	})
	return err
}

// readSegmentsOfClusters counts the items of the period by segment, and lists the clusters of every theme by size.
func readSegmentsOfClusters(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = heard + `
		SELECT p.cluster_id, coalesce(c.segment, ''), count(DISTINCT p.item_id)
		FROM points p LEFT JOIN customers c ON c.workspace_id = $1 AND c.id = p.customer_id
		WHERE p.period = 1 AND p.cluster_id IS NOT NULL GROUP BY 1, 2`
	rows, err := tx.Query(ctx, find, w.args()...)
	if err != nil {
		return err
	}
	var id int32
	var segment string
	var items int
	if _, err := pgx.ForEachRow(rows, []any{&id, &segment, &items}, func() error {
		if c := findCluster(snap, id); c != nil {
			c.Segments[segment] = items
		}
		return nil
	}); err != nil {
		return err
	}
	const order = heard + `
		SELECT c.theme_id, array_agg(c.id ORDER BY n.items DESC NULLS LAST, c.id)
		FROM clusters c
		LEFT JOIN (SELECT cluster_id, count(DISTINCT item_id) AS items FROM points WHERE period = 1 GROUP BY 1) n
		    ON n.cluster_id = c.id
		WHERE c.workspace_id = $1 AND NOT c.retired GROUP BY 1`
	if rows, err = tx.Query(ctx, order, w.args()...); err != nil {
		return err
	}
	var clusters []int32
	_, err = pgx.ForEachRow(rows, []any{&id, &clusters}, func() error {
		if t := findTheme(snap, &id); t != nil {
			for _, c := range clusters {
				t.Clusters = append(t.Clusters, feedback.ClusterID(c))
			}
		}
		return nil
	})
	return err
}

// readQuotes picks excerpts of the period that stand for their cluster: of a length that can be quoted, near the centroid,
// one of an item and one of a customer.
func readQuotes(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = heard + `,
		candidates AS (
		    SELECT p.*, row_number() OVER (
		        PARTITION BY cluster_id, coalesce(customer_id, item_id::text)
		        ORDER BY octet_length(text) BETWEEN 40 AND 280 DESC, similarity DESC NULLS LAST, id) AS nth
		    FROM points p WHERE period = 1 AND cluster_id IS NOT NULL
		), ranked AS (
		    SELECT *, row_number() OVER (
		        PARTITION BY cluster_id
		        ORDER BY octet_length(text) BETWEEN 40 AND 280 DESC, similarity DESC NULLS LAST, id) AS place
		    FROM candidates WHERE nth = 1
		)
		SELECT r.cluster_id, r.id, r.item_id, r.start_byte, r.end_byte, r.text, r.source, r.occurred_at,
		    coalesce(nullif(c.name, ''), r.customer_id, ''), coalesce(c.segment, ''), coalesce(r.sentiment, 0)::float8,
		    coalesce(r.severity, 0)
		FROM ranked r LEFT JOIN customers c ON c.workspace_id = $1 AND c.id = r.customer_id
		WHERE place <= $6 ORDER BY r.cluster_id, place`
	rows, err := tx.Query(ctx, find, w.args(snapshotQuotes)...)
	if err != nil {
		return err
	}
	var id int32
	var q feedback.Quote
	_, err = pgx.ForEachRow(rows, []any{&id, (*[16]byte)(&q.Excerpt), (*[16]byte)(&q.Item), &q.Start, &q.End, &q.Text,
		&q.Source, &q.OccurredAt, &q.Customer, &q.Segment, &q.Sentiment, &q.Severity}, func() error {
		if c := findCluster(snap, id); c != nil {
			c.Quotes = append(c.Quotes, q)
		}
		return nil
	})
	return err
}

func readClusterLinks(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = `
		SELECT DISTINCT ON (l.cluster_id) l.cluster_id, f.id, f.name, f.status, f.shipped_at, l.state, l.score::numeric::float8
		FROM links l JOIN features f ON f.workspace_id = l.workspace_id AND f.id = l.feature_id
		WHERE l.workspace_id = $1 AND l.state <> 'rejected'
		ORDER BY l.cluster_id, array_position(ARRAY['confirmed', 'automatic', 'suggested'], l.state), l.score DESC, f.id`
	rows, err := tx.Query(ctx, find, w.workspace)
	if err != nil {
		return err
	}
	var id int32
	var l feedback.LinkFacts
	var shipped *time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &l.Feature, &l.Name, (*string)(&l.Status), &shipped, (*string)(&l.State), &l.Score},
		func() error {
			if c := findCluster(snap, id); c != nil {
				link := l
				link.ShippedAt = time.Time{}
				if shipped != nil {
					link.ShippedAt = *shipped
				}
				c.Link = &link
			}
			return nil
		})
	return err
}
