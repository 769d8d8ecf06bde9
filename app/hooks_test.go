package app_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"earshot/app"
	"earshot/feedback"
	"earshot/internal/pgtest"
	"earshot/web"
)

const hookSecret = "a-secret-of-the-test-0123456789"

func openWithHooks(t *testing.T, dir string) (*app.App, *web.Server) {
	t.Helper()
	cfg, err := read(map[string]string{"EARSHOT_DATA_DIR": dir, "EARSHOT_WEBHOOK_GENERIC": "acme:" + hookSecret})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), cfg, app.Options{Queue: true, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	pages, err := a.Pages("test")
	if err != nil {
		t.Fatal(err)
	}
	return a, pages
}

// deliver sends a body as the owner of the secret signs it.
func deliver(h http.Handler, secret, body string, at time.Time) int {
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s", stamp, body)
	r := httptest.NewRequest("POST", "/v1/webhooks/generic/acme/helpdesk", strings.NewReader(body))
	r.Header.Set("Earshot-Timestamp", stamp)
	r.Header.Set("Earshot-Signature", "v1="+hex.EncodeToString(mac.Sum(nil)))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func TestAReplayIsKnownInEveryProcessAndAfterARestart(t *testing.T) {
	dir := pgtest.Folder(t)
	a, first := openWithHooks(t, dir)
	_, second := openWithHooks(t, dir)
	const body = `{"external_id":"h1","body":"The calendar shows every visit twice."}`
	now := time.Now()
	if status := deliver(first, hookSecret, body, now); status != 202 {
		t.Fatalf("the first: %d", status)
	}
	if status := deliver(first, hookSecret, body, now); status != 401 {
		t.Errorf("again: %d", status)
	}
	if status := deliver(second, hookSecret, body, now); status != 401 {
		t.Errorf("in another process: %d", status)
	}
	if status := deliver(second, "another-secret-0123456789", body, now); status != 401 {
		t.Errorf("forged: %d", status)
	}
	process(t, a)
	balanced(t, a, map[string]map[feedback.Outcome]int{"helpdesk": {feedback.OutcomeStored: 1, feedback.OutcomeRejected: 3}})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	_, third := openWithHooks(t, dir)
	if status := deliver(third, hookSecret, body, now); status != 401 {
		t.Errorf("after a restart: %d", status)
	}
	if status := deliver(third, hookSecret, body, now.Add(time.Second)); status != 202 {
		t.Errorf("the control, the same words in another delivery: %d", status)
	}
}

func TestSecretsOfWebhooksAreReadAndNeverShown(t *testing.T) {
	for value, want := range map[string]string{
		"just-a-secret-0123456789":            "workspace and a colon",
		"No Workspace:a-secret-0123456789":    "workspace and a colon",
		"acme:short":                          "shorter than 16",
		"acme:a-good-secret-0123456789,":      "workspace and a colon",
		"acme:a-good-secret-0123456789,b:bad": "shorter than 16",
	} {
		_, err := read(map[string]string{"EARSHOT_WEBHOOK_SLACK": value})
		if feedback.ErrorCode(err) != feedback.Invalid || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "EARSHOT_WEBHOOK_SLACK") {
			t.Errorf("%s: %v", value, err)
		} else if strings.Contains(err.Error(), "secret-0123456789") || strings.Contains(err.Error(), "short\"") {
			t.Errorf("%s is shown: %v", value, err)
		}
	}
	if _, err := read(map[string]string{"EARSHOT_WEBHOOK_ZENDESK": "acme:dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Q=, acme:the:one:before:it=="}); err != nil {
		t.Error(err)
	}
}
