package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"runtime/debug"
	"strconv"

	"earshot/cluster/graph"
	"earshot/feedback"
)

// Shelf keeps what took a run long, until the run is done: one that was stopped or killed goes on from there when it is
// started again on the same excerpts. What a shelf loses is computed again.
type Shelf interface {
	// Load gives what was saved of the run under the name, or nil.
	Load(run, name string) ([]byte, error)
	// Save keeps data of the run under the name, whole or not at all, in place of what was there, and forgets all of other
	// runs over the same workspace.
	Save(run, name string, data []byte) error
	// Drop forgets what is kept of the run, if anything is.
	Drop(run string) error
}

// worthKeeping is from how many rows on a run is kept: fewer are grouped in seconds.
const worthKeeping = 20_000

// keptForm is raised when the steps of a run, or how they are kept, change.
const keptForm = "1"

// The names under which the steps of a run are kept.
const (
	keptNeighbours  = "neighbours" // of all rows, or how far the search for them is; with the number of the round
	keptResolutions = "resolutions"
	keptGrouping    = "grouping"
)

// keeper keeps the steps of one run on the shelf, each under what it depends on: the rows and their model for all of them,
// and for the later ones the settings and what stands. A nil keeper keeps nothing.
type keeper struct {
	stage *Stage
	run   string
	on    [sha256.Size]byte // what the next step depends on
	lost  bool              // whether that could not be said: nothing more is kept
}

// keeper gives the keeper of a run over these rows, or nil where there is no shelf or they are few.
func (s *Stage) keeper(g *groups) *keeper {
	m := g.space.matrix
	if s.c.Shelf == nil || m.Rows < s.worthKeeping {
		return nil
	}
	h := sha256.New()
	k := &keeper{stage: s}
	k.next(keptForm, build(), s.c.Model, m.Rows, m.Dims, neighboursOf(m.Rows))
	h.Write(k.on[:])
	buffer := make([]byte, 0, 4*m.Dims)
	for r := range m.Rows {
		buffer = buffer[:0]
		for _, x := range m.Row(r) {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(x))
		}
		h.Write(buffer)
	}
	h.Sum(k.on[:0])
	k.run = hex.EncodeToString(k.on[:16])
	return k
}

// build tells one build of the program from another, as well as it knows.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	out := info.GoVersion + " " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
			out += " " + s.Value
		}
	}
	return out
}

// next says what the following steps depend on beside what those before them did.
func (k *keeper) next(values ...any) {
	h := sha256.New()
	h.Write(k.on[:])
	encoder := json.NewEncoder(h)
	for _, v := range values {
		if err := encoder.Encode(v); err != nil {
			k.lost = true
			return
		}
	}
	h.Sum(k.on[:0])
}

// load gives to decode what is kept of the run under the name, where it depends on the same, and reports whether it took it.
func (k *keeper) load(name string, decode func([]byte) error) bool {
	if k == nil || k.lost {
		return false
	}
	data, err := k.stage.c.Shelf.Load(k.run, name)
	if err == nil && data == nil {
		return false
	}
	if err == nil {
		var on [sha256.Size]byte
		if on, data, err = unsealed(data); err == nil && on != k.on {
			return false
		}
	}
	if err == nil {
		err = decode(data)
	}
	if err != nil {
		k.stage.c.Log.Warn("what a stopped run left could not be used: it is computed again", "step", name, "error", err)
	}
	return err == nil
}

// save keeps what encode adds to the bytes that it is given.
func (k *keeper) save(name string, encode func([]byte) ([]byte, error)) {
	if k == nil || k.lost {
		return
	}
	data, err := encode(k.on[:len(k.on):len(k.on)])
	if err == nil {
		sum := sha256.Sum256(data)
		err = k.stage.c.Shelf.Save(k.run, name, append(data, sum[:]...))
	}
	if err != nil {
		k.stage.c.Log.Warn("a step could not be kept: should the run be stopped, it is computed again", "step", name, "error", err)
	}
}

