package cluster

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

const (
	// spreadPower says how much it counts that a phrase is in many texts, against that it is in no others.
	spreadPower = 0.65
	// partWeight is that of what the words of a phrase tell, one by one, beside what it tells as a whole.
	partWeight = 0.5
	// cutOff is how much of its score a phrase loses that stands nowhere but in a longer one.
	cutOff = 0.6
	// withParticle prefers "log in" to a word alone.
	withParticle = 1.2
	// rare is the part of other texts below which it doesn't count how few have a phrase.
	rare = 0.005
	// few is how many texts a group has at the most in which a phrase may be said once alone.
	few = 12
)

// form prefers phrases that say what, to words that only hint at it, by how many words of their own they have.
var form = [maxOwn + 1]float64{0, 1, 2.1, 2, 1}

// rank gives the phrases of group g, the most telling first: a class-based TF-IDF (Grootendorst 2022) with contrast to the
// most alike groups, of the phrase and of its words, less where it is a part of a longer one.
func (b *phraseBook) rank(g int, alike []int) []phrase {
	least := 2
	if b.sizes[g] < few {
		least = 1
	}
	word := make(map[string]float64)
	var out []phrase
	for key, c := range b.groups[g] {
		if c.count < least || !b.ends(key) {
			continue
		}
		p := phrase{key: key, words: int(c.words), count: c.count}
		p.score = b.telling(&p, g, alike)
		if p.words == 1 && (p.count > 1 || b.sizes[g] < 4) {
			word[key] = max(0, p.score)
		}
		out = append(out, p)
	}
	longest := make(map[string]int)
	for i := range out {
		p := &out[i]
		sum, known := 0.0, 0
		for _, unit := range units(p.key) {
			if t, ok := word[unit]; ok {
				sum += t
				known++
			}
		}
		parts := strings.Fields(p.key)
		for cut := 1; cut < len(parts); cut++ {
			for _, part := range []string{strings.Join(parts[:cut], " "), strings.Join(parts[cut:], " ")} {
				longest[part] = max(longest[part], p.count)
			}
		}
		switch {
		case p.score <= 0 || p.count == 1 && b.sizes[g] >= 4 && known < p.words:
			p.score = 0
		case p.words == 1:
			p.score *= 1 + partWeight
			if strings.Contains(p.key, " ") {
				p.score *= withParticle
			}
		default:
			p.score = form[p.words] * (p.score + partWeight*sum)
		}
		p.score *= float64(p.count) / (float64(p.count) + 1) // a phrase of a few texts may owe them to chance
	}
	for i := range out {
		within := float64(longest[out[i].key]) / float64(out[i].count)
		out[i].score *= 1 - cutOff*within*within
	}
	out = slices.DeleteFunc(out, func(p phrase) bool { return p.score <= 0 || p.words == maxOwn })
	sortPhrases(out)
	for i := range out {
		out[i].surface = b.groups[g][out[i].key].best()
	}
	return out
}

// units parts a key at its words; a particle stays with the word before it.
func units(key string) []string {
	var out []string
	for _, part := range strings.Fields(key) {
		if n := len(out); n > 0 && particles[part] {
			out[n-1] += " " + part
			continue
		}
		out = append(out, part)
	}
	return out
}

// telling is how well a phrase tells group g from the others, and sets where it stands.
func (b *phraseBook) telling(p *phrase, g int, alike []int) float64 {
	p.inside = float64(p.count) / float64(b.sizes[g])
	p.rest = (float64(b.total[p.key]-p.count) + 0.5) / (float64(b.all-b.sizes[g]) + 10)
	for _, other := range alike {
		if o := b.groups[other][p.key]; o != nil {
			p.rival = max(p.rival, float64(o.count)/float64(b.sizes[other]))
		}
	}
	return telling(p.inside, max(p.rest, 0.5*p.rival, rare))
}

// telling is a phrase's part of some texts, to a power below 1, times the logarithm of how many times more often it stands
// there than in the rest.
func telling(inside, rest float64) float64 {
	return math.Pow(inside, spreadPower) * math.Log(inside/rest)
}

// sortPhrases puts the best first. Sums that came together in another order differ by less than it takes to tell two apart.
func sortPhrases(all []phrase) {
	slices.SortFunc(all, func(a, b phrase) int {
		if math.Abs(a.score-b.score) > 1e-9*math.Abs(a.score) {
			return cmp.Compare(b.score, a.score)
		}
		return cmp.Or(cmp.Compare(b.words, a.words), cmp.Compare(a.key, b.key))
	})
}

// ends tells whether a phrase ends where its words do: with a word of its own, or with a particle that follows the word
// before it in most places, and often at the end of a clause, as in "log in", and unlike "interested in".
func (b *phraseBook) ends(key string) bool {
	at := strings.LastIndexByte(key, ' ')
	if at < 0 || !particles[key[at+1:]] {
		return true
	}
	verb := key
	if before := strings.LastIndexByte(key[:at], ' '); before >= 0 {
		verb = key[before+1:]
	}
	word, _, _ := strings.Cut(verb, " ")
	return 10*b.total[verb] >= 4*b.total[word] && 5*b.closed[verb] >= b.total[verb]
}
