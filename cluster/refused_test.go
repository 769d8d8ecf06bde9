package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"earshot/cluster"
	"earshot/feedback"
)

func TestReclusterOfLittleOrOddData(t *testing.T) {
	same := make([]feedback.Point, 40)
	for i := range same {
		same[i] = point(0, i, 0)
		same[i].Text = "Great app"
	}
	var cloud []feedback.Point
	for n := range 400 {
		p := point(1000+n, n, 0)
		p.Text = fmt.Sprintf("w%da w%db w%dc", n, n, n)
		cloud = append(cloud, p)
	}
	blank := topics(20, 20)
	for i := range 5 {
		p := point(5, i, 0.8)
		clear(p.Vector)
		blank = append(blank, p)
	}
	for _, c := range []struct {
		name                 string
		points               []feedback.Point
		clusters, unassigned int
	}{
		{"one excerpt", topics(1), 0, 1},
		{"two excerpts", topics(2), 0, 2},
		{"all identical", same, 1, 0},
		{"two groups only", topics(30, 20), 2, 0},
		{"a cloud without structure", cloud, 0, 400},
		{"vectors of nothing known", blank, 2, 5},
		{"nothing but vectors of nothing known", blank[40:], 0, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{points: c.points}
			r := run(t, m)
			if len(r.Clusters) != c.clusters || r.Unassigned != c.unassigned {
				t.Fatalf("%d clusters, %d unassigned; want %d, %d", len(r.Clusters), r.Unassigned, c.clusters, c.unassigned)
			}
			if again := run(t, m); len(again.Lineage) != c.clusters || fates(again)[feedback.FateContinued] != c.clusters {
				t.Errorf("lineage of a second run: %+v", again.Lineage)
			}
		})
	}
}

func TestReclusterRefusesAndSavesNothing(t *testing.T) {
	good := topics(30, 25, 20, 18, 16, 14, 12)
	spoilt := slices.Clone(good)
	spoilt[3] = point(0, 3, 0.8)
	spoilt[3].Vector[7] = float32(math.NaN())
	long := slices.Clone(good)
	long[2].Vector = make(feedback.Vector, dims+1)
	large := slices.Clone(good)
	large[2] = point(0, 2, 0.8)
	for d := range large[2].Vector {
		large[2].Vector[d] *= 3
	}
	for _, c := range []struct {
		name   string
		points []feedback.Point
		code   feedback.Code
		word   string
	}{
		{"no excerpts", nil, feedback.NotFound, "no analysed excerpts"},
		{"NaN", spoilt, feedback.Internal, "unit length"},
		{"a vector that is too long", large, feedback.Internal, "unit length"},
		{"another number of dimensions", long, feedback.Internal, "49 dimensions"},
		{"an excerpt twice", append(slices.Clone(good), good[0]), feedback.Internal, "twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{points: c.points}
			_, err := try(t.Context(), m)
			if feedback.ErrorCode(err) != c.code || !strings.Contains(err.Error(), c.word) {
				t.Errorf("error %v", err)
			}
			if len(m.runs) > 0 {
				t.Error("a run was saved")
			}
		})
	}
}

func TestReclusterRefusesACollapse(t *testing.T) {
	m := &memory{points: topics(30, 25, 20, 18, 16, 14, 12)}
	run(t, m)
	stood := m.standing
	for i := range m.points { // an embedder that went wrong: everything looks the same
		m.points[i].Vector = direction(0)
	}
	_, err := try(t.Context(), m)
	if feedback.ErrorCode(err) != feedback.Conflict || !strings.Contains(err.Error(), "1 clusters where 7 stand") {
		t.Fatalf("error %v", err)
	}
	if !reflect.DeepEqual(m.standing, stood) {
		t.Error("the standing clusters were touched")
	}
	if last := m.runs[len(m.runs)-1]; len(m.runs) != 2 || last.State != feedback.RunRefused || last.Reason != err.Error() || len(last.Assignments) > 0 {
		t.Errorf("the refusal is not on record: %+v", last)
	}
}

func TestARunThatWasOvertakenIsMadeAgain(t *testing.T) {
	overtaken := feedback.Errorf(feedback.Conflict, "another run was saved")
	for _, test := range []struct {
		name         string
		times, saves int
		fails        feedback.Code
	}{
		{"never", 0, 1, ""},
		{"once", 1, 2, ""},
		{"every time", 99, 3, feedback.Conflict},
	} {
		m := &memory{points: topics(30, 20)}
		saves := 0
		m.before = func() {
			saves++
			if m.refuse = nil; saves <= test.times {
				m.refuse = overtaken
				m.standing.Run++
			}
		}
		run, err := try(t.Context(), m)
		if feedback.ErrorCode(err) != test.fails || saves != test.saves {
			t.Errorf("overtaken %s: error %v after %d saves", test.name, err, saves)
		}
		if err == nil && run.Base != test.times {
			t.Errorf("overtaken %s: the run begins from run %d, where %d stood", test.name, run.Base, test.times)
		}
	}
}

func TestReclusterStopsWhenCancelled(t *testing.T) {
	m := &memory{points: topics(60, 50, 40, 30)}
	for _, step := range []string{"load", "compare", "group", "name"} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := try(ctx, m, func(c *cluster.Config) {
			c.Progress = func(s string, done, total int) {
				if s == step {
					cancel()
				}
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) || len(m.runs) > 0 {
			t.Errorf("cancelled at %s: %v, %d runs saved", step, err, len(m.runs))
		}
	}
}
