package classify

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"earshot/feedback"
)

// A lexicon is a folder of text files, one language a folder. A line is a comment (#), a class of words, the list of a
// language's function words, or a rule: what it says, a colon, and the phrases that say it, with commas between them.
//
//	@fail: doesnt, cant, wont, fails to
//	!words: the, and, you
//	-2.5 complaint1: awful, horrible, rip~ off
//	-2 bug3 sev2: <fail> .. (work|load|open)
//
// What a rule says is a list of: a number (sentiment, -4 to 4), a kind and how much speaks for it (bug2), sev1 to
// sev3, urgent, churn, opens (it counts only at the start of a clause or in a question), and one of the roles in the
// table below.
//
// In a phrase, word~ stands for the word and its regular English forms (load, loads, loaded, loading), word~~ for a
// word that doubles its last letter (drop, dropped), word* for every word that begins so, (a|b|) for one of several or
// none, <class> for a word of a class, <num> and <money> for numbers, and .. for at most three words of one sentence.
//
//go:embed lexicon
var lexiconFiles embed.FS

// role is what a rule does to the rules around it.
type role uint8

const (
	roleNone     role = iota
	roleNot           // turns what follows: not, never
	roleBoost         // strengthens what follows: very
	roleSoften        // weakens what follows: slightly
	roleBut           // what follows weighs more than what stood before: but, however
	roleAlthough      // its own clause weighs less: although
	roleIf            // what follows is wished for, not there: if, would, need
	rolePolite        // counts only where nothing else is said: thanks
	roleMask          // takes its words away from other rules and says nothing
	roleResolved      // takes the weight from problems before it: fixed
	roleCosmetic      // a defect of looks: typo, logo
)

var roles = map[string]role{
	"not": roleNot, "boost": roleBoost, "soften": roleSoften, "but": roleBut, "although": roleAlthough,
	"if": roleIf, "polite": rolePolite, "mask": roleMask, "resolved": roleResolved, "cosmetic": roleCosmetic,
}

// kindCount is how many kinds rules can speak for.
const kindCount = 6

// rule is what a phrase says.
type rule struct {
	line      string // where it stands, for instance en/problems.txt:12
	sentiment float32
	kinds     [kindCount]float32 // in the order of feedback.Kinds
	severity  int8
	urgent    bool
	churn     bool
	opens     bool // counts only at the start of a clause or in a question
	role      role
	exact     bool // written out, not made by ~
}

// faint says whether a rule only leans: it never decides alone.
func (r *rule) faint() bool {
	if r.sentiment > 0.4 || r.sentiment < -0.4 || r.role != roleNone && r.role != roleCosmetic && r.role != roleNot {
		return false
	}
	for _, amount := range r.kinds {
		if amount > 0.5 {
			return false
		}
	}
	return r.severity == 0
}

// lexicon holds the rules of all languages. It is never changed once it is read.
type lexicon struct {
	numbers  map[string]int32 // of words
	classes  [][]uint64       // of each word: the classes that it belongs to, a bit each
	classIDs map[string]int16
	speaks   []uint16 // of each word: the languages whose function word it is, a bit each
	used     []uint16 // of each word: the languages whose rules use it, a bit each
	automata [len(languages)]automaton
	rules    []rule
}

// readLexicon reads the files of every language. Its error names the file and line.
func readLexicon() (*lexicon, error) {
	l := &lexicon{numbers: map[string]int32{}, classes: make([][]uint64, firstWord), speaks: make([]uint16, firstWord), used: make([]uint16, firstWord), classIDs: map[string]int16{}}
	for code := range languages {
		l.automata[code] = newAutomaton()
	}
	l.include(wordNumber, l.class(numberClass))
	l.include(wordMoney, l.class(numberClass))
	folders, err := lexiconFiles.ReadDir("lexicon")
	if err != nil {
		return nil, fmt.Errorf("read lexicon: %w", err)
	}
	// Classes first: a rule of any file may use them.
	for _, rules := range []bool{false, true} {
		for _, folder := range folders {
			files, err := lexiconFiles.ReadDir(path.Join("lexicon", folder.Name()))
			if err != nil {
				return nil, fmt.Errorf("read lexicon: %w", err)
			}
			for _, file := range files {
				name := path.Join("lexicon", folder.Name(), file.Name())
				text, err := lexiconFiles.ReadFile(name)
				if err != nil {
					return nil, fmt.Errorf("read lexicon: %w", err)
				}
				if err := l.read(name, folder.Name(), string(text), rules); err != nil {
					return nil, err
				}
			}
		}
	}
	return l, nil
}

