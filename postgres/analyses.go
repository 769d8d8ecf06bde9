package postgres

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"earshot/feedback"
	"earshot/internal/crash"
)

// Pending gives the excerpts of these items that the model has not analysed yet, in the order of their ids.
func (s *Store) Pending(ctx context.Context, model feedback.Model, stored []feedback.Stored) ([]feedback.Pending, error) {
	var workspaces []string
	var items [][16]byte
	for _, st := range stored {
		for _, id := range st.Items {
			workspaces, items = append(workspaces, st.Workspace), append(items, id)
		}
	}
	if len(items) == 0 {
		return nil, nil
	}
	const find = `
		SELECT DISTINCT ON (e.workspace_id, e.id) e.workspace_id, e.id, CASE e.ordinal WHEN 0 THEN i.title ELSE '' END,
		    e.text, i.rating, i.score, i.language, e.spam
		FROM unnest($1::text[], $2::uuid[]) AS n (workspace_id, item_id)
		JOIN items i ON i.workspace_id = n.workspace_id AND i.id = n.item_id
		JOIN excerpts e ON e.workspace_id = i.workspace_id AND e.item_id = i.id
		WHERE e.model_id IS NULL OR e.model_id <> $3
		ORDER BY e.workspace_id, e.id`
	var pending []feedback.Pending
	err := s.read(ctx, "find what waits for analysis", func(tx pgx.Tx) error {
		id, err := findModel(ctx, tx, model)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		rows, err := tx.Query(ctx, find, workspaces, items, id)
		if err != nil {
			return err
		}
		pending, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Pending, error) {
			var p feedback.Pending
			err := row.Scan(&p.Workspace, (*[16]byte)(&p.Excerpt), &p.Title, &p.Text, &p.Rating, &p.Score, &p.Language, &p.Spam)
			return p, err
		})
		return err
	})
	return pending, err
}

