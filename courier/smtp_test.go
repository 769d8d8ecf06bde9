package courier

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"earshot/feedback"
)

// mailServer speaks as much SMTP as a client of submission needs.
type mailServer struct {
	address  string
	trust    *x509.CertPool
	starttls bool
	implicit bool
	refuse   map[string]string // a verb and the reply that it gets

	mu    sync.Mutex
	mails []string
	lines []string
	tls   bool
}

func startMail(t *testing.T, m *mailServer) *mailServer {
	t.Helper()
	certificates := httptest.NewTLSServer(nil) // for its certificate of 127.0.0.1
	certificates.Close()
	m.trust = x509.NewCertPool()
	m.trust.AddCert(certificates.Certificate())
	cfg := &tls.Config{Certificates: certificates.TLS.Certificates}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.address = l.Addr().String()
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { defer conn.Close(); m.serve(conn, cfg) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return m
}

func (m *mailServer) serve(conn net.Conn, cfg *tls.Config) {
	if m.implicit {
		conn = tls.Server(conn, cfg)
	}
	r := bufio.NewReader(conn)
	say := func(s string) { _, _ = conn.Write([]byte(s + "\r\n")) }
	say("220 test")
	secure := m.implicit
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		m.mu.Lock()
		m.lines = append(m.lines, line)
		m.mu.Unlock()
		verb, _, _ := strings.Cut(line, " ")
		if reply, ok := m.refuse[verb]; ok {
			say(reply)
			continue
		}
		switch verb {
		case "EHLO":
			switch {
			case m.starttls && !secure:
				say("250-test\r\n250 STARTTLS")
			default:
				say("250-test\r\n250 AUTH PLAIN")
			}
		case "STARTTLS":
			say("220 go on")
			conn = tls.Server(conn, cfg)
			r, secure = bufio.NewReader(conn), true
		case "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				l, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if l == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(l, "."))
			}
			m.mu.Lock()
			m.mails, m.tls = append(m.mails, b.String()), secure
			m.mu.Unlock()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		case "AUTH":
			say("235 welcome")
		default:
			say("250 ok")
		}
	}
}

var from = mail.Address{Name: "Earshot", Address: "pulse@earshot.example"}

func mailer(t *testing.T, m *mailServer, scheme, user string) *Courier {
	t.Helper()
	c := newCourier(t, Config{SMTP: scheme + "://" + user + m.address, From: from})
	c.smtp.trust = &tls.Config{RootCAs: m.trust}
	return c
}

var letter = feedback.Parcel{Body: []byte("Subject: hello\r\n\r\none\r\n.two\r\n")}

func TestAMailIsHandedOverWithTLSAndPassword(t *testing.T) {
	for _, c := range []struct {
		name, scheme string
		server       *mailServer
	}{{"STARTTLS", "smtp", &mailServer{starttls: true}}, {"TLS from the start", "smtps", &mailServer{implicit: true}}} {
		m := startMail(t, c.server)
		if err := mailer(t, m, c.scheme, "jo:s%40crt@").Carry(t.Context(), target(t, "mail:a@example.com,Bo <b@example.com>"), letter); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		said := strings.Join(m.lines, "\n")
		for _, want := range []string{"MAIL FROM:<pulse@earshot.example>", "RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>",
			"AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00jo\x00s@crt"))} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: %q is missing in\n%s", c.name, want, said)
			}
		}
		if len(m.mails) != 1 || m.mails[0] != string(letter.Body) || !m.tls {
			t.Errorf("%s: %q, TLS %v", c.name, m.mails, m.tls)
		}
	}
}

func TestNothingIsSentInTheOpen(t *testing.T) {
	m := startMail(t, &mailServer{})
	// To a server of this machine a mail may go as it is, and a password not.
	if err := mailer(t, m, "smtp", "").Carry(t.Context(), target(t, "mail:a@example.com"), letter); err != nil {
		t.Error(err)
	}
	err := mailer(t, m, "smtp", "jo:hunter2@").Carry(t.Context(), target(t, "mail:a@example.com"), letter)
	if feedback.ErrorCode(err) != feedback.Invalid || strings.Contains(err.Error(), "hunter2") || strings.Contains(strings.Join(m.lines, "\n"), "AUTH") {
		t.Errorf("%v", err)
	}
	elsewhere := mailer(t, m, "smtp", "")
	elsewhere.smtp.plain = false
	if err := elsewhere.Carry(t.Context(), target(t, "mail:a@example.com"), letter); feedback.ErrorCode(err) != feedback.Invalid {
		t.Errorf("a server elsewhere: %v", err)
	}
	stranger := startMail(t, &mailServer{starttls: true})
	c := mailer(t, stranger, "smtp", "")
	c.smtp.trust = nil
	if err := c.Carry(t.Context(), target(t, "mail:a@example.com"), letter); feedback.ErrorCode(err) != feedback.Invalid || len(stranger.mails) > 0 {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
}

func TestWhatAMailServerSaysDecidesWhetherToTryAgain(t *testing.T) {
	for reply, want := range map[string]feedback.Code{"550 no such user": feedback.Invalid, "451 come back later": feedback.Unavailable} {
		for _, verb := range []string{"RCPT", "AUTH", "DATA"} {
			m := startMail(t, &mailServer{starttls: true, refuse: map[string]string{verb: reply}})
			if err := mailer(t, m, "smtp", "jo:x@").Carry(t.Context(), target(t, "mail:a@example.com"), letter); feedback.ErrorCode(err) != want {
				t.Errorf("%s after %s: %v", reply, verb, err)
			}
		}
	}
	c := newCourier(t, Config{SMTP: "smtp://127.0.0.1:1", From: from})
	if err := c.Carry(t.Context(), target(t, "mail:a@example.com"), letter); feedback.ErrorCode(err) != feedback.Unavailable {
		t.Errorf("nobody there: %v", err)
	}
}
