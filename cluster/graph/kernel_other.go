//go:build !amd64

package graph

import "context"

func dots(rows []float32, d int, panel []float32, out *[kernelRows * panelWidth]float32) {
	dotsGeneric(rows, d, panel, out)
}

func addRow(sum []float64, row []float32) { addGeneric(sum, row) }

// screened gains nothing without wide registers.
func screened(context.Context, Matrix, int, NearestOptions) (Neighbours, bool, error) {
	return Neighbours{}, false, nil
}
