package cluster

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"earshot/feedback"
)

// WatchStore is what the watch over the unassigned excerpts reads.
type WatchStore interface {
	// UnassignedPoints gives the analysed excerpts of the workspace that are in no cluster and were said since, with their
	// vectors of that model, spam and copies left out: the latest, at most limit of them.
	UnassignedPoints(ctx context.Context, workspace string, model feedback.Model, since time.Time, limit int) ([]feedback.Point, error)
	// Heard counts the analysed excerpts of the workspace, spam and copies left out, that were said from the one time to
	// before the other.
	Heard(ctx context.Context, workspace string, from, to time.Time) (int, error)
	// Newest says when the newest item of the workspace was said, or NotFound where there is none.
	Newest(ctx context.Context, workspace string) (time.Time, error)
	// Standing gives the clusters that stand, with centroids of that model.
	Standing(ctx context.Context, workspace string, model feedback.Model) (feedback.Standing, error)
}

// How the unassigned excerpts are watched.
const (
	recentDays   = 7    // in which a burst shows
	trailingDays = 28   // before them, against which it is held
	poolLimit    = 5000 // excerpts that are looked at, the latest
	formingLeast = 4    // excerpts of the last days in what forms
	// falseAlarm is the chance that a pool in which nothing forms shows something, all its groups taken together.
	falseAlarm = 0.01
	// nearlyAsDense is the part of the usual floor that the floor of what forms has at least: it is small, and its members
	// tell less of each other.
	nearlyAsDense = 0.9
)

// Forming finds groups among the unassigned excerpts of the last five weeks that are about as dense as the clusters that
// stand and came in a burst: more of them in the last seven days than the 28 before lead one to expect. With nothing changed,
// each excerpt of a group falls among the last days with the chance p that any excerpt of the workspace does, and their
// number is binomial; p is at least 7/35, the days' part of the time. A group shows when so large a number has a chance
// of under 1 %, divided by the number of groups (Bonferroni). Days count back from the newest item. The surest come first.
//
// Where no cluster stands there is nothing to be outside of, and nothing forms.
func (s *Stage) Forming(ctx context.Context, store WatchStore, workspace string) ([]feedback.Forming, error) {
	if err := feedback.CheckWorkspace(workspace); err != nil {
		return nil, err
	}
	newest, err := store.Newest(ctx, workspace)
	if feedback.ErrorCode(err) == feedback.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	standing, err := store.Standing(ctx, workspace, s.c.Model)
	if err != nil {
		return nil, fmt.Errorf("read the standing clusters: %w", err)
	}
	dense, ok := usualFloor(standing)
	if !ok {
		return nil, nil
	}
	recent := newest.AddDate(0, 0, -recentDays)
	since := recent.AddDate(0, 0, -trailingDays)
	points, err := store.UnassignedPoints(ctx, workspace, s.c.Model, since, poolLimit)
	if err != nil {
		return nil, fmt.Errorf("read the unassigned excerpts: %w", err)
	}
	points, vectors, err := checked(points, s.c.Model)
	if err != nil || len(points) < formingLeast {
		return nil, err
	}
	part, err := recentPart(ctx, store, workspace, since, recent, newest)
	if err != nil {
		return nil, err
	}
	return s.bursts(ctx, workspace, points, vectors, recent, part, dense)
}

// usualFloor is the floor that three quarters of the standing clusters reach.
func usualFloor(standing feedback.Standing) (floor float64, ok bool) {
	var floors []float64
	for _, c := range standing.Clusters {
		if c.Centroid != nil {
			floors = append(floors, c.Floor)
		}
	}
	if floors == nil {
		return 0, false
	}
	slices.Sort(floors)
	return floors[len(floors)/4], true
}

