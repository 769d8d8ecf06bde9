package graph

import (
	"context"
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
)

// screen holds the rows as whole numbers, a common multiple of their elements rounded, in panels of pairs of dimensions:
// their scalar products take half the time of the rows' own and say how large these can be, so that only what can be among the
// nearest is multiplied in full. Nothing is lost by it: slack is proven, not estimated.
type screen struct {
	m      Matrix
	k      int
	pairs  int     // of dimensions; the last may be half zero
	panels []int16 // rows/panelWidth times pairs times panelWidth times 2
	square float64 // what a cosine of 1 is as a product of whole numbers
	slack  float64 // how far a product of whole numbers and the rounded one of the rows, times square, are apart at most

	// Each row's candidates stand in the falling order of their products. What is at most floor cannot be among its nearest.
	// Floors only rise, and the kernels read them without the locks, under which all else of a row is: each is read whole, and
	// an old one lets more through.
	locks  [1024]sync.Mutex
	floor  []int32
	count  []int32
	found  []candidate // room for each row
	room   int
	nearer *best // what was multiplied in full because there was no more room; nil where nothing was

	once    sync.Once
	spent   atomic.Int64 // products for the want of room
	crowded atomic.Bool  // too many: comparing in full is faster
}

type candidate struct{ product, index int32 }

const (
	// wholeLength is what a row of the greatest length becomes, so that no sum of products passes 32 bits: by Cauchy and
	// Schwarz none is larger than its square, with the rounding, and that is less than 2^31 below 400,000 dimensions.
	wholeLength = 46_000
	// crowding is how many products for the want of room, as a multiple of the rows, are too many.
	crowding = 64
)

// newScreen rounds the rows; nil where they are all zero.
func newScreen(ctx context.Context, m Matrix, k, workers int) (*screen, error) {
	var longest, largest extreme
	err := inBlocks(ctx, m, workers, func(r int) {
		var sum, most float64
		for _, x := range m.Row(r) {
			sum += float64(float64(x) * float64(x))
			most = max(most, math.Abs(float64(x)))
		}
		longest.take(math.Sqrt(sum))
		largest.take(most)
	})
	if err != nil || longest.value() == 0 {
		return nil, err
	}
	scale := min(math.MaxInt16/largest.value(), wholeLength/longest.value())
	panels := (m.Rows + panelWidth - 1) / panelWidth
	s := &screen{m: m, k: k, pairs: (m.Dims + 1) / 2, square: scale * scale, room: 2*k + 8}
	s.panels = make([]int16, panels*panelWidth*2*s.pairs)
	s.floor = make([]int32, panels*panelWidth)
	for i := range s.floor {
		s.floor[i] = math.MinInt32
	}
	s.count, s.found = make([]int32, m.Rows), make([]candidate, m.Rows*s.room)
	var off extreme // the length of what rounding takes from a row
	err = inBlocks(ctx, m, workers, func(r int) {
		panel := s.panels[r/panelWidth*panelWidth*2*s.pairs+r%panelWidth*2:]
		var sum float64
		for d, x := range m.Row(r) {
			exact := float64(x) * scale
			whole := math.RoundToEven(exact)
			panel[d/2*2*panelWidth+d%2] = int16(whole)
			sum += float64((exact - whole) * (exact - whole))
		}
		off.take(math.Sqrt(sum))
	})
	if err != nil {
		return nil, err
	}
	// With rows a and b and their roundings p and q: a·b - p·q = (a-p)·b + p·(b-q). Adding up floats, each product rounded and
	// each sum, is off by at most dims/2^24 of the product of the lengths, and a little more (Higham 2002, chapter 3).
	length := longest.value() * scale
	adding := float64(m.Dims) / (1 << 24)
	s.slack = (off.value()*(2*length+off.value())+1.01*adding*length*length)*(1+1e-6) + 2
	return s, nil
}

// extreme is the largest of some numbers, none of them negative, that come from several goroutines.
type extreme struct{ bits atomic.Uint64 }

func (e *extreme) value() float64 { return math.Float64frombits(e.bits.Load()) }

func (e *extreme) take(x float64) {
	for next := math.Float64bits(x); ; {
		old := e.bits.Load()
		if next <= old || e.bits.CompareAndSwap(old, next) {
			return
		}
	}
}

// inBlocks does work on each row.
func inBlocks(ctx context.Context, m Matrix, workers int, work func(row int)) error {
	return inTurn(ctx, (m.Rows+blockRows-1)/blockRows, workers, func(next func() (int, bool)) {
		for block, more := next(); more; block, more = next() {
			for row := block * blockRows; row < min((block+1)*blockRows, m.Rows); row++ {
				work(row)
			}
		}
	}, func(int) {})
}

