package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// weeksShown is how many weeks a list of clusters shows of each.
const weeksShown = 13

// ClusterList gives the clusters that stand. A workspace that nobody knows is an empty list, not an error.
func (s *Store) ClusterList(ctx context.Context, workspace string) (feedback.ClusterList, error) {
	const totals = `
		SELECT (SELECT count(*) FROM items WHERE workspace_id = $1 AND NOT spam AND duplicate_of IS NULL),
		    (SELECT count(*) FROM items WHERE workspace_id = $1 AND NOT spam AND duplicate_of IS NOT NULL),
		    count(*) FILTER (WHERE e.model_id IS NOT NULL AND d.id IS NULL),
		    count(*) FILTER (WHERE e.model_id IS NOT NULL AND d.id IS NULL AND e.cluster_id IS NULL),
		    count(*) FILTER (WHERE e.model_id IS NULL), max(e.occurred_at)
		FROM excerpts e
		LEFT JOIN items d ON d.workspace_id = e.workspace_id AND d.id = e.item_id AND d.duplicate_of IS NOT NULL
		WHERE e.workspace_id = $1 AND NOT e.spam`
	const find = `SELECT id FROM clusters WHERE workspace_id = $1 AND NOT retired`
	var list feedback.ClusterList
	err := s.read(ctx, "list the clusters", func(tx pgx.Tx) error {
		var newest *time.Time
		err := tx.QueryRow(ctx, totals, workspace).
			Scan(&list.Items, &list.Copies, &list.Excerpts, &list.Unassigned, &list.Pending, &newest)
		if err != nil {
			return err
		}
		if newest != nil {
			list.Newest = *newest
		}
		rows, err := tx.Query(ctx, find, workspace)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int32])
		if err != nil {
			return err
		}
		if list.Outliers, err = countOutliers(ctx, tx, workspace); err != nil {
			return err
		}
		views, err := clusterViews(ctx, tx, workspace, ids)
		for _, v := range views {
			if v.Cluster.Hidden {
				list.Hidden = append(list.Hidden, v)
			} else {
				list.Clusters = append(list.Clusters, v)
			}
		}
		return err
	})
	return list, err
}

// ClusterByID gives one cluster, retired ones too, or NotFound.
func (s *Store) ClusterByID(ctx context.Context, workspace string, id feedback.ClusterID) (feedback.ClusterView, error) {
	var view feedback.ClusterView
	err := s.read(ctx, "load the cluster", func(tx pgx.Tx) error {
		views, err := clusterViews(ctx, tx, workspace, []int32{int32(id)})
		if err != nil {
			return err
		}
		if len(views) == 0 {
			return feedback.Errorf(feedback.NotFound, "workspace %q has no cluster %s", workspace, id)
		}
		view = views[0]
		if view.Cluster.Retired && view.Cluster.Successor == 0 {
			view.Went, err = wentTo(ctx, tx, workspace, id)
		}
		return err
	})
	return view, err
}

// wentTo gives where the excerpts of a retired cluster went in the run that ended it: to the cluster with the largest part
// of them, and to those that were split off it.
func wentTo(ctx context.Context, tx pgx.Tx, workspace string, id feedback.ClusterID) ([]feedback.Went, error) {
	const find = `
		SELECT c.id, c.name, max(l.shared)
		FROM lineage l
		JOIN clusters c ON c.workspace_id = l.workspace_id AND c.id = l.to_cluster
		WHERE l.workspace_id = $1 AND l.from_cluster = $2 AND l.fate IN ('retired', 'split') AND l.shared > 0 AND l.run_id = (
		    SELECT max(e.run_id) FROM lineage e
		    JOIN runs r ON r.workspace_id = e.workspace_id AND r.id = e.run_id AND r.state = 'applied'
		    WHERE e.workspace_id = $1 AND e.from_cluster = $2 AND e.fate = 'retired')
		GROUP BY c.id, c.name
		ORDER BY 3 DESC, c.id`
	rows, err := tx.Query(ctx, find, workspace, int32(id))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (w feedback.Went, err error) {
		return w, row.Scan((*int32)(&w.Cluster), &w.Name, &w.Excerpts)
	})
}

