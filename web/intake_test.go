package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/feedback"
	"earshot/web"
)

const ndjson = "application/x-ndjson"

func receiptOf(t *testing.T, body string) web.Receipt {
	t.Helper()
	var r web.Receipt
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return r
}

func TestAnItemIsTakenForItsWorkspaceAndSource(t *testing.T) {
	tests := map[string]struct {
		target string
		header []string
		want   string
	}{
		"by default":        {"/v1/feedback", nil, "default/api/"},
		"by query":          {"/v1/feedback?workspace=acme&source=zendesk", nil, "acme/zendesk/"},
		"by header":         {"/v1/feedback", []string{"Earshot-Workspace", "acme", "Earshot-Source", "app-store"}, "acme/app-store/"},
		"query over header": {"/v1/feedback?source=csv", []string{"Earshot-Source", "app-store"}, "default/csv/"},
		"with a charset":    {"/v1/feedback", []string{"Content-Type", "application/json; charset=utf-8"}, "default/api/"},
		"without a type":    {"/v1/feedback", []string{"Content-Type", ""}, "default/api/"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			item := `{"external_id": "7", "body": "The export hangs"}`
			status, _, body := ask(t, newServer(t, f), "POST", test.target, item, test.header...)
			if status != 202 || !slices.Equal(f.taken, []string{test.want + item}) {
				t.Fatalf("%d %s; taken %q", status, body, f.taken)
			}
			parts := strings.Split(test.want, "/")
			r := receiptOf(t, body)
			if r.Accepted != 1 || r.Results[0].Row != 1 || r.Results[0].ID != feedback.ItemID(parts[0], parts[1], "7").String() {
				t.Errorf("receipt %+v", r)
			}
		})
	}
}

func TestBadRowsDoNotHoldUpTheOthers(t *testing.T) {
	f := newFake()
	rows := []string{
		`{"external_id":"a","body":"good"}`,
		``,
		`{"body":`,
		`{"body":""}`,
		`{"title":"no body"}`,
		`{"body":7}`,
		`["body"]`,
		`null`,
		"{\"body\":\"\xff\"}",
		`{"body":"` + strings.Repeat("x", feedback.MaxBody+1) + `"}`,
		`{"specversion":"1.0","id":"9","data":{"body":"in an envelope","external_id":"9"}}`,
		`{"specversion":"1.0","id":"9","data":{}}`,
		`{"specversion":"1.0","id":"9"}`,
		`{"body":"also good"}`,
	}
	status, _, body := ask(t, newServer(t, f), "POST", "/v1/feedback", strings.Join(rows, "\r\n")+"\r\n", "Content-Type", ndjson)
	r := receiptOf(t, body)
	if status != 202 || r.Accepted != 3 || r.Rejected != len(rows)-4 || len(f.taken) != 3 {
		t.Fatalf("%d: %d accepted, %d rejected, %d taken", status, r.Accepted, r.Rejected, len(f.taken))
	}
	wrong := map[int]struct {
		code  feedback.Code
		field string
	}{3: {"invalid", ""}, 4: {"invalid", "body"}, 5: {"invalid", "body"}, 6: {"invalid", "body"}, 7: {"invalid", ""}, 8: {"invalid", ""}, 9: {"invalid", ""},
		10: {"too_large", "body"}, 12: {"invalid", "data.body"}, 13: {"invalid", "data"}}
	for _, row := range r.Results {
		want, bad := wrong[row.Row]
		switch {
		case row.Error == nil && bad:
			t.Errorf("row %d was taken", row.Row)
		case row.Error != nil && (!bad || row.Error.Code != want.code || row.Error.Field != want.field || row.ID != ""):
			t.Errorf("row %d: %+v", row.Row, row.Error)
		}
	}
	if first := r.Results[0]; first.ID == "" || r.Results[len(r.Results)-1].ID != "" {
		t.Errorf("only a row with an external id can be told its id: %+v", r.Results)
	}
}

