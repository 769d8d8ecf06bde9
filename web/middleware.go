package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"earshot/feedback"
)

type requestKey struct{}

// requestID is the id under which the request stands in the log and in the X-Request-Id header of the answer.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "earshot_http_requests_total", Help: "HTTP requests answered, by route and status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "earshot_http_request_seconds", Help: "Time to answer an HTTP request, by route.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"route"}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// observe gives each request its id, counts and logs it, and turns a panic into an answer. The log holds the path and not
// the query, which may be what somebody searched for.
func (s *Server) observe(m *metrics, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !requestIDPattern.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set("X-Request-Id", id)
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		answer := &recorder{ResponseWriter: w}
		start := s.cfg.Now()
		defer func() {
			fault := recover()
			if fault == http.ErrAbortHandler {
				panic(fault)
			}
			if fault != nil {
				s.cfg.Log.ErrorContext(r.Context(), "a request panicked", "request", id, "panic", fault, "stack", string(debug.Stack()))
				if answer.status != 0 {
					panic(http.ErrAbortHandler) // half an answer is out: the client must not take it for a whole one
				}
				s.fail(answer, r, feedback.Errorf(feedback.Internal, "panic"))
			}
			took := s.cfg.Now().Sub(start)
			route := r.Pattern
			if route == "" {
				route = "none"
			}
			m.requests.WithLabelValues(route, strconv.Itoa(answer.status)).Inc()
			m.seconds.WithLabelValues(route).Observe(took.Seconds())
			level := slog.LevelInfo
			if route == "GET /healthz" || route == "GET /readyz" || route == "GET /metrics" {
				level = slog.LevelDebug
			}
			s.cfg.Log.Log(r.Context(), level, "request", "request", id, "method", r.Method, "path", r.URL.Path,
				"status", answer.status, "bytes", answer.bytes, "duration", took, "remote", r.RemoteAddr)
		}()
		next.ServeHTTP(answer, r)
	})
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *recorder) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection's deadlines.
func (a *recorder) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// guard sets the headers that bound what a browser may do with an answer, and refuses requests that a browser was led to
// make.
func (s *Server) guard(next http.Handler) http.Handler {
	sameSite := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy())
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if !s.answersTo(r) {
			s.fail(w, r, feedback.Errorf(feedback.Invalid, "this server does not answer to the host name of the request").
				WithHint("open it by its address, or add the name to EARSHOT_HOSTS"))
			return
		}
		if err := sameSite.Check(r); err != nil {
			s.fail(w, r, feedback.Errorf(feedback.Invalid, "a page of another site may not send anything here"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// answersTo holds the request's host against the names that the server has; see [Server]. A webhook comes under whatever
// name the world knows, through a proxy: its signature is what counts, and no browser can make one.
func (s *Server) answersTo(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/v1/webhooks/") {
		return true
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	// An address cannot be made to lead elsewhere, as a name can.
	named := func(name string) bool { return name != "" && strings.EqualFold(name, host) }
	if net.ParseIP(host) != nil || named("localhost") || named(s.cfg.PublicHost) || slices.ContainsFunc(s.cfg.Hosts, named) {
		return true
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return len(s.cfg.Hosts) == 0 && (local == nil || !local.IP.IsLoopback())
}
