package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"sync/atomic"

	"earshot/cluster/graph"
	"earshot/feedback"
)

// space holds the excerpts as rows of unit length that are compared with each other. Excerpts of one vector share a row:
// a thousand copies of one text would otherwise be each other's only neighbours. A row is the excerpt's vector less the
// workspace's mean, which all excerpts share and which therefore tells nothing, beside the words that it uses, weighed
// by how rare they are in this workspace, which no embedder can know.
type space struct {
	matrix   graph.Matrix
	rowOf    []int32         // of each point; -1 for a zero vector, which belongs nowhere
	points   [][]int32       // of each row
	gathered map[uint64]bool // by their keys, the rows that took near copies
	keys     []uint64        // of each row, made of its first excerpt's id: what is drawn by them doesn't depend on other rows
}

const (
	wordDims   = 256     // of the random projection of the words
	manyRows   = 200_000 // with more rows, the words have half as many dimensions, for the sake of memory
	wordWeight = 0.3     // of their part in a row, from 0 to 1
	commonest  = 0.2     // a word in more than this part of the rows tells nothing
	fewCentred = 30.0    // with about so many rows half of the mean is taken away, for of a few it is mostly their own topic
)

func newSpace(points []feedback.Point, vectors *vectors) *space {
	s := &space{rowOf: make([]int32, len(points))}
	seen := make(map[[32]byte]int32)
	vector, buffer := make(feedback.Vector, vectors.dims), make([]byte, 4*vectors.dims)
	for i, p := range points {
		if vectors.zero(i) {
			s.rowOf[i] = -1
			continue
		}
		for d, x := range vectors.read(i, vector) {
			binary.LittleEndian.PutUint32(buffer[4*d:], math.Float32bits(x))
		}
		key := sha256.Sum256(buffer)
		row, ok := seen[key]
		if !ok {
			row = int32(len(s.points))
			seen[key] = row
			s.points = append(s.points, nil)
			s.keys = append(s.keys, keyOf(p.Excerpt))
		}
		s.rowOf[i] = row
		s.points[row] = append(s.points[row], int32(i))
	}
	s.fill(points, vectors)
	return s
}

// fill writes the matrix.
func (s *space) fill(points []feedback.Point, vectors *vectors) {
	n, dims := len(s.points), vectors.dims
	width := dims + wordDims
	if n > manyRows {
		width -= wordDims / 2
	}
	s.matrix = graph.Matrix{Rows: n, Dims: width, Data: make([]float32, n*width)}
	mean := make([]float64, dims)
	vector := make(feedback.Vector, dims)
	for _, members := range s.points {
		for d, x := range vectors.read(int(members[0]), vector) {
			mean[d] += float64(x)
		}
	}
	for d := range mean {
		mean[d] /= float64(n) + fewCentred
	}
	text := func(r int) string { return points[s.points[r][0]].Text }
	words := newWordProjection(n, text)
	vectorScale, wordScale := float32(math.Sqrt(1-wordWeight)), float32(math.Sqrt(wordWeight))
	inChunks(n, func(from, to int) {
		var features []uint64
		for r := from; r < to; r++ {
			row := feedback.Vector(s.matrix.Row(r))
			vector := row[:dims]
			for d, x := range vectors.read(int(s.points[r][0]), vector) {
				vector[d] = float32(float64(x) - mean[d])
			}
			feedback.Normalize(vector)
			features = featuresOf(text(r), features[:0])
			words.project(row[dims:], features)
			for d := range row {
				if d < dims {
					row[d] *= vectorScale
				} else {
					row[d] *= wordScale
				}
			}
			feedback.Normalize(row)
		}
	})
}

// inChunks does work on the numbers below n, in as many parts at once as there are processors.
func inChunks(n int, work func(from, to int)) {
	const chunk = 2000
	parallel(context.Background(), (n+chunk-1)/chunk, func(i int) { work(i*chunk, min(n, (i+1)*chunk)) })
}

// wordProjection turns texts into vectors of their words and pairs of words, weighed by inverse document frequency, by a
// sparse random projection (Achlioptas 2003) whose signs are hashes. In how many texts a feature occurs is counted under
// a part of its hash: where two share one, both count a little less, and the memory stays bounded however many there are.
type wordProjection struct {
	texts     int
	frequency []uint32
}

const (
	leastCounts = 1 << 16
	mostCounts  = 1 << 23 // 32 MB
)

func newWordProjection(n int, text func(int) string) *wordProjection {
	size := leastCounts
	for size < mostCounts && size < 256*n {
		size *= 2
	}
	w := &wordProjection{texts: n, frequency: make([]uint32, size)}
	inChunks(n, func(from, to int) {
		var features []uint64
		for i := from; i < to; i++ {
			features = featuresOf(text(i), features[:0])
			for _, f := range features {
				atomic.AddUint32(w.count(f), 1)
			}
		}
	})
	return w
}

func (w *wordProjection) count(feature uint64) *uint32 {
	return &w.frequency[mix(feature)&uint64(len(w.frequency)-1)]
}

// featuresOf adds the hashes of the words and pairs of words of a text, each once, in rising order.
func featuresOf(text string, out []uint64) []uint64 {
	var previous uint64
	for _, word := range split(text) {
		h := hash(stem(word.key))
		out = append(out, h)
		if previous != 0 {
			out = append(out, previous^h*0x9e3779b97f4a7c15)
		}
		previous = h
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// project writes the unit vector of a text with these features to row, which is zero; it stays so for a text of which no
// word tells anything.
func (w *wordProjection) project(row feedback.Vector, features []uint64) {
	const spread = 8
	n := float64(w.texts)
	for _, f := range features {
		df := float64(*w.count(f))
		if df < 2 || df > commonest*n {
			continue
		}
		weight := float32(math.Log(n / df))
		h := f
		for range spread {
			h = mix(h)
			if h&1 == 0 {
				row[(h>>8)%uint64(len(row))] += weight
			} else {
				row[(h>>8)%uint64(len(row))] -= weight
			}
		}
	}
	feedback.Normalize(row)
}

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix is the finaliser of splitmix64.
func mix(h uint64) uint64 {
	h += 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
