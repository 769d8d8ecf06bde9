package postgres_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
	"earshot/internal/pgtest"
	"earshot/postgres"
)

// world is a workspace with two clusters: C1 holds a, b and c, C2 holds d.
type world struct {
	*testing.T
	store      *postgres.Store
	conn       *pgx.Conn
	a, b, c, d feedback.Item
}

var (
	east  = feedback.Vector{1, 0, 0}
	north = feedback.Vector{0, 1, 0}
)

func newWorld(t *testing.T) *world {
	t.Helper()
	url := pgtest.NewDatabase(t, func(ctx context.Context, url string) error {
		_, err := postgres.Migrate(ctx, postgres.Config{URL: url})
		return err
	})
	store, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	w := &world{T: t, store: store, conn: conn, a: item("1", "The app crashes."), b: item("2", "It crashes at night."),
		c: item("3", "Crashes on start."), d: item("4", "Add dark mode.")}
	save(t, store, w.a, w.b, w.c, w.d)
	analyse(t, store, east, 0, w.a, w.b, w.c)
	analyse(t, store, north, 0, w.d)
	first := run(0, map[feedback.ClusterID][]feedback.Item{1: {w.a, w.b, w.c}, 2: {w.d}})
	first.Clusters[1].Centroid = north
	saveRun(t, store, first)
	return w
}

