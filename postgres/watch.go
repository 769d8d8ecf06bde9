package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// The bounds of a watch.
const (
	watchAccounts = 200 // the largest
	watchQuotes   = 5   // of one subject
)

// Watched gives the workspaces that were heard since the moment or in which an alert stands.
func (s *Store) Watched(ctx context.Context, since time.Time) (workspaces []string, err error) {
	const find = `
		SELECT w.id FROM workspaces w
		WHERE EXISTS (SELECT FROM items i WHERE i.workspace_id = w.id AND i.occurred_at >= $1)
		   OR EXISTS (SELECT FROM alerts a WHERE a.workspace_id = w.id AND a.open)
		ORDER BY w.id`
	err = s.read(ctx, "find what to watch", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, since)
		if err != nil {
			return err
		}
		workspaces, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return workspaces, err
}

// Watch reads the facts of the days up to a moment that alerts are found in.
func (s *Store) Watch(ctx context.Context, workspace string, at time.Time) (feedback.Watch, error) {
	w := feedback.Watch{Workspace: workspace, At: at.UTC()}
	err := s.read(ctx, "read what is watched", func(tx pgx.Tx) error {
		w.Topics, w.Accounts = nil, nil
		for _, read := range []func(context.Context, pgx.Tx, *feedback.Watch) error{
			readWatchedTopics, readWatchedCounts, readWatchedSpeakers, readWatchedAccounts, readWatchedQuotes,
		} {
			if err := read(ctx, tx, &w); err != nil {
				return err
			}
		}
		return nil
	})
	return w, err
}

// listened is the CTE that every count of a watch starts from: the analysed excerpts of its days, without spam and without
// what repeats word for word what the same customer or author said before (as in gatherSaid). What is not analysed yet is
// in no topic and not known to be severe: it is left for the next look.
//
// $1 workspace, $2 start, $3 the watch's moment.
const listened = `
	WITH said AS MATERIALIZED (
	    SELECT id, source, customer_id, occurred_at,
	        row_number() OVER (
	            PARTITION BY body_hash, coalesce('c' || customer_id, 'a' || encode(author, 'hex'),
	                CASE WHEN octet_length(body) < 60 THEN id::text ELSE '' END)
	            ORDER BY occurred_at, id) > 1 AS repeat
	    FROM items
	    WHERE workspace_id = $1 AND occurred_at >= $2 AND occurred_at < $3 AND NOT spam
	), points AS (
	    SELECT s.id AS item_id, s.source, s.customer_id, s.occurred_at, e.id, coalesce(e.cluster_id, 0) AS cluster_id,
	        e.sentiment::numeric AS sentiment, e.severity, e.text, e.start_byte, e.end_byte
	    FROM said s JOIN excerpts e ON e.workspace_id = $1 AND e.item_id = s.id
	    WHERE NOT s.repeat AND e.model_id IS NOT NULL
	) `

// watchArgs are the arguments of listened for so many days, and more.
func watchArgs(w *feedback.Watch, days int, more ...any) []any {
	return append([]any{w.Workspace, w.At.AddDate(0, 0, -days), w.At}, more...)
}

func readWatchedTopics(ctx context.Context, tx pgx.Tx, w *feedback.Watch) error {
	const (
		span = `
			SELECT (SELECT min(occurred_at) FROM items WHERE workspace_id = $1 AND NOT spam),
			    (SELECT coalesce(sum(arr), 0)::float8 FROM customers WHERE workspace_id = $1)`
		find = `
			SELECT c.id, c.name,
			    (SELECT min(e.occurred_at) FROM excerpts e
			     WHERE e.workspace_id = c.workspace_id AND e.cluster_id = c.id AND NOT e.spam)
			FROM clusters c WHERE c.workspace_id = $1 AND NOT c.retired ORDER BY c.id`
	)
	var oldest *time.Time
	if err := tx.QueryRow(ctx, span, w.Workspace).Scan(&oldest, &w.ARR); err != nil {
		return err
	}
	if oldest != nil {
		w.Oldest = *oldest
	}
	rows, err := tx.Query(ctx, find, w.Workspace)
	if err != nil {
		return err
	}
	w.Topics = append(w.Topics, newTopicWatch())
	var id int32
	var name string
	var first *time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &name, &first}, func() error {
		t := newTopicWatch()
		t.Cluster, t.Name = feedback.ClusterID(id), name
		if first != nil {
			t.FirstSeen = *first
		}
		w.Topics = append(w.Topics, t)
		return nil
	})
	return err
}

func newTopicWatch() feedback.TopicWatch {
	const spans = feedback.WatchDays + feedback.WatchBefore
	return feedback.TopicWatch{Items: make([]int, spans), Excerpts: make([]int, spans), Severe: make([]int, spans)}
}

// watched finds a topic by its cluster, 0 for what is in none; nil for one that does not stand.
func watched(w *feedback.Watch, id int32) *feedback.TopicWatch {
	for i := range w.Topics {
		if w.Topics[i].Cluster == feedback.ClusterID(id) {
			return &w.Topics[i]
		}
	}
	return nil
}

