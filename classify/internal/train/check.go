package main

import (
	"math"
	"slices"
)

// trial is a text as a head judged it that had seen no text of its writer.
type trial struct {
	e      *example
	scores [len(tasks)][]float64
}

// trials holds what was found by leaving out one writer after another.
type trials struct {
	writers []string
	of      map[string][]trial
}

// leaveOut leaves out one writer after another, and has the heads fitted to the others' texts judge its own.
func leaveOut(examples []example) *trials {
	t := &trials{of: map[string][]trial{}}
	for i := range examples {
		w := examples[i].writer
		if w == lessonWriter {
			continue
		}
		if t.of[w] == nil {
			t.writers = append(t.writers, w)
		}
		t.of[w] = append(t.of[w], trial{e: &examples[i]})
	}
	inParallel(len(t.writers)*len(tasks), func(job int) {
		w, task := t.writers[job/len(tasks)], job%len(tasks)
		var rest []*example
		for i := range examples {
			if examples[i].writer != w {
				rest = append(rest, &examples[i])
			}
		}
		f := fitTask(rest, task)
		for i := range t.of[w] {
			t.of[w][i].scores[task] = f.scores(t.of[w][i].e, task)
		}
	})
	return t
}

// calibrate gives for each task what the scores are divided by so that a chance of 0.7 is right seven times in ten (Guo and
// others 2017), on all writers but the working part's, which the lexicon flatters.
func (t *trials) calibrate() (heat [len(tasks)]float64) {
	var lists [][]trial
	for _, w := range t.writers {
		if w != workWriter {
			lists = append(lists, t.of[w])
		}
	}
	for task := range tasks {
		least := math.Inf(1)
		for try := 0.6; try < 2.01; try += 0.05 {
			loss := 0.0
			for _, list := range lists {
				for _, one := range list {
					loss -= math.Log(max(1e-9, chances(one.scores[task], try)[one.e.labels[task]]))
				}
			}
			if loss < least {
				least, heat[task] = loss, try
			}
		}
	}
	return heat
}

func chances(scores []float64, heat float64) []float64 {
	p := slices.Clone(scores)
	for i := range p {
		p[i] /= heat
	}
	softmax(p)
	return p
}

// said gives the label of a task: the class of the highest score.
func said(one trial, task int) int {
	best := 0
	for k, v := range one.scores[task] {
		if v > one.scores[task][best] {
			best = k
		}
	}
	return best
}

// macroF1 is the mean over the classes that occur of the harmonic mean of precision and recall.
func macroF1(list []trial, task int) float64 {
	f1, occurs := f1s(list, task)
	sum, n := 0.0, 0.0
	for k := range f1 {
		if occurs[k] {
			sum += f1[k]
			n++
		}
	}
	return sum / max(n, 1)
}

func f1s(list []trial, task int) (f1 []float64, occurs []bool) {
	k := len(classes[task])
	hit, called, is := make([]float64, k), make([]float64, k), make([]float64, k)
	for _, one := range list {
		s, truth := said(one, task), one.e.labels[task]
		called[s]++
		is[truth]++
		if s == truth {
			hit[s]++
		}
	}
	for i := range k {
		f1, occurs = append(f1, 2*hit[i]/max(1, called[i]+is[i])), append(occurs, called[i]+is[i] > 0)
	}
	return f1, occurs
}
