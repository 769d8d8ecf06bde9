package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"earshot/feedback"
)

// placeLate adds what the run did not see to its assignments: excerpts that were analysed since join its clusters as new
// ones do, and what cannot be compared leaves a cluster that ended for its successor.
func placeLate(ctx context.Context, tx pgx.Tx, workspace string, id int) error {
	clusters, late, err := lateExcerpts(ctx, tx, workspace, id)
	if err != nil || len(late) == 0 {
		return err
	}
	const parts = `SELECT count(*) FROM run_assignments WHERE workspace_id = $1 AND run_id = $2 AND side = 'after'`
	var first int
	if err := tx.QueryRow(ctx, parts, workspace, id).Scan(&first); err != nil {
		return err
	}
	placed := make([]feedback.Assignment, len(late))
	for i, l := range late {
		placed[i] = l.place(clusters)
	}
	if err := addPlaces(ctx, tx, placed); err != nil {
		return err
	}
	return copyParts(ctx, tx, workspace, id, "after", first, slices.Collect(slices.Chunk(placed, assignedAPart)))
}

// lateExcerpt is one that a run did not see.
type lateExcerpt struct {
	excerpt    feedback.ID
	cluster    feedback.ClusterID // where it stands
	similarity float64
	outlier    feedback.Outlier
	vector     feedback.Vector    // nil where it cannot be compared
	ended      bool               // its cluster did
	successor  feedback.ClusterID // of that cluster
}

func (l lateExcerpt) place(clusters []feedback.Cluster) feedback.Assignment {
	a := feedback.Assignment{Excerpt: l.excerpt, Stood: l.cluster, Cluster: l.cluster, Similarity: l.similarity, Outlier: l.outlier}
	switch {
	case l.vector != nil && len(clusters) > 0:
		a.Cluster, a.Similarity, a.Outlier = feedback.Join(clusters, l.vector)
	case l.ended:
		a.Cluster, a.Similarity = l.successor, 0
		if a.Cluster == 0 && l.vector != nil {
			a.Outlier = feedback.OutlierEarly
		}
	}
	return a
}

// lateExcerpts gives the excerpts that the run did not see and that may have to move, with the clusters that they may
// join: those that stand. What the run saw are the places.
func lateExcerpts(ctx context.Context, tx pgx.Tx, workspace string, id int) ([]feedback.Cluster, []lateExcerpt, error) {
	const joinable = `SELECT id, centroid, floor, margin FROM clusters WHERE workspace_id = $1 AND NOT retired AND model_id =
		(SELECT model_id FROM runs WHERE workspace_id = $1 AND id = $2) ORDER BY id`
	rows, err := tx.Query(ctx, joinable, workspace, id)
	if err != nil {
		return nil, nil, err
	}
	clusters, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Cluster, error) {
		var c feedback.Cluster
		var centroid pgvector.Vector
		err := row.Scan((*int32)(&c.ID), &centroid, &c.Floor, &c.Margin)
		c.Centroid = centroid.Slice()
		return c, err
	})
	if err != nil {
		return nil, nil, err
	}
	const find = `
		SELECT e.id, coalesce(e.cluster_id, 0), coalesce(e.similarity, 0), coalesce(e.outlier, ''), m.embedding,
		    coalesce(c.retired, false), coalesce(c.successor, 0)
		FROM excerpts e
		JOIN runs r ON r.workspace_id = e.workspace_id AND r.id = $2
		LEFT JOIN clusters c ON c.workspace_id = e.workspace_id AND c.id = e.cluster_id
		LEFT JOIN embeddings m ON m.workspace_id = e.workspace_id AND m.excerpt_id = e.id AND m.model_id = r.model_id
		    AND e.model_id = r.model_id AND NOT e.spam
		WHERE e.workspace_id = $1 AND (m.excerpt_id IS NOT NULL OR c.retired)
		  AND NOT EXISTS (SELECT FROM places a WHERE a.id = e.id)
		ORDER BY e.id`
	if rows, err = tx.Query(ctx, find, workspace, id); err != nil {
		return nil, nil, err
	}
	late, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (lateExcerpt, error) {
		var l lateExcerpt
		var vector *pgvector.HalfVector
		err := row.Scan((*[16]byte)(&l.excerpt), (*int32)(&l.cluster), &l.similarity, (*string)(&l.outlier), &vector, &l.ended,
			(*int32)(&l.successor))
		if vector != nil {
			l.vector = vector.Slice()
			feedback.Normalize(l.vector)
		}
		return l, err
	})
	return clusters, late, err
}
