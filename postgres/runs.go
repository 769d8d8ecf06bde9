package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"earshot/feedback"
)

// Points gives the excerpts of a workspace that the model has analysed, in the order of their ids. Spam is left out. It
// fails with Conflict while excerpts wait that another model has analysed: a run without them would end their clusters.
func (s *Store) Points(ctx context.Context, workspace string, model feedback.Model) ([]feedback.Point, error) {
	const find = `
		SELECT e.id, e.item_id, e.text, e.occurred_at, m.embedding, coalesce(e.cluster_id, 0)
		FROM excerpts e
		JOIN embeddings m ON m.workspace_id = e.workspace_id AND m.excerpt_id = e.id AND m.model_id = $2
		WHERE e.workspace_id = $1 AND e.model_id = $2 AND NOT e.spam
		ORDER BY e.id`
	const others = `SELECT count(*) FROM excerpts WHERE workspace_id = $1 AND model_id <> $2 AND NOT spam`
	var points []feedback.Point
	err := s.read(ctx, "load the points", func(tx pgx.Tx) error {
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
		points, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Point, error) {
			var p feedback.Point
			var vector pgvector.HalfVector
			err := row.Scan((*[16]byte)(&p.Excerpt), (*[16]byte)(&p.Item), &p.Text, &p.OccurredAt, &vector, (*int32)(&p.Cluster))
			p.Vector = vector.Slice()
			// Halves are rounded: a unit vector comes back a little off its length.
			feedback.Normalize(p.Vector)
			return p, err
		})
		return err
	})
	return points, err
}

// collectStanding gives the clusters that stand. One that was made with another model has no centroid.
func collectStanding(ctx context.Context, tx pgx.Tx, workspace string, model feedback.Model) ([]feedback.Cluster, error) {
	const selectStanding = `
		SELECT c.id, c.theme_id, t.name, c.name, c.summary, c.keywords, CASE c.model_id WHEN $2 THEN c.centroid END, c.floor,
		    c.born_run, coalesce(c.own_name, ''), c.confirmed, c.hidden, (SELECT count(*) FROM excerpts e WHERE e.workspace_id = c.workspace_id AND e.cluster_id = c.id)
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
			&c.Floor, &c.BornRun, &c.OwnName, &c.Confirmed, &c.Hidden, &c.Size)
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

// Standing gives what a new run starts from, whichever model made it: identity follows the excerpts. A workspace that has no run yet has nothing standing and free numbers from 1.
func (s *Store) Standing(ctx context.Context, workspace string, model feedback.Model) (feedback.Standing, error) {
	standing := feedback.Standing{NextCluster: 1, NextTheme: 1}
	err := s.read(ctx, "load what stands", func(tx pgx.Tx) error {
		const counters = `SELECT next_run - 1, next_cluster, next_theme FROM workspaces WHERE id = $1`
		err := tx.QueryRow(ctx, counters, workspace).Scan(&standing.Run, (*int32)(&standing.NextCluster), (*int32)(&standing.NextTheme))
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
		return err
	})
	return standing, err
}

// SaveRun makes a run the one that stands, in one transaction, and sets its ID. It fails with Conflict when another run was
// saved since run.Base, or a decision made since run.Decisions.
func (s *Store) SaveRun(ctx context.Context, run *feedback.Run) error {
	return s.write(ctx, "save the run", func(tx pgx.Tx) error {
		const claim = `
			UPDATE workspaces SET next_run = next_run + 1, next_cluster = $3, next_theme = $4
			WHERE id = $1 AND next_run = $2 + 1 AND next_decision = $5 + 1
			RETURNING next_run - 1`
		err := tx.QueryRow(ctx, claim, run.Workspace, run.Base, run.NextCluster, run.NextTheme, run.Decisions).Scan(&run.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			return feedback.Errorf(feedback.Conflict, "another run of workspace %q was saved meanwhile, or somebody decided about its clusters",
				run.Workspace).WithHint("run it again")
		}
		if err != nil {
			return err
		}
		model, err := modelID(ctx, tx, run.Model)
		if err != nil {
			return err
		}
		for _, step := range []func(context.Context, pgx.Tx, *feedback.Run, int16) error{
			insertRun, upsertThemes, upsertClusters, retireClusters, assign, insertLineage,
		} {
			if err := step(ctx, tx, run, model); err != nil {
				return err
			}
		}
		if run.Decisions == 0 {
			return nil
		}
		k, err := openDesk(ctx, tx, run.Workspace, run.ID)
		if err != nil {
			return err
		}
		return k.reconcile(ctx)
	})
}

func insertRun(ctx context.Context, tx pgx.Tx, run *feedback.Run, model int16) error {
	config, err := json.Marshal(run.Config)
	if err != nil {
		return err
	}
	const insert = `
		INSERT INTO runs (workspace_id, id, model_id, seed, config, started_at, finished_at, excerpts, clusters, unassigned)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	_, err = tx.Exec(ctx, insert, run.Workspace, run.ID, model, int64(run.Seed), string(config), run.StartedAt, run.FinishedAt,
		len(run.Assignments), len(run.Clusters), run.Unassigned)
	return err
}

