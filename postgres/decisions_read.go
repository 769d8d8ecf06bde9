package postgres

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"earshot/feedback"
)

// pinned is where an excerpt is to stay.
type pinned struct {
	decision int
	cluster  feedback.ClusterID // as decided: what became of it is the lineage's to say
}

// pins gives what the latest decision about each excerpt says of its place, for those that are there.
func (k *desk) pins(ctx context.Context) (map[feedback.ID]pinned, error) {
	const find = `
		SELECT DISTINCT ON (x.excerpt_id) x.excerpt_id, d.id, x.to_cluster FROM standing_decisions d
		JOIN decision_excerpts x ON x.workspace_id = d.workspace_id AND x.decision_id = d.id
		JOIN excerpts e ON e.workspace_id = x.workspace_id AND e.id = x.excerpt_id
		WHERE d.workspace_id = $1 AND d.kind IN ('pin', 'move', 'split') ORDER BY x.excerpt_id, d.id DESC`
	rows, err := k.tx.Query(ctx, find, k.workspace)
	if err != nil {
		return nil, err
	}
	out := map[feedback.ID]pinned{}
	var excerpt [16]byte
	var p pinned
	_, err = pgx.ForEachRow(rows, []any{&excerpt, &p.decision, (*int32)(&p.cluster)}, func() error {
		out[excerpt] = p
		return nil
	})
	return out, err
}

// collectConstraints gives what a run has to honour.
func collectConstraints(ctx context.Context, tx pgx.Tx, workspace string) (feedback.Constraints, error) {
	var c feedback.Constraints
	const last = `SELECT next_decision - 1, standing_result(id) FROM workspaces WHERE id = $1`
	var run int
	if err := tx.QueryRow(ctx, last, workspace).Scan(&c.Last, &run); err != nil || c.Last == 0 {
		return c, err
	}
	k, err := openDesk(ctx, tx, workspace, run)
	if err != nil {
		return c, err
	}
	pins, err := k.pins(ctx)
	if err != nil {
		return c, err
	}
	c.Pins = make(map[feedback.ID]feedback.ClusterID, len(pins))
	for excerpt, p := range pins {
		if now := k.ledger.Today(p.cluster); now != 0 {
			c.Pins[excerpt] = now
		}
	}
	c.Kept = k.ledger.Kept()
	c.Apart = slices.SortedFunc(maps.Keys(k.ledger.Apart()), comparePairs)
	pairs, err := k.pairs(ctx)
	if err != nil {
		return c, err
	}
	for _, p := range pairs {
		c.Pairs = append(c.Pairs, p.excerpts)
	}
	c.Together, err = k.together(ctx)
	return c, err
}

func comparePairs(a, b [2]feedback.ClusterID) int { return slices.Compare(a[:], b[:]) }

// together gives what merges brought into one cluster.
func (k *desk) together(ctx context.Context) ([]feedback.Together, error) {
	const find = `
		SELECT d.cluster_id, array_agg(e.id ORDER BY e.id) FROM standing_decisions d
		JOIN decision_excerpts x ON x.workspace_id = d.workspace_id AND x.decision_id = d.id
		JOIN excerpts e ON e.workspace_id = x.workspace_id AND e.id = x.excerpt_id
		WHERE d.workspace_id = $1 AND d.kind = 'merge' GROUP BY d.id, d.cluster_id ORDER BY d.id`
	rows, err := k.tx.Query(ctx, find, k.workspace)
	if err != nil {
		return nil, err
	}
	var out []feedback.Together
	var cluster int32
	var excerpts [][16]byte
	_, err = pgx.ForEachRow(rows, []any{&cluster, &excerpts}, func() error {
		t := feedback.Together{Cluster: k.ledger.Today(feedback.ClusterID(cluster))}
		for _, e := range excerpts {
			t.Excerpts = append(t.Excerpts, e)
		}
		if t.Cluster != 0 {
			out = append(out, t)
		}
		return nil
	})
	return out, err
}

