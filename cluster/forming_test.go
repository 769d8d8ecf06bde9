package cluster_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"earshot/cluster"
	"earshot/feedback"
)

// pool is a workspace whose unassigned excerpts are watched; what was heard beside them came evenly.
type pool struct {
	memory
	heard func(from, to time.Time) int
}

func (p *pool) UnassignedPoints(_ context.Context, _ string, _ feedback.Model, since time.Time, limit int) ([]feedback.Point, error) {
	var out []feedback.Point
	for _, x := range p.points {
		if !x.OccurredAt.Before(since) && len(out) < limit {
			out = append(out, x)
		}
	}
	return out, p.err
}

func (p *pool) Heard(_ context.Context, _ string, from, to time.Time) (int, error) {
	if p.heard != nil {
		return p.heard(from, to), nil
	}
	return int(to.Sub(from).Hours()), nil
}

func (p *pool) Newest(context.Context, string) (time.Time, error) {
	if len(p.points) == 0 {
		return time.Time{}, feedback.Errorf(feedback.NotFound, "there is no feedback")
	}
	return clock(), nil
}

// quietPool has some topics too small for a cluster and many excerpts on their own, all of which came evenly.
func quietPool(seed uint64) *pool {
	rng := rand.New(rand.NewPCG(seed, 5))
	p := &pool{}
	p.standing.Clusters = []feedback.Cluster{{ID: 1, Theme: 1, Centroid: direction(90), Floor: 0.6}}
	add := func(topic, n int) {
		x := point(topic, n, 0.8)
		x.OccurredAt = clock().Add(-time.Duration(rng.IntN(35*24)) * time.Hour)
		p.points = append(p.points, x)
	}
	for topic := range 6 {
		for n := range 5 + rng.IntN(20) {
			add(int(seed)*100+topic, n)
		}
	}
	for n := range 40 {
		add(int(seed)*100+50+n, 0)
	}
	return p
}

func forming(t *testing.T, p *pool) []feedback.Forming {
	t.Helper()
	stage, err := cluster.New(cluster.Config{Store: p, Model: model, Now: clock, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	found, err := stage.Forming(t.Context(), p, "acme")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAPlantedBurstIsForming(t *testing.T) {
	p := quietPool(1)
	for n := range 14 {
		x := point(7, n, 0.8)
		x.OccurredAt = clock().AddDate(0, 0, -n%6).Add(-time.Hour)
		p.points = append(p.points, x)
	}
	found := forming(t, p)
	if len(found) != 1 {
		t.Fatalf("%d groups form, want the one that was planted: %+v", len(found), found)
	}
	f := found[0]
	if f.Recent < 13 || f.Before > 1 || f.Chance > 1e-6 || !strings.EqualFold(f.Name, topicWords[7]) || !cluster.LargeEnough(f) || len(f.Excerpts) != f.Recent+f.Before {
		t.Errorf("%+v", f)
	}
	if len(p.runs) > 0 {
		t.Error("a watch saved a run")
	}
}

func TestABurstOfEverythingIsNotForming(t *testing.T) {
	p := quietPool(1)
	for n := range 14 {
		x := point(7, n, 0.8)
		x.OccurredAt = clock().AddDate(0, 0, -n%6).Add(-time.Hour)
		p.points = append(p.points, x)
	}
	// All feedback of the workspace is of the last days, as after an import: then so is any topic's.
	p.heard = func(_, to time.Time) int {
		if to.After(clock()) {
			return 1000
		}
		return 10
	}
	if found := forming(t, p); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

// quietPools is how many the test looks at: enough to see a rate that went wrong. make bench looks at 200.
var quietPools = flag.Int("quiet-pools", 40, "quiet pools to look for false alarms in")

func TestQuietPoolsRaiseFewFalseAlarms(t *testing.T) {
	pools := *quietPools
	most, alarms := pools/20, 0 // 5 %
	for seed := range uint64(pools) {
		if len(forming(t, quietPool(seed+2))) > 0 {
			alarms++
		}
	}
	t.Logf("%d of %d quiet pools raised a false alarm", alarms, pools)
	if alarms > most {
		t.Errorf("%d of %d quiet pools raised a false alarm", alarms, pools)
	}
}

func TestNothingFormsOfLittleOrOddData(t *testing.T) {
	loose := quietPool(1)
	for n := range 14 { // a burst, but of what is less like each other than the clusters that stand
		x := point(7, n, 3)
		x.OccurredAt = clock().Add(-time.Hour)
		loose.points = append(loose.points, x)
	}
	blank := &pool{}
	blank.standing.Clusters = loose.standing.Clusters
	for n := range 20 {
		x := point(7, n, 0.8)
		clear(x.Vector)
		x.OccurredAt = clock()
		blank.points = append(blank.points, x)
	}
	few := &pool{}
	few.standing.Clusters = loose.standing.Clusters
	few.points = blank.points[:2]
	unfounded := quietPool(1)
	unfounded.standing.Clusters = nil
	for name, p := range map[string]*pool{"no data": {}, "no clusters": unfounded, "two excerpts": few, "vectors of nothing known": blank, "a loose burst": loose} {
		if found := forming(t, p); len(found) != 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}
