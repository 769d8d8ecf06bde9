package builtin

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"strings"
	"sync"
	"testing"

	"earshot/feedback"
)

var load = sync.OnceValues(New)

func embedder(tb testing.TB) *Embedder {
	tb.Helper()
	e, err := load()
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func embed(tb testing.TB, text string) feedback.Vector {
	tb.Helper()
	v := make(feedback.Vector, Dimensions)
	embedder(tb).EmbedInto(v, text)
	return v
}

func fingerprint(v feedback.Vector) string {
	h := fnv.New64a()
	for _, x := range v {
		h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(x)))
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// These are the bits of vectors of version 1. When a change alters one, raise the version: stored vectors can't be
// compared with the new ones.
func TestVectorsAreTheSameOnEveryMachine(t *testing.T) {
	if got := embedder(t).Model(); got != (feedback.Model{Name: "builtin", Version: "1", Dimensions: 384}) {
		t.Fatalf("model %+v: the fingerprints below are of version 1", got)
	}
	for text, want := range golden {
		if got := fingerprint(embed(t, text)); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestNearerMeansMoreAlike(t *testing.T) {
	for _, c := range []struct{ name, text, near, far string }{
		{"other words", "I want my money back", "please refund my order", "please update my address"},
		{"phrase", "cannot log in since this morning", "login is broken", "the invoice is wrong"},
		{"phrase of two words", "two factor is broken", "the verification code is broken", "the delivery is broken"},
		{"typo", "the aplication crahses on startup", "the application crashes on startup", "the subscription renews on Monday"},
		{"plural and tense", "exported reports", "exporting a report", "deported refugees"},
		{"case", "PASSWORD RESET EMAIL", "password reset email", "password"},
		{"curly apostrophe", "it doesn’t sync", "it doesn't sync", "it does sync"},
		{"no apostrophe", "it doesnt sync", "it does not sync", "it does sync"},
		{"negation", "the app does not work", "the app doesn't work", "the app works"},
		{"error code", "got ERR-4711 again", "what is ERR-4711?", "got it again"},
		{"product name", "Zorblax integration please", "integration with Zorblax", "integration with Quuxly"},
		{"product name, misspelt", "Zorblaxx is great", "Zorblax", "Quuxly"},
		{"diacritics", "café receipts", "cafe receipts", "bar receipts"},
		{"composed and decomposed", "caf\u00e9", "cafe\u0301", "coffee"},
		{"german", "Rechnung wurde doppelt abgebucht", "doppelte Abbuchung der Rechnung", "Anmeldung funktioniert nicht"},
		{"japanese", "アプリが起動しない", "アプリが起動できない", "請求書をください"},
		{"stretched letters", "sooooo slowwwww", "so slow", "so expensive"},
		{"emoji", "love it 😀", "😀 love", "hate it 😡"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := embed(t, c.text)
			near, far := feedback.Dot(text, embed(t, c.near)), feedback.Dot(text, embed(t, c.far))
			if near <= far {
				t.Errorf("%q: %.3f to %q, %.3f to %q", c.text, near, c.near, far, c.far)
			}
		})
	}
}

func TestTextsWithoutWordsAreZero(t *testing.T) {
	for _, text := range []string{"", " \n\t", "?!...", "'", "\xff\xfe\x80", "\x00\x01", "\u200d\ufe0f", "´`"} {
		for d, x := range embed(t, text) {
			if x != 0 {
				t.Fatalf("%q: element %d is %v", text, d, x)
			}
		}
	}
}

func TestTextsOfAnythingElseHaveUnitLength(t *testing.T) {
	for _, text := range []string{
		"a", "7", "I", "the", "👍", "👨‍👩‍👧", "❤️", "zzxqj", "привет", "你好", "สวัสดี", "مرحبا", "नमस्ते", "x\xffy", "don't", "'t", "n't",
		strings.Repeat("a", 100000), strings.Repeat("refund ", 50000), strings.Repeat("<b>zürich</b> ", 50000), string([]byte{0, 'a', 0}),
	} {
		checkUnit(t, text, embed(t, text))
	}
}

func checkUnit(tb testing.TB, text string, v feedback.Vector) {
	tb.Helper()
	if length := feedback.Dot(v, v); !(math.Abs(float64(length)-1) < 1e-5) {
		tb.Errorf("%.50q has squared length %v", text, length)
	}
}

func TestWordsAfterTheLastThatCountsAreNotRead(t *testing.T) {
	text := strings.Repeat("refund invoice ", MaxWords/2)
	if fingerprint(embed(t, text)) != fingerprint(embed(t, text+"crash crash crash")) {
		t.Error("a word beyond MaxWords changed the vector")
	}
	if fingerprint(embed(t, text)) == fingerprint(embed(t, "crash "+text)) {
		t.Error("a word within MaxWords changed nothing")
	}
}

func TestEmbedGivesOneVectorForEachText(t *testing.T) {
	e := embedder(t)
	texts := []string{"where is my parcel", "", "it crashes"}
	vectors, err := e.Embed(context.Background(), texts)
	if err != nil || len(vectors) != len(texts) {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for i, v := range vectors {
		if fingerprint(v) != fingerprint(embed(t, texts[i])) {
			t.Errorf("%q differs when it is embedded with others", texts[i])
		}
	}
	if vectors, err := e.Embed(context.Background(), nil); err != nil || len(vectors) != 0 {
		t.Errorf("no texts: %d vectors, %v", len(vectors), err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Embed(cancelled, texts); err == nil {
		t.Error("a cancelled context gives no error")
	}
}

func TestEmbedderIsSafeForConcurrentUse(t *testing.T) {
	e := embedder(t)
	texts := make([]string, 0, len(golden))
	for text := range golden {
		texts = append(texts, text)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				vectors, err := e.Embed(context.Background(), texts)
				if err != nil {
					t.Error(err)
					return
				}
				for i, v := range vectors {
					if got := fingerprint(v); got != golden[texts[i]] {
						t.Errorf("%q: %s", texts[i], got)
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestEmbeddingAllocatesNothing(t *testing.T) {
	e := embedder(t)
	v := make(feedback.Vector, Dimensions)
	var s scratch // not from the pool, which drops some under the race detector
	if n := testing.AllocsPerRun(100, func() {
		for _, text := range benchmarkTexts {
			e.embed(v, text, &s)
		}
	}); n != 0 {
		t.Errorf("%v allocations for %d texts", n, len(benchmarkTexts))
	}
}

func TestDamagedAssetsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		raw     []byte
		lexicon string
	}{
		"empty":           {nil, conceptText},
		"other format":    {append([]byte("X"), assetBytes...), conceptText},
		"cut":             {assetBytes[:len(assetBytes)-1], conceptText},
		"edited concepts": {assetBytes, conceptText + "new: concept\n"},
	} {
		if _, err := readAsset(c.raw, c.lexicon); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzEmbed(f *testing.F) {
	for _, text := range benchmarkTexts {
		f.Add(text)
	}
	for _, text := range []string{"", "👍🏽", "\xf0\x9f\x98", "n't", "''''", "aaaaab", "recieve", "日本語", "e\u0301"} {
		f.Add(text)
	}
	e := embedder(f)
	f.Fuzz(func(t *testing.T, text string) {
		v := make(feedback.Vector, Dimensions)
		e.EmbedInto(v, text)
		for _, x := range v {
			if x != 0 {
				checkUnit(t, text, v)
				return
			}
		}
	})
}
