package graph

import (
	"context"
	"math"
	"sync"
)

// Matrix holds Rows vectors of Dims elements each, at least one, one after the other. No element is NaN or infinite.
type Matrix struct {
	Data       []float32
	Rows, Dims int
}

// Row is the ith vector; it shares the matrix's memory.
func (m Matrix) Row(i int) []float32 { return m.Data[i*m.Dims : (i+1)*m.Dims : (i+1)*m.Dims] }

// NearestOptions say how [Nearest] searches.
type NearestOptions struct {
	K        int                   // neighbours of each row; default 15
	Exact    int                   // with more rows than this the search is partitioned; default 20,000
	Workers  int                   // goroutines; default one a processor
	Progress func(done, total int) // called with the rows that are done; may be nil, and is never called by two at once

	// Keep is called some times in a partitioned search with how far it is, and From is where one goes on that was stopped:
	// it finds what it would have found. What Keep is given holds until it returns. A From of other rows is left aside. Both
	// may be nil.
	Keep func(Partial)
	From *Partial
}

// Neighbours are the K nearest others of each row, the nearest first, the lower index first among equals. With fewer
// than K others, K is their number.
type Neighbours struct {
	Rows, K int
	Index   []int32   // Rows*K
	Cosine  []float32 // Rows*K
	Recall  float64   // the part of them that are what an exact search finds, 0 to 1, by an exact search for some rows
}

// Of gives the neighbours of row i and their cosines.
func (n Neighbours) Of(i int) ([]int32, []float32) {
	return n.Index[i*n.K : (i+1)*n.K], n.Cosine[i*n.K : (i+1)*n.K]
}

// First gives the k nearest of each row alone, all of them where there are no more. It may share memory with n.
func (n Neighbours) First(k int) Neighbours {
	if k >= n.K {
		return n
	}
	out := Neighbours{Rows: n.Rows, K: k, Index: make([]int32, 0, n.Rows*k), Cosine: make([]float32, 0, n.Rows*k), Recall: n.Recall}
	for i := range n.Rows {
		index, cosine := n.Of(i)
		out.Index, out.Cosine = append(out.Index, index[:k]...), append(out.Cosine, cosine[:k]...)
	}
	return out
}

// blockRows rows are compared with chunkPanels panels at a time, so that both stay in a core's cache.
const (
	exactRows   = 20_000
	blockRows   = 6 * panelWidth
	chunkPanels = 8
)

// Nearest finds the nearest neighbours of every row. The rows are of unit length, so the scalar product is their cosine.
//
// Up to Exact rows the search is exact: each pair is compared once, in blocks. It takes Rows²·Dims/2 multiplications: with
// AVX2 of whole numbers of 16 bits, which show what can be among the nearest, and beside the matrix half as much again and
// Rows·(K·24+80) bytes; elsewhere, and where rows crowd so closely that this shows little, of floats, and a copy of the matrix
// and Rows·K·8 bytes for each worker. With more rows it is partitioned: cells of about
// 400 rows are made by k-means, and each row is compared with the rows at home in its six nearest cells, as they are with it (an
// inverted file, Jégou, Douze and Schmid 2011). That takes about Rows·Dims·(Rows/400 + 4,000) multiplications, and beside
// the matrix Rows·(K·8+80) bytes. Either way the result depends on the matrix alone. Only a cancelled context makes it fail.
func Nearest(ctx context.Context, m Matrix, o NearestOptions) (Neighbours, error) {
	k := o.K
	if k <= 0 {
		k = 15
	}
	k = min(k, max(m.Rows-1, 0))
	if k == 0 {
		return Neighbours{Rows: m.Rows, Recall: 1}, ctx.Err()
	}
	if o.Exact <= 0 {
		o.Exact = exactRows
	}
	if m.Rows > o.Exact {
		if o.Progress == nil {
			o.Progress = func(int, int) {}
		}
		return partitioned(ctx, m, k, o)
	}
	if n, ok, err := screened(ctx, m, k, o); ok || err != nil {
		return n, err
	}
	return compared(ctx, m, k, o)
}

// report gives what tells of the blocks of an exact search that are taken.
func (o NearestOptions) report(rows int) func(taken int) {
	if o.Progress == nil {
		return func(int) {}
	}
	return func(taken int) { o.Progress(min(taken*blockRows, rows), rows) }
}

