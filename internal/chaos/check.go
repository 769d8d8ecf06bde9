package chaos

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// Found is what a check found wrong. All of it must be 0, but for Dead where dead letters are expected.
type Found struct {
	Acknowledged int // distinct items that the producers were promised
	Lost         int // of them, those that the database does not hold
	Doubled      int // rows, excerpts and vectors beyond one each
	Wrong        int // items whose title, body, hash or excerpts are not those of the last acknowledged version
	Unanalysed   int // excerpts without a vector or labels
	Stray        int // items that nobody was promised
	Dead         int // items with a dead letter
	Unbalanced   int // messages for which the books have no outcome, and outcomes for which there was no message
}

// Sound says that nothing is wrong, with so many dead letters expected.
func (f Found) Sound(dead int) bool {
	return f == Found{Acknowledged: f.Acknowledged, Dead: dead} && f.Acknowledged > 0
}

// String lists what was found.
func (f Found) String() string {
	return fmt.Sprintf("acknowledged %d, lost %d, doubled %d, wrong %d, unanalysed %d, stray %d, dead %d, unbalanced %d",
		f.Acknowledged, f.Lost, f.Doubled, f.Wrong, f.Unanalysed, f.Stray, f.Dead, f.Unbalanced)
}

// kept is what the database holds of one item.
type kept struct {
	id       feedback.ID
	hash     []byte
	title    string
	body     string
	excerpts []keptExcerpt
}

type keptExcerpt struct {
	id         feedback.ID
	start, end int
	text       string
	analysed   bool
	vectors    int
}

// Check compares what was acknowledged with what the database holds, and the books with both. The site must be drained
// and up.
func Check(ctx context.Context, site *Site, ledger *Ledger) (Found, error) {
	var f Found
	promised, err := ledger.Last()
	if err != nil {
		return f, err
	}
	f.Acknowledged = len(promised)
	url, err := site.DatabaseURL(ctx)
	if err != nil {
		return f, err
	}
	held, err := f.load(ctx, url)
	if err != nil {
		return f, err
	}
	for id, version := range promised {
		rows := held[id]
		if len(rows) == 0 {
			f.Lost++
			continue
		}
		f.Doubled += len(rows) - 1
		if err := f.compare(rows[0], message(id, version)); err != nil {
			return f, err
		}
	}
	for id := range held {
		if promised[id] == 0 {
			f.Stray++
		}
	}
	b, err := site.books(ctx)
	if err != nil {
		return f, err
	}
	return f, f.audit(b)
}

// compare holds a row against the message that it must come from.
func (f *Found) compare(row *kept, data []byte) error {
	want, err := expected(data)
	if err != nil {
		return err
	}
	right := row.id == want.ID && bytes.Equal(row.hash, want.ContentHash[:]) && row.title == want.Title && row.body == want.Body
	f.Doubled += max(0, len(row.excerpts)-len(want.Excerpts))
	for i, e := range want.Excerpts {
		if i >= len(row.excerpts) {
			right = false
			break
		}
		got := row.excerpts[i]
		right = right && got.id == e.ID && got.start == e.Start && got.end == e.End && got.text == e.Text
		if !got.analysed || got.vectors == 0 {
			f.Unanalysed++
		}
		f.Doubled += max(0, got.vectors-1)
	}
	if !right {
		f.Wrong++
	}
	return nil
}

// audit holds the books against what was found. Every item was stored once, whatever came later.
func (f *Found) audit(b books) error {
	f.Unbalanced = max(b.Unaccounted, -b.Unaccounted) + b.Lost
	if !b.Settled || b.Balanced != (f.Unbalanced == 0) {
		return fmt.Errorf("the books are not settled, or contradict themselves: %+v", b)
	}
	for _, a := range b.Accounts {
		sum := a.Pending
		for _, n := range a.Outcomes {
			sum += n
		}
		f.Unbalanced += max(sum-a.Received, a.Received-sum) + a.Pending
		if a.Source == Source {
			// The first outcome of a message stands. One that was refused, whose verdict the queue lost with its process, and
			// that a later version takes, is dead in the books and stored all the same; nothing else is dead here.
			have := f.Acknowledged - f.Lost + f.Stray
			f.Unbalanced += max(0, a.Outcomes["stored"]-have) + max(0, have-a.Outcomes["stored"]-a.Outcomes["dead"])
		}
	}
	return nil
}

// load reads the items of the producers by their external ids, and counts the dead letters.
func (f *Found) load(ctx context.Context, url string) (map[string][]*kept, error) {
	const (
		items = `
			SELECT id, external_id, content_hash, title, body FROM items WHERE workspace_id = $1 AND source = $2`
		excerpts = `
			SELECT e.item_id, e.id, e.start_byte, e.end_byte, e.text, e.model_id IS NOT NULL AND e.kind IS NOT NULL,
			    coalesce(v.vectors, 0)
			FROM excerpts e LEFT JOIN (
			    SELECT excerpt_id, count(*) AS vectors FROM embeddings WHERE workspace_id = $1 GROUP BY 1) v ON v.excerpt_id = e.id
			WHERE e.workspace_id = $1 ORDER BY e.item_id, e.ordinal, e.id`
		// By what the producer called it: a replay sends a message as it was kept, redacted, and so as another letter.
		dead = `
			SELECT count(DISTINCT coalesce(substring(payload FROM '"external_id": ?"([^"]*)"'), id::text)) FROM dead_letters`
	)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := conn.QueryRow(ctx, dead).Scan(&f.Dead); err != nil {
		return nil, err
	}
	held, byID := map[string][]*kept{}, map[feedback.ID]*kept{}
	rows, _ := conn.Query(ctx, items, Workspace, Source)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*kept, error) {
		k, external := &kept{}, ""
		err := row.Scan((*[16]byte)(&k.id), &external, &k.hash, &k.title, &k.body)
		held[external] = append(held[external], k)
		return k, err
	})
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		byID[k.id] = k
	}
	rows, _ = conn.Query(ctx, excerpts, Workspace)
	var item feedback.ID
	var e keptExcerpt
	_, err = pgx.ForEachRow(rows, []any{(*[16]byte)(&item), (*[16]byte)(&e.id), &e.start, &e.end, &e.text, &e.analysed, &e.vectors}, func() error {
		if k := byID[item]; k != nil {
			k.excerpts = append(k.excerpts, e)
		}
		return nil
	})
	return held, err
}

// unanalysed counts excerpts that wait for analysis.
func unanalysed(ctx context.Context, url string) (n int, err error) {
	err = one(ctx, url, `SELECT count(*) FROM excerpts WHERE model_id IS NULL`, &n)
	return n, err
}

// one reads a single value.
func one(ctx context.Context, url, query string, into any) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return conn.QueryRow(ctx, query).Scan(into)
}

// DeadReasons counts the dead letters by their codes and reasons.
func DeadReasons(ctx context.Context, site *Site) (list string, err error) {
	url, err := site.DatabaseURL(ctx)
	if err != nil {
		return "", err
	}
	err = one(ctx, url, `
		SELECT coalesce(string_agg(format('%s %s: %s', n, code, reason), '; '), 'none')
		FROM (SELECT code, reason, count(*) AS n FROM dead_letters GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 10) AS d`, &list)
	return list, err
}
