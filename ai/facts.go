package ai

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// minQuote is how long a quote must be to prove anything, in characters.
const minQuote = 8

// quotes gives what stands between double quotation marks of any language.
func quotes(s string) []string {
	var found []string
	var closing []rune
	start := 0
	for i, r := range s {
		if closing != nil {
			if slices.Contains(closing, r) {
				found = append(found, s[start:i])
				closing = nil
			}
			continue
		}
		switch r {
		case '"':
			closing = []rune{'"'}
		case '“':
			closing = []rune{'”', '"'}
		case '„':
			closing = []rune{'“', '”', '"'}
		case '«':
			closing = []rune{'»'}
		default:
			continue
		}
		start = i + utf8.RuneLen(r)
	}
	return found
}

// quotesVerbatim says whether s quotes at all, and nothing that is not in an excerpt.
func quotesVerbatim(s string, excerpts []string) bool {
	long := false
	for _, q := range quotes(s) {
		q = strings.TrimRight(strings.TrimSpace(q), ".,")
		if !slices.ContainsFunc(excerpts, func(e string) bool { return strings.Contains(oneLine(e), q) }) {
			return false
		}
		long = long || utf8.RuneCountInString(q) >= minQuote
	}
	return long
}

// numbers gives every number of s as it is written, sorted.
func numbers(s string) []string {
	found := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) && r != '.' && r != ',' })
	for i := range found {
		found[i] = strings.Trim(found[i], ".,")
	}
	found = slices.DeleteFunc(found, func(n string) bool { return n == "" })
	slices.Sort(found)
	return found
}

// sameFacts says whether two sentences have the same numbers and the same quotes.
func sameFacts(a, b string) bool {
	qa, qb := quotes(a), quotes(b)
	slices.Sort(qa)
	slices.Sort(qb)
	return slices.Equal(numbers(a), numbers(b)) && slices.Equal(qa, qb)
}

// drawnFrom says whether at least half of the longer words of a name are words of the keywords, or of at least two
// excerpts (of one, where there is one only): a name that one text dictates is not the cluster's.
func drawnFrom(name string, keywords, excerpts []string) bool {
	need := min(2, len(excerpts))
	known, counted := 0, 0
	for _, word := range nameWords(name) {
		counted++
		in := 0
		for _, e := range excerpts {
			if hasWord(e, word) {
				in++
			}
		}
		if in >= need && in > 0 || slices.ContainsFunc(keywords, func(k string) bool { return hasWord(k, word) }) {
			known++
		}
	}
	return counted == 0 || 2*known >= counted
}

// nameWords gives the words of four letters and more, lower case.
func nameWords(s string) []string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.DeleteFunc(words, func(w string) bool { return utf8.RuneCountInString(w) < 4 })
}

// hasWord says whether s has a word with the same beginning, so that forms of one word count as one.
func hasWord(s, word string) bool {
	stem := clip(word, max(4, utf8.RuneCountInString(word)-3))
	return slices.ContainsFunc(nameWords(s), func(w string) bool { return strings.HasPrefix(w, stem) })
}
