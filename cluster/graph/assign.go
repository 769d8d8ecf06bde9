package graph

import (
	"math"
	"slices"
)

// Assign matches rows with columns one to one so that the sum of their gains is highest, and gives each row its column,
// or -1: pairs without a positive gain are not matched. The gains are those of gain[row][column], finite, all rows of
// one length. It is the Hungarian algorithm with potentials and shortest augmenting paths (Jonker and Volgenant 1987),
// O(rows²·(rows+columns)) in the rows
// that have a positive gain.
func Assign(gain [][]float64) []int {
	out := make([]int, len(gain))
	// Rows that nothing is to be gained by stay out of it: of thousands of new clusters few are like any that stands.
	var some [][]float64
	var place []int
	for r, row := range gain {
		out[r] = -1
		if slices.ContainsFunc(row, func(x float64) bool { return x > 0 }) {
			some, place = append(some, row), append(place, r)
		}
	}
	for r, c := range assign(some) {
		out[place[r]] = c
	}
	return out
}

func assign(gain [][]float64) []int {
	rows := len(gain)
	out := make([]int, rows)
	if rows == 0 {
		return out
	}
	real := len(gain[0])
	// Each row has a column of its own at no gain, so that it may stay unmatched.
	columns := real + rows
	cost := func(r, c int) float64 {
		if c < real && gain[r][c] > 0 {
			return -gain[r][c]
		}
		return 0
	}
	u, v := make([]float64, rows), make([]float64, columns)
	rowOf, previous := make([]int, columns), make([]int, columns)
	for c := range rowOf {
		rowOf[c] = -1
	}
	distance, done := make([]float64, columns), make([]bool, columns)
	for start := range rows {
		for c := range columns {
			distance[c], previous[c], done[c] = math.Inf(1), -1, false
		}
		row, last := start, -1
		for {
			next, step := -1, math.Inf(1)
			for c := range columns {
				if done[c] {
					continue
				}
				if d := cost(row, c) - u[row] - v[c]; d < distance[c] {
					distance[c], previous[c] = d, last
				}
				if distance[c] < step {
					next, step = c, distance[c]
				}
			}
			u[start] += step
			for c := range columns {
				if done[c] {
					u[rowOf[c]] += step
					v[c] -= step
				} else {
					distance[c] -= step
				}
			}
			done[next] = true
			last = next
			if rowOf[next] < 0 {
				break
			}
			row = rowOf[next]
		}
		for last >= 0 {
			before := previous[last]
			if before < 0 {
				rowOf[last] = start
			} else {
				rowOf[last] = rowOf[before]
			}
			last = before
		}
	}
	for i := range out {
		out[i] = -1
	}
	for c, r := range rowOf {
		if r >= 0 && c < real && gain[r][c] > 0 {
			out[r] = c
		}
	}
	return out
}
