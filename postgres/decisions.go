package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// Decide records what a person decided and lets it take effect, in one transaction; decisions and runs of a workspace
// follow one another. It gives the decision as it was recorded. d.At is the clock's. Beside the Invalid of
// [feedback.Decision.Check] it fails with NotFound for a cluster, theme, excerpt, feature or decision that the workspace
// does not have, and with Conflict for what is retired and for what an earlier decision forbids, which it names.
func (s *Store) Decide(ctx context.Context, workspace string, d feedback.Decision) (feedback.Decision, error) {
	if err := feedback.CheckWorkspace(workspace); err != nil {
		return d, err
	}
	if err := d.Check(); err != nil {
		return d, err
	}
	err := s.write(ctx, "record the decision", func(tx pgx.Tx) error {
		const number = `
			UPDATE workspaces SET next_decision = next_decision + 1 WHERE id = $1 RETURNING next_decision - 1, standing_result(id)`
		err := tx.QueryRow(ctx, number, workspace).Scan(&d.ID, &d.Run)
		if errors.Is(err, pgx.ErrNoRows) {
			return feedback.Errorf(feedback.NotFound, "there is no workspace %q", workspace)
		}
		if err != nil {
			return err
		}
		k, err := openDesk(ctx, tx, workspace, d.Run)
		if err != nil {
			return err
		}
		if d.Kind == feedback.DecideUndo {
			return k.undo(ctx, &d)
		}
		return k.decide(ctx, &d)
	})
	return d, err
}

// desk is the workspace as the decision that is being made finds it. Its transaction holds the workspace's row.
type desk struct {
	tx        pgx.Tx
	workspace string
	run       int
	clusters  map[feedback.ClusterID]*feedback.Cluster // all, without centroids
	themes    map[feedback.ThemeID]*feedback.Theme     // those that stand
	ledger    feedback.Ledger
}

func openDesk(ctx context.Context, tx pgx.Tx, workspace string, run int) (*desk, error) {
	k := &desk{tx: tx, workspace: workspace, run: run, clusters: map[feedback.ClusterID]*feedback.Cluster{},
		themes: map[feedback.ThemeID]*feedback.Theme{}}
	const clusters = `
		SELECT id, theme_id, name, coalesce(own_name, ''), confirmed, hidden, retired, coalesce(successor, 0)
		FROM clusters WHERE workspace_id = $1`
	rows, err := tx.Query(ctx, clusters, workspace)
	if err != nil {
		return nil, err
	}
	var c feedback.Cluster
	if _, err := pgx.ForEachRow(rows, []any{(*int32)(&c.ID), (*int32)(&c.Theme), &c.Name, &c.OwnName, &c.Confirmed,
		&c.Hidden, &c.Retired, (*int32)(&c.Successor)}, func() error {
		one := c
		k.clusters[c.ID] = &one
		return nil
	}); err != nil {
		return nil, err
	}
	const themes = `SELECT id, name, coalesce(own_name, '') FROM themes WHERE workspace_id = $1 AND NOT retired`
	if rows, err = tx.Query(ctx, themes, workspace); err != nil {
		return nil, err
	}
	var t feedback.Theme
	if _, err := pgx.ForEachRow(rows, []any{(*int32)(&t.ID), &t.Name, &t.OwnName}, func() error {
		one := t
		k.themes[t.ID] = &one
		return nil
	}); err != nil {
		return nil, err
	}
	k.ledger, err = k.readLedger(ctx)
	return k, err
}

