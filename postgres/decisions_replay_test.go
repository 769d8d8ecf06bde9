package postgres_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"earshot/feedback"
)

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// replay makes the decisions that stand in one workspace, in their order, in another that was filled alike.
func replay(t fataler, from, to *board) {
	t.Helper()
	log, err := from.store.Decisions(context.Background(), from.workspace, 0, 0, 1000)
	if err != nil {
		t.Fatalf("%v", err)
	}
	twin := make(map[feedback.ID]feedback.ID)
	for i, it := range from.items {
		twin[it.Excerpts[0].ID] = to.items[i].Excerpts[0].ID
	}
	founded := make(map[feedback.ClusterID]feedback.ClusterID)
	same := func(id feedback.ClusterID) feedback.ClusterID {
		if other, ok := founded[id]; ok {
			return other
		}
		return id
	}
	for _, d := range slices.Backward(log) {
		if d.Kind == feedback.DecideUndo || d.UndoneBy != 0 {
			continue
		}
		again := feedback.Decision{Kind: d.Kind, Cluster: same(d.Cluster), Other: same(d.Other), Theme: d.Theme, Feature: d.Feature, Name: d.Name, Actor: d.Actor}
		if d.Kind == feedback.DecideSplit {
			again.Other = 0
		}
		if d.Kind != feedback.DecideMerge { // a merge names no excerpts: it lists those that it moved
			for _, e := range d.Excerpts {
				again.Excerpts = append(again.Excerpts, twin[e])
			}
		}
		if d.Kind == feedback.DecideApart && d.Cluster == 0 {
			again.Excerpts = from.order(d, twin)
		}
		done, err := to.decide(again)
		if err != nil {
			t.Fatalf("%d, %s: %v", d.ID, d, err)
		}
		if d.Kind == feedback.DecideSplit {
			founded[d.Other] = done.Other
		}
	}
	to.founded = founded
}

// order gives the two excerpts of a decision to keep them apart, the one that left last.
func (b *board) order(d feedback.Decision, twin map[feedback.ID]feedback.ID) []feedback.ID {
	var left [16]byte
	const find = `
		SELECT excerpt_id FROM decision_excerpts
		WHERE workspace_id = $1 AND decision_id = $2 AND from_cluster IS DISTINCT FROM to_cluster`
	out := []feedback.ID{twin[d.Excerpts[0]], twin[d.Excerpts[1]]}
	if err := b.pool.QueryRow(context.Background(), find, b.workspace, d.ID).Scan(&left); err == nil && d.Excerpts[0] == left {
		slices.Reverse(out)
	}
	return out
}

var decimals = regexp.MustCompile(`-?\d+\.\d+(e-\d+)?`)

// rounded takes from rows what sums in another order change.
func rounded(rows string) string {
	return decimals.ReplaceAllStringFunc(rows, func(s string) string {
		x, _ := strconv.ParseFloat(s, 64)
		return strings.TrimPrefix(fmt.Sprintf("%.3f", x), "-0.000")
	})
}

