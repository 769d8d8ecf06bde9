package web_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"earshot/feedback"
	"earshot/web"
)

// hookNow is the time of the server's clock in these tests.
var hookNow = time.Date(2026, 4, 2, 9, 0, 0, 0, time.UTC)

const (
	hookSecret = "a-secret-of-the-test-0123456789"
	oldSecret  = "the-secret-before-it-0123456789"
)

// deliveries are a store of deliveries in memory.
type deliveries struct {
	settled, claimed map[[32]byte]bool
	err              error
}

func (d *deliveries) ClaimDelivery(_ context.Context, _ string, id [32]byte, _, _, _ time.Time) error {
	switch {
	case d.err != nil:
		return d.err
	case d.settled[id]:
		return feedback.Errorf(feedback.Conflict, "taken")
	case d.claimed[id]:
		return feedback.Errorf(feedback.Unavailable, "being taken")
	}
	d.claimed[id] = true
	return nil
}

func (d *deliveries) SettleDelivery(_ context.Context, _ string, id [32]byte) error {
	d.settled[id] = true
	return d.err
}

func (d *deliveries) ReleaseDelivery(_ context.Context, _ string, id [32]byte) error {
	delete(d.claimed, id)
	return nil
}

func newHookServer(t *testing.T, f *fake, change ...func(*web.Config)) (*web.Server, *deliveries) {
	t.Helper()
	d := &deliveries{settled: map[[32]byte]bool{}, claimed: map[[32]byte]bool{}}
	s := newServer(t, f, append([]func(*web.Config){func(c *web.Config) {
		c.Hooks = map[web.Hook][]string{}
		for _, vendor := range []string{"zendesk", "intercom", "slack", "generic"} {
			c.Hooks[web.Hook{Vendor: vendor, Workspace: "acme"}] = []string{hookSecret, oldSecret}
		}
		c.Deliveries = d
		c.Now = func() time.Time { return hookNow }
	}}, change...)...)
	return s, d
}

func mac(h func() hash.Hash, secret string, parts ...string) []byte {
	m := hmac.New(h, []byte(secret))
	for _, p := range parts {
		m.Write([]byte(p))
	}
	return m.Sum(nil)
}

// delivery is what a vendor sends, before it is signed.
type delivery struct {
	vendor, target, source string
	body                   func(at time.Time) string
	sign                   func(secret, body string, at time.Time) []string // headers
	within                 time.Duration
}

