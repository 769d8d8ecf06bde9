package postgres_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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

func TestEveryDecisionTakesEffectAtOnceAndIsUndoneExactly(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6)
	before := b.rows(t)
	for _, d := range b.everyKind() {
		done := b.must(t, d)
		if b.rows(t) == before {
			t.Errorf("%s changed nothing", done)
		}
		if err := b.undo(done.ID); err != nil {
			t.Fatalf("%s: %v", done, err)
		}
		if after := b.rows(t); after != before {
			t.Fatalf("undone, %s leaves\n%s\nwhere there was\n%s", done, after, before)
		}
	}
	// Nothing is forgotten: each decision and each undo is in the log, with who, when and what.
	log, err := b.store.Decisions(t.Context(), "acme", 0, 0, 100)
	if err != nil || len(log) != 2*len(b.everyKind()) {
		t.Fatalf("%d rows in the log, %v", len(log), err)
	}
	for i, d := range log {
		if d.ID != len(log)-i || d.Actor != "ana" || !d.At.Equal(day0) || d.Run != 1 {
			t.Errorf("%+v", d)
		}
		if (d.Kind == feedback.DecideUndo) != (d.Undoes != 0) || (d.Kind == feedback.DecideUndo) == (d.UndoneBy != 0) {
			t.Errorf("%+v", d)
		}
	}
}

func TestWhatADecisionDoesAtOnce(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6)
	b.must(t, feedback.Decision{Kind: feedback.DecideMerge, Cluster: 1, Other: 2})
	if c := b.view(t, 2); !c.Retired || c.Successor != 1 {
		t.Errorf("%+v", c)
	}
	if c := b.view(t, 1); c.Size != 9 || c.Name != "Cluster C1" {
		t.Errorf("%+v", c)
	}
	// What stage 2 finds near C2, whose centroid it still has, joins what became of it.
	late := item("late", "It comes late.")
	save(t, b.store, late)
	if err := b.store.SaveAnalyses(t.Context(), model, []feedback.Analysis{{Workspace: "acme", Excerpt: late.Excerpts[0].ID, Vector: vector(2, 1),
		Labels: feedback.Labels{Kind: feedback.KindBug}, Cluster: 2, Similarity: 0.9}}); err != nil {
		t.Fatal(err)
	}
	if at := b.at(t, late.Excerpts[0].ID); at != 1 {
		t.Errorf("it joined %s", at)
	}
	split := b.must(t, feedback.Decision{Kind: feedback.DecideSplit, Cluster: 3, Name: "Part", Excerpts: []feedback.ID{b.excerpt(3, 1), b.excerpt(3, 2)},
		Summary: "“said”", Keywords: []string{"part"}})
	if c := b.view(t, split.Other); split.Other != 4 || c.Size != 2 || c.Name != "Part" || c.Summary != "“said”" || c.Theme != 2 {
		t.Errorf("%s: %+v", split.Other, c)
	}
	near, err := b.store.Centroids(t.Context(), "acme", model)
	if err != nil || len(near) != 3 {
		t.Fatalf("%v, %v", near, err)
	}
	mean := feedback.Vector{0, 0, 0}
	for n := range 2 {
		for d, x := range vector(3, n+1) {
			mean[d] += x
		}
	}
	feedback.Normalize(mean)
	if cosine := feedback.Dot(mean, near[2].Centroid); cosine < 0.9999 || near[2].Floor < 0 || near[2].Floor > 1 {
		t.Errorf("the centroid of the new cluster is off by %v, its floor %v", 1-cosine, near[2].Floor)
	}
	b.must(t, feedback.Decision{Kind: feedback.DecideHide, Cluster: 1})
	list, err := b.store.ClusterList(t.Context(), "acme")
	if err != nil || len(list.Clusters) != 2 || len(list.Hidden) != 1 || list.Unassigned != 0 {
		t.Fatalf("%d listed, %d hidden, %v", len(list.Clusters), len(list.Hidden), err)
	}
	day := day0.Truncate(24 * time.Hour)
	snap, err := b.store.Snapshot(t.Context(), "acme", feedback.Period{Start: day, End: day.AddDate(0, 0, 1)}, "")
	if err != nil || len(snap.Clusters) != 2 || len(snap.Themes) != 1 || snap.Coverage.Hidden != 10 || snap.Coverage.Unassigned != 0 {
		t.Fatalf("%d clusters, %d themes, %+v, %v", len(snap.Clusters), len(snap.Themes), snap.Coverage, err)
	}
	hits, err := b.store.ClusterExcerpts(t.Context(), "acme", split.Other, 0, 10)
	if err != nil || len(hits) != 2 || hits[0].Pinned != split.ID {
		t.Errorf("%+v, %v", hits, err)
	}
}