func clusterViews(ctx context.Context, tx pgx.Tx, workspace string, ids []int32) ([]feedback.ClusterView, error) {
	const find = `
		SELECT c.id, c.theme_id, t.name, c.name, c.summary, c.keywords, c.floor, c.margin, c.born_run,
		    c.retired, coalesce(c.successor, 0), coalesce(c.own_name, ''), c.confirmed, c.hidden, f.excerpts, f.items,
		    f.customers, coalesce(f.sentiment, 0), f.first, f.last, f.urgent, f.leaving
		FROM clusters c
		JOIN themes t ON t.workspace_id = c.workspace_id AND t.id = c.theme_id
		CROSS JOIN LATERAL (
		    SELECT count(*) AS excerpts, count(DISTINCT e.item_id) AS items, count(DISTINCT i.customer_id) AS customers,
		        avg(e.sentiment) AS sentiment, min(e.occurred_at) AS first, max(e.occurred_at) AS last,
		        count(*) FILTER (WHERE e.urgent) AS urgent, count(*) FILTER (WHERE e.churn_risk) AS leaving
		    FROM excerpts e JOIN items i ON i.workspace_id = e.workspace_id AND i.id = e.item_id
		    WHERE e.workspace_id = c.workspace_id AND e.cluster_id = c.id AND NOT e.spam AND i.duplicate_of IS NULL
		) f
		WHERE c.workspace_id = $1 AND c.id = ANY ($2::integer[])
		ORDER BY f.items DESC, c.id`
	rows, err := tx.Query(ctx, find, workspace, ids)
	if err != nil {
		return nil, err
	}
	views, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.ClusterView, error) {
		var v feedback.ClusterView
		var first, last *time.Time
		c := &v.Cluster
		err := row.Scan((*int32)(&c.ID), (*int32)(&c.Theme), &c.ThemeName, &c.Name, &c.Summary, &c.Keywords, &c.Floor,
			&c.Margin, &c.BornRun, &c.Retired, (*int32)(&c.Successor), &c.OwnName, &c.Confirmed, &c.Hidden, &c.Size, &v.Items,
			&v.Customers, &v.Sentiment, &first, &last, &v.Urgent, &v.ChurnRisk)
		if first != nil {
			v.FirstSeen, v.LastSeen = *first, *last
		}
		return v, err
	})
	if err != nil || len(views) == 0 {
		return views, err
	}
	byID := make(map[feedback.ClusterID]*feedback.ClusterView, len(views))
	for i := range views {
		byID[views[i].Cluster.ID] = &views[i]
	}
	if err := fillWeeks(ctx, tx, workspace, ids, byID); err != nil {
		return nil, err
	}
	return views, fillLinks(ctx, tx, workspace, ids, byID)
}

func fillWeeks(ctx context.Context, tx pgx.Tx, workspace string, ids []int32, views map[feedback.ClusterID]*feedback.ClusterView) error {
	const count = `
		SELECT e.cluster_id, date_trunc('week', e.occurred_at), count(DISTINCT e.item_id)
		FROM excerpts e JOIN items i ON i.workspace_id = e.workspace_id AND i.id = e.item_id AND i.duplicate_of IS NULL
		WHERE e.workspace_id = $1 AND e.cluster_id = ANY ($2::integer[]) AND NOT e.spam AND e.occurred_at >= $3
		GROUP BY 1, 2`
	weeks, err := emptyWeeks(ctx, tx, workspace)
	if err != nil || weeks == nil {
		return err
	}
	for _, v := range views {
		v.Weekly = slices.Clone(weeks)
	}
	rows, err := tx.Query(ctx, count, workspace, ids, weeks[0].Start)
	if err != nil {
		return err
	}
	var id feedback.ClusterID
	var week time.Time
	var items int
	if _, err = pgx.ForEachRow(rows, []any{(*int32)(&id), &week, &items}, func() error {
		views[id].Weekly[weekOf(weeks, week)].Items = items
		return nil
	}); err != nil {
		return err
	}
	series := make(map[int32]*weekSeries, len(views))
	for id, v := range views {
		series[int32(id)] = &weekSeries{now: v.Weekly, reported: &v.Reported}
	}
	return fillReported(ctx, tx, workspace, "cluster", series)
}

