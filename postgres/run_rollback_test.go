package postgres_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"earshot/feedback"
)

func TestARollbackRestoresEveryRow(t *testing.T) {
	w := newWorld(t)
	w.late("5", north, 0) // an outlier with a reason, which the run takes in
	before := w.stands("true")
	born := w.rows("SELECT name FROM clusters WHERE id = 3")
	r := w.save(w.next())
	if err := w.store.ApplyRun(t.Context(), "acme", r.ID, later); err != nil {
		t.Fatal(err)
	}
	if got := w.stands("true"); reflect.DeepEqual(got, before) || len(born) != 0 {
		t.Fatal("the run changed nothing: the comparison is blind")
	}
	after := w.late("6", north, 3)
	undone, by, err := w.store.Rollback(t.Context(), "acme", later)
	if err != nil || undone != r.ID || by != r.ID+1 {
		t.Fatal(undone, by, err)
	}
	if got := w.clusterOf(after); got != 2 {
		t.Errorf("what came after the run is in %s, want C2, the nearest that stands again", got)
	}
	if _, err := w.conn.Exec(t.Context(), "DELETE FROM items WHERE external_id = '6'"); err != nil {
		t.Fatal(err)
	}
	if got := w.stands("id <> 3"); !reflect.DeepEqual(got, before) {
		t.Errorf("restored\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(before, "\n"))
	}
	ended, err := w.store.ClusterByID(t.Context(), "acme", 3)
	if err != nil || !ended.Cluster.Retired || ended.Cluster.Successor != 1 {
		t.Errorf("the cluster that the run founded: %+v, %v; an old link to it must lead to C1", ended.Cluster, err)
	}
	fates := w.rows(fmt.Sprintf("SELECT concat_ws(' ', fate, from_cluster, to_cluster, shared) FROM lineage WHERE run_id = %d ORDER BY ordinal", by))
	if got := strings.Join(fates, ", "); got != "continued 1 1 3, returned 2 2 1, merged 3 1 2" {
		t.Errorf("lineage of the rollback: %s", got)
	}
	runs, err := w.store.Runs(t.Context(), "acme", 10)
	if err != nil || len(runs) != 3 || runs[0].Undoes != r.ID || !runs[0].Stands || runs[1].State != feedback.RunRolledBack || !runs[2].Reversible {
		t.Errorf("%+v, %v", runs, err)
	}
	standing, err := w.store.Standing(t.Context(), "acme", model)
	if err != nil || standing.NextCluster != 4 || standing.TakenBack != r.ID {
		t.Errorf("%+v, %v; the number 3 must not be given again", standing, err)
	}
}

func TestRollbacksGoBackOneByOneAsFarAsIsKept(t *testing.T) {
	w := newWorld(t)
	states := [][]string{w.rows("SELECT concat(id, cluster_id, similarity) FROM excerpts ORDER BY id")}
	const runs = 6
	for i := range runs {
		var r *feedback.Run
		id := standingNext(w)
		if i%2 == 0 {
			r = run(0, map[feedback.ClusterID][]feedback.Item{1: {w.a}, id: {w.b, w.c, w.d}})
		} else {
			r = run(0, map[feedback.ClusterID][]feedback.Item{1: {w.a, w.b, w.c, w.d}})
		}
		saveRun(t, w.store, r)
		states = append(states, w.rows("SELECT concat(id, cluster_id, similarity) FROM excerpts ORDER BY id"))
	}
	for back := 1; back <= 5; back++ {
		if _, _, err := w.store.Rollback(t.Context(), "acme", later); err != nil {
			t.Fatalf("rollback %d: %v", back, err)
		}
		if got := w.rows("SELECT concat(id, cluster_id, similarity) FROM excerpts ORDER BY id"); !reflect.DeepEqual(got, states[runs-back]) {
			t.Errorf("after %d rollbacks: %v, want %v", back, got, states[runs-back])
		}
	}
	if _, _, err := w.store.Rollback(t.Context(), "acme", later); feedback.ErrorCode(err) != feedback.Conflict || !strings.Contains(err.Error(), "no longer kept") {
		t.Errorf("a rollback further than is kept: %v", err)
	}
	if kept := w.rows("SELECT count(*)::text FROM run_assignments"); kept[0] != "0" {
		t.Errorf("%s rows are kept of runs that cannot be taken back", kept[0])
	}
}

// standingNext is the next free cluster number.
func standingNext(w *world) feedback.ClusterID {
	w.Helper()
	standing, err := w.store.Standing(w.Context(), "acme", model)
	if err != nil {
		w.Fatal(err)
	}
	return standing.NextCluster
}

func TestTheFirstRunCanBeTakenBackToo(t *testing.T) {
	w := newWorld(t)
	if _, _, err := w.store.Rollback(t.Context(), "acme", later); err != nil {
		t.Fatal(err)
	}
	if list, err := w.store.ClusterList(t.Context(), "acme"); err != nil || len(list.Clusters) != 0 || list.Unassigned != 4 {
		t.Errorf("%+v, %v", list, err)
	}
	if _, _, err := w.store.Rollback(t.Context(), "acme", later); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("a rollback with nothing left: %v", err)
	}
	if _, _, err := w.store.Rollback(t.Context(), "nowhere", later); feedback.ErrorCode(err) != feedback.NotFound {
		t.Errorf("a rollback of no workspace: %v", err)
	}
}

