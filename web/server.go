package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"earshot/feedback"
	"earshot/report"
)

// Config is what a Server needs. All that has no default is required.
type Config struct {
	Store     Store
	Evidence  Evidence
	Pulses    Pulses
	Facts     report.Evidence // what a Pulse is checked against
	Queue     Queue
	Books     Books
	Search    Search
	Decisions Decisions
	Privacy   Privacy

	Runs       Runs
	Steering   Steering
	Unassigned Unassigned

	// Hooks are the secrets of the webhooks that are configured, more than one while a secret is exchanged. Without any
	// there are no webhooks, and Deliveries may be nil.
	Hooks      map[Hook][]string
	Deliveries Deliveries

	Schedules Schedules
	Outbox    Outbox
	Alerts    Alerts

	// Render gives the whole HTML page of a Pulse, with the links of the options. What style it has stands in style elements, not in attributes: the
	// server allows the elements by their hashes and nothing else.
	Render func(feedback.Pulse, report.Options) ([]byte, error)
	// Ready says why the server cannot do its work now, or nil: the database and the queue answer.
	Ready func(context.Context) error

	Registry  *prometheus.Registry // shown at /metrics; takes the server's own metrics
	Log       *slog.Logger
	Workspace string           // where a request names none; "default" where it is empty
	Version   string           // of the binary, for the API's description; "dev" where it is empty
	MaxBytes  int64            // of the body of one request; 32 MiB where it is 0
	Now       func() time.Time // for the duration of requests; time.Now where it is nil

	PublicHost string   // host name under which readers reach the pages; may be empty
	Hosts      []string // further host names that the server answers to; see [Server]
}

// Server answers HTTP requests. It is an http.Handler, safe for concurrent use.
//
// A browser on this machine can be led to it by any page (DNS rebinding). So a request that arrives over the loopback
// interface must name an address, "localhost", Config.PublicHost or one of Config.Hosts as its host, and where Config.Hosts
// is not empty, so must every other. What changes anything is refused when a browser says that it comes from another site.
type Server struct {
	cfg     Config
	handler http.Handler
	pages   *pages
}

// New makes a Server and registers its metrics. It returns an Invalid error when the Config lacks something.
func New(cfg Config) (*Server, error) {
	switch {
	case cfg.Store == nil || cfg.Evidence == nil || cfg.Pulses == nil || cfg.Facts == nil || cfg.Queue == nil || cfg.Books == nil ||
		cfg.Search == nil || cfg.Decisions == nil:
		return nil, feedback.Errorf(feedback.Invalid, "web: a store, evidence, Pulses, facts, a queue, books, a search and decisions are needed")
	case cfg.Runs == nil || cfg.Steering == nil || cfg.Unassigned == nil || cfg.Privacy == nil:
		return nil, feedback.Errorf(feedback.Invalid, "web: runs, their steering, what is unassigned and privacy are needed")
	case cfg.Schedules == nil || cfg.Outbox == nil || cfg.Alerts == nil:
		return nil, feedback.Errorf(feedback.Invalid, "web: schedules, an outbox and alerts are needed")
	case cfg.Render == nil || cfg.Ready == nil || cfg.Registry == nil || cfg.Log == nil:
		return nil, feedback.Errorf(feedback.Invalid, "web: Render, Ready, Registry and Log are needed")
	case len(cfg.Hooks) > 0 && cfg.Deliveries == nil:
		return nil, feedback.Errorf(feedback.Invalid, "web: webhooks need Deliveries")
	}
	if cfg.Workspace == "" {
		cfg.Workspace = "default"
	}
	if err := feedback.CheckWorkspace(cfg.Workspace); err != nil {
		return nil, err
	}
	if cfg.Version == "" {
		cfg.Version = "dev"
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 32 << 20
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	measured, err := newMetrics(cfg.Registry)
	if err != nil {
		return nil, feedback.Errorf(feedback.Invalid, "web: register metrics: %w", err)
	}
	s := &Server{cfg: cfg}
	if s.pages, err = newPages(s); err != nil {
		return nil, feedback.Errorf(feedback.Internal, "web: read the templates: %w", err)
	}
	mux := http.NewServeMux()
	s.operate(mux)
	s.api(mux)
	s.hooks(mux)
	s.pages.register(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, feedback.Errorf(feedback.NotFound, "there is nothing at this address"))
	})
	s.handler = s.observe(measured, s.guard(mux))
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// operate adds what an operator and an orchestrator ask for.
func (s *Server) operate(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeText(w, http.StatusOK, "the process lives\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		if err := s.cfg.Ready(ctx); err != nil {
			writeText(w, http.StatusServiceUnavailable, "not ready: "+err.Error()+"\n")
			return
		}
		writeText(w, http.StatusOK, "ready\n")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.cfg.Registry, promhttp.HandlerOpts{}))
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the client may be gone, and then nobody is left to tell
}

// Listen opens the address, host:port, for Serve; port 0 takes any that is free. It fails with Conflict when the port is
// taken, and with Invalid when the address is none of this machine.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, feedback.Errorf(feedback.Conflict, "%s is taken: another program listens there", address).
			WithHint("stop it, or choose another port")
	case errors.Is(err, syscall.EACCES):
		return nil, feedback.Errorf(feedback.Invalid, "this account may not listen on %s", address).
			WithHint("choose a port above 1023")
	default:
		return nil, feedback.Errorf(feedback.Invalid, "listen on %s: %w", address, err).
			WithHint("an address looks like 127.0.0.1:8321")
	}
}

// Limits of one connection, so that slow and idle clients cannot keep it.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 2 * time.Minute // 32 MiB over 2 Mbit/s
	writeTimeout  = 3 * time.Minute // counts from the request's header
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 10 * time.Second
	headerBytes   = 64 << 10
)

// Serve answers requests until ctx ends; then it takes no new ones, gives those that are under way ten seconds, and
// returns nil. It owns the listener and its goroutines, all of which are gone when it returns, but for handlers that
// outlast the ten seconds.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytes,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelWarn),
		// A request that is under way when ctx ends is finished, not cancelled.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return feedback.Errorf(feedback.Unavailable, "serve HTTP on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		s.cfg.Log.Warn("requests were cut off at the stop", "error", err)
		_ = server.Close() // it only closes connections that Shutdown would have closed
	}
	<-ended
	return nil
}
