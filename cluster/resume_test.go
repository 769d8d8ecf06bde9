package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"earshot/feedback"
)

// drawer is a Shelf in memory, and some points as a Store.
type drawer struct {
	kept   map[string][]byte
	points []feedback.Point
	saved  *feedback.Run
	fails  error
}

func (d *drawer) Load(key string) ([]byte, error) { return d.kept[key], d.fails }
func (d *drawer) Save(key string, data []byte) error {
	d.kept[key] = data
	return d.fails
}
func (d *drawer) Drop(key string) error { delete(d.kept, key); return d.fails }
func (d *drawer) Points(_ context.Context, _ string, _ feedback.Model, take func(feedback.Point) error) error {
	for _, p := range d.points {
		if err := take(p); err != nil {
			return err
		}
	}
	return nil
}
func (d *drawer) Standing(context.Context, string, feedback.Model) (feedback.Standing, error) {
	return feedback.Standing{}, nil
}
func (d *drawer) SaveRun(_ context.Context, run *feedback.Run) error {
	d.saved = run
	return nil
}

func TestAStoppedRunGoesOnWhereItWas(t *testing.T) {
	d := &drawer{kept: make(map[string][]byte)}
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 300 {
		v := make(feedback.Vector, 16)
		v[i%5] = 3
		for k := range v {
			v[k] += float32(rng.NormFloat64())
		}
		feedback.Normalize(v)
		item := feedback.ItemID("w", "s", fmt.Sprint(i))
		d.points = append(d.points, feedback.Point{Item: item, Excerpt: feedback.ExcerptID(item, "x", 0), Text: fmt.Sprintf("topic%d text%d", i%5, i), Vector: v})
	}
	recluster := func(shelf Shelf, stopAt string) (compared int, err error) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stage, err := New(Config{Store: d, Shelf: shelf, Model: feedback.Model{Name: "m", Version: "1", Dimensions: 16}, Now: func() time.Time { return time.Time{} },
			Progress: func(step string, done, total int) {
				if step == "compare" {
					compared++
				}
				if step == stopAt {
					cancel()
				}
			}})
		if err != nil {
			t.Fatal(err)
		}
		stage.worthKeeping = 100
		_, err = stage.Recluster(ctx, "w")
		return compared, err
	}
	full, err := recluster(nil, "")
	if err != nil || full < 2 {
		t.Fatalf("compared in %d steps, error %v", full, err)
	}
	want := d.saved

	if _, err := recluster(d, "group"); !errors.Is(err, context.Canceled) || len(d.kept) != 1 {
		t.Fatalf("%d on the shelf, error %v", len(d.kept), err)
	}
	compared, err := recluster(d, "")
	if err != nil || compared != 1 || len(d.kept) != 0 {
		t.Fatalf("compared in %d steps, %d on the shelf, error %v", compared, len(d.kept), err)
	}
	if !reflect.DeepEqual(d.saved, want) {
		t.Error("going on gives another run than starting from the beginning")
	}

	// Other excerpts, and a shelf that lies, are no reason to go on from there.
	if _, err := recluster(d, "group"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for key := range d.kept {
		d.kept[key][50] ^= 1
	}
	if compared, err := recluster(d, ""); err != nil || compared != full || !reflect.DeepEqual(d.saved, want) {
		t.Fatalf("compared in %d steps, error %v", compared, err)
	}
	if _, err := recluster(d, "group"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	d.points = d.points[:290]
	if compared, err := recluster(d, ""); err != nil || compared < 2 {
		t.Fatalf("compared in %d steps, error %v", compared, err)
	}
	d.fails = errors.New("no space left")
	if _, err := recluster(d, ""); err != nil {
		t.Fatalf("a shelf that fails: %v", err)
	}
}
