package cluster

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phrase is a run of words, as it stands in an excerpt, that tells a group of texts from others. It begins and ends with
// words of its own, or ends with a particle that belongs to the word before; joints may stand between them.
type phrase struct {
	key     string  // the roots of its words without the joints, which makes its variants one
	surface string  // its most telling spelling
	words   int     // of its own
	count   int     // texts of the group that have it
	inside  float64 // the part of the group's texts that have it
	rest    float64 // the part of all other texts that have it
	rival   float64 // the largest part of the texts of one of the most alike groups that have it
	score   float64
}

const (
	maxPhraseTexts = 400 // texts of one group that are read for phrases: more add time and nothing else
	maxOwn         = 4   // words of its own in a phrase: names have up to three, and those of four show which are cut off
	maxJoints      = 3   // joints side by side
	maxSpan        = 7   // words in all

	longWord = 40 // characters beyond which nobody wrote a word

	no = "¬" // any negation in a key
)

// phraseBook counts in how many texts of each group every phrase occurs.
type phraseBook struct {
	groups []phraseCounts
	sizes  []int
	total  map[string]int // by key, over all groups
	closed map[string]int // by key that ends in a particle, over all groups: texts in which a clause ends with it
	all    int
}

type phraseCounts map[string]*phraseCount

type phraseCount struct {
	count, closed int
	text          int32 // the last that had it, from 1
	words         int8
	surface       string // the first spelling seen
	seen          spelling
	others        map[string]spelling
}

// spelling is how often a phrase is spelled so: inside a sentence, and at its beginning, where a capital says nothing.
type spelling struct{ within, leading int32 }

// newPhraseBook reads the groups of texts. Texts of one group that are the same count once.
func newPhraseBook(groups [][]string) *phraseBook {
	b := &phraseBook{groups: make([]phraseCounts, len(groups)), sizes: make([]int, len(groups)), total: make(map[string]int), closed: make(map[string]int)}
	parallel(context.Background(), len(groups), func(g int) { b.groups[g], b.sizes[g] = countPhrases(groups[g]) })
	for g, counts := range b.groups {
		for key, c := range counts {
			b.total[key] += c.count
			if c.closed > 0 {
				b.closed[key] += c.closed
			}
		}
		b.all += b.sizes[g]
	}
	return b
}

// countPhrases counts the phrases of texts, and the texts that it read.
func countPhrases(texts []string) (phraseCounts, int) {
	counts, known := make(phraseCounts), make(roots)
	seen := make(map[string]bool)
	for _, text := range texts {
		if seen[text] {
			continue
		}
		if len(seen) == maxPhraseTexts {
			break
		}
		seen[text] = true
		counts.read(text, int32(len(seen)), known)
	}
	return counts, len(seen)
}

// read counts the phrases of one text, each once.
func (c phraseCounts) read(text string, number int32, known roots) {
	words := runs(text, split(text))
	key := make([]byte, 0, 64)
	for i, first := range words {
		if !content(first) {
			continue
		}
		key = append(key[:0], known.of(first.key)...)
		if utf8.RuneCountInString(first.key) > 2 || allUpper(text[first.start:first.end]) {
			c.count(text, words, i, i, key, 1, number)
		}
		own, gap, denied := 1, 0, false
		for j := i + 1; j < len(words) && j-i < maxSpan; j++ {
			w := words[j]
			if !w.open {
				break
			}
			switch {
			case content(w) || denied && predicates[w.key]:
				own++
				if denied {
					key = append(key, " "+no...)
				}
				key = append(append(key, ' '), known.of(w.key)...)
				gap, denied = 0, false
				if own <= maxOwn {
					c.count(text, words, i, j, key, own, number)
				}
			case particles[w.key] && gap == 0:
				key = append(append(key, ' '), w.key...)
				c.count(text, words, i, j, key, own, number)
				gap++
			case joints[w.key]:
				denied = denied || negations[w.key]
				gap++
			default:
				gap = maxJoints + 1
			}
			if own >= maxOwn || gap > maxJoints {
				break
			}
		}
	}
}

// count counts the phrase from one word to another.
func (c phraseCounts) count(text string, words []word, from, to int, key []byte, own int, number int32) {
	surface := text[words[from].start:words[to].end]
	if strings.Contains(surface, "\u00a0") {
		return
	}
	p := c[string(key)]
	if p == nil {
		p = &phraseCount{words: int8(own), surface: surface}
		c[string(key)] = p
	}
	if p.text != number {
		p.text = number
		p.count++
		if end := words[to]; particles[end.key] && (to+1 == len(words) || !words[to+1].open) || from == to && strings.Contains(end.key, "-") {
			p.closed++
		}
	}
	var s spelling
	if words[from].open {
		s.within = 1
	} else {
		s.leading = 1
	}
	if surface == p.surface {
		p.seen = p.seen.plus(s)
		return
	}
	if p.others == nil {
		p.others = make(map[string]spelling)
	}
	p.others[surface] = p.others[surface].plus(s)
}

func (s spelling) plus(t spelling) spelling {
	return spelling{s.within + t.within, s.leading + t.leading}
}

// content tells whether a word may begin or end a phrase.
func content(w word) bool {
	if n := utf8.RuneCountInString(w.key); n < 2 || n > longWord {
		return false
	}
	return w.plain && !stopWords[w.key] && !unicode.IsDigit([]rune(w.key)[0])
}

func allUpper(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) && !unicode.IsUpper(r) {
			return false
		}
	}
	return true
}

// best is the spelling that reads best: the most frequent one inside sentences, where capitals that are not all of it
// count more, for they are the marks of a name which most leave out; of equals the one with fewer capitals, then the first by letters.
func (c *phraseCount) best() string {
	best, most := c.surface, c.seen.plus(c.led(c.surface)).weight(c.surface)
	for s, n := range c.others {
		if w := n.plus(c.led(s)).weight(s); w > most || w == most && plainer(s, best) {
			best, most = s, w
		}
	}
	return best
}

// led is how often a spelling stands at the beginning of a sentence with a capital that it has nowhere else.
func (c *phraseCount) led(surface string) spelling {
	capital := sentence(surface)
	if capital == surface {
		return spelling{}
	}
	if capital == c.surface {
		return spelling{leading: c.seen.leading}
	}
	return spelling{leading: c.others[capital].leading}
}

func (s spelling) weight(surface string) int {
	weight := 8*int(s.within) + min(int(s.leading), 7)
	capital, size := utf8.DecodeRuneInString(surface)
	switch {
	case utf8.RuneCountInString(surface) > 5 && allUpper(surface):
		return weight / 4 // shouted
	case s.within > 0 && (unicode.IsUpper(capital) || capitals(surface[size:]) > 0):
		return 2 * weight
	}
	return weight
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
