package cluster

import (
	"cmp"
	"slices"
	"time"

	"earshot/feedback"
)

// describe says what the run changes of what stands. Excerpts of copies are grouped with the others and counted nowhere, as
// on the pages of what stands. What was forced is carried over.
func describe(run *feedback.Run, points []feedback.Point, standing feedback.Standing) feedback.RunChange {
	d := describer{run: run, points: points, standing: standing,
		stood: make(map[feedback.ClusterID]feedback.Cluster), stands: make(map[feedback.ClusterID]feedback.Cluster)}
	for _, c := range standing.Clusters {
		d.stood[c.ID] = c
	}
	for _, c := range run.Clusters {
		d.stands[c.ID] = c
	}
	change := feedback.RunChange{Forced: run.Change.Forced, ClustersBefore: len(standing.Clusters), ClustersAfter: len(run.Clusters),
		Ended: len(run.Retired),
		Fates: make(map[feedback.Fate]int), Outliers: make(map[feedback.Outlier]int)}
	d.countMoves(&change)
	d.listClusters(&change)
	change.Touched = d.touched()
	change.Trends = d.trends()
	return change
}

type describer struct {
	run           *feedback.Run
	points        []feedback.Point
	standing      feedback.Standing
	stood, stands map[feedback.ClusterID]feedback.Cluster
	before, after map[feedback.ClusterID]int // excerpts of the run in each cluster, 0 for those in none
	shared        map[way]int
}

// way is the way of an excerpt from where it stood to where the run puts it.
type way struct{ from, to feedback.ClusterID }

// at is where point i stood; 0 where that was in no cluster, or in one that ended earlier.
func (d *describer) at(i int) feedback.ClusterID {
	if _, ok := d.stood[d.points[i].Cluster]; ok {
		return d.points[i].Cluster
	}
	return 0
}