func TestWhatContradictsADecisionIsRefusedAndNamesIt(t *testing.T) {
	make := boards(t)
	make("other", 3, 3)
	for i, c := range []struct {
		name  string
		first []feedback.Decision // on clusters 1 to 4 of 5, 4, 6 and 3 excerpts
		then  func(b *board) feedback.Decision
		code  feedback.Code
		says  string
	}{
		{"a merge of what must be apart", []feedback.Decision{{Kind: feedback.DecideApart, Cluster: 1, Other: 2}},
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideMerge, Cluster: 2, Other: 1}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a merge of what was merged into one that must be apart", []feedback.Decision{{Kind: feedback.DecideApart, Cluster: 1, Other: 2},
			{Kind: feedback.DecideMerge, Cluster: 3, Other: 1}},
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideMerge, Cluster: 3, Other: 2}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a move between what must be apart", []feedback.Decision{{Kind: feedback.DecideApart, Cluster: 1, Other: 2}},
			func(b *board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideMove, Cluster: 2, Excerpts: []feedback.ID{b.excerpt(1, 1)}}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a move to an excerpt that must be apart", nil,
			func(b *board) feedback.Decision {
				pair := []feedback.ID{b.excerpt(1, 1), b.excerpt(2, 1)}
				if _, err := b.decide(feedback.Decision{Kind: feedback.DecideApart, Excerpts: pair}); err != nil {
					return feedback.Decision{}
				}
				return feedback.Decision{Kind: feedback.DecideMove, Cluster: 2, Excerpts: pair[:1]}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a merge over excerpts that must be apart", nil,
			func(b *board) feedback.Decision {
				if _, err := b.decide(feedback.Decision{Kind: feedback.DecideApart, Excerpts: []feedback.ID{b.excerpt(1, 1), b.excerpt(2, 1)}}); err != nil {
					return feedback.Decision{}
				}
				return feedback.Decision{Kind: feedback.DecideMerge, Cluster: 1, Other: 2}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"apart what is pinned together", nil,
			func(b *board) feedback.Decision {
				pair := []feedback.ID{b.excerpt(1, 1), b.excerpt(1, 2)}
				if _, err := b.decide(feedback.Decision{Kind: feedback.DecidePin, Excerpts: pair}); err != nil {
					return feedback.Decision{}
				}
				return feedback.Decision{Kind: feedback.DecideApart, Excerpts: pair}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a merge of what was split", nil,
			func(b *board) feedback.Decision {
				d, err := b.decide(feedback.Decision{Kind: feedback.DecideSplit, Cluster: 1, Name: "P", Excerpts: []feedback.ID{b.excerpt(1, 1)}})
				if err != nil {
					return feedback.Decision{}
				}
				return feedback.Decision{Kind: feedback.DecideMerge, Cluster: 1, Other: d.Other}
			}, feedback.Conflict, "decision 1 stands in the way"},
		{"a retired cluster", []feedback.Decision{{Kind: feedback.DecideMerge, Cluster: 1, Other: 2}},
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideRename, Cluster: 2, Name: "x"}
			}, feedback.Conflict, "it became part of C1"},
		{"an unknown cluster", nil,
			func(*board) feedback.Decision { return feedback.Decision{Kind: feedback.DecideHide, Cluster: 77} }, feedback.NotFound, "C77"},
		{"an unknown theme", nil,
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideRenameTheme, Theme: 77, Name: "x"}
			}, feedback.NotFound, "T77"},
		{"an excerpt of another workspace", nil,
			func(b *board) feedback.Decision {
				it := feedback.ItemID("other", "tickets", "Cluster 1 says 1.")
				return feedback.Decision{Kind: feedback.DecideMove, Cluster: 2, Excerpts: []feedback.ID{feedback.ExcerptID(it, "Cluster 1 says 1.", 0)}}
			}, feedback.NotFound, "no excerpt"},
		{"an excerpt of another cluster in a split", nil,
			func(b *board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideSplit, Cluster: 1, Name: "P", Excerpts: []feedback.ID{b.excerpt(2, 1)}}
			}, feedback.Conflict, "is not in C1"},
		{"a split that leaves nothing", nil,
			func(b *board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideSplit, Cluster: 4, Name: "P", Excerpts: []feedback.ID{b.excerpt(4, 1), b.excerpt(4, 2), b.excerpt(4, 3)}}
			}, feedback.Conflict, "nothing would be left"},
		{"a name that is taken", nil,
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideRename, Cluster: 1, Name: "cluster c2"}
			}, feedback.Conflict, "C2 is called so"},
		{"an unknown feature", nil,
			func(*board) feedback.Decision {
				return feedback.Decision{Kind: feedback.DecideConfirmLink, Cluster: 1, Feature: "nope"}
			}, feedback.NotFound, "nope"},
		{"hidden twice", []feedback.Decision{{Kind: feedback.DecideHide, Cluster: 1}},
			func(*board) feedback.Decision { return feedback.Decision{Kind: feedback.DecideHide, Cluster: 1} }, feedback.Conflict, "decision 1"},
		{"an undo of nothing", nil,
			func(*board) feedback.Decision { return feedback.Decision{Kind: feedback.DecideUndo, Undoes: 9} }, feedback.NotFound, "no decision 9"},
		{"nobody", nil, func(*board) feedback.Decision {
			return feedback.Decision{Kind: feedback.DecideHide, Cluster: 1, Actor: "\u202e"}
		}, feedback.Invalid, "who"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := make(fmt.Sprintf("w%d", i), 5, 4, 6, 3)
			for _, d := range c.first {
				b.must(t, d)
			}
			d := c.then(b)
			before := b.rows(t)
			_, err := b.decide(d)
			if feedback.ErrorCode(err) != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v", err)
			}
			if b.rows(t) != before {
				t.Error("what was refused changed something")
			}
		})
	}
}

