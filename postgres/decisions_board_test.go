package postgres_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"earshot/feedback"
	"earshot/internal/pgtest"
	"earshot/postgres"
)

// board is a workspace with clusters to decide about, and a way to look at its rows.
type board struct {
	store     *postgres.Store
	pool      *pgxpool.Pool
	workspace string
	items     []feedback.Item
	sizes     []int
	founded   map[feedback.ClusterID]feedback.ClusterID // what a replay founded for each cluster that a split had founded
}

// boards opens a database, and gives a maker of workspaces in it.
func boards(t *testing.T) func(workspace string, sizes ...int) *board {
	t.Helper()
	url := pgtest.NewDatabase(t, func(ctx context.Context, url string) error {
		_, err := postgres.Migrate(ctx, postgres.Config{URL: url})
		return err
	})
	store, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close(); store.Close() })
	return func(workspace string, sizes ...int) *board {
		b := &board{store: store, pool: pool, workspace: workspace, sizes: sizes}
		if err := b.fill(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
		return b
	}
}

// excerpt is the nth excerpt of a cluster as it was first filled, both from 1.
func (b *board) excerpt(cluster, n int) feedback.ID {
	for c := range cluster - 1 {
		n += b.sizes[c]
	}
	return b.items[n-1].Excerpts[0].ID
}

// vector is that of the nth item of a cluster.
func vector(cluster, n int) feedback.Vector {
	rng := rand.New(rand.NewPCG(uint64(cluster), uint64(n)))
	v := feedback.Vector{rng.Float32() / 3, rng.Float32() / 3, rng.Float32() / 3}
	v[cluster%3] += 1
	feedback.Normalize(v)
	return v
}

// fill saves items, analyses and a run with a cluster of each size, two under a theme, and features.
func (b *board) fill(ctx context.Context) error {
	var analyses []feedback.Analysis
	run := &feedback.Run{State: feedback.RunApplied, Cause: feedback.CausePerson, Workspace: b.workspace, Model: model, StartedAt: day0, FinishedAt: day0, NextCluster: feedback.ClusterID(len(b.sizes) + 1)}
	for c, size := range b.sizes {
		theme := feedback.ThemeID(c/2 + 1)
		if c%2 == 0 {
			run.Themes = append(run.Themes, feedback.Theme{ID: theme, Name: fmt.Sprintf("Theme %d", theme)})
		}
		id := feedback.ClusterID(c + 1)
		run.Clusters = append(run.Clusters, feedback.Cluster{ID: id, Theme: theme, Name: "Cluster " + id.String(), Summary: "“so”",
			Keywords: []string{"word"}, Centroid: vector(c+1, 0), Floor: 0.5})
		for n := range size {
			text := fmt.Sprintf("Cluster %d says %d.", c+1, n+1)
			it := feedback.Item{ID: feedback.ItemID(b.workspace, "tickets", text), Workspace: b.workspace, Source: "tickets", ExternalID: text,
				Body: text, ContentHash: sha256.Sum256([]byte(text)), BodyHash: sha256.Sum256([]byte(text)), OccurredAt: day0, ReceivedAt: day0}
			it.Excerpts = []feedback.Excerpt{{ID: feedback.ExcerptID(it.ID, text, 0), End: len(text), Text: text}}
			b.items = append(b.items, it)
			analyses = append(analyses, feedback.Analysis{Workspace: b.workspace, Excerpt: it.Excerpts[0].ID, Vector: vector(c+1, n+1),
				Labels: feedback.Labels{Kind: feedback.KindBug}})
			run.Assignments = append(run.Assignments, feedback.Assignment{Excerpt: it.Excerpts[0].ID, Cluster: id, Similarity: 0.9})
		}
	}
	run.NextTheme = feedback.ThemeID(len(run.Themes) + 1)
	if _, err := b.store.SaveItems(ctx, b.items); err != nil {
		return err
	}
	if err := b.store.SaveAnalyses(ctx, model, analyses); err != nil {
		return err
	}
	if err := begin(ctx, b.store, run); err != nil {
		return err
	}
	if err := b.store.SaveRun(ctx, run); err != nil {
		return err
	}
	if err := b.store.SaveFeatures(ctx, b.workspace, []feedback.Feature{{ID: "f1", Name: "One", Kind: "feature"}, {ID: "f2", Name: "Two", Kind: "feature"}}); err != nil {
		return err
	}
	return b.store.SaveLinks(ctx, b.workspace, []feedback.Link{{Cluster: 1, Feature: "f1", State: feedback.LinkSuggested, Score: 0.4}})
}