// readLedger reads the decisions that stand, without their excerpts, and the lineage.
func (k *desk) readLedger(ctx context.Context) (feedback.Ledger, error) {
	l := feedback.Ledger{Successor: map[feedback.ClusterID]feedback.ClusterID{}}
	for id, c := range k.clusters {
		if c.Retired {
			l.Successor[id] = c.Successor
		}
	}
	l.Standing = func(id feedback.ClusterID) bool { c := k.clusters[id]; return c != nil && !c.Retired }
	const find = `SELECT ` + decisionColumns + ` FROM standing_decisions d WHERE d.workspace_id = $1 ORDER BY d.id`
	rows, err := k.tx.Query(ctx, find, k.workspace)
	if err != nil {
		return l, err
	}
	if l.Decisions, err = pgx.CollectRows(rows, scanDecision); err != nil || len(l.Decisions) == 0 {
		return l, err
	}
	const splits = `
		SELECT l.run_id, l.from_cluster, l.to_cluster FROM lineage l
		JOIN runs r ON r.workspace_id = l.workspace_id AND r.id = l.run_id AND r.state = 'applied'
		WHERE l.workspace_id = $1 AND l.fate = 'split' AND l.run_id > $2 ORDER BY l.run_id, l.ordinal`
	if rows, err = k.tx.Query(ctx, splits, k.workspace, l.Decisions[0].Run); err != nil {
		return l, err
	}
	l.Splits, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p feedback.Parting, err error) {
		return p, row.Scan(&p.Run, (*int32)(&p.From), (*int32)(&p.To))
	})
	return l, err
}

// decisionColumns are the columns of a feedback.Decision in a table or view d.
const decisionColumns = `
	d.id, d.kind, d.actor, d.note, d.decided_at, d.run_id, coalesce(d.cluster_id, 0), coalesce(d.other_id, 0),
	coalesce(d.theme_id, 0), coalesce(d.feature_id, ''), d.name, d.was, coalesce(d.undoes, 0),
	(SELECT count(*) FROM decision_excerpts x WHERE x.workspace_id = d.workspace_id AND x.decision_id = d.id)`

func scanDecision(row pgx.CollectableRow) (d feedback.Decision, err error) {
	return d, row.Scan(decisionFields(&d)...)
}

func decisionFields(d *feedback.Decision) []any {
	return []any{&d.ID, (*string)(&d.Kind), &d.Actor, &d.Note, &d.At, &d.Run, (*int32)(&d.Cluster), (*int32)(&d.Other),
		(*int32)(&d.Theme), &d.Feature, &d.Name, &d.Was, &d.Undoes, &d.Named}
}

// record writes the decision's row.
func (k *desk) record(ctx context.Context, d *feedback.Decision) error {
	const insert = `
		INSERT INTO decisions (workspace_id, id, kind, actor, note, decided_at, run_id, cluster_id, other_id, theme_id,
		    feature_id, name, was, undoes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, 0), nullif($9, 0), nullif($10, 0), nullif($11, ''), $12, $13, nullif($14, 0))`
	_, err := k.tx.Exec(ctx, insert, k.workspace, d.ID, string(d.Kind), d.Actor, d.Note, d.At, d.Run, int32(d.Cluster),
		int32(d.Other), int32(d.Theme), d.Feature, d.Name, d.Was, int32(d.Undoes))
	return err
}

// decide checks the decision against what stands, records it, and does what it says.
func (k *desk) decide(ctx context.Context, d *feedback.Decision) error {
	for _, id := range []feedback.ClusterID{d.Cluster, d.Other} {
		if err := k.stands(id); err != nil {
			return err
		}
	}
	moves, err := k.check(ctx, d)
	if err != nil {
		return err
	}
	if d.Kind == feedback.DecideSplit {
		if err := k.found(ctx, d); err != nil {
			return err
		}
		for i := range moves {
			moves[i].to = d.Other
		}
	}
	if err := k.record(ctx, d); err != nil {
		return err
	}
	var touched []feedback.ClusterID
	if d.Kind == feedback.DecideMerge {
		touched = append(touched, d.Cluster)
		if err := k.absorb(ctx, d); err != nil {
			return err
		}
	} else if err := k.list(ctx, d.ID, moves); err != nil {
		return err
	}
	for _, m := range moves {
		if m.from != m.to {
			touched = append(touched, m.from, m.to)
		}
	}
	d.Named = len(moves)
	return k.settle(ctx, d.ID, touched)
}