func (w *world) decide(d feedback.Decision) error {
	w.Helper()
	d.Actor, d.At = "ada", later
	_, err := w.store.Decide(w.Context(), "acme", d)
	return err
}

func TestARollbackKeepsWhatPeopleDecided(t *testing.T) {
	w := newWorld(t)
	for _, d := range []feedback.Decision{{Kind: feedback.DecideRename, Cluster: 2, Name: "The dark"}, {Kind: feedback.DecideHide, Cluster: 2}} {
		if err := w.decide(d); err != nil {
			t.Fatal(err)
		}
	}
	before := w.stands("true")
	r := w.save(w.next())
	if len(w.touched()) != 2 {
		t.Errorf("what a person decided of C2: %v", w.touched())
	}
	if err := w.store.ApplyRun(t.Context(), "acme", r.ID, later); err != nil {
		t.Fatal(err)
	}
	if err := w.decide(feedback.Decision{Kind: feedback.DecideRename, Cluster: 1, Name: "Crashing"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.store.Rollback(t.Context(), "acme", later); err != nil {
		t.Fatal(err)
	}
	one, two := w.view(1).Cluster, w.view(2).Cluster
	if one.Name != "Crashing" || one.OwnName != "Cluster C1" || two.Name != "The dark" || two.OwnName != "Cluster C2" || !two.Hidden {
		t.Errorf("%+v\n%+v", one, two)
	}
	w.must("UPDATE clusters SET name = own_name, own_name = NULL WHERE id = 1")
	if got := w.stands("id <> 3"); !reflect.DeepEqual(got, before) {
		t.Errorf("restored\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(before, "\n"))
	}
}

// touched is what people decided about the clusters that stand.
func (w *world) touched() []feedback.Decided {
	w.Helper()
	standing, err := w.store.Standing(w.Context(), "acme", model)
	if err != nil {
		w.Fatal(err)
	}
	return standing.Decided
}

func TestARollbackUnderWhatPeopleMovedIsAConflict(t *testing.T) {
	w := newWorld(t)
	r := w.save(w.next())
	if err := w.store.ApplyRun(t.Context(), "acme", r.ID, later); err != nil {
		t.Fatal(err)
	}
	if err := w.decide(feedback.Decision{Kind: feedback.DecideMove, Cluster: 3, Excerpts: []feedback.ID{w.a.Excerpts[0].ID}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.store.Rollback(t.Context(), "acme", later); feedback.ErrorCode(err) != feedback.Conflict || !strings.Contains(err.Error(), "decision 1") {
		t.Fatalf("error %v", err)
	}
	if err := w.decide(feedback.Decision{Kind: feedback.DecideUndo, Undoes: 1}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.store.Rollback(t.Context(), "acme", later); err != nil {
		t.Errorf("with the decision undone: %v", err)
	}
}

// An undo cannot be undone: nobody is told to do so.
func TestARollbackUnderAnUndoOfWhatIsOlderSaysToGroupAnew(t *testing.T) {
	w := newWorld(t)
	if err := w.decide(feedback.Decision{Kind: feedback.DecidePin, Excerpts: []feedback.ID{w.a.Excerpts[0].ID}}); err != nil {
		t.Fatal(err)
	}
	r := w.save(w.next())
	if err := w.store.ApplyRun(t.Context(), "acme", r.ID, later); err != nil {
		t.Fatal(err)
	}
	if err := w.decide(feedback.Decision{Kind: feedback.DecideUndo, Undoes: 1}); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.store.Rollback(t.Context(), "acme", later)
	if feedback.ErrorCode(err) != feedback.Conflict || !strings.Contains(err.Error(), "decision 2 undid") || strings.Contains(err.Error(), "cluster undo") {
		t.Fatalf("error %v", err)
	}
}

// A cluster whose excerpts are scattered has no successor: an old link to it still says where they went.
func TestARetiredClusterSaysWhereItsExcerptsWent(t *testing.T) {
	w := newWorld(t)
	r := w.next()
	r.Retired[0].Successor = 0
	r.Lineage[2] = feedback.Lineage{Fate: feedback.FateRetired, From: 2, To: 1, Shared: 1, Overlap: 0.4}
	r.Lineage = append(r.Lineage, feedback.Lineage{Fate: feedback.FateSplit, From: 2, To: 3, Shared: 2, Overlap: 0.8})
	if err := w.store.ApplyRun(t.Context(), "acme", w.save(r).ID, later); err != nil {
		t.Fatal(err)
	}
	view, err := w.store.ClusterByID(t.Context(), "acme", 2)
	want := []feedback.Went{{Cluster: 3, Name: "Crashes at night", Excerpts: 2}, {Cluster: 1, Name: "Everything else", Excerpts: 1}}
	if err != nil || !slices.Equal(view.Went, want) {
		t.Errorf("%+v, %v", view.Went, err)
	}
	if stands, err := w.store.ClusterByID(t.Context(), "acme", 1); err != nil || stands.Went != nil {
		t.Errorf("of one that stands: %+v, %v", stands.Went, err)
	}
}
