package postgres

import (
	"context"

	"earshot/feedback"
)

// reconcile makes names, marks and links what the decisions that stand say of the clusters that stand: a function of the
// log and the lineage, so that it is right after a decision, after an undo, and after a run.
func (k *desk) reconcile(ctx context.Context) (err error) {
	if k.ledger, err = k.readLedger(ctx); err != nil {
		return err
	}
	given, hidden, confirmed := k.ledger.Names(), k.ledger.Hidden(), k.ledger.Confirmed()
	for _, d := range k.ledger.Decisions {
		// What is retired keeps the name that it was given, for whoever follows an old link.
		if d.Kind == feedback.DecideRename && !k.ledger.Standing(d.Cluster) {
			given[d.Cluster] = d.Name
		}
	}
	var ids []int32
	var names, owns []string
	var confirms, hides []bool
	for id, c := range k.clusters {
		name, own := renamed(c.Name, c.OwnName, given[id])
		_, isConfirmed := confirmed[id]
		_, isHidden := hidden[id]
		if name == c.Name && own == c.OwnName && isConfirmed == c.Confirmed && isHidden == c.Hidden {
			continue
		}
		c.Name, c.OwnName, c.Confirmed, c.Hidden = name, own, isConfirmed, isHidden
		ids, names, owns = append(ids, int32(id)), append(names, name), append(owns, own)
		confirms, hides = append(confirms, isConfirmed), append(hides, isHidden)
	}
	const clusters = `
		UPDATE clusters c SET name = n.name, own_name = nullif(n.own, ''), confirmed = n.confirmed, hidden = n.hidden
		FROM unnest($2::integer[], $3::text[], $4::text[], $5::boolean[], $6::boolean[]) AS n (id, name, own, confirmed, hidden)
		WHERE c.workspace_id = $1 AND c.id = n.id`
	if _, err := k.tx.Exec(ctx, clusters, k.workspace, ids, names, owns, confirms, hides); err != nil {
		return err
	}
	if err := k.nameThemes(ctx); err != nil {
		return err
	}
	return k.decideLinks(ctx)
}

// renamed gives what something is called and what Earshot itself calls it, given what people call it.
func renamed(name, own, given string) (string, string) {
	switch {
	case given == "" && own != "":
		return own, ""
	case given != "" && own == "":
		return given, name
	case given != "":
		return given, own
	}
	return name, own
}

func (k *desk) nameThemes(ctx context.Context) error {
	given := k.ledger.ThemeNames()
	var ids []int32
	var names, owns []string
	for id, t := range k.themes {
		name, own := renamed(t.Name, t.OwnName, given[id])
		if name == t.Name && own == t.OwnName {
			continue
		}
		t.Name, t.OwnName = name, own
		ids, names, owns = append(ids, int32(id)), append(names, name), append(owns, own)
	}
	const update = `
		UPDATE themes t SET name = n.name, own_name = nullif(n.own, '')
		FROM unnest($2::integer[], $3::text[], $4::text[]) AS n (id, name, own)
		WHERE t.workspace_id = $1 AND t.id = n.id`
	_, err := k.tx.Exec(ctx, update, k.workspace, ids, names, owns)
	return err
}

// decideLinks writes the links that people confirmed or rejected, and gives those about which nobody decides any more the
// state that they had.
func (k *desk) decideLinks(ctx context.Context) error {
	var ids, origins []int32
	var features, states []string
	for key, d := range k.ledger.Links() {
		state := feedback.LinkConfirmed
		if d.Kind == feedback.DecideRejectLink {
			state = feedback.LinkRejected
		}
		ids, origins = append(ids, int32(key.Cluster)), append(origins, int32(d.Cluster))
		features, states = append(features, key.Feature), append(states, string(state))
	}
	const lapsed = `
		WHERE l.workspace_id = $1 AND l.own_state IS NOT NULL AND NOT EXISTS (
		    SELECT FROM unnest($2::integer[], $3::text[]) AS n (id, feature) WHERE n.id = l.cluster_id AND n.feature = l.feature_id)
		  AND EXISTS (SELECT FROM clusters c WHERE c.workspace_id = $1 AND c.id = l.cluster_id AND NOT c.retired)`
	const remove = `DELETE FROM links l` + lapsed + ` AND l.own_state = ''`
	const restore = `UPDATE links l SET state = l.own_state, own_state = NULL` + lapsed
	for _, sql := range []string{remove, restore} {
		if _, err := k.tx.Exec(ctx, sql, k.workspace, ids, features); err != nil {
			return err
		}
	}
	const upsert = `
		INSERT INTO links AS have (workspace_id, cluster_id, feature_id, state, own_state, score, runner_up, runner_up_score, evidence)
		SELECT $1, n.id, n.feature, n.state, '', coalesce(l.score, 0), coalesce(l.runner_up, ''), coalesce(l.runner_up_score, 0),
		    coalesce(l.evidence, '{}')
		FROM unnest($2::integer[], $3::integer[], $4::text[], $5::text[]) AS n (id, origin, feature, state)
		JOIN features f ON f.workspace_id = $1 AND f.id = n.feature
		LEFT JOIN links l ON l.workspace_id = $1 AND l.cluster_id = n.origin AND l.feature_id = n.feature
		ON CONFLICT (workspace_id, cluster_id, feature_id) DO UPDATE SET
		    state = excluded.state, own_state = coalesce(have.own_state, have.state)
		WHERE have.state <> excluded.state OR have.own_state IS NULL`
	_, err := k.tx.Exec(ctx, upsert, k.workspace, ids, origins, features, states)
	return err
}

