package postgres

import (
	"cmp"
	"context"
	"slices"
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
		WHERE c.workspace_id = $1 AND NOT c.retired AND NOT c.hidden ORDER BY c.id`
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
	if w.segment != "" {
		if err := readFirstHeard(ctx, tx, w, snap); err != nil {
			return err
		}
	}
	const themes = `
		SELECT id, name FROM themes t
		WHERE workspace_id = $1 AND NOT retired AND EXISTS (
		    SELECT FROM clusters c WHERE c.workspace_id = $1 AND c.theme_id = t.id AND NOT c.retired AND NOT c.hidden)
		ORDER BY id`
	if rows, err = tx.Query(ctx, themes, w.workspace); err != nil {
		return err
	}
	snap.Themes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.ThemeFacts, error) {
		t := feedback.ThemeFacts{Now: newCounts(), Before: newCounts(), Weekly: make([]int, len(w.weeks))}
		return t, row.Scan((*int32)(&t.ID), &t.Name)
	})
	return err
}

// readFirstHeard dates each cluster by what the segment's own customers said of it: what others said before is nothing that
// the segment came back to.
func readFirstHeard(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = `
		SELECT e.cluster_id, min(e.occurred_at)
		FROM items i JOIN excerpts e ON e.workspace_id = i.workspace_id AND e.item_id = i.id
		WHERE i.workspace_id = $1 AND NOT i.spam AND i.customer_id IN (SELECT id FROM spoke) AND e.cluster_id IS NOT NULL
		GROUP BY 1`
	for i := range snap.Clusters {
		snap.Clusters[i].FirstSeen = time.Time{}
	}
	rows, err := tx.Query(ctx, find, w.workspace)
	if err != nil {
		return err
	}
	var id int32
	var first time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &first}, func() error {
		if c := findCluster(snap, id); c != nil {
			c.FirstSeen = first
		}
		return nil
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

// findCluster finds a cluster of the snapshot, which has them in the order of their ids.
func findCluster(snap *feedback.Snapshot, id int32) *feedback.ClusterFacts {
	i, ok := slices.BinarySearchFunc(snap.Clusters, feedback.ClusterID(id), func(c feedback.ClusterFacts, id feedback.ClusterID) int {
		return cmp.Compare(c.ID, id)
	})
	if !ok {
		return nil
	}
	return &snap.Clusters[i]
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
func readCounts(ctx context.Context, tx pgx.Tx, _ window, snap *feedback.Snapshot) error {
	const find = `
		SELECT period, cluster_id, theme_id, count(DISTINCT item), count(*), count(DISTINCT customer),
		    coalesce(round(avg(mood) / 1e9, 4), 0)::float8, count(*) FILTER (WHERE mood < $1), count(*) FILTER (WHERE mood > $2),
		    count(*) FILTER (WHERE severity = 3)
		FROM points WHERE period >= 0 AND cluster_id IS NOT NULL
		GROUP BY GROUPING SETS ((period, cluster_id), (period, theme_id))`
	rows, err := tx.Query(ctx, find, units(feedback.Negative), units(feedback.Positive))
	if err != nil {
		return err
	}
	g := group{snap: snap}
	var c feedback.Counts
	if _, err = pgx.ForEachRow(rows, []any{&g.period, &g.cluster, &g.theme, &c.Items, &c.Excerpts, &c.Customers, &c.Sentiment,
		&c.Negative, &c.Positive, &c.Severe}, func() error {
		if to := g.counts(); to != nil {
			*to = c
			to.Kinds = map[feedback.Kind]int{}
		}
		return nil
	}); err != nil {
		return err
	}
	const kinds = `
		SELECT period, cluster_id, theme_id, kind, count(*) FROM points
		WHERE period >= 0 AND cluster_id IS NOT NULL AND kind IS NOT NULL
		GROUP BY GROUPING SETS ((period, cluster_id, kind), (period, theme_id, kind))`
	if rows, err = tx.Query(ctx, kinds); err != nil {
		return err
	}
	var kind feedback.Kind
	var n int
	_, err = pgx.ForEachRow(rows, []any{&g.period, &g.cluster, &g.theme, (*string)(&kind), &n}, func() error {
		if to := g.counts(); to != nil {
			to.Kinds[kind] = n
		}
		return nil
	})
	return err
}

// readRevenue adds up the ARR of the distinct customers of every cluster and theme.
func readRevenue(ctx context.Context, tx pgx.Tx, _ window, snap *feedback.Snapshot) error {
	const find = `
		SELECT p.period, p.cluster_id, p.theme_id, coalesce(sum(c.arr), 0)::float8
		FROM (SELECT DISTINCT period, cluster_id, NULL::integer AS theme_id, customer FROM points
		      WHERE period >= 0 AND cluster_id IS NOT NULL AND customer IS NOT NULL
		      UNION ALL
		      SELECT DISTINCT period, NULL::integer, theme_id, customer FROM points
		      WHERE period >= 0 AND theme_id IS NOT NULL AND customer IS NOT NULL) p
		JOIN spoke c ON c.n = p.customer
		GROUP BY 1, 2, 3`
	rows, err := tx.Query(ctx, find)
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

func readWeekly(ctx context.Context, tx pgx.Tx, _ window, snap *feedback.Snapshot) error {
	const find = `
		SELECT cluster_id, theme_id, week, count(DISTINCT item) FROM points WHERE cluster_id IS NOT NULL AND week >= 0
		GROUP BY GROUPING SETS ((cluster_id, week), (theme_id, week))`
	rows, err := tx.Query(ctx, find)
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
	const find = `
		SELECT p.cluster_id, coalesce(c.segment, ''), count(DISTINCT p.item)
		FROM points p LEFT JOIN spoke c ON c.n = p.customer
		WHERE p.period = 1 AND p.cluster_id IS NOT NULL GROUP BY 1, 2`
	rows, err := tx.Query(ctx, find)
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
	for _, c := range snap.Clusters {
		if t := findTheme(snap, (*int32)(&c.Theme)); t != nil {
			t.Clusters = append(t.Clusters, c.ID)
		}
	}
	for i := range snap.Themes {
		slices.SortStableFunc(snap.Themes[i].Clusters, func(a, b feedback.ClusterID) int {
			return cmp.Compare(findCluster(snap, int32(b)).Now.Items, findCluster(snap, int32(a)).Now.Items)
		})
	}
	return nil
}

// readQuotes picks excerpts of the period that stand for their cluster: of a length that can be quoted, near the centroid,
// one of an item and one of a customer.
func readQuotes(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = `
		WITH candidates AS (
		    SELECT DISTINCT ON (cluster_id, customer, CASE WHEN customer IS NULL THEN item END) *
		    FROM points WHERE period = 1 AND cluster_id IS NOT NULL
		    ORDER BY cluster_id, customer, CASE WHEN customer IS NULL THEN item END, length BETWEEN 40 AND 280 DESC,
		        similarity DESC NULLS LAST, id
		), ranked AS (
		    SELECT *, row_number() OVER (
		        PARTITION BY cluster_id ORDER BY length BETWEEN 40 AND 280 DESC, similarity DESC NULLS LAST, id) AS place
		    FROM candidates
		)
		SELECT r.cluster_id, r.id, h.id, e.start_byte, e.end_byte, e.text, h.source, r.occurred_at,
		    coalesce(c.name, ''), coalesce(c.segment, ''), coalesce(r.mood / 1e9, 0)::float8, coalesce(r.severity, 0)
		FROM (SELECT * FROM ranked WHERE place <= $2 ORDER BY cluster_id, place LIMIT $3) r -- the limit tells the planner how few they are
		JOIN said h ON h.n = r.item
		JOIN excerpts e ON e.workspace_id = $1 AND e.id = r.id
		LEFT JOIN spoke c ON c.n = r.customer
		ORDER BY r.cluster_id, place`
	rows, err := tx.Query(ctx, find, w.workspace, snapshotQuotes, snapshotQuotes*len(snap.Clusters))
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
