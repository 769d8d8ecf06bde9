package classify

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"earshot/feedback"
)

func mood(v float64) string {
	switch {
	case v < feedback.Negative:
		return "negative"
	case v > feedback.Positive:
		return "positive"
	}
	return "neutral"
}

func number(v float64) *float64 { return &v }

func TestLabelReadsSentiment(t *testing.T) {
	l := NewLabeller()
	for _, c := range []struct{ name, text, want string }{
		{"praise", "I love this app", "positive"},
		{"anger", "This is a terrible experience", "negative"},
		{"a negated good word", "The app is not good", "negative"},
		{"a negated bad word", "Not bad at all", "positive"},
		{"a negation reaches no further than its sentence", "No. It is great.", "positive"},
		{"what follows a but outweighs what stands before it", "Nice design but it crashes all the time", "negative"},
		{"the other way round", "It was slow at first, but now it is excellent", "positive"},
		{"a problem without a word of feeling", "it still doesn't sync", "negative"},
		{"waiting", "Been on hold for two hours and nobody answers", "negative"},
		{"a polite question", "Hello, could you tell me how to export my data? Thanks!", "neutral"},
		{"a polite wish", "It would be great if you could add a dark mode, please", "neutral"},
		{"thanks alone", "Thank you!", "positive"},
		{"thanks for nothing", "thanks for losing my bag", "negative"},
		{"irony", "Great, another delay. Still at the gate after three hours.", "negative"},
		{"emoji alone", "👍👍", "positive"},
		{"an angry emoji", "😡", "negative"},
		{"an emoticon", "back again :)", "positive"},
		{"a stretched word", "sooooo gooood", "positive"},
		{"a hashtag", "#worstservice", "negative"},
		{"a fixed problem", "The crash is finally fixed, thanks", "positive"},
		{"no trouble", "never had any problems", "positive"},
		{"a plain fact", "We use it in two of our schools", "neutral"},
		{"German praise", "Die App ist wirklich super, ich bin begeistert", "positive"},
		{"German trouble", "Die App stürzt ständig ab und niemand antwortet", "negative"},
		{"German negation", "Das ist nicht gut", "negative"},
		{"Spanish praise", "Me encanta, muy fácil de usar", "positive"},
		{"Spanish trouble", "No funciona desde la última actualización", "negative"},
		{"French praise", "Une application géniale, j'adore", "positive"},
		{"French trouble", "L'appli plante à chaque fois, c'est nul", "negative"},
	} {
		if got := l.Label(c.text, Hint{}); mood(got.Sentiment) != c.want {
			t.Errorf("%s: %q is %s (%.2f), not %s", c.name, c.text, mood(got.Sentiment), got.Sentiment, c.want)
		}
	}
}

func TestSentimentGrowsWithEmphasis(t *testing.T) {
	l := NewLabeller()
	for _, ladder := range [][]string{
		{"it is slightly slow", "it is slow", "it is very slow"},
		{"good", "very good"},
		{"this is bad", "this is BAD"},
		{"this is bad", "this is bad!!!"},
		{"it is fine", "it is great"},
	} {
		last := 0.0
		for _, text := range ladder {
			v := math.Abs(l.Label(text, Hint{}).Sentiment)
			if v <= last {
				t.Errorf("%q: %.3f is no more than %.3f before it", text, v, last)
			}
			last = v
		}
	}
}

func TestLabelReadsKind(t *testing.T) {
	l := NewLabeller()
	for _, c := range []struct {
		text string
		want feedback.Kind
	}{
		{"The app crashes when I open the settings", feedback.KindBug},
		{"Since the update the sync is broken", feedback.KindBug},
		{"Terrible! The app crashes when I open the settings", feedback.KindBug},
		{"Please add an export to Excel", feedback.KindRequest},
		{"I wish there was a dark mode", feedback.KindRequest},
		{"Would be nice to filter by date", feedback.KindRequest},
		{"How do I change my password?", feedback.KindQuestion},
		{"where can i find my invoices", feedback.KindQuestion},
		{"Support is rude and slow", feedback.KindComplaint},
		{"Far too expensive for what you get", feedback.KindComplaint},
		{"Best tool we ever bought", feedback.KindPraise},
		{"ok", feedback.KindOther},
		{"FYI, we moved to a new office", feedback.KindOther},
		{"Bitte eine Exportfunktion einbauen", feedback.KindRequest},
		{"Wie kann ich mein Konto löschen?", feedback.KindQuestion},
		{"La aplicación se cierra sola", feedback.KindBug},
		{"Il faudrait pouvoir exporter en PDF", feedback.KindRequest},
	} {
		if got := l.Label(c.text, Hint{}); got.Kind != c.want {
			t.Errorf("%q is %s, not %s: %v", c.text, got.Kind, c.want, l.Explain(c.text, Hint{}).Kind)
		}
	}
}