func (b *board) decide(d feedback.Decision) (feedback.Decision, error) {
	if d.Actor == "" {
		d.Actor = "ana"
	}
	d.At = day0
	return b.store.Decide(context.Background(), b.workspace, d)
}

func (b *board) must(t *testing.T, d feedback.Decision) feedback.Decision {
	t.Helper()
	done, err := b.decide(d)
	if err != nil {
		t.Fatalf("%s: %v", d, err)
	}
	return done
}

func (b *board) undo(id int) error {
	_, err := b.decide(feedback.Decision{Kind: feedback.DecideUndo, Undoes: id})
	return err
}

// rows gives all that decisions change. Of a cluster that a split founded and whose split was undone nothing is left but
// its number.
func (b *board) rows(t interface {
	Helper()
	Fatalf(string, ...any)
}) string {
	t.Helper()
	const find = `
		WITH undone AS (
		    SELECT d.other_id FROM decisions d JOIN decisions u ON u.workspace_id = d.workspace_id AND u.undoes = d.id
		    WHERE d.workspace_id = $1 AND d.kind = 'split'
		)
		SELECT 'excerpt ' || i.external_id || ' ' || coalesce('C' || e.cluster_id, '-') || ' ' || coalesce(e.similarity::text, '-')
		FROM excerpts e JOIN items i ON i.workspace_id = e.workspace_id AND i.id = e.item_id WHERE e.workspace_id = $1
		UNION ALL
		SELECT concat_ws(' ', 'cluster', 'C' || id, theme_id, name, coalesce(own_name, '-'), summary, keywords, confirmed, hidden, retired,
		    coalesce('C' || successor, '-'), floor, centroid, coalesce(run_floor, -1), coalesce(run_centroid::text, '-'))
		FROM clusters WHERE workspace_id = $1 AND id NOT IN (SELECT other_id FROM undone)
		UNION ALL
		SELECT concat_ws(' ', 'theme', id, name, coalesce(own_name, '-'), retired) FROM themes WHERE workspace_id = $1
		UNION ALL
		SELECT concat_ws(' ', 'link', 'C' || cluster_id, feature_id, state, coalesce(own_state, '-'), score) FROM links WHERE workspace_id = $1
		ORDER BY 1`
	rows, err := b.pool.Query(context.Background(), find, b.workspace)
	if err != nil {
		t.Fatalf("%v", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v", err)
	}
	return strings.Join(lines, "\n")
}

func (b *board) at(t *testing.T, excerpt feedback.ID) feedback.ClusterID {
	t.Helper()
	var at int32
	const find = `SELECT coalesce(cluster_id, 0) FROM excerpts WHERE workspace_id = $1 AND id = $2`
	if err := b.pool.QueryRow(t.Context(), find, b.workspace, [16]byte(excerpt)).Scan(&at); err != nil {
		t.Fatal(err)
	}
	return feedback.ClusterID(at)
}

func (b *board) view(t *testing.T, id feedback.ClusterID) feedback.Cluster {
	t.Helper()
	v, err := b.store.ClusterByID(t.Context(), b.workspace, id)
	if err != nil {
		t.Fatal(err)
	}
	return v.Cluster
}

func (b *board) constraints(t *testing.T) feedback.Constraints {
	t.Helper()
	s, err := b.store.Standing(t.Context(), b.workspace, model)
	if err != nil {
		t.Fatal(err)
	}
	return s.Constraints
}

// everyKind is one decision of each kind that changes a row of b.
func (b *board) everyKind() []feedback.Decision {
	return []feedback.Decision{
		{Kind: feedback.DecideRename, Cluster: 1, Name: "Ours"},
		{Kind: feedback.DecideRenameTheme, Theme: 2, Name: "Our theme"},
		{Kind: feedback.DecideMove, Cluster: 2, Excerpts: []feedback.ID{b.excerpt(1, 1), b.excerpt(3, 2)}},
		{Kind: feedback.DecideApart, Excerpts: []feedback.ID{b.excerpt(1, 1), b.excerpt(1, 2)}},
		{Kind: feedback.DecideMerge, Cluster: 2, Other: 1},
		{Kind: feedback.DecideSplit, Cluster: 1, Excerpts: []feedback.ID{b.excerpt(1, 1), b.excerpt(1, 2)}, Name: "Part"},
		{Kind: feedback.DecideHide, Cluster: 3},
		{Kind: feedback.DecideConfirm, Cluster: 3},
		{Kind: feedback.DecideConfirmLink, Cluster: 1, Feature: "f1"},
		{Kind: feedback.DecideConfirmLink, Cluster: 1, Feature: "f2"},
		{Kind: feedback.DecideRejectLink, Cluster: 1, Feature: "f1"},
	}
}
