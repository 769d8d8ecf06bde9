package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/feedback"
)

// drawer is a Shelf in memory, and some points as a Store.
type drawer struct {
	kept   map[string][]byte
	after  []map[string][]byte // what lay there after each Save: what a run that is killed then leaves
	points []feedback.Point
	stands feedback.Standing
	saved  *feedback.Run
	fails  error
}

func (d *drawer) Load(run, name string) ([]byte, error) { return d.kept[run+"/"+name], d.fails }
func (d *drawer) Save(run, name string, data []byte) error {
	maps.DeleteFunc(d.kept, func(key string, _ []byte) bool { return !strings.HasPrefix(key, run+"/") })
	d.kept[run+"/"+name] = slices.Clone(data)
	d.after = append(d.after, maps.Clone(d.kept))
	return d.fails
}
func (d *drawer) Drop(run string) error {
	maps.DeleteFunc(d.kept, func(key string, _ []byte) bool { return strings.HasPrefix(key, run+"/") })
	return d.fails
}
func (d *drawer) Points(_ context.Context, _ string, _ feedback.Model, take func(feedback.Point) error) error {
	for _, p := range d.points {
		if err := take(p); err != nil {
			return err
		}
	}
	return nil
}
func (d *drawer) Standing(context.Context, string, feedback.Model) (feedback.Standing, error) {
	return d.stands, nil
}
func (d *drawer) SaveRun(_ context.Context, run *feedback.Run) error {
	d.saved = run
	return nil
}

// recluster runs over what is in the drawer, until the step stopAt, and gives how often each step reported.
func (d *drawer) recluster(t *testing.T, c Config, stopAt string) (steps map[string]int, log string, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out bytes.Buffer
	steps = make(map[string]int)
	c.Store, c.Model, c.Now = d, feedback.Model{Name: "m", Version: "1", Dimensions: len(d.points[0].Vector)}, d.now
	c.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c.Progress = func(step string, _, _ int) {
		steps[step]++
		if step == stopAt {
			cancel()
		}
	}
	if d.kept != nil {
		c.Shelf = d
	}
	stage, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	stage.worthKeeping, stage.exact = 100, 500
	d.saved = nil
	_, err = stage.Recluster(ctx, "w")
	return steps, out.String(), err
}

// fifths are points about five things.
func fifths(n int) (points []feedback.Point) {
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range n {
		v := make(feedback.Vector, 16)
		v[i%5] = 3
		for k := range v {
			v[k] += float32(rng.NormFloat64())
		}
		feedback.Normalize(v)
		item := feedback.ItemID("w", "s", fmt.Sprint(i))
		points = append(points, feedback.Point{Item: item, Excerpt: feedback.ExcerptID(item, "x", 0), Text: fmt.Sprintf("topic%d text%d", i%5, i), Vector: v})
	}
	return points
}

