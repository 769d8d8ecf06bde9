package app

import (
	"context"
	"net/mail"
	"slices"
	"strings"

	"earshot/feedback"
	"earshot/internal/chromium"
	"earshot/report"
)

// Formats are the forms in which a Pulse can be had as a file.
var Formats = []string{"html", "md", "json", "csv", "txt", "pdf", "slack", "eml"}

// ParseFormats reads a list such as "html,pdf". Its errors are Invalid.
func ParseFormats(list string) ([]string, error) {
	var formats []string
	for name := range strings.SplitSeq(list, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(Formats, name) {
			return nil, feedback.Errorf(feedback.Invalid, "there is no format %.20q: choose among %s", name, strings.Join(Formats, ", "))
		}
		if !slices.Contains(formats, name) {
			formats = append(formats, name)
		}
	}
	return formats, nil
}

// Render writes a Pulse in one of the formats, as one file or, of csv, one for each table. The audience is that of the
// page, in html and pdf. All but pdf are functions of the document; pdf needs a Chromium, and fails with Unavailable where
// there is none.
func Render(ctx context.Context, cfg Config, doc *report.Document, format string, audience report.Audience) ([]feedback.ParcelFile, error) {
	one := func(name string, data []byte, err error) ([]feedback.ParcelFile, error) {
		return []feedback.ParcelFile{{Name: name, Data: data}}, err
	}
	switch format {
	case "html":
		data, err := report.HTML(doc, report.Options{Audience: audience})
		return one("pulse.html", data, err)
	case "md":
		return one("pulse.md", report.Markdown(doc), nil)
	case "json":
		data, err := report.JSON(doc)
		return one("pulse.json", data, err)
	case "csv":
		var files []feedback.ParcelFile
		for _, t := range report.Tables(doc) {
			files = append(files, feedback.ParcelFile{Name: "pulse-" + t.Name + ".csv", Data: t.Data})
		}
		return files, nil
	case "txt":
		return one("pulse.txt", report.Text(doc, report.TextOptions{}), nil)
	case "slack":
		data, err := report.Slack(doc, report.SlackOptions{})
		return one("pulse.slack.json", data, err)
	case "eml":
		from, err := mailFrom(cfg)
		if err != nil {
			return nil, err
		}
		data, err := report.Mail(doc, report.MailOptions{From: from, To: []mail.Address{from}, Date: doc.Snapshot.Period.End,
			ID: doc.SnapshotHash[:min(32, len(doc.SnapshotHash))] + "@earshot"})
		return one("pulse.eml", data, err)
	case "pdf":
		page, err := report.HTML(doc, report.Options{Audience: audience})
		if err != nil {
			return nil, err
		}
		data, err := chromium.Print(ctx, chromium.Config{Path: cfg.Chromium, Dated: doc.Snapshot.Period.End}, page)
		return one("pulse.pdf", data, err)
	}
	return nil, feedback.Errorf(feedback.Invalid, "there is no format %.20q", format)
}

// mailFrom is the sender of the settings.
func mailFrom(cfg Config) (mail.Address, error) {
	from, err := mail.ParseAddress(cfg.MailFrom)
	if err != nil {
		return mail.Address{}, feedback.Errorf(feedback.Invalid, "setting EARSHOT_MAIL_FROM: %.80q is no address", cfg.MailFrom).
			WithHint("write Earshot <pulse@example.com>")
	}
	return *from, nil
}