var hookDeliveries = []delivery{
	{"zendesk", "/v1/webhooks/zendesk/acme", "zendesk", func(time.Time) string {
		return `{"type":"zen:event-type:ticket.created","detail":{"id":"7","subject":"Slow","description":"The map is slow","requester_id":"1","submitter_id":"1"}}`
	}, func(secret, body string, at time.Time) []string {
		stamp := at.Format(time.RFC3339)
		return []string{"X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(mac(sha256.New, secret, stamp, body)), "X-Zendesk-Webhook-Signature-Timestamp", stamp}
	}, 5 * time.Minute},
	{"intercom", "/v1/webhooks/intercom/acme", "intercom", func(at time.Time) string {
		return fmt.Sprintf(`{"type":"notification_event","created_at":%d,"data":{"item":{"type":"conversation","id":"7","source":{"body":"<p>The map is slow</p>","author":{"type":"user","id":"1"}}}}}`, at.Unix())
	}, func(secret, body string, _ time.Time) []string {
		return []string{"X-Hub-Signature", "sha1=" + hex.EncodeToString(mac(sha1.New, secret, body))}
	}, time.Hour},
	{"slack", "/v1/webhooks/slack/acme", "slack", func(time.Time) string {
		return `{"type":"event_callback","event":{"type":"message","channel":"C1","user":"U1","text":"The map is slow","ts":"1775120400.000100"}}`
	}, func(secret, body string, at time.Time) []string {
		stamp := fmt.Sprint(at.Unix())
		return []string{"X-Slack-Signature", "v0=" + hex.EncodeToString(mac(sha256.New, secret, "v0:", stamp, ":", body)), "X-Slack-Request-Timestamp", stamp}
	}, 5 * time.Minute},
	{"generic", "/v1/webhooks/generic/acme/helpdesk", "helpdesk", func(time.Time) string { return `{"external_id":"7","body":"The map is slow"}` },
		func(secret, body string, at time.Time) []string {
			stamp := fmt.Sprint(at.Unix())
			return []string{"Earshot-Signature", "v1=" + hex.EncodeToString(mac(sha256.New, secret, stamp, ".", body)), "Earshot-Timestamp", stamp}
		}, 5 * time.Minute},
}

func TestADeliveryThatIsSignedIsOnDiskWhenItIsAnswered(t *testing.T) {
	for _, d := range hookDeliveries {
		for name, secret := range map[string]string{"with the secret": hookSecret, "with the one before": oldSecret} {
			f := newFake()
			s, kept := newHookServer(t, f)
			body := d.body(hookNow)
			status, _, answer := ask(t, s, "POST", d.target, body, append(d.sign(secret, body, hookNow), "Host", "hooks.acme.example")...)
			if status != 202 || len(f.taken) != 1 || !strings.HasPrefix(f.taken[0], "acme/"+d.source+"/") || !strings.Contains(f.taken[0], "The map is slow") || len(kept.settled) != 1 || f.rejected != 0 {
				t.Errorf("%s, %s: %d %s, taken %q", d.vendor, name, status, answer, f.taken)
			}
		}
	}
}

func TestAForgedDeliveryIsRefusedAndNothingSaysWhy(t *testing.T) {
	for _, d := range hookDeliveries {
		body := d.body(hookNow)
		good := d.sign(hookSecret, body, hookNow)
		changed := func(i int, value string) []string {
			h := append([]string(nil), good...)
			h[i] = value
			return h
		}
		old, ahead := hookNow.Add(-d.within-time.Second), hookNow.Add(d.within+time.Second)
		tests := map[string]struct {
			body   string
			header []string
		}{
			"without a signature":     {body, good[2:]},
			"with an empty one":       {body, changed(1, "")},
			"with half of it":         {body, changed(1, good[1][:len(good[1])/2])},
			"with nonsense":           {body, changed(1, "???")},
			"with the prefix alone":   {body, changed(1, map[string]string{"zendesk": "=", "intercom": "sha1=", "slack": "v0=", "generic": "v1="}[d.vendor])},
			"with another's secret":   {body, d.sign("another-secret-0123456789", body, hookNow)},
			"with an empty secret":    {body, d.sign("", body, hookNow)},
			"with another body":       {strings.Replace(body, "slow", "fast", 1), good},
			"with a byte more":        {body + " ", good},
			"too old":                 {d.body(old), d.sign(hookSecret, d.body(old), old)},
			"from the future":         {d.body(ahead), d.sign(hookSecret, d.body(ahead), ahead)},
			"of no time":              {d.body(time.Time{}), d.sign(hookSecret, d.body(time.Time{}), time.Time{})},
			"signed as others sign":   {body, hookDeliveries[(len(d.vendor))%len(hookDeliveries)].sign("x", body, hookNow)},
			"signed for another time": {body, nil},
		}
		if len(good) == 4 {
			tests["signed for another time"] = struct {
				body   string
				header []string
			}{body, changed(3, d.sign(hookSecret, body, hookNow.Add(time.Minute))[3])}
		}
		answers := map[string]bool{}
		for name, test := range tests {
			f := newFake()
			s, kept := newHookServer(t, f)
			status, _, answer := ask(t, s, "POST", d.target, test.body, test.header...)
			if status != http.StatusUnauthorized || len(f.taken) != 0 || len(kept.claimed) != 0 || f.rejected != 1 {
				t.Errorf("%s %s: %d %s, taken %q, %d rejected", d.vendor, name, status, answer, f.taken, f.rejected)
			}
			answers[answer] = true
			// The control: the same server takes the right one.
			if status, _, answer := ask(t, s, "POST", d.target, body, good...); status != 202 {
				t.Errorf("%s %s, and then the right one: %d %s", d.vendor, name, status, answer)
			}
		}
		if len(answers) != 1 {
			t.Errorf("%s: the answers differ: %v", d.vendor, answers)
		}
	}
}

func TestAReplayIsRefused(t *testing.T) {
	for _, d := range hookDeliveries {
		f := newFake()
		s, _ := newHookServer(t, f)
		body := d.body(hookNow)
		header := d.sign(hookSecret, body, hookNow)
		first, _, _ := ask(t, s, "POST", d.target, body, header...)
		again, _, answer := ask(t, s, "POST", d.target, body, header...)
		upper := append([]string{header[0], strings.ToUpper(header[1])}, header[2:]...)
		if _, prefix, ok := strings.Cut(header[1], "="); ok && d.vendor != "zendesk" {
			upper[1] = strings.SplitAfter(header[1], "=")[0] + strings.ToUpper(prefix)
		}
		cased, _, _ := ask(t, s, "POST", d.target, body, upper...)
		if first != 202 || again != 401 || cased != 401 || len(f.taken) != 1 || f.rejected != 2 || strings.Contains(answer, "taken") {
			t.Errorf("%s: %d, then %d and %d: %s; %d taken, %d rejected", d.vendor, first, again, cased, answer, len(f.taken), f.rejected)
		}
		// The control: the same words in another delivery.
		later := hookNow.Add(time.Second)
		body = d.body(later)
		if status, _, answer := ask(t, s, "POST", d.target, body, d.sign(hookSecret, body, later)...); status != 202 {
			t.Errorf("%s: another delivery: %d %s", d.vendor, status, answer)
		}
	}
}

func TestAVendorMaySendAgainWhatWasNotTaken(t *testing.T) {
	d := hookDeliveries[3]
	body := d.body(hookNow)
	header := d.sign(hookSecret, body, hookNow)
	f := newFake()
	s, kept := newHookServer(t, f)

	f.verdict = func([]byte) error { return feedback.Errorf(feedback.Unavailable, "the queue is full") }
	if status, h, answer := ask(t, s, "POST", d.target, body, header...); status != 503 || h.Get("Retry-After") == "" || f.rejected != 0 {
		t.Errorf("a full queue: %d %s", status, answer)
	}
	f.verdict = nil
	kept.err = feedback.Errorf(feedback.Unavailable, "the database is away")
	if status, _, answer := ask(t, s, "POST", d.target, body, header...); status != 503 || len(f.taken) != 0 {
		t.Errorf("no database: %d %s", status, answer)
	}
	kept.err = nil
	for id := range kept.claimed {
		t.Errorf("%x is still claimed", id)
	}
	if status, _, answer := ask(t, s, "POST", d.target, body, header...); status != 202 || len(f.taken) != 1 {
		t.Errorf("and then: %d %s, taken %q", status, answer, f.taken)
	}
}

func TestAWebhookThatNobodyConfiguredIsNotThere(t *testing.T) {
	f := newFake()
	s, _ := newHookServer(t, f, func(c *web.Config) { delete(c.Hooks, web.Hook{Vendor: "slack", Workspace: "acme"}) })
	none := newServer(t, newFake())
	for target, server := range map[string]*web.Server{
		"/v1/webhooks/slack/acme": s, "/v1/webhooks/zendesk/other": s, "/v1/webhooks/jira/acme": s, "/v1/webhooks/zendesk/No%20Workspace": s,
		"/v1/webhooks/generic/acme": s, "/v1/webhooks/generic/acme/No%20Source": s, "/v1/webhooks/zendesk/acme/x": s, "/v1/webhooks/zendesk/acme": none,
	} {
		body := hookDeliveries[0].body(hookNow)
		if status, _, answer := ask(t, server, "POST", target, body, hookDeliveries[0].sign(hookSecret, body, hookNow)...); status != 404 || f.rejected != 0 {
			t.Errorf("%s: %d %s", target, status, answer)
		}
	}
	for target, want := range map[string]int{"/v1/webhooks/intercom/acme": 200, "/v1/webhooks/slack/acme": 404} {
		if status, _, _ := ask(t, s, "HEAD", target, ""); status != want {
			t.Errorf("HEAD %s: %d", target, status)
		}
	}
}

func TestSlacksChallengeIsAnsweredToSlackAlone(t *testing.T) {
	s, kept := newHookServer(t, newFake())
	d := hookDeliveries[2]
	const body = `{"type":"url_verification","token":"t","challenge":"3eZbrw1aB"}`
	status, h, answer := ask(t, s, "POST", d.target, body, d.sign(hookSecret, body, hookNow)...)
	if status != 200 || answer != "3eZbrw1aB" || !strings.HasPrefix(h.Get("Content-Type"), "text/plain") || len(kept.claimed) != 0 {
		t.Errorf("%d %q", status, answer)
	}
	if status, _, answer := ask(t, s, "POST", d.target, body, d.sign("another-secret-0123456789", body, hookNow)...); status != 401 || strings.Contains(answer, "3eZ") {
		t.Errorf("forged: %d %q", status, answer)
	}
}

func TestWhatIsSignedAndWrongNamesItsLimit(t *testing.T) {
	d := hookDeliveries[3]
	for name, test := range map[string]struct {
		body, want string
		status     int
	}{
		"deep":      {`{"body":"x","attributes":` + strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 41), "32 levels", 400},
		"not JSON":  {"payload=x", "payload", 400},
		"too large": {`{"body":"` + strings.Repeat("x", web.MaxHook) + `"}`, fmt.Sprint(web.MaxHook), 413},
		"too long":  {`{"body":"` + strings.Repeat("x", feedback.MaxBody+1) + `"}`, fmt.Sprint(feedback.MaxBody), 413},
	} {
		f := newFake()
		s, kept := newHookServer(t, f)
		status, _, answer := ask(t, s, "POST", d.target, test.body, d.sign(hookSecret, test.body, hookNow)...)
		if status != test.status || !strings.Contains(answer, test.want) || len(f.taken) != 0 || len(kept.claimed) != 0 || f.rejected != 1 {
			t.Errorf("%s: %d %.200s", name, status, answer)
		}
	}
}