func TestAStoppedRunGoesOnWhereItWas(t *testing.T) {
	d := &drawer{points: fifths(850)}
	full, _, err := d.recluster(t, Config{}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := d.saved
	d.kept = make(map[string][]byte)
	if _, _, err := d.recluster(t, Config{}, "judge"); !errors.Is(err, context.Canceled) || len(d.kept) != 1 {
		t.Fatalf("%d on the shelf, error %v", len(d.kept), err)
	}
	steps, log, err := d.recluster(t, Config{}, "")
	if err != nil || steps["compare"] != 1 || full["compare"] < 2 || len(d.kept) != 0 || log != "" {
		t.Fatalf("compared in %d steps, %d on the shelf, error %v, log %s", steps["compare"], len(d.kept), err, log)
	}
	if !reflect.DeepEqual(d.saved, want) {
		t.Error("going on gives another run than starting from the beginning")
	}
	d.fails = errors.New("no space left")
	if _, log, err := d.recluster(t, Config{}, ""); err != nil || !reflect.DeepEqual(d.saved, want) || !strings.Contains(log, "no space left") {
		t.Fatalf("a shelf that fails: %v, log %s", err, log)
	}
}

func TestAKilledRunGoesOnFromItsLastStepAndFindsTheSame(t *testing.T) {
	points := fifths(850)
	fresh := &drawer{points: points}
	if _, _, err := fresh.recluster(t, Config{}, ""); err != nil {
		t.Fatal(err)
	}
	stands := feedback.Standing{Clusters: fresh.saved.Clusters, NextCluster: fresh.saved.NextCluster, NextTheme: fresh.saved.NextTheme, Themes: fresh.saved.Themes}
	for i, a := range fresh.saved.Assignments[:800] {
		at := slices.IndexFunc(points, func(p feedback.Point) bool { return p.Excerpt == a.Excerpt })
		if i%7 > 0 {
			points[at].Cluster = a.Cluster
		}
	}
	for _, of := range []struct {
		points   []feedback.Point
		standing feedback.Standing
		least    int // times that it is kept
	}{{fifths(850), feedback.Standing{}, 5}, {copied(20, 5, 17, 0.1), feedback.Standing{}, 10}, {points, stands, 5}} {
		points := of.points
		d := &drawer{points: points, stands: of.standing, kept: make(map[string][]byte)}
		before, _, err := d.recluster(t, Config{}, "")
		if err != nil || len(d.kept) != 0 {
			t.Fatalf("%d on the shelf, error %v", len(d.kept), err)
		}
		want, moments := d.saved, d.after
		if len(moments) < of.least {
			t.Fatalf("the run was kept %d times", len(moments))
		}
		last := moments[len(moments)-1]
		for i, moment := range moments {
			d.kept = maps.Clone(moment)
			steps, log, err := d.recluster(t, Config{}, "")
			if err != nil || !reflect.DeepEqual(d.saved, want) || len(d.kept) != 0 || log != "" {
				t.Fatalf("killed after step %d: error %v, the same %t, %d on the shelf, log %s", i, err, reflect.DeepEqual(d.saved, want), len(d.kept), log)
			}
			if done, was := steps["compare"]+steps["judge"]+steps["group"], before["compare"]+before["judge"]+before["group"]; done >= was {
				t.Errorf("killed after step %d: it took %d steps of %d", i, done, was)
			}
		}
		if of.standing.Clusters == nil {
			continue
		}
		// Of what is damaged nothing is taken, and it is said.
		d.kept = make(map[string][]byte)
		for name, data := range last {
			d.kept[name] = slices.Clone(data)
			d.kept[name][len(data)-50] ^= 1
		}
		if _, log, err := d.recluster(t, Config{}, ""); err != nil || !reflect.DeepEqual(d.saved, want) || strings.Count(log, "damaged") != len(last) {
			t.Fatalf("damaged: error %v, log %s", err, log)
		}
		if steps := d.steps(t, last, Config{}); steps["compare"] != 1 || steps["judge"]+steps["group"] != 0 {
			t.Errorf("all steps were kept, and it took %v", steps)
		}
		// Other settings have the neighbours in common, and nothing else; another excerpt has nothing.
		for _, c := range []Config{{Seed: 2}, {Granularity: 1}} {
			if steps := d.steps(t, last, c); steps["compare"] != 1 || steps["judge"] == 0 {
				t.Errorf("%+v: steps %v", c, steps)
			}
			other := d.saved
			d.kept = nil
			if _, _, err := d.recluster(t, c, ""); err != nil || !reflect.DeepEqual(d.saved, other) {
				t.Errorf("%+v: it finds something else than from the beginning, error %v", c, err)
			}
		}
		d.points = d.points[1:]
		if steps := d.steps(t, last, Config{}); steps["compare"] < 2 || steps["judge"] == 0 {
			t.Errorf("an excerpt less: steps %v", steps)
		}
		d.points = points
	}
}

// steps are those of a run that finds so much on the shelf.
func (d *drawer) steps(t *testing.T, kept map[string][]byte, c Config) map[string]int {
	t.Helper()
	d.kept = maps.Clone(kept)
	steps, _, err := d.recluster(t, c, "")
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// What stands is a part of what a grouping depends on.
func TestAGroupingIsNotTakenForAnotherPlaceOfAnExcerpt(t *testing.T) {
	d := &drawer{points: fifths(850), kept: make(map[string][]byte)}
	if _, _, err := d.recluster(t, Config{}, ""); err != nil {
		t.Fatal(err)
	}
	k := &keeper{stage: &Stage{c: Config{Shelf: d, Log: slog.New(slog.DiscardHandler)}}, run: "r"}
	k.next(feedback.Standing{Run: 1}, []byte{1})
	k.save(keptGrouping, func(out []byte) ([]byte, error) { return append(out, 7), nil })
	took := func(k *keeper) bool { return k.load(keptGrouping, func([]byte) error { return nil }) }
	if !took(k) {
		t.Fatal("what was kept is not taken")
	}
	for _, values := range [][]any{{feedback.Standing{Run: 2}, []byte{1}}, {feedback.Standing{Run: 1}, []byte{2}}, {func() {}}} {
		other := &keeper{stage: k.stage, run: k.run}
		if other.next(values...); took(other) {
			t.Errorf("what was kept is taken for %v", values)
		}
	}
}

func FuzzDecodeSteps(f *testing.F) {
	f.Add(appendSteps(nil, 3.5, []step{{resolution: 1, rows: []int32{0, -1, 2}, clusters: 2}, {resolution: 2, rows: []int32{0, 1, 2}, asStands: true}}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		wanted, steps, err := decodeSteps(data, 3)
		if err == nil && len(appendSteps(nil, wanted, steps)) != len(data) {
			t.Fatal("it does not come back")
		}
	})
}

func (d *drawer) now() time.Time { return time.Time{} }