// compared is the exact search that multiplies all pairs in full.
func compared(ctx context.Context, m Matrix, k int, o NearestOptions) (Neighbours, error) {
	panels := pack(m)
	var found *best
	var merging sync.Mutex
	err := inTurn(ctx, (m.Rows+blockRows-1)/blockRows, o.Workers, func(next func() (int, bool)) {
		scratch := make([]float32, blockRows*m.Dims)
		own := newBest(m.Rows, k)
		for block, more := next(); more; block, more = next() {
			compareBlock(m, panels, block, scratch, own)
		}
		merging.Lock()
		defer merging.Unlock()
		if found == nil {
			found = own
		} else {
			found.merge(own)
		}
	}, o.report(m.Rows))
	if err != nil {
		return Neighbours{}, err
	}
	return Neighbours{Rows: m.Rows, K: k, Index: found.index, Cosine: found.cosine, Recall: 1}, nil
}

// compareBlock compares the rows of one block with all rows from its first one on.
func compareBlock(m Matrix, panels []float32, block int, scratch []float32, found *best) {
	first := block * blockRows
	rows := m.Data[first*m.Dims : min(first+blockRows, m.Rows)*m.Dims]
	count := len(rows) / m.Dims
	if count < blockRows {
		clear(scratch)
		copy(scratch, rows)
		rows = scratch
	}
	panelSize := panelWidth * m.Dims
	total := len(panels) / panelSize
	var out [kernelRows * panelWidth]float32
	for chunk := first / panelWidth; chunk < total; chunk += chunkPanels {
		end := min(chunk+chunkPanels, total)
		for r := 0; r < count; r += kernelRows {
			for p := max(chunk, (first+r)/panelWidth); p < end; p++ {
				dots(rows[r*m.Dims:(r+kernelRows)*m.Dims], m.Dims, panels[p*panelSize:(p+1)*panelSize], &out)
				for i := range min(kernelRows, count-r) {
					row := first + r + i
					found.offer(row, p*panelWidth, m.Rows, (*[panelWidth]float32)(out[i*panelWidth:]))
				}
			}
		}
	}
}

// best holds the nearest neighbours found so far. Candidates are in a strict order, by cosine and then by index, so the
// k best of them do not depend on the order in which they come.
type best struct {
	k      int
	index  []int32
	cosine []float32
	least  []float32 // the cosine of the last in each row's list
}

func newBest(rows, k int) *best {
	b := &best{k: k, index: make([]int32, rows*k), cosine: make([]float32, rows*k), least: make([]float32, rows)}
	b.clear()
	return b
}

func (b *best) clear() {
	lowest := float32(math.Inf(-1))
	for i := range b.index {
		b.index[i], b.cosine[i] = math.MaxInt32, lowest
	}
	for i := range b.least {
		b.least[i] = lowest
	}
}

// offer takes the cosines of a row with panelWidth columns from the first on, and counts those behind the row, for both.
func (b *best) offer(row, first, rows int, cosines *[panelWidth]float32) {
	limit := min(panelWidth, rows-first)
	for j := max(0, row+1-first); j < limit; j++ {
		c := cosines[j]
		if c >= b.least[row] {
			b.insert(row, int32(first+j), c)
		}
		if c >= b.least[first+j] {
			b.insert(first+j, int32(row), c)
		}
	}
}

// insert takes a candidate; one that is there already changes nothing.
func (b *best) insert(row int, index int32, cosine float32) {
	idx, cos := b.index[row*b.k:(row+1)*b.k], b.cosine[row*b.k:(row+1)*b.k]
	at := b.k
	for at > 0 && (cos[at-1] < cosine || cos[at-1] == cosine && idx[at-1] > index) {
		at--
	}
	if at == b.k || at > 0 && idx[at-1] == index {
		return
	}
	copy(idx[at+1:], idx[at:])
	copy(cos[at+1:], cos[at:])
	idx[at], cos[at] = index, cosine
	b.least[row] = cos[b.k-1]
}

func (b *best) merge(other *best) {
	for row := range b.least {
		for j := row * b.k; j < (row+1)*b.k; j++ {
			if other.index[j] == math.MaxInt32 {
				break
			}
			b.insert(row, other.index[j], other.cosine[j])
		}
	}
}
