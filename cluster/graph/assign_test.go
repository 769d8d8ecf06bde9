package graph_test

import (
	"testing"

	"pgregory.net/rapid"

	"earshot/cluster/graph"
)

func TestAssignIsOptimalAndOneToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, columns := rapid.IntRange(0, 5).Draw(t, "rows"), rapid.IntRange(0, 5).Draw(t, "columns")
		gain := make([][]float64, rows)
		for r := range gain {
			gain[r] = make([]float64, columns)
			for c := range gain[r] {
				gain[r][c] = float64(rapid.IntRange(-2, 9).Draw(t, "gain"))
			}
		}
		var got float64
		taken := make(map[int]bool)
		for r, c := range graph.Assign(gain) {
			if c < 0 {
				continue
			}
			if taken[c] || gain[r][c] <= 0 {
				t.Fatalf("row %d took column %d: %v", r, c, gain)
			}
			taken[c] = true
			got += gain[r][c]
		}
		if want := bestOf(gain, 0, 0); got != want {
			t.Fatalf("gain %v, want %v: %v", got, want, gain)
		}
	})
}

// bestOf tries everything.
func bestOf(gain [][]float64, row, taken int) float64 {
	if row == len(gain) {
		return 0
	}
	best := bestOf(gain, row+1, taken)
	for c, g := range gain[row] {
		if taken&(1<<c) == 0 && g > 0 {
			best = max(best, g+bestOf(gain, row+1, taken|1<<c))
		}
	}
	return best
}

func TestAssignLeavesOutRowsWithoutAGain(t *testing.T) {
	gain := make([][]float64, 20_000) // as many would take hours
	for r := range gain {
		gain[r] = make([]float64, 3)
	}
	gain[700][2], gain[9000][2], gain[9000][0] = 5, 4, 3
	got := graph.Assign(gain)
	for r, c := range got {
		want := map[int]int{700: 2, 9000: 0}
		if w, ok := want[r]; ok && c != w || !ok && c != -1 {
			t.Fatalf("row %d has column %d", r, c)
		}
	}
	if got := graph.Assign(make([][]float64, 5)); len(got) != 5 || got[4] != -1 {
		t.Errorf("without columns: %v", got)
	}
}
