package ingest

import (
	"os"
	"slices"
	"strings"
	"testing"

	"earshot/feedback"
)

// labelled is one line of testdata/redaction.txt or redaction_heldout.txt.
type labelled struct {
	text  string
	spans []Redaction
}

func loadLabelled(t *testing.T, name string) []labelled {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []labelled
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		var l labelled
		var b strings.Builder
		for rest := line; ; {
			head, tail, ok := strings.Cut(rest, "{")
			b.WriteString(head)
			if !ok {
				break
			}
			kind, tail, ok1 := strings.Cut(tail, "|")
			value, tail, ok2 := strings.Cut(tail, "}")
			if !ok1 || !ok2 {
				t.Fatalf("bad line: %s", line)
			}
			l.spans = append(l.spans, Redaction{Kind: Secret(kind), Start: b.Len(), End: b.Len() + len(value)})
			b.WriteString(value)
			rest = tail
		}
		l.text = b.String()
		out = append(out, l)
	}
	return out
}

// redactionTally counts the spans of one kind.
type redactionTally struct{ want, hit, found, right int }

// tallyRedactions compares what a redactor replaces with the labels: a labelled span must be covered whole, and a found one
// must touch a labelled one of its kind.
func tallyRedactions(t *testing.T, lines []labelled, redact func(string) (string, []Redaction)) map[Secret]*redactionTally {
	t.Helper()
	kinds := map[Secret]*redactionTally{}
	of := func(k Secret) *redactionTally {
		if kinds[k] == nil {
			kinds[k] = &redactionTally{}
		}
		return kinds[k]
	}
	for _, l := range lines {
		redacted, got := redact(l.text)
		for _, w := range l.spans {
			of(w.Kind).want++
			if slices.ContainsFunc(got, func(g Redaction) bool { return g.Kind == w.Kind && g.Start <= w.Start && g.End >= w.End }) {
				of(w.Kind).hit++
			} else {
				t.Logf("missed %s: %s", w.Kind, redacted)
			}
		}
		for _, g := range got {
			of(g.Kind).found++
			if slices.ContainsFunc(l.spans, func(w Redaction) bool { return g.Kind == w.Kind && g.Start < w.End && w.Start < g.End }) {
				of(g.Kind).right++
			} else {
				t.Logf("wrong %s: %s", g.Kind, redacted)
			}
		}
	}
	return kinds
}

// tooLow names the kinds whose recall or precision is under what is promised, and prints all.
func tooLow(t *testing.T, kinds map[Secret]*redactionTally) (low []Secret) {
	t.Helper()
	for _, k := range []Secret{SecretEmail, SecretPhone, SecretCard, SecretIBAN, SecretNational, SecretIP, SecretMAC, SecretKey} {
		c := kinds[k]
		if c == nil {
			c = &redactionTally{}
		}
		recall, precision := 100*float64(c.hit)/float64(max(c.want, 1)), 100*float64(c.right)/float64(max(c.found, 1))
		t.Logf("%-12s %3d labelled, recall %5.1f %%, %3d found, precision %5.1f %%", k, c.want, recall, c.found, precision)
		least := 97.0
		if k == SecretCard || k == SecretIBAN || k == SecretNational {
			least = 99 // these have check digits
		}
		if recall < least || precision < 98 {
			low = append(low, k)
		}
	}
	return low
}

// What is promised holds for all lines. Those of the second set no rule was made for: its figures are printed apart, and
// with some 20 spans a kind a single miss weighs 5 %.
func TestRedactionRecallAndPrecision(t *testing.T) {
	work, heldOut := loadLabelled(t, "redaction.txt"), loadLabelled(t, "redaction_heldout.txt")
	t.Logf("%d lines held out:", len(heldOut))
	tooLow(t, tallyRedactions(t, heldOut, Redact))
	all := slices.Concat(work, heldOut)
	t.Logf("all %d lines:", len(all))
	for _, k := range tooLow(t, tallyRedactions(t, all, Redact)) {
		t.Errorf("%s: under what is promised", k)
	}
}

func TestARedactorThatMissesOrOverdoesIsSeen(t *testing.T) {
	lines := loadLabelled(t, "redaction.txt")
	for name, redact := range map[string]func(string) (string, []Redaction){
		"nothing": func(s string) (string, []Redaction) { return s, nil },
		"every digit": func(s string) (string, []Redaction) {
			var got []Redaction
			for i := range len(s) {
				if isDigit(s[i]) {
					got = append(got, Redaction{Kind: SecretPhone, Start: i, End: i + 1})
				}
			}
			return s, got
		},
	} {
		t.Run(name, func(t *testing.T) {
			low := tooLow(t, tallyRedactions(t, lines, redact))
			if len(low) == 0 {
				t.Error("it passes")
			}
		})
	}
}

