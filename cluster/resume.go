package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"earshot/cluster/graph"
)

// Shelf keeps what took a run long, until the run is done: one that was stopped goes on from there when it is started again on
// the same excerpts. What a shelf loses is computed again.
type Shelf interface {
	// Load gives what was saved under the key, or nil.
	Load(key string) ([]byte, error)
	// Save keeps data under the key, whole or not at all. It may forget what it kept before.
	Save(key string, data []byte) error
	// Drop forgets what is kept under the key, if anything is.
	Drop(key string) error
}

// worthKeeping is from how many rows on the neighbours are kept: fewer are found in seconds.
const worthKeeping = 20_000

// nearest finds the neighbours of all rows, or takes those that a stopped run left on the shelf.
func (s *Stage) nearest(ctx context.Context, g *groups) (graph.Neighbours, error) {
	rows := g.space.matrix.Rows
	options := graph.NearestOptions{K: neighboursOf(rows), Progress: func(done, total int) { s.c.Progress("compare", done, total) }}
	if s.c.Shelf == nil || rows < s.worthKeeping {
		return graph.Nearest(ctx, g.space.matrix, options)
	}
	g.shelved = keyOfRows(g.space.matrix, options.K)
	data, err := s.c.Shelf.Load(g.shelved)
	if err != nil {
		s.c.Log.Warn("what a stopped run left could not be read: it is computed again", "error", err)
	}
	var near graph.Neighbours
	if data != nil && near.UnmarshalBinary(data) == nil && near.Rows == rows && near.K == options.K {
		s.c.Progress("compare", rows, rows)
		return near, nil
	}
	if near, err = graph.Nearest(ctx, g.space.matrix, options); err != nil {
		return near, err
	}
	if data, err = near.MarshalBinary(); err == nil {
		err = s.c.Shelf.Save(g.shelved, data)
	}
	if err != nil {
		s.c.Log.Warn("the neighbours could not be kept: should the run be stopped, they are computed again", "error", err)
	}
	return near, nil
}

// done forgets what was kept for the run.
func (s *Stage) done(g *groups) {
	if g.shelved == "" {
		return
	}
	if err := s.c.Shelf.Drop(g.shelved); err != nil {
		s.c.Log.Warn("what was kept of the run could not be removed", "error", err)
	}
}

// keyOfRows names rows and how many neighbours of each are wanted.
func keyOfRows(m graph.Matrix, k int) string {
	h := sha256.New()
	buffer := make([]byte, 0, 4*m.Dims+16)
	buffer = binary.LittleEndian.AppendUint64(buffer, uint64(m.Dims))
	buffer = binary.LittleEndian.AppendUint64(buffer, uint64(k))
	h.Write(buffer)
	for r := range m.Rows {
		buffer = buffer[:0]
		for _, x := range m.Row(r) {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(x))
		}
		h.Write(buffer)
	}
	return hex.EncodeToString(h.Sum(nil))
}
