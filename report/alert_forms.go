package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"

	"earshot/feedback"
)

// AlertSchema names the shape of what [AlertJSON] writes.
const AlertSchema = "earshot.alert/1"

//go:embed page/alert.html
var alertSource string

var alertTemplate = template.Must(template.New("alert").Parse(alertSource))

var alertLabels = map[feedback.AlertKind]string{feedback.AlertSpike: "Spike", feedback.AlertSevere: "Severe", feedback.AlertAccount: "Account turned"}

func alertClaim(a feedback.Alert) (Claim, error) {
	var c Claim
	if err := json.Unmarshal(a.Claim, &c); err != nil {
		return c, feedback.Errorf(feedback.Internal, "read an alert's sentence: %w", err)
	}
	return c, nil
}

// AlertTitle says in a few words what an alert is, and whether it stands.
func AlertTitle(a feedback.Alert) string {
	title := alertLabels[a.Kind]
	switch {
	case !a.Open:
		title += ", over"
	case a.Revision > 1:
		title += ", grown"
	}
	return title
}

// AlertText is an alert in a sentence: the verified one, or its subject where there is none.
func AlertText(a feedback.Alert) string {
	if a.Sentence != "" {
		return a.Sentence
	}
	return display(a.Name, nameLimit) + "."
}

// AlertSure says how sure an alert is.
func AlertSure(a feedback.Alert) string {
	return fmt.Sprintf("%s after correction for all subjects of the look (%s)", qvalue(a.Numbers.Q), a.Numbers.Method)
}

// AlertJSON writes an alert for a program.
func AlertJSON(a feedback.Alert, link string) ([]byte, error) {
	data, err := json.Marshal(struct {
		Schema string `json:"schema"`
		Link   string `json:"link,omitempty"`
		feedback.Alert
	}{AlertSchema, link, a})
	if err != nil {
		return nil, feedback.Errorf(feedback.Internal, "encode the alert: %w", err)
	}
	return data, nil
}

// AlertSlack writes an alert as a message for an incoming webhook, within Slack's limits.
func AlertSlack(a feedback.Alert, link string) ([]byte, error) {
	title, text := AlertTitle(a), cut(AlertText(a), slackPiece)
	m := slackMessage{Text: slackEscape(title + ": " + text)}
	m.add(slackBlock{Type: "header", Text: &slackWords{Type: "plain_text", Text: slackEscapeTo(display(a.Workspace, 40)+" · "+title, slackHeader)}})
	m.section(text, slackEscape(text))
	for _, q := range a.Evidence[:min(shortQuotes, len(a.Evidence))] {
		said := "“" + cut(isolate(display(q.Text, 280)), slackPiece) + "”"
		m.add(slackBlock{Type: "section", Text: &slackWords{Type: "plain_text", Text: slackEscape(said)}})
		m.small(speaker(q))
	}
	m.small(AlertSure(a))
	m.foot(link, "See the alerts")
	return m.encode()
}

// AlertMail writes an alert as a mail; see [Mail].
func AlertMail(a feedback.Alert, opts MailOptions) ([]byte, error) {
	var text strings.Builder
	fmt.Fprintf(&text, "%s, %s\n\n", display(a.Workspace, nameLimit), AlertTitle(a))
	for _, l := range fold(AlertText(a), 72) {
		text.WriteString(l + "\n")
	}
	page := struct {
		Workspace, Title, Sentence, Sure, Link string
		Quotes                                 []mailQuote
	}{display(a.Workspace, nameLimit), AlertTitle(a), AlertText(a), AlertSure(a), opts.Link, nil}
	for _, q := range a.Evidence {
		short, cut := shorten(q.Text, 280)
		page.Quotes = append(page.Quotes, mailQuote{Text: display(short, 1<<20), Cut: cut, Speaker: speaker(q)})
		text.WriteString("\n")
		for _, l := range fold("“"+isolate(display(short, 1<<20))+"”", 72) {
			text.WriteString(l + "\n")
		}
		text.WriteString("  " + speaker(q) + "\n")
	}
	fmt.Fprintf(&text, "\n%s\n", AlertSure(a))
	if opts.Link != "" {
		fmt.Fprintf(&text, "\nThe alerts: %s\n", opts.Link)
	}
	var body bytes.Buffer
	if err := alertTemplate.Execute(&body, page); err != nil {
		return nil, feedback.Errorf(feedback.Internal, "draw the alert: %w", err)
	}
	return writeMail(opts, AlertTitle(a)+": "+AlertText(a), []byte(text.String()), body.Bytes(), nil)
}
