package graph

import (
	"encoding/binary"
	"errors"
	"math"
)

// The encodings of Neighbours and Partial: a mark, the sizes, then the elements, all of four bytes. They hold no checksum.
const (
	neighboursMark = "earshot neighbours 2\n"
	partialMark    = "earshot partial 1\n"
)

var (
	errNotNeighbours = errors.New("these are no neighbours, or not all of them")
	errNotPartial    = errors.New("this is no partial search, or not all of it")
)

// AppendBinary adds the encoding of the neighbours to out: 8 bytes each and some more. It never fails.
func (n Neighbours) AppendBinary(out []byte) ([]byte, error) {
	out = append(out, neighboursMark...)
	out = binary.LittleEndian.AppendUint64(out, uint64(n.Rows))
	out = binary.LittleEndian.AppendUint64(out, uint64(n.K))
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(n.Recall))
	return appendFloats(appendInts(out, n.Index), n.Cosine), nil
}

// UnmarshalBinary decodes what AppendBinary made. It fails on anything of another size or kind and on a neighbour that is
// no row, and leaves the neighbours as they were.
func (n *Neighbours) UnmarshalBinary(data []byte) error {
	head, rest, ok := opened(data, neighboursMark, 3)
	if !ok || head[0] > math.MaxInt32 || head[1] > math.MaxInt32 || uint64(len(rest)) != 8*head[0]*head[1] {
		return errNotNeighbours
	}
	rows, k := int(head[0]), int(head[1])
	out := Neighbours{Rows: rows, K: k, Recall: math.Float64frombits(head[2])}
	out.Index, rest = ints(rest, rows*k)
	out.Cosine = floats(rest)
	for _, i := range out.Index {
		if i < 0 || int(i) >= rows {
			return errNotNeighbours
		}
	}
	*n = out
	return nil
}

// AppendBinary adds the encoding of the partial search to out: 8 bytes a neighbour, 4 a centre, and some more. It never fails.
func (p Partial) AppendBinary(out []byte) ([]byte, error) {
	out = append(out, partialMark...)
	for _, x := range []int{p.Rows, p.K, p.Probes, p.Cells} {
		out = binary.LittleEndian.AppendUint64(out, uint64(x))
	}
	return appendFloats(appendInts(appendInts(out, p.Near), p.Index), p.Cosine), nil
}

// UnmarshalBinary decodes what AppendBinary made. It fails on anything of another size or kind, and leaves the search as
// it was. Whether it is one of some rows is for [Nearest] to see.
func (p *Partial) UnmarshalBinary(data []byte) error {
	head, rest, ok := opened(data, partialMark, 4)
	if !ok || max(head[0], head[1], head[2], head[3]) > math.MaxInt32 || head[1]+head[2] > math.MaxInt16 ||
		uint64(len(rest)) != head[0]*(4*head[2]+8*head[1]) {
		return errNotPartial
	}
	out := Partial{Rows: int(head[0]), K: int(head[1]), Probes: int(head[2]), Cells: int(head[3])}
	out.Near, rest = ints(rest, out.Rows*out.Probes)
	out.Index, rest = ints(rest, out.Rows*out.K)
	out.Cosine = floats(rest)
	*p = out
	return nil
}

// opened takes off the mark and the sizes behind it.
func opened(data []byte, mark string, sizes int) (head []uint64, rest []byte, ok bool) {
	if len(data) < len(mark)+8*sizes || string(data[:len(mark)]) != mark {
		return nil, nil, false
	}
	rest = data[len(mark):]
	for range sizes {
		head = append(head, binary.LittleEndian.Uint64(rest))
		rest = rest[8:]
	}
	return head, rest, true
}

func appendInts(out []byte, x []int32) []byte {
	for _, i := range x {
		out = binary.LittleEndian.AppendUint32(out, uint32(i))
	}
	return out
}

func appendFloats(out []byte, x []float32) []byte {
	for _, f := range x {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(f))
	}
	return out
}

func ints(data []byte, count int) ([]int32, []byte) {
	out := make([]int32, count)
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return out, data[4*count:]
}

func floats(data []byte) []float32 {
	out := make([]float32, len(data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return out
}