// read reads the rules of one file, or everything but its rules. The folder "all" speaks to every language that has
// rules.
func (l *lexicon) read(name, folder, text string, rules bool) error {
	var codes []int
	for code, language := range languages {
		if language.tag == folder || folder == "all" && language.rules {
			codes = append(codes, code)
		}
	}
	if len(codes) == 0 {
		return fmt.Errorf("%s: no language %q", name, folder)
	}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		head, tail, ok := strings.Cut(line, ": ")
		if !ok {
			return fmt.Errorf("%s:%d: no colon", name, n+1)
		}
		isRule := line[0] != '@' && line[0] != '!'
		if isRule != rules {
			continue
		}
		var err error
		switch {
		case line[0] == '@':
			l.addClass(folder+" "+head[1:], tail)
		case head == "!words":
			for _, word := range fields(tail) {
				l.speaks[l.number(fold(word))] |= 1 << codes[0]
			}
		case !isRule:
			err = fmt.Errorf("no list %q", head)
		default:
			err = l.addRules(codes, folder, head, tail, fmt.Sprintf("%s:%d", strings.TrimPrefix(name, "lexicon/"), n+1))
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, n+1, err)
		}
	}
	return nil
}

// fields cuts a list at its commas.
func fields(s string) []string {
	var list []string
	for f := range strings.SplitSeq(s, ",") {
		if f = strings.TrimSpace(f); f != "" {
			list = append(list, f)
		}
	}
	return list
}

// number gives the number of a folded word, a new one if need be.
func (l *lexicon) number(word string) int32 {
	id, ok := l.numbers[word]
	if !ok {
		id = int32(len(l.classes))
		l.numbers[word] = id
		l.classes = append(l.classes, nil)
		l.speaks = append(l.speaks, 0)
		l.used = append(l.used, 0)
		if word[0] >= '0' && word[0] <= '9' {
			l.include(id, l.class(numberClass))
		}
	}
	return id
}

// numberClass holds every number, those that a phrase writes out too.
const numberClass = "num"

// class gives the number of a class, a new one if need be.
func (l *lexicon) class(name string) int16 {
	id, ok := l.classIDs[name]
	if !ok {
		id = int16(len(l.classIDs))
		l.classIDs[name] = id
	}
	return id
}

// include puts a word into a class.
func (l *lexicon) include(word int32, class int16) {
	for len(l.classes[word]) <= int(class)/64 {
		l.classes[word] = append(l.classes[word], 0)
	}
	l.classes[word][class/64] |= 1 << (class % 64)
}

// has says whether a word is of a class.
func (l *lexicon) has(word int32, class int16) bool {
	set := l.classes[word]
	return int(class)/64 < len(set) && set[class/64]&(1<<(class%64)) != 0
}

func (l *lexicon) addClass(name, list string) {
	id := l.class(name)
	for _, entry := range fields(list) {
		for _, word := range inflect(fold(entry)) {
			l.include(l.number(word), id)
		}
	}
}

func (l *lexicon) addRules(codes []int, folder, head, list, line string) error {
	says, err := parseRule(head)
	if err != nil {
		return err
	}
	says.line = line
	for _, phrase := range fields(list) {
		says.exact = !strings.Contains(phrase, "~")
		l.rules = append(l.rules, says)
		for _, code := range codes {
			if err := l.addPhrase(code, folder, fold(phrase), int32(len(l.rules)-1)); err != nil {
				return fmt.Errorf("%q: %w", phrase, err)
			}
		}
	}
	return nil
}

func parseRule(head string) (rule, error) {
	var r rule
	for _, part := range strings.Fields(head) {
		word := strings.TrimRight(part, "0123456789.")
		amount := float32(1)
		if digits := part[len(word):]; digits != "" {
			v, err := strconv.ParseFloat(digits, 32)
			if err != nil {
				return r, fmt.Errorf("%q is no amount", part)
			}
			amount = float32(v)
		}
		kind := slices.Index(feedback.Kinds, feedback.Kind(word))
		switch {
		case word == "" || word == "+" || word == "-":
			v, err := strconv.ParseFloat(part, 32)
			if err != nil || v < -4 || v > 4 {
				return r, fmt.Errorf("%q is no sentiment from -4 to 4", part)
			}
			r.sentiment = float32(v)
		case kind >= 0:
			r.kinds[kind] = amount
		case word == "sev":
			r.severity = int8(amount)
		case word == "urgent":
			r.urgent = true
		case word == "churn":
			r.churn = true
		case word == "opens":
			r.opens = true
		case roles[word] != roleNone:
			r.role = roles[word]
		default:
			return r, fmt.Errorf("%q says nothing", part)
		}
	}
	return r, nil
}

// inflect gives the regular English forms of word~ and word~~, or the word itself.
func inflect(word string) []string {
	base := strings.TrimRight(word, "~")
	if base == word || len(base) < 2 {
		return []string{word}
	}
	last, before := base[len(base)-1], base[len(base)-2]
	switch {
	case strings.HasSuffix(word, "~~"):
		twice := base + string(last)
		return []string{base, base + "s", twice + "ed", twice + "ing"}
	case last == 'e':
		return []string{base, base + "s", base + "d", base[:len(base)-1] + "ing"}
	case last == 'y' && !strings.ContainsRune("aeiou", rune(before)):
		stem := base[:len(base)-1]
		return []string{base, stem + "ies", stem + "ied", base + "ing"}
	case last == 's' || last == 'x' || last == 'z' || last == 'h' && (before == 's' || before == 'c'):
		return []string{base, base + "es", base + "ed", base + "ing"}
	}
	return []string{base, base + "s", base + "ed", base + "ing"}
}