// measure brings centroid and floor of the clusters up to date, and how like them the excerpts are that people moved
// there. Where nothing that people moved since the run changes a cluster it is again what the run left.
func (k *desk) measure(ctx context.Context, ids []feedback.ClusterID) error {
	touched := make([]int32, len(ids))
	for i, id := range ids {
		touched[i] = int32(id)
	}
	const changed = `
		SELECT coalesce(array_agg(DISTINCT c.id), '{}'), coalesce(array_agg(DISTINCT d.id), '{}')
		FROM unnest($3::integer[]) AS c (id)
		JOIN decision_excerpts x ON x.workspace_id = $1 AND (x.from_cluster = c.id OR x.to_cluster = c.id)
		    AND x.from_cluster IS DISTINCT FROM x.to_cluster
		JOIN decisions d ON d.workspace_id = $1 AND d.id = x.decision_id AND d.run_id = $2
		LEFT JOIN decisions of ON of.workspace_id = $1 AND of.id = d.undoes
		WHERE CASE d.kind WHEN 'undo' THEN of.run_id < $2
		      ELSE NOT EXISTS (SELECT FROM decisions u WHERE u.workspace_id = $1 AND u.undoes = d.id) END`
	var moving, movers []int32
	if err := k.tx.QueryRow(ctx, changed, k.workspace, k.run, touched).Scan(&moving, &movers); err != nil {
		return err
	}
	const restore = `
		UPDATE clusters SET centroid = run_centroid, floor = run_floor, run_centroid = NULL, run_floor = NULL
		WHERE workspace_id = $1 AND id = ANY ($2::integer[]) AND id <> ALL ($3::integer[]) AND run_centroid IS NOT NULL`
	if _, err := k.tx.Exec(ctx, restore, k.workspace, touched, moving); err != nil {
		return err
	}
	// The floor is that of a run: a tenth of the members are less like the others than it, each left out of the others.
	const recompute = `
		WITH run AS (
		    SELECT model_id FROM runs WHERE workspace_id = $1 AND id = standing_result($1)
		), member AS (
		    SELECT e.cluster_id, e.id, m.embedding::vector AS v FROM excerpts e
		    JOIN embeddings m ON m.workspace_id = e.workspace_id AND m.excerpt_id = e.id AND m.model_id = (SELECT model_id FROM run)
		    WHERE e.workspace_id = $1 AND e.cluster_id = ANY ($2::integer[]) AND NOT e.spam
		), centre AS (
		    SELECT cluster_id, avg(v ORDER BY id) AS mean, count(*)::float8 AS n FROM member GROUP BY 1
		), score AS (
		    SELECT m.cluster_id, -(m.v <#> c.mean) * c.n AS inside, -(c.mean <#> c.mean) * c.n * c.n AS square
		    FROM member m JOIN centre c USING (cluster_id)
		), alone AS (
		    SELECT cluster_id, (inside - 1) / sqrt(square - 2 * inside + 1) AS cosine FROM score
		    WHERE square - 2 * inside + 1 > 1e-9
		), ranked AS (
		    SELECT cluster_id, array_agg(cosine ORDER BY cosine) AS cosines FROM alone GROUP BY 1
		)
		UPDATE clusters c SET
		    run_centroid = coalesce(c.run_centroid, c.centroid), run_floor = coalesce(c.run_floor, c.floor),
		    model_id = (SELECT model_id FROM run), centroid = l2_normalize(x.mean),
		    floor = coalesce(least(1, greatest(0, r.cosines[1 + floor(0.1 * cardinality(r.cosines))::integer])), 1)
		FROM centre x LEFT JOIN ranked r USING (cluster_id)
		WHERE c.workspace_id = $1 AND c.id = x.cluster_id AND NOT c.retired`
	if _, err := k.tx.Exec(ctx, recompute, k.workspace, moving); err != nil {
		return err
	}
	// The rows of the decisions first, and the rest by key: what a decision moved is little beside the workspace.
	const similarity = `
		WITH moved AS MATERIALIZED (
		    SELECT excerpt_id, to_cluster FROM decision_excerpts
		    WHERE workspace_id = $1 AND decision_id = ANY ($3::integer[]) AND to_cluster = ANY ($2::integer[])
		      AND from_cluster IS DISTINCT FROM to_cluster
		)
		UPDATE excerpts e SET similarity = -(m.embedding::vector <#> c.centroid)
		FROM moved x
		JOIN clusters c ON c.workspace_id = $1 AND c.id = x.to_cluster
		JOIN embeddings m ON m.workspace_id = $1 AND m.excerpt_id = x.excerpt_id AND m.model_id = c.model_id
		WHERE e.workspace_id = $1 AND e.id = x.excerpt_id AND e.cluster_id IS NOT DISTINCT FROM x.to_cluster` // by the key, not by the cluster
	_, err := k.tx.Exec(ctx, similarity, k.workspace, moving, movers)
	return err
}