// settle moves the excerpts that the decision lists from and to the clusters touched, and brings all that follows from the decisions up to date.
func (k *desk) settle(ctx context.Context, decision int, touched []feedback.ClusterID) error {
	const move = `
		UPDATE excerpts e SET cluster_id = x.to_cluster, similarity = NULL
		FROM decision_excerpts x
		WHERE x.workspace_id = $1 AND x.decision_id = $2 AND x.from_cluster IS DISTINCT FROM x.to_cluster
		  AND e.workspace_id = $1 AND e.id = x.excerpt_id`
	if _, err := k.tx.Exec(ctx, move, k.workspace, decision); err != nil {
		return err
	}
	if err := k.reconcile(ctx); err != nil || len(touched) == 0 {
		return err
	}
	slices.Sort(touched)
	return k.measure(ctx, slices.Compact(touched))
}

// move is an excerpt that a decision names, and where it stands and will stand; 0 is nowhere.
type move struct {
	excerpt  feedback.ID
	from, to feedback.ClusterID
}

// list writes which excerpts the decision names, with what they were before.
func (k *desk) list(ctx context.Context, decision int, moves []move) error {
	if len(moves) == 0 {
		return nil
	}
	ids, targets := make([][16]byte, len(moves)), make([]int32, len(moves))
	for i, m := range moves {
		ids[i], targets[i] = m.excerpt, int32(m.to)
	}
	const insert = `
		INSERT INTO decision_excerpts (workspace_id, decision_id, excerpt_id, from_cluster, to_cluster, similarity)
		SELECT $1, $2, e.id, e.cluster_id, nullif(n.target, 0), e.similarity
		FROM unnest($3::uuid[], $4::integer[]) AS n (id, target)
		JOIN excerpts e ON e.workspace_id = $1 AND e.id = n.id`
	_, err := k.tx.Exec(ctx, insert, k.workspace, decision, ids, targets)
	return err
}

// found makes the row of the cluster that a split founds: centroid and floor are measured once it has its excerpts.
func (k *desk) found(ctx context.Context, d *feedback.Decision) error {
	const insert = `
		WITH number AS (
		    UPDATE workspaces SET next_cluster = next_cluster + 1 WHERE id = $1 RETURNING next_cluster - 1 AS id
		)
		INSERT INTO clusters (workspace_id, id, theme_id, model_id, name, summary, keywords, centroid, floor, margin, born_run)
		SELECT $1, n.id, c.theme_id, c.model_id, $3, $4, $5, coalesce(c.run_centroid, c.centroid),
		    coalesce(c.run_floor, c.floor), c.margin, $6
		FROM number n, clusters c WHERE c.workspace_id = $1 AND c.id = $2 RETURNING id`
	keywords := d.Keywords
	if keywords == nil {
		keywords = []string{}
	}
	err := k.tx.QueryRow(ctx, insert, k.workspace, int32(d.Cluster), d.Name, d.Summary, keywords, d.Run).Scan((*int32)(&d.Other))
	k.clusters[d.Other] = &feedback.Cluster{ID: d.Other, Theme: k.clusters[d.Cluster].Theme, Name: d.Name}
	return err
}

// absorb ends one cluster in the other, and lists its excerpts.
func (k *desk) absorb(ctx context.Context, d *feedback.Decision) error {
	const lock = `SELECT FROM excerpts WHERE workspace_id = $1 AND cluster_id = $2 ORDER BY id FOR UPDATE`
	if _, err := k.tx.Exec(ctx, lock, k.workspace, int32(d.Other)); err != nil {
		return err
	}
	const insert = `
		INSERT INTO decision_excerpts (workspace_id, decision_id, excerpt_id, from_cluster, to_cluster, similarity)
		SELECT workspace_id, $2, id, cluster_id, $4, similarity FROM excerpts WHERE workspace_id = $1 AND cluster_id = $3`
	if _, err := k.tx.Exec(ctx, insert, k.workspace, d.ID, int32(d.Other), int32(d.Cluster)); err != nil {
		return err
	}
	return k.retire(ctx, d.Other, d.Cluster)
}

// retire ends a cluster in its successor.
func (k *desk) retire(ctx context.Context, id, successor feedback.ClusterID) error {
	const update = `UPDATE clusters SET retired = true, successor = $3 WHERE workspace_id = $1 AND id = $2`
	k.clusters[id].Retired, k.clusters[id].Successor = true, successor
	_, err := k.tx.Exec(ctx, update, k.workspace, int32(id), int32(successor))
	return err
}