func TestLabelReadsSeverity(t *testing.T) {
	l := NewLabeller()
	for _, c := range []struct {
		text string
		want int
	}{
		{"I was charged twice and got no refund", 3},
		{"All my data is gone after the update", 3},
		{"I am locked out and cannot log in", 3},
		{"I can see another customer's invoices", 3},
		{"The lock unlocks itself at night", 3},
		{"The export crashes with large files", 2},
		{"There is a typo on the login page", 1},
		{"The new colours are a bit ugly", 1},
		{"I love it", 0},
		{"How do I export?", 0},
		{"Please add a dark mode", 0},
		{"We never lost any data", 0},
	} {
		if got := l.Label(c.text, Hint{}); got.Severity != c.want {
			t.Errorf("%q has severity %d, not %d", c.text, got.Severity, c.want)
		}
	}
}

func TestLabelFlagsUrgencyAndChurn(t *testing.T) {
	l := NewLabeller()
	for _, c := range []struct {
		text          string
		urgent, churn bool
	}{
		{"This is urgent, we need a fix today", true, false},
		{"I am cancelling my subscription", false, true},
		{"Please fix this asap or we switch to a competitor", true, true},
		{"Wir kündigen zum Jahresende", false, true},
		{"Nice app", false, false},
	} {
		got := l.Label(c.text, Hint{})
		if got.Urgent != c.urgent || got.ChurnRisk != c.churn {
			t.Errorf("%q: urgent %v, churn risk %v", c.text, got.Urgent, got.ChurnRisk)
		}
	}
}

func TestHintSpeaksOnlyWhereTheTextIsSilent(t *testing.T) {
	l := NewLabeller()
	for _, c := range []struct {
		name, text string
		hint       Hint
		want       string
	}{
		{"one star and no opinion", "Version 5 on a tablet", Hint{Rating: number(1)}, "negative"},
		{"five stars and no opinion", "Version 5 on a tablet", Hint{Rating: number(5)}, "positive"},
		{"a survey's ten", "Version 5 on a tablet", Hint{Score: number(10)}, "positive"},
		{"a survey's two", "Version 5 on a tablet", Hint{Score: number(2)}, "negative"},
		{"five stars over a clear complaint", "This is horrible and useless, it crashes", Hint{Rating: number(5)}, "negative"},
		{"one star under clear praise", "Excellent, I love it, best app ever", Hint{Rating: number(1)}, "positive"},
		{"a rating out of bounds", "Version 5 on a tablet", Hint{Rating: number(500)}, "neutral"},
		{"a rating that is no number", "Version 5 on a tablet", Hint{Rating: number(math.NaN())}, "neutral"},
	} {
		if got := l.Label(c.text, c.hint); mood(got.Sentiment) != c.want {
			t.Errorf("%s: %s (%.2f), not %s", c.name, mood(got.Sentiment), got.Sentiment, c.want)
		}
	}
}

func TestLabelTellsLanguages(t *testing.T) {
	l := NewLabeller()
	for text, want := range map[string]string{
		"I can't find the settings in this app":          "en",
		"Ich finde die Einstellungen nicht":              "de",
		"No encuentro los ajustes en la aplicación":      "es",
		"Je ne trouve pas les réglages dans l'appli":     "fr",
		"Ik kan de instellingen niet vinden in deze app": "nl",
		"Eu não encontro as configurações no aplicativo": "pt",
		"アプリが起動しません":                                     "ja",
		"앱이 열리지 않아요":                                     "ko",
		"Приложение не открывается":                      "",
		"12345": "",
		"":      "",
	} {
		if got := l.Label(text, Hint{}); got.Language != want {
			t.Errorf("%q is in %q, not %q", text, got.Language, want)
		}
	}
	if got := l.Label("Update", Hint{Language: "de-AT"}); got.Language != "de" {
		t.Errorf("a word that could be any language's is in %q though its producer says de-AT", got.Language)
	}
}

func TestStrangeInputHasADefinedAnswer(t *testing.T) {
	l := NewLabeller()
	neutral := func(kind feedback.Kind) feedback.Labels { return feedback.Labels{Kind: kind} }
	for _, c := range []struct {
		name, text string
		want       feedback.Labels
	}{
		{"nothing", "", neutral(feedback.KindOther)},
		{"white space", " \n\t ", neutral(feedback.KindOther)},
		{"marks alone", "...---...", neutral(feedback.KindOther)},
		{"binary", "\x00\x01\xff\xfe\x80", neutral(feedback.KindOther)},
		{"a language that no rules know", "Приложение не открывается", neutral(feedback.KindOther)},
		{"a language that is known but has no rules", "Ik heb het niet gezien in de app", feedback.Labels{Kind: feedback.KindOther, Language: "nl"}},
	} {
		if got := l.Label(c.text, Hint{}); got != c.want {
			t.Errorf("%s: %+v, not %+v", c.name, got, c.want)
		}
	}
	long := strings.Repeat("the sync crashes ", 17_000)
	e := l.Explain(long, Hint{})
	if !e.Truncated || e.Labels.Kind != feedback.KindBug || e.Labels.Sentiment < -1 {
		t.Errorf("50,000 words: %+v, truncated %v", e.Labels, e.Truncated)
	}
	if e := l.Explain("Приложение не открывается", Hint{}); e.Rules != "" {
		t.Errorf("rules of %q read Russian", e.Rules)
	}
	if got := l.Label("Ужасно 😡", Hint{}); mood(got.Sentiment) != "negative" {
		t.Errorf("an emoji in an unknown language gives %.2f", got.Sentiment)
	}
}

