package cluster

import (
	"cmp"
	"slices"
	"strings"

	"earshot/feedback"
)

// nameThemes names themes from their clusters: the one cluster's own name, or the phrase that most of its clusters share and
// others do not, or else the names of its two largest.
func (s *Stage) nameThemes(run *feedback.Run, g *groups, book *phraseBook, standing feedback.Standing) {
	of := make([][]int, len(run.Themes))
	for c, t := range g.theme {
		of[t] = append(of[t], c)
	}
	names := newNames()
	old := make(map[feedback.ThemeID]feedback.Theme)
	for _, t := range standing.Themes {
		old[t.ID] = t
	}
	for t := range run.Themes {
		if stood := old[run.Themes[t].ID]; stood.OwnName != "" || g.themeKept[t] && stood.Name != "" {
			run.Themes[t].Name = stood.Name
			names.take(stood.Name)
			names.take(stood.OwnName)
		} else {
			names.keep(stood.Name, stood.ID.String())
		}
	}
	for t := range run.Themes {
		theme := &run.Themes[t]
		if theme.Name != "" {
			continue
		}
		slices.SortStableFunc(of[t], func(a, b int) int { return cmp.Compare(run.Clusters[b].Size, run.Clusters[a].Size) })
		largest := run.Clusters[of[t][0]].Name
		if len(of[t]) == 1 && names.free(largest, theme.ID.String()) {
			theme.Name = largest
			names.take(largest)
			continue
		}
		ranked := book.shared(of[t])
		if i := slices.IndexFunc(ranked, func(p phrase) bool { return names.try(sentence(p.surface), theme.ID.String()) }); i >= 0 {
			theme.Name = sentence(ranked[i].surface)
			continue
		}
		var parts []string
		for _, c := range of[t][:min(2, len(of[t]))] {
			parts = append(parts, run.Clusters[c].Name)
		}
		if theme.Name = strings.Join(parts, ", "); !names.free(theme.Name, theme.ID.String()) {
			theme.Name = "Group " + theme.ID.String()
		}
		names.take(theme.Name)
	}
	for c := range run.Clusters {
		run.Clusters[c].ThemeName = run.Themes[g.theme[c]].Name
	}
}

// shared gives the phrases that most of some groups share, the most telling first. Groups count alike, so that a large one
// doesn't speak for all.
func (b *phraseBook) shared(groups []int) []phrase {
	within := make(map[string]*phrase)
	spread := make(map[string]int)
	for _, g := range groups {
		for key, c := range b.groups[g] {
			p := within[key]
			if p == nil {
				if c.count < 2 {
					continue
				}
				p = &phrase{key: key, words: int(c.words)}
				within[key] = p
			}
			share := float64(c.count) / float64(b.sizes[g])
			p.inside += share / float64(len(groups))
			p.count += c.count
			if share >= noticed {
				spread[key]++
			}
			if share > p.rival {
				p.rival, p.surface = share, c.best()
			}
		}
	}
	others := len(b.groups) - len(groups)
	apart := 2 + 4/float64(len(groups)) // a word that few groups share is sooner one of chance
	var out []phrase
	for key, p := range within {
		if 3*spread[key] < 2*len(groups) || p.words == maxOwn || !b.ends(key) {
			continue
		}
		rest := 0.0
		for g, counts := range b.groups {
			if c := counts[key]; c != nil && !slices.Contains(groups, g) {
				rest += float64(c.count) / float64(b.sizes[g]) / float64(others)
			}
		}
		if p.inside < apart*rest || p.inside < noticed || p.words == 1 && p.inside < 2*noticed {
			continue
		}
		p.score = telling(p.inside, rest+0.01) * form[p.words]
		out = append(out, *p)
	}
	sortPhrases(out)
	return out
}

// noticed is the part of a cluster's texts from which on they are said to have a phrase in common.
const noticed = 0.15
