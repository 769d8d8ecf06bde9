package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"earshot/feedback"
)

func mailOptions() MailOptions {
	return MailOptions{From: mail.Address{Name: "Earshot für Crewlane", Address: "pulse@earshot.example"},
		To:   []mail.Address{{Name: "Jo, \"the boss\" <x>", Address: "jo@example.com"}, {Address: "board@example.com"}},
		Date: time.Date(2026, 6, 29, 7, 0, 0, 0, time.UTC), ID: "abc123@earshot.example", Link: "https://earshot.example/pulses/P1?a=1&b=2"}
}

// golden compares with what is kept, or keeps it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what is kept; look at it, and run the test with -update", path)
	}
}

func TestGoldenForms(t *testing.T) {
	for _, f := range fixtures() {
		if f.name != "fieldwork" && f.name != "hostile" {
			continue
		}
		doc := draft(t, f.snapshot)
		message, err := Slack(doc, SlackOptions{Link: "https://earshot.example/pulses/P1"})
		if err != nil {
			t.Fatal(err)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, message, "", " "); err != nil {
			t.Fatal(err)
		}
		golden(t, f.name+".slack.json", indented.Bytes())
		text, page, pictures := readMail(t, send(t, doc))
		if !bytes.Contains(text, []byte(doc.SnapshotHash[:12])) || len(pictures) == 0 {
			t.Errorf("%s: the text has no foot, or there is no picture: %d", f.name, len(pictures))
		}
		golden(t, f.name+".mail.html", page)
		digest, err := json.MarshalIndent(Short(doc, "P1", ""), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, f.name+".digest.json", digest)
	}
}