// screened is the exact search by whole numbers first. It reports false where that would take longer than without.
func screened(ctx context.Context, m Matrix, k int, o NearestOptions) (Neighbours, bool, error) {
	if !hasAVX2 {
		return Neighbours{}, false, nil
	}
	s, err := newScreen(ctx, m, k, o.Workers)
	if s == nil {
		return Neighbours{}, false, err
	}
	err = inTurn(ctx, (m.Rows+blockRows-1)/blockRows, o.Workers, func(next func() (int, bool)) {
		for block, more := next(); more && !s.crowded.Load(); block, more = next() {
			s.compare(block)
		}
	}, o.report(m.Rows))
	if err != nil || s.crowded.Load() {
		return Neighbours{}, false, err
	}
	found := s.nearer
	if found == nil {
		found = newBest(m.Rows, k)
	}
	err = inBlocks(ctx, m, o.Workers, func(row int) { s.multiply(row, found) })
	return Neighbours{Rows: m.Rows, K: k, Index: found.index, Cosine: found.cosine, Recall: 1}, err == nil, err
}

// compare compares the rows of one block with all rows from its first one on.
func (s *screen) compare(block int) {
	first := block * blockRows
	last := min(first+blockRows, s.m.Rows)
	size := 2 * panelWidth * s.pairs
	total := len(s.panels) / size
	var out [screenedRows * panelWidth]int32
	for chunk := first / panelWidth; chunk < total; chunk += chunkPanels {
		end := min(chunk+chunkPanels, total)
		for r := first; r < last; r += screenedRows {
			rows := s.panels[r/panelWidth*size+r%panelWidth*2 : (r/panelWidth+1)*size]
			for p := max(chunk, r/panelWidth); p < end; p++ {
				column := p * panelWidth
				low, high := screenRows(rows, s.pairs, s.panels[p*size:(p+1)*size],
					(*[screenedRows]int32)(s.floor[r:]), (*[panelWidth]int32)(s.floor[column:]), &out)
				s.take(r, column, low, out[:len(out)/2])
				s.take(r+screenedRows/2, column, high, out[len(out)/2:])
			}
		}
	}
}

// take offers the products whose bits are set to their rows and their columns, each pair once.
func (s *screen) take(row, column int, set uint64, products []int32) {
	for ; set != 0; set &= set - 1 {
		at := bits.TrailingZeros64(set)
		a, b := row+at/panelWidth, column+at%panelWidth
		if a < b && b < s.m.Rows {
			s.offer(a, b, products[at])
			s.offer(b, a, products[at])
		}
	}
}

// offer takes a candidate of a row.
func (s *screen) offer(row, other int, product int32) {
	lock := &s.locks[row%len(s.locks)]
	lock.Lock()
	defer lock.Unlock()
	if product <= s.floor[row] {
		return
	}
	n := int(s.count[row])
	list := s.found[row*s.room : (row+1)*s.room]
	at := n
	for ; at > 0 && list[at-1].product < product; at-- {
		list[at] = list[at-1]
	}
	list[at] = candidate{product, int32(other)}
	n++
	if n >= s.k {
		s.raise(row, float64(list[s.k-1].product)-2*s.slack)
		for list[n-1].product <= s.floor[row] {
			n--
		}
	}
	s.count[row] = int32(n)
	if n == s.room {
		s.makeRoom(row)
	}
}

// raise sets the floor of a row so that products of less than least are at most the floor.
func (s *screen) raise(row int, least float64) {
	if floor := math.Floor(least) - 1; floor > float64(s.floor[row]) {
		s.floor[row] = int32(floor)
	}
}

// makeRoom multiplies a row's candidates in full.
func (s *screen) makeRoom(row int) {
	s.once.Do(func() { s.nearer = newBest(s.m.Rows, s.k) })
	if s.spent.Add(int64(s.room)) > crowding*int64(s.m.Rows) {
		s.crowded.Store(true)
	}
	s.multiply(row, s.nearer)
	s.count[row] = 0
	if least := float64(s.nearer.least[row]); !math.IsInf(least, -1) {
		s.raise(row, least*s.square-s.slack)
	}
}

// multiply offers the candidates of a row to found with their products in full.
func (s *screen) multiply(row int, found *best) {
	list := s.found[row*s.room : row*s.room+int(s.count[row])]
	var products [atOnce]float32
	for len(list) > 0 {
		some := list[:min(atOnce, len(list))]
		dotsWith(s.m, row, some, &products)
		for i, c := range some {
			if products[i] >= found.least[row] {
				found.insert(row, c.index, products[i])
			}
		}
		list = list[len(some):]
	}
}

// atOnce is how many products are added up side by side, for none waits for the sums of the others.
const atOnce = 6

// dotsWith multiplies a row with atOnce others at most, dimension after dimension as the kernels do.
func dotsWith(m Matrix, row int, others []candidate, out *[atOnce]float32) {
	a := m.Row(row)
	var rows [atOnce][]float32
	for i := range rows {
		rows[i] = m.Row(int(others[min(i, len(others)-1)].index))
	}
	b0, b1, b2, b3, b4, b5 := rows[0][:len(a)], rows[1][:len(a)], rows[2][:len(a)], rows[3][:len(a)], rows[4][:len(a)], rows[5][:len(a)]
	var c0, c1, c2, c3, c4, c5 float32
	for d, x := range a {
		c0 += float32(x * b0[d])
		c1 += float32(x * b1[d])
		c2 += float32(x * b2[d])
		c3 += float32(x * b3[d])
		c4 += float32(x * b4[d])
		c5 += float32(x * b5[d])
	}
	*out = [atOnce]float32{c0, c1, c2, c3, c4, c5}
}
