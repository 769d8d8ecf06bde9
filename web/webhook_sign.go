package web

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"

	"earshot/ingest/importer"
)

// How old, or how far ahead of this machine's clock, a delivery may be.
const (
	signedWithin = 5 * time.Minute
	// Intercom signs no time of the delivery, only the notification's own, which a delayed one keeps.
	notifiedWithin = time.Hour
)

// scheme is how a vendor signs: a MAC, with a secret that both know, over the time and the body as it came.
type scheme struct {
	signature string // the header
	stamp     string // the header of the time; "" where the time is in the body
	prefix    string // before the MAC
	decode    func(string) ([]byte, error)
	hash      func() hash.Hash
	message   func(stamp string, body []byte) [][]byte // the parts that are signed
	when      func(stamp string, body []byte) time.Time
	within    time.Duration
}

// The headers of the generic webhook.
const (
	signatureHeader = "Earshot-Signature"
	timestampHeader = "Earshot-Timestamp"
)

var schemes = map[string]scheme{
	// https://developer.zendesk.com/documentation/webhooks/verifying/
	importer.Zendesk: {
		signature: "X-Zendesk-Webhook-Signature", stamp: "X-Zendesk-Webhook-Signature-Timestamp",
		decode: base64.StdEncoding.DecodeString, hash: sha256.New,
		message: func(stamp string, body []byte) [][]byte { return [][]byte{[]byte(stamp), body} },
		when:    func(stamp string, _ []byte) time.Time { return rfc3339(stamp) },
		within:  signedWithin,
	},
	// https://developers.intercom.com/docs/webhooks/setting-up-webhooks
	importer.Intercom: {
		signature: "X-Hub-Signature", prefix: "sha1=",
		decode: hex.DecodeString, hash: sha1.New,
		message: func(_ string, body []byte) [][]byte { return [][]byte{body} },
		when:    notified,
		within:  notifiedWithin,
	},
	// https://docs.slack.dev/authentication/verifying-requests-from-slack
	importer.Slack: {
		signature: "X-Slack-Signature", stamp: "X-Slack-Request-Timestamp", prefix: "v0=",
		decode: hex.DecodeString, hash: sha256.New,
		message: func(stamp string, body []byte) [][]byte { return [][]byte{[]byte("v0:" + stamp + ":"), body} },
		when:    func(stamp string, _ []byte) time.Time { return unix(stamp) },
		within:  signedWithin,
	},
	importer.Contract: {
		signature: signatureHeader, stamp: timestampHeader, prefix: "v1=",
		decode: hex.DecodeString, hash: sha256.New,
		message: func(stamp string, body []byte) [][]byte { return [][]byte{[]byte(stamp + "."), body} },
		when:    func(stamp string, _ []byte) time.Time { return unix(stamp) },
		within:  signedWithin,
	},
}

// verify gives the signature of a request that was signed with one of the secrets and is of now, and until when the same
// signature could be accepted again.
func (s *scheme) verify(h http.Header, body []byte, secrets []string, now time.Time) (mac []byte, expires time.Time, ok bool) {
	given, found := strings.CutPrefix(h.Get(s.signature), s.prefix)
	claimed, err := s.decode(given)
	if err != nil || !found || len(claimed) == 0 {
		return nil, time.Time{}, false
	}
	stamp := ""
	if s.stamp != "" {
		stamp = h.Get(s.stamp)
	}
	for _, secret := range secrets {
		m := hmac.New(s.hash, []byte(secret))
		for _, part := range s.message(stamp, body) {
			m.Write(part)
		}
		if sum := m.Sum(nil); hmac.Equal(sum, claimed) { // in constant time
			mac = sum
		}
	}
	if mac == nil {
		return nil, time.Time{}, false
	}
	// Only what is signed is read further.
	at := s.when(stamp, body)
	if at.IsZero() || at.Before(now.Add(-s.within)) || at.After(now.Add(s.within)) {
		return nil, time.Time{}, false
	}
	return mac, at.Add(2 * s.within), true // twice: the clocks of two processes may differ
}

func rfc3339(stamp string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return time.Time{}
	}
	return t
}

func unix(stamp string) time.Time {
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || n <= 0 || n > 1<<40 {
		return time.Time{}
	}
	return time.Unix(n, 0)
}

// notified gives the time that a notification of Intercom's holds.
func notified(_ string, body []byte) time.Time {
	var n struct {
		Created   int64 `json:"created_at"`
		FirstSent int64 `json:"first_sent_at"`
	}
	if json.Unmarshal(body, &n) != nil || max(n.Created, n.FirstSent) <= 0 || max(n.Created, n.FirstSent) > 1<<40 {
		return time.Time{}
	}
	return time.Unix(max(n.Created, n.FirstSent), 0)
}
