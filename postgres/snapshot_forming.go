package postgres

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// The days in which what forms shows, and those before that they are held against.
const (
	formingDays   = 7
	formingBefore = 28
	formingMost   = 8 // groups in a snapshot, the surest
)

// readForming counts what forms, as it was last looked for, at the end of the period: the excerpts that are still in no
// cluster. A group of which most have found one since is not forming any more.
func readForming(ctx context.Context, tx pgx.Tx, w window, snap *feedback.Snapshot) error {
	const find = `
		SELECT f.name, f.keywords, f.looked,
		    ARRAY(SELECT e.id FROM excerpts e
		          WHERE e.workspace_id = $1 AND e.id = ANY (f.excerpts) AND e.cluster_id IS NULL AND NOT e.spam),
		    cardinality(f.excerpts)
		FROM forming f WHERE f.workspace_id = $1 ORDER BY f.ordinal LIMIT $2`
	rows, err := tx.Query(ctx, find, w.workspace, formingMost)
	if err != nil {
		return err
	}
	facts := feedback.FormingFacts{}
	var g feedback.FormingGroup
	var ids [][16]byte
	var all int
	if _, err := pgx.ForEachRow(rows, []any{&g.Name, &g.Keywords, &facts.Looked, &ids, &all}, func() error {
		if 2*len(ids) < all {
			return nil
		}
		group := g
		group.Excerpts = nil
		for _, id := range ids {
			group.Excerpts = append(group.Excerpts, id)
		}
		facts.Groups = append(facts.Groups, group)
		return nil
	}); err != nil || len(facts.Groups) == 0 {
		return err
	}
	return countForming(ctx, tx, facts, snap)
}

// RecountForming counts the groups that a snapshot found forming again, by their excerpts, wherever those are now; nil where
// nothing formed.
func (s *Store) RecountForming(ctx context.Context, snap feedback.Snapshot) (*feedback.FormingFacts, error) {
	if snap.Forming == nil {
		return nil, nil
	}
	w := newWindow(snap.Workspace, snap.Period, snap.Segment)
	again := feedback.Snapshot{Workspace: snap.Workspace, Segment: snap.Segment, Period: snap.Period}
	facts := feedback.FormingFacts{Looked: snap.Forming.Looked}
	for _, g := range snap.Forming.Groups {
		facts.Groups = append(facts.Groups, feedback.FormingGroup{ID: g.ID, Name: g.Name, Keywords: g.Keywords, Excerpts: g.Excerpts})
	}
	err := coded("count what formed again", pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		if err := gather(ctx, tx, w, nil); err != nil {
			return err
		}
		return countForming(ctx, tx, facts, &again)
	}))
	return again.Forming, err
}

