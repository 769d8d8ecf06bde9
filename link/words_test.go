package link

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFormsOfOneWordShareAStem(t *testing.T) {
	tests := map[string][]string{
		"same":      {"sync syncs syncing synced", "plan plans planned planning", "invoice invoices invoiced invoicing", "battery batteries", "call called calling", "box boxes", "crash crashes crashed", "driver's driver", "address addresses", "stop stopped"},
		"different": {"report reporter", "bus business", "status state"},
	}
	for kind, groups := range tests {
		for _, group := range groups {
			seen := make(map[string]bool)
			for _, w := range strings.Fields(group) {
				eachWord(w, func(_, stem string) { seen[stem] = true })
			}
			if (kind == "same") != (len(seen) <= 1) {
				t.Errorf("%s: want the %s stem, got %v", group, kind, seen)
			}
		}
	}
}

func TestOtherScriptsAreWordsToo(t *testing.T) {
	var words []string
	eachWord("Größe, ALARM-Ton № 42 和 日本語", func(word, _ string) { words = append(words, word) })
	if got := strings.Join(words, " "); got != "größe alarm ton 42 和 日本語" {
		t.Errorf("words %q", got)
	}
}

func FuzzStem(f *testing.F) {
	for _, s := range []string{"planned", "ies", "aaed", "\xff\xfeing", "é's", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		eachWord(text, func(word, stem string) {
			if stem == "" || len(stem) > len(word)+1 || utf8.ValidString(text) && !utf8.ValidString(stem) {
				t.Errorf("%q has the stem %q", word, stem)
			}
		})
	})
}
