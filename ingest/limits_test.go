package ingest

import (
	"strings"
	"testing"

	"earshot/feedback"
)

// TestHostileBodiesAreFinished runs what costs the square of its length when it is done carelessly. Without the bounds it
// takes hours, so the test's own deadline is the negative control.
func TestHostileBodiesAreFinished(t *testing.T) {
	for _, piece := range []string{"0171 ", "Hi. ", "thanks\n", "x, but y and also z ", "> q\n", "1) a 2) b ", "Anna: hi\n", "====", "-----BEGIN ", "[a](", "<blockquote>", "a@b.c "} {
		body := strings.Repeat(piece, feedback.MaxBody/4/len(piece))
		for _, format := range []feedback.Format{feedback.FormatText, feedback.FormatHTML, feedback.FormatMarkdown} {
			text, _ := Redact(Clean(body, format))
			checkSpans(t, text)
		}
	}
}
