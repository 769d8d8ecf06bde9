package classify

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"earshot/classify/internal/head"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenTexts are judged by every part of the labels: words, pieces of unknown words, pairs, negation, evidence, other
// languages, and what the head does not judge.
var goldenTexts = []string{
	"I was charged twice for my subscription, please refund one of them",
	"the aplication crahses on startup",
	"Love it!", "not bad at all", "How do I export my data?", "Please add a dark mode", "We moved to a new office.",
	"Die App stürzt ständig ab und niemand antwortet", "Me encanta, muy fácil de usar", "Une application géniale, j'adore",
	"Great, another delay. Still at the gate after three hours.", "No funciona desde la última actualización",
	"Ужасно 😡", "👍", "アプリが起動しません", "", "...", "cancel my account today, I am done with you",
	"Nice design but it crashes all the time", "zzxqv blorptastic wug", strings.Repeat("the sync crashes ", 700),
}

// TestLabelsAreTheSameOnEveryMachine holds the labels of the committed model, to the last digit of the sentiment.
func TestLabelsAreTheSameOnEveryMachine(t *testing.T) {
	l := NewLabeller()
	var b strings.Builder
	for _, text := range goldenTexts {
		got := l.Label(text, Hint{})
		fmt.Fprintf(&b, "%+.4f %s %d %s %v %v %.60q\n", got.Sentiment, got.Kind, got.Severity, got.Language, got.Urgent, got.ChurnRisk, text)
	}
	const file = "testdata/labels.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the labels changed; if they should, run go test -update\n%s\ninstead of\n%s", b.String(), want)
	}
}

func TestADamagedModelIsRefused(t *testing.T) {
	if _, err := readModel(modelBytes); err != nil {
		t.Fatal(err) // the control
	}
	m, err := head.Decode(modelBytes)
	if err != nil {
		t.Fatal(err)
	}
	m.Evidence = m.Evidence[1:]
	for name, raw := range map[string][]byte{
		"nothing":                       nil,
		"another file":                  []byte("PK\x03\x04" + strings.Repeat("x", 200)),
		"its first half":                modelBytes[:len(modelBytes)/2],
		"a byte too many":               append(slices.Clone(modelBytes), 0),
		"one wrong bit":                 flipped(len(modelBytes) - 1000),
		"a wrong number of rows":        flipped(len("EARSHOT-LABELS-1\n")),
		"the evidence of other classes": m.Encode(),
	} {
		if _, err := readModel(raw); err == nil {
			t.Errorf("%s is taken for a model", name)
		}
	}
}

func flipped(at int) []byte {
	raw := slices.Clone(modelBytes)
	raw[at] ^= 1
	return raw
}

// TestTheModelWasTrainedOnTheTextsAndTheLexiconThatStandHere fails when one of them changed and the model was not made anew.
func TestTheModelWasTrainedOnTheTextsAndTheLexiconThatStandHere(t *testing.T) {
	m, err := readModel(modelBytes)
	if err != nil {
		t.Fatal(err)
	}
	files, err := head.InputFiles("internal/train/texts", "../eval/testdata/labels_work.csv", "lexicon")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.Contains(file, "heldout") {
			t.Errorf("%s is held out", file)
		}
	}
	got, err := head.Inputs(files)
	if err != nil {
		t.Fatal(err)
	}
	if got != m.Inputs {
		t.Error("the texts or the lexicon are not those that the model was trained on: go run ./internal/train (docs/labels.md)")
	}
	if other, _ := head.Inputs(files[1:]); other == m.Inputs {
		t.Error("the checksum is the same without a file")
	}
}

func TestExplainNamesTheWordsThatSpoke(t *testing.T) {
	l := NewLabeller()
	e := l.Explain("Please refund me, the payment went through twice", Hint{})
	for task, v := range map[string]Verdict{"sentiment": e.Sentiment, "kind": e.Kind, "severity": e.Severity} {
		sum := 0.0
		for _, chance := range v.Chances {
			sum += chance
		}
		if sum < 0.99 || sum > 1.01 || v.Chance != v.Chances[v.Label] {
			t.Errorf("%s: chances %v of %s add up to %.3f", task, v.Chances, v.Label, sum)
		}
		if len(v.Voices) < 3 {
			t.Errorf("%s has only the voices %v", task, v.Voices)
		}
	}
	if e.Kind.Label != string(e.Labels.Kind) || e.Severity.Label != fmt.Sprint(e.Labels.Severity) || e.Sentiment.Label != mood(e.Labels.Sentiment) {
		t.Errorf("verdicts %s, %s and %s on labels %+v", e.Sentiment.Label, e.Kind.Label, e.Severity.Label, e.Labels)
	}
	if !slices.ContainsFunc(e.Kind.Voices, func(v Voice) bool { return v.Text == "refund" }) {
		t.Errorf("refund says nothing: %v", e.Kind.Voices)
	}
	if v := l.Explain("...", Hint{}).Kind.Voices; len(v) != 0 {
		t.Errorf("a text without words has the voices %v", v)
	}
}

func TestWordsThatStoodInNoTextSpeakByTheirMeaning(t *testing.T) {
	l := NewLabeller()
	texts, err := os.ReadFile("internal/train/texts/apps.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"deplorable", "abysmal"} {
		if bytes.Contains(texts, []byte(word)) {
			t.Fatalf("%s is no new word", word)
		}
		if l.model.Find(head.Feature(head.Word, head.HashWord([]byte(word)), 0)) == nil {
			t.Errorf("the model has no row for %s", word)
		}
	}
}
