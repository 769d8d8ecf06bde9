package ingest

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"earshot/feedback"
)

func decodeTest(data string) (feedback.Submission, error) {
	return Decode("demo", "zendesk", []byte(data), testNow, testNow)
}

func TestDecodeTakesTheWholeContract(t *testing.T) {
	s, err := decodeTest(`{"external_id":"T-1","occurred_at":"2026-03-30T12:44:00+02:00","title":"Hi","body":"It \u00e9 works","format":"markdown",
		"author":{"id":"a1","name":"Jane Doe","email":"jane@example.com"},
		"customer":{"id":"c1","name":"Acme","segment":"smb","plan":"Team","arr":1200.5,"attributes":{"b":1,"a":[true,null,"x"]}},
		"rating":4.5,"score":9,"url":"https://example.com/1","language":"pt_br","attributes":{"n":1e2,"deep":{"x":"y"}},"unknown":{"kept":"out"}}`)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(s)
	want := `{"external_id":"T-1","occurred_at":"2026-03-30T10:44:00Z","title":"Hi","body":"It é works","format":"markdown","author":{"id":"a1","name":"Jane Doe","email":"jane@example.com"},` +
		`"customer":{"id":"c1","name":"Acme","segment":"smb","plan":"Team","arr":1200.5,"attributes":{"a":[true,null,"x"],"b":1}},"rating":4.5,"score":9,"url":"https://example.com/1","language":"pt-BR",` +
		`"attributes":{"deep":{"x":"y"},"n":1e2}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDecodeNamesWhatIsWrong(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		data, want string
		code       feedback.Code
	}{
		"empty":                {"", "empty", feedback.Invalid},
		"not JSON":             {"hello", "JSON object", feedback.Invalid},
		"an array":             {`[{"body":"x"}]`, "JSON object", feedback.Invalid},
		"cut off":              {`{"body":"x"`, "one JSON object", feedback.Invalid},
		"trailing data":        {`{"body":"x"} {"body":"y"}`, "one JSON object", feedback.Invalid},
		"no body":              {`{"rating":3}`, "body", feedback.Invalid},
		"blank body":           {`{"body":" \n\t "}`, "body", feedback.Invalid},
		"body no string":       {`{"body":5}`, "body: want a string, got a number", feedback.Invalid},
		"body too large":       {`{"body":"` + strings.Repeat("x", feedback.MaxBody+1) + `"}`, "the limit is 1048576", feedback.TooLarge},
		"message too large":    {`{"body":"` + strings.Repeat("x", feedback.MaxMessage) + `"}`, "the limit is 4194304", feedback.TooLarge},
		"format":               {`{"body":"x","format":"rtf"}`, `format: "rtf"`, feedback.Invalid},
		"invalid UTF-8":        {"{\"body\":\"\xff\"}", "UTF-8, at byte 9", feedback.Invalid},
		"far future":           {`{"body":"x","occurred_at":"2026-07-17T12:00:01Z"}`, "occurred_at", feedback.Invalid},
		"far past":             {`{"body":"x","occurred_at":"1989-12-31T23:59:59Z"}`, "before 1990", feedback.Invalid},
		"no time":              {`{"body":"x","occurred_at":"yesterday"}`, "RFC 3339", feedback.Invalid},
		"time a number":        {`{"body":"x","occurred_at":1700000000}`, "occurred_at: want a string", feedback.Invalid},
		"rating":               {`{"body":"x","rating":5.1}`, "rating: 5.1 is outside 0 to 5", feedback.Invalid},
		"rating a string":      {`{"body":"x","rating":"5"}`, "rating: want a number", feedback.Invalid},
		"score":                {`{"body":"x","score":-1}`, "score: -1 is outside 0 to 10", feedback.Invalid},
		"ARR":                  {`{"body":"x","customer":{"id":"c","arr":-5}}`, "customer.arr", feedback.Invalid},
		"ARR beyond a double":  {`{"body":"x","customer":{"id":"c","arr":1e999}}`, "customer.arr", feedback.Invalid},
		"ARR as NaN":           {`{"body":"x","customer":{"id":"c","arr":NaN}}`, "one JSON object", feedback.Invalid},
		"customer without id":  {`{"body":"x","customer":{"name":"Acme"}}`, "customer.id", feedback.Invalid},
		"customer a string":    {`{"body":"x","customer":"Acme"}`, "customer: want an object", feedback.Invalid},
		"long id":              {`{"body":"x","external_id":"` + long[:513] + `"}`, "external_id: has 513 bytes, the limit is 512", feedback.Invalid},
		"long author name":     {`{"body":"x","author":{"name":"` + long[:513] + `"}}`, "author.name", feedback.Invalid},
		"long url":             {`{"body":"x","url":"` + long + `"}`, "url: has", feedback.Invalid},
		"many attributes":      {`{"body":"x","attributes":{` + manyKeys(65) + `}}`, "attributes: has 65 keys, the limit is 64", feedback.Invalid},
		"large attributes":     {`{"body":"x","attributes":{"a":"` + strings.Repeat("x", MaxAttributeBytes) + `"}}`, "the limit is 32768", feedback.Invalid},
		"attributes an array":  {`{"body":"x","attributes":[1]}`, "attributes: want an object", feedback.Invalid},
		"huge number in there": {`{"body":"x","attributes":{"a":1e400}}`, "out of range", feedback.Invalid},
		"deep":                 {`{"body":"x","attributes":{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}}`, "deeper than 32", feedback.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decodeTest(c.data)
			if feedback.ErrorCode(err) != c.code || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q (%s), want %q (%s)", err, feedback.ErrorCode(err), c.want, c.code)
			}
		})
	}
	if _, err := decodeTest(`{"body":"x","occurred_at":"2026-07-17T12:00:00Z","rating":5,"score":10,"customer":{"id":"c","arr":0},"title":null}`); err != nil {
		t.Errorf("the limits themselves are fine: %v", err)
	}
	if _, err := Decode("Demo", "zendesk", []byte(`{"body":"x"}`), testNow, testNow); feedback.ErrorCode(err) != feedback.Invalid {
		t.Errorf("a workspace that cannot exist: %v", err)
	}
}

func manyKeys(n int) string {
	var keys []string
	for i := range n {
		keys = append(keys, `"k`+strings.Repeat("x", i)+`":1`)
	}
	return strings.Join(keys, ",")
}

func TestDecodeFillsWhatIsMissing(t *testing.T) {
	title, err := decodeTest(`{"title":"Too slow","format":"html"}`)
	if err != nil || title.Body != "Too slow" || title.Title != "" || title.Format != feedback.FormatText {
		t.Errorf("a title alone is the body: %+v, %v", title, err)
	}
	if !title.OccurredAt.Equal(testNow) {
		t.Errorf("occurred at %s, want when it was received", title.OccurredAt)
	}
	a, _ := decodeTest(`{"body":"same","rating":3,"attributes":{"a":1,"b":2}}`)
	b, _ := decodeTest(` {"attributes": {"b":2, "a": 1}, "rating": 3.0, "body": "s\u0061me"} `)
	c, _ := decodeTest(`{"body":"same","rating":4,"attributes":{"a":1,"b":2}}`)
	if len(a.ExternalID) != 64 || a.ExternalID != b.ExternalID || a.ExternalID == c.ExternalID {
		t.Errorf("the content's hash is the id: %s, %s, %s", a.ExternalID, b.ExternalID, c.ExternalID)
	}
	nul, err := decodeTest(`{"body":"a\u0000b","attributes":{"k\u0000":"v\u0000"}}`)
	if err != nil || nul.Body != "ab" || string(nul.Attributes["k"]) != `"v"` {
		t.Errorf("NUL is removed: %+v, %v", nul, err)
	}
	lone, err := decodeTest(`{"body":"x","attributes":{"k":"\ud800"}}`)
	if err != nil || string(lone.Attributes["k"]) != `"`+"\uFFFD"+`"` {
		t.Errorf("a lone surrogate is replaced: %s, %v", lone.Attributes["k"], err)
	}
}

func TestDecodeOpensCloudEvents(t *testing.T) {
	const head = `"specversion":"1.0","id":"e1","source":"/crm","type":"x.y","time":"2026-05-01T08:00:00Z"`
	encoded := base64.StdEncoding.EncodeToString([]byte(`{"body":"hi","occurred_at":"2026-04-01T00:00:00Z","external_id":"own"}`))
	s, err := decodeTest(`{` + head + `,"data":{"body":"hi"}}`)
	if err != nil || s.ExternalID != "/crm#e1" || !s.OccurredAt.Equal(time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = decodeTest(`{` + head + `,"data_base64":"` + encoded + `"}`)
	if err != nil || s.ExternalID != "own" || s.OccurredAt.Month() != time.April {
		t.Errorf("the submission's own fields win: %+v, %v", s, err)
	}
	for _, c := range [][2]string{
		{`{"specversion":"0.3","id":"e","source":"s","type":"t","data":{"body":"x"}}`, "specversion"},
		{`{"specversion":"1.0","source":"s","type":"t","data":{"body":"x"}}`, "id: is missing"},
		{`{` + head + `}`, "data: is missing"},
		{`{` + head + `,"data_base64":"***"}`, "base64"},
		{`{` + head + `,"data":{"body":"x"},"data_base64":"` + encoded + `"}`, "one of them"},
		{`{` + head + `,"data":[1]}`, "data: the message isn't a JSON object"},
		{`{` + head + `,"data":{"rating":1}}`, "body"},
	} {
		if _, err := decodeTest(c[0]); feedback.ErrorCode(err) != feedback.Invalid || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %v", c[0], err)
		}
	}
}

func TestContentHashSeesEveryField(t *testing.T) {
	base := `{"external_id":"1","occurred_at":"2026-05-01T08:00:00Z","title":"t","body":"b","format":"text","author":{"id":"i","name":"n","email":"e"},"customer":{"id":"c","name":"n","segment":"s","plan":"p","arr":1,"attributes":{"x":1}},"rating":1,"score":1,"url":"u","language":"en","attributes":{"x":1}}`
	hash := func(data string) [32]byte {
		d, err := decode("demo", "zendesk", []byte(data), testNow, testNow)
		if err != nil {
			t.Fatal(err)
		}
		return d.hash
	}
	if hash(base) != hash(strings.Replace(base, "2026-05-01T08:00:00Z", "2026-05-01T10:00:00+02:00", 1)) {
		t.Error("the same instant in another zone is another content")
	}
	for _, change := range [][2]string{{`"1","occ`, `"2","occ`}, {"08:00", "08:01"}, {`"title":"t"`, `"title":"u"`}, {`"body":"b"`, `"body":"c"`}, {`"text"`, `"html"`},
		{`"id":"i"`, `"id":"j"`}, {`"email":"e"`, `"email":"f"`}, {`"id":"c"`, `"id":"d"`}, {`"segment":"s"`, `"segment":"t"`}, {`"plan":"p"`, `"plan":"q"`}, {`"arr":1`, `"arr":2`},
		{`{"x":1}},"rating"`, `{"x":2}},"rating"`}, {`"rating":1`, `"rating":2`}, {`"score":1`, `"score":2`}, {`"url":"u"`, `"url":"v"`}, {`"en"`, `"de"`}, {`{"x":1}}`, `{"y":1}}`}} {
		changed := strings.Replace(base, change[0], change[1], 1)
		if changed == base || hash(changed) == hash(base) {
			t.Errorf("a change to %s isn't seen", change[1])
		}
	}
}

func TestAuthorIsHashedWithinTheWorkspace(t *testing.T) {
	email := &feedback.Author{Email: " Jane@Example.com"}
	same := &feedback.Author{Email: "jane@example.com", Name: "Jane"}
	if string(authorHash("a", email)) != string(authorHash("a", same)) || string(authorHash("a", email)) == string(authorHash("b", email)) {
		t.Error("an address names a person within a workspace")
	}
	if authorHash("a", nil) != nil || authorHash("a", &feedback.Author{Name: " "}) != nil {
		t.Error("nobody has no hash")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"body":"x","customer":{"id":"c","attributes":{"a":[1,{"b":"\u0000"}]}}}`))
	f.Add([]byte(`{"specversion":"1.0","id":"e1","source":"/crm","type":"x.y","data_base64":"eyJib2R5IjoieCJ9"}`))
	f.Add([]byte(`{"body":"` + "\\ud83d" + `","title":null,"rating":1e1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Decode("demo", "fuzz", data, testNow, testNow)
		if err != nil {
			if c := feedback.ErrorCode(err); c != feedback.Invalid && c != feedback.TooLarge {
				t.Fatalf("code %s: %v", c, err)
			}
			return
		}
		if strings.TrimSpace(s.Body) == "" || s.ExternalID == "" || s.OccurredAt.IsZero() || strings.Contains(s.Body, "\x00") {
			t.Fatalf("not whole: %+v", s)
		}
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode("demo", "fuzz", raw, testNow, testNow)
		if err != nil || contentHash(&again) != contentHash(&s) {
			t.Fatalf("written and read again it is another: %v\n%s", err, raw)
		}
	})
}
