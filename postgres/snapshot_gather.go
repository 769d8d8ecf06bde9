package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// What every fact starts from is gathered once, into tables of the transaction: reading it again for each question would
// cost as much as all the answers. Customers and items have numbers there, which are counted and sorted far faster than ids.
const gatherTables = `
	CREATE TEMP TABLE spoke (
	    n       integer NOT NULL,
	    id      text    NOT NULL,
	    name    text    NOT NULL,
	    segment text    NOT NULL,
	    arr     numeric
	) ON COMMIT DROP;
	CREATE TEMP TABLE said (
	    n           integer     NOT NULL,
	    id          uuid        NOT NULL,
	    source      text        NOT NULL,
	    customer    integer,
	    occurred_at timestamptz NOT NULL,
	    period      smallint    NOT NULL,
	    repeat      boolean     NOT NULL
	) ON COMMIT DROP;
	CREATE TEMP TABLE points (
	    item        integer     NOT NULL,
	    customer    integer,
	    occurred_at timestamptz NOT NULL,
	    week        smallint    NOT NULL,
	    period      smallint    NOT NULL,
	    id          uuid        NOT NULL,
	    cluster_id  integer,
	    theme_id    integer,
	    model_id    smallint,
	    mood        bigint,
	    severity    smallint,
	    kind        text,
	    similarity  real,
	    length      integer     NOT NULL,
	    hidden      boolean     NOT NULL
	) ON COMMIT DROP`

// spoke holds the workspace's customers, or those of the segment $2.
const gatherSpoke = `
	INSERT INTO spoke
	SELECT row_number() OVER (ORDER BY id COLLATE "C"), id, coalesce(nullif(name, ''), id), segment, arr
	FROM customers WHERE workspace_id = $1 AND ($2 = '' OR segment = $2)`

// said holds the items of the snapshot's window without spam. A repeat is a copy of another item, or says word for word what
// the same customer or author said before, and counts nowhere but in coverage; where neither is known only a body too long to be said twice by chance
// counts as one. period is 1 for the period, 0 for the one before, -1 for earlier.
//
// $1 workspace, $2 start of the window, $3 start of the period before, $4 start of the period, $5 its end, $6 the segment.
const gatherSaid = `
	INSERT INTO said
	SELECT row_number() OVER (), i.id, i.source, s.n, i.occurred_at,
	    CASE WHEN i.occurred_at >= $4 THEN 1 WHEN i.occurred_at >= $3 THEN 0 ELSE -1 END, i.repeat
	FROM (
	    SELECT id, source, customer_id, occurred_at,
	        duplicate_of IS NOT NULL OR row_number() OVER (
	            PARTITION BY body_hash, customer_id, CASE WHEN customer_id IS NULL THEN author END,
	                CASE WHEN customer_id IS NULL AND author IS NULL AND octet_length(body) < 60 THEN id END
	            ORDER BY occurred_at, id) > 1 AS repeat
	    FROM items
	    WHERE workspace_id = $1 AND occurred_at >= $2 AND occurred_at < $5 AND NOT spam
	) AS i
	LEFT JOIN spoke s ON s.id = i.customer_id
	WHERE $6 = '' OR s.n IS NOT NULL`

// points holds the excerpts of what was said, without repeats. mood is the sentiment in units of 1e-9, to six decimals, so that
// its mean is exact in whatever order it is taken; week counts from the first of the weekly series, $2, and is -1 before it. What is in
// a cluster that a person hid is in none here, and marked.
const gatherPoints = `
	INSERT INTO points
	SELECT h.n, h.customer, h.occurred_at,
	    CASE WHEN h.occurred_at >= $2 THEN floor(date_part('epoch', h.occurred_at - $2::timestamptz) / (7 * 86400)) ELSE -1 END,
	    h.period, e.id, CASE WHEN NOT c.hidden THEN c.id END, CASE WHEN NOT c.hidden THEN c.theme_id END, e.model_id,
	    round(e.sentiment::float8 * 1000000)::bigint * 1000, e.severity, e.kind, e.similarity, octet_length(e.text), coalesce(c.hidden, false)
	FROM said h
	JOIN excerpts e ON e.workspace_id = $1 AND e.item_id = h.id
	LEFT JOIN clusters c ON c.workspace_id = $1 AND c.id = e.cluster_id
	WHERE NOT h.repeat`

// units turns a bound of the sentiment into the units of mood.
func units(sentiment float64) int64 { return int64(sentiment * 1e9) }

// gatherRoom lets what is gathered of a year of large workspaces be sorted in memory. A look at a few thousand rows tells the
// planner as much of these tables as it uses.
const gatherRoom = `
	SET LOCAL work_mem = '64MB';
	SET LOCAL default_statistics_target = 10`

// noSegment says that no customer is in a segment, and which there are.
func noSegment(ctx context.Context, tx pgx.Tx, workspace, segment string) error {
	const list = `SELECT DISTINCT segment FROM customers WHERE workspace_id = $1 AND segment <> '' ORDER BY segment LIMIT 20`
	rows, err := tx.Query(ctx, list, workspace)
	if err != nil {
		return err
	}
	segments, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	unknown := feedback.Errorf(feedback.NotFound, "no customer is in the segment %q", segment)
	if len(segments) == 0 {
		return unknown.WithHint("no customer has a segment: earshot customers import reads them from a list of accounts")
	}
	return unknown.WithHint("the customers' segments are %s", strings.Join(segments, ", "))
}

func gather(ctx context.Context, tx pgx.Tx, w window, _ *feedback.Snapshot) error {
	return gatherSpan(ctx, tx, w.workspace, w.segment, [5]time.Time{w.start(), w.previous.Start, w.period.Start, w.period.End, w.weeks[0]})
}

// gatherSpan fills the tables with what was said from the first time to the fourth, of which the period before begins with the
// second and the period with the third; the weeks begin with the fifth.
func gatherSpan(ctx context.Context, tx pgx.Tx, workspace, segment string, at [5]time.Time) error {
	if _, err := tx.Exec(ctx, gatherRoom); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, gatherTables); err != nil {
		return err
	}
	for _, fill := range []struct {
		sql  string
		args []any
	}{
		{gatherSpoke, []any{workspace, segment}},
		{`ANALYZE spoke`, nil},
		{gatherSaid, []any{workspace, at[0], at[1], at[2], at[3], segment}},
		{`ANALYZE said`, nil},
		{gatherPoints, []any{workspace, at[4]}},
		{`ANALYZE points`, nil},
	} {
		done, err := tx.Exec(ctx, fill.sql, fill.args...)
		if err != nil {
			return err
		}
		if fill.sql == gatherSpoke && segment != "" && done.RowsAffected() == 0 {
			return noSegment(ctx, tx, workspace, segment)
		}
	}
	return nil
}