func (d *describer) countMoves(change *feedback.RunChange) {
	d.before, d.after, d.shared = make(map[feedback.ClusterID]int), make(map[feedback.ClusterID]int), make(map[way]int)
	for i, a := range d.run.Assignments {
		if d.points[i].Copy {
			continue
		}
		from := d.at(i)
		d.before[from]++
		d.after[a.Cluster]++
		d.shared[way{from, a.Cluster}]++
		switch {
		case from == 0:
			if a.Cluster != 0 {
				change.Joined++
			}
		case a.Cluster == 0:
			change.Left++
		case a.Cluster != from:
			change.Moved++
		}
		if a.Cluster == 0 {
			change.Outliers[a.Outlier]++
		}
		if from != 0 {
			change.Stood++
		}
	}
	change.UnassignedBefore, change.UnassignedAfter = d.before[0], d.after[0]
	for p, n := range d.shared {
		if p.from == p.to {
			continue
		}
		change.Moves = append(change.Moves, feedback.Move{From: feedback.ClusterRef(p.from), FromName: d.stood[p.from].Name,
			To: feedback.ClusterRef(p.to), ToName: d.stands[p.to].Name, Excerpts: n})
	}
	slices.SortFunc(change.Moves, func(a, b feedback.Move) int {
		return cmp.Or(cmp.Compare(b.Excerpts, a.Excerpts), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	change.Moves = change.Moves[:min(len(change.Moves), feedback.MovesKept)]
}

// fateOrder is the order in which people want to know what becomes of clusters.
var fateOrder = []feedback.Fate{feedback.FateMerged, feedback.FateRetired, feedback.FateSplit, feedback.FateBorn, feedback.FateContinued}

func (d *describer) listClusters(change *feedback.RunChange) {
	for _, l := range d.run.Lineage {
		change.Fates[l.Fate]++
		from, to := d.stood[l.From], d.stands[l.To]
		var fromSize, toSize int
		if l.From != 0 {
			fromSize = d.before[l.From]
		}
		if l.To != 0 {
			toSize = d.after[l.To]
		}
		change.Clusters = append(change.Clusters, feedback.ClusterChange{Fate: l.Fate,
			From: feedback.ClusterRef(l.From), FromName: from.Name, FromSize: fromSize,
			To: feedback.ClusterRef(l.To), ToName: to.Name, ToSize: toSize, Shared: d.shared[way{l.From, l.To}], Overlap: l.Overlap})
	}
	size := func(c feedback.ClusterChange) int { return max(c.FromSize, c.ToSize) }
	slices.SortStableFunc(change.Clusters, func(a, b feedback.ClusterChange) int {
		return cmp.Or(cmp.Compare(slices.Index(fateOrder, a.Fate), slices.Index(fateOrder, b.Fate)), cmp.Compare(size(b), size(a)))
	})
	change.Clusters = change.Clusters[:min(len(change.Clusters), feedback.ClustersKept)]
}

// touched gives what people decided about clusters that the run ends, splits, or merges others into.
func (d *describer) touched() []feedback.Decided {
	changes := make(map[feedback.ClusterRef]bool)
	for _, l := range d.run.Lineage {
		switch l.Fate {
		case feedback.FateSplit, feedback.FateMerged:
			changes[feedback.ClusterRef(l.From)], changes[feedback.ClusterRef(l.To)] = true, true
		case feedback.FateRetired:
			changes[feedback.ClusterRef(l.From)] = true
		}
	}
	var touched []feedback.Decided
	for _, decided := range d.standing.Decided {
		if changes[decided.Cluster] {
			touched = append(touched, decided)
		}
	}
	return touched
}

// trendWeeks is how many weeks of a trend line are held against each other.
const trendWeeks = 13

// trends gives the weekly counts that change most. Items are counted, each once a cluster and week, and no copies.
func (d *describer) trends() []feedback.TrendChange {
	if len(d.standing.Clusters) == 0 {
		return nil
	}
	changed := make(map[feedback.ClusterID]bool)
	var newest time.Time
	for i, a := range d.run.Assignments {
		if d.points[i].Copy {
			continue
		}
		if from := d.at(i); from != a.Cluster {
			changed[from], changed[a.Cluster] = true, true
		}
		if at := d.points[i].OccurredAt; at.After(newest) {
			newest = at
		}
	}
	delete(changed, 0)
	first := monday(newest).AddDate(0, 0, -7*(trendWeeks-1))
	type said struct {
		cluster feedback.ClusterID
		item    feedback.ID
		after   bool
	}
	seen := make(map[said]bool)
	lines := make(map[feedback.ClusterID][]feedback.RunWeek)
	for i, a := range d.run.Assignments {
		if d.points[i].Copy {
			continue
		}
		week := int(d.points[i].OccurredAt.Sub(first).Hours() / (7 * 24))
		if d.points[i].OccurredAt.Before(first) || week >= trendWeeks {
			continue
		}
		for _, s := range []said{{d.at(i), d.points[i].Item, false}, {a.Cluster, d.points[i].Item, true}} {
			if !changed[s.cluster] || seen[s] {
				continue
			}
			seen[s] = true
			line := lines[s.cluster]
			if line == nil {
				line = make([]feedback.RunWeek, trendWeeks)
				for w := range line {
					line[w].Start = first.AddDate(0, 0, 7*w)
				}
				lines[s.cluster] = line
			}
			if s.after {
				line[week].After++
			} else {
				line[week].Before++
			}
		}
	}
	return d.largest(lines)
}

// largest gives the lines that change most.
func (d *describer) largest(lines map[feedback.ClusterID][]feedback.RunWeek) []feedback.TrendChange {
	by := func(weeks []feedback.RunWeek) (sum int) {
		for _, w := range weeks {
			sum += max(w.After-w.Before, w.Before-w.After)
		}
		return sum
	}
	var out []feedback.TrendChange
	for id, weeks := range lines {
		if by(weeks) > 0 {
			out = append(out, feedback.TrendChange{Cluster: feedback.ClusterRef(id), Name: cmp.Or(d.stands[id].Name, d.stood[id].Name), Weeks: weeks})
		}
	}
	slices.SortFunc(out, func(a, b feedback.TrendChange) int {
		return cmp.Or(cmp.Compare(by(b.Weeks), by(a.Weeks)), cmp.Compare(a.Cluster, b.Cluster))
	})
	return out[:min(len(out), feedback.TrendsKept)]
}

// monday is the start of the week of t, in UTC.
func monday(t time.Time) time.Time {
	t = t.UTC().Truncate(24 * time.Hour)
	return t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
}
