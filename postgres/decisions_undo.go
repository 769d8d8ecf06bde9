package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// undo takes back a decision that stands, unless one that was made later builds on it: then that one is named. What it
// moved goes back to where it was, or to what became of that place; what runs moved on since stays where it is.
func (k *desk) undo(ctx context.Context, u *feedback.Decision) error {
	d, err := k.undoable(ctx, u.Undoes)
	if err != nil {
		return err
	}
	rows, err := k.movedBy(ctx, d)
	if err != nil {
		return err
	}
	if err := k.unobstructed(ctx, d, rows); err != nil {
		return err
	}
	var touched []feedback.ClusterID
	for _, m := range rows {
		touched = append(touched, m.from, m.to)
	}
	var back []move
	switch d.Kind {
	case feedback.DecideMerge:
		back, err = k.revive(ctx, d, rows)
	case feedback.DecideSplit:
		back, err = k.rejoin(ctx, d)
	default:
		back, err = k.back(ctx, rows)
	}
	if err != nil {
		return err
	}
	u.Cluster, u.Other, u.Theme, u.Feature, u.Name = d.Cluster, d.Other, d.Theme, d.Feature, d.Name
	if err := k.record(ctx, u); err != nil {
		return err
	}
	if err := k.list(ctx, u.ID, back); err != nil {
		return err
	}
	u.Named = len(back)
	for _, m := range back {
		touched = append(touched, m.from, m.to)
	}
	if err := k.settle(ctx, u.ID, touched); err != nil || d.Run != k.run {
		return err
	}
	// No run has come between: what went back is as like its cluster as it was.
	const similarity = `
		UPDATE excerpts e SET similarity = x.similarity FROM decision_excerpts x
		WHERE x.workspace_id = $1 AND x.decision_id = $2 AND x.from_cluster IS DISTINCT FROM x.to_cluster
		  AND e.workspace_id = $1 AND e.id = x.excerpt_id AND e.cluster_id IS NOT DISTINCT FROM x.from_cluster
		  AND NOT EXISTS (
		    SELECT FROM standing_decisions d JOIN decision_excerpts y ON y.workspace_id = $1 AND y.decision_id = d.id
		    WHERE d.workspace_id = $1 AND d.run_id = $3 AND y.excerpt_id = x.excerpt_id
		      AND y.from_cluster IS DISTINCT FROM y.to_cluster AND y.to_cluster IS NOT NULL)`
	_, err = k.tx.Exec(ctx, similarity, k.workspace, d.ID, k.run)
	return err
}

// undoable finds the decision that is to be undone.
func (k *desk) undoable(ctx context.Context, id int) (feedback.Decision, error) {
	const find = `
		SELECT ` + decisionColumns + `, coalesce((SELECT u.id FROM decisions u WHERE u.workspace_id = d.workspace_id AND u.undoes = d.id), 0)
		FROM decisions d WHERE d.workspace_id = $1 AND d.id = $2`
	var d feedback.Decision
	err := k.tx.QueryRow(ctx, find, k.workspace, id).Scan(append(decisionFields(&d), &d.UndoneBy)...)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return d, feedback.Errorf(feedback.NotFound, "workspace %q has no decision %d", k.workspace, id)
	case err != nil:
		return d, err
	case d.UndoneBy != 0:
		return d, feedback.Errorf(feedback.Conflict, "decision %d was undone already, by decision %d", id, d.UndoneBy)
	case d.Kind == feedback.DecideUndo:
		return d, feedback.Errorf(feedback.Conflict, "decision %d is an undo", id).WithHint("decide again what it took back")
	}
	return d, nil
}

// movedBy gives the excerpts that the decision moved.
func (k *desk) movedBy(ctx context.Context, d feedback.Decision) ([]move, error) {
	const find = `
		SELECT excerpt_id, coalesce(from_cluster, 0), coalesce(to_cluster, 0) FROM decision_excerpts
		WHERE workspace_id = $1 AND decision_id = $2 AND from_cluster IS DISTINCT FROM to_cluster ORDER BY excerpt_id`
	rows, err := k.tx.Query(ctx, find, k.workspace, d.ID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (m move, err error) {
		return m, row.Scan((*[16]byte)(&m.excerpt), (*int32)(&m.from), (*int32)(&m.to))
	})
}

// unobstructed fails when a later decision that stands would not have come out the same without d: when the two do not
// commute.
func (k *desk) unobstructed(ctx context.Context, d feedback.Decision, rows []move) error {
	places := []feedback.ClusterID{d.Cluster, d.Other}
	for _, m := range rows {
		if !slices.Contains(places, m.from) {
			places = append(places, m.from)
		}
		if !slices.Contains(places, m.to) {
			places = append(places, m.to)
		}
	}
	obstructs := func(e feedback.Decision) error {
		return inTheWay(e, "decision %d (%s) cannot be undone", d.ID, d)
	}
	for _, e := range k.ledger.Decisions {
		if e.ID > d.ID && buildsOn(e, d, places) {
			return obstructs(e)
		}
	}
	const names = `
		SELECT coalesce(min(e.id), 0) FROM standing_decisions e
		JOIN decision_excerpts y ON y.workspace_id = e.workspace_id AND y.decision_id = e.id
		WHERE e.workspace_id = $1 AND e.id > $2 AND (
		    y.excerpt_id IN (SELECT x.excerpt_id FROM decision_excerpts x
		        WHERE x.workspace_id = $1 AND x.decision_id = $2 AND x.from_cluster IS DISTINCT FROM x.to_cluster)
		    OR y.from_cluster = $3 OR y.to_cluster = $3)`
	founded := feedback.ClusterID(0)
	if d.Kind == feedback.DecideSplit {
		founded = d.Other
	}
	var id int
	if err := k.tx.QueryRow(ctx, names, k.workspace, d.ID, int32(founded)).Scan(&id); err != nil {
		return err
	}
	if id != 0 {
		return obstructs(k.decision(id))
	}
	return nil
}

