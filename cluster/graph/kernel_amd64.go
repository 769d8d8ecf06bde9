package graph

import "golang.org/x/sys/cpu"

// dotsAVX2 is dotsGeneric with eight lanes. It multiplies and adds in two steps, never fused, for the sake of the bits.
//
//go:noescape
func dotsAVX2(rows *float32, d int, panel *float32, out *float32)

// dotsAVX512 is the same with sixteen lanes.
//
//go:noescape
func dotsAVX512(rows *float32, d int, panel *float32, out *float32)

// screenAVX2 is screenRows of half as many rows, and screenVNNI of all.
//
//go:noescape
func screenAVX2(rows *int16, pairs int, panel *int16, rowFloor, columnFloor, out *int32) uint64

//go:noescape
func screenVNNI(rows *int16, pairs int, panel *int16, rowFloor, columnFloor, out *int32) (low, high uint64)

var (
	hasAVX2   = cpu.X86.HasAVX2
	hasAVX512 = cpu.X86.HasAVX512F
	hasVNNI   = cpu.X86.HasAVX512F && cpu.X86.HasAVX512VNNI
)

func dots(rows []float32, d int, panel []float32, out *[kernelRows * panelWidth]float32) {
	if !hasAVX2 {
		dotsGeneric(rows, d, panel, out)
		return
	}
	_, _ = rows[kernelRows*d-1], panel[panelWidth*d-1]
	if hasAVX512 {
		dotsAVX512(&rows[0], d, &panel[0], &out[0])
		return
	}
	dotsAVX2(&rows[0], d, &panel[0], &out[0])
}

// screenedRows are as many rows as screenRows takes.
const screenedRows = 8

// screenRows gives the scalar products of screenedRows rows, which stand side by side in a panel, with the rows of another
// panel, and one bit for each that is above the floor of its row or of its column, those of the first row lowest in low, and
// of the fifth in high. Where no bit is set out need not be written.
func screenRows(rows []int16, pairs int, panel []int16, rowFloor *[screenedRows]int32, columnFloor *[panelWidth]int32, out *[screenedRows * panelWidth]int32) (low, high uint64) {
	_, _ = rows[2*(panelWidth*(pairs-1)+screenedRows)-1], panel[2*panelWidth*pairs-1]
	if hasVNNI {
		return screenVNNI(&rows[0], pairs, &panel[0], &rowFloor[0], &columnFloor[0], &out[0])
	}
	const half = screenedRows / 2
	return screenAVX2(&rows[0], pairs, &panel[0], &rowFloor[0], &columnFloor[0], &out[0]),
		screenAVX2(&rows[2*half], pairs, &panel[0], &rowFloor[half], &columnFloor[0], &out[half*panelWidth])
}

// addAVX2 is addGeneric for a number of elements that eight divides.
//
//go:noescape
func addAVX2(sum *float64, row *float32, n int)

// addRow adds a row to a sum of rows.
func addRow(sum []float64, row []float32) {
	sum = sum[:len(row)]
	if whole := len(row) &^ 7; hasAVX2 && whole > 0 {
		addAVX2(&sum[0], &row[0], whole)
		sum, row = sum[whole:], row[whole:]
	}
	addGeneric(sum, row)
}
