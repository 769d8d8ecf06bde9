package builtin

import (
	"testing"

	"earshot/ai/builtin/internal/words"
)

func TestCorrect(t *testing.T) {
	v := &embedder(t).vocabulary
	for typo, want := range map[string]string{
		"recieve":      "receive",
		"aplication":   "application",
		"refundd":      "refund",
		"pasword":      "password",
		"notifcation":  "notification",
		"crahses":      "crashes",
		"subscribtion": "subscription",
		"lgin":         "", // too short
		"zorblax":      "",
		"größe":        "",
		"err4711":      "",
		"xeceive":      "", // the first letter stays
	} {
		got := ""
		if rank := v.correct([]byte(typo)); rank >= 0 {
			got = string(v.word(rank))
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", typo, got, want)
		}
	}
}

func TestVocabularyFindsEachOfItsWords(t *testing.T) {
	v := &embedder(t).vocabulary
	for rank := range len(v.start) - 1 {
		w := v.word(rank)
		h := words.Hash(w)
		if got := v.rank(w, h); got != rank || !v.mayHave(h) {
			t.Fatalf("%s has rank %d, found %d", w, rank, got)
		}
	}
	if w := []byte("zorblax"); v.rank(w, words.Hash(w)) != -1 {
		t.Error("a word that is not there was found")
	}
}