func TestSameValueKeepsItsNumber(t *testing.T) {
	r := NewRedactor(nil)
	title, _ := r.Text("From Jane@Example.com")
	body, _ := r.Text("jane@example.com and bob@example.com, +44 20 7946 0182 or +442079460182")
	if title != "From [EMAIL_1]" || body != "[EMAIL_1] and [EMAIL_2], [PHONE_1] or [PHONE_1]" {
		t.Errorf("%s / %s", title, body)
	}
}

func TestAuthorsFullNameGoesAndOtherNamesStay(t *testing.T) {
	r := NewRedactor(&feedback.Author{Name: "Jane van Doe"})
	got, _ := r.Text("JANE VAN  DOE here. Jane says: Jane van Doering is someone else.\nJane van\nDoe")
	if want := "[AUTHOR] here. Jane says: Jane van Doering is someone else.\n[AUTHOR]"; got != want {
		t.Errorf("got %q", got)
	}
	if got, _ := NewRedactor(&feedback.Author{Name: "Max"}).Text("Max load is 5"); got != "Max load is 5" {
		t.Errorf("a first name alone is a word: %q", got)
	}
}

func TestNameOfAnAttributeTellsWhatItsValueIs(t *testing.T) {
	r := NewRedactor(nil)
	for _, c := range []struct{ name, value, want string }{
		{"phone", "2025550143", "[PHONE_1]"},
		{"order", "2025550143", "2025550143"},
		{"password", "Hunter2!", "[SECRET_1]"},
		{"device", "Galaxy A52", "Galaxy A52"},
		{"jane@example.com", "yes", "yes"},
	} {
		if got := r.Value(c.name, c.value); got != c.want {
			t.Errorf("%s: %q became %q, want %q", c.name, c.value, got, c.want)
		}
	}
}

func TestPrivateKeyGoesWithoutAnEndToo(t *testing.T) {
	const block = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"
	if got, _ := Redact("here: " + block + " ok?"); got != "here: [SECRET_1] ok?" {
		t.Errorf("got %q", got)
	}
	if got, _ := Redact("-----BEGIN PRIVATE KEY-----\nMIIEpAIBA"); got != "[SECRET_1]" {
		t.Errorf("got %q", got)
	}
	if got, _ := Redact("-----BEGIN CERTIFICATE-----\nMIIEpAIBA"); strings.Contains(got, "SECRET") {
		t.Errorf("a certificate is public: %q", got)
	}
}

func TestURLsLoseWhatOpensThem(t *testing.T) {
	for _, c := range [][2]string{
		{"https://bob:pw123@example.com/x", "https://[SECRET_1]/x"}, // the password and the host read like an address
		{"https://bob:pw123@db/x", "https://[SECRET_1]@db/x"},
		{"https://example.com/share/aB3dE5fG7hJ9kL1mN3pQ5rS7", "https://example.com/share/[SECRET_1]"},
		{"https://example.com/jobs/550e8400-e29b-41d4-a716-446655440000", "https://example.com/jobs/550e8400-e29b-41d4-a716-446655440000"},
		{"https://example.com/a?X-Amz-Signature=abcdef0123456789&x=1", "https://example.com/a?X-Amz-Signature=[SECRET_1]&x=1"},
	} {
		if got, _ := Redact(c[0]); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

func FuzzRedact(f *testing.F) {
	for _, l := range strings.Split("a@b.cc|+1 202 555 0143|4111 1111 1111 1111|::1|password=abc123|(((+++1234567|%40%40@@|192.0.2.1.1|-----BEGIN PRIVATE KEY", "|") {
		f.Add(l)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, got := Redact(text)
		at := 0
		var b strings.Builder
		for _, g := range got {
			if g.Start < at || g.End <= g.Start || g.End > len(text) {
				t.Fatalf("spans out of order: %+v of %d bytes", got, len(text))
			}
			b.WriteString(text[at:g.Start] + g.Placeholder)
			at = g.End
		}
		if b.WriteString(text[at:]); b.String() != out {
			t.Fatalf("the spans don't explain the text: %q", out)
		}
	})
}