// SaveAnalyses saves the vectors and labels of a batch of excerpts in one transaction. An excerpt that has left the
// database meanwhile is passed over; one that a cluster has taken meanwhile stays in it; one that a person put somewhere,
// and that comes again, goes there; one that was near a cluster which ended meanwhile joins what became of that; none joins
// an excerpt from which a person keeps it apart. Saving twice changes nothing. A vector that changes arrives anew, behind the
// parts of the index, so that no part is ever written to.
func (s *Store) SaveAnalyses(ctx context.Context, model feedback.Model, analyses []feedback.Analysis) error {
	if len(analyses) == 0 {
		return nil
	}
	crash.At(crash.ClassifyAnalysed)
	// In the order of the ids, so that workers whose batches overlap lock the rows in one order.
	sorted := slices.SortedFunc(slices.Values(analyses), func(a, b feedback.Analysis) int {
		return bytes.Compare(a.Excerpt[:], b.Excerpt[:])
	})
	const update = `
		UPDATE excerpts e SET
		    model_id = $1, sentiment = n.sentiment, kind = n.kind, severity = n.severity, language = n.language,
		    urgent = n.urgent, churn_risk = n.churn_risk,
		    similarity = CASE WHEN e.cluster_id IS NULL THEN n.similarity ELSE e.similarity END,
		    cluster_id = CASE WHEN e.cluster_id IS NULL THEN c.id ELSE e.cluster_id END,
		    outlier = CASE WHEN e.cluster_id IS NULL AND c.id IS NULL THEN nullif(n.outlier, '') END
		FROM unnest($2::text[], $3::uuid[], $4::float8[], $5::text[], $6::integer[], $7::text[], $8::integer[], $9::float8[],
		            $10::text[], $11::boolean[], $12::boolean[])
		     AS n (workspace_id, excerpt_id, sentiment, kind, severity, language, cluster_id, similarity, outlier, urgent, churn_risk)
		LEFT JOIN LATERAL (
		    SELECT standing_cluster(n.workspace_id, x.to_cluster) AS cluster_id FROM decision_excerpts x
		    JOIN standing_decisions d ON d.workspace_id = x.workspace_id AND d.id = x.decision_id AND d.kind IN ('pin', 'move', 'split')
		    WHERE x.workspace_id = n.workspace_id AND x.excerpt_id = n.excerpt_id ORDER BY d.id DESC LIMIT 1
		) p ON true
		LEFT JOIN clusters near ON near.workspace_id = n.workspace_id AND near.id = n.cluster_id
		LEFT JOIN clusters c ON c.workspace_id = n.workspace_id AND NOT c.retired AND c.id = coalesce(p.cluster_id,
		        CASE WHEN near.retired THEN standing_cluster(n.workspace_id, near.id) ELSE near.id END)
		    AND NOT EXISTS (
		        SELECT FROM decision_excerpts x
		        JOIN standing_decisions d ON d.workspace_id = x.workspace_id AND d.id = x.decision_id AND d.kind = 'apart'
		        JOIN decision_excerpts y ON y.workspace_id = x.workspace_id AND y.decision_id = d.id AND y.excerpt_id <> x.excerpt_id
		        JOIN excerpts o ON o.workspace_id = y.workspace_id AND o.id = y.excerpt_id AND o.cluster_id = c.id
		        WHERE x.workspace_id = n.workspace_id AND x.excerpt_id = n.excerpt_id)
		WHERE e.workspace_id = n.workspace_id AND e.id = n.excerpt_id`
	const upsert = `
		INSERT INTO embeddings AS m (workspace_id, model_id, excerpt_id, embedding)
		SELECT n.workspace_id, $1, n.excerpt_id, n.embedding
		FROM unnest($2::text[], $3::uuid[], $4::halfvec[]) AS n (workspace_id, excerpt_id, embedding)
		JOIN excerpts e ON e.workspace_id = n.workspace_id AND e.id = n.excerpt_id
		ON CONFLICT (workspace_id, excerpt_id, model_id) DO UPDATE SET
		    embedding = excluded.embedding, arrival = DEFAULT, arrived_at = DEFAULT
		WHERE m.embedding IS DISTINCT FROM excluded.embedding`
	n := len(sorted)
	var (
		workspaces, kinds, languages = make([]string, n), make([]string, n), make([]string, n)
		outliers                     = make([]string, n)
		ids                          = make([][16]byte, n)
		sentiments, similarities     = make([]float64, n), make([]float64, n)
		severities, clusters         = make([]int32, n), make([]int32, n)
		urgent, leaving              = make([]bool, n), make([]bool, n)
		vectors                      = make([]pgvector.HalfVector, n)
	)
	for i, a := range sorted {
		workspaces[i], ids[i], vectors[i] = a.Workspace, a.Excerpt, pgvector.NewHalfVector(a.Vector)
		sentiments[i], kinds[i] = a.Labels.Sentiment, string(a.Labels.Kind)
		severities[i], languages[i] = int32(a.Labels.Severity), a.Labels.Language
		clusters[i], similarities[i], outliers[i] = int32(a.Cluster), a.Similarity, string(a.Outlier)
		urgent[i], leaving[i] = a.Labels.Urgent, a.Labels.ChurnRisk
	}
	err := s.write(ctx, "save analyses", func(tx pgx.Tx) error {
		id, err := modelID(ctx, tx, model)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, update, id, workspaces, ids, sentiments, kinds, severities, languages, clusters,
			similarities, outliers, urgent, leaving); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, upsert, id, workspaces, ids, vectors)
		crash.At(crash.ClassifySaving)
		return err
	})
	crash.At(crash.ClassifySaved)
	return err
}

// Unanalysed gives items, at most limit of them, that have an excerpt which the model has not analysed: what a crash
// between two stages or a new model leaves behind.
func (s *Store) Unanalysed(ctx context.Context, model feedback.Model, limit int) ([]feedback.Stored, error) {
	const find = `
		SELECT workspace_id, array_agg(item_id ORDER BY item_id)
		FROM (SELECT DISTINCT workspace_id, item_id FROM excerpts
		      WHERE model_id IS NULL OR model_id <> $1 ORDER BY workspace_id, item_id LIMIT $2) AS waiting
		GROUP BY workspace_id ORDER BY workspace_id`
	var out []feedback.Stored
	err := s.read(ctx, "find what waits for analysis", func(tx pgx.Tx) error {
		id, err := findModel(ctx, tx, model)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		rows, err := tx.Query(ctx, find, id, limit)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Stored, error) {
			var st feedback.Stored
			var ids [][16]byte
			if err := row.Scan(&st.Workspace, &ids); err != nil {
				return st, err
			}
			for _, id := range ids {
				st.Items = append(st.Items, id)
			}
			return st, nil
		})
		return err
	})
	return out, err
}