func TestAnUndoThatOthersBuildOnIsRefused(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6, 3)
	before := b.rows(t)
	split := b.must(t, feedback.Decision{Kind: feedback.DecideSplit, Cluster: 1, Name: "Part", Excerpts: []feedback.ID{b.excerpt(1, 1), b.excerpt(1, 2)}})
	steps := []feedback.Decision{split,
		b.must(t, feedback.Decision{Kind: feedback.DecideRename, Cluster: split.Other, Name: "Ours"}),
		b.must(t, feedback.Decision{Kind: feedback.DecideMove, Cluster: split.Other, Excerpts: []feedback.ID{b.excerpt(3, 1)}}),
		b.must(t, feedback.Decision{Kind: feedback.DecideMerge, Cluster: 2, Other: split.Other}),
		b.must(t, feedback.Decision{Kind: feedback.DecideMove, Cluster: 4, Excerpts: []feedback.ID{b.excerpt(1, 1)}}),
	}
	for i, d := range steps[:4] {
		if err := b.undo(d.ID); feedback.ErrorCode(err) != feedback.Conflict || !strings.Contains(err.Error(), "stands in the way") {
			t.Errorf("%d, %s: %v", i, d, err)
		}
	}
	for _, d := range slices.Backward(steps) {
		if err := b.undo(d.ID); err != nil {
			t.Fatalf("%s: %v", d, err)
		}
	}
	if after := b.rows(t); after != before {
		t.Errorf("left are\n%s\nof\n%s", after, before)
	}
	for _, id := range []int{1, 6} {
		if err := b.undo(id); feedback.ErrorCode(err) != feedback.Conflict {
			t.Errorf("undone twice, or an undo undone: %v", err)
		}
	}
}

