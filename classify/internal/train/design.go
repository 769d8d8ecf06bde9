package main

import (
	"math"
	"slices"

	"earshot/classify"
)

// How much each part of a text counts before the penalty: what counts more is believed more readily. All were chosen with
// whole writers left out, and none matters much: twice or half of any costs less than 0.01.
const (
	penalty       = 1.0
	pieceScale    = 0.4
	meaningScale  = 0.15
	evidenceScale = 0.8
	leastTexts    = 3   // a feature that fewer texts have is not learned
	rare          = 5.0 // a feature counts full when at most one text in e^rare has it
	balance       = 0.5 // 0: each text counts the same, 1: each class
	workWeight    = 0.6 // of the working part, where the lexicon's evidence is better than elsewhere
	lessonWeight  = 0.15
	rounds        = 35
)

// design says where each learned feature stands among the columns of a fit, and how much it counts.
type design struct {
	columns map[uint32]int32
	ids     []uint32 // of each column
	scales  []float64
}

// newDesign takes the features that several texts have.
func newDesign(examples []*example) *design {
	counts, pieces := map[uint32]int{}, map[uint32]bool{}
	for _, e := range examples {
		for _, f := range distinct(e.cues.Features) {
			counts[f]++
		}
		for _, f := range distinct(e.cues.Pieces) {
			counts[f]++
			pieces[f] = true
		}
	}
	d := &design{columns: map[uint32]int32{}}
	for f, n := range counts {
		if n >= leastTexts {
			d.ids = append(d.ids, f)
		}
	}
	slices.Sort(d.ids)
	for i, f := range d.ids {
		d.columns[f] = int32(i)
		scale := rarity(counts[f], len(examples))
		if pieces[f] {
			scale *= pieceScale
		}
		d.scales = append(d.scales, scale)
	}
	return d
}

// rarity is how much a feature that n of all texts have counts: what many texts have says little of any, and "the app"
// must not outvote "great" because writers of bad reviews begin so.
func rarity(n, all int) float64 {
	return min(1, math.Log(float64(all)/float64(n))/rare)
}

func distinct(features []classify.Weighed) []uint32 {
	var list []uint32
	for _, f := range features {
		list = append(list, f.ID)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// row lays out one text.
func (d *design) row(e *example, task int) row {
	r := row{label: e.labels[task], weight: 1}
	scale := 1 / math.Sqrt(float64(len(e.cues.Words)))
	for _, f := range slices.Concat(e.cues.Features, e.cues.Pieces) {
		if c, ok := d.columns[f.ID]; ok {
			r.at, r.value = append(r.at, c), append(r.value, f.Times*scale*d.scales[c])
		}
	}
	for _, x := range e.meaning {
		r.dense = append(r.dense, x*scale*meaningScale)
	}
	for _, x := range e.cues.Evidence {
		r.dense = append(r.dense, x*evidenceScale)
	}
	return r
}

// fitted is a head for one task, in floating point.
type fitted struct {
	*design
	problem *problem
	weights []float64 // as problem lays them out
}

func fitTask(examples []*example, task int) *fitted {
	f := &fitted{design: newDesign(examples)}
	p := &problem{sparse: len(f.ids), classes: len(classes[task]), penalty: penalty}
	of := make([]float64, p.classes)
	for _, e := range examples {
		p.rows = append(p.rows, f.row(e, task))
		of[e.labels[task]]++
	}
	for i := range p.rows {
		p.rows[i].weight = math.Pow(float64(len(examples))/(float64(p.classes)*of[p.rows[i].label]), balance)
		switch examples[i].writer {
		case workWriter:
			p.rows[i].weight *= workWeight
		case lessonWriter:
			p.rows[i].weight *= lessonWeight
		}
	}
	p.dense = len(p.rows[0].dense)
	f.problem, f.weights = p, p.fit(rounds)
	return f
}

// scores gives the scores of a text for the classes of the task.
func (f *fitted) scores(e *example, task int) []float64 {
	r := f.row(e, task)
	out := make([]float64, f.problem.classes)
	f.problem.scores(f.weights, &r, out)
	return out
}
