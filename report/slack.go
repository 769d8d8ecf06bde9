package report

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"earshot/feedback"
)

// Slack's limits, of which a message that breaks one is refused whole.
// https://docs.slack.dev/reference/block-kit/blocks
const (
	slackBlocks = 50
	slackText   = 3000 // characters of a section's text
	slackHeader = 150  // characters of a header
	slackPiece  = 500  // characters of one sentence or name, so that what strangers wrote crowds nothing out
)

// SlackOptions say what stands around the document.
type SlackOptions struct {
	Link string // where the whole Pulse stands; "" for none
	Mark string // what stands before the subject, for instance "Test"; "" for nothing
}

type slackMessage struct {
	Text   string       `json:"text"` // for notifications
	Blocks []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type     string      `json:"type"`
	Text     *slackWords `json:"text,omitempty"`
	Elements []any       `json:"elements,omitempty"`
}

type slackWords struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim,omitempty"` // nothing in it is made a link or a mention
}

// Slack writes the document as a message of Block Kit for an incoming webhook: the headline, the sentences, the figures,
// the largest topics, the accounts to call, and a link to the whole where one is given. What customers wrote can neither
// mention anybody nor be markup: a text that holds Slack's signs is sent as plain text. It keeps Slack's limits.
func Slack(doc *Document, opts SlackOptions) ([]byte, error) {
	v := newView(doc, Product)
	m := slackMessage{Text: slackEscape(cut(marked(opts.Mark, v.subject()), slackPiece))}
	m.add(slackBlock{Type: "header", Text: &slackWords{Type: "plain_text", Text: slackEscapeTo(marked(opts.Mark, display(v.heading(), 60)+" · "+v.period()), slackHeader)}})
	m.say("", doc.Headline)
	for _, c := range doc.Summary {
		m.say(orElse(kindLabels[c.Kind], "Overall"), c)
	}
	var figures []string
	for _, f := range v.Figures {
		figures = append(figures, f.Label+" "+f.Value)
	}
	m.small(strings.Join(figures, "  ·  "))
	if rows := v.largest(shortTopics); len(rows) > 0 {
		m.add(slackBlock{Type: "divider"})
		var lines []string
		for _, r := range rows {
			lines = append(lines, "• "+cut(isolate(display(clusterName(r.Facts), nameLimit)), 200)+": "+v.topicLine(r))
		}
		m.list("What customers talk about", lines)
	}
	if forming := v.unsaid(Forming); len(forming) > 0 {
		var lines []string
		for _, f := range forming {
			lines = append(lines, "• "+cut(textClaim(f.Claim), slackPiece))
		}
		m.list("Forming", lines)
	}
	if calls := v.calls(); len(calls) > 0 {
		var lines []string
		for _, f := range calls {
			lines = append(lines, "• "+cut(textClaim(f.Claim), slackPiece))
		}
		m.list("Accounts to call", lines)
	}
	m.foot(opts.Link, "Read the whole Pulse, with its evidence")
	return m.encode()
}

func (m *slackMessage) add(b slackBlock) {
	if len(m.Blocks) < slackBlocks {
		m.Blocks = append(m.Blocks, b)
	}
}

// say adds a sentence under its label, or as the headline where it has none.
func (m *slackMessage) say(label string, c Claim) {
	text := cut(textClaim(c), slackPiece)
	if label == "" {
		m.section(text, "*"+slackEscape(text)+"*")
		return
	}
	m.section(label+": "+text, "*"+label+".* "+slackEscape(text))
}

// list adds lines under a title, as many as fit.
func (m *slackMessage) list(title string, lines []string) {
	text, formatted := title, "*"+title+"*"
	for _, l := range lines {
		if utf8.RuneCountInString(formatted)+utf8.RuneCountInString(slackEscape(l))+1 > slackText {
			break
		}
		text += "\n" + l
		formatted += "\n" + slackEscape(l)
	}
	m.section(text, formatted)
}

// section adds a text; where it holds signs that Slack would take for formatting, without any.
func (m *slackMessage) section(text, formatted string) {
	if text == "" {
		return
	}
	words := &slackWords{Type: "mrkdwn", Text: formatted, Verbatim: true}
	if strings.ContainsAny(text, "*_~`") {
		words = &slackWords{Type: "plain_text", Text: slackEscape(text)}
	}
	m.add(slackBlock{Type: "section", Text: words})
}

func (m *slackMessage) small(text string) {
	if text != "" {
		m.add(slackBlock{Type: "context", Elements: []any{slackWords{Type: "plain_text", Text: slackEscapeTo(text, 2000)}}})
	}
}

// foot adds the link to where more stands.
func (m *slackMessage) foot(link, words string) {
	if link != "" {
		address := strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C", "&", "&amp;").Replace(link)
		m.add(slackBlock{Type: "section", Text: &slackWords{Type: "mrkdwn", Text: "<" + address + "|" + words + ">"}})
	}
}

func (m *slackMessage) encode() ([]byte, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, feedback.Errorf(feedback.Internal, "encode the message for Slack: %w", err)
	}
	return data, nil
}

var slackSigns = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func slackEscape(s string) string { return slackSigns.Replace(s) }

// slackEscapeTo escapes a text and keeps it within limit characters, escaped.
func slackEscapeTo(s string, limit int) string {
	for n := limit; ; n -= 10 {
		if e := slackEscape(cut(s, n)); utf8.RuneCountInString(e) <= limit {
			return e
		}
	}
}

// cut shortens a text to limit characters and marks the cut. It counts characters and not graphemes, as Slack does.
func cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	r := []rune(s)[:limit-1]
	return strings.TrimRight(string(r), " ,.;:-") + "…"
}

func marked(mark, subject string) string {
	if mark == "" {
		return subject
	}
	return mark + ": " + subject
}