func TestConstraintsFollowTheLineageOfLaterRuns(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6, 3, 4)
	pinned := b.excerpt(1, 1)
	b.must(t, feedback.Decision{Kind: feedback.DecidePin, Excerpts: []feedback.ID{pinned}})
	b.must(t, feedback.Decision{Kind: feedback.DecideApart, Cluster: 1, Other: 3})
	b.must(t, feedback.Decision{Kind: feedback.DecideHide, Cluster: 4})
	b.must(t, feedback.Decision{Kind: feedback.DecideConfirmLink, Cluster: 1, Feature: "f2"})
	rename := b.must(t, feedback.Decision{Kind: feedback.DecideRename, Cluster: 1, Name: "Ours"})
	// A run merges C1 into C2, and splits C6 off C3 and C7 off the hidden C4.
	next := &feedback.Run{State: feedback.RunApplied, Cause: feedback.CausePerson, Workspace: "acme", Model: model, StartedAt: day0, FinishedAt: day0,
		Themes: []feedback.Theme{{ID: 1, Name: "Theme 1"}}, NextCluster: 8, NextTheme: 4, Retired: []feedback.Cluster{{ID: 1, Successor: 2}},
		Lineage: []feedback.Lineage{{Fate: feedback.FateMerged, From: 1, To: 2}, {Fate: feedback.FateSplit, From: 3, To: 6}, {Fate: feedback.FateSplit, From: 4, To: 7}}}
	for _, id := range []feedback.ClusterID{2, 3, 4, 5, 6, 7} {
		next.Clusters = append(next.Clusters, feedback.Cluster{ID: id, Theme: 1, Name: fmt.Sprintf("Topic %d", id), Centroid: vector(1, 0), Floor: 0.5})
	}
	for i, it := range b.items {
		to := feedback.ClusterID(2)
		switch {
		case i >= 18:
			to = 5
		case i >= 15:
			to = 4
		case i >= 9:
			to = 3
		}
		next.Assignments = append(next.Assignments, feedback.Assignment{Excerpt: it.Excerpts[0].ID, Cluster: to})
	}
	saveRun(t, b.store, next)
	c := b.constraints(t)
	if c.Pins[pinned] != 2 {
		t.Errorf("the pin is to %s", c.Pins[pinned])
	}
	if want := [][2]feedback.ClusterID{{2, 3}, {2, 6}}; !slices.Equal(c.Apart, want) {
		t.Errorf("apart are %v, want %v", c.Apart, want)
	}
	if s := b.view(t, 2); s.Name != "Ours" || s.OwnName != "Topic 2" || s.Hidden {
		t.Errorf("%+v", s)
	}
	if !b.view(t, 4).Hidden || !b.view(t, 7).Hidden || b.view(t, 3).Hidden {
		t.Error("what was split off a hidden cluster is shown, or another is not")
	}
	if v, err := b.store.ClusterByID(t.Context(), "acme", 2); err != nil || v.Link == nil || v.Link.Feature != "f2" || v.Link.State != feedback.LinkConfirmed {
		t.Errorf("%+v, %v", v.Link, err)
	}
	if by, err := b.decide(feedback.Decision{Kind: feedback.DecideMerge, Cluster: 2, Other: 6}); feedback.ErrorCode(err) != feedback.Conflict {
		t.Errorf("%+v, %v", by, err)
	}
	log, err := b.store.Decisions(t.Context(), "acme", 1, 0, 10)
	if err != nil || len(log) != 4 || log[0].Now != 2 {
		t.Errorf("%+v, %v", log, err)
	}
	if err := b.undo(rename.ID); err != nil || b.view(t, 2).Name != "Topic 2" {
		t.Errorf("%q, %v", b.view(t, 2).Name, err)
	}
}

