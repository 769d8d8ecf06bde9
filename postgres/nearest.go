package postgres

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"earshot/feedback"
)

// searchWidth is the least number of candidates that a search of one part of the index keeps (ef_search of Malkov and
// Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical Navigable Small World graphs",
// 2016), and mostWidth the most that pgvector takes.
const (
	searchWidth = 100
	mostWidth   = 1000
)

// NearestExcerpts gives the excerpts whose vectors of the model are nearest to vector, the nearest first. Spam is left out,
// and so are excerpts of whose words the model knew none. What the parts of the index hold is searched through them, and
// whatever came after the last of them is scanned, all at one moment: an excerpt is found from the transaction on that
// saved its vector. Where there is no part, which is so in a small workspace, the search is exact.
func (s *Store) NearestExcerpts(ctx context.Context, workspace string, model feedback.Model, vector feedback.Vector, limit int) ([]feedback.Hit, error) {
	const find = `
		SELECT` + hitColumns + hitTables + `
		JOIN unnest($2::uuid[]) WITH ORDINALITY AS n (id, place) ON n.id = e.id
		WHERE e.workspace_id = $1 ORDER BY n.place`
	var hits []feedback.Hit
	err := s.read(ctx, "search by meaning", func(tx pgx.Tx) error {
		hits = nil
		q := nearQuery{tx: tx, workspace: workspace, dimensions: model.Dimensions, vector: pgvector.NewHalfVector(vector), limit: limit}
		var err error
		if q.model, err = findModel(ctx, tx, model); err != nil {
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return err
		}
		near, err := q.run(ctx)
		if err != nil {
			return err
		}
		ids := make([][16]byte, len(near))
		for i := range near {
			ids[i] = near[i].id
		}
		rows, err := tx.Query(ctx, find, workspace, ids)
		if err != nil {
			return err
		}
		hits, err = pgx.CollectRows(rows, scanHit)
		return err
	})
	return hits, err
}

// nearQuery is one search by meaning under way.
type nearQuery struct {
	tx         pgx.Tx
	workspace  string
	model      int16
	dimensions int
	vector     pgvector.HalfVector
	limit      int
}

// neighbour is an excerpt and the cosine distance of its vector, NaN for a vector of zeros.
type neighbour struct {
	id       [16]byte
	distance float64
}

func (q *nearQuery) run(ctx context.Context) ([]neighbour, error) {
	parts, err := standingParts(ctx, q.tx, q.workspace, q.model)
	if err != nil {
		return nil, err
	}
	near, err := q.scan(ctx, after(parts))
	if err != nil {
		return nil, err
	}
	if len(parts) > 0 {
		found, err := q.lookUp(ctx, parts)
		if err != nil {
			return nil, err
		}
		near = append(near, found...)
	}
	near = slices.DeleteFunc(near, func(n neighbour) bool { return math.IsNaN(n.distance) })
	slices.SortFunc(near, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), bytes.Compare(a.id[:], b.id[:]))
	})
	return near[:min(q.limit, len(near))], nil
}

// scan holds the vector against each that arrived from first on. Its plan is made for these values: one that was made for
// any would read the whole workspace.
func (q *nearQuery) scan(ctx context.Context, first int64) ([]neighbour, error) {
	const (
		plan = `SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`
		find = `
			SELECT m.excerpt_id, m.embedding <=> $4::halfvec AS distance
			FROM embeddings m JOIN excerpts x ON x.workspace_id = m.workspace_id AND x.id = m.excerpt_id AND NOT x.spam
			WHERE m.workspace_id = $1 AND m.model_id = $2 AND m.arrival > 0 AND m.arrival >= $3
			ORDER BY distance, m.excerpt_id LIMIT $5`
	)
	if _, err := q.tx.Exec(ctx, plan); err != nil {
		return nil, err
	}
	rows, err := q.tx.Query(ctx, find, q.workspace, q.model, first, q.vector, q.limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanNeighbour)
}

// partSearch finds the nearest excerpts of one part. Its conditions are those of the part's index, in values, and its
// order is the index's, so that with sorting out of the question the index is what gives it; the scan goes on until enough
// are found that are no spam. The dimensions are part of the type, which cannot be a parameter.
const partSearch = `
	SELECT m.excerpt_id, m.embedding::halfvec(%[1]d) <=> $6::halfvec(%[1]d) AS distance
	FROM embeddings m JOIN excerpts x ON x.workspace_id = m.workspace_id AND x.id = m.excerpt_id AND NOT x.spam
	WHERE m.arrival >= $1 AND m.arrival < $2 AND m.workspace_id = $3 AND m.model_id = $4
	ORDER BY distance LIMIT $5`

func (q *nearQuery) lookUp(ctx context.Context, parts []indexPart) ([]neighbour, error) {
	const plan = `
		SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_sort', 'off', true),
		    set_config('hnsw.iterative_scan', 'strict_order', true), set_config('hnsw.ef_search', $1::integer::text, true)`
	find := fmt.Sprintf(partSearch, q.dimensions)
	batch := &pgx.Batch{}
	batch.Queue(plan, min(max(searchWidth, 2*q.limit), mostWidth))
	for _, p := range parts {
		batch.Queue(find, p.first, p.until, q.workspace, q.model, q.limit, q.vector)
	}
	results := q.tx.SendBatch(ctx, batch)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return nil, err
	}
	var near []neighbour
	for range parts {
		rows, err := results.Query()
		if err != nil {
			return nil, err
		}
		found, err := pgx.CollectRows(rows, scanNeighbour)
		if err != nil {
			return nil, err
		}
		near = append(near, found...)
	}
	return near, results.Close()
}

func scanNeighbour(row pgx.CollectableRow) (n neighbour, err error) {
	return n, row.Scan(&n.id, &n.distance)
}
