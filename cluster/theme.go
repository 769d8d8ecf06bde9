package cluster

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"earshot/cluster/graph"
	"earshot/feedback"
)

// loyalty is how far a cluster is drawn to the theme under which it stood, as a part of the way to that theme's mean: enough
// that new feedback moves few clusters from theme to theme.
const loyalty = 0.3

// themes puts the clusters under themes by how near their centroids are, about 1.6 times as many themes as the root of the
// clusters, which is what a reader can take in at each of the two levels. What all centroids share says nothing of any of
// them and is left out.
func (g *groups) themes(points []feedback.Point, standing feedback.Standing) {
	count := len(g.members)
	places := centred(g.centroids)
	if theme := g.standingThemes(standing); theme != nil {
		draw(places, theme)
	}
	g.theme = make([]int, count)
	themes := 0
	for c, t := range graph.Ward(places, int(math.Round(1.6*math.Sqrt(float64(count))))) {
		g.theme[c] = int(t)
		themes = max(themes, int(t)+1)
	}
	g.identifyThemes(themes, points, standing)
}

// centred gives the vectors less their mean, at unit length.
func centred(vectors []feedback.Vector) [][]float32 {
	if len(vectors) == 0 {
		return nil
	}
	mean := make([]float64, len(vectors[0]))
	for _, v := range vectors {
		for d, x := range v {
			mean[d] += float64(x)
		}
	}
	out := make([][]float32, len(vectors))
	for i, v := range vectors {
		out[i] = make([]float32, len(v))
		for d, x := range v {
			out[i][d] = float32(float64(x) - mean[d]/float64(len(vectors)))
		}
		feedback.Normalize(out[i])
	}
	return out
}

// draw moves each place towards the mean of its theme; a theme below 0 is none.
func draw(places [][]float32, theme []int32) {
	sum, size := map[int32][]float64{}, map[int32]float64{}
	for c, t := range theme {
		if t < 0 {
			continue
		}
		if sum[t] == nil {
			sum[t] = make([]float64, len(places[c]))
		}
		for d, x := range places[c] {
			sum[t][d] += float64(x)
		}
		size[t]++
	}
	for c, t := range theme {
		if t < 0 {
			continue
		}
		for d, x := range places[c] {
			places[c][d] = x + float32(loyalty*(sum[t][d]/size[t]-float64(x)))
		}
	}
}

// standingThemes gives each cluster the theme that it stood under, or nil where nothing stood.
func (g *groups) standingThemes(standing feedback.Standing) []int32 {
	theme := make(map[feedback.ClusterID]feedback.ThemeID)
	for _, c := range standing.Clusters {
		theme[c.ID] = c.Theme
	}
	out := make([]int32, len(g.ids))
	any := false
	for c, id := range g.ids {
		out[c] = -1
		if t, ok := theme[id]; ok && t > 0 {
			out[c] = int32(t)
			any = true
		}
	}
	if !any {
		return nil
	}
	stood, _ := graph.Compact(out)
	return stood
}

// identifyThemes gives every theme its id: matched by the excerpts of the clusters that it shares with a standing theme,
// or the next free number, the largest first.
func (g *groups) identifyThemes(count int, points []feedback.Point, standing feedback.Standing) {
	column := make(map[feedback.ThemeID]int)
	for i, t := range standing.Themes {
		column[t.ID] = i
	}
	stood := make(map[feedback.ClusterID]feedback.ThemeID)
	for _, c := range standing.Clusters {
		stood[c.ID] = c.Theme
	}
	gain := make([][]float64, count)
	sizes := make([]int, count)
	first := make([]feedback.ID, count)
	for t := range gain {
		gain[t] = make([]float64, len(standing.Themes))
	}
	for c, id := range g.ids {
		t := g.theme[c]
		excerpt := points[g.members[c][0]].Excerpt
		if sizes[t] == 0 || bytes.Compare(excerpt[:], first[t][:]) < 0 {
			first[t] = excerpt
		}
		sizes[t] += len(g.members[c])
		if old, ok := column[stood[id]]; ok {
			gain[t][old] += float64(len(g.members[c]))
		}
	}
	for t := range gain {
		for old, stood := range standing.Themes {
			if stood.OwnName != "" {
				gain[t][old] *= float64(len(points)) // a theme that a person named goes on before the others
			}
		}
	}
	g.themeIDs = make([]feedback.ThemeID, count)
	g.themeKept = make([]bool, count)
	var fresh []int
	for t, old := range graph.Assign(gain) {
		if old < 0 {
			fresh = append(fresh, t)
			continue
		}
		g.themeIDs[t] = standing.Themes[old].ID
		g.themeKept[t] = 2*gain[t][old] >= float64(sizes[t])
	}
	slices.SortFunc(fresh, func(a, b int) int {
		return cmp.Or(cmp.Compare(sizes[b], sizes[a]), bytes.Compare(first[a][:], first[b][:]))
	})
	g.nextTheme = standing.NextTheme
	for _, t := range fresh {
		g.themeIDs[t] = g.nextTheme
		g.nextTheme++
	}
	by := make([]int, count)
	for t := range by {
		by[t] = t
	}
	slices.SortFunc(by, func(a, b int) int { return cmp.Compare(g.themeIDs[a], g.themeIDs[b]) })
	to := make([]int, count)
	for at, t := range by {
		to[t] = at
	}
	for c, t := range g.theme {
		g.theme[c] = to[t]
	}
	g.themeIDs = arranged(g.themeIDs, by)
	g.themeKept = arranged(g.themeKept, by)
}
