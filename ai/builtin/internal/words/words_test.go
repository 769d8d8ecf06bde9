package words

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func split(text string, max int) []string {
	var l List
	l.Split(text, max)
	out := []string{}
	for i := range l.Len() {
		out = append(out, string(l.Word(i)))
	}
	return out
}

func TestSplit(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"Hello, World!", "hello world"},
		{"I can't; he won't. They’re n't", "i can not he will not they nt"},
		{"cant dont cannot", "can not do not can not"},
		{"it's Bob's idea, I'm sure", "it bob idea i sure"},
		{"o'clock 'quoted'", "oclock quoted"},
		{"top-up sign_up e-mail", "top up sign up e mail"},
		{"v5.0.2 costs 1,000 €", "v5 0 2 costs 1 000"},
		{"soooooo baaad 10000", "soo baad 10000"},
		{"Café Ærø Straße naïve ŁÓDŹ", "cafe aero strasse naive lodz"},
		{"cafe\u0301", "cafe"},
		{"soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"},
		{"good👍🏽very❤\ufe0f", "good 👍 very ❤"},
		{"Привет МИР 你好", "привет мир 你好"},
		{"नमस्ते", "नमस्ते"},
		{"bad\xffutf\xc3", "bad utf"},
	} {
		if got := split(c.text, 100); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestSplitStopsAtTheLimits(t *testing.T) {
	if got := split("a can't b", 2); !slices.Equal(got, []string{"a", "can"}) {
		t.Errorf("got %q", got)
	}
	for _, word := range split(strings.Repeat("ab", 1000)+strings.Repeat("é你", 1000), 1000) {
		if len(word) > maxBytes+utf8.UTFMax || !utf8.ValidString(word) {
			t.Errorf("%d bytes: %q", len(word), word)
		}
	}
}

func TestStemsMeet(t *testing.T) {
	for _, family := range []string{
		"charge charges charged charging", "crash crashes crashed crashing", "stop stops stopped stopping", "invoice invoices invoiced",
		"try tries", "report reports reported reporting", "update updates updated updating", "log logs", "business businesses",
	} {
		words := strings.Fields(family)
		want := string(AppendStem(nil, []byte(words[0])))
		for _, w := range words[1:] {
			if got := string(AppendStem(nil, []byte(w))); got != want {
				t.Errorf("%s: %q, but %s: %q", words[0], want, w, got)
			}
		}
	}
	for _, w := range []string{"status", "this", "address", "bus", "red", "ring", "iphone6s", "größes"} {
		if got := string(AppendStem(nil, []byte(w))); got != w {
			t.Errorf("%s became %q", w, got)
		}
	}
	if policy, police := AppendStem(nil, []byte("policy")), AppendStem(nil, []byte("police")); string(policy) == string(police) {
		t.Error("policy and police share a stem")
	}
}

func TestLexicon(t *testing.T) {
	l, err := ReadLexicon("# comment\n\nlogin: log in, sign-in, can't log in\nrefund: money back\nlock: log\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Concepts[0].Words; !slices.Equal(got, []string{"login"}) {
		t.Errorf("words of the first concept: %q", got)
	}
	matches := func(text string) (out []string) {
		var stems []uint64
		for _, w := range split(text, 100) {
			stems = append(stems, Hash(AppendStem(nil, []byte(w))))
		}
		for i := range stems {
			for _, m := range l.AppendMatches(nil, stems[i:]) {
				for _, c := range m.Concepts {
					out = append(out, l.Concepts[c].Name)
				}
			}
		}
		return out
	}
	for text, want := range map[string]string{
		"logins":              "login",
		"signs in":            "login",
		"I want my money":     "",
		"money back":          "refund",
		"cannot log in today": "login lock login",
		"log":                 "lock",
	} {
		if got := matches(text); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if _, err := ReadLexicon("fine: a\nno colon\n"); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a line without a colon: %v", err)
	}
}

func TestHashOfAChangedWordFollowsFromItsParts(t *testing.T) {
	if Hash([]byte("abc")) != Hash([]byte("ab"))*Base+'c' {
		t.Error("the hash is not a polynomial")
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("can't stop, won't stop \xff 👍🏽")
	var l List
	f.Fuzz(func(t *testing.T, text string) {
		l.Split(text, 50)
		if l.Len() > 50 {
			t.Fatalf("%d words", l.Len())
		}
		for i := range l.Len() {
			if w := l.Word(i); len(w) == 0 || !utf8.Valid(w) {
				t.Fatalf("word %d of %q is %q", i, text, w)
			}
		}
	})
}
