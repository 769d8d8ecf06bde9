package cluster

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"earshot/feedback"
)

const (
	keywords = 8
	rivals   = 3  // the clusters nearest to one, against which its phrases are held
	shown    = 12 // excerpts that a language model sees of a cluster
	quoted   = 140

	namedTexts = 2000 // texts of a cluster that are read for its names
)

// name puts the clusters and themes of the run into words. A cluster that holds at least half of what it was named for
// keeps its name; no two clusters have one name, nor two themes.
func (s *Stage) name(ctx context.Context, run *feedback.Run, g *groups, points []feedback.Point, standing feedback.Standing) error {
	texts := make([][]string, len(g.members))
	central := make([][]int32, len(g.members))
	for c, members := range g.members {
		central[c] = byCentrality(g.vectors, members, g.centroids[c])
		// They are in the order of their ids, which are hashes: the first ones are a sample.
		for _, p := range members[:min(len(members), namedTexts)] {
			texts[c] = append(texts[c], points[p].Text)
		}
	}
	book := newPhraseBook(texts)
	names := newNames()
	old := make(map[feedback.ClusterID]feedback.Cluster)
	for _, c := range standing.Clusters {
		old[c.ID] = c
	}
	for c := range run.Clusters {
		stood := old[run.Clusters[c].ID]
		// What a person called a cluster stays its name, and what it was called before is kept for when they take that back.
		if stood.OwnName != "" || g.kept[c] && stood.Name != "" {
			run.Clusters[c].Name, run.Clusters[c].Summary = stood.Name, stood.Summary
			names.take(stood.Name)
			names.take(stood.OwnName)
		}
	}
	failed := false
	for c := range run.Clusters {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		cluster := &run.Clusters[c]
		ranked := book.rank(c, g.rivals(c))
		for _, p := range distinct(ranked, keywords) {
			cluster.Keywords = append(cluster.Keywords, p.surface)
		}
		kept := cluster.Name != ""
		summary := quote(central[c], points)
		if s.c.Namer == nil || cluster.Summary == "" {
			cluster.Summary = summary
		}
		if !kept && s.c.Namer != nil && !failed {
			name, words, err := s.c.Namer.NameCluster(ctx, cluster.Keywords, exemplars(central[c], points))
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				failed = true
				s.c.Log.Warn("a language model could not name a cluster: built-in names are used", "code", feedback.ErrorCode(err), "error", err)
			} else if name = oneLine(name); name != "" && names.free(name) {
				cluster.Name = name
				names.take(name)
				if words = oneLine(words); words != "" {
					cluster.Summary = words
				}
			}
		}
		if cluster.Name == "" {
			cluster.Name = names.pick(ranked, book.sizes[c], cluster.Summary, cluster.ID.String())
		}
		s.c.Progress("name", c+1, len(run.Clusters))
	}
	s.nameThemes(run, g, texts, book, standing)
	return nil
}

// nameThemes names themes from their clusters: the one cluster's own name, or the phrase that tells the theme from the
// others and comes from more than one of its clusters.
func (s *Stage) nameThemes(run *feedback.Run, g *groups, texts [][]string, perCluster *phraseBook, standing feedback.Standing) {
	grouped := make([][]string, len(run.Themes))
	of := make([][]int, len(run.Themes))
	for c, t := range g.theme {
		of[t] = append(of[t], c)
	}
	for t, clusters := range of {
		// Clusters take turns, so that a large one doesn't speak for all.
		for i := 0; ; i++ {
			some := false
			for _, c := range clusters {
				if i < len(texts[c]) {
					grouped[t] = append(grouped[t], texts[c][i])
					some = true
				}
			}
			if !some {
				break
			}
		}
	}
	book := newPhraseBook(grouped)
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
		}
	}
	for t := range run.Themes {
		theme := &run.Themes[t]
		if theme.Name != "" {
			continue
		}
		if largest := run.Clusters[of[t][0]].Name; len(of[t]) == 1 && names.free(largest) {
			theme.Name = largest
			names.take(largest)
			continue
		}
		ranked := book.rank(t, nil)
		for i, p := range ranked {
			spread := 0
			for _, c := range of[t] {
				if perCluster.groups[c][p.key] != nil {
					spread++
				}
			}
			ranked[i].score *= float64(spread) / float64(len(of[t]))
		}
		slices.SortStableFunc(ranked, func(a, b phrase) int { return cmp.Compare(b.score, a.score) })
		theme.Name = names.pick(ranked, book.sizes[t], "", theme.ID.String())
	}
	for c := range run.Clusters {
		run.Clusters[c].ThemeName = run.Themes[g.theme[c]].Name
	}
}

