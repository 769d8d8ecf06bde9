package eval

import (
	"runtime"
	"sync"

	"earshot/feedback"
)

// Nearest returns for each query the index of the example with the highest scalar product, the first of equals, or -1
// when there are no examples.
func Nearest(queries, examples []feedback.Vector) []int {
	out := make([]int, len(queries))
	parallel(len(queries), func(from, to int) {
		for i := from; i < to; i++ {
			best, at := float32(0), -1
			for j, e := range examples {
				if s := feedback.Dot(queries[i], e); at < 0 || s > best {
					best, at = s, j
				}
			}
			out[i] = at
		}
	})
	return out
}

// NearestAccuracy is the share of queries whose nearest example has the query's own label, in [0, 1].
func NearestAccuracy(queries []feedback.Vector, queryLabels []string, examples []feedback.Vector, exampleLabels []string) float64 {
	if len(queries) == 0 {
		return 0
	}
	right := 0
	for i, at := range Nearest(queries, examples) {
		if at >= 0 && exampleLabels[at] == queryLabels[i] {
			right++
		}
	}
	return float64(right) / float64(len(queries))
}

// parallel splits [0, n) into one run of indices for each processor. The work must write by index, so that the result does
// not depend on how many processors there are.
func parallel(n int, work func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers <= 1 {
		work(0, n)
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { work(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
}
