package courier

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"

	"earshot/feedback"
)

// server is a mail server.
type server struct {
	host, port     string
	user, password string
	implicit       bool        // TLS from the first byte
	plain          bool        // no TLS at all, for a server of this machine
	trust          *tls.Config // nil for the machine's own
}

// readServer reads smtp://user:password@host:port and smtps://…; its errors hold no part of it.
func readServer(setting string) (*server, error) {
	if setting == "" {
		return nil, nil
	}
	bad := func() error {
		return feedback.Errorf(feedback.Invalid, "setting EARSHOT_SMTP_URL cannot be read").
			WithHint("it looks like smtp://user:password@host:587, with the signs of a password that are not letters as %%XX")
	}
	u, err := url.Parse(setting)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		return nil, bad()
	}
	s := &server{host: u.Hostname(), port: u.Port(), implicit: u.Scheme == "smtps"}
	switch {
	case u.Scheme != "smtp" && u.Scheme != "smtps":
		return nil, bad()
	case s.port == "" && s.implicit:
		s.port = "465"
	case s.port == "":
		s.port = "587"
	}
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	ip := net.ParseIP(s.host)
	s.plain = s.host == "localhost" || ip != nil && ip.IsLoopback()
	return s, nil
}

// send hands a mail over. Only what happens before the server has the mail's end may be tried again without a repeat; a
// repeat carries the same Message-ID.
func (s *server) send(ctx context.Context, from mail.Address, to []mail.Address, message []byte) error {
	dialer := &net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(s.host, s.port))
	if err != nil {
		return feedback.Errorf(feedback.Unavailable, "the mail server cannot be reached: %w", err).WithHint("start it, or correct EARSHOT_SMTP_URL")
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return feedback.Errorf(feedback.Unavailable, "the mail server cannot be reached: %w", err)
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends what waits for the server
	defer stop()
	return replied(s.converse(conn, from, to, message))
}

func (s *server) tls() *tls.Config {
	cfg := &tls.Config{}
	if s.trust != nil {
		cfg = s.trust.Clone()
	}
	cfg.ServerName, cfg.MinVersion = s.host, tls.VersionTLS12
	return cfg
}

func (s *server) converse(conn net.Conn, from mail.Address, to []mail.Address, message []byte) error {
	if s.implicit {
		conn = tls.Client(conn, s.tls())
	}
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := s.secure(c); err != nil {
		return err
	}
	if s.user != "" {
		if ok, _ := c.Extension("AUTH"); !ok {
			return feedback.Errorf(feedback.Invalid, "the mail server takes no password").WithHint("leave the user out of EARSHOT_SMTP_URL")
		}
		if err := c.Auth(smtp.PlainAuth("", s.user, s.password, s.host)); err != nil {
			return err
		}
	}
	if err := c.Mail(from.Address); err != nil {
		return err
	}
	for _, a := range to {
		if err := c.Rcpt(a.Address); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(message); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_ = c.Quit() // the mail is taken already
	return nil
}

// secure turns TLS on. Without it a mail goes to a server of this machine alone.
func (s *server) secure(c *smtp.Client) error {
	if s.implicit {
		return nil
	}
	if ok, _ := c.Extension("STARTTLS"); ok {
		return c.StartTLS(s.tls())
	}
	if s.plain && s.user == "" {
		return nil
	}
	return feedback.Errorf(feedback.Invalid, "the mail server offers no STARTTLS, and nothing is sent to it in the open").
		WithHint("use its port for submission (587), or smtps://")
}

// replied gives the code of what went wrong: a reply of the 5yz kind is for good, all else may pass.
func replied(err error) error {
	var coded *feedback.Error
	if err == nil || errors.As(err, &coded) {
		return err
	}
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code >= 500 {
		return feedback.Errorf(feedback.Invalid, "the mail server refused it with %d", reply.Code).WithHint("its words are in its own log")
	}
	if errors.As(err, &reply) {
		return feedback.Errorf(feedback.Unavailable, "the mail server put it off with %d", reply.Code)
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return feedback.Errorf(feedback.Invalid, "the mail server's certificate does not hold: %w", certificate.Err)
	}
	return feedback.Errorf(feedback.Unavailable, "the mail server broke off: %w", err)
}
