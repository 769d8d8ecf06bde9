package ingest

import (
	"strings"

	"earshot/feedback"
)

// Clean turns a body into the plain text of what its author says in it: markup becomes text with one line for each
// line, list item and table row; quoted replies, signatures, mail footers and characters that no one sees are cut; runs
// of blanks become one and paragraphs stay apart by one empty line. The result is in Unicode's NFC and trimmed.
//
// Greetings stay: they are part of what was said, and [Split] leaves them out of the excerpts. A forwarded message
// keeps its own text and loses its header. Where the cutting would leave nothing, nothing is cut: Clean gives "" only
// for a body that has no visible character.
func Clean(body string, format feedback.Format) string {
	return clean(body, format, false)
}

// clean does the work of Clean. In a forwarded mail, a quoted message is the message.
func clean(body string, format feedback.Format, forwarded bool) string {
	var text string
	switch format {
	case feedback.FormatHTML:
		text = normalize(htmlText(body, forwarded))
		if text == "" {
			text = normalize(htmlText(body, true))
		}
	case feedback.FormatMarkdown:
		text = normalize(markdownText(body, forwarded))
		if text == "" {
			text = normalize(markdownText(body, true))
		}
	default:
		text = normalize(body)
	}
	if cut := normalize(cutMail(text, forwarded)); cut != "" {
		return cut
	}
	return text
}

// isForward says whether a title is that of a forwarded mail.
func isForward(title string) bool {
	for range 4 {
		head, rest, ok := strings.Cut(title, ":")
		if !ok {
			return false
		}
		switch strings.ToLower(strings.TrimSpace(head)) {
		case "fwd", "fw", "wg", "tr", "rv", "i", "enc", "doorst", "pd":
			return true
		case "re", "aw", "antw", "sv", "rif", "r":
			title = rest
		default:
			return false
		}
	}
	return false
}