// rows gives the rows of a table, each as JSON.
func (w *world) rows(query string) []string {
	w.Helper()
	rows, err := w.conn.Query(w.Context(), query)
	if err != nil {
		w.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// stands is all that a person sees of a workspace, row by row and byte by byte.
func (w *world) stands(clusters string) []string {
	w.Helper()
	return append(append(append(w.rows("SELECT row_to_json(x)::text FROM excerpts x ORDER BY id"),
		w.rows("SELECT row_to_json(x)::text FROM clusters x WHERE "+clusters+" ORDER BY id")...),
		w.rows("SELECT row_to_json(x)::text FROM themes x ORDER BY id")...),
		w.rows("SELECT row_to_json(x)::text FROM links x ORDER BY cluster_id, feature_id")...)
}

// next is a run in which b and c leave C1 for the new C3, and C2 ends in C1.
func (w *world) next() *feedback.Run {
	w.Helper()
	r := run(0, map[feedback.ClusterID][]feedback.Item{1: {w.a, w.d}, 3: {w.b, w.c}},
		feedback.Cluster{ID: 2, Successor: 1})
	r.State = feedback.RunPreviewed
	r.Clusters[1].Centroid, r.Clusters[1].Name = north, "Crashes at night"
	r.Clusters[0].Name = "Everything else"
	r.Themes[0].Name = "All of it"
	r.Lineage = []feedback.Lineage{{Fate: feedback.FateContinued, From: 1, To: 1, Shared: 1, Overlap: 0.5},
		{Fate: feedback.FateSplit, From: 1, To: 3, Shared: 2, Overlap: 1}, {Fate: feedback.FateMerged, From: 2, To: 1, Shared: 1, Overlap: 1}}
	r.Change = feedback.RunChange{Stood: 4, Moved: 3, Moves: []feedback.Move{{From: 1, To: 3, Excerpts: 2}}}
	prepare(w.T, w.store, r)
	return r
}

func (w *world) save(r *feedback.Run) *feedback.Run {
	w.Helper()
	if err := w.store.SaveRun(w.Context(), r); err != nil {
		w.Fatal(err)
	}
	return r
}

func (w *world) clusterOf(it feedback.Item) feedback.ClusterID {
	w.Helper()
	loaded, err := points(w.Context(), w.store, model)
	if err != nil {
		w.Fatal(err)
	}
	for _, p := range loaded {
		if p.Excerpt == it.Excerpts[0].ID {
			return p.Cluster
		}
	}
	w.Fatalf("%s has no point", it.ExternalID)
	return 0
}

// late saves and analyses an item that joins the cluster, as the workers would.
func (w *world) late(id string, vector feedback.Vector, cluster feedback.ClusterID) feedback.Item {
	w.Helper()
	it := item(id, "Late "+id+".")
	save(w.T, w.store, it)
	a := feedback.Analysis{Workspace: "acme", Excerpt: it.Excerpts[0].ID, Vector: vector, Labels: feedback.Labels{Kind: feedback.KindBug}}
	if a.Cluster = cluster; cluster != 0 {
		a.Similarity = 0.8
	} else {
		a.Outlier = feedback.OutlierFar
	}
	if err := w.store.SaveAnalyses(w.Context(), model, []feedback.Analysis{a}); err != nil {
		w.Fatal(err)
	}
	return it
}

var later = day0.Add(48 * time.Hour)

func TestAPreviewChangesNothingAndIsAppliedAsItWas(t *testing.T) {
	w := newWorld(t)
	before := w.stands("true")
	r := w.save(w.next())
	if got := w.stands("true"); !reflect.DeepEqual(got, before) {
		t.Fatalf("a preview changed\n%s\nto\n%s", strings.Join(before, "\n"), strings.Join(got, "\n"))
	}
	record, err := w.store.RunByID(t.Context(), "acme", r.ID)
	if err != nil || record.State != feedback.RunPreviewed || record.Change.Moved != 3 || record.Change.Moves[0].To != 3 || record.Stands {
		t.Fatalf("%+v, %v", record, err)
	}
	if err := w.store.ApplyRun(t.Context(), "acme", r.ID, later); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		item feedback.Item
		want feedback.ClusterID
	}{{w.a, 1}, {w.b, 3}, {w.c, 3}, {w.d, 1}} {
		if got := w.clusterOf(x.item); got != x.want {
			t.Errorf("item %s is in %s, want %s", x.item.ExternalID, got, x.want)
		}
	}
	standing, err := w.store.Standing(t.Context(), "acme", model)
	if err != nil || standing.Run != r.ID || standing.NextCluster != 4 || len(standing.Clusters) != 2 ||
		standing.Clusters[0].Name != "Everything else" || standing.Clusters[1].Name != "Crashes at night" ||
		standing.Clusters[1].BornRun != r.ID || standing.Themes[0].Name != "All of it" {
		t.Errorf("%+v, %v", standing, err)
	}
	ended, err := w.store.ClusterByID(t.Context(), "acme", 2)
	if err != nil || !ended.Cluster.Retired || ended.Cluster.Successor != 1 {
		t.Errorf("%+v, %v", ended.Cluster, err)
	}
	if err := w.store.ApplyRun(t.Context(), "acme", r.ID, later); feedback.ErrorCode(err) != feedback.Conflict {
		t.Errorf("applied twice: %v", err)
	}
}

func TestApplyingAPreviewGivesTheSameRowsAsRunningAtOnce(t *testing.T) {
	at := func(apply func(*world)) []string {
		w := newWorld(t)
		apply(w)
		return w.stands("true")
	}
	previewed := at(func(w *world) {
		r := w.save(w.next())
		if err := w.store.ApplyRun(t.Context(), "acme", r.ID, later); err != nil {
			t.Fatal(err)
		}
	})
	atOnce := at(func(w *world) {
		r := w.next()
		r.State = feedback.RunApplied
		w.save(r)
	})
	if !reflect.DeepEqual(previewed, atOnce) {
		t.Errorf("previewed:\n%s\nat once:\n%s", strings.Join(previewed, "\n"), strings.Join(atOnce, "\n"))
	}
}

func TestAPreviewOfWhatNoLongerStandsIsAConflict(t *testing.T) {
	for name, change := range map[string]func(w *world, preview int){
		"another run was applied": func(w *world, _ int) {
			saveRun(w.T, w.store, run(0, map[feedback.ClusterID][]feedback.Item{1: {w.a, w.b, w.c}, 2: {w.d}}))
		},
		"a cluster was renamed": func(w *world, _ int) { w.must("UPDATE clusters SET name = 'Crashing' WHERE id = 1") },
		"an excerpt was moved": func(w *world, _ int) {
			w.must("UPDATE excerpts SET cluster_id = 2 WHERE text LIKE 'The app%'")
		},
		"a rollback": func(w *world, _ int) {
			if _, _, err := w.store.Rollback(w.Context(), "acme", later); err != nil {
				w.Fatal(err)
			}
		},
		"another model analysed an excerpt": func(w *world, _ int) {
			other := feedback.Model{Name: "other", Version: "1", Dimensions: 2}
			if err := w.store.SaveAnalyses(w.Context(), other, []feedback.Analysis{{Workspace: "acme", Excerpt: w.a.Excerpts[0].ID,
				Vector: feedback.Vector{0, 1}, Labels: feedback.Labels{Kind: feedback.KindBug}}}); err != nil {
				w.Fatal(err)
			}
		},
		"it was discarded": func(w *world, preview int) {
			if err := w.store.DiscardRun(w.Context(), "acme", preview, later); err != nil {
				w.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.save(w.next())
			change(w, r.ID)
			before := w.stands("true")
			err := w.store.ApplyRun(t.Context(), "acme", r.ID, later)
			if feedback.ErrorCode(err) != feedback.Conflict {
				t.Fatalf("error %v", err)
			}
			if got := w.stands("true"); !reflect.DeepEqual(got, before) {
				t.Error("what stands was changed")
			}
		})
	}
	w := newWorld(t)
	if err := w.store.ApplyRun(t.Context(), "acme", 99, later); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("a run that is not there: %v", err)
	}
	if err := w.store.DiscardRun(t.Context(), "acme", 99, later); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("a run that is not there: %v", err)
	}
}