func send(t *testing.T, doc *Document) []byte {
	t.Helper()
	data, err := Mail(doc, mailOptions())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// readMail takes a mail apart as a mail program would.
func readMail(t *testing.T, data []byte) (text, page []byte, pictures map[string][]byte) {
	t.Helper()
	for line := range strings.SplitSeq(string(data), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d bytes, or a bare line break: %.60q", len(line), line)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("a line that is not ASCII: %.60q", line)
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	pictures = map[string][]byte{}
	var walkParts func(kind string, encoding, id string, body io.Reader)
	walkParts = func(kind, encoding, id string, body io.Reader) {
		media, params, err := mime.ParseMediaType(kind)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(media, "multipart/") {
			r := multipart.NewReader(body, params["boundary"])
			for {
				p, err := r.NextRawPart()
				if err == io.EOF {
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				walkParts(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get("Content-Id"), p)
			}
		}
		switch encoding {
		case "quoted-printable":
			body = quotedprintable.NewReader(body)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		switch media {
		case "text/plain":
			text = content
		case "text/html":
			page = content
		case "image/png":
			pictures[strings.Trim(id, "<>")] = content
		}
	}
	walkParts(m.Header.Get("Content-Type"), "", "", m.Body)
	return text, page, pictures
}

func TestEveryMailIsWellFormedAndRunsNothing(t *testing.T) {
	for _, f := range fixtures() {
		doc := draft(t, f.snapshot)
		data := send(t, doc)
		if !bytes.Equal(data, send(t, again(t, doc))) {
			t.Errorf("%s: the same document gives another mail", f.name)
		}
		text, page, pictures := readMail(t, data)
		if len(text) == 0 || len(page) == 0 {
			t.Fatalf("%s: a part is missing", f.name)
		}
		shown := 0
		walk(t, page, func(n *html.Node) {
			switch n.Data {
			case "script", "iframe", "link", "style", "object", "form", "svg":
				t.Errorf("%s: the mail has a <%s>", f.name, n.Data)
			case "img":
				id := strings.TrimPrefix(attr(n, "src"), "cid:")
				if _, err := png.Decode(bytes.NewReader(pictures[id])); err != nil || attr(n, "alt") == "" {
					t.Errorf("%s: picture %q: %v", f.name, attr(n, "src"), err)
				}
				shown++
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || strings.Contains(a.Val, "ZgotmplZ") {
					t.Errorf("%s: <%s %s=%q>", f.name, n.Data, a.Key, a.Val)
				}
			}
		})
		if shown != len(pictures) {
			t.Errorf("%s: %d pictures, %d shown", f.name, len(pictures), shown)
		}
	}
}

func TestAMailsHeadersSayWhoAndWhatAndCannotBeForged(t *testing.T) {
	snapshot := fieldwork()
	snapshot.Clusters[0].Name = "x\r\nBcc: everybody@example.com\r\n\r\n<script>"
	opts := mailOptions()
	opts.ID = "a b>\r\nBcc: x@example.com"
	data, err := Mail(draft(t, snapshot), opts)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("Bcc") != "" || m.Header.Get("Message-Id") != "<abBccx@example.com>" {
		t.Errorf("headers: %v", m.Header)
	}
	from, err := mail.ParseAddress(m.Header.Get("From"))
	if err != nil || *from != opts.From {
		t.Errorf("from: %v %v", from, err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 2 || *to[0] != opts.To[0] || *to[1] != opts.To[1] {
		t.Errorf("to: %v %v", to, err)
	}
	when, err := m.Header.Date()
	if err != nil || !when.Equal(opts.Date) {
		t.Errorf("date: %v %v", when, err)
	}
	head, _, _ := strings.Cut(string(data), "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if len(line) > 78 || strings.TrimSpace(line) == "" || strings.HasSuffix(line, ":") {
			t.Errorf("a header's line of %d characters: %q", len(line), line)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || !strings.HasPrefix(subject, "Pulse, 1 to 28 June 2026: ") || strings.ContainsAny(subject, "\r\n") ||
		!strings.HasSuffix(subject, display(newView(draft(t, snapshot), Product).subject(), 140)) {
		t.Errorf("subject: %q %v", subject, err)
	}
	for _, wrong := range []MailOptions{{}, {From: opts.From, ID: "x"}, {From: opts.From, To: opts.To}} {
		if _, err := Mail(draft(t, fieldwork()), wrong); feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

// slackBreaks gives what of a message Slack would refuse, or take for a mention.
func slackBreaks(data []byte) (wrong []string) {
	var m struct {
		Text   string
		Blocks []struct {
			Type     string
			Text     *slackWords
			Elements []slackWords
		}
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return []string{err.Error()}
	}
	if len(m.Blocks) == 0 || len(m.Blocks) > 50 || m.Text == "" {
		wrong = append(wrong, "blocks or text")
	}
	check := func(w slackWords, limit int) {
		n := utf8.RuneCountInString(w.Text)
		if n == 0 || n > limit {
			wrong = append(wrong, "length")
		}
		link := strings.HasPrefix(w.Text, "<https://") && strings.HasSuffix(w.Text, ">") && strings.Count(w.Text, "<") == 1
		if strings.ContainsAny(w.Text, "<>") && !link {
			wrong = append(wrong, "an open sign in "+w.Text)
		}
		if w.Type == "mrkdwn" && strings.Count(w.Text, "*")%2 != 0 {
			wrong = append(wrong, "formatting in "+w.Text)
		}
	}
	check(slackWords{Text: m.Text}, 3000)
	for _, b := range m.Blocks {
		switch b.Type {
		case "header":
			check(*b.Text, 150)
		case "section":
			check(*b.Text, 3000)
		case "context":
			for _, e := range b.Elements {
				check(e, 2000)
			}
		case "divider":
		default:
			wrong = append(wrong, "block "+b.Type)
		}
	}
	return wrong
}

func TestSlackMessagesKeepTheLimitsAndMentionNobody(t *testing.T) {
	list := fixtures()
	crowded := fieldwork()
	for i := range crowded.Clusters {
		crowded.Clusters[i].Name = strings.Repeat("<!channel> & *bold* e\u0301\u0301\u0301\u0301\u0301 ", 200)
	}
	for i := range crowded.Accounts {
		crowded.Accounts[i].Name = "<@U123|boss> " + strings.Repeat("e"+strings.Repeat("\u0301", 90), 100)
	}
	crowded.Workspace = strings.Repeat("&", 63)
	list = append(list, fixture{name: "crowded", snapshot: crowded})
	for _, f := range list {
		data, err := Slack(draft(t, f.snapshot), SlackOptions{Link: "https://earshot.example/pulses/P1?a=1&b=2"})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range slackBreaks(data) {
			t.Errorf("%s: %s", f.name, w)
		}
	}
	// The check itself sees what it must.
	for _, bad := range []string{`{}`, `{"text":"a","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"<!here>"}}]}`,
		`{"text":"a","blocks":[{"type":"header","text":{"type":"plain_text","text":"` + strings.Repeat("x", 151) + `"}}]}`} {
		if len(slackBreaks([]byte(bad))) == 0 {
			t.Errorf("%.60s passes", bad)
		}
	}
}