// recentPart is the chance with which an excerpt of the watched weeks falls among the last days, with nothing changed.
func recentPart(ctx context.Context, store WatchStore, workspace string, since, recent, newest time.Time) (float64, error) {
	part := float64(recentDays) / (recentDays + trailingDays)
	now, err := store.Heard(ctx, workspace, recent, newest.Add(time.Second))
	if err != nil {
		return 0, err
	}
	before, err := store.Heard(ctx, workspace, since, recent)
	if err != nil {
		return 0, err
	}
	if now+before > 0 {
		part = max(part, float64(now)/float64(now+before))
	}
	return part, nil
}

// bursts groups the pool as a run would, and gives the dense groups that came in a burst.
func (s *Stage) bursts(ctx context.Context, workspace string, points []feedback.Point, vectors *vectors, recent time.Time, part, dense float64) ([]feedback.Forming, error) {
	for i := range points {
		points[i].Cluster = 0
	}
	quiet := *s
	quiet.c.Progress = func(string, int, int) {}
	quiet.c.MaxOutliers, quiet.c.Shelf = nil, nil
	run, nothing := &feedback.Run{Workspace: workspace}, normalised(feedback.Standing{})
	g, err := quiet.group(ctx, points, vectors, nothing)
	if err != nil {
		return nil, err
	}
	identify(g, points, nothing)
	g.themes(points, nothing)
	quiet.record(run, g, points, nothing)
	var found []int
	for c, members := range g.members {
		now := 0
		for _, p := range members {
			if !points[p].OccurredAt.Before(recent) {
				now++
			}
		}
		if now >= formingLeast && g.floors[c] >= nearlyAsDense*dense && float64(len(g.members))*binomialTail(now, len(members), part) < falseAlarm {
			found = append(found, c)
		}
	}
	if found == nil {
		return nil, nil
	}
	if err := quiet.name(ctx, run, g, points, nothing); err != nil {
		return nil, err
	}
	forming := make([]feedback.Forming, len(found))
	for i, c := range found {
		forming[i] = s.forming(run.Clusters[c], g.members[c], points, recent, part, len(g.members))
	}
	slices.SortStableFunc(forming, func(a, b feedback.Forming) int {
		switch {
		case a.Chance < b.Chance:
			return -1
		case a.Chance > b.Chance:
			return 1
		}
		return b.Recent - a.Recent
	})
	return forming, nil
}

func (s *Stage) forming(c feedback.Cluster, members []int32, points []feedback.Point, recent time.Time, part float64, looked int) feedback.Forming {
	f := feedback.Forming{Name: c.Name, Summary: c.Summary, Keywords: c.Keywords, SeenAt: s.c.Now()}
	order := slices.Clone(members)
	slices.SortFunc(order, func(a, b int32) int {
		if n := points[b].OccurredAt.Compare(points[a].OccurredAt); n != 0 {
			return n
		}
		return bytes.Compare(points[a].Excerpt[:], points[b].Excerpt[:])
	})
	for _, p := range order {
		f.Excerpts = append(f.Excerpts, points[p].Excerpt)
		if at := points[p].OccurredAt; at.Before(recent) {
			f.Before++
		} else {
			f.Recent++
			f.Since = at
		}
	}
	f.Chance = binomialTail(f.Recent, len(members), part)
	f.Looked = looked
	return f
}

// binomialTail is the chance of k or more among n, each with the chance p: exact, summed from the logarithms of its terms.
func binomialTail(k, n int, p float64) float64 {
	if k <= 0 || p >= 1 {
		return 1
	}
	logs := func(x int) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
	var sum float64
	for x := n; x >= k; x-- {
		sum += math.Exp(logs(n) - logs(x) - logs(n-x) + float64(x)*math.Log(p) + float64(n-x)*math.Log1p(-p))
	}
	return min(1, sum)
}

// formed is how many excerpts of the last days make what forms worth a run of its own.
const formed = 12

// LargeEnough says whether what forms is worth a run of its own.
func LargeEnough(f feedback.Forming) bool { return f.Recent >= formed }
