package report

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"earshot/feedback"
)

// shelf is a store that gives one snapshot and keeps what is saved.
type shelf struct {
	snapshot feedback.Snapshot
	asked    []feedback.Period
	kept     []feedback.Pulse
	fail     error
}

func (s *shelf) Snapshot(_ context.Context, _ string, p feedback.Period, _ string) (feedback.Snapshot, error) {
	s.asked = append(s.asked, p)
	return s.snapshot, s.fail
}

func (s *shelf) SavePulse(_ context.Context, p feedback.Pulse) error {
	s.kept = append(s.kept, p)
	return nil
}

func (s *shelf) Newest(context.Context, string) (time.Time, error) {
	if s.snapshot.Total.Items == 0 {
		return time.Time{}, feedback.Errorf(feedback.NotFound, "no feedback")
	}
	return s.snapshot.Total.Newest, nil
}

type author func([]string) ([]string, error)

func (a author) Rewrite(_ context.Context, sentences []string) ([]string, error) { return a(sentences) }

var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func write(t *testing.T, store *shelf, w Writer, period string) (*Document, error) {
	t.Helper()
	stage, err := New(Config{Store: store, Writer: w, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return stage.Write(context.Background(), "crewlane", period, "")
}

func TestWriteKeepsThePulseThatItGives(t *testing.T) {
	store := &shelf{snapshot: fieldwork()}
	doc, err := write(t, store, nil, "28d")
	if err != nil {
		t.Fatal(err)
	}
	if want := fieldwork().Period; len(store.asked) != 1 || store.asked[0] != want {
		t.Errorf("asked for %v, want %v", store.asked, want)
	}
	data, _ := JSON(doc)
	if len(store.kept) != 1 || string(store.kept[0].Document) != string(data) || !store.kept[0].CreatedAt.Equal(noon) || !strings.HasPrefix(store.kept[0].ID, "P") {
		t.Fatalf("kept %d pulses", len(store.kept))
	}
	if strings.Contains(string(data), "2026-07-01T12:00") {
		t.Error("the moment of its making is in the document")
	}
	if _, err := write(t, store, nil, "28d"); err != nil {
		t.Fatal(err)
	}
	if store.kept[0].ID != store.kept[1].ID || store.kept[0].Hash != store.kept[1].Hash {
		t.Error("the same facts gave another pulse")
	}
}

func TestWriteSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		store  *shelf
		period string
		want   feedback.Code
	}{
		"a period that cannot be read":            {&shelf{snapshot: fieldwork()}, "fortnight", feedback.Invalid},
		"the same, with no feedback":              {&shelf{snapshot: blank()}, "fortnight", feedback.Invalid},
		"a relative period without any feedback":  {&shelf{snapshot: blank()}, "30d", feedback.NotFound},
		"a database that is away":                 {&shelf{snapshot: fieldwork(), fail: feedback.Errorf(feedback.Unavailable, "away")}, "week", feedback.Unavailable},
		"dates need no feedback and make a pulse": {&shelf{snapshot: blank()}, "2026-06-01..2026-06-29", ""},
	} {
		if _, err := write(t, c.store, nil, c.period); feedback.ErrorCode(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := New(Config{}); feedback.ErrorCode(err) != feedback.Invalid {
		t.Errorf("a stage without a store: %v", err)
	}
}

func TestAWritersSentencesAreVerifiedOneByOne(t *testing.T) {
	plainDoc := draft(t, fieldwork())
	for name, c := range map[string]struct {
		rewrite func(string) string
		taken   bool
	}{
		"other words around the same facts": {func(s string) string {
			return strings.Replace(s, "in the period before", "during the preceding period", 1)
		}, true},
		"another number":            {func(s string) string { return strings.Replace(s, "83%", "93%", 1) }, false},
		"a number more":             {func(s string) string { return strings.TrimSuffix(s, ".") + ", 12 of them angry." }, false},
		"a number word more":        {func(s string) string { return strings.TrimSuffix(s, ".") + ", a dozen of them angry." }, false},
		"a number left out":         {func(s string) string { return strings.Replace(s, "83% of", "Much of", 1) }, false},
		"numbers exchanged":         {func(s string) string { return strings.NewReplacer("83%", "40%", "40%", "83%").Replace(s) }, false},
		"another name":              {func(s string) string { return strings.Replace(s, "support answers slowly", "dark mode", 1) }, false},
		"the word turned around":    {func(s string) string { return strings.Replace(s, "worsened", "brightened", 1) }, false},
		"a cause":                   {func(s string) string { return strings.TrimSuffix(s, ".") + ", caused by the release." }, false},
		"a denial":                  {func(s string) string { return strings.Replace(s, "are negative", "are not negative", 1) }, false},
		"a name from nowhere":       {func(s string) string { return strings.TrimSuffix(s, ".") + ", says Gartner." }, false},
		"a quote from nowhere":      {func(s string) string { return strings.TrimSuffix(s, ".") + ": “we leave”." }, false},
		"nothing at all":            {func(string) string { return "" }, false},
		"an essay":                  {func(s string) string { return s + strings.Repeat(" And so it goes on", 40) }, false},
		"two lines with a control":  {func(s string) string { return s + "\n\x1b[31m" }, false},
		"a number glued to another": {func(s string) string { return strings.Replace(s, "83%", "183%", 1) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			store := &shelf{snapshot: fieldwork()}
			doc, err := write(t, store, author(func(sentences []string) ([]string, error) {
				out := append([]string(nil), sentences...)
				for i, s := range out {
					if strings.Contains(s, "worsened") {
						out[i] = c.rewrite(s)
						if out[i] == s {
							t.Fatalf("the case changes nothing: %s", s)
						}
					}
				}
				return out, nil
			}), "28d")
			if err != nil {
				t.Fatal(err)
			}
			if problems := Verify(doc); len(problems) > 0 {
				t.Fatalf("published what does not hold: %v", problems)
			}
			changed := 0
			for i, s := range doc.Summary {
				if s.String() != plainDoc.Summary[i].String() {
					changed++
				}
			}
			if c.taken != (changed == 1) || c.taken != (len(doc.Verification.Withheld) == 0) {
				t.Errorf("%d sentences changed, withheld %v", changed, doc.Verification.Withheld)
			}
		})
	}
}

func TestAWriterThatFailsLeavesTheOriginals(t *testing.T) {
	snapshot := fieldwork()
	snapshot.Origin.Made = feedback.Made{} // the stage that writes knows none
	want := draft(t, snapshot)
	for name, a := range map[string]author{
		"an error":           func([]string) ([]string, error) { return nil, errors.New("no model") },
		"too few sentences":  func(s []string) ([]string, error) { return s[1:], nil },
		"too many sentences": func(s []string) ([]string, error) { return append(s, s...), nil },
		"the same again":     func(s []string) ([]string, error) { return s, nil },
	} {
		doc, err := write(t, &shelf{snapshot: fieldwork()}, a, "28d")
		if err != nil {
			t.Fatal(err)
		}
		if !sameJSON(doc, want) {
			t.Errorf("%s changed the document", name)
		}
	}
}

func FuzzReword(f *testing.F) {
	doc := draft(f, fieldwork())
	facts, err := newFacts(&doc.Snapshot)
	if err != nil {
		f.Fatal(err)
	}
	teller := newTeller(facts)
	for i, c := range doc.Summary {
		f.Add(i, c.String())
	}
	f.Fuzz(func(t *testing.T, i int, sentence string) {
		original := doc.Summary[((i%len(doc.Summary))+len(doc.Summary))%len(doc.Summary)]
		claim, err := reword(original, sentence)
		if err != nil || len(teller.check(claim)) > 0 {
			return
		}
		for _, p := range original.Parts { // what is taken still says every number
			if p.Kind == PartNumber && !strings.Contains(strings.ToLower(claim.String()), strings.ToLower(p.Text)) {
				t.Fatalf("%q lost %q", claim, p.Text)
			}
		}
	})
}
