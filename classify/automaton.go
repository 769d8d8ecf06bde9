package classify

import (
	"fmt"
	"strings"
)

// automaton finds the phrases of one language. Phrases that begin alike share their first nodes; the ways through a
// (a|b c|) meet again behind it, so that its size grows with the lexicon's text and not with what the text stands for.
type automaton struct {
	nodes []node
	edges map[uint64]int32 // from a node, by a word, to the next
	start [][]int32        // by word: the nodes behind the root
	stems map[string]int32 // words that stand for all that begin so, by their numbers
}

type node struct {
	rule    int32 // 1 + the rule that ends here, or 0
	gap     int32 // the node behind a gap, or 0
	words   bool  // some edge is a word
	classes []classEdge
	joins   []int32 // nodes that are reached from here with no word
}

type classEdge struct {
	class int16
	worth int32
	to    int32
}

const (
	rootNode = 0
	maxGap   = 3
	// What one word of a phrase is worth when phrases compete for a place: a word that is written out a little more
	// than a word of a class.
	wordWorth  = 5
	classWorth = 4
)

func newAutomaton() automaton {
	return automaton{nodes: make([]node, 1), edges: map[uint64]int32{}, stems: map[string]int32{}}
}

func edge(from, word int32) uint64 { return uint64(from)<<32 | uint64(word) }

func (a *automaton) node() int32 {
	a.nodes = append(a.nodes, node{})
	return int32(len(a.nodes) - 1)
}

func (a *automaton) byWord(from, word int32) int32 {
	key := edge(from, word)
	to, ok := a.edges[key]
	if !ok {
		to = a.node()
		a.edges[key] = to
		a.nodes[from].words = true
	}
	return to
}

func (a *automaton) byClass(from int32, class int16, worth int32) int32 {
	for _, e := range a.nodes[from].classes {
		if e.class == class {
			return e.to
		}
	}
	to := a.node()
	a.nodes[from].classes = append(a.nodes[from].classes, classEdge{class, worth, to})
	return to
}

// addPhrase adds a phrase of the lexicon's form, folded, that says what rule says.
func (l *lexicon) addPhrase(code int, folder, phrase string, rule int32) error {
	a := &l.automata[code]
	ends, err := l.addSequence(a, code, folder, []int32{rootNode}, phrase)
	if err != nil {
		return err
	}
	for _, end := range ends {
		if end == rootNode {
			return fmt.Errorf("the phrase may be nothing at all")
		}
		// What is written out wins over what ~ made; otherwise the later line wins, so that a language can change
		// what the folder for all says.
		if old := a.nodes[end].rule; old == 0 || l.rules[rule].exact || !l.rules[old-1].exact {
			a.nodes[end].rule = rule + 1
		}
	}
	return nil
}

// addSequence adds words, classes, gaps and choices one behind another and returns where they lead.
func (l *lexicon) addSequence(a *automaton, code int, folder string, ends []int32, phrase string) ([]int32, error) {
	for _, part := range cut(phrase, ' ') {
		var next []int32
		if part[0] == '(' && part[len(part)-1] == ')' {
			var err error
			if next, err = l.addChoices(a, code, folder, ends, cut(part[1:len(part)-1], '|')); err != nil {
				return nil, err
			}
		} else {
			for _, from := range ends {
				to, err := l.addPart(a, code, folder, from, part)
				if err != nil {
					return nil, err
				}
				next = append(next, to...)
			}
		}
		ends = next
	}
	return ends, nil
}

// cut cuts s at each mark that stands in no brackets. Between spaces, nothing is no part; between bars it is one.
func cut(s string, mark byte) []string {
	var list []string
	depth, from := 0, 0
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == mark && depth == 0:
			if part := strings.TrimSpace(s[from:i]); part != "" || mark == '|' {
				list = append(list, part)
			}
			from = i + 1
		case s[i] == '(' && strings.IndexByte(s[i:], ')') > 0:
			depth++
		case s[i] == ')' && depth > 0:
			depth--
		}
	}
	return list
}

// addChoices adds the ways through one (a|b c|).
func (l *lexicon) addChoices(a *automaton, code int, folder string, ends []int32, choices []string) ([]int32, error) {
	var single, several []string
	optional := false
	for _, c := range choices {
		switch {
		case c == "":
			optional = true
		case strings.ContainsAny(c, " <*~("):
			several = append(several, c)
		default:
			single = append(single, c)
		}
	}
	join := int32(0)
	if len(several) > 0 || len(ends) > 1 {
		join = a.node()
	}
	var next []int32
	meet := func(nodes ...int32) {
		for _, at := range nodes {
			if join == 0 {
				next = append(next, at)
			} else {
				a.nodes[at].joins = append(a.nodes[at].joins, join)
			}
		}
	}
	for _, from := range ends {
		switch {
		case from == rootNode || len(single) == 1:
			for _, word := range single {
				meet(a.byWord(from, l.use(word, code)))
			}
		case len(single) > 1:
			class := l.class("(" + strings.Join(single, "|") + ")")
			for _, word := range single {
				l.include(l.use(word, code), class)
			}
			meet(a.byClass(from, class, wordWorth))
		}
		for _, c := range several {
			to, err := l.addSequence(a, code, folder, []int32{from}, c)
			if err != nil {
				return nil, err
			}
			meet(to...)
		}
		if optional {
			next = append(next, from)
		}
	}
	if join != 0 {
		next = append(next, join)
	}
	return next, nil
}

