package postgres

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// wording is what a cluster, a theme or a link shows of what people said.
type wording struct {
	cluster, theme int32
	feature        string // of a link of the cluster
	name, summary  string
	words          []string // keywords, or a link's evidence
}

// mendClusters computes anew what lost members, and takes out of names, keywords, quotes and evidence what nobody says any
// more. What is blanked so the next run words anew.
func (e *erasure) mendClusters(ctx context.Context, tx pgx.Tx) error {
	if len(e.gone.Texts) == 0 {
		return nil
	}
	before, err := e.wordings(ctx, tx) // of clusters that end, too: a Pulse may have them
	if err != nil {
		return err
	}
	silent, err := e.silent(ctx, tx, before)
	if err != nil {
		return err
	}
	e.gone.Phrases = slices.Sorted(maps.Keys(silent))
	if err := e.mendCentroids(ctx, tx); err != nil {
		return err
	}
	if err := e.dropRuns(ctx, tx); err != nil {
		return err
	}
	all, err := e.wordings(ctx, tx)
	if err != nil {
		return err
	}
	touched := map[int32]bool{}
	for _, id := range e.clusters {
		touched[id] = true
	}
	for _, w := range all {
		if err := e.mendWording(ctx, tx, w, silent, touched); err != nil {
			return err
		}
	}
	e.receipt.Clusters = len(touched)
	return nil
}

// mendCentroids gives each cluster that lost members the mean of those that it has; one without any ends.
func (e *erasure) mendCentroids(ctx context.Context, tx pgx.Tx) error {
	const (
		mean = `
			UPDATE clusters c SET centroid = n.centroid, run_centroid = NULL, run_floor = NULL
			FROM (SELECT k.id, l2_normalize(avg(m.embedding::vector ORDER BY e.id)) AS centroid
			      FROM clusters k
			      JOIN excerpts e ON e.workspace_id = k.workspace_id AND e.cluster_id = k.id AND NOT e.spam
			      JOIN embeddings m ON m.workspace_id = e.workspace_id AND m.model_id = k.model_id AND m.excerpt_id = e.id
			      WHERE k.workspace_id = $1 AND k.id = ANY ($2::integer[]) GROUP BY k.id) AS n
			WHERE c.workspace_id = $1 AND c.id = n.id`
		end = `
			UPDATE clusters c SET retired = true, name = '', summary = '', keywords = '{}', own_name = NULL,
			    run_centroid = NULL, run_floor = NULL, centroid = array_fill(0::real, ARRAY[vector_dims(centroid)])::vector
			WHERE workspace_id = $1 AND id = ANY ($2::integer[])
			  AND NOT EXISTS (SELECT FROM excerpts e WHERE e.workspace_id = $1 AND e.cluster_id = c.id)
			RETURNING id`
		unlink = `DELETE FROM links WHERE workspace_id = $1 AND cluster_id = ANY ($2::integer[])`
	)
	if _, err := tx.Exec(ctx, mean, e.workspace(), e.clusters); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, end, e.workspace(), e.clusters)
	if err != nil {
		return err
	}
	ended, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil || len(ended) == 0 {
		return err
	}
	_, err = tx.Exec(ctx, unlink, e.workspace(), ended)
	return err
}

// dropRuns drops what is kept of runs besides what stands: their names, quotes and centroids were made of what is gone. They
// can't be applied or taken back any more. What Earshot called a group that a person named goes where it stood in it.
func (e *erasure) dropRuns(ctx context.Context, tx pgx.Tx) error {
	gone := strings.ToLower(strings.Join(e.gone.Texts, "\n"))
	const (
		discard = `
			UPDATE runs SET state = 'discarded', decided_at = $2, reason = 'feedback that it was made of was erased'
			WHERE workspace_id = $1 AND state = 'previewed'`
		drop     = `UPDATE runs SET kept = false, change = '{}' WHERE workspace_id = $1`
		clusters = `UPDATE clusters SET own_name = '' WHERE workspace_id = $1 AND own_name <> '' AND position(lower(own_name) IN $2) > 0`
		themes   = `UPDATE themes SET own_name = '' WHERE workspace_id = $1 AND own_name <> '' AND position(lower(own_name) IN $2) > 0`
	)
	if _, err := tx.Exec(ctx, discard, e.workspace(), e.receipt.At); err != nil {
		return err
	}
	for _, statement := range []string{drop,
		`DELETE FROM run_assignments WHERE workspace_id = $1`, `DELETE FROM run_clusters WHERE workspace_id = $1`,
		`DELETE FROM run_themes WHERE workspace_id = $1`, `DELETE FROM forming WHERE workspace_id = $1`,
	} {
		if _, err := tx.Exec(ctx, statement, e.workspace()); err != nil {
			return err
		}
	}
	for _, statement := range []string{clusters, themes} {
		if _, err := tx.Exec(ctx, statement, e.workspace(), gone); err != nil {
			return err
		}
	}
	return nil
}