func TestExplainGivesTheLabelsAndThePhrasesFound(t *testing.T) {
	l := NewLabeller()
	text := "It never was a good idea: the app crashes, and I was charged twice!"
	e := l.Explain(text, Hint{})
	if got := l.Label(text, Hint{}); got != e.Labels {
		t.Errorf("Label gives %+v, Explain %+v", got, e.Labels)
	}
	var said []string
	for _, r := range e.Phrases {
		if text[r.Start:r.End] != r.Text {
			t.Errorf("%q does not stand at %d to %d", r.Text, r.Start, r.End)
		}
		if !strings.Contains(r.Rule, ".txt:") {
			t.Errorf("rule %q is no line of the lexicon", r.Rule)
		}
		said = append(said, r.Text)
	}
	for _, want := range []string{"good", "crashes", "was charged twice"} {
		if !slices.Contains(said, want) {
			t.Errorf("%q is not found among %q", want, said)
		}
	}
	at := slices.Index(said, "good")
	if at >= 0 && (e.Phrases[at].Sentiment >= 0 || !slices.Contains(e.Phrases[at].Notes, "negated")) {
		t.Errorf("negated good: %+v", e.Phrases[at])
	}
}

func TestLabelsAreTheSameWhoeverAsks(t *testing.T) {
	texts := []string{"I love it", "it crashes", "wie geht das?", "charged twice", "👍", ""}
	want := make([]feedback.Labels, len(texts))
	for i, text := range texts {
		want[i] = NewLabeller().Label(text, Hint{})
	}
	shared := NewLabeller()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 200 {
				i := n % len(texts)
				if got := shared.Label(texts[i], Hint{}); got != want[i] {
					t.Errorf("%q: %+v, not %+v", texts[i], got, want[i])
				}
			}
		})
	}
	wg.Wait()
}

func TestLabelAllocatesNothing(t *testing.T) {
	l := NewLabeller()
	r := l.scratch.Get().(*reading) // the race detector empties pools at random
	label := func() { r.read(l.lexicon, benchmarkTexts[0], Hint{}); r.judge(l.model) }
	label()
	if n := testing.AllocsPerRun(200, label); n != 0 {
		t.Errorf("%.1f allocations a text", n)
	}
}

func FuzzLabel(f *testing.F) {
	for _, text := range append(slices.Clone(benchmarkTexts), "", "\xff", "😀👍🏽", "#fail", "a@b.c http://x", ":-( 10/10 5,5 $3", "l'été d’un", strings.Repeat("a", 200)) {
		f.Add(text, 3.0, "en")
	}
	l := NewLabeller()
	f.Fuzz(func(t *testing.T, text string, rating float64, language string) {
		hint := Hint{Rating: &rating, Language: language}
		e := l.Explain(text, hint)
		if v := e.Labels.Sentiment; math.IsNaN(v) || v < -1 || v > 1 {
			t.Fatalf("sentiment %v", v)
		}
		if e.Labels.Severity < 0 || e.Labels.Severity > 3 || !slices.Contains(feedback.Kinds, e.Labels.Kind) {
			t.Fatalf("%+v", e.Labels)
		}
		for _, r := range e.Phrases {
			if r.Start < 0 || r.End > len(text) || r.Start >= r.End || text[r.Start:r.End] != r.Text {
				t.Fatalf("reason %+v", r)
			}
			if utf8.ValidString(text) && !utf8.ValidString(r.Text) {
				t.Fatalf("reason %q cuts a character", r.Text)
			}
		}
		if again := l.Explain(text, hint); !reflect.DeepEqual(again, e) {
			t.Fatalf("%+v, then %+v", e, again)
		}
	})
}

var benchmarkTexts = []string{
	"The new version crashes whenever I try to open the report page",
	"Been waiting for a reply from your support team for two weeks",
	"Love the new dashboard, it is so much faster than before!",
	"Could you please add an option to export the list to Excel?",
	"How do I change the address on my account before Friday comes?",
	"It's okay I guess but the price went up again this year",
}

func BenchmarkLabel(b *testing.B) {
	l := NewLabeller()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.Label(benchmarkTexts[i%len(benchmarkTexts)], Hint{})
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
}

func BenchmarkNewLabeller(b *testing.B) {
	for b.Loop() {
		NewLabeller()
	}
}

func TestABelievedLanguageThatIsNoTagIsNotRepeated(t *testing.T) {
	if got := NewLabeller().Label("42", Hint{Language: "english please"}); got.Language != "" {
		t.Errorf("language %q", got.Language)
	}
}
