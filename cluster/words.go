package cluster

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one word of a text.
type word struct {
	start, end int    // bytes
	key        string // lower case, apostrophes as ', which makes two spellings one
	open       bool   // a space alone stands between it and the word before: a phrase may go on across it
	plain      bool   // it has a letter, and is neither in an address nor a placeholder for what was redacted
}

// split finds the words of a text. Letters, digits, combining marks, and single apostrophes, hyphens, plus signs and
// ampersands inside make a word. What stands in square or angle brackets is a placeholder, and no part of a phrase.
func split(text string) []word {
	var out []word
	depth := 0
	gap := -1 // where the last word ended, while only spaces followed
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '[' || r == '<':
			depth++
		case (r == ']' || r == '>') && depth > 0:
			depth--
		}
		if !isLetter(r) {
			if r != ' ' && r != '\u00a0' {
				gap = -1
			}
			i += size
			continue
		}
		start, letters := i, false
		for i < len(text) {
			r, size := utf8.DecodeRuneInString(text[i:])
			if !isLetter(r) {
				next, _ := utf8.DecodeRuneInString(text[i+size:])
				if !strings.ContainsRune("'’-&+", r) || !isLetter(next) {
					break
				}
			}
			letters = letters || unicode.IsLetter(r)
			i += size
		}
		key := strings.ReplaceAll(strings.ToLower(text[start:i]), "’", "'")
		out = append(out, word{start: start, end: i, key: key, open: gap >= 0, plain: letters && depth == 0 && !inAddress(text, start, i)})
		gap = i
	}
	return out
}

// inAddress tells whether text[start:end] is a part of a web or mail address or of a path: a dot, a slash or an at sign
// with more behind it touches the word.
func inAddress(text string, start, end int) bool {
	if end+1 < len(text) && strings.IndexByte("./@:_", text[end]) >= 0 {
		if r, _ := utf8.DecodeRuneInString(text[end+1:]); isLetter(r) || r == '/' {
			return true
		}
	}
	if start > 1 && strings.IndexByte("./@_", text[start-1]) >= 0 {
		r, _ := utf8.DecodeLastRuneInString(text[:start-1])
		return isLetter(r) || r == '/'
	}
	return false
}

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// fold makes singular and plural of most words of the supported languages one: good enough to count them together, and
// never shown.
func fold(key string) string {
	n := utf8.RuneCountInString(key)
	switch {
	case n > 4 && strings.HasSuffix(key, "ies"):
		return key[:len(key)-3] + "y"
	case n > 3 && strings.HasSuffix(key, "s") && !strings.HasSuffix(key, "ss"):
		return key[:len(key)-1]
	}
	return key
}

// stem cuts a word to its first characters, for comparing texts by their words.
func stem(key string) string {
	const keep = 6
	n := 0
	for i := range key {
		if n == keep {
			return key[:i]
		}
		n++
	}
	return fold(key)
}

// roots remembers the roots of words.
type roots map[string]string

func (r roots) of(key string) string {
	out, ok := r[key]
	if !ok {
		out = root(key)
		r[key] = out
	}
	return out
}

// endings are those that the forms of one word differ by, in most words of the supported languages.
var endings = strings.Fields("ation ating ated ate ion ing ed es en er em s ée é e n o a")

// root cuts the endings of inflection off a word, and of each part of one with hyphens: good enough to count its forms as
// one, and never shown.
func root(key string) string {
	if strings.Contains(key, "-") {
		parts := strings.Split(key, "-")
		for i, p := range parts {
			if singular := strings.TrimSuffix(p, "s"); particles[singular] {
				parts[i] = singular
			} else {
				parts[i] = root(p)
			}
		}
		return strings.Join(parts, " ")
	}
	out := fold(strings.TrimSuffix(key, "'s"))
	for _, ending := range endings {
		cut, ok := strings.CutSuffix(out, ending)
		if !ok || utf8.RuneCountInString(cut) < 4 {
			continue
		}
		if n := len(cut); n > 4 && cut[n-1] == cut[n-2] && cut[n-1] < utf8.RuneSelf && (ending == "ing" || ending == "ed" || ending == "ation") {
			cut = cut[:n-1] // cancelled
		}
		out = cut
		break
	}
	if cut, ok := strings.CutSuffix(out, "y"); ok && len(cut) > 2 {
		return cut + "i"
	}
	return out
}

// runs parts the words of scripts that set no spaces between them where the script changes: a run of Chinese characters or
// of katakana is taken for a word, hiragana for what joins them.
func runs(text string, words []word) []word {
	if !slices.ContainsFunc(words, func(w word) bool { return spaceless(text[w.start:w.end]) }) {
		return words
	}
	var out []word
	for _, w := range words {
		if !spaceless(text[w.start:w.end]) {
			out = append(out, w)
			continue
		}
		start, was := w.start, script(text[w.start:])
		for i, r := range text[w.start:w.end] {
			at := w.start + i
			if now := scriptOf(r, was); now != was {
				out = append(out, w.part(text, start, at, was))
				start, was = at, now
			}
		}
		out = append(out, w.part(text, start, w.end, was))
	}
	return out
}

const (
	otherScript = iota
	han
	katakana
	hiragana
)

func spaceless(s string) bool {
	for _, r := range s {
		if r >= 0x2e80 && scriptOf(r, otherScript) != otherScript {
			return true
		}
	}
	return false
}

func script(s string) int {
	r, _ := utf8.DecodeRuneInString(s)
	return scriptOf(r, otherScript)
}

// scriptOf gives the script of a rune; one of several scripts, like the mark of a long vowel, has that of the rune before.
func scriptOf(r rune, before int) int {
	switch {
	case unicode.Is(unicode.Han, r):
		return han
	case unicode.Is(unicode.Katakana, r):
		return katakana
	case unicode.Is(unicode.Hiragana, r):
		return hiragana
	case before != otherScript && (r == 'ー' || unicode.IsMark(r)):
		return before
	}
	return otherScript
}

// part is text[start:end] of a word; hiragana alone is no word of its own.
func (w word) part(text string, start, end, script int) word {
	return word{start: start, end: end, key: strings.ToLower(text[start:end]), open: w.open || start > w.start, plain: w.plain && script != hiragana}
}