// readWatchedCounts counts by spans of 24 hours before the watch's moment.
func readWatchedCounts(ctx context.Context, tx pgx.Tx, w *feedback.Watch) error {
	const find = listened + `
		SELECT cluster_id, ceil(extract(epoch FROM $3 - occurred_at) / 86400)::integer - 1,
		    count(DISTINCT item_id), count(*), count(*) FILTER (WHERE severity = 3)
		FROM points GROUP BY 1, 2`
	rows, err := tx.Query(ctx, find, watchArgs(w, feedback.WatchDays+feedback.WatchBefore)...)
	if err != nil {
		return err
	}
	var id int32
	var span, items, excerpts, severe int
	_, err = pgx.ForEachRow(rows, []any{&id, &span, &items, &excerpts, &severe}, func() error {
		if t := watched(w, id); t != nil && span >= 0 && span < len(t.Items) {
			t.Items[span], t.Excerpts[span], t.Severe[span] = items, excerpts, severe
		}
		return nil
	})
	return err
}

func readWatchedSpeakers(ctx context.Context, tx pgx.Tx, w *feedback.Watch) error {
	const find = listened + `
		SELECT cluster_id,
		    count(DISTINCT coalesce('c' || customer_id, item_id::text)) FILTER (WHERE occurred_at >= $3 - make_interval(days => $4)),
		    count(DISTINCT coalesce('c' || customer_id, item_id::text)) FILTER (WHERE severity = 3)
		FROM points GROUP BY 1`
	rows, err := tx.Query(ctx, find, watchArgs(w, feedback.AccountDays, feedback.WatchDays)...)
	if err != nil {
		return err
	}
	var id int32
	var speakers, victims int
	_, err = pgx.ForEachRow(rows, []any{&id, &speakers, &victims}, func() error {
		if t := watched(w, id); t != nil {
			t.Speakers, t.Victims = speakers, victims
		}
		return nil
	})
	return err
}

func readWatchedAccounts(ctx context.Context, tx pgx.Tx, w *feedback.Watch) error {
	const find = listened + `
		SELECT c.id, c.name, c.arr::float8,
		    count(*) FILTER (WHERE p.occurred_at >= $3 - make_interval(days => $4)),
		    count(*) FILTER (WHERE p.occurred_at >= $3 - make_interval(days => $4) AND p.sentiment < $5::numeric),
		    count(*) FILTER (WHERE p.occurred_at < $3 - make_interval(days => $4)),
		    count(*) FILTER (WHERE p.occurred_at < $3 - make_interval(days => $4) AND p.sentiment < $5::numeric)
		FROM points p JOIN customers c ON c.workspace_id = $1 AND c.id = p.customer_id
		WHERE c.arr > 0
		GROUP BY c.workspace_id, c.id ORDER BY c.arr DESC, c.id LIMIT $6`
	rows, err := tx.Query(ctx, find, watchArgs(w, feedback.AccountDays+feedback.AccountPast, feedback.AccountDays, feedback.Negative, watchAccounts)...)
	if err != nil {
		return err
	}
	w.Accounts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.AccountWatch, error) {
		var a feedback.AccountWatch
		return a, row.Scan(&a.ID, &a.Name, &a.ARR, &a.Now, &a.Negative, &a.Before, &a.BeforeNegative)
	})
	return err
}

// readWatchedQuotes picks the evidence: of a topic the most severe of the window and then of the last two weeks, of an
// account what is worst.
func readWatchedQuotes(ctx context.Context, tx pgx.Tx, w *feedback.Watch) error {
	const find = listened + `,
		late AS (
		    SELECT p.*, row_number() OVER (
		            PARTITION BY cluster_id
		            ORDER BY occurred_at >= $3 - make_interval(days => $4) DESC, severity DESC, occurred_at DESC, id) AS of_topic,
		        row_number() OVER (PARTITION BY customer_id ORDER BY sentiment, occurred_at DESC, id) AS of_account
		    FROM points p
		)
		SELECT l.cluster_id, coalesce(l.customer_id, ''), of_topic <= $5, of_account <= $5 AND l.sentiment < $6::numeric,
		    l.id, l.item_id, l.start_byte, l.end_byte, l.text, l.source, l.occurred_at,
		    coalesce(nullif(c.name, ''), l.customer_id, ''), coalesce(c.segment, ''), l.sentiment::float8, l.severity
		FROM late l LEFT JOIN customers c ON c.workspace_id = $1 AND c.id = l.customer_id
		WHERE of_topic <= $5 OR l.customer_id = ANY ($7) AND of_account <= $5 AND l.sentiment < $6::numeric
		ORDER BY of_topic, of_account, l.id`
	accounts := map[string]*feedback.AccountWatch{}
	ids := []string{}
	for i := range w.Accounts {
		accounts[w.Accounts[i].ID] = &w.Accounts[i]
		ids = append(ids, w.Accounts[i].ID)
	}
	rows, err := tx.Query(ctx, find, watchArgs(w, feedback.AccountDays, feedback.WatchDays, watchQuotes, feedback.Negative, ids)...)
	if err != nil {
		return err
	}
	var cluster int32
	var customer string
	var ofTopic, ofAccount bool
	var q feedback.Quote
	_, err = pgx.ForEachRow(rows, []any{&cluster, &customer, &ofTopic, &ofAccount, (*[16]byte)(&q.Excerpt), (*[16]byte)(&q.Item), &q.Start, &q.End,
		&q.Text, &q.Source, &q.OccurredAt, &q.Customer, &q.Segment, &q.Sentiment, &q.Severity}, func() error {
		if t := watched(w, cluster); t != nil && ofTopic {
			t.Quotes = append(t.Quotes, q)
		}
		if a := accounts[customer]; a != nil && ofAccount {
			a.Quotes = append(a.Quotes, q)
		}
		return nil
	})
	return err
}
