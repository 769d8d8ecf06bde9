package cluster

import (
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
