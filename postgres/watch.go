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

// Watch reads the facts of the days up to a moment that alerts are found in, from one moment of the database. What is not
// analysed yet is in no topic and not known to be severe: it is left for the next look. What is in a hidden topic is left out.
func (s *Store) Watch(ctx context.Context, workspace string, at time.Time) (feedback.Watch, error) {
	w := feedback.Watch{Workspace: workspace, At: at.UTC()}
	// Not read-only, for it makes tables of its own; they go with it.
	moment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead}
	err := coded("read what is watched", pgx.BeginTxFunc(ctx, s.pool, moment, func(tx pgx.Tx) error {
		w.Topics, w.Accounts = nil, nil
		start, late := w.At.AddDate(0, 0, -feedback.AccountDays-feedback.AccountPast), w.At.AddDate(0, 0, -feedback.AccountDays)
		if err := gatherSpan(ctx, tx, workspace, "", [5]time.Time{start, start, late, w.At, start}); err != nil {
			return err
		}
		for _, read := range []func(context.Context, pgx.Tx, *feedback.Watch) error{
			readWatchedTopics, readWatchedCounts, readWatchedSpeakers, readWatchedAccounts, readWatchedQuotes,
		} {
			if err := read(ctx, tx, &w); err != nil {
				return err
			}
		}
		return nil
	}))
	return w, err
}

// since is when the days of a watch begin.
func since(w *feedback.Watch, days int) time.Time { return w.At.AddDate(0, 0, -days) }

func readWatchedTopics(ctx context.Context, tx pgx.Tx, w *feedback.Watch) error {
	const (
		span = `
			SELECT (SELECT min(occurred_at) FROM items WHERE workspace_id = $1 AND NOT spam),
			    (SELECT coalesce(sum(arr), 0)::float8 FROM customers WHERE workspace_id = $1)`
		find = `
			SELECT c.id, c.name,
			    (SELECT min(e.occurred_at) FROM excerpts e
			     WHERE e.workspace_id = c.workspace_id AND e.cluster_id = c.id AND NOT e.spam)
			FROM clusters c WHERE c.workspace_id = $1 AND NOT c.retired AND NOT c.hidden ORDER BY c.id`
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
	const find = `
		SELECT coalesce(cluster_id, 0), ceil(date_part('epoch', $2 - occurred_at) / 86400)::integer - 1,
		    count(DISTINCT item), count(*), count(*) FILTER (WHERE severity = 3)
		FROM points WHERE occurred_at >= $1 AND model_id IS NOT NULL AND NOT hidden GROUP BY 1, 2`
	rows, err := tx.Query(ctx, find, since(w, feedback.WatchDays+feedback.WatchBefore), w.At)
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
	const find = `
		SELECT coalesce(cluster_id, 0),
		    count(DISTINCT coalesce(customer, -item)) FILTER (WHERE occurred_at >= $2),
		    count(DISTINCT coalesce(customer, -item)) FILTER (WHERE severity = 3)
		FROM points WHERE occurred_at >= $1 AND model_id IS NOT NULL AND NOT hidden GROUP BY 1`
	rows, err := tx.Query(ctx, find, since(w, feedback.AccountDays), since(w, feedback.WatchDays))
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
	const find = `
		SELECT c.id, c.name, c.arr::float8, p.now, p.negative, p.before, p.before_negative
		FROM (SELECT customer, count(*) FILTER (WHERE period = 1) AS now, count(*) FILTER (WHERE period = 1 AND mood < $1) AS negative,
		          count(*) FILTER (WHERE period < 1) AS before, count(*) FILTER (WHERE period < 1 AND mood < $1) AS before_negative
		      FROM points WHERE model_id IS NOT NULL AND customer IS NOT NULL GROUP BY 1) AS p
		JOIN spoke c ON c.n = p.customer
		WHERE c.arr > 0 ORDER BY c.arr DESC, c.id LIMIT $2`
	rows, err := tx.Query(ctx, find, units(feedback.Negative), watchAccounts)
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
	const find = `
		WITH late AS (
		    SELECT p.*, coalesce(p.cluster_id, 0) AS topic, c.id AS account, c.name, c.segment, c.id = ANY ($5) AS watched,
		        row_number() OVER (PARTITION BY p.cluster_id ORDER BY p.occurred_at >= $2 DESC, severity DESC, p.occurred_at DESC, p.id) AS of_topic,
		        row_number() OVER (PARTITION BY p.customer ORDER BY mood, p.occurred_at DESC, p.id) AS of_account
		    FROM points p LEFT JOIN spoke c ON c.n = p.customer
		    WHERE p.occurred_at >= $1 AND model_id IS NOT NULL AND NOT hidden
		), picked AS (
		    SELECT *, of_account <= $3 AND mood < $4 AS telling FROM late
		    WHERE of_topic <= $3 OR watched AND of_account <= $3 AND mood < $4
		    ORDER BY of_topic, of_account, id LIMIT $6 -- which tells the planner how few they are
		)
		SELECT l.topic, coalesce(l.account, ''), l.of_topic <= $3, l.telling, l.id, h.id, e.start_byte, e.end_byte, e.text, h.source, l.occurred_at,
		    coalesce(l.name, ''), coalesce(l.segment, ''), l.mood / 1e9::float8, l.severity
		FROM picked l
		JOIN said h ON h.n = l.item
		JOIN excerpts e ON e.workspace_id = $7 AND e.id = l.id
		ORDER BY of_topic, of_account, l.id`
	accounts := map[string]*feedback.AccountWatch{}
	ids := []string{}
	for i := range w.Accounts {
		accounts[w.Accounts[i].ID] = &w.Accounts[i]
		ids = append(ids, w.Accounts[i].ID)
	}
	rows, err := tx.Query(ctx, find, since(w, feedback.AccountDays), since(w, feedback.WatchDays), watchQuotes, units(feedback.Negative), ids,
		watchQuotes*(len(w.Topics)+len(ids)), w.Workspace)
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