// countForming counts groups of excerpts, and all that was heard, in the last days and the days before those. Groups without
// an item of the last days are left out; where none is left the snapshot has nothing of it.
func countForming(ctx context.Context, tx pgx.Tx, facts feedback.FormingFacts, snap *feedback.Snapshot) error {
	const (
		newest = `SELECT max(occurred_at) FROM said WHERE period = 1`
		heard  = `
			SELECT count(*) FILTER (WHERE occurred_at >= $2), count(*) FILTER (WHERE occurred_at < $2)
			FROM said WHERE NOT repeat AND occurred_at >= $1 AND occurred_at < $3`
		table = `
			CREATE TEMP TABLE budding (
			    of          integer     NOT NULL,
			    recent      boolean     NOT NULL,
			    item        integer     NOT NULL,
			    customer    integer,
			    occurred_at timestamptz NOT NULL,
			    id          uuid        NOT NULL,
			    mood        bigint,
			    severity    smallint,
			    length      integer     NOT NULL
			) ON COMMIT DROP`
		fill = `
			INSERT INTO budding
			SELECT g.n, p.occurred_at >= $3, p.item, p.customer, p.occurred_at, p.id, p.mood, p.severity, p.length
			FROM unnest($1::uuid[], $5::integer[]) AS g (id, n)
			JOIN points p ON p.id = g.id
			WHERE p.occurred_at >= $2 AND p.occurred_at < $4`
		groups = `
			SELECT b.of, array_agg(b.id), count(DISTINCT b.item) FILTER (WHERE b.recent), count(DISTINCT b.item) FILTER (WHERE NOT b.recent),
			    count(DISTINCT b.customer) FILTER (WHERE b.recent), count(*) FILTER (WHERE b.recent AND b.severity = 3),
			    (SELECT coalesce(sum(c.arr), 0)::float8 FROM spoke c
			     WHERE c.n IN (SELECT customer FROM budding o WHERE o.of = b.of AND o.recent))
			FROM budding b GROUP BY 1`
	)
	var last *time.Time
	if err := tx.QueryRow(ctx, newest).Scan(&last); err != nil || last == nil {
		return err
	}
	facts.End = last.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	facts.Recent = facts.End.AddDate(0, 0, -formingDays)
	facts.Start = facts.Recent.AddDate(0, 0, -formingBefore)
	if err := tx.QueryRow(ctx, heard, facts.Start, facts.Recent, facts.End).Scan(&facts.Now, &facts.Before); err != nil {
		return err
	}
	var ids [][16]byte
	var of []int32
	for i := range facts.Groups {
		for _, id := range facts.Groups[i].Excerpts {
			ids, of = append(ids, id), append(of, int32(i))
		}
		facts.Groups[i].Excerpts = nil
	}
	if _, err := tx.Exec(ctx, table); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, fill, ids, facts.Start, facts.Recent, facts.End, of); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, groups)
	if err != nil {
		return err
	}
	var n int
	var members [][16]byte
	var c feedback.FormingGroup
	if _, err := pgx.ForEachRow(rows, []any{&n, &members, &c.Now, &c.Before, &c.Customers, &c.Severe, &c.ARR}, func() error {
		g := &facts.Groups[n]
		g.Now, g.Before, g.Customers, g.Severe, g.ARR = c.Now, c.Before, c.Customers, c.Severe, c.ARR
		for _, id := range members {
			g.Excerpts = append(g.Excerpts, id)
		}
		slices.SortFunc(g.Excerpts, func(a, b feedback.ID) int { return bytes.Compare(a[:], b[:]) })
		return nil
	}); err != nil {
		return err
	}
	if err := quoteForming(ctx, tx, snap.Workspace, &facts); err != nil {
		return err
	}
	facts.Groups = slices.DeleteFunc(facts.Groups, func(g feedback.FormingGroup) bool { return g.Now == 0 })
	for i := range facts.Groups {
		if g := &facts.Groups[i]; g.ID == "" {
			g.ID = feedback.FormingID(g.Excerpts)
		}
	}
	if len(facts.Groups) > 0 {
		snap.Forming = &facts
	}
	return nil
}

// quoteForming picks excerpts of the last days that stand for their group: of a length that can be quoted, the latest, one
// of a customer and one of an item.
func quoteForming(ctx context.Context, tx pgx.Tx, workspace string, facts *feedback.FormingFacts) error {
	const find = `
		WITH candidates AS (
		    SELECT DISTINCT ON (of, customer, CASE WHEN customer IS NULL THEN item END) *
		    FROM budding WHERE recent
		    ORDER BY of, customer, CASE WHEN customer IS NULL THEN item END, length BETWEEN 40 AND 280 DESC, occurred_at DESC, id
		), ranked AS (
		    SELECT *, row_number() OVER (PARTITION BY of ORDER BY length BETWEEN 40 AND 280 DESC, occurred_at DESC, id) AS place
		    FROM candidates
		)
		SELECT r.of, r.id, h.id, e.start_byte, e.end_byte, e.text, h.source, r.occurred_at,
		    coalesce(c.name, ''), coalesce(c.segment, ''), coalesce(r.mood / 1e9, 0)::float8, coalesce(r.severity, 0)
		FROM ranked r
		JOIN said h ON h.n = r.item
		JOIN excerpts e ON e.workspace_id = $1 AND e.id = r.id
		LEFT JOIN spoke c ON c.n = r.customer
		WHERE place <= $2 ORDER BY r.of, place`
	rows, err := tx.Query(ctx, find, workspace, snapshotQuotes)
	if err != nil {
		return err
	}
	var n int
	var q feedback.Quote
	_, err = pgx.ForEachRow(rows, []any{&n, (*[16]byte)(&q.Excerpt), (*[16]byte)(&q.Item), &q.Start, &q.End, &q.Text, &q.Source, &q.OccurredAt,
		&q.Customer, &q.Segment, &q.Sentiment, &q.Severity}, func() error {
		facts.Groups[n].Quotes = append(facts.Groups[n].Quotes, q)
		return nil
	})
	return err
}
