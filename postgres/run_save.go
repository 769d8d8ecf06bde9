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

// What is kept of runs. An applied run can be taken back while what stood before it is kept; a preview can be applied
// while it is kept itself. Both take about 40 bytes an excerpt.
const (
	appliedKept   = 5
	previewsKept  = 3
	assignedAPart = 4096 // excerpts in a row of run_assignments
)

// SaveRun stores a run in its state, in one transaction, and sets its ID. An applied run becomes what stands, as by
// [Store.ApplyRun]; a preview and a refused run change nothing. It fails with Conflict when what stands is no longer what
// the run began from.
func (s *Store) SaveRun(ctx context.Context, run *feedback.Run) error {
	return s.write(ctx, "save the run", func(tx pgx.Tx) error {
		if err := claim(ctx, tx, run); err != nil {
			return err
		}
		model, err := modelID(ctx, tx, run.Model)
		if err != nil {
			return err
		}
		if err := insertRun(ctx, tx, run, model); err != nil || run.State == feedback.RunRefused {
			return err
		}
		for i := range run.Clusters {
			if run.Clusters[i].BornRun == 0 {
				run.Clusters[i].BornRun = run.ID
			}
		}
		for _, step := range []func(context.Context, pgx.Tx, *feedback.Run, int16) error{
			insertThemes, insertClusters, insertAssignments, insertLineage,
		} {
			if err := step(ctx, tx, run, model); err != nil {
				return err
			}
		}
		if run.State != feedback.RunApplied {
			return discardSurplus(ctx, tx, run)
		}
		return apply(ctx, tx, run.Workspace, run.ID, run.FinishedAt)
	})
}

// claim takes the next number for the run, and holds the workspace for this transaction.
func claim(ctx context.Context, tx pgx.Tx, run *feedback.Run) error {
	const next = `UPDATE workspaces SET next_run = next_run + 1 WHERE id = $1 RETURNING next_run - 1, standing_run`
	var standing int
	err := tx.QueryRow(ctx, next, run.Workspace).Scan(&run.ID, &standing)
	if errors.Is(err, pgx.ErrNoRows) {
		return feedback.Errorf(feedback.NotFound, "there is no workspace %q", run.Workspace)
	}
	if err != nil || run.State == feedback.RunRefused {
		return err
	}
	now, err := mark(ctx, tx, run.Workspace)
	if err != nil {
		return err
	}
	if standing != run.Base || now != run.Mark {
		return feedback.Errorf(feedback.Conflict, "what stands in workspace %q changed while the run was made", run.Workspace).
			WithHint("run it again")
	}
	return nil
}

func insertRun(ctx context.Context, tx pgx.Tx, run *feedback.Run, model int16) error {
	config, err := json.Marshal(run.Config)
	if err != nil {
		return err
	}
	change, err := json.Marshal(run.Change)
	if err != nil {
		return err
	}
	const insert = `
		INSERT INTO runs (workspace_id, id, model_id, seed, config, started_at, finished_at, excerpts, clusters, unassigned,
		    state, base, cause, reason, change, kept, next_cluster, next_theme, mark)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`
	state := run.State
	if state == feedback.RunApplied {
		state = feedback.RunPreviewed // until it is
	}
	_, err = tx.Exec(ctx, insert, run.Workspace, run.ID, model, int64(run.Seed), string(config), run.StartedAt, run.FinishedAt,
		run.Excerpts, len(run.Clusters), run.Unassigned, string(state), run.Base, string(run.Cause), run.Reason,
		string(change), state != feedback.RunRefused, int32(run.NextCluster), int32(run.NextTheme), run.Mark)
	return err
}

func insertThemes(ctx context.Context, tx pgx.Tx, run *feedback.Run, _ int16) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"run_themes"},
		[]string{"workspace_id", "run_id", "side", "id", "name", "retired"},
		pgx.CopyFromSlice(len(run.Themes), func(i int) ([]any, error) {
			t := run.Themes[i]
			return []any{run.Workspace, run.ID, "after", int32(t.ID), t.Name, false}, nil
		}))
	return err
}

