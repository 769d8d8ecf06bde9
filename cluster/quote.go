package cluster

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"earshot/feedback"
)

const (
	shown     = 12  // excerpts that a language model sees of a cluster
	shownOf   = 120 // the most central ones, of which they are taken
	relevance = 0.5 // how much it counts that they are central, the rest that they differ

	quoted = 140
	terse  = 20 // characters below which a quote says little
)

// exemplars are the texts that a language model sees: one after the other the text that is nearest to the centroid and least like
// those taken before (maximal marginal relevance; Carbonell and Goldstein 1998), out of the most central ones, each once.
func exemplars(central []int32, points []feedback.Point, vectors *vectors, centroid feedback.Vector) []string {
	type candidate struct {
		text          string
		vector        feedback.Vector
		near, nearest float32 // to the centroid, and to a text that was taken
	}
	var left []candidate
	seen := make(map[string]bool)
	for _, p := range central {
		if len(left) == shownOf {
			break
		}
		if text := points[p].Text; !seen[text] {
			seen[text] = true
			vector := vectors.read(int(p), make(feedback.Vector, vectors.dims))
			left = append(left, candidate{text: text, vector: vector, near: feedback.Dot(vector, centroid)})
		}
	}
	var out []string
	for len(out) < shown && len(left) > 0 {
		best, most := 0, float32(math.Inf(-1))
		for i, c := range left {
			if worth := relevance*c.near - (1-relevance)*c.nearest; worth > most {
				best, most = i, worth
			}
		}
		taken := left[best]
		out = append(out, taken.text)
		left = slices.Delete(left, best, best+1)
		for i := range left {
			left[i].nearest = max(left[i].nearest, feedback.Dot(left[i].vector, taken.vector))
		}
	}
	return out
}

// quote is a summary in a customer's words: of the most central quarter of the excerpts, and of ten at least, the most
// central that fits on a line, says what the name says, and holds no placeholder; else the one that comes nearest to that,
// or the beginning of the most central one.
func quote(central []int32, points []feedback.Point, name string) string {
	named := wordsOf(name)
	best, most := "", 0
	for _, p := range central[:min(len(central), max(10, (len(central)+3)/4))] {
		text := strings.TrimSpace(points[p].Text)
		if n := utf8.RuneCountInString(text); n == 0 || n > quoted || strings.ContainsAny(text, "\n\r") {
			continue
		}
		if fit := fitness(text, named); fit > most {
			best, most = text, fit
		}
	}
	if best == "" {
		best = beginning(strings.TrimSpace(points[central[0]].Text))
	}
	return "“" + best + "”"
}

// fitness says how well a text that fits on a line stands for a cluster with a name of these words.
func fitness(text string, named map[string]bool) int {
	fit, own := 1, 0
	has := make(map[string]bool)
	known := make(roots)
	placeholder := false
	for _, w := range runs(text, split(text)) {
		placeholder = placeholder || !w.plain && redacted(text, w)
		if content(w) {
			own++
			for _, part := range strings.Fields(known.of(w.key)) {
				has[part] = true
			}
		}
	}
	for w := range named {
		if has[w] {
			fit += 4
		}
	}
	if own >= 2 && utf8.RuneCountInString(text) >= terse {
		fit += 3
	}
	if placeholder {
		fit--
	}
	if first, _, _ := strings.Cut(text, " "); connectives[strings.ToLower(strings.TrimRight(first, ",:"))] || unicode.IsDigit(rune(text[0])) && strings.HasSuffix(first, ".") {
		fit -= 2
	}
	return fit
}

// redacted tells whether a word stands in square brackets.
func redacted(text string, w word) bool {
	return w.start > 0 && text[w.start-1] == '['
}

// beginning is the first line of a text, or what fits of it.
func beginning(text string) string {
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
		return line + " …"
	}
	return line
}
