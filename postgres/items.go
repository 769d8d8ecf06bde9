package postgres

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
	"earshot/internal/crash"
)

// SaveItems saves a batch of items with their excerpts in one transaction, and says of each what became of it, in the
// batch's order. Saving the same batch twice changes nothing. What became of the messages that brought them is written
// down with them. Of two items of one id the one received later stands. An edit keeps the excerpts that it left standing,
// with their clusters, and has them analysed again. What was forgotten stays out.
func (s *Store) SaveItems(ctx context.Context, items []feedback.Item) ([]feedback.Outcome, error) {
	if len(items) == 0 {
		return nil, nil
	}
	crash.At(crash.IngestPrepared)
	var result []feedback.Outcome
	err := s.write(ctx, "save items", func(tx pgx.Tx) error {
		if err := ensureWorkspaces(ctx, tx, workspacesOf(items)); err != nil {
			return err
		}
		if err := nameAccounts(ctx, tx, items); err != nil {
			return err
		}
		forgotten, err := findForgotten(ctx, tx, items)
		if err != nil {
			return err
		}
		if result, err = saveAllowed(ctx, tx, items, forgotten); err != nil {
			return err
		}
		err = receiptsOf(ctx, tx, items, result)
		crash.At(crash.IngestSaving)
		return err
	})
	crash.At(crash.IngestSaved)
	return result, err
}

// saveAllowed saves the items that may be kept.
func saveAllowed(ctx context.Context, tx pgx.Tx, items []feedback.Item, forgotten map[int]bool) ([]feedback.Outcome, error) {
	allowed := make([]*feedback.Item, 0, len(items))
	for i := range items {
		if !forgotten[i] {
			allowed = append(allowed, &items[i])
		}
	}
	batch := distinct(allowed)
	if err := upsertCustomers(ctx, tx, customersOf(batch)); err != nil {
		return nil, err
	}
	fates, err := upsertItems(ctx, tx, batch)
	if err != nil {
		return nil, err
	}
	changed := slices.DeleteFunc(slices.Clone(batch), func(it *feedback.Item) bool {
		return fates[it.ID] != feedback.OutcomeStored && fates[it.ID] != feedback.OutcomeUpdated
	})
	if err := replaceExcerpts(ctx, tx, changed); err != nil {
		return nil, err
	}
	if err := toJudge(ctx, tx, changed); err != nil {
		return nil, err
	}
	return outcomes(items, forgotten, batch, fates), nil
}

func receiptsOf(ctx context.Context, tx pgx.Tx, items []feedback.Item, result []feedback.Outcome) error {
	n := len(items)
	receipts, workspaces, sources := make([]feedback.Receipt, n), make([]string, n), make([]string, n)
	for i := range items {
		receipts[i], workspaces[i], sources[i] = items[i].Receipt, items[i].Workspace, items[i].Source
	}
	return giveReceipts(ctx, tx, receipts, workspaces, sources, result)
}

