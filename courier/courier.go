package courier

import (
	"context"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"earshot/feedback"
)

// Config says what a Courier may use.
type Config struct {
	Folder  string       // under which files are written
	SMTP    string       // the mail server, as smtp://user:password@host:587 or smtps://…; "" for none
	From    mail.Address // the sender of mails
	Key     string       // that signs what is posted to webhooks; "" for none
	Hosts   string       // that may be reached at private addresses and over plain HTTP, with commas between
	Now     func() time.Time
	Timeout time.Duration // of one request or mail; 30 s where it is 0
}

// minKey is the least length of a signing key in bytes.
const minKey = 16

// dialTimeout bounds one attempt to connect.
const dialTimeout = 10 * time.Second

// Courier carries parcels. It is safe for use by many goroutines.
type Courier struct {
	cfg    Config
	smtp   *server // nil for none
	named  hosts
	client *http.Client
}

// New makes a courier. Its errors are Invalid and name the setting that is wrong, and no secret.
func New(cfg Config) (*Courier, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.Key != "" && len(cfg.Key) < minKey {
		return nil, feedback.Errorf(feedback.Invalid, "setting EARSHOT_DELIVERY_SECRET: a key has %d characters or more", minKey)
	}
	c := &Courier{cfg: cfg, named: readHosts(cfg.Hosts)}
	var err error
	if c.smtp, err = readServer(cfg.SMTP); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		return nil, feedback.Errorf(feedback.Invalid, "a courier needs a clock")
	}
	c.client = newClient(c.named)
	return c, nil
}

// Check says why nothing could be carried to a target as things are set, or nil. It reaches out to nobody.
func (c *Courier) Check(to feedback.Target) error {
	switch to.Kind {
	case feedback.TargetFile:
		return nil
	case feedback.TargetMail:
		if c.smtp == nil {
			return feedback.Errorf(feedback.Invalid, "no mail server is set").WithHint("set EARSHOT_SMTP_URL, as smtp://user:password@host:587")
		}
		return nil
	}
	port := to.URL.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[to.URL.Scheme]
	}
	named := c.named.allow(to.URL.Hostname(), port)
	switch {
	case to.URL.Scheme != "https" && !named:
		return feedback.Errorf(feedback.Invalid, "%s is not reached over https", to).WithHint("name the host in EARSHOT_DELIVERY_HOSTS if plain http will do")
	case to.Kind == feedback.TargetSlack && !named && !strings.EqualFold(to.URL.Host, "hooks.slack.com"):
		return feedback.Errorf(feedback.Invalid, "%s is no address of Slack", to).WithHint("it begins with https://hooks.slack.com/; for others leave out slack:")
	case to.Kind == feedback.TargetWebhook && c.cfg.Key == "":
		return feedback.Errorf(feedback.Invalid, "nothing signs what would be posted").WithHint("set EARSHOT_DELIVERY_SECRET to a key of %d characters or more", minKey)
	}
	return nil
}

// Carry carries a parcel. It fails with Unavailable for what may work later, with [feedback.ErrUncertain] where the
// parcel may have arrived and the target cannot drop a repeat, and with Invalid otherwise. No error holds a secret.
func (c *Courier) Carry(ctx context.Context, to feedback.Target, p feedback.Parcel) error {
	if err := c.Check(to); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	switch to.Kind {
	case feedback.TargetFile:
		return writeFiles(c.cfg.Folder, to.Folder, p.Files)
	case feedback.TargetMail:
		return c.smtp.send(ctx, c.cfg.From, to.To, p.Body)
	}
	return c.post(ctx, to, p)
}
