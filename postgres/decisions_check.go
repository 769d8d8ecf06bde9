package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// stands fails unless the cluster exists and is not retired; 0 is none and passes.
func (k *desk) stands(id feedback.ClusterID) error {
	if id == 0 {
		return nil
	}
	c := k.clusters[id]
	switch {
	case c == nil:
		return feedback.Errorf(feedback.NotFound, "workspace %q has no cluster %s", k.workspace, id)
	case !c.Retired:
		return nil
	}
	err := feedback.Errorf(feedback.Conflict, "%s is retired", id)
	if now := k.ledger.Today(id); now != 0 {
		return err.WithHint("it became part of %s: decide about that one", now)
	}
	return err
}

// inTheWay is the Conflict that a standing decision makes.
func inTheWay(by feedback.Decision, format string, args ...any) error {
	args = append(args, by.ID, by.String(), by.Actor)
	return feedback.Errorf(feedback.Conflict, format+": decision %d stands in the way (%s, by %s)", args...).
		WithHint("undo decision %d first", by.ID)
}

// check holds the decision against what stands and what was decided, and gives the excerpts that it names. For a kind that
// replaces something it fills in what.
func (k *desk) check(ctx context.Context, d *feedback.Decision) ([]move, error) {
	switch d.Kind {
	case feedback.DecideRename:
		return nil, k.checkRename(d)
	case feedback.DecideRenameTheme:
		return nil, k.checkThemeName(d)
	case feedback.DecidePin, feedback.DecideMove:
		return k.checkMove(ctx, d)
	case feedback.DecideApart:
		return k.checkApart(ctx, d)
	case feedback.DecideMerge:
		return nil, k.checkMerge(ctx, d)
	case feedback.DecideSplit:
		return k.checkSplit(ctx, d)
	case feedback.DecideHide, feedback.DecideUnhide:
		by, hidden := k.ledger.Hidden()[d.Cluster]
		if d.Kind == feedback.DecideHide && hidden {
			return nil, inTheWay(by, "%s is hidden already", d.Cluster)
		}
		if d.Kind == feedback.DecideUnhide && !hidden {
			return nil, feedback.Errorf(feedback.Conflict, "%s is not hidden", d.Cluster)
		}
	case feedback.DecideConfirm:
		if by, ok := k.ledger.Confirmed()[d.Cluster]; ok {
			return nil, inTheWay(by, "%s is confirmed already", d.Cluster)
		}
	case feedback.DecideConfirmLink, feedback.DecideRejectLink:
		return nil, k.checkLink(ctx, d)
	}
	return nil, nil
}

func (k *desk) checkRename(d *feedback.Decision) error {
	d.Was = k.clusters[d.Cluster].Name
	if d.Was == d.Name && k.clusters[d.Cluster].OwnName != "" {
		return feedback.Errorf(feedback.Conflict, "%s is called so already", d.Cluster)
	}
	return k.freeName(d.Name, d.Cluster)
}

// freeName fails when a standing cluster other than except has the name.
func (k *desk) freeName(name string, except feedback.ClusterID) error {
	for id, c := range k.clusters {
		if id != except && !c.Retired && strings.EqualFold(c.Name, name) {
			return feedback.Errorf(feedback.Conflict, "%s is called so", id).
				WithHint("no two clusters have one name: choose another, or merge them")
		}
	}
	return nil
}

func (k *desk) checkThemeName(d *feedback.Decision) error {
	t := k.themes[d.Theme]
	if t == nil {
		return feedback.Errorf(feedback.NotFound, "no theme %s stands in workspace %q", d.Theme, k.workspace)
	}
	if d.Was = t.Name; d.Was == d.Name && t.OwnName != "" {
		return feedback.Errorf(feedback.Conflict, "%s is called so already", d.Theme)
	}
	for id, other := range k.themes {
		if id != d.Theme && strings.EqualFold(other.Name, d.Name) {
			return feedback.Errorf(feedback.Conflict, "%s is called so", id).WithHint("no two themes have one name: choose another")
		}
	}
	return nil
}