func (w *world) must(statement string) {
	w.Helper()
	if _, err := w.conn.Exec(w.Context(), statement); err != nil {
		w.Fatal(err)
	}
}

func TestWhatCameAfterAPreviewJoinsItsClusters(t *testing.T) {
	w := newWorld(t)
	r := w.save(w.next())
	// Both joined by the clusters that stood: one of them ends in the preview, and C3 is nearer than C1 to neither.
	near, far := w.late("5", north, 2), w.late("6", feedback.Vector{0, 0, 1}, 0)
	if err := w.store.ApplyRun(t.Context(), "acme", r.ID, later); err != nil {
		t.Fatal(err)
	}
	if got := w.clusterOf(near); got != 3 {
		t.Errorf("what came since is in %s, want C3, whose centroid is its vector", got)
	}
	if got := w.clusterOf(far); got != 0 {
		t.Errorf("what is like no cluster is in %s", got)
	}
	hits, err := w.store.UnassignedExcerpts(t.Context(), "acme", feedback.OutlierFar, 0, 10)
	if err != nil || len(hits) != 1 || hits[0].Outlier != feedback.OutlierFar {
		t.Errorf("%+v, %v", hits, err)
	}
	if _, _, err := w.store.Rollback(t.Context(), "acme", later); err != nil {
		t.Fatal(err)
	}
	if got := w.clusterOf(near); got != 2 {
		t.Errorf("after the rollback it is in %s, want C2, where it was", got)
	}
}