func TestAnEventWithoutWordsIsAnsweredAndNotQueued(t *testing.T) {
	f := newFake()
	s, _ := newHookServer(t, f)
	d := hookDeliveries[2]
	const body = `{"type":"event_callback","event":{"type":"message","subtype":"channel_join","channel":"C1","user":"U1","text":"joined","ts":"1775120400.000100"}}`
	if status, _, answer := ask(t, s, "POST", d.target, body, d.sign(hookSecret, body, hookNow)...); status != 200 || len(f.taken) != 0 || f.rejected != 0 {
		t.Errorf("%d %s", status, answer)
	}
}

func TestManyForgedDeliveriesDoNotReachTheBooksNorHoldUpARightOne(t *testing.T) {
	f := newFake()
	s, _ := newHookServer(t, f)
	d := hookDeliveries[0]
	statuses := map[int]int{}
	for range 300 {
		status, _, _ := ask(t, s, "POST", d.target, "{}", "X-Zendesk-Webhook-Signature", "AAAA")
		statuses[status]++
	}
	if statuses[401] != 100 || statuses[429] != 200 || f.rejected != 100 {
		t.Errorf("%v, %d in the books", statuses, f.rejected)
	}
	body := d.body(hookNow)
	if status, _, answer := ask(t, s, "POST", d.target, body, d.sign(hookSecret, body, hookNow)...); status != 202 {
		t.Errorf("the right one: %d %s", status, answer)
	}
}