// buildsOn says whether e, made after d, needs it; places are the clusters that d names or moved excerpts between.
func buildsOn(e, d feedback.Decision, places []feedback.ClusterID) bool {
	ended := e.Kind == feedback.DecideMerge && slices.Contains(places, e.Other)
	founded := d.Kind == feedback.DecideSplit && (e.Cluster == d.Other || e.Other == d.Other)
	if ended || founded {
		return true
	}
	if n := namesOf(d); slices.ContainsFunc(namesOf(e), func(name string) bool { return slices.Contains(n, name) }) {
		return true
	}
	switch d.Kind {
	case feedback.DecideRename, feedback.DecideConfirm:
		return e.Kind == d.Kind && e.Cluster == d.Cluster
	case feedback.DecideHide, feedback.DecideUnhide:
		return (e.Kind == feedback.DecideHide || e.Kind == feedback.DecideUnhide) && e.Cluster == d.Cluster
	case feedback.DecideRenameTheme:
		return e.Kind == d.Kind && (e.Theme == d.Theme || strings.EqualFold(e.Name, d.Was))
	case feedback.DecideConfirmLink, feedback.DecideRejectLink:
		return (e.Kind == feedback.DecideConfirmLink || e.Kind == feedback.DecideRejectLink) && e.Cluster == d.Cluster && e.Feature == d.Feature
	}
	return false
}

// namesOf gives the names of clusters that a decision takes or sets free.
func namesOf(d feedback.Decision) []string {
	switch d.Kind {
	case feedback.DecideRename:
		return []string{strings.ToLower(d.Was), strings.ToLower(d.Name)}
	case feedback.DecideMerge:
		return []string{strings.ToLower(d.Was)}
	case feedback.DecideSplit:
		return []string{strings.ToLower(d.Name)}
	}
	return nil
}

// back gives the way back of what was moved and is still where the decision put it.
func (k *desk) back(ctx context.Context, rows []move) ([]move, error) {
	at, err := k.where(ctx, rows)
	if err != nil {
		return nil, err
	}
	var out []move
	for _, m := range rows {
		now, there := at[m.excerpt]
		if there && now == k.ledger.Today(m.to) {
			out = append(out, move{excerpt: m.excerpt, from: now, to: k.ledger.Today(m.from)})
		}
	}
	return out, nil
}

// where says where excerpts stand now, and locks them; those that are gone are left out.
func (k *desk) where(ctx context.Context, rows []move) (map[feedback.ID]feedback.ClusterID, error) {
	ids := make([][16]byte, len(rows))
	for i, m := range rows {
		ids[i] = m.excerpt
	}
	const find = `
		SELECT id, coalesce(cluster_id, 0) FROM excerpts WHERE workspace_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE`
	found, err := k.tx.Query(ctx, find, k.workspace, ids)
	if err != nil {
		return nil, err
	}
	at := make(map[feedback.ID]feedback.ClusterID, len(rows))
	var id [16]byte
	var cluster int32
	_, err = pgx.ForEachRow(found, []any{&id, &cluster}, func() error {
		at[id] = feedback.ClusterID(cluster)
		return nil
	})
	return at, err
}

// revive takes back a merge: the cluster that ended stands again with its excerpts, if any is left.
func (k *desk) revive(ctx context.Context, d feedback.Decision, rows []move) ([]move, error) {
	back, err := k.back(ctx, rows)
	if err != nil || len(back) == 0 && len(rows) > 0 || !k.clusters[d.Other].Retired {
		return nil, err
	}
	for i := range back {
		back[i].to = d.Other
	}
	if err := k.reopenTheme(ctx, d.Other); err != nil {
		return nil, err
	}
	const update = `UPDATE clusters SET retired = false, successor = NULL WHERE workspace_id = $1 AND id = $2`
	k.clusters[d.Other].Retired, k.clusters[d.Other].Successor = false, 0
	_, err = k.tx.Exec(ctx, update, k.workspace, int32(d.Other))
	return back, err
}

// reopenTheme puts a cluster that stands again under a theme that does: its own, or that of the cluster it had joined.
func (k *desk) reopenTheme(ctx context.Context, id feedback.ClusterID) error {
	if k.themes[k.clusters[id].Theme] != nil {
		return nil
	}
	const update = `UPDATE clusters SET theme_id = $3 WHERE workspace_id = $1 AND id = $2`
	_, err := k.tx.Exec(ctx, update, k.workspace, int32(id), int32(k.clusters[k.ledger.Today(id)].Theme))
	return err
}

// rejoin takes back a split: all that is in the new cluster goes back, and it ends in the old one.
func (k *desk) rejoin(ctx context.Context, d feedback.Decision) ([]move, error) {
	if k.clusters[d.Other].Retired {
		return nil, nil // a run ended it: there is no more to take back than the constraint
	}
	home := k.ledger.Today(d.Cluster)
	if home == 0 {
		return nil, feedback.Errorf(feedback.Conflict, "%s, off which it was split, has ended", d.Cluster)
	}
	const find = `SELECT id FROM excerpts WHERE workspace_id = $1 AND cluster_id = $2 ORDER BY id FOR UPDATE`
	rows, err := k.tx.Query(ctx, find, k.workspace, int32(d.Other))
	if err != nil {
		return nil, err
	}
	back, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (move, error) {
		m := move{from: d.Other, to: home}
		return m, row.Scan((*[16]byte)(&m.excerpt))
	})
	if err != nil {
		return nil, err
	}
	return back, k.retire(ctx, d.Other, home)
}
