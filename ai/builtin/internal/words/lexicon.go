package words

import (
	"fmt"
	"strings"
)

// Lexicon knows the words and phrases that stand for concepts. Phrases are found by the hashes of their words' stems.
type Lexicon struct {
	Concepts []Concept
	entries  map[uint64]entry
}

// Concept is one line of a lexicon.
type Concept struct {
	Name  string
	Words []string // its members of one word, as written, without repetition
}

// entry is what is known of a sequence of stems.
type entry struct {
	concepts []uint16 // that the sequence stands for
	goesOn   bool     // whether it begins a longer phrase
}

// Match is a phrase found in a text.
type Match struct {
	Concepts []uint16 // what it may mean, indices into Lexicon.Concepts, at least one
	Words    int      // its length
}

// ReadLexicon reads a lexicon: on each line the name of a concept, which is also its first member, a colon, and further
// members between commas. Lines that begin with # and empty lines are skipped.
func ReadLexicon(text string) (*Lexicon, error) {
	l := &Lexicon{entries: make(map[uint64]entry)}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, members, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("lexicon line %d: no colon after the concept's name", number)
		}
		l.add(name, strings.Split(members, ","))
	}
	return l, nil
}

func (l *Lexicon) add(name string, members []string) {
	id := uint16(len(l.Concepts))
	concept := Concept{Name: name}
	for _, member := range append([]string{name}, members...) {
		var list List
		list.Split(member, 16)
		if list.Len() == 0 {
			continue
		}
		if word := string(list.Word(0)); list.Len() == 1 {
			concept.addWord(word)
		}
		key := uint64(0)
		for i := range list.Len() {
			key = NextKey(key, Hash(AppendStem(nil, list.Word(i))))
			e := l.entries[key]
			if i+1 < list.Len() {
				e.goesOn = true
			} else if !e.has(id) {
				e.concepts = append(e.concepts, id)
			}
			l.entries[key] = e
		}
	}
	l.Concepts = append(l.Concepts, concept)
}

func (c *Concept) addWord(word string) {
	for _, w := range c.Words {
		if w == word {
			return
		}
	}
	c.Words = append(c.Words, word)
}

func (e entry) has(id uint16) bool {
	for _, c := range e.concepts {
		if c == id {
			return true
		}
	}
	return false
}

// NextKey is the key of a sequence of stems that is one stem longer than that of key; the empty sequence has key 0.
func NextKey(key, stemHash uint64) uint64 { return Mix(key*3 + stemHash) }

// Knows tells whether a single stem stands for a concept.
func (l *Lexicon) Knows(stemHash uint64) bool {
	return len(l.entries[NextKey(0, stemHash)].concepts) > 0
}

// AppendMatches appends to dst every phrase that begins with the first of the stems, the shortest first.
func (l *Lexicon) AppendMatches(dst []Match, stemHashes []uint64) []Match {
	key := uint64(0)
	for i, h := range stemHashes {
		key = NextKey(key, h)
		e, ok := l.entries[key]
		if !ok {
			break
		}
		if len(e.concepts) > 0 {
			dst = append(dst, Match{e.concepts, i + 1})
		}
		if !e.goesOn {
			break
		}
	}
	return dst
}
