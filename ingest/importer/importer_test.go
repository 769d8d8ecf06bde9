package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"earshot/feedback"
)

// read gives the good rows and the errors of a whole file.
func read(t *testing.T, name, content string, o Options) ([]Row, []error, *Mapping) {
	t.Helper()
	f, err := Open(name, strings.NewReader(content), o)
	if err != nil {
		t.Fatal(err)
	}
	var rows []Row
	var errs []error
	for row, err := range f.Rows(t.Context()) {
		if err != nil {
			errs = append(errs, err)
		} else {
			rows = append(rows, row)
		}
	}
	return rows, errs, f.Mapping()
}

func TestColumnsAreGuessed(t *testing.T) {
	for _, c := range []struct {
		name, content string
		want          map[Field]string
	}{
		{"names", "id,Created At,Review Text,Stars,Company,Reviewer\n1,2026-03-30,Too slow today,2,Acme,Jo\n",
			map[Field]string{ID: "id", Time: "Created At", Text: "Review Text", Rating: "Stars", CustomerName: "Company", AuthorName: "Reviewer"}},
		{"camel case", "ticketId,createdAt,commentText\n1,2026-03-30,Too slow\n", map[Field]string{ID: "ticketId", Time: "createdAt", Text: "commentText"}},
		{"German", "Datum;Kommentar;Bewertung;Firma\n30.03.2026;Zu langsam heute;2;Müller\n", map[Field]string{Time: "Datum", Text: "Kommentar", Rating: "Bewertung", CustomerName: "Firma"}},
		{"a survey's question", "When,\"What could we do better, in your own words?\",NPS\n2026-03-30,Please make the board faster,9\n2026-03-31,The export is broken,3\n",
			map[Field]string{Time: "When", Text: "What could we do better, in your own words?", Score: "NPS"}},
		{"ids that repeat are none", "id,text\n7,one thing\n7,another thing\n", map[Field]string{Text: "text", ID: ""}},
		{"a text column of numbers is none", "feedback,note_long\n1,The board is slow\n2,It crashes often\n", map[Field]string{Text: "note_long"}},
		{"ratings up to ten are scores", "text,rating\nToo slow now,9\nFine by me,4\n", map[Field]string{Score: "rating", Rating: ""}},
		{"dates under another name", "text,happened\nToo slow,2026-03-30 10:00\nFine,2026-03-31 11:00\n", map[Field]string{Time: "happened"}},
		{"customer id and name", "text,Account ID,Account Name,Plan,ARR\nToo slow,a1,Acme,Team,\"€1,234.50\"\n",
			map[Field]string{CustomerID: "Account ID", CustomerName: "Account Name", CustomerPlan: "Plan", CustomerARR: "ARR"}},
		{"JSON keys", `{"message":"Too slow","when":"2026-03-30","stars":3}`, map[Field]string{Text: "message", Time: "when", Rating: "stars"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, errs, m := read(t, "x.csv", c.content, Options{})
			if len(errs) > 0 {
				t.Error(errs)
			}
			for field, want := range c.want {
				if got := m.Column(field); got != want {
					t.Errorf("%s comes from %q, want %q\n%s", field, got, want, m)
				}
			}
		})
	}
}

