package feedback_test

import (
	"path/filepath"
	"strings"
	"testing"

	"earshot/feedback"
)

func TestTargetsAreReadAndTheirSecretsNotShown(t *testing.T) {
	for written, shown := range map[string]string{
		"file:board":                                          "file:board?format=html",
		"file:board/weekly?format=PDF, html":                  "file:board/weekly?format=pdf,html",
		"mail:Jo <jo@example.com>,b@x.example":                "mail:jo@example.com,b@x.example",
		"slack:https://hooks.slack.com/services/T0/B0/secret": "slack:https://hooks.slack.com/…",
		"https://example.com/secret?token=secret":             "https://example.com/…",
	} {
		to, err := feedback.ParseTarget(written)
		if err != nil || to.String() != shown || feedback.MaskTarget(written) != shown {
			t.Errorf("%s: %q, %v", written, to, err)
		}
	}
	for _, wrong := range []string{"", "file:", "file:/etc", "file:../x", "file:a?format=html&mode=7", "mail:", "mail:jo", "slack:hooks.slack.com/secret", "ftp://x/secret",
		"https://", "https://jo:secret@example.com", "slack:file:///secret", strings.Repeat("a", 3000)} {
		if _, err := feedback.ParseTarget(wrong); feedback.ErrorCode(err) != feedback.Invalid || strings.Contains(err.Error(), "secret") {
			t.Errorf("%.60q: %v", wrong, err)
		}
		if strings.Contains(feedback.MaskTarget(wrong), "secret") {
			t.Errorf("%q is shown as %q", wrong, feedback.MaskTarget(wrong))
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"file:a?format=html", "mail:a@b.c", "slack:https://x/y", "https://x/y?z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		to, err := feedback.ParseTarget(s)
		if err != nil {
			return
		}
		if to.Kind == feedback.TargetFile && !filepath.IsLocal(to.Folder) {
			t.Errorf("%q leads out: %q", s, to.Folder)
		}
		if to.URL != nil && (to.URL.Host == "" || to.URL.User != nil) {
			t.Errorf("%q: %v", s, to.URL)
		}
		if strings.ContainsAny(to.String(), "\r\n") {
			t.Errorf("%q is shown over lines: %q", s, to)
		}
	})
}