// named reads and locks the excerpts that the decision names.
func (k *desk) named(ctx context.Context, d *feedback.Decision) ([]move, error) {
	d.Excerpts = slices.Clone(d.Excerpts)
	slices.SortFunc(d.Excerpts, func(a, b feedback.ID) int { return slices.Compare(a[:], b[:]) })
	d.Excerpts = slices.Compact(d.Excerpts)
	ids := make([][16]byte, len(d.Excerpts))
	for i, id := range d.Excerpts {
		ids[i] = id
	}
	const find = `
		SELECT id, coalesce(cluster_id, 0) FROM excerpts WHERE workspace_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE`
	rows, err := k.tx.Query(ctx, find, k.workspace, ids)
	if err != nil {
		return nil, err
	}
	moves, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m move, err error) {
		return m, row.Scan((*[16]byte)(&m.excerpt), (*int32)(&m.from))
	})
	if err != nil {
		return nil, err
	}
	for i, id := range d.Excerpts {
		if i >= len(moves) || moves[i].excerpt != id {
			return nil, feedback.Errorf(feedback.NotFound, "workspace %q has no excerpt %s", k.workspace, id)
		}
		moves[i].to = moves[i].from
	}
	return moves, nil
}

func (k *desk) checkMove(ctx context.Context, d *feedback.Decision) ([]move, error) {
	moves, err := k.named(ctx, d)
	if err != nil {
		return nil, err
	}
	apart := k.ledger.Apart()
	for i, m := range moves {
		if d.Kind == feedback.DecidePin {
			if m.from == 0 {
				return nil, feedback.Errorf(feedback.Conflict, "excerpt %s belongs to no cluster", m.excerpt).
					WithHint("move it to one")
			}
			continue
		}
		by, forbidden := apart[[2]feedback.ClusterID{min(m.from, d.Cluster), max(m.from, d.Cluster)}]
		if forbidden && by.Kind == feedback.DecideApart {
			return nil, inTheWay(by, "excerpt %s cannot go from %s to %s", m.excerpt, m.from, d.Cluster)
		}
		moves[i].to = d.Cluster
	}
	return moves, k.checkPairs(ctx, moves)
}

// checkPairs fails when the moves would put two excerpts together that must be apart.
func (k *desk) checkPairs(ctx context.Context, moves []move) error {
	to := make(map[feedback.ID]feedback.ClusterID, len(moves))
	for _, m := range moves {
		to[m.excerpt] = m.to
	}
	pairs, err := k.pairs(ctx)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		for side, e := range p.excerpts {
			target, moved := to[e]
			other := p.at[1-side]
			if t, ok := to[p.excerpts[1-side]]; ok {
				other = t
			}
			if moved && target != 0 && target == other {
				return inTheWay(p.by, "excerpts %s and %s cannot both be in %s", e, p.excerpts[1-side], target)
			}
		}
	}
	return nil
}

// pair is two excerpts that must be apart, and where they stand.
type pair struct {
	by       feedback.Decision
	excerpts [2]feedback.ID
	at       [2]feedback.ClusterID
}

func (k *desk) pairs(ctx context.Context) ([]pair, error) {
	const find = `
		SELECT d.id, x.excerpt_id, coalesce(e.cluster_id, 0) FROM standing_decisions d
		JOIN decision_excerpts x ON x.workspace_id = d.workspace_id AND x.decision_id = d.id
		LEFT JOIN excerpts e ON e.workspace_id = x.workspace_id AND e.id = x.excerpt_id
		WHERE d.workspace_id = $1 AND d.kind = 'apart' AND d.cluster_id IS NULL ORDER BY d.id, x.excerpt_id`
	rows, err := k.tx.Query(ctx, find, k.workspace)
	if err != nil {
		return nil, err
	}
	var out []pair
	var id int
	var excerpt [16]byte
	var at int32
	_, err = pgx.ForEachRow(rows, []any{&id, &excerpt, &at}, func() error {
		if len(out) == 0 || out[len(out)-1].by.ID != id {
			out = append(out, pair{by: k.decision(id), excerpts: [2]feedback.ID{excerpt}, at: [2]feedback.ClusterID{feedback.ClusterID(at)}})
			return nil
		}
		out[len(out)-1].excerpts[1], out[len(out)-1].at[1] = excerpt, feedback.ClusterID(at)
		return nil
	})
	return out, err
}

