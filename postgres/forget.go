package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// Forgetting says how a subject is to be forgotten.
type Forgetting struct {
	Subject feedback.Subject
	At      time.Time
	By      string // who asked for it: stands on the receipt
	Copies  bool   // near-copies that others sent go too
	DryRun  bool   // count what would go, and change nothing

	// Concerns says whether a dead letter is the subject's, of whom more may be known by then than was asked for: the other
	// ids of an author, the name of a customer.
	Concerns func(feedback.Subject, *feedback.DeadLetter) bool
	// Redact takes what is gone out of a Pulse's document, and says whether there was anything.
	Redact func(document []byte, gone feedback.Gone) (redacted []byte, changed bool, err error)
}

// errUndone rolls a transaction back that has done what was asked of it.
var errUndone = errors.New("nothing is to be kept of this")

// Forget erases all that is kept of a subject, in one transaction, keeps it from coming back, and gives the receipt. What
// nobody else says any more goes out of the names and quotes of clusters and out of Pulses too. Forgetting again what is
// forgotten changes nothing and gives an empty receipt with the number of the first. It fails with NotFound for a
// workspace that nobody knows.
//
// An item that is being saved meanwhile is either seen here or sees the tombstone: both sides lock the workspace first.
func (s *Store) Forget(ctx context.Context, f Forgetting) (feedback.Erasure, error) {
	e := &erasure{f: f}
	err := s.write(ctx, "forget", func(tx pgx.Tx) error {
		*e = erasure{f: f, receipt: feedback.Erasure{Workspace: f.Subject.Workspace, Kind: f.Subject.Kind,
			Subject: subjectName(f.Subject), At: f.At.UTC(), By: f.By}}
		for _, step := range []func(context.Context, pgx.Tx) error{
			e.begin, e.findItems, e.findCopies, e.readTexts, e.releaseCopies, e.deleteRows, e.deleteLetters, e.layTombs, e.mendClusters,
			e.mendPulses, e.finish,
		} {
			if err := step(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errUndone) {
		err = nil
	}
	return e.receipt, err
}

func subjectName(s feedback.Subject) string {
	first := s.Tombs()[0]
	return hex.EncodeToString(first[:])
}

// erasure is one Forget under way.
type erasure struct {
	f       Forgetting
	receipt feedback.Erasure

	people   [][]byte   // hashes of the author, those of the ids that the address was given with among them
	items    [][16]byte // that go
	excerpts [][16]byte
	clusters []int32 // that lose members
	gone     feedback.Gone
	earlier  int // the erasure that forgot the subject before; 0 for none
}

func (e *erasure) workspace() string { return e.f.Subject.Workspace }

func tombBytes(tombs [][32]byte) [][]byte {
	out := make([][]byte, len(tombs))
	for i := range tombs {
		out[i] = tombs[i][:]
	}
	return out
}

// begin waits until nothing is being saved in the workspace, and takes the next number.
func (e *erasure) begin(ctx context.Context, tx pgx.Tx) error {
	const (
		lock    = `SELECT id FROM workspaces WHERE id = $1 FOR UPDATE`
		earlier = `SELECT coalesce(min(erasure_id), 0) FROM tombstones WHERE workspace_id = $1 AND subject = ANY ($2::bytea[])`
		begin   = `
			INSERT INTO erasures (workspace_id, id, kind, subject, erased_at, erased_by, items, excerpts, vectors, customers,
			    dead_letters, clusters, pulses)
			SELECT $1, coalesce(max(id), 0) + 1, $2, decode($3, 'hex'), $4, $5, 0, 0, 0, 0, 0, 0, 0 FROM erasures WHERE workspace_id = $1
			RETURNING id`
	)
	var id string
	err := tx.QueryRow(ctx, lock, e.workspace()).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return feedback.Errorf(feedback.NotFound, "there is no workspace %q", e.workspace())
	}
	if err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, earlier, e.workspace(), tombBytes(e.f.Subject.Tombs())).Scan(&e.earlier); err != nil {
		return err
	}
	r := &e.receipt
	return tx.QueryRow(ctx, begin, r.Workspace, string(r.Kind), r.Subject, r.At, r.By).Scan(&r.ID)
}

func (e *erasure) findItems(ctx context.Context, tx pgx.Tx) error {
	const (
		others     = `SELECT DISTINCT author FROM items WHERE workspace_id = $1 AND address = ANY ($2::bytea[]) AND author IS NOT NULL ORDER BY 1`
		ofAuthor   = `SELECT id FROM items WHERE workspace_id = $1 AND (author = ANY ($2::bytea[]) OR address = ANY ($2::bytea[])) ORDER BY id FOR UPDATE`
		ofCustomer = `SELECT id FROM items WHERE workspace_id = $1 AND customer_id = $2 ORDER BY id FOR UPDATE`
		one        = `SELECT id FROM items WHERE workspace_id = $1 AND id = $2 FOR UPDATE`
	)
	var rows pgx.Rows
	var err error
	switch s := e.f.Subject; s.Kind {
	case feedback.SubjectCustomer:
		rows, err = tx.Query(ctx, ofCustomer, s.Workspace, s.Customer)
	case feedback.SubjectItem:
		rows, err = tx.Query(ctx, one, s.Workspace, [16]byte(s.Item))
	default:
		e.people = tombBytes(s.Hashes)
		if rows, err = tx.Query(ctx, others, s.Workspace, e.people); err != nil {
			return err
		}
		var ids [][]byte
		if ids, err = pgx.CollectRows(rows, pgx.RowTo[[]byte]); err != nil {
			return err
		}
		e.people = append(e.people, ids...)
		rows, err = tx.Query(ctx, ofAuthor, s.Workspace, e.people)
	}
	if err != nil {
		return err
	}
	e.items, err = pgx.CollectRows(rows, pgx.RowTo[[16]byte])
	return err
}

// findCopies finds the near-copies of the items that others sent. They go too, or are counted.
func (e *erasure) findCopies(ctx context.Context, tx pgx.Tx) error {
	const find = `
		WITH originals AS (SELECT DISTINCT coalesce(duplicate_of, id) AS id FROM items WHERE workspace_id = $1 AND id = ANY ($2::uuid[]))
		SELECT i.id FROM originals o JOIN items i ON i.workspace_id = $1 AND (i.id = o.id OR i.duplicate_of = o.id)
		WHERE i.id <> ALL ($2::uuid[]) ORDER BY i.id FOR UPDATE OF i`
	rows, err := tx.Query(ctx, find, e.workspace(), e.items)
	if err != nil {
		return err
	}
	copies, err := pgx.CollectRows(rows, pgx.RowTo[[16]byte])
	if e.f.Copies {
		e.items = append(e.items, copies...)
	} else {
		e.receipt.Copies = len(copies)
	}
	return err
}

// readTexts reads what is about to go, for it has to be found wherever it was quoted.
func (e *erasure) readTexts(ctx context.Context, tx pgx.Tx) error {
	const (
		excerpts = `SELECT id, text, coalesce(cluster_id, 0) FROM excerpts WHERE workspace_id = $1 AND item_id = ANY ($2::uuid[]) ORDER BY id`
		titles   = `SELECT title FROM items WHERE workspace_id = $1 AND id = ANY ($2::uuid[]) AND title <> '' ORDER BY id`
		names    = `SELECT id, name FROM customers WHERE workspace_id = $1 AND id = $2`
		vectors  = `SELECT count(*) FROM embeddings WHERE workspace_id = $1 AND excerpt_id = ANY ($2::uuid[])`
	)
	e.gone.Excerpts = map[feedback.ID]bool{}
	rows, err := tx.Query(ctx, excerpts, e.workspace(), e.items)
	if err != nil {
		return err
	}
	var id [16]byte
	var text, name string
	var cluster int32
	seen := map[int32]bool{0: true}
	if _, err = pgx.ForEachRow(rows, []any{&id, &text, &cluster}, func() error {
		e.gone.Excerpts[id] = true
		e.gone.Texts = append(e.gone.Texts, text)
		e.excerpts = append(e.excerpts, id)
		if !seen[cluster] {
			seen[cluster] = true
			e.clusters = append(e.clusters, cluster)
		}
		return nil
	}); err != nil {
		return err
	}
	if rows, err = tx.Query(ctx, titles, e.workspace(), e.items); err != nil {
		return err
	}
	if _, err = pgx.ForEachRow(rows, []any{&text}, func() error { e.gone.Texts = append(e.gone.Texts, text); return nil }); err != nil {
		return err
	}
	if e.f.Subject.Kind == feedback.SubjectCustomer {
		if rows, err = tx.Query(ctx, names, e.workspace(), e.f.Subject.Customer); err != nil {
			return err
		}
		if _, err = pgx.ForEachRow(rows, []any{&text, &name}, func() error {
			e.gone.Customers = append(e.gone.Customers, text)
			if name != "" {
				e.gone.Customers = append(e.gone.Customers, name)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	e.receipt.Items, e.receipt.Excerpts, e.receipt.Customers = len(e.items), len(e.excerpts), min(len(e.gone.Customers), 1)
	return tx.QueryRow(ctx, vectors, e.workspace(), e.excerpts).Scan(&e.receipt.Vectors)
}

// releaseCopies has the copies of what goes judged anew.
func (e *erasure) releaseCopies(ctx context.Context, tx pgx.Tx) error {
	const release = `
		WITH released AS (
		    UPDATE items SET duplicate_of = NULL WHERE workspace_id = $1 AND duplicate_of = ANY ($2::uuid[]) AND id <> ALL ($2::uuid[])
		    RETURNING id)
		INSERT INTO unjudged SELECT $1, id FROM released ON CONFLICT DO NOTHING`
	_, err := tx.Exec(ctx, release, e.workspace(), e.items)
	return err
}

// deleteRows takes the items with all that hangs on them, and the customer.
func (e *erasure) deleteRows(ctx context.Context, tx pgx.Tx) error {
	const (
		items    = `DELETE FROM items WHERE workspace_id = $1 AND id = ANY ($2::uuid[])`
		customer = `DELETE FROM customers WHERE workspace_id = $1 AND id = $2`
	)
	if _, err := tx.Exec(ctx, items, e.workspace(), e.items); err != nil {
		return err
	}
	if e.f.Subject.Kind != feedback.SubjectCustomer {
		return nil
	}
	_, err := tx.Exec(ctx, customer, e.workspace(), e.f.Subject.Customer)
	return err
}

func (e *erasure) deleteLetters(ctx context.Context, tx pgx.Tx) error {
	const (
		find   = `SELECT id, source, payload FROM dead_letters WHERE workspace_id = $1 ORDER BY id`
		remove = `DELETE FROM dead_letters WHERE workspace_id = $1 AND id = ANY ($2::uuid[])`
	)
	rows, err := tx.Query(ctx, find, e.workspace())
	if err != nil {
		return err
	}
	subject := e.f.Subject
	for _, person := range e.people {
		subject.Hashes = append(slices.Clip(subject.Hashes), [32]byte(person))
	}
	subject.Called = append(slices.Clip(subject.Called), e.gone.Customers...)
	var letters [][16]byte
	var d feedback.DeadLetter
	if _, err := pgx.ForEachRow(rows, []any{(*[16]byte)(&d.ID), &d.Source, &d.Payload}, func() error {
		if e.f.Concerns(subject, &d) {
			letters = append(letters, d.ID)
		}
		return nil
	}); err != nil {
		return err
	}
	e.receipt.DeadLetters = len(letters)
	_, err = tx.Exec(ctx, remove, e.workspace(), letters)
	return err
}

// layTombs keeps the subject out, and each of its items.
func (e *erasure) layTombs(ctx context.Context, tx pgx.Tx) error {
	const lay = `
		INSERT INTO tombstones (workspace_id, subject, erasure_id) SELECT $1, unnest($2::bytea[]), $3
		ON CONFLICT (workspace_id, subject) DO NOTHING`
	tombs := append(tombBytes(e.f.Subject.Tombs()), e.people...)
	for _, called := range e.gone.Customers { // messages may call a customer by its name alone
		tomb := feedback.CustomerTomb(e.workspace(), called)
		tombs = append(tombs, tomb[:])
	}
	for _, id := range e.items {
		tomb := feedback.ItemTomb(id)
		tombs = append(tombs, tomb[:])
	}
	_, err := tx.Exec(ctx, lay, e.workspace(), tombs, e.receipt.ID)
	return err
}

// mendPulses takes what is gone out of the reports that were kept.
func (e *erasure) mendPulses(ctx context.Context, tx pgx.Tx) error {
	const (
		list   = `SELECT id FROM pulses WHERE workspace_id = $1 ORDER BY id FOR UPDATE`
		load   = `SELECT document FROM pulses WHERE workspace_id = $1 AND id = $2`
		redact = `UPDATE pulses SET document = $3, erased_at = $4 WHERE workspace_id = $1 AND id = $2`
	)
	rows, err := tx.Query(ctx, list, e.workspace())
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, id := range ids { // one at a time: a document may have megabytes
		var document []byte
		if err := tx.QueryRow(ctx, load, e.workspace(), id).Scan(&document); err != nil {
			return err
		}
		redacted, changed, err := e.f.Redact(document, e.gone)
		if err != nil {
			return err
		}
		if !changed {
			continue
		}
		if _, err := tx.Exec(ctx, redact, e.workspace(), id, redacted, e.receipt.At); err != nil {
			return err
		}
		e.receipt.Pulses++
	}
	return nil
}

// finish writes the counts on the receipt. A run that was begun before is refused: it has read what is gone.
func (e *erasure) finish(ctx context.Context, tx pgx.Tx) error {
	const (
		count = `
			UPDATE erasures SET items = $3, excerpts = $4, vectors = $5, customers = $6, dead_letters = $7, clusters = $8, pulses = $9
			WHERE workspace_id = $1 AND id = $2`
		refuse = `UPDATE workspaces SET next_decision = next_decision + 1 WHERE id = $1`
	)
	r := &e.receipt
	nothing := r.Items+r.Excerpts+r.Customers+r.DeadLetters+r.Clusters+r.Pulses == 0
	if e.f.DryRun {
		r.ID = 0
		return errUndone
	}
	if nothing && e.earlier != 0 {
		r.ID = e.earlier
		return errUndone
	}
	if _, err := tx.Exec(ctx, count, r.Workspace, r.ID, r.Items, r.Excerpts, r.Vectors, r.Customers, r.DeadLetters, r.Clusters,
		r.Pulses); err != nil {
		return err
	}
	if len(e.excerpts) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, refuse, r.Workspace)
	return err
}