func upsertThemes(ctx context.Context, tx pgx.Tx, run *feedback.Run, _ int16) error {
	ids, names := make([]int32, len(run.Themes)), make([]string, len(run.Themes))
	for i, t := range run.Themes {
		ids[i], names[i] = int32(t.ID), t.Name
	}
	const retire = `UPDATE themes SET retired = true WHERE workspace_id = $1 AND NOT retired AND id <> ALL ($2::integer[])`
	const upsert = `
		INSERT INTO themes (workspace_id, id, name) SELECT $1, * FROM unnest($2::integer[], $3::text[])
		ON CONFLICT (workspace_id, id) DO UPDATE SET name = excluded.name, retired = false`
	if _, err := tx.Exec(ctx, retire, run.Workspace, ids); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, upsert, run.Workspace, ids, names)
	return err
}

func upsertClusters(ctx context.Context, tx pgx.Tx, run *feedback.Run, model int16) error {
	const upsert = `
		INSERT INTO clusters (workspace_id, id, theme_id, model_id, name, summary, keywords, centroid, floor, born_run)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (workspace_id, id) DO UPDATE SET
		    theme_id = excluded.theme_id, model_id = excluded.model_id, name = excluded.name, summary = excluded.summary,
		    keywords = excluded.keywords, centroid = excluded.centroid, floor = excluded.floor, retired = false,
		    successor = NULL, run_centroid = NULL, run_floor = NULL`
	batch := &pgx.Batch{} // arrays of arrays must be rectangular in SQL, keywords are not
	for _, c := range run.Clusters {
		born := c.BornRun
		if born == 0 {
			born = run.ID
		}
		keywords := c.Keywords
		if keywords == nil {
			keywords = []string{}
		}
		batch.Queue(upsert, run.Workspace, int32(c.ID), int32(c.Theme), model, c.Name, c.Summary, keywords,
			pgvector.NewVector(c.Centroid), c.Floor, born)
	}
	return tx.SendBatch(ctx, batch).Close()
}

func retireClusters(ctx context.Context, tx pgx.Tx, run *feedback.Run, _ int16) error {
	standing := make([]int32, len(run.Clusters))
	for i, c := range run.Clusters {
		standing[i] = int32(c.ID)
	}
	ids, successors := make([]int32, len(run.Retired)), make([]*int32, len(run.Retired))
	for i, c := range run.Retired {
		ids[i] = int32(c.ID)
		if c.Successor != 0 {
			successors[i] = (*int32)(&c.Successor)
		}
	}
	const retire = `
		UPDATE clusters c SET retired = true, successor = n.successor
		FROM (SELECT s.id, r.successor FROM clusters s
		      LEFT JOIN unnest($3::integer[], $4::integer[]) AS r (id, successor) ON r.id = s.id
		      WHERE s.workspace_id = $1 AND NOT s.retired AND s.id <> ALL ($2::integer[])) AS n
		WHERE c.workspace_id = $1 AND c.id = n.id`
	_, err := tx.Exec(ctx, retire, run.Workspace, standing, ids, successors)
	return err
}

