package importer

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/feedback"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fixtures are written after the vendors' public formats, with the export that each is to be recognised as.
var fixtures = map[string]string{
	"zendesk.jsonl": "Zendesk tickets", "zendesk-page.json": "Zendesk tickets", "intercom.json": "Intercom conversations",
	"app-store.json": "App Store customer reviews", "app-store.csv": "App Store customer reviews", "play-store.csv": "Google Play reviews",
	"github.json": "GitHub issues", "github-cli.json": "GitHub issues", "slack": "Slack export", "slack-day.json": "Slack messages",
	"productboard.csv": "Productboard notes", "canny.csv": "Canny posts", "delighted.csv": "Delighted responses", "typeform.csv": "Typeform responses",
	"generic.csv": "", "generic.jsonl": "", "messages.jsonl": "",
}

func openFixture(t testing.TB, name string, o Options) *File {
	t.Helper()
	at := filepath.Join("testdata", name)
	if IsArchive(at) {
		f, closer, err := OpenArchive(at, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closer.Close() })
		return f
	}
	data, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(name, bytes.NewReader(data), o)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

// drawn writes down all that a file gave.
func drawn(t testing.TB, f *File) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(f.Mapping().String())
	for row, err := range f.Rows(t.Context()) {
		if err != nil {
			fmt.Fprintf(&b, "\n%s: %s\n", feedback.ErrorCode(err), err)
			continue
		}
		s, err := json.MarshalIndent(row.Submission, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\nline %d, %s\n%s\n", row.Line, row.Source, s)
	}
	left, err := json.Marshal(f.LeftOut())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "\nleft out: %s\n", left)
	return b.String()
}

