package cluster

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"earshot/cluster/graph"
)

// climber groups at one resolution of the scale after the other.
type climber struct {
	stage *Stage
	g     *groups
	near  *graph.Graph // what is grouped: the rows, or with many of them nodes that stand for several
	of    []int32      // the node of each row; nil where the rows are the nodes
	found map[int]step
	made  map[int]step // and what was not asked for yet

	asStands bool // what is found now is
}

// steps gives what was found, in rising order of the resolutions.
func (c *climber) steps() []step {
	return slices.SortedFunc(maps.Values(c.found), func(a, b step) int { return cmp.Compare(a.resolution, b.resolution) })
}

// group finds the groupings at those resolutions.
func (c *climber) group(ctx context.Context, at ...int) error {
	if err := c.make(ctx, at...); err != nil {
		return err
	}
	for _, i := range at {
		x, made := c.made[i]
		if _, found := c.found[i]; made && !found {
			x.asStands = c.asStands
			c.found[i] = x
		}
	}
	c.stage.c.Progress("group", len(c.found), max(10, len(c.found)))
	return nil
}

// make groups at those resolutions at which it has not yet.
func (c *climber) make(ctx context.Context, at ...int) error {
	at = slices.DeleteFunc(slices.Clone(at), func(i int) bool { _, done := c.made[i]; return done || i < 0 || i >= scaleSteps })
	steps := make([]step, len(at))
	err := parallel(ctx, len(at), func(i int) {
		r := scale[at[i]]
		rows := graph.Leiden(c.near, graph.LeidenOptions{Resolution: r, Seed: c.stage.c.Seed, Stop: c.g.stop})
		if c.of != nil {
			nodes := rows
			rows = make([]int32, len(c.of))
			for row, node := range c.of {
				rows[row] = nodes[node]
			}
		}
		steps[i] = step{resolution: r, rows: rows, clusters: c.g.clusters(rows)}
	})
	if err != nil {
		return err
	}
	for i, x := range steps {
		c.made[at[i]] = x
	}
	return nil
}

// pair finds the groupings at a resolution and the next. Where one of them is known, the one behind the other is made at
// the same time: it will most likely be asked for, and a processor would be idle.
func (c *climber) pair(ctx context.Context, at int) error {
	with := []int{at, at + 1}
	_, low := c.made[at]
	_, high := c.made[at+1]
	switch {
	case low && !high:
		with = append(with, at+2)
	case high && !low:
		with = append(with, at-1)
	}
	if err := c.make(ctx, with...); err != nil {
		return err
	}
	return c.group(ctx, at, at+1)
}

// reach finds the resolution that gives about target clusters, from the two known ones between which it must lie, and
// groups at its neighbours, too.
func (c *climber) reach(ctx context.Context, target float64) error {
	low, high := 0, scaleSteps-1 // below the first and above the last as many as it takes
	guess := scaleStart
	for low < high {
		guess = max(low, min(high-1, guess))
		if err := c.pair(ctx, guess); err != nil {
			return err
		}
		below, above := float64(c.found[guess].clusters), float64(c.found[guess+1].clusters)
		switch {
		case below > target:
			high = guess
		case above < target:
			low = guess + 1
		default:
			low, high = guess, guess
		}
		off := math.Log(target/max(1, (below+above)/2)) / growth / math.Log(1.1)
		guess += int(math.Round(off))
		if below > target {
			guess = min(guess, high-1)
		}
	}
	return c.group(ctx, low-1, low, low+1, low+2)
}
