package graph

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// cells are the parts into which a large matrix falls for a search: each row is at home in the nearest of some centres,
// and is compared with the rows at home in its probes nearest ones.
type cells struct {
	count  int
	probes int
	near   []int32 // of each row its probes nearest centres, the nearest first
	start  []int32 // members of cell c are member[start[c]:start[c+1]], rising
	member []int32
}

const (
	cellRows   = 400 // rows of a cell, about
	trainRows  = 24  // rows a cell from which the centres are learnt
	trainings  = 3   // passes of k-means over them
	cellProbes = 6
)

// cellsOf gives the cells of a matrix, with nothing in them yet.
func cellsOf(m Matrix) *cells {
	count := (m.Rows + cellRows - 1) / cellRows
	return &cells{count: count, probes: min(cellProbes, count)}
}

// newCells learns centres by a few passes of k-means on the sphere (Dhillon and Modha 2001), over rows that are spread
// evenly, and finds the nearest ones of every row.
func newCells(ctx context.Context, m Matrix, workers int, progress func(done, total int)) (*cells, error) {
	c := cellsOf(m)
	count := c.count
	sample := min(m.Rows, count*trainRows)
	train := Matrix{Rows: sample, Dims: m.Dims, Data: make([]float32, sample*m.Dims)}
	for i := range sample {
		copy(train.Row(i), m.Row(spread(i, sample, m.Rows)))
	}
	centres := Matrix{Rows: count, Dims: m.Dims, Data: make([]float32, count*m.Dims)}
	for i := range count {
		copy(centres.Row(i), train.Row(spread(i, count, sample)))
	}
	work := trainings*sample + m.Rows
	done := 0
	step := func(n int) { done += n; progress(done, work) }
	for range trainings {
		home, err := nearestCentres(ctx, train, centres, 1, workers, step)
		if err != nil {
			return nil, err
		}
		means, sizes := Means(train, home, count)
		for i := range count {
			if sizes[i] > 0 && unit(means.Row(i)) {
				copy(centres.Row(i), means.Row(i))
			}
		}
	}
	var err error
	if c.near, err = nearestCentres(ctx, m, centres, c.probes, workers, step); err != nil {
		return nil, err
	}
	c.settle()
	return c, nil
}

// settle puts every row into the cell of its nearest centre.
func (c *cells) settle() {
	rows := len(c.near) / c.probes
	c.start = make([]int32, c.count+1)
	for r := range rows {
		c.start[c.near[r*c.probes]+1]++
	}
	for i := range c.count {
		c.start[i+1] += c.start[i]
	}
	at := slices.Clone(c.start)
	c.member = make([]int32, rows)
	for r := range rows {
		home := c.near[r*c.probes]
		c.member[at[home]] = int32(r)
		at[home]++
	}
}

// spread is the ith of so many numbers that lie evenly below n.
func spread(i, of, n int) int { return int(int64(i) * int64(n) / int64(of)) }

// unit makes a vector of unit length; it reports false for one of none.
func unit(v []float32) bool {
	var sum float64
	for _, x := range v {
		sum += float64(float64(x) * float64(x))
	}
	if sum == 0 {
		return false
	}
	scale := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= scale
	}
	return true
}

// nearestCentres gives of each row the k nearest centres, the nearest first. It calls step with the rows done, never
// twice at once.
func nearestCentres(ctx context.Context, m, centres Matrix, k, workers int, step func(rows int)) ([]int32, error) {
	panels := pack(centres)
	blocks := (m.Rows + blockRows - 1) / blockRows
	found := &best{k: k, index: make([]int32, m.Rows*k), cosine: make([]float32, m.Rows*k), least: make([]float32, m.Rows)}
	found.clear()
	err := inTurn(ctx, blocks, workers, func(next func() (int, bool)) {
		scratch := make([]float32, blockRows*m.Dims)
		for block, more := next(); more; block, more = next() {
			first := block * blockRows
			rows := min(blockRows, m.Rows-first)
			copy(scratch, m.Data[first*m.Dims:(first+rows)*m.Dims])
			clear(scratch[rows*m.Dims:])
			eachProduct(scratch, rows, m.Dims, panels, func(row, panel int, cosines *[panelWidth]float32) {
				for j := range min(panelWidth, centres.Rows-panel*panelWidth) {
					if cosines[j] >= found.least[first+row] {
						found.insert(first+row, int32(panel*panelWidth+j), cosines[j])
					}
				}
			})
		}
	}, func(int) { step(blockRows) })
	return found.index, err
}

// eachProduct multiplies rows, blockRows long and zero behind the first count, with all panels.
func eachProduct(rows []float32, count, dims int, panels []float32, use func(row, panel int, cosines *[panelWidth]float32)) {
	size := panelWidth * dims
	total := len(panels) / size
	var out [kernelRows * panelWidth]float32
	for chunk := 0; chunk < total; chunk += chunkPanels {
		for r := 0; r < count; r += kernelRows {
			for p := chunk; p < min(chunk+chunkPanels, total); p++ {
				dots(rows[r*dims:(r+kernelRows)*dims], dims, panels[p*size:(p+1)*size], &out)
				for i := range min(kernelRows, count-r) {
					use(r+i, p, (*[panelWidth]float32)(out[i*panelWidth:]))
				}
			}
		}
	}
}

