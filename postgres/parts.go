package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// Folding says when the index of a workspace grows, and in what portions. A part is built whole, and nothing is put into it
// afterwards but what was being saved when the building began: that takes a quarter of the time of putting the same vectors
// into it one by one, none of it while feedback is saved.
type Folding struct {
	Model feedback.Model
	Least int // excerpts that came after the last part, below which they are only scanned
	Most  int // over which one part is built
}

// DefaultFolding is that of a model: a scan of what came after the last part takes a few hundredths of a second, and a part
// is built within buildMemory.
func DefaultFolding(model feedback.Model) Folding {
	return Folding{Model: model, Least: 25_000, Most: min(100_000, buildMemory/rowMemory(model.Dimensions))}
}

// buildMemory is what the graph of a part may take while it is built.
const buildMemory = 256 << 20

// rowMemory is about what pgvector takes for one vector in a graph that is being built: two bytes a dimension, and
// pointers to up to 32 neighbours on the lowest level.
func rowMemory(dimensions int) int { return 2*dimensions + 1000 }

// indexPart is a part of the index of a workspace and model, over the arrivals from first on and before until.
type indexPart struct {
	id           int32
	first, until int64
	excerpts     int // over which it was built
	live         int // of them, those that were left when they were last counted
}

// next says which standing parts, those from i on and before k, are to be built anew as one. Where k is their number, what
// came after the last of them goes into it too, as much as there is room for. Not ok means that nothing is due.
//
// The latest parts may be small, until they make a whole one together; so each excerpt is built in twice at the most, and
// there are few parts. A part of which little is left joins a neighbour.
func (f Folding) next(parts []indexPart, behind int) (i, k int, ok bool) {
	k = len(parts)
	if behind >= f.Least {
		together := behind
		for i = k; i > 0 && parts[i-1].live < f.Most/2; i-- {
			together += parts[i-1].live
		}
		if together < f.Most {
			i = k
		}
		return i, k, true
	}
	for i := 1; i < k; i++ {
		a, b := parts[i-1], parts[i]
		if (a.sparse() || b.sparse()) && a.live+b.live <= f.Most {
			return i - 1, i + 1, true
		}
	}
	return 0, 0, false
}

func (p indexPart) sparse() bool { return p.live < p.excerpts/2 }

// standingParts gives the parts of a workspace and model in the order of their arrivals.
func standingParts(ctx context.Context, tx pgx.Tx, workspace string, model int16) ([]indexPart, error) {
	const list = `SELECT id, first, until, excerpts, live FROM index_parts WHERE workspace_id = $1 AND model_id = $2 ORDER BY first`
	rows, err := tx.Query(ctx, list, workspace, model)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p indexPart, err error) {
		return p, row.Scan(&p.id, &p.first, &p.until, &p.excerpts, &p.live)
	})
}

// after is where the vectors begin that no part holds.
func after(parts []indexPart) int64 {
	if len(parts) == 0 {
		return 1
	}
	return parts[len(parts)-1].until
}

// IndexState says how far the index of one workspace has come.
type IndexState struct {
	Workspace string
	Parts     int
	Indexed   int     // analysed excerpts that the parts hold, when they were last counted
	Behind    int     // analysed excerpts that came after the last part, and are scanned
	Oldest    float64 // seconds since the first of them came; 0 where there is none
	Sparse    bool    // little is left of what a part holds
}

// IndexStates gives the workspaces that have an index of the model, or are due for one, those with the most to do first.
func (s *Store) IndexStates(ctx context.Context, f Folding) ([]IndexState, error) {
	var states []IndexState
	err := s.read(ctx, "look how far the index has come", func(tx pgx.Tx) (err error) {
		_, states, err = indexStates(ctx, tx, f)
		return err
	})
	return states, err
}

// indexStates gives the number of the model too, 0 where nothing was embedded with it. A workspace whose arrivals do not
// span enough is not counted.
func indexStates(ctx context.Context, tx pgx.Tx, f Folding) (int16, []IndexState, error) {
	const list = `
		SELECT w.id, p.parts, p.live, n.excerpts, coalesce(extract(epoch FROM now() - o.arrived_at), 0)::float8, p.sparse
		FROM workspaces w
		CROSS JOIN LATERAL (
		    SELECT count(*) AS parts, coalesce(sum(live), 0) AS live, coalesce(max(until), 1) AS until,
		        coalesce(bool_or(live < excerpts / 2), false) AS sparse
		    FROM index_parts WHERE workspace_id = w.id AND model_id = $1) p
		CROSS JOIN LATERAL (
		    SELECT max(arrival) AS newest FROM embeddings WHERE workspace_id = w.id AND model_id = $1 AND arrival > 0) a
		CROSS JOIN LATERAL (
		    SELECT count(*) AS excerpts FROM embeddings
		    WHERE workspace_id = w.id AND model_id = $1 AND arrival > 0 AND arrival >= p.until
		        AND (p.parts > 0 OR a.newest - p.until + 1 >= $2)) n
		LEFT JOIN LATERAL (
		    SELECT arrived_at FROM embeddings
		    WHERE workspace_id = w.id AND model_id = $1 AND arrival > 0 AND arrival >= p.until ORDER BY arrival LIMIT 1) o ON true
		WHERE p.parts > 0 OR n.excerpts >= $2
		ORDER BY n.excerpts DESC, w.id`
	model, err := modelOrNone(ctx, tx, f.Model)
	if err != nil || model == 0 {
		return 0, nil, err
	}
	rows, err := tx.Query(ctx, list, model, f.Least)
	if err != nil {
		return 0, nil, err
	}
	states, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s IndexState, err error) {
		return s, row.Scan(&s.Workspace, &s.Parts, &s.Indexed, &s.Behind, &s.Oldest, &s.Sparse)
	})
	return model, states, err
}
