package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// SaveCustomers saves customers as an import names them: a field that is given replaces what is known, one that is
// left out keeps it.
func (s *Store) SaveCustomers(ctx context.Context, workspace string, customers []feedback.Customer) error {
	rows := make([]customerRow, len(customers))
	for i, c := range customers {
		rows[i] = customerRow{workspace: workspace, Customer: c}
	}
	slices.SortFunc(rows, func(a, b customerRow) int { return cmp.Compare(a.ID, b.ID) })
	return s.write(ctx, "save customers", func(tx pgx.Tx) error {
		if err := ensureWorkspace(ctx, tx, workspace); err != nil {
			return err
		}
		// Nobody may save an item of an account that is about to go into another, nor forget one.
		if _, err := tx.Exec(ctx, `SELECT id FROM workspaces WHERE id = $1 FOR UPDATE`, workspace); err != nil {
			return err
		}
		allowed, err := withoutForgotten(ctx, tx, rows)
		if err != nil {
			return err
		}
		if err := upsertCustomers(ctx, tx, allowed); err != nil {
			return err
		}
		ids := make([]string, len(allowed))
		for i, row := range allowed {
			ids[i] = row.ID
		}
		return adoptAccounts(ctx, tx, workspace, ids)
	})
}

func ensureWorkspace(ctx context.Context, tx pgx.Tx, workspace string) error {
	const insert = `INSERT INTO workspaces (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`
	_, err := tx.Exec(ctx, insert, workspace)
	return err
}

// SaveFeatures makes the given hierarchy the workspace's: features that it does not name are removed with their links.
func (s *Store) SaveFeatures(ctx context.Context, workspace string, features []feedback.Feature) error {
	n := len(features)
	var (
		ids, names, kinds     = make([]string, n), make([]string, n), make([]string, n)
		statuses, description = make([]string, n), make([]string, n)
		parents               = make([]*string, n)
		shipped               = make([]*time.Time, n)
	)
	for i, f := range features {
		ids[i], names[i], kinds[i], statuses[i], description[i] = f.ID, f.Name, f.Kind, string(f.Status), f.Description
		if f.Parent != "" {
			parents[i] = &f.Parent
		}
		if !f.ShippedAt.IsZero() {
			shipped[i] = &f.ShippedAt
		}
	}
	const remove = `DELETE FROM features WHERE workspace_id = $1 AND id <> ALL ($2::text[])`
	const upsert = `
		INSERT INTO features (workspace_id, id, parent_id, name, kind, status, shipped_at, description)
		SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::text[])
		ON CONFLICT (workspace_id, id) DO UPDATE SET
		    parent_id = excluded.parent_id, name = excluded.name, kind = excluded.kind, status = excluded.status,
		    shipped_at = excluded.shipped_at, description = excluded.description`
	return s.write(ctx, "save features", func(tx pgx.Tx) error {
		if err := ensureWorkspace(ctx, tx, workspace); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, upsert, workspace, ids, parents, names, kinds, statuses, shipped, description); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, remove, workspace, ids)
		return err
	})
}

// Features gives every node of the hierarchy, with its Path, parents before their children and siblings by id.
func (s *Store) Features(ctx context.Context, workspace string) ([]feedback.Feature, error) {
	var features []feedback.Feature
	err := s.read(ctx, "load the features", func(tx pgx.Tx) (err error) {
		features, err = collectFeatures(ctx, tx, workspace)
		return err
	})
	return features, err
}

func collectFeatures(ctx context.Context, tx pgx.Tx, workspace string) ([]feedback.Feature, error) {
	const find = `
		WITH RECURSIVE tree AS (
		    SELECT f.*, ARRAY[f.name] AS path, ARRAY[f.id] AS place FROM features f
		    WHERE f.workspace_id = $1 AND f.parent_id IS NULL
		    UNION ALL
		    SELECT f.*, t.path || f.name, t.place || f.id FROM features f
		    JOIN tree t ON f.workspace_id = t.workspace_id AND f.parent_id = t.id
		    WHERE f.id <> ALL (t.place)
		)
		SELECT id, coalesce(parent_id, ''), name, kind, status, shipped_at, description, path FROM tree ORDER BY place`
	rows, err := tx.Query(ctx, find, workspace)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Feature, error) {
		var f feedback.Feature
		var shipped *time.Time
		err := row.Scan(&f.ID, &f.Parent, &f.Name, &f.Kind, (*string)(&f.Status), &shipped, &f.Description, &f.Path)
		if shipped != nil {
			f.ShippedAt = *shipped
		}
		return f, err
	})
}

// Links gives every link of the workspace by its cluster, rejected ones too, the best score first.
func (s *Store) Links(ctx context.Context, workspace string) (map[feedback.ClusterID][]feedback.Link, error) {
	const find = `
		SELECT cluster_id, feature_id, state, score, runner_up, runner_up_score, evidence FROM links
		WHERE workspace_id = $1 ORDER BY cluster_id, score DESC, feature_id`
	links := map[feedback.ClusterID][]feedback.Link{}
	err := s.read(ctx, "load the links", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace)
		if err != nil {
			return err
		}
		var l feedback.Link
		_, err = pgx.ForEachRow(rows, []any{(*int32)(&l.Cluster), &l.Feature, (*string)(&l.State), &l.Score, &l.RunnerUp,
			&l.RunnerUpScore, &l.Evidence}, func() error {
			link := l
			link.Evidence = slices.Clone(l.Evidence)
			links[l.Cluster] = append(links[l.Cluster], link)
			return nil
		})
		return err
	})
	return links, err
}

// SaveLinks puts the links in place of every suggested and automatic one of the workspace, in one transaction. It
// touches none that a person confirmed or rejected, and leaves out a link for a pair that has such a one by now.
func (s *Store) SaveLinks(ctx context.Context, workspace string, links []feedback.Link) error {
	const remove = `DELETE FROM links WHERE workspace_id = $1 AND state IN ('suggested', 'automatic')`
	const insert = `
		INSERT INTO links (workspace_id, cluster_id, feature_id, state, score, runner_up, runner_up_score, evidence)
		SELECT $1, cluster_id, feature_id, state, score, runner_up, runner_up_score, ARRAY(SELECT jsonb_array_elements_text(evidence::jsonb))
		FROM unnest($2::integer[], $3::text[], $4::text[], $5::float8[], $6::text[], $7::float8[], $8::text[])
		    AS n (cluster_id, feature_id, state, score, runner_up, runner_up_score, evidence)
		ON CONFLICT (workspace_id, cluster_id, feature_id) DO NOTHING`
	return s.write(ctx, "save links", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, remove, workspace); err != nil {
			return err
		}
		var clusters []int32
		var features, states, runners, evidence []string // of the evidence, a JSON array a link: arrays of arrays cannot be ragged
		var scores, runnerScores []float64
		for _, l := range links {
			words, err := json.Marshal(append([]string{}, l.Evidence...)) // never null
			if err != nil {
				return err
			}
			clusters, features, states = append(clusters, int32(l.Cluster)), append(features, l.Feature), append(states, string(l.State))
			scores, runners, runnerScores = append(scores, l.Score), append(runners, l.RunnerUp), append(runnerScores, l.RunnerUpScore)
			evidence = append(evidence, string(words))
		}
		_, err := tx.Exec(ctx, insert, workspace, clusters, features, states, scores, runners, runnerScores, evidence)
		return err
	})
}