func TestRowsBecomeSubmissions(t *testing.T) {
	rows, errs, m := read(t, "App Reviews.csv", "id,date,title,text,rating,company,url,os\n"+
		"1,2026-03-30 10:44:00,Slow,\"It is \"\"slow\"\",\nreally\",2,Acme,https://x.example,iOS\n2,,,Fine,,,,\n", Options{})
	if len(errs) > 0 || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), errs)
	}
	got, _ := json.Marshal(rows[0])
	want := `{"Line":2,"Source":"app-reviews","Submission":{"external_id":"1","occurred_at":"2026-03-30T10:44:00Z","title":"Slow","body":"It is \"slow\",\nreally","customer":{"id":"Acme","name":"Acme"},"rating":2,"url":"https://x.example","attributes":{"os":"iOS"}}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if s := rows[1].Submission; rows[1].Line != 4 || !s.OccurredAt.IsZero() || s.Rating != nil || s.Customer != nil {
		t.Errorf("%+v", rows[1])
	}
	if text := m.String(); !strings.Contains(text, "separated by commas") || !strings.Contains(text, "attributes: os") {
		t.Errorf("mapping:\n%s", text)
	}
}

func TestDialects(t *testing.T) {
	const table = "id,text\n1,größer & schöner\n2,naïve café\n"
	utf16 := func(e unicode.Endianness, bom unicode.BOMPolicy) string {
		s, err := unicode.UTF16(e, bom).NewEncoder().String(table)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	latin, err := charmap.Windows1252.NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2]string{
		"UTF-8":                 {table, "utf-8"},
		"with a mark":           {"\ufeff" + table, "utf-8"},
		"UTF-16 LE":             {utf16(unicode.LittleEndian, unicode.UseBOM), "utf-16le"},
		"UTF-16 BE":             {utf16(unicode.BigEndian, unicode.UseBOM), "utf-16be"},
		"UTF-16 without a mark": {utf16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16le"},
		"Windows-1252":          {latin, "windows-1252"},
		"semicolons":            {strings.ReplaceAll(table, ",", ";"), "utf-8"},
		"tabs":                  {strings.ReplaceAll(table, ",", "\t"), "utf-8"},
		"bars":                  {strings.ReplaceAll(table, ",", "|"), "utf-8"},
		"Windows line ends":     {strings.ReplaceAll(table, "\n", "\r\n"), "utf-8"},
		"no last line end":      {strings.TrimSpace(table), "utf-8"},
		"blank lines":           {strings.ReplaceAll(table, "\n", "\n\n"), "utf-8"},
		"all in quotes":         {`"id","text"` + "\n" + `"1","größer & schöner"` + "\n" + `"2","naïve café"`, "utf-8"},
	} {
		t.Run(name, func(t *testing.T) {
			rows, errs, m := read(t, "x.csv", c[0], Options{})
			if len(errs) > 0 || len(rows) != 2 || rows[0].Submission.Body != "größer & schöner" || rows[1].Submission.Body != "naïve café" || m.Encoding != c[1] {
				t.Errorf("%s: %+v, %v", m.Encoding, rows, errs)
			}
		})
	}
}

func TestBadRowsNameTheirPlaceAndTheRestGoesOn(t *testing.T) {
	rows, errs, _ := read(t, "bad.csv", "id,time,text\n1,2026-03-30,fine one\n2,2026-03-30\n3,2026-03-30,a,b\n4,soon,fine\n5,2026-03-30,\n6,2026-03-30,a\x00b\n7,2026-03-30,\xff\xfe\n8,2026-03-31,fine two\n9,2026-04-01,fine three\n10,2026-04-01,four\n", Options{})
	if len(rows) != 4 || rows[1].Line != 9 {
		t.Errorf("rows %+v", rows)
	}
	want := []string{"bad.csv, line 3: has 2 columns, the header has 3", "line 4: has 4 columns", `line 5, column "time": "soon"`, `line 6, column "text": is empty`, "line 7: has a NUL byte", "line 8: isn't valid UTF-8"}
	if len(errs) != len(want) {
		t.Fatalf("%v", errs)
	}
	for i, err := range errs {
		if feedback.ErrorCode(err) != feedback.Invalid || !strings.Contains(err.Error(), want[i]) {
			t.Errorf("got %q, want %q", err, want[i])
		}
	}
}

func TestUnclosedQuoteLosesOneRow(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,text\n1,\"never closed\n")
	for i := range maxRowLines + 100 {
		fmt.Fprintf(&b, "%d,row number %d\n", i+2, i)
	}
	rows, errs, _ := read(t, "x.csv", b.String(), Options{})
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "line 2: has a quote that is never closed") || len(rows) != maxRowLines+100 || rows[0].Line != 3 {
		t.Errorf("%d rows, first %+v, %v", len(rows), rows[0], errs)
	}
}

func TestLimitsAreNamed(t *testing.T) {
	rows, errs, _ := read(t, "x.csv", "id,text\n1,ok then\n2,"+strings.Repeat("x", MaxRow)+"\n3,fine again\n", Options{})
	if len(rows) != 2 || len(errs) != 1 || !strings.Contains(errs[0].Error(), "1048576") {
		t.Errorf("%d rows, %v", len(rows), errs)
	}
	if _, err := Open("x.csv", strings.NewReader(strings.Repeat("a,", MaxColumns+1)+"\n"), Options{}); err == nil || !strings.Contains(err.Error(), "512") {
		t.Errorf("a million columns: %v", err)
	}
	rows, errs, _ = read(t, "x.jsonl", `{"text":"ok then"}`+"\n"+`{"text":"`+strings.Repeat("x", maxObject)+`"}`+"\n"+`{"text":"fine"}`+"\n", Options{})
	if len(rows) != 2 || len(errs) != 1 {
		t.Errorf("%d rows, %v", len(rows), errs)
	}
}

func TestWrongFilesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		options Options
		want    string
	}{
		"empty":                     {"", Options{}, "is empty"},
		"blank":                     {" \n\n", Options{}, "is empty"},
		"a column that isn't there": {"id,text\n1,x y\n", Options{Text: "comment"}, `no column "comment" for the text: the columns are "id", "text"`},
		"the same column twice":     {"id,text\n1,x y\n", Options{Text: "text", Title: "text"}, "asked for twice"},
		"no header":                 {"4711,2026-03-30,The board is slow today.\n4712,2026-03-31,It crashed.\n", Options{}, "no column names"},
		"no text":                   {"a,b\n1,2\n3,4\n", Options{}, "no column looks like text"},
		"dates of both kinds":       {"date,text\n13/01/2026,x y z\n01/13/2026,x y z\n", Options{}, "day first, some the month"},
		"JSON without objects":      {"[1,2,3]", Options{Format: JSONArray}, "no JSON object"},
		"a source that can't be":    {"text\nx y\n", Options{DefaultSource: "App Store"}, "cannot name a source"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open("x.csv", strings.NewReader(c.content), c.options)
			if feedback.ErrorCode(err) != feedback.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestOptionsOverrideTheGuess(t *testing.T) {
	rows, _, m := read(t, "x.csv", "text,other,when,k\nnot this,but this here,2026-03-30,a\n", Options{Text: "OTHER", Time: "-", ID: "k", DefaultSource: "survey", BodyFormat: feedback.FormatMarkdown})
	s := rows[0].Submission
	if s.Body != "but this here" || !s.OccurredAt.IsZero() && m.Column(Time) == "when" || s.ExternalID != "a" || rows[0].Source != "survey" || s.Format != feedback.FormatMarkdown {
		t.Errorf("%+v\n%s", rows[0], m)
	}
}

func TestIdsComeFromTheContent(t *testing.T) {
	const table = "text,stars\nslow board,1\nslow board,1\nslow board,2\n"
	first, _, _ := read(t, "x.csv", table, Options{})
	again, _, _ := read(t, "x.csv", table, Options{})
	moved, _, _ := read(t, "x.csv", "text,stars\nslow board,2\nslow board,1\nslow board,1\n", Options{})
	seen := map[string]bool{}
	for i := range first {
		id := first[i].Submission.ExternalID
		if seen[id] || id != again[i].Submission.ExternalID {
			t.Errorf("row %d: %s", i, id)
		}
		seen[id] = true
	}
	for _, r := range moved {
		if !seen[r.Submission.ExternalID] {
			t.Errorf("another order gives another id: %s", r.Submission.ExternalID)
		}
	}
}

func TestJSON(t *testing.T) {
	const lines = `{"source":"app-store","external_id":"1","body":"slow board","customer":{"id":"c1"}}` + "\n\n" + `{"external_id":"2","body":5}` + "\nnot json\n[1]\n" + `{"external_id":"3"}` + "\n" + `{"external_id":"4","title":"only a title"}` + "\n" +
		`{"body":"own id","external_id":"5"}` + "\n"
	rows, errs, m := read(t, "x.jsonl", lines, Options{})
	if !m.Contract || len(rows) != 3 || rows[0].Source != "app-store" || rows[0].Submission.Customer.ID != "c1" || rows[1].Line != 7 {
		t.Errorf("%+v %+v", m, rows)
	}
	want := []string{"line 3, field body: want another type than number", "line 4", "line 5: is no JSON object, but array", "line 6, field body: is empty"}
	if len(errs) != len(want) {
		t.Fatalf("%v", errs)
	}
	for i, err := range errs {
		if !strings.Contains(err.Error(), want[i]) {
			t.Errorf("got %q, want %q", err, want[i])
		}
	}
	rows, errs, m = read(t, "x.json", "[\n {\"text\":\"slow, [really]\", \"n\": 3, \"tags\": [\"a\"]},\n {\"text\":\"broken\" \"x\"},\n {\"text\":\"fine }\", \"late\": true}\n]", Options{})
	if m.Format != JSONArray || len(rows) != 2 || len(errs) != 1 || rows[1].Line != 4 || rows[0].Submission.Body != "slow, [really]" {
		t.Errorf("%+v, %v", rows, errs)
	}
	if a := rows[0].Submission.Attributes; string(a["n"]) != "3" || string(a["tags"]) != `["a"]` || string(rows[1].Submission.Attributes["late"]) != "true" {
		t.Errorf("attributes keep their types: %s %s", a, rows[1].Submission.Attributes)
	}
	if _, errs, _ := read(t, "x.json", `[{"text":"slow board"},{"text":"cut`, Options{}); len(errs) != 1 || !strings.Contains(errs[0].Error(), "ends within the array") {
		t.Errorf("%v", errs)
	}
}

