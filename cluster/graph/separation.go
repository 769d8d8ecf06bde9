package graph

// Separation says how far communities of unit vectors stand apart, and which part of the rows, 0 to 1, is nearest to its own.
// The first is the mean over all rows of the row's mean cosine to the others of its community, less its highest mean cosine
// to any other community (the silhouette's two distances, Rousseeuw 1987, as a plain difference of cosines); the second
// counts those rows for which that is above 0. A row that is alone, or in a negative community, counts 0 in both.
// Communities are numbered from 0.
func Separation(m Matrix, community []int32) (apart, nearest float64) {
	count := 0
	for _, c := range community {
		count = max(count, int(c)+1)
	}
	if count < 2 {
		return 0, 0
	}
	means, sizes := Means(m, community, count)
	panels := pack(means)
	rest := make([]float32, kernelRows*m.Dims)
	var out [kernelRows * panelWidth]float32
	var sum float64
	var nearer int
	for first := 0; first < m.Rows; first += kernelRows {
		limit := min(kernelRows, m.Rows-first)
		rows := m.Data[first*m.Dims : (first+limit)*m.Dims]
		if limit < kernelRows {
			copy(rest, rows)
			rows = rest
		}
		own, other := [kernelRows]float32{}, [kernelRows]float32{-1, -1, -1, -1}
		for p := 0; p < count; p += panelWidth {
			dots(rows, m.Dims, panels[p*m.Dims:(p+panelWidth)*m.Dims], &out)
			for r := range limit {
				similar := out[r*panelWidth : r*panelWidth+min(panelWidth, count-p)]
				if at := int(community[first+r]) - p; at >= 0 && at < len(similar) {
					own[r], similar[at] = similar[at], -1
				}
				most := other[r]
				for _, s := range similar {
					if s > most {
						most = s
					}
				}
				other[r] = most
			}
		}
		for r := range limit {
			c := community[first+r]
			if c < 0 || sizes[c] < 2 {
				continue
			}
			n := float64(sizes[c])
			inside := (float64(float64(own[r])*n) - 1) / (n - 1)
			difference := inside - float64(other[r])
			sum += difference
			if difference > 0 {
				nearer++
			}
		}
	}
	return sum / float64(m.Rows), float64(nearer) / float64(m.Rows)
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
		addRow(sums[int(c)*m.Dims:(int(c)+1)*m.Dims], m.Row(i))
	}
	means := Matrix{Rows: count, Dims: m.Dims, Data: make([]float32, count*m.Dims)}
	for i, s := range sums {
		if n := sizes[i/m.Dims]; n > 0 {
			means.Data[i] = float32(s / float64(n))
		}
	}
	return means, sizes
}
