package courier

import (
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/feedback"
)

const key = "0123456789abcdef0123"

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func newCourier(t *testing.T, cfg Config) *Courier {
	t.Helper()
	cfg.Now, cfg.Key = func() time.Time { return noon }, key
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func target(t *testing.T, s string) feedback.Target {
	t.Helper()
	to, err := feedback.ParseTarget(s)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

var parcel = feedback.Parcel{ID: feedback.DeliveryID("acme", 1, "x", "y"), Kind: feedback.DeliverPulse, Body: []byte(`{"a":1}`)}

func hostOf(server *httptest.Server) string {
	u, _ := url.Parse(server.URL)
	return u.Host
}

func TestAWebhookGetsASignedBody(t *testing.T) {
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	c := newCourier(t, Config{Hosts: hostOf(server)})
	if err := c.Carry(t.Context(), target(t, server.URL+"/hook?token=t"), parcel); err != nil {
		t.Fatal(err)
	}
	if got.Header.Get(HeaderDelivery) != parcel.ID.String() || got.Header.Get(HeaderEvent) != "pulse" || string(body) != `{"a":1}` || got.URL.RawQuery != "token=t" {
		t.Errorf("%v %q", got.Header, body)
	}
	stamp, signature := got.Header.Get(HeaderTimestamp), got.Header.Get(HeaderSignature)
	if err := Verify(key, stamp, signature, body, noon.Add(time.Minute)); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"another body": Verify(key, stamp, signature, []byte(`{"a":2}`), noon),
		"another key":  Verify(key+"x", stamp, signature, body, noon),
		"another time": Verify(key, "1780315201", signature, body, noon),
		"a replay":     Verify(key, stamp, signature, body, noon.Add(time.Hour)),
	} {
		if feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%s passes: %v", name, err)
		}
	}
}

