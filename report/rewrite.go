package report

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reword reads a sentence that a model wrote in place of a claim. It must hold the claim's numbers, names, quotes and
// comparing words, all of them, in their order and as they are written; between them its text is free, within what
// [Verify] lets text say. Names and numbers that stay in order cannot be exchanged for one another.
func reword(original Claim, sentence string) (Claim, error) {
	sentence = strings.TrimSpace(sentence)
	if sentence == "" || strings.ContainsFunc(sentence, func(r rune) bool { return unicode.IsControl(r) }) {
		return Claim{}, errors.New("it is no plain sentence")
	}
	if n := utf8.RuneCountInString(original.String()); utf8.RuneCountInString(sentence) > 2*n+40 {
		return Claim{}, errors.New("it is far longer than what it replaces")
	}
	claim := Claim{Kind: original.Kind}
	known := map[string]bool{}
	for _, p := range original.Parts {
		if p.Kind == PartText {
			for w := range strings.FieldsFuncSeq(p.Text, func(r rune) bool { return !unicode.IsLetter(r) }) {
				known[w] = true
			}
		}
	}
	// The quotation marks that stand around names and quotes in what the model got are no part of either.
	marked := false
	text := func(s string, next Part) error {
		if marked {
			s = strings.TrimPrefix(strings.TrimPrefix(s, "’"), "”")
		}
		if marked = next.Kind == PartName || next.Kind == PartQuote; marked {
			s = strings.TrimSuffix(strings.TrimSuffix(s, "‘"), "“")
		}
		if s == "" {
			return nil
		}
		if w := properName(s, len(claim.Parts) == 0); w != "" && !known[w] {
			return fmt.Errorf("it brings in %q", w)
		}
		claim.Parts = append(claim.Parts, Part{Kind: PartText, Text: s})
		return checkText(s)
	}
	rest := sentence
	for _, p := range original.Parts {
		if p.Kind == PartText {
			continue
		}
		at, size := place(rest, p)
		if at < 0 {
			return Claim{}, fmt.Errorf("it leaves out %q, or moves it", p.Text)
		}
		if err := text(rest[:at], p); err != nil {
			return Claim{}, err
		}
		if p.Kind == PartNumber || p.Kind == PartName || p.Kind == PartWord {
			p.Text = rest[at : at+size]
		}
		claim.Parts = append(claim.Parts, p)
		rest = rest[at+size:]
	}
	return claim, text(rest, Part{})
}

// place finds the next place where a part's text stands as words of its own, its first letter large or small.
func place(s string, p Part) (at, size int) {
	for _, want := range []string{p.Text, capital(p.Text), uncapital(p.Text)} {
		for from := 0; ; {
			i := strings.Index(s[from:], want)
			if i < 0 {
				break
			}
			i += from
			before, _ := utf8.DecodeLastRuneInString(s[:i])
			after, _ := utf8.DecodeRuneInString(s[i+len(want):])
			if !wordRune(before) && !wordRune(after) {
				return i, len(want)
			}
			from = i + len(want)
		}
	}
	return -1, 0
}

func uncapital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[size:]
}

func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r))
}

// properName finds a word in s that begins with a capital and does not begin the sentence.
func properName(s string, begins bool) string {
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if r, _ := utf8.DecodeRuneInString(w); unicode.IsUpper(r) && !begins {
			return w
		}
		begins = false
	}
	return ""
}
