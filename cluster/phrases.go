package cluster

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phrase is a run of one to three words, as it stands in an excerpt, that tells a group of texts from others.
type phrase struct {
	key     string // its folded words, which make its variants one
	surface string // its most frequent spelling
	words   int
	count   int // texts of the group that have it
	score   float64
}

// maxPhraseTexts bounds how many texts of one group are read for phrases: more add time and nothing else.
const maxPhraseTexts = 400

// phraseBook counts in how many texts of each group every phrase occurs.
type phraseBook struct {
	groups []phraseCounts
	sizes  []int
	total  map[string]int // by key, over all groups
	all    int
}

type phraseCounts map[string]*phraseCount

type phraseCount struct {
	count    int
	words    int
	surfaces map[string]int
}

// newPhraseBook reads the groups of texts. Texts of one group that are the same count once.
func newPhraseBook(groups [][]string) *phraseBook {
	b := &phraseBook{groups: make([]phraseCounts, len(groups)), sizes: make([]int, len(groups)), total: make(map[string]int)}
	parallel(context.Background(), len(groups), func(g int) { b.groups[g], b.sizes[g] = countPhrases(groups[g]) })
	for g, counts := range b.groups {
		for key, c := range counts {
			b.total[key] += c.count
		}
		b.all += b.sizes[g]
	}
	return b
}

// countPhrases counts the phrases of texts, and the texts that it read.
func countPhrases(texts []string) (phraseCounts, int) {
	counts := make(phraseCounts)
	seen := make(map[string]bool)
	for _, text := range texts {
		if seen[text] {
			continue
		}
		if len(seen) == maxPhraseTexts {
			break
		}
		seen[text] = true
		counts.read(text)
	}
	return counts, len(seen)
}

// read counts the phrases of one text, each once.
func (c phraseCounts) read(text string) {
	words := split(text)
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = fold(w.key)
	}
	seen := make(map[string]bool)
	for i := range words {
		if !content(words[i]) {
			continue
		}
		for n := 1; n <= 3 && i+n <= len(words); n++ {
			last := words[i+n-1]
			if n > 1 && !last.open {
				break
			}
			if !content(last) {
				// A stop word ends every phrase but those that go on across a joint.
				if !joints[last.key] {
					break
				}
				continue
			}
			if n == 1 && utf8.RuneCountInString(last.key) < 3 && !allUpper(text[last.start:last.end]) {
				continue
			}
			key := strings.Join(folded[i:i+n], " ")
			surface := text[words[i].start:last.end]
			if strings.ContainsAny(surface, "\n\t\u00a0") {
				continue
			}
			p := c[key]
			if p == nil {
				p = &phraseCount{words: n, surfaces: make(map[string]int)}
				c[key] = p
			}
			p.surfaces[surface]++
			if !seen[key] {
				seen[key] = true
				p.count++
			}
		}
	}
}

// content tells whether a word may begin or end a phrase.
func content(w word) bool {
	return w.plain && !stopWords[w.key] && utf8.RuneCountInString(w.key) > 1 && !unicode.IsDigit([]rune(w.key)[0])
}

func allUpper(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) && !unicode.IsUpper(r) {
			return false
		}
	}
	return true
}

// spreadPower says how much it counts that a phrase is in many texts, against that it is in no others.
const spreadPower = 0.55

// lengthBonus prefers phrases that say what, to words that only hint at it.
var lengthBonus = [4]float64{0, 1, 2.6, 2.8}

// rank gives the phrases of group g, the most telling first: how often it occurs there, to a
// power below 1, times the logarithm of how many
// times more often than in the rest and in the most alike groups (a class-based TF-IDF with contrast).
func (b *phraseBook) rank(g int, alike []int) []phrase {
	size := float64(b.sizes[g])
	var out []phrase
	least := 2
	if b.sizes[g] < 4 {
		least = 1
	}
	for key, c := range b.groups[g] {
		if c.count < least {
			continue
		}
		inside := float64(c.count) / size
		rest := (float64(b.total[key]-c.count) + 0.5) / (float64(b.all) - size + 10)
		for _, other := range alike {
			if o := b.groups[other][key]; o != nil {
				rest = max(rest, 0.5*float64(o.count)/float64(b.sizes[other]))
			}
		}
		lift := math.Log(inside / rest)
		if lift <= 0 {
			continue
		}
		// A phrase of a few texts may owe them to chance.
		steady := float64(c.count) / (float64(c.count) + 1)
		out = append(out, phrase{
			key: key, surface: c.surface(), words: c.words, count: c.count,
			score: math.Pow(inside, spreadPower) * lift * lengthBonus[c.words] * steady,
		})
	}
	slices.SortFunc(out, func(a, b phrase) int {
		if math.Abs(a.score-b.score) > 1e-9*math.Abs(a.score) {
			return cmp.Compare(b.score, a.score)
		}
		return cmp.Or(cmp.Compare(b.words, a.words), cmp.Compare(a.key, b.key))
	})
	return out
}

// surface is the most frequent spelling; of equals the one with fewer capitals, then the first by letters.
func (c *phraseCount) surface() string {
	best := ""
	for s, n := range c.surfaces {
		if best == "" || n > c.surfaces[best] || n == c.surfaces[best] && plainer(s, best) {
			best = s
		}
	}
	return best
}

func plainer(a, b string) bool {
	x, y := capitals(a), capitals(b)
	return x < y || x == y && a < b
}

func capitals(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsUpper(r) {
			n++
		}
	}
	return n
}

// overlaps tells whether one of two phrases contains a word of the other.
func overlaps(a, b string) bool {
	words := strings.Fields(a)
	for _, w := range strings.Fields(b) {
		if !joints[w] && slices.Contains(words, w) {
			return true
		}
	}
	return false
}

// distinct takes the first n phrases that no earlier one contains, nor they it.
func distinct(ranked []phrase, n int) []phrase {
	var out []phrase
	for _, p := range ranked {
		if len(out) == n {
			break
		}
		if !slices.ContainsFunc(out, func(q phrase) bool {
			return contains(q.key, p.key) || contains(p.key, q.key)
		}) {
			out = append(out, p)
		}
	}
	return out
}

// contains tells whether the words of a hold those of b, side by side.
func contains(a, b string) bool { return strings.Contains(" "+a+" ", " "+b+" ") }
