package postgres

import "github.com/jackc/pgx/v5/pgxpool"

// Pool gives a test the tables themselves.
func Pool(s *Store) *pgxpool.Pool { return s.pool }

// PartSearch is the statement that searches a part of the index, for a test to look at its plan.
const PartSearch = partSearch

// Part is a part of an index that was built over so many excerpts, of which so many are left.
func Part(excerpts, live int) indexPart { return indexPart{excerpts: excerpts, live: live} }

// Next is what the folding does next.
func (f Folding) Next(behind int, parts ...indexPart) (i, k int, ok bool) {
	return f.next(parts, behind)
}
