package classify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain holds what the letters from U+00C0 to U+017F are without their accents.
const plain = "AAAAAA\x01CEEEEIIIIDNOOOOO\x00OUUUUYT\x02aaaaaa\x01ceeeeiiiidnooooo\x00ouuuuyty" +
	"AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOo\x03\x03RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs"

// appendFolded appends a lower-case letter without its accent: people drop accents, and so do both sides of a lookup.
func appendFolded(b []byte, r rune) []byte {
	if r < 0xc0 || r > 0x17f {
		return utf8.AppendRune(b, r)
	}
	switch c := plain[r-0xc0]; c {
	case 0:
		return b // a multiplication or division sign
	case 1:
		return append(b, "ae"...)
	case 2:
		return append(b, "ss"...)
	case 3:
		return append(b, "oe"...)
	default:
		return append(b, c|0x20)
	}
}

// fold gives the form in which a word of a lexicon is looked up.
func fold(s string) string {
	var b []byte
	for _, r := range strings.ToLower(s) {
		if r != '\'' && r != '’' {
			b = appendFolded(b, r)
		}
	}
	return string(b)
}

// pictures says whether r is an emoji or another symbol that stands for itself.
func pictures(r rune) bool {
	return r >= 0x1f300 && r <= 0x1faff || r >= 0x2600 && r <= 0x27bf || r >= 0x2b00 && r <= 0x2bff || unicode.Is(unicode.So, r) && r != utf8.RuneError
}

// joins says whether r only changes how the emoji beside it looks.
func joins(r rune) bool { return r == 0x200d || r == 0xfe0f || r >= 0x1f3fb && r <= 0x1f3ff }

// hasCurrency says whether a currency sign or code stands at the end (before) or the start (behind) of s.
func hasCurrency(s string, before bool) bool {
	if before {
		s = strings.TrimRight(s, " ")
		for _, sign := range currencies {
			if strings.HasSuffix(s, sign) {
				return true
			}
		}
		return false
	}
	s = strings.TrimLeft(s, " ")
	for _, sign := range currencies {
		if strings.HasPrefix(s, sign) {
			return true
		}
	}
	return false
}

var currencies = [...]string{"$", "€", "£", "¥", "EUR", "USD", "GBP", "CHF"}
