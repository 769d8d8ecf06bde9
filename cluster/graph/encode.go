package graph

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
)

// The encoding of Neighbours: a mark, the rows and K, the recall, the indices, the cosines, and the hash of it all.
const (
	neighboursMark   = "earshot neighbours 1\n"
	neighboursHeader = len(neighboursMark) + 8 + 8 + 8
)

// MarshalBinary encodes the neighbours: 8 bytes each and 77 more. It never fails.
func (n Neighbours) MarshalBinary() ([]byte, error) {
	out := make([]byte, 0, neighboursHeader+8*len(n.Index)+sha256.Size)
	out = append(out, neighboursMark...)
	out = binary.LittleEndian.AppendUint64(out, uint64(n.Rows))
	out = binary.LittleEndian.AppendUint64(out, uint64(n.K))
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(n.Recall))
	for _, i := range n.Index {
		out = binary.LittleEndian.AppendUint32(out, uint32(i))
	}
	for _, c := range n.Cosine {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(c))
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...), nil
}

var errNotNeighbours = errors.New("these are no neighbours, or not all of them")

// UnmarshalBinary decodes what MarshalBinary made. It fails on anything else, what was cut off or changed included, and
// leaves the neighbours as they were.
func (n *Neighbours) UnmarshalBinary(data []byte) error {
	if len(data) < neighboursHeader+sha256.Size || string(data[:len(neighboursMark)]) != neighboursMark {
		return errNotNeighbours
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if sha256.Sum256(body) != [sha256.Size]byte(sum) {
		return errNotNeighbours
	}
	head := body[len(neighboursMark):]
	rows, k := binary.LittleEndian.Uint64(head), binary.LittleEndian.Uint64(head[8:])
	rest := body[neighboursHeader:]
	if rows > math.MaxInt32 || k > math.MaxInt32 || uint64(len(rest)) != 8*rows*k {
		return errNotNeighbours
	}
	out := Neighbours{Rows: int(rows), K: int(k), Recall: math.Float64frombits(binary.LittleEndian.Uint64(head[16:]))}
	count := out.Rows * out.K
	out.Index, out.Cosine = make([]int32, count), make([]float32, count)
	for x := range count {
		i := binary.LittleEndian.Uint32(rest[4*x:])
		if uint64(i) >= rows {
			return errNotNeighbours
		}
		out.Index[x] = int32(i)
		out.Cosine[x] = math.Float32frombits(binary.LittleEndian.Uint32(rest[4*(count+x):]))
	}
	*n = out
	return nil
}
