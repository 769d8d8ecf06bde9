package graph

// A panel holds the same dimension of panelWidth consecutive rows side by side, dimension after dimension, so that one
// row's product with all of them reads memory in one direction and keeps its sums in registers.
const (
	panelWidth = 16
	kernelRows = 4
)

// pack lays rows out in panels. Rows that fill up the last panel are zero.
func pack(m Matrix) []float32 {
	panels := (m.Rows + panelWidth - 1) / panelWidth
	out := make([]float32, panels*panelWidth*m.Dims)
	for r := range m.Rows {
		base := r / panelWidth * panelWidth * m.Dims
		for d, x := range m.Row(r) {
			out[base+d*panelWidth+r%panelWidth] = x
		}
	}
	return out
}

// dotsGeneric writes the scalar products of kernelRows rows of d elements with one panel to out, row by row. Each
// product is rounded before it is added, and dimensions are added in their order: so do the other kernels, and all give
// the same bits.
func dotsGeneric(rows []float32, d int, panel []float32, out *[kernelRows * panelWidth]float32) {
	for r := 0; r < kernelRows; r += 2 {
		a0, a1 := rows[r*d:(r+1)*d], rows[(r+1)*d:(r+2)*d]
		for j := 0; j < panelWidth; j += 4 {
			var c00, c01, c02, c03, c10, c11, c12, c13 float32
			column := panel[j:]
			for k := 0; k < len(a0) && k < len(a1); k++ {
				b := column[k*panelWidth : k*panelWidth+4 : k*panelWidth+4]
				x, y := a0[k], a1[k]
				c00 += float32(x * b[0])
				c01 += float32(x * b[1])
				c02 += float32(x * b[2])
				c03 += float32(x * b[3])
				c10 += float32(y * b[0])
				c11 += float32(y * b[1])
				c12 += float32(y * b[2])
				c13 += float32(y * b[3])
			}
			o := out[r*panelWidth+j : r*panelWidth+j+4]
			o[0], o[1], o[2], o[3] = c00, c01, c02, c03
			o = out[(r+1)*panelWidth+j : (r+1)*panelWidth+j+4]
			o[0], o[1], o[2], o[3] = c10, c11, c12, c13
		}
	}
}

// addGeneric adds each element of a row to its sum.
func addGeneric(sum []float64, row []float32) {
	for d, x := range row {
		sum[d] += float64(x)
	}
}