func TestRowsEndWithTheirContextAndTheirReader(t *testing.T) {
	f, err := Open("x.csv", strings.NewReader("text\n"+strings.Repeat("one two three\n", 100)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for _, err := range f.Rows(ctx) {
		if n++; n == 10 {
			cancel()
		}
		last = err
	}
	if n != 11 || feedback.ErrorCode(last) != feedback.Unavailable {
		t.Errorf("%d rows, %v", n, last)
	}
	broken := io.MultiReader(strings.NewReader("text\n"+strings.Repeat("one two three\n", 50_000)), failing{})
	if f, err = Open("x.csv", broken, Options{}); err != nil {
		t.Fatal(err)
	}
	n = 0
	for _, err := range f.Rows(t.Context()) {
		n, last = n+1, err
	}
	if n != 50_001 || feedback.ErrorCode(last) != feedback.Internal {
		t.Errorf("%d rows, %v", n, last)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("disk gone") }

func TestLongFileStaysInBoundedMemory(t *testing.T) {
	rows := 0
	line := "the board is slow today and the phone rings\n"
	f, err := Open("-", io.MultiReader(strings.NewReader("text\n"), &repeat{line: line, left: 200_000}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for _, err := range f.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		rows++
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(f)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); rows != 200_000 || grown > 4<<20 {
		t.Errorf("%d rows, %d bytes kept", rows, grown)
	}
}

// repeat is a file of equal lines that is never in memory.
type repeat struct {
	line string
	left int
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && r.left > 0 {
		k := copy(p[n:], r.line[r.at:])
		n, r.at = n+k, r.at+k
		if r.at == len(r.line) {
			r.at, r.left = 0, r.left-1
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func FuzzRows(f *testing.F) {
	for _, s := range []string{"id,text\n1,\"a\"\"b\nc\"\n", "a;b\n\"", "[{\"text\":\"a b\"},{]}", "{\"body\":\"x\",\"external_id\":\"1\"}\n{", "\xff\xfet\x00", "text\n\x00\n", "date,text\n1/2/2026,a b\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		file, err := Open("fuzz.csv", strings.NewReader(content), Options{})
		if err != nil {
			if c := feedback.ErrorCode(err); c != feedback.Invalid {
				t.Fatalf("%s: %v", c, err)
			}
			return
		}
		ids := map[string]bool{}
		for row, err := range file.Rows(t.Context()) {
			if err != nil {
				if c := feedback.ErrorCode(err); c != feedback.Invalid && c != feedback.TooLarge {
					t.Fatalf("%s: %v", c, err)
				}
				continue
			}
			s := row.Submission
			if s.Body == "" && s.Title == "" || s.ExternalID == "" || row.Line < 1 || feedback.CheckSource(row.Source) != nil {
				t.Fatalf("row %+v", row)
			}
			ids[s.ExternalID] = true
		}
	})
}

func BenchmarkRows(b *testing.B) {
	content := "id,date,text,stars\n" + strings.Repeat("17,2026-03-30 10:00:00,\"the board is slow today, and the phone rings\",3\n", 1000)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		f, err := Open("x.csv", strings.NewReader(content), Options{})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range f.Rows(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func TestAFirstObjectLongerThanWhatIsLookedAtIsReadAsAMessage(t *testing.T) {
	long := strings.Repeat("x", 2*peek)
	rows, errs, _ := read(t, "x.jsonl", `{"external_id":"1","body":"`+long+`"}`+"\n"+`{"external_id":"2","body":"short"}`+"\n", Options{})
	if len(rows) != 2 || len(errs) != 0 || rows[0].Submission.Body != long || rows[1].Submission.ExternalID != "2" {
		t.Fatalf("%d rows, %v", len(rows), errs)
	}
}