func TestWithoutTheDurableAcknowledgementThereIsNo202(t *testing.T) {
	full := feedback.Errorf(feedback.Unavailable, "the queue is full").WithHint("send again later")
	fullFor := func(message string) func([]byte) error {
		return func(d []byte) error {
			if string(d) == message {
				return full
			}
			return nil
		}
	}
	tests := map[string]struct {
		verdict func([]byte) error
		body    string
		status  int
		retry   string
	}{
		"all on disk":                          {nil, "{\"body\":\"a\"}\n{\"body\":\"b\"}", 202, ""},
		"the queue is away":                    {func([]byte) error { return full }, "{\"body\":\"a\"}", 503, "5"},
		"it fills up half way":                 {fullFor(`{"body":"b"}`), "{\"body\":\"a\"}\n{\"body\":\"b\"}", 503, "5"},
		"a bad row, and the queue is away":     {func([]byte) error { return full }, "{}\n{\"body\":\"a\"}", 503, "5"},
		"a fault":                              {func([]byte) error { return fmt.Errorf("boom") }, "{\"body\":\"a\"}", 503, "5"},
		"the queue takes no message that long": {func([]byte) error { return feedback.Errorf(feedback.TooLarge, "over the limit of 9 bytes") }, "{\"body\":\"a\"}", 413, ""},
		"nothing good":                         {nil, "{}", 400, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.verdict = test.verdict
			status, header, body := ask(t, newServer(t, f), "POST", "/v1/feedback", test.body, "Content-Type", ndjson)
			if status != test.status || header.Get("Retry-After") != test.retry {
				t.Errorf("status %d, Retry-After %q: %s", status, header.Get("Retry-After"), body)
			}
			if strings.Contains(body, "boom") {
				t.Errorf("a fault's text is shown: %s", body)
			}
			if r := receiptOf(t, body); r.Accepted != len(f.taken) {
				t.Errorf("%d accepted, %d on disk", r.Accepted, len(f.taken))
			}
		})
	}
}

// silent is a queue that takes nothing and says nothing.
type silent struct{}

func (silent) PublishReceived(context.Context, string, string, [][]byte) []error { return nil }

// A queue that gives fewer verdicts than messages has not said that the rest is on disk.
func TestAMissingVerdictIsNotAYes(t *testing.T) {
	f := newFake()
	status, _, body := ask(t, newServer(t, f, func(c *web.Config) { c.Queue = silent{} }), "POST", "/v1/feedback", `{"body":"a"}`)
	if r := receiptOf(t, body); status != 503 || r.Accepted != 0 {
		t.Errorf("%d %s", status, body)
	}
}

