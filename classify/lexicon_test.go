package classify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestLexiconReadsWhole(t *testing.T) {
	l, err := readLexicon()
	if err != nil {
		t.Fatal(err)
	}
	for code, language := range languages {
		if nodes := len(l.automata[code].nodes); language.rules != (nodes > 100) {
			t.Errorf("%s has %d nodes", language.tag, nodes)
		}
	}
	if len(l.rules) < 3000 {
		t.Errorf("only %d phrases", len(l.rules))
	}
}

func TestAFaultyLexiconSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		"no colon here":      "en/x.txt:1: no colon",
		"# fine\n-9: bad":    "en/x.txt:2: ",
		"shiny2: bad":        `"shiny2" says nothing`,
		"-1: bad, <no> good": "no class <no>",
		"-1: .. bad":         "cannot begin with a gap",
		"-1: (a|)":           "may be nothing at all",
		"bug2x: bad":         "says nothing",
	} {
		l, err := readLexicon()
		if err != nil {
			t.Fatal(err)
		}
		if err := l.read("en/x.txt", "en", text, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, without %q", text, err, want)
		}
	}
}

func TestPhrasesMatchWhatTheyStandFor(t *testing.T) {
	for _, c := range []struct {
		phrase, text string
		want         string // the tokens of its own, or "" for no match
	}{
		{"lose sync", "we lose sync daily", "lose sync"},
		{"load~", "it was loading", "loading"},
		{"drop~~", "it dropped", "dropped"},
		{"try~", "it tries", "tries"},
		{"crash~", "it crashes", "crashes"},
		{"frustrat*", "how frustrating", "frustrating"},
		{"charged (me|us) (twice|two times)", "charged us two times", "charged us two times"},
		{"charged (me|us|) twice", "charged twice", "charged twice"},
		{"not .. work", "not really going to work", "not work"},
		{"not .. work", "not one of them will ever work", ""},
		{"not .. work", "not. work", ""},
		{"<num> days", "12 days", "12 days"},
		{"5 stars", "5 stars", "5 stars"},
		{"5 stars", "4 stars", ""},
		{"(a (b|c) d|e)", "a c d", "a c d"},
		{"Doesn't Work", "DOESN’T work", "DOESN’T work"},
		{"für", "fur", "fur"},
	} {
		l := &lexicon{numbers: map[string]int32{}, classes: make([][]uint64, firstWord), speaks: make([]uint16, firstWord), used: make([]uint16, firstWord), classIDs: map[string]int16{}}
		for code := range languages {
			l.automata[code] = newAutomaton()
		}
		l.include(wordNumber, l.class(numberClass))
		if err := l.read("en/x.txt", "en", "-1: "+c.phrase, true); err != nil {
			t.Fatal(err)
		}
		l.seal()
		r := reading{lookup: func(word []byte) int32 { return l.numbers[string(word)] }}
		r.split(c.text, r.lookup)
		a := &l.automata[english]
		a.resolve(&r.words)
		r.code = english
		r.match(l, a)
		var own []string
		for i, token := range r.tokens {
			if r.own[i] {
				own = append(own, c.text[token.start:token.end])
			}
		}
		if got := strings.Join(own, " "); got != c.want {
			t.Errorf("%q in %q takes %q, not %q", c.phrase, c.text, got, c.want)
		}
	}
}

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"It's 9.30, isn't it?":        "its 9.30 isnt it",
		"@acme see https://a.b/c now": "see now",
		"mail me@example.com please":  "mail please",
		"Überraschung für José, ß":    "uberraschung fur jose ss",
		"e\u0301te\u0301":             "ete",
		"l'été qu'il":                 "l ete quil",
		"40min 3rd":                   "40 min 3 rd",
		"👍🏽 ok ❤️":                    "👍 ok ❤",
		":-) :( </3 http://x":         ":) :( </3",
		"noooo!!!":                    "noo",
		"well-known":                  "well known",
		"a\x00b\xffc":                 "a b c",
	} {
		var w words
		w.split(text, func([]byte) int32 { return firstWord })
		var got []string
		for _, token := range w.tokens {
			got = append(got, string(w.folded(token)))
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q gives %q, not %q", text, got, strings.Fields(want))
		}
	}
}

func TestSentencesKnowTheirMarks(t *testing.T) {
	var w words
	w.split("Why? It broke!! ok\nfine… 是的？ end", func([]byte) int32 { return firstWord })
	var got []string
	for _, s := range w.sentences {
		got = append(got, fmt.Sprint(s.last-s.first, s.question, s.exclaims))
	}
	want := []string{"1 true 0", "2 false 2", "1 false 0", "1 false 0", "1 true 0", "1 false 0"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
}