// assign writes only the rows that change: a rerun over the same data writes none.
func assign(ctx context.Context, tx pgx.Tx, run *feedback.Run, _ int16) error {
	n := len(run.Assignments)
	excerpts, clusters, similarities := make([][16]byte, n), make([]*int32, n), make([]*float32, n)
	for i, a := range run.Assignments {
		excerpts[i] = a.Excerpt
		if a.Cluster != 0 {
			id, similarity := int32(a.Cluster), float32(a.Similarity)
			clusters[i], similarities[i] = &id, &similarity
		}
	}
	const update = `
		UPDATE excerpts e SET cluster_id = n.cluster_id, similarity = n.similarity
		FROM unnest($2::uuid[], $3::integer[], $4::real[]) AS n (id, cluster_id, similarity)
		WHERE e.workspace_id = $1 AND e.id = n.id
		  AND (e.cluster_id, e.similarity) IS DISTINCT FROM (n.cluster_id, n.similarity)`
	if _, err := tx.Exec(ctx, update, run.Workspace, excerpts, clusters, similarities); err != nil {
		return err
	}
	// What the run did not see and stands in a cluster that it retired, joined it meanwhile or became spam.
	const release = `
		UPDATE excerpts e SET cluster_id = c.successor, similarity = NULL
		FROM clusters c
		WHERE e.workspace_id = $1 AND c.workspace_id = $1 AND c.id = e.cluster_id AND c.retired`
	_, err := tx.Exec(ctx, release, run.Workspace)
	return err
}

func insertLineage(ctx context.Context, tx pgx.Tx, run *feedback.Run, _ int16) error {
	const columns = 8
	rows := make([][]any, len(run.Lineage))
	for i, l := range run.Lineage {
		row := make([]any, 0, columns)
		row = append(row, run.Workspace, run.ID, i, string(l.Fate), none(l.From), none(l.To), l.Shared, l.Overlap)
		rows[i] = row
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"lineage"},
		[]string{"workspace_id", "run_id", "ordinal", "fate", "from_cluster", "to_cluster", "shared", "overlap"},
		pgx.CopyFromRows(rows))
	return err
}

// none gives NULL for no cluster.
func none(id feedback.ClusterID) *int32 {
	if id == 0 {
		return nil
	}
	return (*int32)(&id)
}

// LatestRun says which run of a workspace was the latest and when it finished; ok is false before the first.
func (s *Store) LatestRun(ctx context.Context, workspace string) (id int, finished time.Time, ok bool, err error) {
	const find = `SELECT id, finished_at FROM runs WHERE workspace_id = $1 ORDER BY id DESC LIMIT 1`
	err = s.pool.QueryRow(ctx, find, workspace).Scan(&id, &finished)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, time.Time{}, false, nil
	}
	return id, finished, err == nil, coded("find the latest run", err)
}

// DueForRun gives the workspaces whose latest run is older than before, or that have none, and that have excerpts which
// the model has analysed and no run has seen. While a change of models is under way a workspace is not due.
func (s *Store) DueForRun(ctx context.Context, model feedback.Model, before time.Time) ([]string, error) {
	const find = `
		SELECT w.id FROM workspaces w
		JOIN models m ON m.name = $1 AND m.version = $2 AND m.dimensions = $3
		LEFT JOIN LATERAL (
		    SELECT r.finished_at, r.started_at, r.model_id FROM runs r WHERE r.workspace_id = w.id ORDER BY r.id DESC LIMIT 1
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