// insertClusters stores the clusters that the run makes; those that it ends are written by [apply], from what they are then.
func insertClusters(ctx context.Context, tx pgx.Tx, run *feedback.Run, model int16) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"run_clusters"},
		[]string{"workspace_id", "run_id", "side", "id", "theme_id", "model_id", "name", "summary", "keywords", "centroid", "floor",
			"margin", "born_run", "retired", "successor"},
		pgx.CopyFromSlice(len(run.Clusters), func(i int) ([]any, error) {
			c := run.Clusters[i]
			keywords := c.Keywords
			if keywords == nil {
				keywords = []string{}
			}
			return []any{run.Workspace, run.ID, "after", int32(c.ID), int32(c.Theme), model, c.Name, c.Summary, keywords,
				pgvector.NewVector(c.Centroid), float32(c.Floor), float32(c.Margin), c.BornRun, false, nil}, nil
		}))
	if err != nil {
		return err
	}
	ids, successors := make([]int32, len(run.Retired)), make([]*int32, len(run.Retired))
	for i, c := range run.Retired {
		ids[i], successors[i] = int32(c.ID), none(c.Successor)
	}
	const retire = `
		INSERT INTO run_clusters (workspace_id, run_id, side, id, theme_id, model_id, name, summary, keywords, centroid, floor,
		    margin, born_run, retired, successor, run_centroid, run_floor)
		SELECT c.workspace_id, $2, 'after', c.id, c.theme_id, c.model_id, c.name, c.summary, c.keywords, c.centroid, c.floor,
		    c.margin, c.born_run, true, r.successor, c.run_centroid, c.run_floor
		FROM clusters c JOIN unnest($3::integer[], $4::integer[]) AS r (id, successor) ON r.id = c.id
		WHERE c.workspace_id = $1`
	_, err = tx.Exec(ctx, retire, run.Workspace, run.ID, ids, successors)
	return err
}

func insertAssignments(ctx context.Context, tx pgx.Tx, run *feedback.Run, _ int16) error {
	parts := slices.Collect(slices.Chunk(run.Assignments, assignedAPart))
	return copyParts(ctx, tx, run.Workspace, run.ID, "after", 0, parts)
}

// copyParts stores assignments as rows of run_assignments, numbered from first on.
func copyParts(ctx context.Context, tx pgx.Tx, workspace string, run int, side string, first int, parts [][]feedback.Assignment) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"run_assignments"},
		[]string{"workspace_id", "run_id", "side", "part", "excerpts", "stood", "clusters", "similarities", "outliers"},
		pgx.CopyFromSlice(len(parts), func(i int) ([]any, error) {
			n := len(parts[i])
			excerpts, outliers := make([][16]byte, n), make([]string, n)
			stood, clusters := make([]int32, n), make([]int32, n)
			similarities := make([]*float32, n)
			for j, a := range parts[i] {
				excerpts[j], stood[j], clusters[j], outliers[j] = a.Excerpt, int32(a.Stood), int32(a.Cluster), string(a.Outlier)
				if a.Cluster != 0 {
					similarity := float32(a.Similarity)
					similarities[j] = &similarity
				}
			}
			return []any{workspace, run, side, first + i, excerpts, stood, clusters, similarities, outliers}, nil
		}))
	return err
}

func insertLineage(ctx context.Context, tx pgx.Tx, run *feedback.Run, _ int16) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"lineage"},
		[]string{"workspace_id", "run_id", "ordinal", "fate", "from_cluster", "to_cluster", "shared", "overlap"},
		pgx.CopyFromSlice(len(run.Lineage), func(i int) ([]any, error) {
			l := run.Lineage[i]
			return []any{run.Workspace, run.ID, i, string(l.Fate), none(l.From), none(l.To), l.Shared, l.Overlap}, nil
		}))
	return err
}

// none gives NULL for no cluster.
func none(id feedback.ClusterID) *int32 {
	if id == 0 {
		return nil
	}
	return (*int32)(&id)
}

