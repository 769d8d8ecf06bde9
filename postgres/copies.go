package postgres

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

const (
	judgeBatch = 2000
	bandLimit  = 64 // items of one band that an item is held against: those of the lowest ids
)

// ofNoCopy leaves out, of excerpts e, those of copies. There are few of these beside all items, and they have an index of
// their own.
const ofNoCopy = `NOT EXISTS (
		SELECT FROM items d WHERE d.workspace_id = e.workspace_id AND d.id = e.item_id AND d.duplicate_of IS NOT NULL)`

// JudgeCopies takes up to 2,000 items of one workspace of which it is not known whether they say over again what others
// say, asks judge, and keeps what it says, in one transaction. Near are the items that share a band with those that wait,
// the originals of these, and the copies of those that wait. It says how many items it took; 0 where none waits, and
// where another process is at it.
func (s *Store) JudgeCopies(ctx context.Context, bands func(*feedback.Said) []int64,
	judge func(waiting, near []feedback.Said) ([]feedback.Judgement, []feedback.ID)) (taken int, err error) {
	err = s.write(ctx, "look for copies", func(tx pgx.Tx) error {
		taken = 0
		const (
			alone = `SELECT pg_try_advisory_xact_lock(hashtext('earshot copies'))`
			next  = `SELECT workspace_id FROM unjudged ORDER BY workspace_id LIMIT 1`
			take  = `
				SELECT i.id FROM items i
				WHERE i.workspace_id = $1 AND i.id IN (SELECT item_id FROM unjudged WHERE workspace_id = $1 ORDER BY item_id LIMIT $2)
				ORDER BY i.id FOR NO KEY UPDATE`
			done = `DELETE FROM unjudged WHERE workspace_id = $1 AND item_id = ANY ($2::uuid[])`
		)
		var mine bool
		if err := tx.QueryRow(ctx, alone).Scan(&mine); err != nil || !mine {
			return err
		}
		var workspace string
		if err := tx.QueryRow(ctx, next).Scan(&workspace); err != nil {
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return err
		}
		if err := lockWorkspaces(ctx, tx, []string{workspace}); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, take, workspace, judgeBatch)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[[16]byte])
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, done, workspace, ids); err != nil {
			return err
		}
		taken = len(ids)
		waiting, err := loadSaid(ctx, tx, workspace, ids)
		if err != nil {
			return err
		}
		keys, err := saveBands(ctx, tx, workspace, waiting, ids, bands)
		if err != nil {
			return err
		}
		near, err := loadNear(ctx, tx, workspace, ids, keys)
		if err != nil {
			return err
		}
		judged, again := judge(waiting, near)
		return saveJudgements(ctx, tx, workspace, judged, again)
	})
	return taken, err
}

func loadSaid(ctx context.Context, tx pgx.Tx, workspace string, ids [][16]byte) ([]feedback.Said, error) {
	const find = `
		SELECT id, source, coalesce(customer_id, ''), author, title, body, body_hash, occurred_at, spam, duplicate_of
		FROM items WHERE workspace_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id`
	rows, err := tx.Query(ctx, find, workspace, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Said, error) {
		var s feedback.Said
		var hash []byte
		var original *[16]byte
		err := row.Scan((*[16]byte)(&s.ID), &s.Source, &s.Customer, &s.Author, &s.Title, &s.Body, &hash, &s.OccurredAt, &s.Spam, &original)
		copy(s.BodyHash[:], hash)
		if original != nil {
			s.Original = *original
		}
		return s, err
	})
}

// saveBands puts the items' bands in place of those that they had, and gives each once, in order.
func saveBands(ctx context.Context, tx pgx.Tx, workspace string, said []feedback.Said, ids [][16]byte, bands func(*feedback.Said) []int64) ([]int64, error) {
	const (
		remove = `DELETE FROM bands WHERE workspace_id = $1 AND item_id = ANY ($2::uuid[])`
		insert = `INSERT INTO bands (workspace_id, band, item_id) SELECT $1, * FROM unnest($2::bigint[], $3::uuid[])`
	)
	if _, err := tx.Exec(ctx, remove, workspace, ids); err != nil {
		return nil, err
	}
	type row struct {
		band int64
		item [16]byte
	}
	var rows []row
	for i := range said {
		for _, band := range bands(&said[i]) {
			rows = append(rows, row{band, said[i].ID})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.band, b.band), bytes.Compare(a.item[:], b.item[:])) })
	rows = slices.Compact(rows)
	keys, items := make([]int64, len(rows)), make([][16]byte, len(rows))
	for i, r := range rows {
		keys[i], items[i] = r.band, r.item
	}
	_, err := tx.Exec(ctx, insert, workspace, keys, items)
	return slices.Compact(keys), err
}