// wordings gives all that the workspace says in its customers' words, retired clusters too. Names that people gave are
// theirs.
func (e *erasure) wordings(ctx context.Context, tx pgx.Tx) ([]wording, error) {
	const find = `
		SELECT id, 0, '', CASE WHEN own_name IS NULL THEN name ELSE '' END, summary, keywords FROM clusters WHERE workspace_id = $1
		UNION ALL SELECT 0, id, '', name, '', '{}' FROM themes WHERE workspace_id = $1 AND own_name IS NULL
		UNION ALL SELECT cluster_id, 0, feature_id, '', '', evidence FROM links WHERE workspace_id = $1
		ORDER BY 1, 2, 3`
	rows, err := tx.Query(ctx, find, e.workspace())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (w wording, err error) {
		return w, row.Scan(&w.cluster, &w.theme, &w.feature, &w.name, &w.summary, &w.words)
	})
}

// phrases are the parts of a wording that may stand in a text as they are. A name may be two, with a comma between.
func (w *wording) phrases() []string {
	out := slices.Clone(w.words)
	if w.name != "" {
		out = append(out, strings.Split(w.name, ", ")...)
		out = append(out, w.name)
	}
	if s := quoted(w.summary); s != "" {
		out = append(out, s)
	}
	return out
}

// quoted is a summary without the marks of a quotation; "" where it is none.
func quoted(summary string) string {
	if !strings.HasPrefix(summary, "“") {
		return ""
	}
	return strings.TrimSpace(strings.TrimSuffix(strings.Trim(summary, "“”"), " …"))
}

// silent gives the phrases, in lower case, that stood in what is gone and that no excerpt holds now.
func (e *erasure) silent(ctx context.Context, tx pgx.Tx, all []wording) (map[string]bool, error) {
	const find = `
		SELECT n.phrase FROM unnest($2::text[]) AS n (phrase)
		WHERE NOT EXISTS (
		    SELECT FROM excerpts e WHERE e.workspace_id = $1 AND e.words @@ phraseto_tsquery('simple', n.phrase))`
	gone := strings.ToLower(strings.Join(e.gone.Texts, "\n"))
	var asked []string
	seen := map[string]bool{}
	for i := range all {
		for _, p := range all[i].phrases() {
			p = strings.ToLower(p)
			if !seen[p] && p != "" && strings.Contains(gone, p) {
				asked = append(asked, p)
			}
			seen[p] = true
		}
	}
	rows, err := tx.Query(ctx, find, e.workspace(), asked)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	silent := make(map[string]bool, len(found))
	for _, p := range found {
		silent[p] = true
	}
	return silent, err
}

// mendWording writes a wording without the phrases that are silent, where it has any. A summary that is no quotation may
// retell what is gone: where the cluster lost members it goes too.
func (e *erasure) mendWording(ctx context.Context, tx pgx.Tx, w wording, silent map[string]bool, touched map[int32]bool) error {
	const (
		cluster = `
			UPDATE clusters c SET name = CASE WHEN own_name IS NULL THEN $3 ELSE name END, keywords = $4, summary = CASE WHEN NOT $5 THEN summary ELSE coalesce(
			    (SELECT '“' || btrim(e.text) || '”' FROM excerpts e
			     WHERE e.workspace_id = $1 AND e.cluster_id = c.id AND NOT e.spam AND char_length(btrim(e.text)) BETWEEN 20 AND 140
			       AND position(E'\n' IN e.text) = 0
			     ORDER BY e.similarity DESC NULLS LAST, e.id LIMIT 1), '') END
			WHERE workspace_id = $1 AND id = $2`
		theme = `UPDATE themes SET name = '' WHERE workspace_id = $1 AND id = $2`
		link  = `UPDATE links SET evidence = $4 WHERE workspace_id = $1 AND cluster_id = $2 AND feature_id = $3`
	)
	isSilent := func(p string) bool { return silent[strings.ToLower(p)] }
	words := slices.DeleteFunc(slices.Clone(w.words), isSilent)
	name := w.name
	if isSilent(name) || slices.ContainsFunc(strings.Split(name, ", "), isSilent) {
		name = ""
	}
	quote := quoted(w.summary)
	requote := quote != "" && isSilent(quote) || quote == "" && w.summary != "" && slices.Contains(e.clusters, w.cluster)
	if len(words) == len(w.words) && name == w.name && !requote {
		return nil
	}
	var err error
	switch {
	case w.theme != 0:
		_, err = tx.Exec(ctx, theme, e.workspace(), w.theme)
	case w.feature != "":
		touched[w.cluster] = true
		_, err = tx.Exec(ctx, link, e.workspace(), w.cluster, w.feature, words)
	default:
		touched[w.cluster] = true
		_, err = tx.Exec(ctx, cluster, e.workspace(), w.cluster, name, words, requote)
	}
	return err
}
