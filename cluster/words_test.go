package cluster

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"earshot/feedback"
)

func keys(text string) (plain []string) {
	for _, w := range split(text) {
		if w.plain {
			plain = append(plain, w.key)
		}
	}
	return plain
}

func TestSplitFindsWords(t *testing.T) {
	for text, want := range map[string][]string{
		"":                              nil,
		"I can’t log-in, OK?":           {"i", "can't", "log-in", "ok"},
		"C++ & R&D":                     {"c", "r&d"},
		"Write to [email] or <phone 1>": {"write", "to", "or"},
		"see shop.example.com/pay now":  {"see", "now"},
		"mail jo@example.org. Thanks":   {"mail", "thanks"},
		"It ends here.Then more":        {"it", "ends", "more"}, // better a word less than a part of an address
		"Größe ändern 12 Äpfel":         {"größe", "ändern", "äpfel"},
		"日本語 テスト":                       {"日本語", "テスト"},
	} {
		if got := keys(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("I can't log-in at shop.example.com [name]")
	f.Add("\xff' -&+ [<>]")
	f.Add("アプリにloginできない、ーぁぁed")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, w := range split(text) {
			if w.start < end || w.end <= w.start || w.end > len(text) {
				t.Fatalf("%q: word at %d to %d behind %d", text, w.start, w.end, end)
			}
			if utf8.ValidString(text) && (!utf8.ValidString(w.key) || !utf8.ValidString(stem(w.key)) || !utf8.ValidString(fold(w.key))) {
				t.Fatalf("%q: word %q", text, w.key)
			}
			end = w.end
		}
		end = 0
		for _, w := range runs(text, split(text)) {
			if w.start < end || w.end <= w.start || w.end > len(text) {
				t.Fatalf("%q: part of a word at %d to %d behind %d", text, w.start, w.end, end)
			}
			if utf8.ValidString(text) && !utf8.ValidString(root(w.key)) {
				t.Fatalf("%q: root %q", text, root(w.key))
			}
			end = w.end
		}
		points := []feedback.Point{{Text: text}}
		name := newNames().pick(newPhraseBook([][]string{{text}}).rank(0, nil), 1, text, "C1")
		if quote([]int32{0}, points, name); name == "" || utf8.ValidString(text) && !utf8.ValidString(name) {
			t.Fatalf("%q is called %q", text, name)
		}
	})
}

func TestPhrasesStandVerbatimAndEndInWordsOfTheirOwn(t *testing.T) {
	texts := []string{
		"The proof of address was not accepted", "Which proof of address do you take?", "proof of address, and what else",
		"My proof\nof address is old", "I don't know what to do about it",
	}
	ranked := newPhraseBook([][]string{texts, {"another one about cards", "cards and more cards"}}).rank(0, nil)
	if len(ranked) == 0 || ranked[0].surface != "proof of address" || ranked[0].count != 3 {
		t.Fatalf("%+v", ranked)
	}
	all := strings.Join(texts, "\n")
	for _, p := range ranked {
		words := strings.Fields(strings.ToLower(p.surface))
		if !strings.Contains(all, p.surface) || stopWords[words[0]] || stopWords[words[len(words)-1]] {
			t.Errorf("phrase %q", p.surface)
		}
	}
}

func TestPhrasesThatTheNearestClusterSharesRankLower(t *testing.T) {
	groups := [][]string{
		{"card payment declined", "declined card payment", "card payment was declined"},
		{"card payment pending", "pending card payment", "card payment is pending"},
		{"sunny day", "rainy day", "sunny morning"},
	}
	b := newPhraseBook(groups)
	score := func(alike []int) (shared, own float64) {
		for _, p := range b.rank(0, alike) {
			switch p.key {
			case "card payment":
				shared = p.score
			case "declin":
				own = p.score
			}
		}
		return shared, own
	}
	before, own := score(nil)
	after, same := score([]int{1})
	if after >= before || own != same || after >= same {
		t.Errorf("shared phrase %v, then %v; own %v, then %v", before, after, own, same)
	}
}