// distinct gives the latest received of each id, in the order of the ids: workers that save overlapping batches then
// lock the rows in one order.
func distinct(items []*feedback.Item) []*feedback.Item {
	latest := make(map[feedback.ID]*feedback.Item, len(items))
	for _, it := range items {
		if have := latest[it.ID]; have == nil || !before(it, have) {
			latest[it.ID] = it
		}
	}
	batch := make([]*feedback.Item, 0, len(latest))
	for _, it := range latest {
		batch = append(batch, it)
	}
	slices.SortFunc(batch, func(a, b *feedback.Item) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return batch
}

// before says that a's message came before b's: by their places in the stream, or by the clock where they have none in
// common.
func before(a, b *feedback.Item) bool {
	if a.Receipt.Stream == b.Receipt.Stream && a.Receipt.Stream != 0 {
		return a.Receipt.Sequence < b.Receipt.Sequence
	}
	return a.ReceivedAt.Before(b.ReceivedAt)
}

// outcomes spreads the fates of the distinct items over the batch as it was given.
func outcomes(items []feedback.Item, forgotten map[int]bool, batch []*feedback.Item, fates map[feedback.ID]feedback.Outcome) []feedback.Outcome {
	winner := make(map[feedback.ID]*feedback.Item, len(batch))
	for _, it := range batch {
		winner[it.ID] = it
	}
	out := make([]feedback.Outcome, len(items))
	for i := range items {
		switch w := winner[items[i].ID]; {
		case forgotten[i]:
			out[i] = feedback.OutcomeForgotten
		case w == &items[i]:
			out[i] = fates[w.ID]
		case w.ContentHash == items[i].ContentHash:
			out[i] = feedback.OutcomeDuplicate
		default:
			out[i] = feedback.OutcomeStale
		}
	}
	return out
}

// ensureWorkspaces makes the workspaces that are new, and locks all against being forgotten in.
func ensureWorkspaces(ctx context.Context, tx pgx.Tx, names []string) error {
	const insert = `INSERT INTO workspaces (id) SELECT unnest($1::text[]) ON CONFLICT (id) DO NOTHING`
	if _, err := tx.Exec(ctx, insert, names); err != nil {
		return err
	}
	return lockWorkspaces(ctx, tx, names)
}

// customerRow is a customer of one workspace.
type customerRow struct {
	workspace string
	feedback.Customer
}

// customersOf gives the customers that the items name, one row for each, in a fixed order. What a later item says of a
// customer wins over what an earlier one says.
func customersOf(batch []*feedback.Item) []customerRow {
	byTime := slices.Clone(batch)
	slices.SortStableFunc(byTime, func(a, b *feedback.Item) int { return a.OccurredAt.Compare(b.OccurredAt) })
	rows := map[[2]string]*customerRow{}
	for _, it := range byTime {
		c := it.Customer
		if c == nil {
			continue
		}
		key := [2]string{it.Workspace, c.ID}
		row := rows[key]
		if row == nil {
			row = &customerRow{workspace: it.Workspace, Customer: feedback.Customer{ID: c.ID}}
			rows[key] = row
		}
		row.Name = cmp.Or(c.Name, row.Name)
		row.Segment = cmp.Or(c.Segment, row.Segment)
		row.Plan = cmp.Or(c.Plan, row.Plan)
		row.ARR = cmp.Or(c.ARR, row.ARR)
		if len(c.Attributes) > 0 {
			row.Attributes = c.Attributes
		}
	}
	out := make([]customerRow, 0, len(rows))
	for _, row := range rows {
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b customerRow) int {
		return cmp.Or(cmp.Compare(a.workspace, b.workspace), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// upsertCustomers passes over those that are known to be so already: an upsert would lock them, and workers whose batches
// name the same customers would wait for each other's commits. A name that is the id says nothing of one that has a name.
func upsertCustomers(ctx context.Context, tx pgx.Tx, rows []customerRow) error {
	if len(rows) == 0 {
		return nil
	}
	const upsert = `
		INSERT INTO customers AS c (workspace_id, id, name, segment, plan, arr, attributes)
		SELECT workspace_id, id, name, segment, plan, arr, attributes::jsonb
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::text[])
		     AS n (workspace_id, id, name, segment, plan, arr, attributes)
		WHERE NOT EXISTS (
		    SELECT FROM customers c WHERE c.workspace_id = n.workspace_id AND c.id = n.id AND
		        (c.name, c.segment, c.plan, c.arr, c.attributes) IS NOT DISTINCT FROM
		        (coalesce(nullif(nullif(n.name, ''), n.id), c.name), coalesce(nullif(n.segment, ''), c.segment),
		         coalesce(nullif(n.plan, ''), c.plan), coalesce(n.arr::numeric(16, 2), c.arr), c.attributes || n.attributes::jsonb))
		ON CONFLICT (workspace_id, id) DO UPDATE SET
		    name       = coalesce(nullif(nullif(excluded.name, ''), excluded.id), c.name),
		    segment    = coalesce(nullif(excluded.segment, ''), c.segment),
		    plan       = coalesce(nullif(excluded.plan, ''), c.plan),
		    arr        = coalesce(excluded.arr, c.arr),
		    attributes = c.attributes || excluded.attributes
		WHERE (c.name, c.segment, c.plan, c.arr, c.attributes) IS DISTINCT FROM
		      (coalesce(nullif(nullif(excluded.name, ''), excluded.id), c.name), coalesce(nullif(excluded.segment, ''), c.segment),
		       coalesce(nullif(excluded.plan, ''), c.plan), coalesce(excluded.arr, c.arr),
		       c.attributes || excluded.attributes)`
	n := len(rows)
	workspaces, ids, names := make([]string, n), make([]string, n), make([]string, n)
	segments, plans, arrs, attributes := make([]string, n), make([]string, n), make([]*float64, n), make([]string, n)
	for i, r := range rows {
		workspaces[i], ids[i], names[i], segments[i], plans[i], arrs[i] = r.workspace, r.ID, r.Name, r.Segment, r.Plan, r.ARR
		var err error
		if attributes[i], err = object(r.Attributes); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, upsert, workspaces, ids, names, segments, plans, arrs, attributes)
	return err
}

// object encodes attributes as a JSON object; encoding/json sorts the keys. Its errors are Invalid.
func object(m map[string]json.RawMessage) (string, error) {
	if len(m) == 0 {
		return "{}", nil
	}
	b, err := json.Marshal(m)
	if err != nil {
		return "", feedback.Errorf(feedback.Invalid, "the attributes are not JSON")
	}
	return string(b), nil
}

func upsertItems(ctx context.Context, tx pgx.Tx, batch []*feedback.Item) (map[feedback.ID]feedback.Outcome, error) {
	const upsert = `
		INSERT INTO items AS i (workspace_id, id, source, external_id, content_hash, body_hash, occurred_at, received_at,
		    title, body, language, customer_id, author, rating, score, url, attributes, spam, address, heard_stream, heard_sequence)
		SELECT workspace_id, id, source, external_id, content_hash, body_hash, occurred_at, received_at,
		    title, body, language, customer_id, author, rating, score, url, attributes::jsonb, spam, address, heard_stream, heard_sequence
		FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::timestamptz[],
		        $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bytea[], $14::float8[],
		        $15::float8[], $16::text[], $17::text[], $18::boolean[], $19::bytea[], $20::bigint[], $21::bigint[])
		     AS n (workspace_id, id, source, external_id, content_hash, body_hash, occurred_at, received_at,
		        title, body, language, customer_id, author, rating, score, url, attributes, spam, address, heard_stream, heard_sequence)
		ON CONFLICT (workspace_id, id) DO UPDATE SET
		    content_hash = excluded.content_hash, body_hash = excluded.body_hash, occurred_at = excluded.occurred_at,
		    received_at = excluded.received_at, title = excluded.title, body = excluded.body,
		    language = excluded.language, customer_id = excluded.customer_id, author = excluded.author,
		    rating = excluded.rating, score = excluded.score, url = excluded.url, attributes = excluded.attributes,
		    spam = excluded.spam, address = excluded.address, heard_stream = excluded.heard_stream, heard_sequence = excluded.heard_sequence
		WHERE i.content_hash <> excluded.content_hash AND
		    CASE WHEN i.heard_stream = excluded.heard_stream AND i.heard_stream <> 0
		    THEN i.heard_sequence <= excluded.heard_sequence ELSE i.received_at <= excluded.received_at END
		RETURNING i.id, xmax = 0`
	n := len(batch)
	var (
		workspaces, sources, externals = make([]string, n), make([]string, n), make([]string, n)
		ids                            = make([][16]byte, n)
		contents, bodies               = make([][]byte, n), make([][]byte, n)
		authors, addresses             = make([][]byte, n), make([][]byte, n)
		occurred, received             = make([]time.Time, n), make([]time.Time, n)
		titles, texts, languages       = make([]string, n), make([]string, n), make([]string, n)
		customers                      = make([]*string, n)
		ratings, scores                = make([]*float64, n), make([]*float64, n)
		urls, attributes               = make([]string, n), make([]string, n)
		spam                           = make([]bool, n)
		streams, sequences             = make([]int64, n), make([]int64, n)
	)
	for i, it := range batch {
		streams[i], sequences[i] = it.Receipt.Stream, int64(it.Receipt.Sequence)
		workspaces[i], sources[i], externals[i], ids[i] = it.Workspace, it.Source, it.ExternalID, it.ID
		contents[i], bodies[i], authors[i], addresses[i] = it.ContentHash[:], it.BodyHash[:], it.Author, it.Address
		occurred[i], received[i] = it.OccurredAt, it.ReceivedAt
		titles[i], texts[i], languages[i], urls[i] = it.Title, it.Body, it.Language, it.URL
		ratings[i], scores[i], spam[i] = it.Rating, it.Score, it.Spam
		var err error
		if attributes[i], err = object(it.Attributes); err != nil {
			return nil, err
		}
		if it.Customer != nil {
			customers[i] = &it.Customer.ID
		}
	}
	rows, err := tx.Query(ctx, upsert, workspaces, ids, sources, externals, contents, bodies, occurred, received,
		titles, texts, languages, customers, authors, ratings, scores, urls, attributes, spam, addresses,
		streams, sequences)
	if err != nil {
		return nil, err
	}
	fates := make(map[feedback.ID]feedback.Outcome, n)
	var id [16]byte
	var inserted bool
	if _, err := pgx.ForEachRow(rows, []any{&id, &inserted}, func() error {
		fates[id] = feedback.OutcomeUpdated
		if inserted {
			fates[id] = feedback.OutcomeStored
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if len(fates) == n {
		return fates, nil
	}
	return fates, findUnchanged(ctx, tx, workspaces, ids, contents, streams, sequences, fates)
}

// findUnchanged tells a duplicate from a stale item, for those that the upsert left alone. A duplicate says again what is
// stored, and is remembered as the last to say so: another wording that lies before it and is delivered later must not
// take its place.
func findUnchanged(ctx context.Context, tx pgx.Tx, workspaces []string, ids [][16]byte, contents [][]byte,
	streams, sequences []int64, fates map[feedback.ID]feedback.Outcome) error {
	const find = `
		WITH n AS (
		    SELECT * FROM unnest($1::text[], $2::uuid[], $3::bytea[], $4::bigint[], $5::bigint[])
		        AS n (workspace_id, id, content_hash, stream, sequence)),
		heard AS (
		    UPDATE items i SET heard_stream = n.stream, heard_sequence = n.sequence FROM n
		    WHERE i.workspace_id = n.workspace_id AND i.id = n.id AND i.content_hash = n.content_hash
		        AND n.stream <> 0 AND (i.heard_stream <> n.stream OR i.heard_sequence < n.sequence))
		SELECT n.id, i.content_hash = n.content_hash
		FROM n JOIN items i ON i.workspace_id = n.workspace_id AND i.id = n.id`
	rows, err := tx.Query(ctx, find, workspaces, ids, contents, streams, sequences)
	if err != nil {
		return err
	}
	var id [16]byte
	var same bool
	_, err = pgx.ForEachRow(rows, []any{&id, &same}, func() error {
		if _, known := fates[id]; known {
			return nil
		}
		fates[id] = feedback.OutcomeStale
		if same {
			fates[id] = feedback.OutcomeDuplicate
		}
		return nil
	})
	return err
}

func replaceExcerpts(ctx context.Context, tx pgx.Tx, items []*feedback.Item) error {
	if len(items) == 0 {
		return nil
	}
	const remove = `
		DELETE FROM excerpts e
		USING unnest($1::text[], $2::uuid[]) AS n (workspace_id, item_id)
		WHERE e.workspace_id = n.workspace_id AND e.item_id = n.item_id AND e.id <> ALL ($3::uuid[])`
	const upsert = `
		INSERT INTO excerpts (workspace_id, id, item_id, ordinal, start_byte, end_byte, text, occurred_at, spam)
		SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::integer[], $5::integer[], $6::integer[], $7::text[],
		    $8::timestamptz[], $9::boolean[])
		ON CONFLICT (workspace_id, id) DO UPDATE SET
		    ordinal = excluded.ordinal, start_byte = excluded.start_byte, end_byte = excluded.end_byte,
		    occurred_at = excluded.occurred_at, spam = excluded.spam, model_id = NULL`
	var (
		owners              []string
		ownerIDs            [][16]byte
		workspaces, texts   []string
		ids, itemIDs        [][16]byte
		ordinal, start, end []int32
		occurred            []time.Time
		spam                []bool
	)
	for _, it := range items {
		owners, ownerIDs = append(owners, it.Workspace), append(ownerIDs, it.ID)
		for k, e := range it.Excerpts {
			workspaces, texts = append(workspaces, it.Workspace), append(texts, e.Text)
			ids, itemIDs = append(ids, e.ID), append(itemIDs, it.ID)
			ordinal, start, end = append(ordinal, int32(k)), append(start, int32(e.Start)), append(end, int32(e.End))
			occurred, spam = append(occurred, it.OccurredAt), append(spam, it.Spam)
		}
	}
	if _, err := tx.Exec(ctx, remove, owners, ownerIDs, ids); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, upsert, workspaces, ids, itemIDs, ordinal, start, end, texts, occurred, spam)
	return err
}
