package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"earshot/feedback"
)

// Points gives the excerpts of a workspace that the model has analysed to take, one after the other as they come from the
// server, in the order of their ids, all of one moment. Their vectors are as they are kept, about of unit length, and hold
// until take returns; its error ends the reading. Spam is left out. It fails with Conflict while excerpts wait that another
// model has analysed: a run without them would end their clusters.
func (s *Store) Points(ctx context.Context, workspace string, model feedback.Model, take func(feedback.Point) error) error {
	const find = `
		SELECT e.id, e.item_id, e.text, e.occurred_at, m.embedding, coalesce(e.cluster_id, 0), d.id IS NOT NULL
		FROM excerpts e
		JOIN embeddings m ON m.workspace_id = e.workspace_id AND m.excerpt_id = e.id AND m.model_id = $2
		LEFT JOIN items d ON d.workspace_id = e.workspace_id AND d.id = e.item_id AND d.duplicate_of IS NOT NULL
		WHERE e.workspace_id = $1 AND e.model_id = $2 AND NOT e.spam
		ORDER BY e.id`
	const others = `SELECT count(*) FROM excerpts WHERE workspace_id = $1 AND model_id <> $2 AND NOT spam`
	return s.read(ctx, "load the points", func(tx pgx.Tx) error {
		id, err := findModel(ctx, tx, model)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		var waiting int
		if err := tx.QueryRow(ctx, others, workspace, id).Scan(&waiting); err != nil {
			return err
		}
		if waiting > 0 {
			return feedback.Errorf(feedback.Conflict, "%d excerpts were analysed with another embedding model than %s %s",
				waiting, model.Name, model.Version).WithHint("let earshot serve analyse them again first")
		}
		rows, err := tx.Query(ctx, find, workspace, id)
		if err != nil {
			return err
		}
		var p feedback.Point
		var vector pgvector.HalfVector
		_, err = pgx.ForEachRow(rows, []any{(*[16]byte)(&p.Excerpt), (*[16]byte)(&p.Item), &p.Text, &p.OccurredAt, &vector, (*int32)(&p.Cluster), &p.Copy}, func() error {
			p.Vector = vector.Slice()
			return take(p)
		})
		return err
	})
}

// collectStanding gives the clusters that stand. One that was made with another model has no centroid.
func collectStanding(ctx context.Context, tx pgx.Tx, workspace string, model feedback.Model) ([]feedback.Cluster, error) {
	const selectStanding = `
		SELECT c.id, c.theme_id, t.name, c.name, c.summary, c.keywords, CASE c.model_id WHEN $2 THEN c.centroid END, c.floor,
		    c.margin, c.born_run, coalesce(c.own_name, ''), c.confirmed, c.hidden,
		    (SELECT count(*) FROM excerpts e WHERE e.workspace_id = c.workspace_id AND e.cluster_id = c.id)
		FROM clusters c
		JOIN themes t ON t.workspace_id = c.workspace_id AND t.id = c.theme_id
		WHERE c.workspace_id = $1 AND NOT c.retired
		ORDER BY c.id`
	id, err := findModel(ctx, tx, model)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	rows, err := tx.Query(ctx, selectStanding, workspace, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Cluster, error) {
		var c feedback.Cluster
		var centroid *pgvector.Vector
		err := row.Scan((*int32)(&c.ID), (*int32)(&c.Theme), &c.ThemeName, &c.Name, &c.Summary, &c.Keywords, &centroid,
			&c.Floor, &c.Margin, &c.BornRun, &c.OwnName, &c.Confirmed, &c.Hidden, &c.Size)
		if centroid != nil {
			c.Centroid = centroid.Slice()
		}
		return c, err
	})
}

// Centroids gives the clusters that stand and were made with the model, each with its centroid and floor, in the order of
// their ids.
func (s *Store) Centroids(ctx context.Context, workspace string, model feedback.Model) ([]feedback.Cluster, error) {
	var clusters []feedback.Cluster
	err := s.read(ctx, "load the clusters", func(tx pgx.Tx) (err error) {
		clusters, err = collectStanding(ctx, tx, workspace, model)
		clusters = slices.DeleteFunc(clusters, func(c feedback.Cluster) bool { return c.Centroid == nil })
		return err
	})
	return clusters, err
}

// LinkableClusters gives what Centroids does: stage 4 links every cluster that stands.
func (s *Store) LinkableClusters(ctx context.Context, workspace string, model feedback.Model) ([]feedback.Cluster, error) {
	return s.Centroids(ctx, workspace, model)
}

