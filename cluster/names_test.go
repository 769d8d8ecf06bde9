package cluster

import (
	"slices"
	"strings"
	"testing"

	"earshot/feedback"
)

// others are texts of another group, which hold the words that every group has.
var others = []string{"What does the card cost?", "The weather in my town", "Please tell me about the account", "Is there an app?"}

func TestANameIsThePhraseThatReadsAsOne(t *testing.T) {
	for name, c := range map[string]struct {
		texts []string
		want  string
	}{
		"articles stand inside, and the forms of a word are one": {
			[]string{"How do I activate my card?", "Activating the card fails", "I want to activate my card", "Can you activate the new card for me?", "activate my card please"},
			"Activate my card",
		},
		"what is denied stays so": {
			[]string{"The tablet is not working", "My tablet isn't working today", "tablet is not working again", "Why is the tablet not working?"},
			"Tablet is not working",
		},
		"a particle belongs to its verb": {
			[]string{"I can't log in.", "Where do I log in?", "Why can I not log in?", "They would not let me log in!"},
			"Log in",
		},
		"a preposition that leads on doesn't": {
			[]string{"Interested in tractors of yours", "I am interested in boats", "we are interested in tents", "interested in lamps"},
			"Interested",
		},
		"no phrase goes on behind a stop": {
			[]string{"Boxes. Arrived broken", "boxes! arrived broken", "boxes, arrived broken", "Broken? boxes"},
			"Arrived broken",
		},
		"a cut-off phrase gives way to the whole": {
			[]string{"a two-factor code arrives by post", "two-factor code arrives by post", "the two-factor code arrives by post", "Two-factor code arrives by post"},
			"Code arrives by post",
		},
		"two words for one thing are not put side by side": {
			[]string{"Photos vanish", "the photos vanish", "my photos vanish", "pictures are gone", "all pictures lost", "no photos left"},
			"Photos vanish",
		},
		"a brand keeps its capitals": {
			[]string{"my iPhone app crashes", "The iPhone app hangs", "the iphone app is slow", "an iPhone app for this?"},
			"iPhone app",
		},
		"a shout doesn't set the spelling": {
			[]string{"I WANT A REFUND VOUCHER", "my refund voucher", "WHERE IS MY REFUND VOUCHER", "THE REFUND VOUCHER NOW"},
			"Refund voucher",
		},
		"a noun with a capital keeps it": {
			[]string{"Die Rechnung wurde doppelt abgebucht", "Rechnung doppelt abgebucht", "Die Rechnung ist doppelt abgebucht worden", "wieder doppelt abgebucht"},
			"Rechnung ist doppelt abgebucht",
		},
		"placeholders and addresses are no words": {
			[]string{"Mail [EMAIL_1] about dark mode", "see app.example.com/dark for dark mode", "dark mode, [NAME_1]", "dark mode in /settings/dark"},
			"Dark mode",
		},
		"scripts without spaces have words where they change": {
			[]string{"ログインできません", "アプリにログインできない", "昨日からログインできない", "ログイン画面"},
			"ログイン",
		},
		"without any phrase it is what a text says": {
			[]string{"Is it you or me?", "Who is this?", "and so on", "..."},
			"Is it you or me",
		},
	} {
		book := newPhraseBook([][]string{c.texts, others})
		got := newNames().pick(book.rank(0, []int{1}), book.sizes[0], c.texts[0], "C1")
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if all := strings.ToLower(strings.Join(c.texts, "\n")); !strings.Contains(all, strings.ToLower(got)) {
			t.Errorf("%s: %q stands in no text", name, got)
		}
	}
}

func TestNoNameIsATwinOfAnother(t *testing.T) {
	for taken, tries := range map[string]map[string]bool{
		"Virtual cards":  {"virtual card": false, "the virtual card": false, "Card, virtual": false, "physical card": true},
		"Export to CSV":  {"CSV export": false, "CSV import": true},
		"Cancelled":      {"cancel": false, "cancel a transfer": true},
		"Card works":     {"card doesn't work": true, "working card": false},
		"Log in":         {"log": true, "log-in": false},
		"C'est la vie !": {"?": true},
	} {
		for name, want := range tries {
			n := newNames()
			n.take(taken)
			if got := n.try(name, "C1"); got != want {
				t.Errorf("%q beside %q: %v", name, taken, got)
			}
		}
	}
}

