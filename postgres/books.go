package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
	"earshot/internal/crash"
)

// giveReceipts writes down what became of messages, in the transaction that makes it so. The first outcome of a message
// stands: delivered again after a crash, it would be a duplicate of itself.
func giveReceipts(ctx context.Context, tx pgx.Tx, receipts []feedback.Receipt, workspaces, sources []string,
	outcomes []feedback.Outcome) error {
	const insert = `
		INSERT INTO receipts (stream, sequence, workspace_id, source, outcome)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[])
		ON CONFLICT (stream, sequence) DO NOTHING`
	var streams, sequences []int64
	var ws, ss, os []string
	for i, r := range receipts {
		if r == (feedback.Receipt{}) {
			continue
		}
		streams, sequences = append(streams, r.Stream), append(sequences, int64(r.Sequence))
		ws, ss, os = append(ws, workspaces[i]), append(ss, sources[i]), append(os, string(outcomes[i]))
	}
	if len(streams) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, insert, streams, sequences, ws, ss, os)
	return err
}

// CountRejected adds messages to the books that were refused at the door.
func (s *Store) CountRejected(ctx context.Context, workspace, source string, n int) error {
	const add = `
		INSERT INTO books AS b (workspace_id, source, outcome, messages) VALUES ($1, $2, 'rejected', $3)
		ON CONFLICT (workspace_id, source, outcome) DO UPDATE SET messages = b.messages + excluded.messages`
	return s.write(ctx, "count what was refused", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, add, workspace, source, n)
		return err
	})
}

// maxMissing is how many missing sequences FoldReceipts names at once.
const maxMissing = 1000

// FoldReceipts adds the receipts of a stream, up to a sequence, to the books, and removes them. It stops before the
// first message that has none, and names those that are missing, at most 1,000. First is the lowest sequence that the
// stream still holds: what is missing below it is lost, and counted so. It returns the sequence up to which the books
// are complete: the queue may let go of what lies below.
func (s *Store) FoldReceipts(ctx context.Context, stream int64, first, upTo uint64) (folded uint64, missing []uint64, err error) {
	const (
		begin = `
			INSERT INTO book_floors AS f (stream, folded) VALUES ($1, $2)
			ON CONFLICT (stream) DO UPDATE SET folded = f.folded RETURNING folded`
		purged = `
			SELECT $3::bigint - $2::bigint - count(*) FROM receipts
			WHERE stream = $1 AND sequence > $2 AND sequence <= $3`
		gaps = `
			SELECT n FROM generate_series($2::bigint + 1, $3::bigint) AS n
			WHERE NOT EXISTS (SELECT FROM receipts WHERE stream = $1 AND sequence = n)
			ORDER BY n LIMIT $4`
		fold = `
			WITH gone AS (DELETE FROM receipts WHERE stream = $1 AND sequence <= $2 RETURNING workspace_id, source, outcome),
			moved AS (
			    UPDATE book_floors SET folded = $2, lost = lost + $3 + (SELECT count(*) FROM gone WHERE outcome = 'lost')
			    WHERE stream = $1)
			INSERT INTO books AS b (workspace_id, source, outcome, messages)
			SELECT workspace_id, source, outcome, count(*) FROM gone WHERE outcome <> 'lost' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
			ON CONFLICT (workspace_id, source, outcome) DO UPDATE SET messages = b.messages + excluded.messages`
	)
	err = s.write(ctx, "bring the books up to date", func(tx pgx.Tx) error {
		missing = nil
		var floor, lost int64
		// A stream that the books did not know is followed from what it holds now. The row is locked from here on.
		if err := tx.QueryRow(ctx, begin, stream, int64(first)-1).Scan(&floor); err != nil {
			return err
		}
		start := max(floor, int64(first)-1)
		if start > floor {
			if err := tx.QueryRow(ctx, purged, stream, floor, start).Scan(&lost); err != nil {
				return err
			}
		}
		end := max(int64(upTo), start)
		rows, err := tx.Query(ctx, gaps, stream, start, end, maxMissing)
		if err != nil {
			return err
		}
		sequences, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		for _, n := range sequences {
			missing = append(missing, uint64(n))
		}
		if len(sequences) > 0 {
			end = sequences[0] - 1
		}
		folded = uint64(end)
		if end == floor {
			return nil
		}
		_, err = tx.Exec(ctx, fold, stream, end, lost)
		crash.At(crash.BooksFolding)
		return err
	})
	return folded, missing, err
}

// WriteOff counts messages of a stream as lost that have no receipt and that the queue does not hold any more.
func (s *Store) WriteOff(ctx context.Context, stream int64, sequences []uint64) error {
	n := len(sequences)
	receipts, outcomes := make([]feedback.Receipt, n), make([]feedback.Outcome, n)
	for i, sequence := range sequences {
		receipts[i], outcomes[i] = feedback.Receipt{Stream: stream, Sequence: sequence}, "lost"
	}
	return s.write(ctx, "write lost messages off", func(tx pgx.Tx) error {
		return giveReceipts(ctx, tx, receipts, make([]string, n), make([]string, n), outcomes)
	})
}

// BookState is what the store knows of the messages of a stream, and of those of all streams before it.
type BookState struct {
	Accounts map[feedback.Producer]Account
	Folded   uint64 // the sequence up to which the stream is in the books; 0 where it never was
	Lost     int    // messages that left a queue without an outcome
}

// Account is what became of one producer's messages.
type Account struct {
	Outcomes map[feedback.Outcome]int
	Open     int // of them, those of the stream that are not folded
}

// BookState reads the books in one moment.
func (s *Store) BookState(ctx context.Context, stream int64) (BookState, error) {
	const (
		find = `
			SELECT workspace_id, source, outcome, sum(messages)::bigint, sum(open)::bigint
			FROM (SELECT workspace_id, source, outcome, messages, 0 AS open FROM books
			      UNION ALL
			      SELECT workspace_id, source, outcome, count(*), count(*) FILTER (WHERE stream = $1) FROM receipts
			      WHERE outcome <> 'lost' GROUP BY 1, 2, 3) AS b
			GROUP BY 1, 2, 3`
		floors = `
			SELECT coalesce(max(folded) FILTER (WHERE stream = $1), 0), coalesce(sum(lost), 0)::bigint FROM book_floors`
	)
	var b BookState
	err := s.read(ctx, "read the books", func(tx pgx.Tx) error {
		b = BookState{Accounts: map[feedback.Producer]Account{}}
		if err := tx.QueryRow(ctx, floors, stream).Scan(&b.Folded, &b.Lost); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, find, stream)
		if err != nil {
			return err
		}
		var p feedback.Producer
		var outcome string
		var messages, open int
		_, err = pgx.ForEachRow(rows, []any{&p.Workspace, &p.Source, &outcome, &messages, &open}, func() error {
			a := b.Accounts[p]
			if a.Outcomes == nil {
				a.Outcomes = map[feedback.Outcome]int{}
			}
			a.Outcomes[feedback.Outcome(outcome)] = messages
			a.Open += open
			b.Accounts[p] = a
			return nil
		})
		return err
	})
	return b, err
}