// unsealed takes what was kept out of between what it depends on and the hash of both.
func unsealed(data []byte) (on [sha256.Size]byte, kept []byte, err error) {
	if len(data) < 2*sha256.Size {
		return on, nil, errDamaged
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if sha256.Sum256(body) != [sha256.Size]byte(sum) {
		return on, nil, errDamaged
	}
	return [sha256.Size]byte(body), body[sha256.Size:], nil
}

var errDamaged = errors.New("it is damaged, or not all of it is there")

// done forgets what was kept of the run.
func (k *keeper) done() {
	if k == nil {
		return
	}
	if err := k.stage.c.Shelf.Drop(k.run); err != nil {
		k.stage.c.Log.Warn("what was kept of the run could not be removed", "error", err)
	}
}

// nearest finds the neighbours of all rows, from where a stopped run came on. A run may look for them in several rounds.
func (s *Stage) nearest(ctx context.Context, g *groups, round int) (graph.Neighbours, error) {
	name := keptNeighbours + strconv.Itoa(round)
	rows := g.space.matrix.Rows
	options := graph.NearestOptions{K: neighboursOf(rows), Exact: s.exact, Progress: func(done, total int) { s.c.Progress("compare", done, total) }}
	var near graph.Neighbours
	var part graph.Partial
	g.keeper.load(name, func(data []byte) error {
		if near.UnmarshalBinary(data) == nil {
			return nil
		}
		return part.UnmarshalBinary(data)
	})
	if near.Rows == rows && near.K == options.K {
		s.c.Progress("compare", rows, rows)
		return near, nil
	}
	if part.Rows > 0 {
		options.From = &part
	}
	if g.keeper != nil {
		options.Keep = func(p graph.Partial) { g.keeper.save(name, p.AppendBinary) }
	}
	near, err := graph.Nearest(ctx, g.space.matrix, options)
	if err != nil {
		return near, err
	}
	g.keeper.save(name, near.AppendBinary)
	return near, nil
}

// resolutions groups the rows at the resolutions that come into question, or takes what a stopped run left.
func (s *Stage) resolutions(ctx context.Context, g *groups, stood []int32) (steps []step, err error) {
	standing := g.clusters(stood)
	if g.keeper != nil {
		sizes := make([]int, len(g.space.points))
		for r, members := range g.space.points {
			sizes[r] = len(members)
		}
		g.keeper.next(s.c.Seed, s.c.Granularity, g.minSize, standing, g.space.keys, sizes)
	}
	if g.keeper.load(keptResolutions, func(data []byte) error {
		g.wanted, steps, err = decodeSteps(data, g.space.matrix.Rows)
		return err
	}) {
		return steps, nil
	}
	if steps, err = s.climb(ctx, g, standing); err == nil {
		g.keeper.save(keptResolutions, func(out []byte) ([]byte, error) { return appendSteps(out, g.wanted, steps), nil })
	}
	return steps, err
}

// grouping settles the rows, or takes what a stopped run left.
func (s *Stage) grouping(ctx context.Context, g *groups, steps []step, choices []int, stood []int32, points []feedback.Point, standing feedback.Standing) ([]int32, error) {
	if g.keeper != nil {
		places := make([]byte, 0, len(points)*(len(feedback.ID{})+4))
		for _, p := range points {
			places = binary.LittleEndian.AppendUint32(append(places, p.Excerpt[:]...), uint32(p.Cluster))
		}
		g.keeper.next(standing, places)
	}
	var rows []int32
	if g.keeper.load(keptGrouping, func(data []byte) error {
		_, kept, err := decodeSteps(data, g.space.matrix.Rows)
		if err == nil && len(kept) != 1 {
			err = errDamaged
		}
		if err == nil {
			rows, g.resolution = kept[0].rows, kept[0].resolution
		}
		return err
	}) {
		return rows, nil
	}
	rows, err := s.regroup(ctx, g, steps, choices, stood, g.lonely)
	if err != nil {
		return nil, err
	}
	if rows == nil {
		first := steps[choices[0]]
		g.resolution = first.resolution
		if g.near.Nodes() <= ensembleRows {
			first.rows = graph.Ensemble(g.near, graph.LeidenOptions{Resolution: first.resolution, Seed: s.c.Seed, Stop: g.stop})
		}
		rows = g.settle(first.rows, first.resolution, g.lonely, s.c.Seed)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	g.keeper.save(keptGrouping, func(out []byte) ([]byte, error) {
		return appendSteps(out, 0, []step{{resolution: g.resolution, rows: rows}}), nil
	})
	return rows, nil
}

// appendSteps encodes steps over as many rows each, and how many clusters are wanted: 4 bytes a row and step.
func appendSteps(out []byte, wanted float64, steps []step) []byte {
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(wanted))
	for _, x := range steps {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(x.resolution))
		out = binary.LittleEndian.AppendUint32(out, uint32(x.clusters))
		asStands := uint32(0)
		if x.asStands {
			asStands = 1
		}
		out = binary.LittleEndian.AppendUint32(out, asStands)
		for _, c := range x.rows {
			out = binary.LittleEndian.AppendUint32(out, uint32(c))
		}
	}
	return out
}

// decodeSteps decodes what appendSteps made over so many rows, and fails on anything of another size.
func decodeSteps(data []byte, rows int) (wanted float64, steps []step, err error) {
	const head = 8 + 4 + 4
	if len(data) < 8 || (len(data)-8)%(head+4*rows) != 0 {
		return 0, nil, errDamaged
	}
	wanted, data = math.Float64frombits(binary.LittleEndian.Uint64(data)), data[8:]
	for ; len(data) > 0; data = data[head+4*rows:] {
		x := step{
			resolution: math.Float64frombits(binary.LittleEndian.Uint64(data)), clusters: int(binary.LittleEndian.Uint32(data[8:])),
			asStands: binary.LittleEndian.Uint32(data[12:]) == 1, rows: make([]int32, rows),
		}
		for r := range x.rows {
			c := int32(binary.LittleEndian.Uint32(data[head+4*r:]))
			if c < -1 || int(c) >= rows {
				return 0, nil, errDamaged
			}
			x.rows[r] = c
		}
		steps = append(steps, x)
	}
	return wanted, steps, nil
}
