//go:build !amd64

package graph

func dots(rows []float32, d int, panel []float32, out *[kernelRows * panelWidth]float32) {
	dotsGeneric(rows, d, panel, out)
}