// inTurn lets workers take numbers below n, each once, until there are no more or the context ends. report is called
// with how many were taken, never twice at once.
func inTurn(ctx context.Context, n, workers int, work func(next func() (int, bool)), report func(taken int)) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var turn atomic.Int64
	var mutex sync.Mutex
	var group sync.WaitGroup
	for range min(workers, n) {
		group.Go(func() {
			work(func() (int, bool) {
				i := int(turn.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return 0, false
				}
				mutex.Lock()
				defer mutex.Unlock()
				report(i + 1)
				return i, true
			})
		})
	}
	group.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// compare compares the rows of one cell with all rows that probe it, and offers each pair to both.
func (c *cells) compare(m Matrix, cell int, visitors []int32, found *best, locks []sync.Mutex) {
	members := c.member[c.start[cell]:c.start[cell+1]]
	if len(members) == 0 {
		return
	}
	inside := Matrix{Rows: len(members), Dims: m.Dims, Data: make([]float32, 0, len(members)*m.Dims)}
	for _, r := range members {
		inside.Data = append(inside.Data, m.Row(int(r))...)
	}
	panels := pack(inside)
	// What the members are offered is gathered here, and handed over at the end: they are many visitors' neighbours.
	own := newBest(len(members), found.k)
	scratch := make([]float32, blockRows*m.Dims)
	all := make([]float32, blockRows*len(members))
	for block := range slices.Chunk(visitors, blockRows) {
		for i, r := range block {
			copy(scratch[i*m.Dims:], m.Row(int(r)))
		}
		clear(scratch[len(block)*m.Dims:])
		eachProduct(scratch, len(block), m.Dims, panels, func(row, panel int, cosines *[panelWidth]float32) {
			copy(all[row*len(members)+panel*panelWidth:(row+1)*len(members)], cosines[:])
		})
		for i, r := range block {
			lock := &locks[int(r)%len(locks)]
			lock.Lock()
			for j, cosine := range all[i*len(members) : (i+1)*len(members)] {
				if cosine >= found.least[r] && members[j] != r {
					found.insert(int(r), members[j], cosine)
				}
				if cosine >= own.least[j] && members[j] != r {
					own.insert(j, r, cosine)
				}
			}
			lock.Unlock()
		}
	}
	for j, r := range members {
		lock := &locks[int(r)%len(locks)]
		lock.Lock()
		for x := j * own.k; x < (j+1)*own.k && own.index[x] != math.MaxInt32; x++ {
			found.insert(int(r), own.index[x], own.cosine[x])
		}
		lock.Unlock()
	}
}

// visitors gives the rows that probe each cell, in one list with the place where each cell's begin.
func (c *cells) visitors() (start, row []int32) {
	start = make([]int32, len(c.start))
	for _, cell := range c.near {
		start[cell+1]++
	}
	for i := 1; i < len(start); i++ {
		start[i] += start[i-1]
	}
	at := slices.Clone(start)
	row = make([]int32, len(c.near))
	for i, cell := range c.near {
		row[at[cell]] = int32(i / c.probes)
		at[cell]++
	}
	return start, row
}

// fill gives rows that found fewer than K others the first rows that they lack, as far away as can be.
func (n Neighbours) fill() {
	for r := range n.Rows {
		index, cosine := n.Of(r)
		other := int32(0)
		for x := range index {
			for ; index[x] == math.MaxInt32; other++ {
				if int(other) != r && !slices.Contains(index[:x], other) {
					index[x], cosine[x] = other, -1
				}
			}
		}
	}
}

// checkedRows are searched exactly to say what part of the neighbours a partitioned search finds.
const checkedRows = 2 * blockRows

// recall is the part of the neighbours of some rows, spread evenly, that were found, 0 to 1.
func recall(ctx context.Context, m Matrix, n Neighbours, workers int) (float64, error) {
	rows := min(checkedRows, m.Rows)
	which := Matrix{Rows: rows, Dims: m.Dims, Data: make([]float32, rows*m.Dims)}
	for i := range rows {
		copy(which.Row(i), m.Row(spread(i, rows, m.Rows)))
	}
	// The rows that are checked take the part of the centres, so that their panels are few and packed once.
	panels := pack(which)
	found := newBest(rows, n.K)
	blocks := (m.Rows + blockRows - 1) / blockRows
	var mutex sync.Mutex
	err := inTurn(ctx, blocks, workers, func(next func() (int, bool)) {
		own := newBest(rows, n.K)
		scratch := make([]float32, blockRows*m.Dims)
		for block, more := next(); more; block, more = next() {
			first := block * blockRows
			count := min(blockRows, m.Rows-first)
			copy(scratch, m.Data[first*m.Dims:(first+count)*m.Dims])
			clear(scratch[count*m.Dims:])
			eachProduct(scratch, count, m.Dims, panels, func(row, panel int, cosines *[panelWidth]float32) {
				for j := range min(panelWidth, rows-panel*panelWidth) {
					at := panel*panelWidth + j
					if cosines[j] >= own.least[at] && first+row != spread(at, rows, m.Rows) {
						own.insert(at, int32(first+row), cosines[j])
					}
				}
			})
		}
		mutex.Lock()
		defer mutex.Unlock()
		found.merge(own)
	}, func(int) {})
	if err != nil {
		return 0, err
	}
	hits := 0
	for i := range rows {
		index, _ := n.Of(spread(i, rows, m.Rows))
		for _, j := range found.index[i*n.K : (i+1)*n.K] {
			if slices.Contains(index, j) {
				hits++
			}
		}
	}
	return float64(hits) / float64(rows*n.K), nil
}
