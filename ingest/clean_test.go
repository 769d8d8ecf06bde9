package ingest

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"earshot/feedback"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, format, body, want string }{
		{"plain text stays", "", "The app is slow.", "The app is slow."},
		{"blanks and breaks", "", "  a\t b \r\n\r\n\r\n\u00a0c\u2003d\x07\n", "a b\n\nc d"},
		{"invisible characters", "", "pass\u200bword\u202e\ufeff \u00adsoft\U000e0041", "password soft"},
		{"joiners that spell stay", "", "می\u200cخواهم 👩\u200d🔧 ok\u200d", "می\u200cخواهم 👩\u200d🔧 ok"},
		{"NFC", "", "cafe\u0301", "caf\u00e9"},
		{"reply, English", "", "Still broken.\n\nOn Tue, 24 Mar 2026 at 09:12, Support <s@example.com> wrote:\n> Try again", "Still broken."},
		{"reply wrapped over two lines", "", "Still broken.\nOn Tue, 24 Mar 2026 at 09:12, Support Team\n<support@example.com> wrote:\n> Try again", "Still broken."},
		{"reply, German", "", "Geht nicht.\n\nAm 24.03.2026 um 09:12 schrieb Support:\n> Bitte neu", "Geht nicht."},
		{"reply, Outlook", "", "Geht nicht.\n\nVon: Support <s@example.com>\nGesendet: Dienstag, 24. März 2026\nAn: Horst\nBetreff: AW: Fehler\n\nBitte neu starten", "Geht nicht."},
		{"reply, French", "", "Toujours en panne.\nLe mar. 24 mars 2026 à 09:12, Support <s@example.com> a écrit :\n> Essayez", "Toujours en panne."},
		{"reply, Spanish", "", "Sigue igual.\nEl mar, 24 mar 2026 a las 9:12, Soporte (<s@example.com>) escribió:\n> Pruebe", "Sigue igual."},
		{"original message", "", "No luck.\n-----Original Message-----\nFrom: Support\nSubject: Hi\n\nTry again", "No luck."},
		{"answers between the lines", "", "> Did you restart?\nYes, twice.\n> And now?\nStill dead.", "Yes, twice.\nStill dead."},
		{"a sentence with wrote is none", "", "The installer then wrote:\nit failed at 10", "The installer then wrote:\nit failed at 10"},
		{"forwarded", "", "FYI\n\n---------- Forwarded message ---------\nFrom: Anna <a@example.com>\nDate: Mon\nSubject: Idea\nTo: us\n\nCould it read barcodes?", "FYI\n\n\nCould it read barcodes?"},
		{"only a quote", "", "> it crashes\n> every day", "> it crashes\n> every day"},
		{"signature mark", "", "Please fix.\n-- \nJane Doe\nOffice\n+44 20 7946 0182", "Please fix."},
		{"best regards", "", "Please fix.\n\nBest regards,\nJane Doe\nOffice manager", "Please fix."},
		{"thanks with a name", "", "Please fix.\nThanks, Ottilie", "Please fix."},
		{"thanks in the middle", "", "Hi\nThanks!\nThe app is broken\nsince monday", "Hi\nThanks!\nThe app is broken\nsince monday"},
		{"German sign-off", "", "Bitte prüfen.\n\nMit freundlichen Grüßen\nHolger Brandt\nBuchhaltung", "Bitte prüfen."},
		{"Spanish sign-off", "", "Gracias por mirar esto.\nUn saludo, Remedios", "Gracias por mirar esto."},
		{"French sign-off", "", "Merci de corriger.\n\nCordialement,\nAmandine Leclerc", "Merci de corriger."},
		{"phone footer", "", "It died again\n\nSent from my iPhone", "It died again"},
		{"a footer alone is the message", "", "Sent from my iPhone", "Sent from my iPhone"},
		{"postscript survives", "", "All good.\n\nCheers,\nAnna\n\nPS: the export is broken too", "All good.\n\nPS: the export is broken too"},
		{"a long text behind two hyphens stays", "", "Steps\n--\n" + strings.Repeat("Then I pressed the button and it did nothing at all.\n", 20), "Steps\n--\n" + strings.TrimSpace(strings.Repeat("Then I pressed the button and it did nothing at all.\n", 20))},
		{"html blocks, links, entities", "html", `<p>Hi &amp; hello,</p><div>see <a href="https://x.example">the page</a>&nbsp;now<br>please</div><script>alert(1)</script><style>p{}</style>`, "Hi & hello,\n\nsee the page now\nplease"},
		{"html lists and tables", "html", `<ul><li>one</li><li>two</li></ul><table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>`, "- one\n- two\n\na, b\nc, d"},
		{"html quote of a reply", "html", `<p>Still bad</p><div class="gmail_quote">On Mon wrote:<blockquote>old</blockquote></div>`, "Still bad"},
		{"html quote that is passed on", "html", `<p>our driver says:</p><blockquote>let me scan</blockquote><p>Can he?</p>`, "our driver says:\n\nlet me scan\n\nCan he?"},
		{"html hidden preheader", "html", `<div style="display: none">buy now</div><p>Real</p>`, "Real"},
		{"html hidden paragraph without an end", "html", `<p hidden>x<p>Real`, "Real"},
		{"html only a quote", "html", `<blockquote>the only text</blockquote>`, "the only text"},
		{"html broken", "html", `<p>a <b>b <i>c</p><td>d <li`, "a b c\n\nd"},
		{"markdown", "markdown", "# Title\n\nIt **must** [work](https://x.example), `code` too.\n\n- a\n- b\n\n> old reply\n\n```\nx = 1\n```", "Title\n\nIt must work, code too.\n\n- a\n- b\n\nx = 1"},
		{"nothing visible", "", " \u200b\u00ad ", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := normalize(c.want)
			if got := Clean(c.body, feedback.Format(c.format)); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestForwardedTitleKeepsTheQuote(t *testing.T) {
	const body = "see what they say\n\nFrom: Anna <a@example.com>\nSent: Monday\nTo: us\nSubject: Idea\n\nCould it read barcodes?"
	if got := clean(body, "", isForward("RE: Fwd: Idea")); !strings.Contains(got, "barcodes") || strings.Contains(got, "Sent:") {
		t.Errorf("got %q", got)
	}
	if got := clean(body, "", isForward("RE: Idea")); strings.Contains(got, "barcodes") {
		t.Errorf("a reply's quote stayed: %q", got)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"a\n> b\nOn 1 Jan x wrote:\n", "<p>a<blockquote>b", "- a\n  > b\n\n-- \nx", "\u200d\u0301e\u202e", "---\nFrom: x\nTo: y\nDate: z\n", "<div hidden><p>"} {
		for i := range 3 {
			f.Add(s, i)
		}
	}
	f.Fuzz(func(t *testing.T, body string, n int) {
		formats := []feedback.Format{feedback.FormatText, feedback.FormatHTML, feedback.FormatMarkdown}
		format := formats[uint(n)%3]
		got := Clean(body, format)
		if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) {
			t.Fatalf("not normal: %q", got)
		}
		if got != strings.TrimSpace(got) || strings.Contains(got, "\n\n\n") || strings.Contains(got, "  ") {
			t.Fatalf("blanks: %q", got)
		}
		for _, r := range got {
			if unicode.Is(unicode.Cc, r) && r != '\n' || r >= 0x202a && r <= 0x202e {
				t.Fatalf("control %U in %q", r, got)
			}
		}
		if format == feedback.FormatText && got == "" && normalize(body) != "" {
			t.Fatalf("the message is lost: %q", body)
		}
	})
}