// ClusterPoints gives the analysed excerpts of one cluster, in the order of their ids and without spam, and beside them the
// clusters that stand.
func (s *Store) ClusterPoints(ctx context.Context, workspace string, model feedback.Model, id feedback.ClusterID) ([]feedback.Point, []feedback.Cluster, error) {
	const find = `
		SELECT e.id, e.item_id, e.text, e.occurred_at, m.embedding
		FROM excerpts e
		JOIN models of ON of.name = $3 AND of.version = $4 AND of.dimensions = $5
		JOIN embeddings m ON m.workspace_id = e.workspace_id AND m.excerpt_id = e.id AND m.model_id = of.id
		WHERE e.workspace_id = $1 AND e.cluster_id = $2 AND e.model_id = of.id AND NOT e.spam
		ORDER BY e.id`
	var points []feedback.Point
	var standing []feedback.Cluster
	err := s.read(ctx, "load the excerpts of the cluster", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace, int32(id), model.Name, model.Version, model.Dimensions)
		if err != nil {
			return err
		}
		points, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (feedback.Point, error) {
			p := feedback.Point{Cluster: id}
			var vector pgvector.HalfVector
			err := row.Scan((*[16]byte)(&p.Excerpt), (*[16]byte)(&p.Item), &p.Text, &p.OccurredAt, &vector)
			p.Vector = vector.Slice()
			feedback.Normalize(p.Vector) // halves are rounded
			return p, err
		})
		if err != nil {
			return err
		}
		standing, err = collectStanding(ctx, tx, workspace, model)
		return err
	})
	return points, standing, err
}

// logExcerpts is how many of the excerpts of a decision the log names.
const logExcerpts = 10

// Decisions gives the log of what people decided, the latest first: limit rows of those before the decision before, or
// from the latest where that is 0. With a cluster it gives those that name it or moved excerpts into or out of it.
func (s *Store) Decisions(ctx context.Context, workspace string, cluster feedback.ClusterID, before, limit int) ([]feedback.Decision, error) {
	const find = `
		SELECT ` + decisionColumns + `,
		    coalesce((SELECT u.id FROM decisions u WHERE u.workspace_id = d.workspace_id AND u.undoes = d.id), 0),
		    (SELECT count(*) FROM decision_excerpts x
		     WHERE x.workspace_id = d.workspace_id AND x.decision_id = d.id
		       AND NOT EXISTS (SELECT FROM excerpts e WHERE e.workspace_id = x.workspace_id AND e.id = x.excerpt_id)),
		    coalesce(standing_cluster(d.workspace_id, d.cluster_id), 0),
		    ARRAY(SELECT x.excerpt_id FROM decision_excerpts x
		          WHERE x.workspace_id = d.workspace_id AND x.decision_id = d.id ORDER BY 1 LIMIT $5)
		FROM decisions d
		WHERE d.workspace_id = $1 AND ($3 = 0 OR d.id < $3) AND ($2 = 0 OR d.cluster_id = $2 OR d.other_id = $2 OR EXISTS (
		    SELECT FROM decision_excerpts x WHERE x.workspace_id = d.workspace_id AND x.decision_id = d.id
		      AND (x.from_cluster = $2 OR x.to_cluster = $2)))
		ORDER BY d.id DESC LIMIT $4`
	var log []feedback.Decision
	err := s.read(ctx, "read the log of decisions", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, find, workspace, int32(cluster), before, limit, logExcerpts)
		if err != nil {
			return err
		}
		log, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (d feedback.Decision, err error) {
			var excerpts [][16]byte
			err = row.Scan(append(decisionFields(&d), &d.UndoneBy, &d.Gone, (*int32)(&d.Now), &excerpts)...)
			for _, e := range excerpts {
				d.Excerpts = append(d.Excerpts, e)
			}
			return d, err
		})
		return err
	})
	return log, err
}
