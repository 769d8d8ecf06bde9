package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// The bounds of a snapshot: what a page can show, whatever the size of the workspace.
const (
	snapshotWeeks    = 13
	snapshotQuotes   = 6   // of one cluster
	snapshotAccounts = 200 // with something negative or severe to say
	shippedSpan      = 28  // days compared before and after a feature shipped, at the most
)

// window is what every query of one snapshot is asked about.
type window struct {
	workspace        string
	segment          string // "" for all feedback
	period, previous feedback.Period
	weeks            []time.Time
}

func newWindow(workspace string, period feedback.Period, segment string) window {
	w := window{workspace: workspace, segment: segment, period: period, previous: period.Before()}
	for k := snapshotWeeks; k > 0; k-- {
		w.weeks = append(w.weeks, period.End.AddDate(0, 0, -7*k))
	}
	return w
}

// start is where the window begins: it reaches as far back as anything in the snapshot does.
func (w window) start() time.Time {
	start := w.previous.Start.AddDate(0, 0, -shippedSpan)
	if w.weeks[0].Before(start) {
		return w.weeks[0]
	}
	return start
}

// Snapshot reads all facts of a period and the one before, from one moment of the database: of all feedback, or of that of
// the customers of one segment. It fails with Invalid for a period that is not a positive number of whole UTC days, and with
// NotFound for a segment that no customer is in.
func (s *Store) Snapshot(ctx context.Context, workspace string, period feedback.Period, segment string) (feedback.Snapshot, error) {
	period = feedback.Period{Start: period.Start.UTC(), End: period.End.UTC()}
	if period.Days() < 1 || !period.Start.Equal(period.Start.Truncate(24*time.Hour)) || !period.End.Equal(period.End.Truncate(24*time.Hour)) {
		return feedback.Snapshot{}, feedback.Errorf(feedback.Invalid, "a period is one or more whole days in UTC")
	}
	w := newWindow(workspace, period, segment)
	snap := feedback.Snapshot{Workspace: workspace, Segment: segment, Period: period, Previous: w.previous, Weeks: w.weeks}
	// Not read-only, for it makes tables of its own; they go with it.
	moment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead}
	err := coded("read the snapshot", pgx.BeginTxFunc(ctx, s.pool, moment, func(tx pgx.Tx) error {
		for _, read := range []func(context.Context, pgx.Tx, window, *feedback.Snapshot) error{
			gather, readOrigin, readCoverage, readGroups, readCounts, readRevenue, readWeekly, readSegmentsOfClusters, readQuotes,
			readClusterLinks, readAccounts, readShipped, readSegments, readSources, readForming,
		} {
			if err := read(ctx, tx, w, &snap); err != nil {
				return err
			}
		}
		return nil
	}))
	return snap, err
}

// readOrigin reads what the snapshot was taken from: the run that stands, its model, and the workspace's size.
func readOrigin(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	// Of all feedback, both counts are of an index alone.
	const (
		all = `
			SELECT count(*), min(occurred_at), max(occurred_at),
			    count(*) + (SELECT count(*) FROM items WHERE workspace_id = $1 AND spam)
			FROM items WHERE workspace_id = $1 AND NOT spam`
		ofSegment = `
			SELECT count(*), min(occurred_at), max(occurred_at), (SELECT count(*) FROM items WHERE workspace_id = $1)
			FROM items WHERE workspace_id = $1 AND NOT spam AND customer_id IN (SELECT id FROM spoke)`
		totals = `
			SELECT (SELECT count(*) FROM spoke), (SELECT coalesce(sum(arr), 0)::float8 FROM spoke),
			    (SELECT count(*) FROM features WHERE workspace_id = $1 AND kind = 'feature'),
			    coalesce((SELECT next_decision - 1 FROM workspaces WHERE id = $1), 0)`
	)
	items := all
	if w.segment != "" {
		items = ofSegment
	}
	var oldest, newest *time.Time
	t, origin := &snap.Total, &feedback.Origin{}
	snap.Origin = origin
	if err := tx.QueryRow(ctx, items, w.workspace).Scan(&t.Items, &oldest, &newest, &origin.Items); err != nil {
		return err
	}
	if oldest != nil {
		t.Oldest, t.Newest = *oldest, *newest
	}
	if err := tx.QueryRow(ctx, totals, w.workspace).Scan(&t.Customers, &t.ARR, &snap.Features, &origin.Decision); err != nil {
		return err
	}
	// Of the run's record only what somebody set: what it measured on its way is no setting.
	const run = `
		SELECT r.id, r.seed, m.name, m.version, m.dimensions,
		    (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(CASE jsonb_typeof(r.config) WHEN 'object' THEN r.config ELSE '{}' END)
		     WHERE key IN ('granularity', 'min_size', 'max_outliers', 'named_by_model'))
		FROM workspaces w
		JOIN runs r ON r.workspace_id = w.id AND r.id = w.standing_run
		JOIN models m ON m.id = r.model_id
		WHERE w.id = $1`
	rows, err := tx.Query(ctx, run, w.workspace)
	if err != nil {
		return err
	}
	var seed int64
	_, err = pgx.ForEachRow(rows, []any{&snap.Run, &seed, &snap.Model.Name, &snap.Model.Version, &snap.Model.Dimensions, &origin.Settings},
		func() error { origin.Seed = uint64(seed); return nil })
	return err
}