func TestOnlyPublicAddressesAreReached(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1:248:1893:25c8:1946": true, "1.1.1.1": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"fe80::1": false, "fd00:ec2::254": false, "fc00::1": false, "0.0.0.0": false, "::": false, "100.64.0.1": false, "100.100.100.200": false,
		"192.0.0.192": false, "198.18.0.1": false, "224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "2002:7f00:1::": false,
		"2001::1": false, "::7f00:1": false, "fec0::1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// The server would take what is posted: only the guard keeps it away. A name that resolves to this machine is kept away
// as well, for the address is looked at when the socket connects.
func TestAPrivateHostIsNotReachedUnlessItIsNamed(t *testing.T) {
	reached := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer server.Close()
	_, port, _ := strings.Cut(hostOf(server), ":")
	trust := x509.NewCertPool()
	trust.AddCert(server.Certificate())
	for address, hosts := range map[string]string{
		server.URL:                        "",
		"https://localhost:" + port:       "127.0.0.1, 127.0.0.1:" + port,
		"https://[::ffff:7f00:1]:" + port: "localhost",
		"https://127.0.0.1:" + port + "/": "127.0.0.1:1",
		"https://2130706433:" + port:      "",
	} {
		c := newCourier(t, Config{Hosts: hosts})
		c.client.Transport.(*http.Transport).TLSClientConfig.RootCAs = trust
		err := c.Carry(t.Context(), target(t, address), parcel)
		if err == nil || reached > 0 || strings.Contains(err.Error(), "/hook") {
			t.Errorf("%s: %v", address, err)
		}
	}
	c := newCourier(t, Config{Hosts: "example.com, 127.0.0.1:" + port})
	c.client.Transport.(*http.Transport).TLSClientConfig.RootCAs = trust
	if err := c.Carry(t.Context(), target(t, server.URL), parcel); err != nil || reached != 1 {
		t.Errorf("a named host: %v, reached %d times", err, reached)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	reached := false
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer inner.Close()
	for _, status := range []int{301, 302, 307, 308} {
		outer := httptest.NewServer(http.RedirectHandler(inner.URL, status))
		c := newCourier(t, Config{Hosts: hostOf(outer) + "," + hostOf(inner)})
		err := c.Carry(t.Context(), target(t, outer.URL), parcel)
		if feedback.ErrorCode(err) != feedback.Invalid || reached {
			t.Errorf("%d: %v, reached %v", status, err, reached)
		}
		outer.Close()
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	status := 200
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer server.Close()
	c := newCourier(t, Config{Hosts: hostOf(server)})
	for s, want := range map[int]feedback.Code{200: "", 204: "", 400: feedback.Invalid, 404: feedback.Invalid, 410: feedback.Invalid,
		408: feedback.Unavailable, 429: feedback.Unavailable, 500: feedback.Unavailable, 503: feedback.Unavailable} {
		status = s
		err := c.Carry(t.Context(), target(t, "slack:"+server.URL+"/services/secret"), parcel)
		if feedback.ErrorCode(err) != want || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%d: %v", s, err)
		}
	}
}

// The request is taken, and no answer comes: Slack may have posted it, and would post it again.
func TestWithoutAnAnswerSlackIsUncertainAndAWebhookIsTriedAgain(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	c := newCourier(t, Config{Hosts: hostOf(server)})
	if err := c.Carry(t.Context(), target(t, "slack:"+server.URL+"/secret"), parcel); !errors.Is(err, feedback.ErrUncertain) {
		t.Errorf("Slack: %v", err)
	}
	err := c.Carry(t.Context(), target(t, server.URL+"/secret"), parcel)
	if feedback.ErrorCode(err) != feedback.Unavailable || strings.Contains(err.Error(), "secret") {
		t.Errorf("webhook: %v", err)
	}
	server.Close()
	if err := c.Carry(t.Context(), target(t, "slack:"+server.URL), parcel); feedback.ErrorCode(err) != feedback.Unavailable {
		t.Errorf("Slack that was never reached: %v", err)
	}
}

func TestWhatIsNotSetIsSaidBeforehand(t *testing.T) {
	bare, err := New(Config{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for address, setting := range map[string]string{
		"https://example.com/x":       "EARSHOT_DELIVERY_SECRET",
		"http://example.com/x":        "EARSHOT_DELIVERY_HOSTS",
		"slack:https://example.com/x": "hooks.slack.com",
		"mail:jo@example.com":         "EARSHOT_SMTP_URL",
	} {
		if err := bare.Carry(t.Context(), target(t, address), parcel); feedback.ErrorCode(err) != feedback.Invalid || !strings.Contains(err.Error(), setting) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, cfg := range []Config{{}, {Now: time.Now, Key: "short"}, {Now: time.Now, SMTP: "http://user:hunter2@host"}, {Now: time.Now, SMTP: "smtp://user:hunter2%@host"}} {
		if _, err := New(cfg); feedback.ErrorCode(err) != feedback.Invalid || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

func TestFilesAreWrittenWholeAndStayInTheirFolder(t *testing.T) {
	base := filepath.Join(t.TempDir(), "made")
	c := newCourier(t, Config{Folder: base})
	p := feedback.Parcel{Files: []feedback.ParcelFile{{Name: "pulse.html", Data: []byte("one")}}}
	for _, content := range []string{"one", "two"} {
		p.Files[0].Data = []byte(content)
		if err := c.Carry(t.Context(), target(t, "file:board/weekly"), p); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(base, "board", "weekly", "pulse.html"))
		if err != nil || string(got) != content {
			t.Errorf("%q %v", got, err)
		}
	}
	left, err := os.ReadDir(filepath.Join(base, "board", "weekly"))
	if err != nil || len(left) != 1 {
		t.Errorf("%v %v", left, err)
	}
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(base, "out")); err != nil {
		t.Fatal(err)
	}
	if err := c.Carry(t.Context(), target(t, "file:out"), p); err == nil {
		t.Error("a link led out of the folder")
	}
	if left, _ := os.ReadDir(outside); len(left) != 0 {
		t.Errorf("written outside: %v", left)
	}
}