func fillLinks(ctx context.Context, tx pgx.Tx, workspace string, ids []int32, views map[feedback.ClusterID]*feedback.ClusterView) error {
	const find = `
		SELECT DISTINCT ON (l.cluster_id) l.cluster_id, l.feature_id, l.state, l.score, l.runner_up, l.runner_up_score,
		    l.evidence, f.name, f.status, f.shipped_at, coalesce(r.name, '')
		FROM links l
		JOIN features f ON f.workspace_id = l.workspace_id AND f.id = l.feature_id
		LEFT JOIN features r ON r.workspace_id = l.workspace_id AND r.id = l.runner_up
		WHERE l.workspace_id = $1 AND l.cluster_id = ANY ($2::integer[]) AND l.state <> 'rejected'
		ORDER BY l.cluster_id, array_position(ARRAY['confirmed', 'automatic', 'suggested'], l.state), l.score DESC, l.feature_id`
	rows, err := tx.Query(ctx, find, workspace, ids)
	if err != nil {
		return err
	}
	links, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*feedback.LinkView, error) {
		var l feedback.LinkView
		var shipped *time.Time
		err := row.Scan((*int32)(&l.Cluster), &l.Feature, (*string)(&l.State), &l.Score, &l.RunnerUp, &l.RunnerUpScore,
			&l.Evidence, &l.Name, (*string)(&l.Status), &shipped, &l.RunnerUpName)
		if shipped != nil {
			l.ShippedAt = *shipped
		}
		return &l, err
	})
	if err != nil {
		return err
	}
	features, err := collectFeatures(ctx, tx, workspace)
	if err != nil {
		return err
	}
	paths := make(map[string][]string, len(features))
	for _, f := range features {
		paths[f.ID] = f.Path
	}
	for _, l := range links {
		l.Path = paths[l.Feature]
		views[l.Cluster].Link = l
	}
	return nil
}

// hitColumns are the columns of a feedback.Hit but its score, of excerpts e, items i, customers u and clusters c.
const hitColumns = `
	e.id, e.item_id, e.start_byte, e.end_byte, e.text, i.source, e.occurred_at, coalesce(nullif(u.name, ''), i.customer_id, ''),
	coalesce(u.segment, ''), coalesce(e.cluster_id, 0), coalesce(c.name, ''), coalesce(e.kind, ''), coalesce(e.sentiment, 0),
	coalesce(e.severity, 0), e.urgent, e.churn_risk, coalesce((
	    SELECT max(d.id) FROM decision_excerpts x
	    JOIN standing_decisions d ON d.workspace_id = x.workspace_id AND d.id = x.decision_id AND d.kind IN ('pin', 'move', 'split')
	    WHERE x.workspace_id = e.workspace_id AND x.excerpt_id = e.id), 0), 
	CASE WHEN e.cluster_id IS NULL THEN coalesce(e.outlier, '') ELSE '' END,
	(SELECT count(*) FROM items d WHERE d.workspace_id = i.workspace_id AND d.duplicate_of = i.id), i.duplicate_of IS NOT NULL`

const hitTables = `
	FROM excerpts e
	JOIN items i ON i.workspace_id = e.workspace_id AND i.id = e.item_id
	LEFT JOIN customers u ON u.workspace_id = i.workspace_id AND u.id = i.customer_id
	LEFT JOIN clusters c ON c.workspace_id = e.workspace_id AND c.id = e.cluster_id `