func TestRootsMakeFormsOne(t *testing.T) {
	for _, forms := range []string{
		"card cards", "currency currencies", "cancel cancels cancelled cancelling", "charge charges charged charging", "activate activated activation",
		"top-up top-ups", "order orders ordered", "dunkel dunkeln", "Rechnung Rechnungen", "rechazada rechazado rechazadas", "arrivé arrivée arrivés",
	} {
		var roots []string
		for _, w := range strings.Fields(forms) {
			roots = append(roots, root(strings.ToLower(w)))
		}
		if len(slices.Compact(roots)) != 1 {
			t.Errorf("%s: %q", forms, roots)
		}
	}
	for _, apart := range []string{"card care", "order ordeal", "plan planet", "station statue", "form format"} {
		a, b, _ := strings.Cut(apart, " ")
		if root(a) == root(b) {
			t.Errorf("%s are one: %q", apart, root(a))
		}
	}
}

func TestAThemeIsNamedByWhatItsClustersShareOrAfterTheLargest(t *testing.T) {
	book := newPhraseBook([][]string{
		{"cancel my transfer", "the transfer must be cancelled", "cancel a transfer", "no transfer, cancel"},
		{"the transfer failed", "a transfer failed again", "failed transfer", "transfer failed"},
		{"where is my transfer", "transfer pending", "pending transfer", "still a pending transfer"},
		{"lamp is broken", "lamp flickers", "my lamp", "the lamp hums"},
		{"chair squeaks", "the chair wobbles", "chair too low", "new chair"},
	})
	if got := book.shared([]int{0, 1, 2}); len(got) == 0 || got[0].surface != "transfer" {
		t.Errorf("shared by three: %+v", got)
	}
	if got := book.shared([]int{3, 4}); len(got) > 0 {
		t.Errorf("shared by lamps and chairs: %+v", got)
	}
}

func TestQuotesSayWhatTheNameSays(t *testing.T) {
	for name, c := range map[string]struct{ texts, want string }{
		"not a greeting":             {"all good now, cheers to you | The refund of May is missing since June | thank you", "The refund of May is missing since June"},
		"not a remark":               {"Hm. | My refund never came", "My refund never came"},
		"not what goes on":           {"But the refund is still missing here | The refund is still missing here", "The refund is still missing here"},
		"not what was redacted":      {"Send the refund on to [EMAIL_1] please | Send the refund on to my bank please", "Send the refund on to my bank please"},
		"the most central of equals": {"The refund came far too late | The refund came much too late", "The refund came far too late"},
		"the beginning where all is long": {strings.Repeat("refund is missing and ", 8) + "gone",
			strings.Repeat("refund is missing and ", 6) + "refund …"},
	} {
		var points []feedback.Point
		var central []int32
		for i, text := range strings.Split(c.texts, " | ") {
			points = append(points, feedback.Point{Text: text})
			central = append(central, int32(i))
		}
		if got := quote(central, points, "Refund"); got != "“"+c.want+"”" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestExemplarsAreCentralAndDiffer(t *testing.T) {
	vs := newVectors(3)
	var points []feedback.Point
	var central []int32
	add := func(text string, v feedback.Vector) {
		feedback.Normalize(v)
		vs.add(v)
		central = append(central, int32(len(points)))
		points = append(points, feedback.Point{Text: text})
	}
	for i := range shown {
		add("near "+strings.Repeat("i", i), feedback.Vector{1, 0.1, 0})
	}
	add("near ", feedback.Vector{1, 0.1, 0})
	add("another side", feedback.Vector{1, -0.6, 0.5})
	got := exemplars(central, points, vs, feedback.Vector{1, 0, 0})
	if len(got) != shown || got[0] != "near " || !slices.Contains(got, "another side") {
		t.Errorf("%q", got)
	}
	if slices.Sort(got); len(slices.Compact(got)) != shown {
		t.Errorf("one of them twice: %q", got)
	}
}

func TestANameThatStoodForAnotherIsNotTaken(t *testing.T) {
	n := newNames()
	n.keep("Auto top-up", "C2")
	if n.try("Auto top-ups", "C48") || n.free("auto top-up", "C48") {
		t.Error("C48 took what C2 was called, and C2 goes on")
	}
	if !n.try("Auto top-up", "C2") {
		t.Error("C2 may not have its own name again")
	}
	if !n.try("Top-up failed", "C48") {
		t.Error("a name that nobody had is not free")
	}
}