func TestAPinOutlivesEditsOfItsItem(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6)
	it := b.items[0]
	excerpt := it.Excerpts[0]
	b.must(t, feedback.Decision{Kind: feedback.DecideMove, Cluster: 2, Excerpts: []feedback.ID{excerpt.ID}})
	edit := func(body string, minutes int, excerpts ...feedback.Excerpt) {
		t.Helper()
		it.Body, it.Excerpts = body, excerpts
		it.ContentHash, it.BodyHash = sha256.Sum256([]byte(body)), sha256.Sum256([]byte(body))
		it.ReceivedAt = day0.Add(time.Duration(minutes) * time.Minute)
		save(t, b.store, it)
		var all []feedback.Analysis
		for _, p := range pending(t, b.store, it) {
			all = append(all, feedback.Analysis{Workspace: "acme", Excerpt: p.Excerpt, Vector: vector(1, 1), Labels: feedback.Labels{Kind: feedback.KindBug},
				Cluster: 1, Similarity: 0.9})
		}
		if err := b.store.SaveAnalyses(t.Context(), model, all); err != nil {
			t.Fatal(err)
		}
	}
	gone := func() int {
		t.Helper()
		log, err := b.store.Decisions(t.Context(), "acme", 0, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		return log[0].Gone
	}
	moved := excerpt
	moved.Start, moved.End = 4, 4+len(excerpt.Text)
	edit("Hi. "+excerpt.Text, 1, moved)
	if b.at(t, excerpt.ID) != 2 || b.constraints(t).Pins[excerpt.ID] != 2 || gone() != 0 {
		t.Errorf("edited around, it is in %s", b.at(t, excerpt.ID))
	}
	other := feedback.Excerpt{ID: feedback.ExcerptID(it.ID, "Never mind.", 0), End: 11, Text: "Never mind."}
	edit("Never mind.", 2, other)
	if _, there := b.constraints(t).Pins[excerpt.ID]; there || gone() != 1 {
		t.Errorf("the pin of an excerpt that is gone has an object; %d gone", gone())
	}
	edit(b.items[0].Body, 3, excerpt)
	if b.at(t, excerpt.ID) != 2 || gone() != 0 {
		t.Errorf("come again, it is in %s", b.at(t, excerpt.ID))
	}
}

func TestAnExcerptDoesNotJoinOnlineWhatItIsKeptApartFrom(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6)
	x, y := b.excerpt(1, 1), b.excerpt(1, 2)
	d := b.must(t, feedback.Decision{Kind: feedback.DecideApart, Excerpts: []feedback.ID{x, y}})
	if b.at(t, x) != 1 || b.at(t, y) != 0 {
		t.Fatalf("%s and %s", b.at(t, x), b.at(t, y))
	}
	again := func() feedback.ClusterID {
		t.Helper()
		if err := b.store.SaveAnalyses(t.Context(), model, []feedback.Analysis{{Workspace: "acme", Excerpt: y, Vector: vector(1, 2),
			Labels: feedback.Labels{Kind: feedback.KindBug}, Cluster: 1, Similarity: 0.9}}); err != nil {
			t.Fatal(err)
		}
		return b.at(t, y)
	}
	if at := again(); at != 0 {
		t.Errorf("it joined %s", at)
	}
	if err := b.undo(d.ID); err != nil || again() != 1 {
		t.Errorf("undone, it is in %s, %v", b.at(t, y), err)
	}
}

func TestARunThatDoesNotKnowTheLatestDecisionIsNotSaved(t *testing.T) {
	b := boards(t)("acme", 5, 4)
	next := &feedback.Run{State: feedback.RunApplied, Cause: feedback.CausePerson, Workspace: "acme", Model: model, StartedAt: day0, FinishedAt: day0, NextCluster: 3, NextTheme: 2}
	prepare(t, b.store, next)
	b.must(t, feedback.Decision{Kind: feedback.DecideConfirm, Cluster: 1})
	before := b.rows(t)
	if err := b.store.SaveRun(t.Context(), next); feedback.ErrorCode(err) != feedback.Conflict {
		t.Fatal(err)
	}
	if b.rows(t) != before {
		t.Error("it changed something")
	}
	saveRun(t, b.store, next)
}