// Standing gives what a new run starts from, whichever model made it: identity follows the excerpts. A workspace that has
// no run yet has nothing standing and free numbers from 1.
func (s *Store) Standing(ctx context.Context, workspace string, model feedback.Model) (feedback.Standing, error) {
	standing := feedback.Standing{NextCluster: 1, NextTheme: 1}
	err := s.read(ctx, "load what stands", func(tx pgx.Tx) error {
		const counters = `
			SELECT w.standing_run, coalesce(r.undoes, 0), w.next_cluster, w.next_theme
			FROM workspaces w LEFT JOIN runs r ON r.workspace_id = w.id AND r.id = w.standing_run
			WHERE w.id = $1`
		err := tx.QueryRow(ctx, counters, workspace).Scan(&standing.Run, &standing.TakenBack,
			(*int32)(&standing.NextCluster), (*int32)(&standing.NextTheme))
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if standing.Clusters, err = collectStanding(ctx, tx, workspace, model); err != nil {
			return err
		}
		if standing.Constraints, err = collectConstraints(ctx, tx, workspace); err != nil {
			return err
		}
		const themes = `
			SELECT id, name, coalesce(own_name, '') FROM themes WHERE workspace_id = $1 AND NOT retired ORDER BY id`
		rows, err := tx.Query(ctx, themes, workspace)
		if err != nil {
			return err
		}
		standing.Themes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Theme, error) {
			var t feedback.Theme
			return t, row.Scan((*int32)(&t.ID), &t.Name, &t.OwnName)
		})
		if err != nil {
			return err
		}
		if standing.Decided, err = collectDecided(ctx, tx, workspace); err != nil {
			return err
		}
		standing.Mark, err = mark(ctx, tx, workspace)
		return err
	})
	return standing, err
}

// collectDecided gives what people decided about clusters that stand.
func collectDecided(ctx context.Context, tx pgx.Tx, workspace string) ([]feedback.Decided, error) {
	const find = `
		SELECT c.id, c.name, d.what FROM clusters c
		CROSS JOIN LATERAL (
		    SELECT 'link to ' || f.name || ' ' || l.state AS what FROM links l
		    JOIN features f ON f.workspace_id = l.workspace_id AND f.id = l.feature_id
		    WHERE l.workspace_id = c.workspace_id AND l.cluster_id = c.id AND l.state IN ('confirmed', 'rejected')
		    UNION ALL SELECT 'name' WHERE c.own_name IS NOT NULL
		    UNION ALL SELECT 'confirmed' WHERE c.confirmed
		    UNION ALL SELECT 'hidden' WHERE c.hidden
		) d
		WHERE c.workspace_id = $1 AND NOT c.retired ORDER BY c.id, d.what`
	rows, err := tx.Query(ctx, find, workspace)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Decided, error) {
		var d feedback.Decided
		return d, row.Scan((*int32)(&d.Cluster), &d.Name, &d.What)
	})
}

// mark is a digest of the clusters and themes that stand: two of one value are the same in all that a run starts from.
func mark(ctx context.Context, tx pgx.Tx, workspace string) (string, error) {
	const digest = `
		SELECT md5(concat_ws('|', w.standing_run, w.next_cluster, w.next_theme, w.next_decision,
		    (SELECT string_agg(jsonb_build_array(c.id, c.theme_id, c.model_id, c.name, c.summary, c.keywords, c.floor,
		         c.margin)::text, '|' ORDER BY c.id)
		     FROM clusters c WHERE c.workspace_id = w.id AND NOT c.retired),
		    (SELECT string_agg(jsonb_build_array(t.id, t.name)::text, '|' ORDER BY t.id)
		     FROM themes t WHERE t.workspace_id = w.id AND NOT t.retired)))
		FROM workspaces w WHERE w.id = $1`
	var value string
	err := tx.QueryRow(ctx, digest, workspace).Scan(&value)
	return value, err
}

// DueForRun gives the workspaces whose latest run is older than before, or that have none, and that have excerpts which
// the model has analysed and no run has seen. A preview that a person asked for does not count as one. While a change of
// models is under way a workspace is not due.
func (s *Store) DueForRun(ctx context.Context, model feedback.Model, before time.Time) ([]string, error) {
	const find = `
		SELECT w.id FROM workspaces w
		JOIN models m ON m.name = $1 AND m.version = $2 AND m.dimensions = $3
		LEFT JOIN LATERAL (
		    SELECT r.finished_at, r.started_at, r.model_id FROM runs r
		    WHERE r.workspace_id = w.id AND (r.cause <> 'person' OR r.state NOT IN ('previewed', 'discarded'))
		    ORDER BY r.id DESC LIMIT 1
		) r ON true
		WHERE (r.finished_at IS NULL OR r.finished_at < $4)
		  AND EXISTS (
		    SELECT FROM excerpts e JOIN items i ON i.workspace_id = e.workspace_id AND i.id = e.item_id
		    WHERE e.workspace_id = w.id AND e.model_id = m.id AND NOT e.spam
		      AND (r.started_at IS NULL OR r.model_id <> m.id OR i.received_at > r.started_at))
		  AND NOT EXISTS (
		    SELECT FROM excerpts o WHERE o.workspace_id = w.id AND o.model_id <> m.id AND NOT o.spam)
		ORDER BY w.id`
	var due []string
	err := s.read(ctx, "find the workspaces that are due", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, model.Name, model.Version, model.Dimensions, before)
		if err != nil {
			return err
		}
		due, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return due, err
}