// discardSurplus discards what a new preview supersedes: one that the schedule left waiting, when this one is the
// schedule's too, and all but the latest few.
func discardSurplus(ctx context.Context, tx pgx.Tx, run *feedback.Run) error {
	const discard = `
		UPDATE runs SET state = 'discarded', decided_at = $3, reason = 'run ' || $2::integer || ' took its place'
		WHERE workspace_id = $1 AND state = 'previewed' AND id < $2
		  AND (cause <> 'person' AND $4 <> 'person'
		       OR id NOT IN (SELECT id FROM runs WHERE workspace_id = $1 AND state = 'previewed' ORDER BY id DESC LIMIT $5))`
	if _, err := tx.Exec(ctx, discard, run.Workspace, run.ID, run.FinishedAt, string(run.Cause), previewsKept); err != nil {
		return err
	}
	return prune(ctx, tx, run.Workspace)
}

// prune drops what is kept of runs that can no longer be applied or taken back.
func prune(ctx context.Context, tx pgx.Tx, workspace string) error {
	const mark = `
		WITH applied AS (
		    SELECT id FROM runs WHERE workspace_id = $1 AND state = 'applied' AND undoes IS NULL ORDER BY id DESC LIMIT $2
		), gone AS (
		    UPDATE runs SET kept = false
		    WHERE workspace_id = $1 AND kept AND state <> 'previewed' AND id NOT IN (SELECT id FROM applied)
		    RETURNING id
		) SELECT coalesce(array_agg(id), '{}') FROM gone`
	var gone []int32
	if err := tx.QueryRow(ctx, mark, workspace, appliedKept).Scan(&gone); err != nil || len(gone) == 0 {
		return err
	}
	for _, drop := range []string{
		`DELETE FROM run_assignments WHERE workspace_id = $1 AND run_id = ANY ($2::integer[])`,
		`DELETE FROM run_clusters WHERE workspace_id = $1 AND run_id = ANY ($2::integer[])`,
		`DELETE FROM run_themes WHERE workspace_id = $1 AND run_id = ANY ($2::integer[])`,
	} {
		if _, err := tx.Exec(ctx, drop, workspace, gone); err != nil {
			return err
		}
	}
	return nil
}

// DiscardRun says that a preview will never be applied. It fails with NotFound where there is no such run, and with
// Conflict where it does not wait.
func (s *Store) DiscardRun(ctx context.Context, workspace string, id int, now time.Time) error {
	return s.write(ctx, "discard the run", func(tx pgx.Tx) error {
		if _, err := waiting(ctx, tx, workspace, id); err != nil {
			return err
		}
		const discard = `UPDATE runs SET state = 'discarded', decided_at = $3 WHERE workspace_id = $1 AND id = $2`
		if _, err := tx.Exec(ctx, discard, workspace, id, now); err != nil {
			return err
		}
		return prune(ctx, tx, workspace)
	})
}

// waiting gives the base of a preview, and holds its workspace for this transaction. It fails with NotFound where there
// is no such run, and with Conflict where it does not wait.
func waiting(ctx context.Context, tx pgx.Tx, workspace string, id int) (base int, err error) {
	const hold = `SELECT standing_run FROM workspaces WHERE id = $1 FOR UPDATE`
	var standing int
	if err := tx.QueryRow(ctx, hold, workspace).Scan(&standing); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, err
	}
	const find = `SELECT state, base FROM runs WHERE workspace_id = $1 AND id = $2`
	var state feedback.RunState
	err = tx.QueryRow(ctx, find, workspace, id).Scan((*string)(&state), &base)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, feedback.Errorf(feedback.NotFound, "workspace %q has no run %d", workspace, id).
			WithHint("earshot runs lists them")
	}
	if err != nil {
		return 0, err
	}
	if state != feedback.RunPreviewed {
		return 0, feedback.Errorf(feedback.Conflict, "run %d does not wait: it is %s", id, stateWords[state]).
			WithHint("make another preview: earshot recluster --preview")
	}
	return base, nil
}

var stateWords = map[feedback.RunState]string{
	feedback.RunPreviewed: "a preview", feedback.RunApplied: "applied", feedback.RunRefused: "refused",
	feedback.RunDiscarded: "discarded", feedback.RunRolledBack: "rolled back",
}
