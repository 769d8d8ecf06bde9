package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"earshot/feedback"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const (
	maxPayload = 8 << 20 // lets a message of feedback.MaxMessage and its headers pass
	maxPending = 256 << 20
	// maxStore is no promise of the disk: the streams have limits of their own, and a full disk shows as an error.
	maxStore = 1 << 40
)

// ServerConfig says how the server inside the process runs.
type ServerConfig struct {
	// Dir is the folder that holds the queue's files. It is made where there is none. One server at a time uses it.
	Dir string
	// Listen is the host and port for other processes; "" is a free port on 127.0.0.1. Whoever connects needs the token.
	Listen string
	// Token is what other processes have to show; "" draws a new one at each start.
	Token string
	// Log receives the server's own words; nil is slog.Default().
	Log *slog.Logger
}

// Server is a NATS server with JetStream inside this process. Everything it acknowledges has been synced to disk.
type Server struct {
	dir    string
	token  string
	log    *serverLog
	lock   *os.File
	stop   sync.Once
	host   string // where it listens
	port   int
	quit   chan struct{} // ends the mending
	mended sync.WaitGroup

	mu   sync.Mutex
	nats *server.Server // another one after a write has failed; see mend
}

// StartServer starts a server on cfg.Dir and returns when it is ready, with all that the folder holds recovered. Its
// address and token stand in endpoint.json in the folder, readable by this account alone, until Stop: see [Attach].
// ctx bounds the start only.
//
// Errors: Conflict where another process uses the folder or the port is taken, Invalid where the folder cannot be
// written or Listen cannot be read, Unavailable where the disk is full.
func StartServer(ctx context.Context, cfg ServerConfig) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	if cfg.Token == "" {
		cfg.Token = rand.Text()
	}
	host, port, err := splitListen(cfg.Listen)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, codedFile(cfg.Dir, err)
	}
	lock, err := claim(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, token: cfg.Token, log: newServerLog(cfg.Log), lock: lock, quit: make(chan struct{})}
	if err := s.start(ctx, host, port); err != nil {
		s.Stop()
		return nil, err
	}
	if at, ok := s.running().Addr().(*net.TCPAddr); ok {
		host, port = at.IP.String(), at.Port
	}
	s.host, s.port = host, port
	s.mended.Go(s.mend)
	return s, nil
}

func (s *Server) start(ctx context.Context, host string, port int) error {
	opts := &server.Options{
		ServerName:             "earshot",
		Host:                   host,
		Port:                   port,
		Authorization:          s.token,
		MaxPayload:             maxPayload,
		MaxPending:             maxPending,
		NoSigs:                 true,
		DisableJetStreamBanner: true,
		JetStream:              true,
		StoreDir:               s.dir,
		SyncAlways:             true, // the default syncs every two minutes: a power cut would lose what was acknowledged
		JetStreamMaxMemory:     64 << 20,
		JetStreamMaxStore:      maxStore,
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		return feedback.Errorf(feedback.Internal, "make the queue's server: %w", err)
	}
	s.mu.Lock()
	s.nats = ns
	s.mu.Unlock()
	ns.SetLoggerV2(s.log, false, false, false)
	started := make(chan struct{})
	go func() {
		defer close(started)
		ns.Start()
	}()
	select {
	case <-started:
	case <-ctx.Done():
		return feedback.Errorf(feedback.Unavailable, "start the queue: %w", ctx.Err())
	}
	if text := s.log.fatal(); text != "" {
		return feedback.Errorf(feedback.Internal, "start the queue in %s: %s", s.dir, text).
			WithHint("the folder may be damaged, or its disk full")
	}
	if !ns.ReadyForConnections(10 * time.Second) {
		return feedback.Errorf(feedback.Unavailable, "the queue in %s was not ready after 10 s", s.dir)
	}
	return writeEndpoint(s.dir, endpoint{URL: "nats://" + reachable(ns.Addr()), Token: s.token})
}

// URL is where other processes reach the server, without the token.
func (s *Server) URL() string { return "nats://" + reachable(s.running().Addr()) }

func (s *Server) running() *server.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nats
}

// InProcessConn connects to the server that runs now. It is for the client alone, which calls it for every attempt.
func (s *Server) InProcessConn() (net.Conn, error) { return s.running().InProcessConn() }

// Connect gives a connection that stays inside the process. Close it before Stop.
func (s *Server) Connect(ctx context.Context) (*Conn, error) {
	conn, err := connect(ctx, "", Options{Token: s.token, Log: s.log.log}, nats.InProcessServer(s))
	if err != nil {
		return nil, err
	}
	conn.fault = s.log.fault
	return conn, nil
}

// Stop ends the server, waits until its files are closed and lets go of the folder. Calling it again does nothing.
func (s *Server) Stop() {
	s.stop.Do(func() {
		close(s.quit)
		s.mended.Wait()
		removeEndpoint(s.dir)
		s.shutDown()
		_ = s.lock.Close()
	})
}

func (s *Server) shutDown() {
	if ns := s.running(); ns != nil {
		ns.Shutdown()
		ns.WaitForShutdown()
	}
}

// splitListen reads host:port, and makes sure that nobody has the port yet: the server itself would only log that.
func splitListen(listen string) (string, int, error) {
	host, text, err := net.SplitHostPort(listen)
	port, portErr := strconv.Atoi(text)
	if err != nil || portErr != nil || port < 0 || port > 65535 {
		return "", 0, feedback.Errorf(feedback.Invalid, "%q is no address to listen on", listen).
			WithHint("write host:port, for instance 127.0.0.1:4222")
	}
	if port == 0 {
		return host, server.RANDOM_PORT, nil
	}
	probe, err := net.Listen("tcp", listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return "", 0, feedback.Errorf(feedback.Conflict, "the queue's port %s is taken", listen).
			WithHint("stop what listens there, or choose another port")
	}
	if err != nil {
		return "", 0, feedback.Errorf(feedback.Invalid, "the queue cannot listen on %s: %w", listen, err).
			WithHint("choose an address of this machine and a port that this account may use")
	}
	return host, port, probe.Close()
}

// reachable is where a process on this machine finds a listener on addr.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return addr.String()
}