// use gives the number of a word that a language's rules use.
func (l *lexicon) use(word string, code int) int32 {
	n := l.number(word)
	l.used[n] |= 1 << code
	return n
}

// addPart adds one word, class or gap behind a node and returns where it leads.
func (l *lexicon) addPart(a *automaton, code int, folder string, from int32, part string) ([]int32, error) {
	switch {
	case part == "..":
		if from == rootNode {
			return nil, fmt.Errorf("a phrase cannot begin with a gap")
		}
		if a.nodes[from].gap == 0 {
			gap := a.node()
			a.nodes[from].gap = gap
		}
		return []int32{a.nodes[from].gap}, nil
	case part == "<num>":
		return []int32{a.byClass(from, l.class(numberClass), classWorth)}, nil
	case part == "<money>":
		return []int32{a.byWord(from, wordMoney)}, nil
	case part[0] == '<' && part[len(part)-1] == '>' && len(part) > 2:
		class, ok := l.classIDs[folder+" "+part[1:len(part)-1]]
		if !ok {
			return nil, fmt.Errorf("no class %s", part)
		}
		return []int32{a.byClass(from, class, classWorth)}, nil
	case part[len(part)-1] == '*' && len(part) > 1:
		n := l.number(part)
		a.stems[part[:len(part)-1]] = n
		return []int32{a.byWord(from, n)}, nil
	}
	var ends []int32
	for _, word := range inflect(part) {
		ends = append(ends, a.byWord(from, l.use(word, code)))
	}
	return ends, nil
}

// seal makes the table of first words, once all rules are read.
func (l *lexicon) seal() {
	for code := range l.automata {
		a := &l.automata[code]
		a.start = make([][]int32, len(l.classes))
		for key, to := range a.edges {
			if key>>32 == rootNode {
				word := uint32(key)
				a.start[word] = append(a.start[word], to)
			}
		}
		for _, e := range a.nodes[rootNode].classes {
			for word := range l.classes {
				if l.has(int32(word), e.class) {
					a.start[word] = append(a.start[word], e.to)
				}
			}
		}
	}
}

// match is the phrase of most worth found at a place.
type match struct {
	rule  int32
	worth int32
	last  int32  // the token behind its last
	own   uint64 // which tokens from the first on are its own and not in a gap, a bit each
}

// find gives the phrase of most worth that begins at token i, the graver of two that are worth the same. Gaps never cross a sentence's end.
func (l *lexicon) find(a *automaton, tokens []token, i int) match {
	var best match
	for _, n := range a.start[tokens[i].word] {
		l.extend(a, tokens, i, i+1, n, wordWorth, 1, &best)
	}
	return best
}

// extend goes on from a node that was reached with the tokens before at.
func (l *lexicon) extend(a *automaton, tokens []token, first, at int, n int32, worth int32, own uint64, best *match) {
	here := &a.nodes[n]
	if here.rule != 0 && (worth > best.worth || worth == best.worth && l.rules[here.rule-1].severity > l.rules[best.rule].severity) {
		*best = match{rule: here.rule - 1, worth: worth, last: int32(at), own: own}
	}
	l.step(a, tokens, first, at, n, worth, own, best)
	for _, join := range here.joins {
		l.extend(a, tokens, first, at, join, worth, own, best)
	}
	if here.gap != 0 {
		for skip := 0; skip <= maxGap; skip++ {
			l.step(a, tokens, first, at+skip, here.gap, worth, own, best)
		}
	}
}

func (l *lexicon) step(a *automaton, tokens []token, first, at int, n int32, worth int32, own uint64, best *match) {
	if at >= len(tokens) || at-first >= 64 || tokens[at].sentence != tokens[first].sentence {
		return
	}
	word := tokens[at].word
	if word == wordUnknown {
		return
	}
	here := &a.nodes[n]
	if here.words {
		if next := a.edges[edge(n, word)]; next != 0 {
			l.extend(a, tokens, first, at+1, next, worth+wordWorth, own|1<<(at-first), best)
		}
	}
	for _, e := range here.classes {
		if l.has(word, e.class) {
			l.extend(a, tokens, first, at+1, e.to, worth+e.worth, own|1<<(at-first), best)
		}
	}
}
