package graph

import (
	"context"
	"math"
	"slices"
	"sync"
)

// Partial is how far a partitioned search is.
type Partial struct {
	Rows, K, Probes int
	Cells           int       // whose rows were compared, those with the lowest numbers
	Near            []int32   // of each row its Probes nearest centres, the nearest first: Rows*Probes
	Index           []int32   // of each row the K best neighbours so far, as in [Neighbours]; MaxInt32 where there are fewer
	Cosine          []float32 // and theirs
}

// keeps is how often a search says how far it is, about: as often as a good part of its work is done.
const keeps = 8

// partitioned finds neighbours by cells.
func partitioned(ctx context.Context, m Matrix, k int, o NearestOptions) (Neighbours, error) {
	c, found, from, err := begin(ctx, m, k, o)
	if err != nil {
		return Neighbours{}, err
	}
	start, visitors := c.visitors()
	locks := make([]sync.Mutex, 1024)
	for from < c.count {
		to := min(c.count, from+(c.count+keeps-1)/keeps)
		err = inTurn(ctx, to-from, o.Workers, func(next func() (int, bool)) {
			for i, more := next(); more; i, more = next() {
				cell := from + i
				c.compare(m, cell, visitors[start[cell]:start[cell+1]], found, locks)
			}
		}, func(taken int) { o.Progress(m.Rows/3+int(int64(from+taken)*int64(m.Rows)*2/int64(3*c.count)), m.Rows) })
		if err != nil {
			return Neighbours{}, err
		}
		from = to
		if from < c.count {
			c.keep(found, from, o.Keep)
		}
	}
	n := Neighbours{Rows: m.Rows, K: k, Index: found.index, Cosine: found.cosine}
	n.fill()
	n.Recall, err = recall(ctx, m, n, o.Workers)
	return n, err
}

// begin gives the cells, what was found so far, and the first cell that is still to be compared.
func begin(ctx context.Context, m Matrix, k int, o NearestOptions) (*cells, *best, int, error) {
	if c := cellsOf(m); o.From != nil && o.From.fits(m, k, c) {
		c.near = o.From.Near
		c.settle()
		return c, resumed(o.From), o.From.Cells, nil
	}
	// Learning the cells is about a third of the work.
	c, err := newCells(ctx, m, o.Workers, func(done, total int) { o.Progress(int(int64(done)*int64(m.Rows)/int64(3*total)), m.Rows) })
	if err != nil {
		return nil, nil, 0, err
	}
	found := newBest(m.Rows, k)
	c.keep(found, 0, o.Keep)
	return c, found, 0, nil
}

func (c *cells) keep(found *best, done int, keep func(Partial)) {
	if keep != nil {
		keep(Partial{Rows: len(found.least), K: found.k, Probes: c.probes, Cells: done, Near: c.near, Index: found.index, Cosine: found.cosine})
	}
}

// fits tells whether the partial search can be one of these rows.
func (p *Partial) fits(m Matrix, k int, c *cells) bool {
	return p.Rows == m.Rows && p.K == k && p.Probes == c.probes && p.Cells >= 0 && p.Cells <= c.count &&
		len(p.Near) == p.Rows*p.Probes && len(p.Index) == p.Rows*k && len(p.Cosine) == p.Rows*k &&
		!slices.ContainsFunc(p.Near, func(i int32) bool { return i < 0 || int(i) >= c.count }) &&
		!slices.ContainsFunc(p.Index, func(i int32) bool { return i < 0 || int(i) >= p.Rows && i != math.MaxInt32 })
}

// resumed gives what the search had found.
func resumed(p *Partial) *best {
	b := &best{k: p.K, index: slices.Clone(p.Index), cosine: slices.Clone(p.Cosine), least: make([]float32, p.Rows)}
	for r := range b.least {
		b.least[r] = b.cosine[(r+1)*p.K-1]
	}
	return b
}
