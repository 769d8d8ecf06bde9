package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// normalize gives text in NFC, without control, format and zero-width characters, with one blank between words, no
// blank at either end of a line, at most one empty line in a row, and none at the ends. It is idempotent.
func normalize(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	if isTidy(text) {
		return text
	}
	text = norm.NFC.String(visible(text))
	var b strings.Builder
	b.Grow(len(text))
	breaks := 0 // line breaks since the last word, as far as they count
	for rest := text; rest != ""; {
		line := rest
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = ""
		}
		if line = strings.Trim(line, " "); line == "" {
			breaks++
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			if breaks > 0 {
				b.WriteByte('\n')
			}
		}
		breaks = 0
		blank := false
		for i := 0; i < len(line); i++ {
			if c := line[i]; c != ' ' {
				b.WriteByte(c)
				blank = false
			} else if !blank {
				b.WriteByte(' ')
				blank = true
			}
		}
	}
	return b.String()
}

// isTidy says that text is ASCII and already as normalize would leave it: what most messages are.
func isTidy(text string) bool {
	if text == "" {
		return true
	}
	if first, last := text[0], text[len(text)-1]; first == ' ' || first == '\n' || last == ' ' || last == '\n' {
		return false
	}
	var before, before2 byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf || c == 0x7f:
			return false
		case c == '\n':
			if before == ' ' || before == '\n' && before2 == '\n' {
				return false
			}
		case c < ' ':
			return false
		case c == ' ' && (before == ' ' || before == '\n'):
			return false
		}
		before2, before = before, c
	}
	return true
}

// visible replaces every kind of blank and line break by the plain one, and removes what nobody sees.
func visible(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var before rune
	return strings.Map(func(r rune) rune {
		prev := before
		before = r
		if r < utf8.RuneSelf {
			switch {
			case r == '\t':
				return ' '
			case r == '\r' || r == '\v' || r == '\f':
				return '\n'
			case r == '\n':
				return r
			case r < ' ' || r == 0x7f:
				return -1
			}
			return r
		}
		switch {
		case r == '\u0085' || r == '\u2028' || r == '\u2029':
			return '\n'
		case r == '\u200c' || r == '\u200d':
			// Persian and the Indic scripts spell with joiners, and emoji are made with them.
			if prev >= 0x0600 && (unicode.IsLetter(prev) || unicode.IsMark(prev) || unicode.IsSymbol(prev)) {
				return r
			}
			return -1
		case unicode.Is(unicode.Zs, r):
			return ' '
		case r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0' || r == '\u034f':
			return -1 // fillers: letters by their class, blank to the eye
		case unicode.Is(unicode.Cf, r):
			if r >= 0x0600 && r <= 0x08e2 && r != 0x061c {
				return r // Arabic number and verse signs
			}
			return -1
		case unicode.Is(unicode.Cc, r):
			return -1
		case r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef:
			return -1 // noncharacters
		}
		return r
	}, text)
}