func TestTheLogIsOnlyEverAddedTo(t *testing.T) {
	b := boards(t)("acme", 5, 4)
	b.must(t, feedback.Decision{Kind: feedback.DecidePin, Excerpts: []feedback.ID{b.excerpt(1, 1)}})
	for _, sql := range []string{`UPDATE decisions SET actor = 'eve'`, `DELETE FROM decisions`, `UPDATE decision_excerpts SET to_cluster = 2`,
		`DELETE FROM decision_excerpts`} {
		if _, err := b.pool.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "only ever added") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestPeopleWhoDecideAtOnceFollowOneAnother(t *testing.T) {
	make := boards(t)
	b := make("acme", 5, 4, 6, 3)
	var wg sync.WaitGroup
	errs := [2]error{}
	for i, d := range []feedback.Decision{{Kind: feedback.DecideMerge, Cluster: 1, Other: 2}, {Kind: feedback.DecideMerge, Cluster: 2, Other: 1}} {
		wg.Go(func() { _, errs[i] = b.decide(d) })
	}
	for i := range 6 {
		wg.Go(func() {
			_, _ = b.decide(feedback.Decision{Kind: feedback.DecideMove, Cluster: feedback.ClusterID(3 + i%2), Excerpts: []feedback.ID{b.excerpt(1, 1+i%3)},
				Actor: fmt.Sprintf("person %d", i)})
		})
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("%v, %v", errs[0], errs[1])
	}
	for _, err := range errs {
		if err != nil && feedback.ErrorCode(err) != feedback.Conflict {
			t.Error(err)
		}
	}
	again := make("again", 5, 4, 6, 3)
	replay(t, b, again)
	if got, want := rounded(again.rows(t)), rounded(b.rows(t)); got != want {
		t.Errorf("one after the other they leave\n%s\nnot\n%s", got, want)
	}
}

// A run has come between: what is where the decision put it goes back all the same.
func TestDecisionsAreUndoneAfterARunToo(t *testing.T) {
	b := boards(t)("acme", 5, 4, 6, 3)
	merge := b.must(t, feedback.Decision{Kind: feedback.DecideMerge, Cluster: 1, Other: 2})
	split := b.must(t, feedback.Decision{Kind: feedback.DecideSplit, Cluster: 3, Name: "Part", Excerpts: []feedback.ID{b.excerpt(3, 1), b.excerpt(3, 2)}})
	moved := b.must(t, feedback.Decision{Kind: feedback.DecideMove, Cluster: 1, Excerpts: []feedback.ID{b.excerpt(4, 1)}})
	rename := b.must(t, feedback.Decision{Kind: feedback.DecideRename, Cluster: 4, Name: "Ours"})
	next := &feedback.Run{State: feedback.RunApplied, Cause: feedback.CausePerson, Workspace: "acme", Model: model, StartedAt: day0, FinishedAt: day0,
		Themes: []feedback.Theme{{ID: 2, Name: "Theme 2"}}, NextCluster: 6, NextTheme: 3}
	for _, id := range []feedback.ClusterID{1, 3, 4, 5} {
		next.Clusters = append(next.Clusters, feedback.Cluster{ID: id, Theme: 2, Name: b.view(t, id).Name, Centroid: vector(1, 0), Floor: 0.5})
	}
	for _, it := range b.items {
		next.Assignments = append(next.Assignments, feedback.Assignment{Excerpt: it.Excerpts[0].ID, Cluster: b.at(t, it.Excerpts[0].ID), Similarity: 0.8})
	}
	saveRun(t, b.store, next)
	for _, d := range []feedback.Decision{merge, split, moved, rename} {
		if err := b.undo(d.ID); err != nil {
			t.Fatalf("%s: %v", d, err)
		}
	}
	for i, it := range b.items {
		want := feedback.ClusterID(1)
		switch {
		case i >= 15:
			want = 4
		case i >= 9:
			want = 3
		case i >= 5:
			want = 2
		}
		if at := b.at(t, it.Excerpts[0].ID); at != want {
			t.Errorf("%s is in %s, want %s", it.Body, at, want)
		}
	}
	if c := b.view(t, 2); c.Retired || c.Size != 4 || c.Theme != 2 {
		t.Errorf("what was merged stands under a theme that ended, or not at all: %+v", c)
	}
	if c := b.view(t, split.Other); !c.Retired || c.Successor != 3 {
		t.Errorf("%+v", c)
	}
	if c := b.view(t, 4); c.Name != "Cluster C4" {
		t.Errorf("%+v", c)
	}
	c := b.constraints(t)
	if len(c.Pins)+len(c.Together)+len(c.Apart)+len(c.Kept) != 0 {
		t.Errorf("a run is still bound by %+v", c)
	}
}