func TestRequestsThatAreRefusedWhole(t *testing.T) {
	tests := map[string]struct {
		target, body string
		header       []string
		status       int
		says         string
	}{
		"over the limit of bytes": {"/v1/feedback", `{"body":"` + strings.Repeat("x", 2000) + `"}`, nil, 413, "1024"},
		"no body":                 {"/v1/feedback", "  \n ", nil, 400, "no row"},
		"an empty array":          {"/v1/feedback", " [ ] ", nil, 400, "no row"},
		"an array without an end": {"/v1/feedback", "[", nil, 400, "no end"},
		"a table without names":   {"/v1/feedback", "\n", []string{"Content-Type", "text/csv"}, 400, "empty"},
		"a table without text":    {"/v1/feedback?text=nope", "a,b\n1,2\n", []string{"Content-Type", "text/csv"}, 400, "nope"},
		"a form":                  {"/v1/feedback", "body=x", []string{"Content-Type", "application/x-www-form-urlencoded"}, 400, "application/json"},
		"not the gzip it says":    {"/v1/feedback", "xxxxxxxxxxxxxxx", []string{"Content-Encoding", "gzip"}, 400, "gzip"},
		"compressed otherwise":    {"/v1/feedback", "x", []string{"Content-Encoding", "br"}, 400, "gzip"},
		"a bomb":                  {"/v1/feedback", zipped(t, `{"body":"`+strings.Repeat("x", 1<<20)+`"}`), []string{"Content-Encoding", "gzip"}, 413, "1024"},
		"no such workspace name":  {"/v1/feedback?workspace=A.B", `{"body":"x"}`, nil, 400, "workspace"},
		"no such source name":     {"/v1/feedback?source=*", `{"body":"x"}`, nil, 400, "source"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			s := newServer(t, f, func(c *web.Config) { c.MaxBytes = 1024 })
			status, _, body := ask(t, s, "POST", test.target, test.body, test.header...)
			var p web.Problem
			if err := json.Unmarshal([]byte(body), &p); err != nil {
				t.Fatal(err)
			}
			if status != test.status || !strings.Contains(p.Message+p.Hint, test.says) || len(f.taken) != 0 {
				t.Errorf("%d %+v, taken %q", status, p, f.taken)
			}
		})
	}
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRowsComeInManyForms(t *testing.T) {
	first, second := `{"external_id":"a","body":"one, \"two\" [three]"}`, `{"body":"{four}"}`
	tests := map[string]struct {
		kind, query, body string
		packed            bool
		taken             []string
	}{
		"one":              {"application/json", "", first, false, []string{first}},
		"an array":         {"application/json", "", "\n [" + first + " ,\n" + second + "] ", false, []string{first, second}},
		"an array of one":  {"application/json", "", "[" + first + "]", false, []string{first}},
		"lines":            {ndjson, "", first + "\n\n" + second, false, []string{first, second}},
		"lines, packed":    {ndjson, "", first + "\r\n" + second + "\r\n", true, []string{first, second}},
		"an array, packed": {"application/json", "", "[" + first + "]", true, []string{first}},
		"a table": {"text/csv", "", "id,comment,shelf\n7,The export hangs,pro\n8,No dark theme,free\n", false, []string{
			`{"external_id":"7","body":"The export hangs","attributes":{"shelf":"pro"}}`, `{"external_id":"8","body":"No dark theme","attributes":{"shelf":"free"}}`}},
		"a table, named":  {"text/csv; charset=utf-8", "&text=b&id=a", "a,b\n7,x\n", false, []string{`{"external_id":"7","body":"x"}`}},
		"a table, packed": {"text/csv", "&text=b&id=a", "a;b\n7;x\n", true, []string{`{"external_id":"7","body":"x"}`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			header := []string{"Content-Type", test.kind}
			if test.packed {
				test.body, header = zipped(t, test.body), append(header, "Content-Encoding", "gzip")
			}
			status, _, body := ask(t, newServer(t, f), "POST", "/v1/feedback?source=mail"+test.query, test.body, header...)
			want := make([]string, len(test.taken))
			for i := range want {
				want[i] = "default/mail/" + test.taken[i]
			}
			if r := receiptOf(t, body); status != 202 || r.Accepted != len(want) || !slices.Equal(f.taken, want) {
				t.Errorf("%d %s; taken %q", status, body, f.taken)
			}
		})
	}
}

func TestABrokenElementHoldsUpNoOther(t *testing.T) {
	f := newFake()
	long := `{"body":"` + strings.Repeat("x", feedback.MaxMessage) + `"}`
	status, _, body := ask(t, newServer(t, f), "POST", "/v1/feedback", `[{"body":"a"},{"body":},7,,`+long+`,{"body":"b"}]`)
	r := receiptOf(t, body)
	if status != 202 || r.Accepted != 2 || r.Rejected != 4 || f.rejected != 4 || r.Results[4].Error.Code != feedback.TooLarge {
		t.Errorf("%d %+v, %d counted", status, r, f.rejected)
	}
}

