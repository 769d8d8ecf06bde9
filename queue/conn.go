package queue

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"earshot/feedback"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	connectTimeout = 5 * time.Second
	requestTimeout = 15 * time.Second
	// maxBatches is how many atomic batches a connection stages at once; a stream takes 50 of all its publishers.
	maxBatches = 8
	// asyncPending is how many single messages a connection has on the way at once.
	asyncPending = 4096
)

// Options say how to connect.
type Options struct {
	// Credentials is the path of a NATS credentials file; "" for none.
	Credentials string
	// Token is what the server asks for; "" for none.
	Token string
	// Log hears of lost and regained connections; nil is slog.Default().
	Log *slog.Logger
}

// Conn is a connection to NATS. It is safe for concurrent use, and reconnects for as long as it is open; what is asked
// of it meanwhile fails as Unavailable.
type Conn struct {
	nc       *nats.Conn
	js       jetstream.JetStream
	log      *slog.Logger
	batches  chan struct{}
	holding  chan struct{} // taken by the worker that handles a message over which one died alone
	noAtomic atomic.Bool   // the server or the stream takes no atomic batches
	fault    func() error  // why the server of this process cannot write; nil results otherwise
}

// Connect connects to the NATS servers at one URL, or several with commas between. tls:// asks for TLS; a URL may hold
// a user and a password.
//
// Errors: Invalid for a URL or credentials file that cannot be read and for credentials that are refused, Unavailable
// where no server answers.
func Connect(ctx context.Context, urls string, opts Options) (*Conn, error) {
	for _, u := range strings.Split(urls, ",") {
		if _, err := url.Parse(strings.TrimSpace(u)); err != nil || strings.TrimSpace(u) == "" {
			return nil, feedback.Errorf(feedback.Invalid, "the address of the NATS server cannot be read").
				WithHint("write nats://host:4222 or tls://host:4222, several with commas between")
		}
	}
	return connect(ctx, urls, opts)
}

func connect(ctx context.Context, urls string, opts Options, more ...nats.Option) (*Conn, error) {
	log := opts.Log
	if log == nil {
		log = slog.Default()
	}
	timeout := connectTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline))
	}
	if timeout <= 0 {
		return nil, feedback.Errorf(feedback.Unavailable, "connect to NATS: %w", context.DeadlineExceeded)
	}
	options := append([]nats.Option{
		nats.Name("earshot"),
		nats.Timeout(timeout),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(500 * time.Millisecond),
		nats.ReconnectJitter(500*time.Millisecond, time.Second),
		nats.IgnoreAuthErrorAbort(),
		// What is published while the connection is down must fail at once: a buffer would hide that it is not on disk.
		nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(nc *nats.Conn, err error) {
			if !nc.IsClosed() {
				log.Warn("connection to NATS lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { log.Info("connection to NATS regained") }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("NATS", "error", err) }),
	}, more...)
	if opts.Token != "" {
		options = append(options, nats.Token(opts.Token))
	}
	if opts.Credentials != "" {
		if f, err := os.Open(opts.Credentials); err != nil {
			return nil, feedback.Errorf(feedback.Invalid, "the NATS credentials file cannot be read: %w", err)
		} else if err := f.Close(); err != nil {
			return nil, feedback.Errorf(feedback.Invalid, "the NATS credentials file cannot be read: %w", err)
		}
		options = append(options, nats.UserCredentials(opts.Credentials))
	}
	nc, err := nats.Connect(urls, options...)
	if err != nil {
		return nil, connectError(urls, err)
	}
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(asyncPending),
		jetstream.WithPublishAsyncTimeout(requestTimeout), jetstream.WithDefaultTimeout(requestTimeout))
	if err != nil {
		nc.Close()
		return nil, coded("use JetStream", err)
	}
	return &Conn{nc: nc, js: js, log: log, batches: make(chan struct{}, maxBatches), holding: make(chan struct{}, 1),
		fault: func() error { return nil }}, nil
}

func connectError(urls string, err error) error {
	var hosts []string
	for _, u := range strings.Split(urls, ",") {
		if parsed, parseErr := url.Parse(strings.TrimSpace(u)); parseErr == nil {
			hosts = append(hosts, parsed.Host) // a URL may hold a password, its host does not
		}
	}
	doing := "connect to NATS at " + strings.Join(hosts, ", ")
	if errors.Is(err, nats.ErrNoServers) {
		return feedback.Errorf(feedback.Unavailable, "%s: no server answers there", doing).
			WithHint("is it running, and does the address match?")
	}
	err = coded(doing, err)
	var known *feedback.Error
	if errors.As(err, &known) && known.Hint == "" {
		known.Hint = "is it running, and does the address match?"
	}
	return err
}

// Check reports an Unavailable error unless the server answers now, and can write where it runs in this process.
func (c *Conn) Check(ctx context.Context) error {
	if err := c.fault(); err != nil {
		return err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	return coded("reach NATS", c.nc.FlushWithContext(ctx))
}

// Close ends the connection. End the consumers that use it before.
func (c *Conn) Close() { c.nc.Close() }

// bounded gives a context that ends after requestTimeout at the latest.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, requestTimeout)
}
