package cluster

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// names gives each name once.
type names struct {
	taken map[string]bool   // in lower case
	words map[string]bool   // the words of those taken, by their roots, in no order: what differs by no word is no other name
	owner map[string]string // by its words, the id that a name stood for and that may have it again: no other may
}

func newNames() *names {
	return &names{taken: make(map[string]bool), words: make(map[string]bool), owner: make(map[string]string)}
}

// keep holds the name that stood for what goes on with other contents, so that it does not go to another beside it: who
// reads a trend by its name would take the one for the other.
func (n *names) keep(name, id string) {
	if words := gist(name); words != "" {
		n.owner[words] = id
	}
}

// free says whether what has the id may have the name.
func (n *names) free(name, id string) bool {
	owner, stood := n.owner[gist(name)]
	return !n.taken[strings.ToLower(name)] && (!stood || owner == id)
}

func (n *names) take(name string) {
	n.taken[strings.ToLower(name)] = true
	n.words[gist(name)] = true
}

// try takes a name unless it, or one of the same words, is taken or stood for another.
func (n *names) try(name, id string) bool {
	if words := gist(name); !n.free(name, id) || words != "" && n.words[words] {
		return false
	}
	n.take(name)
	return true
}

// pick makes a name of the ranked phrases: the first that says enough and is free, else the first that is less common in the
// clusters near by. Without one it is the first clause of a text, any phrase, or how the text begins, and at last the id.
func (n *names) pick(ranked []phrase, size int, text, id string) string {
	ranked = representative(ranked, size)
	ranked = ranked[:min(len(ranked), considered)]
	var candidates []string
	for _, fits := range []func(phrase) bool{phrase.says, phrase.hints} {
		for _, p := range ranked {
			if fits(p) {
				candidates = append(candidates, p.surface)
			}
		}
	}
	candidates = append(candidates, clause(text))
	for _, p := range ranked {
		candidates = append(candidates, p.surface)
	}
	for _, c := range append(candidates, firstWords(text)) {
		if name := sentence(c); name != "" && n.try(name, id) {
			return name
		}
	}
	n.take("Group " + id)
	return "Group " + id
}

const (
	considered = 40
	shortest   = 3 // words of a clause that is a name
	longest    = 6
)

// says tells whether a phrase says enough to be a name: a single word must be in many of the texts, and in far fewer of any
// cluster near by.
func (p phrase) says() bool {
	return strings.Contains(p.key, " ") || p.inside >= 0.4 && p.rival <= 0.4*p.inside
}

// hints tells whether a phrase is in some of the texts, and clearly less common elsewhere.
func (p phrase) hints() bool {
	return p.inside >= 0.1 && p.rival <= 0.8*p.inside && 3*p.rest <= p.inside
}

// representative leaves out the phrases of so few texts that a group can't be named for them, unless there are no others.
func representative(ranked []phrase, size int) []phrase {
	out := slices.Clone(ranked)
	out = slices.DeleteFunc(out, func(p phrase) bool { return 20*p.count < size })
	if len(out) == 0 {
		return ranked
	}
	return out
}

// clause is the first clause of a text, where it is short enough for a name and long enough to say something.
func clause(text string) string {
	words := split(text)
	if len(words) == 0 {
		return ""
	}
	last := 0
	for last+1 < len(words) && words[last+1].open {
		last++
	}
	out := text[words[0].start:words[last].end]
	if spaceless(out) {
		if utf8.RuneCountInString(out) > 3*longest {
			return ""
		}
	} else if last+1 < shortest || last+1 > longest || len(out) > longest*longWord/2 {
		return ""
	}
	return out
}

// firstWords is how a text begins.
func firstWords(text string) string {
	words := split(text)
	if len(words) == 0 {
		return ""
	}
	out := text[words[0].start:words[min(len(words), longest)-1].end]
	if r := []rune(out); len(r) > 8*longest {
		out = string(r[:8*longest])
	}
	return strings.Join(strings.Fields(out), " ") + " …"
}

// wordsOf gives the roots of the words of a name that are its own, and whether it denies something.
func wordsOf(name string) map[string]bool {
	out := make(map[string]bool)
	for _, w := range runs(name, split(name)) {
		switch {
		case negations[w.key]:
			out[no] = true
		case content(w) || particles[w.key] || predicates[w.key]:
			for _, part := range strings.Fields(root(w.key)) {
				out[part] = true
			}
		}
	}
	return out
}

// gist is what two names that say the same have in common.
func gist(name string) string {
	return strings.Join(slices.Sorted(maps.Keys(wordsOf(name))), " ")
}

// sentence begins a phrase with a capital, unless its first word has one further on, as brand names do.
func sentence(s string) string {
	first, _, _ := strings.Cut(s, " ")
	r, size := utf8.DecodeRuneInString(s)
	if s == "" || capitals(first) > 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// oneLine makes one line of what a model wrote.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