func TestAnApplyThatIsKilledInTheMiddleLeavesWhatStands(t *testing.T) {
	for name, do := range map[string]func(*world, int) error{
		"apply":    func(w *world, id int) error { return w.store.ApplyRun(w.Context(), "acme", id, later) },
		"rollback": func(w *world, _ int) error { _, _, err := w.store.Rollback(w.Context(), "acme", later); return err },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.save(w.next())
			before := w.stands("true")
			// A row that the work must write is locked, so that it stops after clusters and themes have been written.
			lock, err := w.conn.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := lock.Exec(t.Context(), "SELECT FROM excerpts WHERE text LIKE 'It crashes%' FOR UPDATE"); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- do(w, r.ID) }()
			for killed := false; !killed; {
				select {
				case err := <-done:
					t.Fatalf("it ended before it could be killed: %v", err)
				default:
				}
				// Within a transaction the server shows its activity as it was at the first look.
				if _, err := lock.Exec(t.Context(), "SELECT pg_stat_clear_snapshot()"); err != nil {
					t.Fatal(err)
				}
				const kill = `SELECT coalesce(bool_or(pg_terminate_backend(pid)), false) FROM pg_stat_activity
					WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%UPDATE excerpts%'`
				if err := lock.QueryRow(t.Context(), kill).Scan(&killed); err != nil {
					t.Fatal(err)
				}
			}
			if err := <-done; feedback.ErrorCode(err) != feedback.Unavailable {
				t.Errorf("error %v", err)
			}
			if err := lock.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := w.stands("true"); !reflect.DeepEqual(got, before) {
				t.Errorf("what stands was changed to\n%s\nfrom\n%s", strings.Join(got, "\n"), strings.Join(before, "\n"))
			}
			if err := do(w, r.ID); err != nil {
				t.Errorf("again: %v", err)
			}
		})
	}
}

func TestPreviewsThatNobodyWantsAreNotKept(t *testing.T) {
	w := newWorld(t)
	var runs []*feedback.Run
	for range 5 {
		runs = append(runs, w.save(w.next()))
	}
	scheduled := w.next()
	scheduled.Cause, scheduled.Reason = feedback.CauseSchedule, "much would change"
	w.save(scheduled)
	again := w.next()
	again.Cause = feedback.CauseSchedule
	w.save(again)
	states := map[int]feedback.RunState{}
	list, err := w.store.Runs(t.Context(), "acme", 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		states[r.ID] = r.State
	}
	for id, want := range map[int]feedback.RunState{
		runs[0].ID: feedback.RunDiscarded, runs[1].ID: feedback.RunDiscarded, runs[4].ID: feedback.RunPreviewed,
		scheduled.ID: feedback.RunDiscarded, again.ID: feedback.RunPreviewed,
	} {
		if states[id] != want {
			t.Errorf("run %d is %s, want %s", id, states[id], want)
		}
	}
	if err := w.store.ApplyRun(t.Context(), "acme", runs[4].ID, later); err != nil {
		t.Fatal(err)
	}
	if r, err := w.store.RunByID(t.Context(), "acme", again.ID); err != nil || r.State != feedback.RunDiscarded || !strings.Contains(r.Reason, "changed what it was made from") {
		t.Errorf("%+v, %v", r, err)
	}
	if kept := w.rows("SELECT string_agg(DISTINCT run_id::text, ' ' ORDER BY run_id::text) FROM run_assignments"); kept[0] != fmt.Sprintf("1 %d", runs[4].ID) {
		t.Errorf("kept of runs %s", kept[0])
	}
}

func TestARefusedRunIsOnRecordAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	before := w.stands("true")
	r := &feedback.Run{State: feedback.RunRefused, Cause: feedback.CauseSchedule, Reason: "1 cluster where 7 stand", Workspace: "acme",
		Model: model, StartedAt: later, FinishedAt: later, Excerpts: 4}
	w.save(r)
	if got := w.stands("true"); !reflect.DeepEqual(got, before) {
		t.Error("a refused run changed what stands")
	}
	list, err := w.store.Runs(t.Context(), "acme", 1)
	if err != nil || list[0].State != feedback.RunRefused || list[0].Reason != r.Reason || list[0].Stands {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestAPreviewIsNotAppliedOverADecision(t *testing.T) {
	w := newWorld(t)
	r := w.save(w.next())
	if err := w.decide(feedback.Decision{Kind: feedback.DecidePin, Excerpts: []feedback.ID{w.a.Excerpts[0].ID}}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.ApplyRun(t.Context(), "acme", r.ID, later); feedback.ErrorCode(err) != feedback.Conflict {
		t.Errorf("error %v", err)
	}
}