func TestExportsBecomeTheSubmissionsThatTheyHold(t *testing.T) {
	for name := range fixtures {
		t.Run(name, func(t *testing.T) {
			got := drawn(t, openFixture(t, name, Options{}))
			golden := filepath.Join("testdata", "golden", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestEachExportIsRecognisedAsItselfAlone(t *testing.T) {
	for name, want := range fixtures {
		f := openFixture(t, name, Options{})
		if got := f.Mapping().Export; got != want {
			t.Errorf("%s is taken for %q", name, got)
		}
		if len(f.Sample()) == 0 {
			t.Errorf("%s: no sample is shown", name)
		}
	}
	names := map[string]bool{}
	for _, e := range Exports() {
		if feedback.CheckSource(e.Source) != nil || e.By == "" || e.Files == "" {
			t.Errorf("%+v", e)
		}
		names[e.Name] = true
	}
	for name, want := range fixtures {
		if want != "" && !names[want] {
			t.Errorf("%s: %q is not among the exports", name, want)
		}
	}
}

func TestWhatLooksLikeAnExportAndIsNoneIsReadByItsColumns(t *testing.T) {
	for name, content := range map[string]string{
		"a table with a title, a text and tags":       "id,title,content,tags,user_email\n1,Slow,It is very slow,a,b@c.example\n",
		"a table with details and a status":           "title,details,status\nSlow,It is very slow,open\n",
		"a table with a score and a comment":          "score,comment,created at\n9,It is very fast,2026-01-01\n",
		"a table with a star rating":                  "star rating,review text,date\n4,It is very fast,2026-01-01\n",
		"a table with a nickname":                     "nickname,rating,body\nx,4,It is very fast\n",
		"a survey without a network":                  "#,How likely are you to recommend us?,Why is that?\n1,9,It is very fast\n",
		"tickets of somebody else":                    `{"id":1,"subject":"Slow","description":"It is very slow","status":"open","requester":"x"}`,
		"messages of somebody else":                   `[{"type":"message","ts":"2026-01-01","text":"It is very slow"}]`,
		"issues of somebody else":                     `[{"number":1,"title":"Slow","body":"It is slow","html_url":"https://x.example/browse/1"}]`,
		"conversations of somebody else":              `[{"type":"conversation","text":"It is very slow"}]`,
		"a message of the contract with more than it": `{"external_id":"1","body":"It is slow","type":"message","source":"zendesk"}`,
	} {
		f, err := Open("x", strings.NewReader(content), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := f.Mapping().Export; got != "" {
			t.Errorf("%s is taken for %q", name, got)
		}
	}
}

func TestAnExportMayBeReadByItsColumnsAndUnderAnotherName(t *testing.T) {
	f := openFixture(t, "canny.csv", Options{Generic: true})
	if m := f.Mapping(); m.Export != "" || m.Column(Text) != "Details" {
		t.Errorf("%s", m)
	}
	f = openFixture(t, "github.json", Options{Text: "title"})
	if m := f.Mapping(); m.Export != "" || m.Column(Text) != "title" {
		t.Errorf("%s", m)
	}
	for _, name := range []string{"canny.csv", "github.json", "slack"} {
		for row, err := range openFixture(t, name, Options{DefaultSource: "board"}).Rows(t.Context()) {
			if err == nil && row.Source != "board" {
				t.Errorf("%s: source %s", name, row.Source)
			}
		}
	}
	f = openFixture(t, "typeform.csv", Options{Text: "campaign", Score: "-"})
	if m := f.Mapping(); m.Export == "" || m.Column(Text) != "campaign" || m.Column(Score) != "" {
		t.Errorf("what is asked for counts more than what is known:\n%s", m)
	}
}

func TestIdsStayWhenTheWordsChange(t *testing.T) {
	ids := func(content string) (ids []string) {
		rows, errs, _ := read(t, "x", content, Options{})
		if len(errs) > 0 || len(rows) == 0 {
			t.Fatal(rows, errs)
		}
		for _, r := range rows {
			ids = append(ids, r.Submission.ExternalID)
		}
		return ids
	}
	const play = "Package Name,Reviewer Language,Device,Review Submit Millis Since Epoch,Star Rating,Review Text,Review Link\napp,en,x,1772721000000,2,%s words,\napp,en,x,1772721000001,2,other words,\n"
	const app = "rating,title,body,reviewerNickname,createdDate,territory\n1,Crash,%s words here,fan,2026-02-01T10:00:00-08:00,GBR\n"
	for _, content := range []string{play, app} {
		if a, b := ids(fmt.Sprintf(content, "old")), ids(fmt.Sprintf(content, "new")); !slices.Equal(a, b) || len(a) == 2 && a[0] == a[1] {
			t.Errorf("%v, %v", a, b)
		}
	}
}

func TestATicketLongerThanWhatIsLookedAtIsATicket(t *testing.T) {
	long := strings.Repeat("The board is slow today. ", peek/20)
	ticket := `{"id":1,"subject":"Slow","requester_id":7,"submitter_id":7,"brand_id":1,"comments":[{"id":1,"author_id":7,"body":"` + long + `"}]}`
	for name, content := range map[string]string{"line": ticket + "\n", "array": "[" + ticket + "]", "page": `{"tickets":[` + ticket + `]}`} {
		rows, errs, m := read(t, "x.json", content, Options{})
		if len(rows) != 1 || len(errs) > 0 || m.Export != "Zendesk tickets" || rows[0].Submission.ExternalID != "1" || rows[0].Source != "zendesk" {
			t.Errorf("%s: %d rows, %v, %s", name, len(rows), errs, m)
		}
	}
}

func TestAPageOfSlacksIsRead(t *testing.T) {
	rows, errs, m := read(t, "x.json", `{"ok":true,"messages":[{"type":"message","user":"U1","text":"It is <@U2> who asks","ts":"1772440100.000200"}],"has_more":false}`, Options{})
	if len(rows) != 1 || len(errs) != 0 || m.Export != "Slack messages" || rows[0].Submission.Body != "It is [USER_1] who asks" || rows[0].Submission.ExternalID != "1772440100.000200" {
		t.Errorf("%+v, %v, %s", rows, errs, m)
	}
}

func TestPagesThatWereSavedOneBehindTheOtherAreReadToTheEnd(t *testing.T) {
	page := func(id int) string {
		return fmt.Sprintf(`{"count":1,"tickets":[{"id":%d,"subject":"s","description":"It is slow","requester_id":1,"submitter_id":1,"brand_id":1}],"next_page":null}`, id)
	}
	rows, errs, _ := read(t, "x.json", page(1)+"\n"+page(2)+page(3), Options{})
	if len(rows) != 3 || len(errs) != 0 || rows[2].Submission.ExternalID != "3" {
		t.Errorf("%+v, %v", rows, errs)
	}
	if _, errs, _ = read(t, "x.json", page(1)+page(2)[:60], Options{}); len(errs) != 1 || !strings.Contains(errs[0].Error(), "ends within an object") {
		t.Errorf("%v", errs)
	}
}

func TestDeepObjectsAreRefusedWithTheLimit(t *testing.T) {
	deep := `{"id":2,"subject":"s","description":"d","requester_id":1,"submitter_id":1,"brand_id":1,"custom":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`
	good := `{"id":1,"subject":"s","description":"d","requester_id":1,"submitter_id":1,"brand_id":1}`
	rows, errs, _ := read(t, "x.jsonl", good+"\n"+deep+"\n"+good+"\n", Options{})
	if len(rows) != 2 || len(errs) != 1 || !strings.Contains(errs[0].Error(), "deeper than 32 levels") {
		t.Errorf("%d rows, %v", len(rows), errs)
	}
	rows, errs, _ = read(t, "x.jsonl", `{"text":"it is slow"}`+"\n"+`{"text":"it is slow","more":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+"}\n", Options{})
	if len(rows) != 1 || len(errs) != 1 || !strings.Contains(errs[0].Error(), "deeper than 32 levels") {
		t.Errorf("%d rows, %v", len(rows), errs)
	}
}

func TestPeopleOfASlackMessageAreNamedByPlaceholders(t *testing.T) {
	p := newSlackPeople()
	for _, u := range []string{`{"id":"U1","name":"ann","real_name":"Ann Lee"}`, `{"id":"U2","name":"ann.lee2","real_name":"Ann Lee Gray"}`, `{"id":"U3","real_name":"Will"}`} {
		if err := p.add([]byte(u)); err != nil {
			t.Fatal(err)
		}
	}
	p.sorted()
	for markup, want := range map[string]string{
		"<@U1> and <@U2|x>, <@U1> again":         "[USER_1] and [USER_2], [USER_1] again",
		"Ann Lee met Ann Lee Gray and Ann Leeds": "[USER_1] met [USER_2] and Ann Leeds",
		"Will you ask @ann, @ann.lee2, @Ann Lee": "Will you ask [USER_1], [USER_2], [USER_1]",
		"mail a@ann.example @nobody @":           "mail a@ann.example @nobody @",
		"<!subteam^S1|@ops> <!date^1^x|today>":   "@group today",
		"<#C1> <#C2|ops> &lt;b&gt; &amp;amp;":    "#channel #ops <b> &amp;",
		"<https://a.example/x|a.example/x>":      "https://a.example/x",
		"a < b and c > d":                        "a < b and c > d",
		"<tel:+49301|+49 301> <":                 "+49 301 <",
	} {
		if got := p.text(markup); got != want {
			t.Errorf("%q: got %q, want %q", markup, got, want)
		}
	}
	var nobody *slackPeople
	if got := nobody.text("<@U7> said hi to Ann Lee"); got != "[USER_1] said hi to Ann Lee" {
		t.Error(got)
	}
}
