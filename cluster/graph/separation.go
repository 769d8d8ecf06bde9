package graph

// Separation says how far communities of unit vectors stand apart: the mean over all rows of the row's mean cosine to the
// others of its community, less its highest mean cosine to any other community (the silhouette's two distances, Rousseeuw
// 1987, as a plain difference of cosines). A row that is alone, or in a negative community, counts 0. Communities are numbered from 0.
func Separation(m Matrix, community []int32) float64 {
	count := 0
	for _, c := range community {
		count = max(count, int(c)+1)
	}
	if count < 2 {
		return 0
	}
	means, sizes := Means(m, community, count)
	panels := pack(means)
	stride := (count + panelWidth - 1) / panelWidth * panelWidth
	similar := make([]float32, kernelRows*stride)
	rows := make([]float32, kernelRows*m.Dims)
	var out [kernelRows * panelWidth]float32
	var sum float64
	for first := 0; first < m.Rows; first += kernelRows {
		limit := min(kernelRows, m.Rows-first)
		clear(rows)
		copy(rows, m.Data[first*m.Dims:(first+limit)*m.Dims])
		for p := 0; p < stride; p += panelWidth {
			dots(rows, m.Dims, panels[p*m.Dims:(p+panelWidth)*m.Dims], &out)
			for r := range kernelRows {
				copy(similar[r*stride+p:], out[r*panelWidth:(r+1)*panelWidth])
			}
		}
		for r := range limit {
			own := community[first+r]
			if own < 0 || sizes[own] < 2 {
				continue
			}
			other := float32(-1)
			row := similar[r*stride : r*stride+count]
			for c, s := range row {
				if int32(c) != own && s > other {
					other = s
				}
			}
			n := float64(sizes[own])
			inside := (float64(float64(row[own])*n) - 1) / (n - 1)
			sum += inside - float64(other)
		}
	}
	return sum / float64(m.Rows)
}

// Means gives the mean vector of each community, not normalised, and its number of rows. Rows of a negative community
// are left out.
func Means(m Matrix, community []int32, count int) (Matrix, []int) {
	sums := make([]float64, count*m.Dims)
	sizes := make([]int, count)
	for i, c := range community {
		if c < 0 {
			continue
		}
		sizes[c]++
		sum := sums[int(c)*m.Dims : (int(c)+1)*m.Dims]
		for d, x := range m.Row(i) {
			sum[d] += float64(x)
		}
	}
	means := Matrix{Rows: count, Dims: m.Dims, Data: make([]float32, count*m.Dims)}
	for i, s := range sums {
		if n := sizes[i/m.Dims]; n > 0 {
			means.Data[i] = float32(s / float64(n))
		}
	}
	return means, sizes
}