// decision gives one that stands.
func (k *desk) decision(id int) feedback.Decision {
	at, _ := slices.BinarySearchFunc(k.ledger.Decisions, id, func(d feedback.Decision, id int) int { return d.ID - id })
	return k.ledger.Decisions[at]
}

func (k *desk) checkApart(ctx context.Context, d *feedback.Decision) ([]move, error) {
	if d.Cluster != 0 {
		if by, ok := k.ledger.Apart()[[2]feedback.ClusterID{min(d.Cluster, d.Other), max(d.Cluster, d.Other)}]; ok && by.Kind == feedback.DecideApart {
			return nil, inTheWay(by, "%s and %s are kept apart already", d.Cluster, d.Other)
		}
		return nil, nil
	}
	// The order of the two tells which of them goes where they stand together.
	stays, goes := d.Excerpts[0], d.Excerpts[1]
	moves, err := k.named(ctx, d)
	if err != nil || moves[0].from != moves[1].from || moves[0].from == 0 {
		return moves, err
	}
	pins, err := k.pins(ctx)
	if err != nil {
		return nil, err
	}
	if by, pinned := pins[goes]; pinned {
		if _, both := pins[stays]; both {
			return nil, inTheWay(k.decision(by.decision), "excerpts %s and %s are both pinned to %s", stays, goes, moves[0].from)
		}
		goes = stays
	}
	for i := range moves {
		if moves[i].excerpt == goes {
			moves[i].to = 0
		}
	}
	return moves, nil
}

func (k *desk) checkMerge(ctx context.Context, d *feedback.Decision) error {
	d.Was = k.clusters[d.Other].Name
	if by, ok := k.ledger.Apart()[[2]feedback.ClusterID{min(d.Cluster, d.Other), max(d.Cluster, d.Other)}]; ok {
		return inTheWay(by, "%s and %s cannot be merged", d.Cluster, d.Other)
	}
	pairs, err := k.pairs(ctx)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if p.at == [2]feedback.ClusterID{d.Cluster, d.Other} || p.at == [2]feedback.ClusterID{d.Other, d.Cluster} {
			return inTheWay(p.by, "%s and %s cannot be merged", d.Cluster, d.Other)
		}
	}
	return nil
}

func (k *desk) checkSplit(ctx context.Context, d *feedback.Decision) ([]move, error) {
	if err := k.freeName(d.Name, 0); err != nil {
		return nil, err
	}
	moves, err := k.named(ctx, d)
	if err != nil {
		return nil, err
	}
	for _, m := range moves {
		if m.from != d.Cluster {
			return nil, feedback.Errorf(feedback.Conflict, "excerpt %s is not in %s", m.excerpt, d.Cluster)
		}
	}
	const size = `SELECT count(*) FROM excerpts WHERE workspace_id = $1 AND cluster_id = $2 AND NOT spam`
	var n int
	if err := k.tx.QueryRow(ctx, size, k.workspace, int32(d.Cluster)).Scan(&n); err != nil {
		return nil, err
	}
	if n <= len(moves) {
		return nil, feedback.Errorf(feedback.Conflict, "these are all excerpts of %s: nothing would be left of it", d.Cluster).
			WithHint("choose some of them, or rename it")
	}
	return moves, nil
}

// checkLink fills in the state that the link has; "" where there is none.
func (k *desk) checkLink(ctx context.Context, d *feedback.Decision) error {
	const find = `
		SELECT coalesce(l.state, '') FROM features f
		LEFT JOIN links l ON l.workspace_id = f.workspace_id AND l.feature_id = f.id AND l.cluster_id = $3
		WHERE f.workspace_id = $1 AND f.id = $2`
	err := k.tx.QueryRow(ctx, find, k.workspace, d.Feature, int32(d.Cluster)).Scan(&d.Was)
	if errors.Is(err, pgx.ErrNoRows) {
		return feedback.Errorf(feedback.NotFound, "workspace %q has no feature %q", k.workspace, d.Feature)
	}
	if err != nil {
		return err
	}
	by, ok := k.ledger.Links()[feedback.LinkKey{Cluster: d.Cluster, Feature: d.Feature}]
	if ok && by.Kind == d.Kind {
		return inTheWay(by, "somebody decided so already")
	}
	return nil
}
