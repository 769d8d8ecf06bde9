package main

import (
	"cmp"
	"math"
	"slices"

	"earshot/classify"
	"earshot/classify/internal/head"
	"earshot/internal/glove"
)

// bake fits the heads to all texts and writes what they learned into rows of whole numbers: for each word what it, its
// pieces and its meaning speak for, for each other feature what it speaks for.
func bake(examples []example, m *meanings, heat [len(tasks)]float64) *head.Model {
	var all []*example
	for i := range examples {
		all = append(all, &examples[i])
	}
	fits := make([]*fitted, len(tasks))
	inParallel(len(tasks), func(task int) { fits[task] = fitTask(all, task) })
	first := [len(tasks)]int{head.Sentiment, head.Kind, head.Severity}
	model := &head.Model{}
	rows := map[uint32]*[head.Outputs]float64{}
	row := func(id uint32) *[head.Outputs]float64 {
		if rows[id] == nil {
			rows[id] = new([head.Outputs]float64)
		}
		return rows[id]
	}
	model.Evidence = make([][head.Outputs]int32, len(examples[0].cues.Evidence))
	for task, f := range fits {
		p := f.problem
		weight := func(column, class int) float64 { return f.weights[column*p.classes+class] / heat[task] }
		for i, id := range f.ids {
			for k := range p.classes {
				row(id)[first[task]+k] += weight(i, k) * f.scales[i]
			}
		}
		for b := range blocks {
			for id, at := range m.of[b] {
				for k := range p.classes {
					for d, x := range m.rows[at] {
						row(id)[first[task]+k] += x * weight(p.sparse+b*glove.Dims+d, k) * meaningScale
					}
				}
			}
		}
		for i := range model.Evidence {
			for k := range p.classes {
				model.Evidence[i][first[task]+k] = fixed(weight(p.sparse+len(blocks)*glove.Dims+i, k) * evidenceScale)
			}
		}
		for k := range p.classes {
			model.Bias[first[task]+k] = fixed(weight(p.sparse+p.dense, k))
		}
	}
	for i, name := range classify.EvidenceNames() {
		switch name {
		case classify.ExclaimedGood:
			emphasise(&model.Evidence[i], head.Sentiment+2)
		case classify.ExclaimedBad:
			emphasise(&model.Evidence[i], head.Sentiment)
		}
	}
	// A word that has a row is not cut into pieces, so its row says what they do.
	for _, word := range knownWords(all, m) {
		id := head.Feature(head.Word, head.HashWord([]byte(word)), 0)
		if rows[id] == nil {
			continue
		}
		for _, piece := range head.Pieces(nil, []byte(word)) {
			if r := rows[piece]; r != nil {
				for k := range r {
					rows[id][k] += r[k]
				}
			}
		}
	}
	quantize(model, rows)
	return model
}

// emphasise takes from a piece of evidence what it speaks against a sentiment that it emphasises.
func emphasise(evidence *[head.Outputs]int32, sentiment int) {
	of := evidence[head.Sentiment:head.Kind]
	of[sentiment-head.Sentiment] = max(slices.Max(of), 0)
}

// knownWords lists the words of the vectors and of the texts, each once.
func knownWords(all []*example, m *meanings) []string {
	list := slices.Clone(m.words)
	for _, e := range all {
		list = append(list, e.cues.Words...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// quantize rounds the rows to whole numbers. What all classes of a task share says nothing and is taken out first, and a
// feature of no weight is left out.
func quantize(model *head.Model, rows map[uint32]*[head.Outputs]float64) {
	largest := 0.0
	for _, r := range rows {
		for _, task := range [][]float64{r[head.Sentiment:head.Kind], r[head.Kind:head.Severity], r[head.Severity:]} {
			mean := 0.0
			for _, v := range task {
				mean += v / float64(len(task))
			}
			for k := range task {
				task[k] -= mean
				largest = max(largest, math.Abs(task[k]))
			}
		}
	}
	model.Unit = fixed(largest/127) + 1
	unit := float64(model.Unit) / head.One
	for id, r := range rows {
		out, something := head.Row{ID: id}, false
		for k, v := range r {
			out.Scores[k] = int8(math.Round(v / unit))
			something = something || out.Scores[k] != 0
		}
		if something {
			model.Rows = append(model.Rows, out)
		}
	}
	slices.SortFunc(model.Rows, func(a, b head.Row) int { return cmp.Compare(a.ID, b.ID) })
}

// fixed rounds to parts of head.One.
func fixed(v float64) int32 { return int32(math.Round(v * head.One)) }
