package graph

import "golang.org/x/sys/cpu"

// dotsAVX2 is dotsGeneric with eight lanes. It multiplies and adds in two steps, never fused, for the sake of the bits.
//
//go:noescape
func dotsAVX2(rows *float32, d int, panel *float32, out *float32)

var hasAVX2 = cpu.X86.HasAVX2

func dots(rows []float32, d int, panel []float32, out *[kernelRows * panelWidth]float32) {
	if !hasAVX2 {
		dotsGeneric(rows, d, panel, out)
		return
	}
	_, _ = rows[kernelRows*d-1], panel[panelWidth*d-1]
	dotsAVX2(&rows[0], d, &panel[0], &out[0])
}