func scanHit(row pgx.CollectableRow) (feedback.Hit, error) {
	var h feedback.Hit
	err := row.Scan((*[16]byte)(&h.Excerpt), (*[16]byte)(&h.Item), &h.Start, &h.End, &h.Text, &h.Source, &h.OccurredAt,
		&h.Customer, &h.Segment, (*int32)(&h.Cluster), &h.ClusterName, (*string)(&h.Kind), &h.Sentiment, &h.Severity,
		&h.Urgent, &h.ChurnRisk, &h.Pinned, (*string)(&h.Outlier), &h.Copies, &h.Copy)
	return h, err
}

func (s *Store) hits(ctx context.Context, doing, query string, args ...any) ([]feedback.Hit, error) {
	var hits []feedback.Hit
	err := s.read(ctx, doing, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		hits, err = pgx.CollectRows(rows, scanHit)
		return err
	})
	return hits, err
}

// ClusterExcerpts gives limit of the cluster's excerpts from the offset on, the latest first and then by id, without
// spam and without those of copies. A cluster that does not exist has none.
func (s *Store) ClusterExcerpts(ctx context.Context, workspace string, id feedback.ClusterID, offset, limit int) ([]feedback.Hit, error) {
	const find = `SELECT` + hitColumns + hitTables + `
		WHERE e.workspace_id = $1 AND e.cluster_id = $2 AND NOT e.spam AND i.duplicate_of IS NULL
		ORDER BY e.occurred_at DESC, e.id OFFSET $3 LIMIT $4`
	return s.hits(ctx, "list the excerpts", find, workspace, int32(id), offset, limit)
}

// MatchingExcerpts gives the excerpts that hold words of the text, the best match first. The text is what somebody
// typed, read as web searches are: "a phrase", or, -not. Spam is left out.
func (s *Store) MatchingExcerpts(ctx context.Context, workspace, text string, limit int) ([]feedback.Hit, error) {
	const find = `SELECT` + hitColumns + hitTables + `
		CROSS JOIN websearch_to_tsquery('simple', $2) AS q
		WHERE e.workspace_id = $1 AND e.words @@ q AND NOT e.spam
		ORDER BY ts_rank_cd(e.words, q) DESC, e.occurred_at DESC, e.id LIMIT $3`
	return s.hits(ctx, "search by words", find, workspace, text, limit)
}

// ItemOfExcerpt gives the item that the excerpt was cut from, or NotFound.
func (s *Store) ItemOfExcerpt(ctx context.Context, workspace string, excerpt feedback.ID) (feedback.ItemView, error) {
	const find = `
		SELECT i.id, i.source, i.external_id, i.occurred_at, i.title, i.body, coalesce(nullif(u.name, ''), i.customer_id, ''),
		    coalesce(u.segment, ''), i.rating, i.score, i.url, i.language, i.spam
		FROM items i
		LEFT JOIN customers u ON u.workspace_id = i.workspace_id AND u.id = i.customer_id
		WHERE i.workspace_id = $1
		  AND i.id = (SELECT item_id FROM excerpts WHERE workspace_id = $1 AND id = $2)`
	const excerpts = `SELECT` + hitColumns + hitTables + `WHERE e.workspace_id = $1 AND e.item_id = $2 ORDER BY e.ordinal`
	var v feedback.ItemView
	err := s.read(ctx, "load the item", func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, find, workspace, [16]byte(excerpt)).Scan((*[16]byte)(&v.ID), &v.Source, &v.ExternalID,
			&v.OccurredAt, &v.Title, &v.Body, &v.Customer, &v.Segment, &v.Rating, &v.Score, &v.URL, &v.Language, &v.Spam)
		if errors.Is(err, pgx.ErrNoRows) {
			return feedback.Errorf(feedback.NotFound, "workspace %q has no excerpt %s", workspace, excerpt)
		}
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, excerpts, workspace, [16]byte(v.ID))
		if err != nil {
			return err
		}
		if v.Excerpts, err = pgx.CollectRows(rows, scanHit); err != nil {
			return err
		}
		v.Copies, err = collectCopies(ctx, tx, workspace, v.ID)
		return err
	})
	return v, err
}