// loadNear loads the items that have one of these bands, the originals of those, and the copies of the items themselves.
func loadNear(ctx context.Context, tx pgx.Tx, workspace string, ids [][16]byte, bands []int64) ([]feedback.Said, error) {
	const find = `
		WITH found AS (
		    SELECT o.item_id AS id
		    FROM unnest($4::bigint[]) AS b (band)
		    CROSS JOIN LATERAL (SELECT item_id FROM bands WHERE band = b.band AND workspace_id = $1 ORDER BY item_id LIMIT $3) AS o
		    UNION
		    SELECT id FROM items WHERE workspace_id = $1 AND duplicate_of = ANY ($2::uuid[]))
		SELECT id FROM found
		UNION
		SELECT i.duplicate_of FROM found f JOIN items i ON i.workspace_id = $1 AND i.id = f.id WHERE i.duplicate_of IS NOT NULL
		EXCEPT SELECT unnest($2::uuid[])`
	rows, err := tx.Query(ctx, find, workspace, ids, bandLimit, bands)
	if err != nil {
		return nil, err
	}
	near, err := pgx.CollectRows(rows, pgx.RowTo[[16]byte])
	if err != nil {
		return nil, err
	}
	return loadSaid(ctx, tx, workspace, near)
}

func saveJudgements(ctx context.Context, tx pgx.Tx, workspace string, judged []feedback.Judgement, again []feedback.ID) error {
	const (
		update = `
			UPDATE items i SET duplicate_of = n.original
			FROM unnest($2::uuid[], $3::uuid[]) AS n (id, original)
			WHERE i.workspace_id = $1 AND i.id = n.id AND i.duplicate_of IS DISTINCT FROM n.original`
		requeue = `INSERT INTO unjudged SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING`
	)
	ids, originals := make([][16]byte, len(judged)), make([]*[16]byte, len(judged))
	for i := range judged {
		ids[i] = judged[i].Item
		if judged[i].Original != (feedback.ID{}) {
			originals[i] = (*[16]byte)(&judged[i].Original)
		}
	}
	if _, err := tx.Exec(ctx, update, workspace, ids, originals); err != nil {
		return err
	}
	more := make([][16]byte, len(again))
	for i := range again {
		more[i] = again[i]
	}
	_, err := tx.Exec(ctx, requeue, workspace, more)
	return err
}

// toJudge has items judged that are new or changed.
func toJudge(ctx context.Context, tx pgx.Tx, items []*feedback.Item) error {
	const insert = `
		INSERT INTO unjudged (workspace_id, item_id) SELECT * FROM unnest($1::text[], $2::uuid[]) ON CONFLICT DO NOTHING`
	if len(items) == 0 {
		return nil
	}
	workspaces, ids := make([]string, len(items)), make([][16]byte, len(items))
	for i, it := range items {
		workspaces[i], ids[i] = it.Workspace, it.ID
	}
	_, err := tx.Exec(ctx, insert, workspaces, ids)
	return err
}

// copiesShown is how many copies a page of one item names.
const copiesShown = 50

// collectCopies gives the other items that say the same as one, the original first and then in the order of their times.
func collectCopies(ctx context.Context, tx pgx.Tx, workspace string, item feedback.ID) ([]feedback.Copy, error) {
	const find = `
		WITH me AS (SELECT coalesce(duplicate_of, id) AS original FROM items WHERE workspace_id = $1 AND id = $2)
		SELECT i.id, e.id, i.source, i.occurred_at, coalesce(nullif(u.name, ''), i.customer_id, ''), i.id = me.original
		FROM me
		JOIN items i ON i.workspace_id = $1 AND (i.id = me.original OR i.duplicate_of = me.original)
		JOIN LATERAL (SELECT id FROM excerpts WHERE workspace_id = $1 AND item_id = i.id ORDER BY ordinal LIMIT 1) e ON true
		LEFT JOIN customers u ON u.workspace_id = i.workspace_id AND u.id = i.customer_id
		WHERE i.id <> $2
		ORDER BY 6 DESC, i.occurred_at, i.id LIMIT $3`
	rows, err := tx.Query(ctx, find, workspace, [16]byte(item), copiesShown)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c feedback.Copy, err error) {
		return c, row.Scan((*[16]byte)(&c.Item), (*[16]byte)(&c.Excerpt), &c.Source, &c.OccurredAt, &c.Customer, &c.Original)
	})
}