func TestTheLogHoldsNeitherASecretNorWords(t *testing.T) {
	var log bytes.Buffer
	f := newFake()
	s, _ := newHookServer(t, f, func(c *web.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	for _, d := range hookDeliveries {
		body := d.body(hookNow)
		header := d.sign(hookSecret, body, hookNow)
		for range 2 {
			ask(t, s, "POST", d.target, body, header...)
		}
		if strings.Contains(log.String(), hookSecret) || strings.Contains(log.String(), oldSecret) || strings.Contains(log.String(), "The map") || strings.Contains(log.String(), header[1]) {
			t.Errorf("%s: %s", d.vendor, log.String())
		}
	}
	if !strings.Contains(log.String(), "refused") {
		t.Error("nothing is logged at all")
	}
}

func TestHooksNeedDeliveries(t *testing.T) {
	var cfg web.Config
	newHookServer(t, newFake(), func(c *web.Config) { cfg = *c })
	cfg.Registry, cfg.Deliveries = prometheus.NewRegistry(), nil
	if _, err := web.New(cfg); feedback.ErrorCode(err) != feedback.Invalid || !strings.Contains(err.Error(), "Deliveries") {
		t.Error(err)
	}
}

func FuzzWebhooks(f *testing.F) {
	for _, d := range hookDeliveries {
		f.Add(d.body(hookNow))
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, d := range hookDeliveries {
			fake := newFake()
			s, _ := newHookServer(t, fake)
			status, _, answer := ask(t, s, "POST", d.target, body, d.sign(hookSecret, body, hookNow)...)
			if status >= 500 || status == 202 != (len(fake.taken) > 0) {
				t.Fatalf("%s: %q: %d %s", d.vendor, body, status, answer)
			}
			if forged, _, _ := ask(t, s, "POST", d.target, body, d.sign("another-secret-0123456789", body, hookNow)...); forged != 401 {
				t.Fatalf("%s: %q forged: %d", d.vendor, body, forged)
			}
		}
	})
}