// Random decisions and undos leave what the decisions that stand leave when they alone are made.
func TestUndosLeaveWhatTheOthersAloneWouldHaveMade(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	was := checks.Value.String()
	if err := checks.Value.Set("15"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Value.Set(was) })
	maker := boards(t)
	n, made, undone := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		b := maker(fmt.Sprintf("p%d", n), 5, 4, 6, 3)
		clusters := []feedback.ClusterID{1, 2, 3, 4}
		var done []int
		for range rapid.IntRange(4, 16).Draw(t, "steps") {
			cluster := func() feedback.ClusterID { return rapid.SampledFrom(clusters).Draw(t, "cluster") }
			excerpts := func(most int) (out []feedback.ID) {
				for range rapid.IntRange(1, most).Draw(t, "excerpts") {
					out = append(out, b.items[rapid.IntRange(0, len(b.items)-1).Draw(t, "excerpt")].Excerpts[0].ID)
				}
				return out
			}
			var d feedback.Decision
			switch kind := rapid.SampledFrom([]string{"undo", "undo", "undo", "rename", "theme", "pin", "move", "move", "apart", "pair", "merge", "merge", "split", "split",
				"hide", "unhide", "confirm", "link", "reject"}).Draw(t, "kind"); kind {
			case "undo":
				if len(done) == 0 {
					continue
				}
				if b.undo(rapid.SampledFrom(done).Draw(t, "undone")) == nil {
					undone++
				}
				continue
			case "rename":
				d = feedback.Decision{Kind: feedback.DecideRename, Cluster: cluster(), Name: rapid.SampledFrom([]string{"A", "B", "Cluster C1"}).Draw(t, "name")}
			case "theme":
				d = feedback.Decision{Kind: feedback.DecideRenameTheme, Theme: 1, Name: rapid.SampledFrom([]string{"A", "B", "Theme 1"}).Draw(t, "name")}
			case "pin":
				d = feedback.Decision{Kind: feedback.DecidePin, Excerpts: excerpts(2)}
			case "move":
				d = feedback.Decision{Kind: feedback.DecideMove, Cluster: cluster(), Excerpts: excerpts(3)}
			case "apart":
				d = feedback.Decision{Kind: feedback.DecideApart, Cluster: cluster(), Other: cluster()}
			case "pair":
				d = feedback.Decision{Kind: feedback.DecideApart, Excerpts: append(excerpts(1), excerpts(1)...)}
			case "merge":
				d = feedback.Decision{Kind: feedback.DecideMerge, Cluster: cluster(), Other: cluster()}
			case "split":
				e := excerpts(1)
				hit, err := b.store.ItemOfExcerpt(context.Background(), b.workspace, e[0])
				if err != nil {
					t.Fatal(err)
				}
				d = feedback.Decision{Kind: feedback.DecideSplit, Cluster: hit.Excerpts[0].Cluster, Excerpts: e, Name: fmt.Sprintf("Part %d", len(done)%4)}
			case "link", "reject":
				d = feedback.Decision{Kind: feedback.DecideConfirmLink, Cluster: cluster(), Feature: rapid.SampledFrom([]string{"f1", "f2"}).Draw(t, "feature")}
				if kind == "reject" {
					d.Kind = feedback.DecideRejectLink
				}
			default:
				d = feedback.Decision{Kind: feedback.DecisionKind(kind), Cluster: cluster()}
			}
			got, err := b.decide(d)
			switch feedback.ErrorCode(err) {
			case "":
				made++
				done = append(done, got.ID)
				if d.Kind == feedback.DecideSplit {
					clusters = append(clusters, got.Other)
				}
			case feedback.Conflict, feedback.Invalid: // refused, as it should be
			default:
				t.Fatalf("%s: %v", d, err)
			}
		}
		again := maker(fmt.Sprintf("r%d", n), 5, 4, 6, 3)
		replay(t, b, again)
		if got, want := rounded(again.renumbered(t)), rounded(b.renumbered(t)); got != want {
			t.Fatalf("the decisions that stand leave\n%s\nbut with undos between they left\n%s", got, want)
		}
	})
	if made < n+n/3 || undone < n/3 {
		t.Errorf("%d decisions and %d undos in %d boards show little", made, undone, n)
	}
}

// renumbered gives the rows with the clusters that splits founded under the numbers that they have in the other workspace.
func (b *board) renumbered(t fataler) string {
	t.Helper()
	theirs := make(map[string]string)
	for them, us := range b.founded {
		theirs[us.String()] = them.String()
	}
	lines := strings.Split(numbered.ReplaceAllStringFunc(b.rows(t), func(id string) string { return cmp.Or(theirs[id], id) }), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

var numbered = regexp.MustCompile(`\bC\d+\b`)
