package ingest

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func texts(body string) []string {
	var out []string
	for _, s := range Split(body) {
		out = append(out, body[s.Start:s.End])
	}
	return out
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"one sentence", "The board is slow.", []string{"The board is slow."}},
		{"a story on one thing", "The board is slow. It takes ten seconds. We wait every morning.", []string{"The board is slow. It takes ten seconds. We wait every morning."}},
		{"love it but", "Love the board, but the calendar sync loses half of our jobs.", []string{"Love the board", "but the calendar sync loses half of our jobs."}},
		{"one thing with a but is one", "The export stops, but not every time.", []string{"The export stops, but not every time."}},
		{"praise and a problem in two sentences", "The route planning saves us half an hour a day. However the start pin is two streets off for one site in twenty.",
			[]string{"The route planning saves us half an hour a day. However the start pin is two streets off for one site in twenty."}},
		{"strong praise, then a problem", "The new planner is brilliant, we love it. But the invoices come out a cent off.",
			[]string{"The new planner is brilliant, we love it.", "But the invoices come out a cent off."}},
		{"also", "The app drains the battery of every phone. Also the invoices show the wrong tax.", []string{"The app drains the battery of every phone.", "Also the invoices show the wrong tax."}},
		{"also about the same thing", "The app drains the battery of every phone. It also heats the phone.", []string{"The app drains the battery of every phone. It also heats the phone."}},
		{"two things", "Two things: the texts go out late, and the map shows the wrong house.", []string{"Two things: the texts go out late", "and the map shows the wrong house."}},
		{"numbered points", "1) The export stops at 5000 rows without any warning. 2) Please add single sign-on with our directory.",
			[]string{"1) The export stops at 5000 rows without any warning.", "2) Please add single sign-on with our directory."}},
		{"steps are one thing", "Steps to reproduce:\n1. Open the job and start its timer\n2. Go back to the list of jobs\n3. The app exits without a word",
			[]string{"Steps to reproduce:\n1. Open the job and start its timer\n2. Go back to the list of jobs\n3. The app exits without a word"}},
		{"German, und außerdem", "Der Export bricht nach fünftausend Zeilen ab und außerdem fehlt die Mehrwertsteuer auf der Rechnung.",
			[]string{"Der Export bricht nach fünftausend Zeilen ab", "und außerdem fehlt die Mehrwertsteuer auf der Rechnung."}},
		{"German praise, aber", "Die Tourenplanung ist spitze, aber der Stundenzettel zieht die Pause doppelt ab.", []string{"Die Tourenplanung ist spitze", "aber der Stundenzettel zieht die Pause doppelt ab."}},
		{"Spanish", "Me encanta la agenda, pero los recordatorios llegan tarde a los clientes.", []string{"Me encanta la agenda", "pero los recordatorios llegan tarde a los clientes."}},
		{"French", "L'agenda est parfait, mais les photos disparaissent après la synchronisation.", []string{"L'agenda est parfait", "mais les photos disparaissent après la synchronisation."}},
		{"greeting, thanks, name", "Hi team,\n\nThe board is slow today.\n\nThanks in advance!\nAnna", []string{"The board is slow today."}},
		{"greeting on the same line", "Hello Tom, the board is slow.", []string{"the board is slow."}},
		{"German small talk", "Guten Tag,\nder Export ist kaputt.\nVielen Dank und viele Grüße\nHolger", []string{"der Export ist kaputt."}},
		{"French small talk", "Bonjour,\nles photos ont disparu.\nMerci d'avance", []string{"les photos ont disparu."}},
		{"Spanish small talk", "Buenos días:\nse pierden las fotos.\nMuchas gracias", []string{"se pierden las fotos."}},
		{"only small talk", "Hi there!\nThank you so much.\nBest regards\nAnna", nil},
		{"short praise counts", "great app!", []string{"great app!"}},
		{"thanks for something count", "Thanks for the new export, it saves me an hour every Friday.", []string{"Thanks for the new export, it saves me an hour every Friday."}},
		{"one word", "Crap", []string{"Crap"}},
		{"no word", "n/a", nil},
		{"a dash", "-", nil},
		{"abbreviations end no sentence", "Mr. Smith, i.e. the owner, wants it by approx. 5 p.m. today.", []string{"Mr. Smith, i.e. the owner, wants it by approx. 5 p.m. today."}},
		{"two requests that share nothing", "How do I change the colour of my invoices? Can you add our warehouse to the map?",
			[]string{"How do I change the colour of my invoices?", "Can you add our warehouse to the map?"}},
		{"a follow-up question", "Can I export the jobs? Does it include the notes?", []string{"Can I export the jobs? Does it include the notes?"}},
		{"signature without a sign-off", "The board hangs.\n\nMorag Trevelyan\nCompliance & Environment", []string{"The board hangs."}},
		{"a call by its speakers", "Agent: How can I help?\nCustomer: The photos vanish after the sync.\nAgent: I see. Anything else?\nCustomer: Yes, the map is wrong too.",
			[]string{"The photos vanish after the sync.", "Yes, the map is wrong too."}},
		{"Japanese", "写真が消えます。とても困っています。", []string{"写真が消えます。とても困っています。"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := texts(c.body); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestLongPassageIsCutBetweenSentences(t *testing.T) {
	body := strings.TrimSpace(strings.Repeat("The planner opens the board and waits for it to draw the day. ", 20))
	got := texts(body)
	if len(got) < 3 {
		t.Fatalf("%d excerpts", len(got))
	}
	for _, s := range got {
		if len(s) > maxExcerpt || !strings.HasSuffix(s, ".") {
			t.Errorf("%d bytes: %q", len(s), s)
		}
	}
	if got := texts(strings.Repeat("ü", 2000)); strings.Join(got, "") != strings.Repeat("ü", 2000) {
		t.Errorf("an endless word is cut on its runes: %d parts", len(got))
	}
}

// checkSpans holds what is true of every split.
func checkSpans(t interface{ Fatalf(string, ...any) }, body string) {
	at := 0
	for _, s := range Split(body) {
		if s.Start < at || s.End <= s.Start || s.End > len(body) {
			t.Fatalf("span %v after %d in %d bytes", s, at, len(body))
		}
		text := body[s.Start:s.End]
		if !utf8.ValidString(text) || strings.TrimSpace(text) != text || len(text) > maxExcerpt {
			t.Fatalf("excerpt %q", text)
		}
		at = s.End
	}
}

func TestSpansAreExactWhateverTheText(t *testing.T) {
	piece := rapid.SampledFrom([]string{"Hi ", "the board ", "is slow", ". ", "! ", "? ", "\n", "\n\n", "- ", "1) ", "2) ", "love it", ", but ", " and also ", "Also ", "thanks", "é", "„", "…", "。", "Agent: ", "Anna: ", "[EMAIL_1]", "(",
		"how do i ", "can you ", "i want to cancel ", "my parcel ", "please send ", "and ", "what ", "if ", "when will ", "wish list", "größe ", "kommt ", "1. "})
	rapid.Check(t, func(t *rapid.T) {
		checkSpans(t, normalize(strings.Join(rapid.SliceOfN(piece, 0, 60).Draw(t, "pieces"), "")))
	})
}

func FuzzSplit(f *testing.F) {
	f.Add("Hi. 1) a\n2) b, but c… d。 PS: e")
	f.Add("A: x\nB: y\nA: z\n\n- q")
	f.Add("i lost my blue card how do i cancel the order and can you please send é the bill, i want")
	f.Fuzz(func(t *testing.T, text string) { checkSpans(t, normalize(text)) })
}

func TestLanguage(t *testing.T) {
	for want, text := range map[string]string{
		"en": "The app crashes when I open the map and nothing is saved.", "de": "Die App stürzt ab, wenn ich die Karte öffne, und nichts wird gespeichert.",
		"es": "La aplicación se cierra cuando abro el mapa y no guarda nada.", "fr": "L'application plante quand j'ouvre la carte et rien n'est enregistré.",
		"pt": "O aplicativo fecha quando abro o mapa e não salva nada para mim.", "it": "L'app si chiude quando apro la mappa e non viene salvato niente.",
		"nl": "De app sluit af als ik de kaart open en er wordt niets opgeslagen.", "pl": "Aplikacja się zamyka, gdy otwieram mapę, i nic nie jest zapisane.",
		"ru": "Приложение закрывается", "uk": "Застосунок закривається, і все", "ja": "アプリが落ちます", "zh": "应用崩溃", "ko": "앱이 종료됩니다", "ar": "التطبيق يتوقف", "el": "Η εφαρμογή κλείνει", "": "ok 5.0.1",
	} {
		if got := Language(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
