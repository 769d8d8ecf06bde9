package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// fillReported sets of each series, by cluster or theme, the weeks as they were last reported, where any of them differs
// from what it is under the clusters that stand now.
func fillReported(ctx context.Context, tx pgx.Tx, workspace, level string, series map[int32]*weekSeries) error {
	const frozen = `SELECT reported_until FROM workspaces WHERE id = $1`
	var until *time.Time
	err := tx.QueryRow(ctx, frozen, workspace).Scan(&until)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && until == nil {
		return nil
	}
	if err != nil {
		return err
	}
	ids := make([]int32, 0, len(series))
	for id, s := range series {
		ids = append(ids, id)
		reported := slices.Clone(s.now)
		for i := range reported {
			if reported[i].Start.Before(*until) {
				reported[i].Items = 0
			}
		}
		*s.reported = reported
	}
	const find = `
		SELECT id, week, items FROM reported_weeks WHERE workspace_id = $1 AND level = $2 AND id = ANY ($3::integer[])`
	rows, err := tx.Query(ctx, find, workspace, level, ids)
	if err != nil {
		return err
	}
	var id int32
	var week time.Time
	var items int
	_, err = pgx.ForEachRow(rows, []any{&id, &week, &items}, func() error {
		reported := *series[id].reported
		if at := slices.IndexFunc(reported, func(w feedback.Week) bool { return w.Start.Equal(week) }); at >= 0 {
			reported[at].Items = items
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, s := range series {
		if slices.Equal(*s.reported, s.now) {
			*s.reported = nil
		}
	}
	return nil
}

// weekSeries are the weeks of a cluster or theme, and where those that were reported go.
type weekSeries struct {
	now      []feedback.Week
	reported *[]feedback.Week
}

// ThemeByID gives one theme with the clusters that stand under it, retired ones too, or NotFound.
func (s *Store) ThemeByID(ctx context.Context, workspace string, id feedback.ThemeID) (feedback.ThemeView, error) {
	var view feedback.ThemeView
	err := s.read(ctx, "load the theme", func(tx pgx.Tx) error {
		const find = `SELECT id, name, retired FROM themes WHERE workspace_id = $1 AND id = $2`
		err := tx.QueryRow(ctx, find, workspace, int32(id)).Scan((*int32)(&view.Theme.ID), &view.Theme.Name, &view.Retired)
		if errors.Is(err, pgx.ErrNoRows) {
			return feedback.Errorf(feedback.NotFound, "workspace %q has no theme %s", workspace, id)
		}
		if err != nil {
			return err
		}
		const under = `SELECT id FROM clusters WHERE workspace_id = $1 AND theme_id = $2 AND NOT retired`
		rows, err := tx.Query(ctx, under, workspace, int32(id))
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int32])
		if err != nil {
			return err
		}
		if view.Clusters, err = clusterViews(ctx, tx, workspace, ids); err != nil {
			return err
		}
		return fillThemeWeeks(ctx, tx, workspace, ids, &view)
	})
	return view, err
}

func fillThemeWeeks(ctx context.Context, tx pgx.Tx, workspace string, clusters []int32, view *feedback.ThemeView) error {
	weeks, err := emptyWeeks(ctx, tx, workspace)
	if err != nil || weeks == nil {
		return err
	}
	const count = `
		SELECT date_trunc('week', e.occurred_at), count(DISTINCT e.item_id) FROM excerpts e
		WHERE e.workspace_id = $1 AND e.cluster_id = ANY ($2::integer[]) AND NOT e.spam AND e.occurred_at >= $3 AND ` + ofNoCopy + ` GROUP BY 1`
	const items = `
		SELECT count(DISTINCT e.item_id) FROM excerpts e
		WHERE e.workspace_id = $1 AND e.cluster_id = ANY ($2::integer[]) AND NOT e.spam AND ` + ofNoCopy
	if err := tx.QueryRow(ctx, items, workspace, clusters).Scan(&view.Items); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, count, workspace, clusters, weeks[0].Start)
	if err != nil {
		return err
	}
	var week time.Time
	var n int
	if _, err = pgx.ForEachRow(rows, []any{&week, &n}, func() error {
		weeks[weekOf(weeks, week)].Items = n
		return nil
	}); err != nil {
		return err
	}
	view.Weekly = weeks
	return fillReported(ctx, tx, workspace, "theme",
		map[int32]*weekSeries{int32(view.Theme.ID): {now: view.Weekly, reported: &view.Reported}})
}

// emptyWeeks gives the weeks that are shown, up to that of the newest item, the oldest first; nil where there is no item.
func emptyWeeks(ctx context.Context, tx pgx.Tx, workspace string) ([]feedback.Week, error) {
	const last = `SELECT date_trunc('week', max(occurred_at)) FROM items WHERE workspace_id = $1 AND NOT spam`
	var newest *time.Time
	if err := tx.QueryRow(ctx, last, workspace).Scan(&newest); err != nil || newest == nil {
		return nil, err
	}
	weeks := make([]feedback.Week, weeksShown)
	for w := range weeks {
		weeks[w].Start = newest.AddDate(0, 0, 7*(w+1-weeksShown))
	}
	return weeks, nil
}

// weekOf is the place of a week among those that follow the first.
func weekOf(weeks []feedback.Week, start time.Time) int {
	return int(start.Sub(weeks[0].Start).Hours() / (7 * 24))
}

// freezeWeeks keeps the weekly counts of the weeks that have ended and are not kept yet, under the clusters that stand.
// Before the first run there is nothing that was reported.
func freezeWeeks(ctx context.Context, tx pgx.Tx, workspace string, now time.Time) error {
	const until = `
		UPDATE workspaces w SET reported_until = date_trunc('week', $2::timestamptz)::date
		FROM (SELECT reported_until AS was FROM workspaces WHERE id = $1) AS o
		WHERE w.id = $1 AND EXISTS (SELECT FROM clusters c WHERE c.workspace_id = $1 AND NOT c.retired)
		  AND (o.was IS NULL OR o.was < date_trunc('week', $2::timestamptz)::date)
		RETURNING o.was`
	var from *time.Time
	err := tx.QueryRow(ctx, until, workspace, now).Scan(&from)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	const count = `
		INSERT INTO reported_weeks (workspace_id, level, id, week, items)
		SELECT $1, CASE WHEN c.id IS NULL THEN 'theme' ELSE 'cluster' END, coalesce(c.id, c.theme_id),
		    w.week, count(DISTINCT w.item_id)
		FROM (SELECT e.item_id, e.cluster_id, date_trunc('week', e.occurred_at)::date AS week FROM excerpts e
		      WHERE e.workspace_id = $1 AND e.cluster_id IS NOT NULL AND NOT e.spam AND ` + ofNoCopy + `
		        AND ($2::date IS NULL OR e.occurred_at >= $2::date) AND e.occurred_at < date_trunc('week', $3::timestamptz)) AS w
		JOIN clusters c ON c.workspace_id = $1 AND c.id = w.cluster_id
		GROUP BY GROUPING SETS ((w.week, c.id), (w.week, c.theme_id))`
	_, err = tx.Exec(ctx, count, workspace, from, now)
	return err
}