func TestWhatCameBeforeALimitIsToldAndKept(t *testing.T) {
	row := `{"body":"` + strings.Repeat("x", 100) + `"}` + "\n"
	for name, test := range map[string]struct {
		body string
		says string
		kept int
	}{
		"bytes":         {strings.Repeat(row, 2000), "over the limit of 150000 bytes", 1339},
		"an open array": {"[" + strings.Repeat(row[:len(row)-1]+",", 10), "element 11", 10},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			kind := ndjson
			if test.body[0] == '[' {
				kind = "application/json"
			}
			status, _, body := ask(t, newServer(t, f, func(c *web.Config) { c.MaxBytes = 150_000 }), "POST", "/v1/feedback", test.body, "Content-Type", kind)
			r := receiptOf(t, body)
			if status == 202 || r.Error == nil || !strings.Contains(r.Error.Message, test.says) || r.Accepted != len(f.taken) || r.Accepted != test.kept {
				t.Errorf("%d: %d accepted, %d taken, %+v", status, r.Accepted, len(f.taken), r.Error)
			}
		})
	}
}

func TestALongRequestIsToldInBounds(t *testing.T) {
	f := newFake()
	rows := strings.Repeat("{\"body\":\"x\"}\n{}\n", web.MaxResults)
	_, _, body := ask(t, newServer(t, f), "POST", "/v1/feedback", rows, "Content-Type", ndjson)
	r := receiptOf(t, body)
	if r.Accepted != web.MaxResults || r.Rejected != web.MaxResults || len(r.Results) != web.MaxResults+web.MaxResults/2 {
		t.Errorf("%d accepted, %d rejected, %d listed", r.Accepted, r.Rejected, len(r.Results))
	}
}

func TestAFullQueueEndsTheReading(t *testing.T) {
	f := newFake()
	f.verdict = func(d []byte) error {
		if len(f.taken) >= 1500 {
			return feedback.Errorf(feedback.Unavailable, "the queue is full")
		}
		return nil
	}
	status, header, body := ask(t, newServer(t, f), "POST", "/v1/feedback", strings.Repeat("{\"body\":\"x\"}\n", 5000), "Content-Type", ndjson)
	r := receiptOf(t, body)
	if status != 503 || header.Get("Retry-After") == "" || r.Accepted != 1500 || r.Rejected != 500 || r.Error == nil || f.rejected != 0 {
		t.Errorf("%d %d %d %+v", status, r.Accepted, r.Rejected, r.Error)
	}
}

func TestTheBooksAreShown(t *testing.T) {
	f := newFake()
	f.books = feedback.Books{Unaccounted: 1, Accounts: []feedback.Account{{Workspace: "default", Source: "csv", Received: 3}, {Workspace: "other", Source: "csv"}}}
	status, _, body := ask(t, newServer(t, f), "GET", "/v1/books", "")
	if status != 200 || !strings.Contains(body, `"balanced":false`) || !strings.Contains(body, `"settled":true`) || strings.Contains(body, "other") {
		t.Errorf("%d %s", status, body)
	}
}

func FuzzIntake(f *testing.F) {
	for _, s := range []string{`{"body":"x"}`, "{}\n{}", `{"specversion":"1.0","data":{"body":"x"}}`, `{"body":null,"external_id":{}}`, "\x00", `{"BODY":"x"}`} {
		f.Add(s)
	}
	kinds := []string{ndjson, "application/json", "text/csv"}
	f.Fuzz(func(t *testing.T, body string) {
		fake := newFake()
		status, _, answer := ask(t, newServer(t, fake), "POST", "/v1/feedback?text=body", body, "Content-Type", kinds[len(body)%len(kinds)])
		if status == 202 {
			if r := receiptOf(t, answer); r.Accepted != len(fake.taken) || r.Accepted == 0 {
				t.Errorf("%q: %s, taken %q", body, answer, fake.taken)
			}
			for _, taken := range fake.taken {
				if !json.Valid([]byte(strings.TrimPrefix(taken, "default/api/"))) {
					t.Errorf("%q was taken", taken)
				}
			}
		} else if status != 400 && status != 413 {
			t.Errorf("%q: %d %s", body, status, answer)
		}
	})
}