// rivals gives the clusters whose centroids are nearest to that of c.
func (g *groups) rivals(c int) []int {
	var others []int
	near := make([]float32, len(g.centroids))
	for o := range g.centroids {
		if o != c {
			others = append(others, o)
			near[o] = feedback.Dot(g.centroids[c], g.centroids[o])
		}
	}
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(near[b], near[a]) })
	return others[:min(rivals, len(others))]
}

// byCentrality gives the members of a cluster, those nearest to its centroid first.
func byCentrality(vectors *vectors, members []int32, centroid feedback.Vector) []int32 {
	out := slices.Clone(members)
	vector := make(feedback.Vector, vectors.dims)
	near := make(map[int32]float32, len(out))
	for _, p := range out {
		near[p] = feedback.Dot(vectors.read(int(p), vector), centroid)
	}
	slices.SortStableFunc(out, func(a, b int32) int { return cmp.Compare(near[b], near[a]) })
	return out
}

// exemplars are the texts that a language model sees: the most central ones, each once.
func exemplars(central []int32, points []feedback.Point) []string {
	var out []string
	for _, p := range central {
		if len(out) == shown {
			break
		}
		if !slices.Contains(out, points[p].Text) {
			out = append(out, points[p].Text)
		}
	}
	return out
}

// quote is a summary in a customer's words: the most central excerpt that fits on a line, of the most central quarter, or
// the beginning of the most central one.
func quote(central []int32, points []feedback.Point) string {
	for _, p := range central[:(len(central)+3)/4] {
		text := strings.TrimSpace(points[p].Text)
		if n := utf8.RuneCountInString(text); n >= 20 && n <= quoted && !strings.ContainsAny(text, "\n\r") {
			return "“" + text + "”"
		}
	}
	text := strings.TrimSpace(points[central[0]].Text)
	line, _, cut := strings.Cut(text, "\n")
	line = strings.TrimSpace(line)
	if utf8.RuneCountInString(line) > quoted {
		cut = true
		short := string([]rune(line)[:quoted])
		if at := strings.LastIndexByte(short, ' '); at > len(short)/2 {
			short = short[:at]
		}
		line = short
	}
	if cut {
		return "“" + line + " …”"
	}
	return "“" + line + "”"
}

// names gives each name once.
type names struct{ taken map[string]bool }

func newNames() *names { return &names{taken: make(map[string]bool)} }

func (n *names) free(name string) bool { return !n.taken[strings.ToLower(name)] }
func (n *names) take(name string)      { n.taken[strings.ToLower(name)] = true }

// pick makes a name of the ranked phrases: the first one, with the first other that adds to it where a single word says
// too little; of what is taken, the next. Without a phrase it is the summary's beginning, and at last the id.
func (n *names) pick(ranked []phrase, size int, summary, id string) string {
	ranked = representative(ranked, size)
	for i, p := range ranked[:min(len(ranked), 30)] {
		name := sentence(p.surface)
		if p.words == 1 {
			if with := companion(ranked, i); with != "" {
				name += ", " + with
			}
		}
		if n.free(name) {
			n.take(name)
			return name
		}
	}
	if words := strings.Fields(strings.Trim(summary, "“”")); len(words) > 0 {
		if name := strings.Join(words[:min(len(words), 6)], " "); n.free(name) {
			n.take(name)
			return name
		}
	}
	n.take("Group " + id)
	return "Group " + id
}

// representative leaves out the phrases of so few texts that a group can't be named for them, unless there are no others.
func representative(ranked []phrase, size int) []phrase {
	out := slices.Clone(ranked)
	out = slices.DeleteFunc(out, func(p phrase) bool { return 10*p.count < size })
	if len(out) == 0 {
		return ranked
	}
	return out
}

// companion is the first phrase after the ith that shares no word with it and is nearly as telling.
func companion(ranked []phrase, i int) string {
	for _, q := range ranked[i+1 : min(len(ranked), i+12)] {
		if !overlaps(ranked[i].key, q.key) && q.score > 0.4*ranked[i].score {
			return q.surface
		}
	}
	return ""
}

// sentence begins a phrase with a capital.
func sentence(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// oneLine makes one line of what a model wrote.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