func readCoverage(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const items = `
		SELECT period, count(*) FILTER (WHERE NOT repeat), count(*) FILTER (WHERE repeat), count(DISTINCT customer),
		    count(*) FILTER (WHERE customer IS NULL AND NOT repeat)
		FROM said WHERE period >= 0 GROUP BY 1`
	const excerpts = `
		SELECT period, count(*), count(model_id), count(*) FILTER (WHERE model_id IS NOT NULL AND cluster_id IS NULL AND NOT hidden),
		    count(*) FILTER (WHERE hidden), coalesce(round(avg(mood) / 1e9, 4), 0)::float8
		FROM points WHERE period >= 0 GROUP BY 1`
	const revenue = `
		SELECT h.period, coalesce(sum(c.arr), 0)::float8, count(*) FILTER (WHERE c.arr IS NULL)
		FROM (SELECT DISTINCT period, customer FROM said WHERE period >= 0 AND customer IS NOT NULL AND NOT repeat) h
		JOIN spoke c ON c.n = h.customer GROUP BY 1`
	const spam = `
		SELECT count(*) FILTER (WHERE occurred_at >= $3), count(*) FILTER (WHERE occurred_at < $3)
		FROM items
		WHERE workspace_id = $1 AND occurred_at >= $2 AND occurred_at < $4 AND spam
		    AND ($5 = '' OR customer_id IN (SELECT id FROM spoke))`
	const dead = `SELECT count(*) FROM dead_letters WHERE workspace_id = $1`

	var period int
	var c feedback.Coverage
	of := func() *feedback.Coverage {
		if period == 1 {
			return &snap.Coverage
		}
		return &snap.Before
	}
	for _, q := range []struct {
		sql  string
		into []any
		keep func(*feedback.Coverage)
	}{
		{items, []any{&period, &c.Items, &c.Repeats, &c.Customers, &c.WithoutCustomer}, func(to *feedback.Coverage) {
			to.Items, to.Repeats, to.Customers, to.WithoutCustomer = c.Items, c.Repeats, c.Customers, c.WithoutCustomer
		}},
		{excerpts, []any{&period, &c.Excerpts, &c.Analysed, &c.Unassigned, &c.Hidden, &c.Sentiment}, func(to *feedback.Coverage) {
			to.Excerpts, to.Analysed, to.Unassigned, to.Hidden, to.Sentiment = c.Excerpts, c.Analysed, c.Unassigned, c.Hidden, c.Sentiment
		}},
		{revenue, []any{&period, &c.ARR, &c.MissingARR}, func(to *feedback.Coverage) {
			to.ARR, to.MissingARR = c.ARR, c.MissingARR
		}},
	} {
		rows, err := tx.Query(ctx, q.sql)
		if err != nil {
			return err
		}
		if _, err := pgx.ForEachRow(rows, q.into, func() error { q.keep(of()); return nil }); err != nil {
			return err
		}
	}
	if err := tx.QueryRow(ctx, spam, w.workspace, w.previous.Start, w.period.Start, w.period.End, w.segment).
		Scan(&snap.Coverage.Spam, &snap.Before.Spam); err != nil {
		return err
	}
	if w.segment != "" {
		return nil // a dead letter is of no customer
	}
	return tx.QueryRow(ctx, dead, w.workspace).Scan(&snap.Coverage.DeadLetters)
}
