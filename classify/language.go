package classify

import (
	"strings"
	"unicode"
)

// languages lists those that are told apart by their function words. Those without rules are known so that their words
// are not read as another language's.
var languages = [...]struct {
	tag   string
	rules bool
}{
	{"en", true}, {"de", true}, {"es", true}, {"fr", true}, {"nl", false}, {"pt", false}, {"it", false}, {"pl", false}, {"sv", false},
}

const (
	english = 0
	german  = 1
	spanish = 2
	french  = 3
	unknown = -1
)

// Scripts that stand for one language.
const (
	scriptHan = iota
	scriptKana
	scriptHangul
	scriptThai
	scriptGreek
	scriptHebrew
	scriptOther // Cyrillic, Arabic, Devanagari and others that many languages share
	scriptCount
)

var scriptTags = [scriptCount]string{scriptHan: "zh", scriptKana: "ja", scriptHangul: "ko", scriptThai: "th", scriptGreek: "el", scriptHebrew: "he"}

func (w *words) countScript(r rune) {
	switch {
	case r < 0x370:
	case unicode.Is(unicode.Han, r):
		w.scripts[scriptHan]++
	case unicode.In(r, unicode.Hiragana, unicode.Katakana):
		w.scripts[scriptKana]++
	case unicode.Is(unicode.Hangul, r):
		w.scripts[scriptHangul]++
	case unicode.Is(unicode.Thai, r):
		w.scripts[scriptThai]++
	case unicode.Is(unicode.Greek, r):
		w.scripts[scriptGreek]++
	case unicode.Is(unicode.Hebrew, r):
		w.scripts[scriptHebrew]++
	default:
		w.scripts[scriptOther]++
	}
}

// language gives the language whose rules read the text, or unknown, and the tag by which people know it, "" where the
// text does not show it. What the producer believes decides where the text is too short to show.
func (l *lexicon) language(w *words, believed string) (code int, tag string) {
	letters, script := 0, -1
	for s, n := range w.scripts {
		if n > letters {
			letters, script = n, s
		}
	}
	if w.scripts[scriptKana] > 0 && script == scriptHan {
		script = scriptKana
	}
	if letters > len(w.buf)/6 {
		return unknown, scriptTags[script]
	}
	var votes [len(languages)]int
	for _, t := range w.tokens {
		if t.word < firstWord {
			continue
		}
		speaks, used := l.speaks[t.word], l.used[t.word]
		for code := range votes {
			if speaks&(1<<code) != 0 {
				votes[code] += 3
			} else if used&(1<<code) != 0 {
				votes[code]++
			}
		}
	}
	base, _, _ := strings.Cut(strings.ToLower(believed), "-")
	if len(base) < 2 || len(base) > 3 {
		base = ""
	}
	best := english
	for code := range votes {
		if languages[code].tag == base {
			votes[code] += 2
		}
		if votes[code] > votes[best] {
			best = code
		}
	}
	switch {
	case votes[best] == 0:
		return english, base
	case votes[best] < 3 && base == "":
		return best, "" // a word or two that several languages may share
	case !languages[best].rules:
		return unknown, languages[best].tag
	}
	return best, languages[best].tag
}

// resolve finds the stems of a language among the words that no rule writes out.
func (a *automaton) resolve(w *words) {
	if len(a.stems) == 0 {
		return
	}
	for i := range w.tokens {
		token := &w.tokens[i]
		if token.word != wordUnknown && (token.word < firstWord || len(a.start[token.word]) > 0) {
			continue
		}
		word := w.folded(*token)
		for n := len(word); n >= 3; n-- {
			if id, ok := a.stems[string(word[:n])]; ok {
				token.word = id
				break
			}
		}
	}
}
