package courier

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"earshot/feedback"
)

// newClient makes the client of all webhooks: guarded, without proxies, redirects and cookies.
func newClient(named hosts) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            guarded(named),
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    dialTimeout,
			ResponseHeaderTimeout:  30 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			DisableKeepAlives:      true, // a connection a week is not worth keeping
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post posts a parcel to a webhook or to Slack.
func (c *Courier) post(ctx context.Context, to feedback.Target, p feedback.Parcel) error {
	var written atomic.Bool // the request left: it may have arrived, whatever comes back
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(info httptrace.WroteRequestInfo) {
		written.Store(info.Err == nil)
	}})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL.String(), bytes.NewReader(p.Body))
	if err != nil {
		return feedback.Errorf(feedback.Invalid, "the address of %s cannot be used", to)
	}
	req.GetBody = nil // never sent again behind our back
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Earshot")
	req.Header.Set(HeaderDelivery, p.ID.String())
	if to.Kind == feedback.TargetWebhook {
		now := c.cfg.Now()
		req.Header.Set(HeaderEvent, string(p.Kind))
		req.Header.Set(HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
		req.Header.Set(HeaderSignature, Sign(c.cfg.Key, now, p.Body))
	}
	answer, err := c.client.Do(req)
	if err != nil {
		return c.lost(to, err, written.Load())
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // its words may hold anything: they are not kept
	return answered(to, answer.StatusCode)
}

// lost says what a request came to that got no answer.
func (c *Courier) lost(to feedback.Target, err error, written bool) error {
	var coded *feedback.Error
	if errors.As(err, &coded) { // the guard's
		return feedback.Errorf(coded.Code, "%s: %w", to, coded.Err).WithHint("%s", coded.Hint)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which is a secret
	}
	if written && !to.DropsRepeats() {
		return feedback.Errorf(feedback.Conflict, "%s did not answer: %w", to, feedback.ErrUncertain)
	}
	return feedback.Errorf(feedback.Unavailable, "%s cannot be reached: %w", to, err)
}

// answered says what an answer means.
func answered(to feedback.Target, status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 300 && status < 400:
		return feedback.Errorf(feedback.Invalid, "%s answered %d: redirects are not followed", to, status).WithHint("give the address that it leads to")
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status == http.StatusTooEarly, status >= 500:
		return feedback.Errorf(feedback.Unavailable, "%s answered %d", to, status)
	}
	return feedback.Errorf(feedback.Invalid, "%s answered %d", to, status).WithHint("see whether the address is still right")
}
