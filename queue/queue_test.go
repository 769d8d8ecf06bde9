package queue

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/feedback"
)

// helperDir, in the environment, turns the test binary into another process that runs a server on the folder.
const helperDir = "EARSHOT_QUEUE_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		os.Exit(runHelper(dir))
	}
	os.Exit(m.Run())
}

// runHelper serves dir, publishes the lines of its standard input and answers each that is on disk with its text. A
// line that begins with "die" among those it consumes kills it as it stands.
func runHelper(dir string) int {
	ctx := context.Background()
	log := slog.New(slog.DiscardHandler)
	s, err := StartServer(ctx, ServerConfig{Dir: dir, Log: log})
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	conn, err := s.Connect(ctx)
	if err == nil {
		err = conn.EnsureStreams(ctx, StreamsConfig{})
	}
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	handler := handlerFunc(func(_ context.Context, batch []feedback.Message) []error {
		for _, m := range batch {
			if strings.HasPrefix(string(m.Data), "die") {
				p, _ := os.FindProcess(os.Getpid())
				_ = p.Kill()
				select {}
			}
		}
		return make([]error, len(batch))
	})
	fmt.Println("ready")
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		if in.Text() == "consume" {
			c, err := NewConsumer(conn, ConsumerConfig{Stage: Ingest, Handler: handler, Dead: &graveyard{}, Log: log,
				Workers: 1, AckWait: 300 * time.Millisecond, Hold: 10 * time.Millisecond})
			if err != nil {
				fmt.Println("error:", err)
				return 1
			}
			until, cancel := context.WithCancel(ctx)
			result := make(chan error, 1)
			go func() { result <- c.Run(until) }()
			for {
				if st, err := conn.Status(ctx); err == nil && st.Drained() {
					cancel()
					if err := <-result; err != nil {
						return 1
					}
					conn.Close()
					s.Stop()
					return 0
				}
			}
		}
		if err := conn.PublishReceived(ctx, "acme", "csv", [][]byte{in.Bytes()})[0]; err != nil {
			fmt.Println("error:", err)
			return 1
		}
		fmt.Println(in.Text())
	}
	return 0
}

// helper is another process with a server on a folder.
type helper struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startHelper(t *testing.T, dir string) *helper {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperDir+"="+dir)
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	h := &helper{t: t, cmd: cmd, in: in, out: bufio.NewScanner(out)}
	t.Cleanup(h.kill)
	h.expect("ready")
	return h
}

func (h *helper) say(line string) {
	_, err := fmt.Fprintln(h.in, line)
	must(h.t, err)
}

func (h *helper) expect(line string) {
	h.t.Helper()
	if !h.out.Scan() || h.out.Text() != line {
		h.t.Fatalf("the other process said %q, want %q", h.out.Text(), line)
	}
}

// ended waits until the process has ended, and says whether it ended in order.
func (h *helper) ended() bool { return h.cmd.Wait() == nil }

func (h *helper) kill() {
	_ = h.cmd.Process.Kill()
	_ = h.cmd.Wait()
}

type handlerFunc func(context.Context, []feedback.Message) []error

func (f handlerFunc) Handle(ctx context.Context, batch []feedback.Message) []error {
	return f(ctx, batch)
}

// graveyard keeps dead letters; fail, where it is set, decides whether it can.
type graveyard struct {
	fail func([]feedback.DeadLetter) error

	mu      sync.Mutex
	letters []feedback.DeadLetter
}

func (g *graveyard) Bury(_ context.Context, letters []feedback.DeadLetter) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fail != nil {
		if err := g.fail(letters); err != nil {
			return err
		}
	}
	g.letters = append(g.letters, letters...)
	return nil
}

func (g *graveyard) payloads() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []string
	for _, l := range g.letters {
		out = append(out, l.Payload)
	}
	slices.Sort(out)
	return out
}

// record notes what a handler was given.
type record struct {
	mu   sync.Mutex
	seen map[string]int
}

func (r *record) note(batch []feedback.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[string]int{}
	}
	for _, m := range batch {
		r.seen[string(m.Data)]++
	}
}

func (r *record) times(data string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[data]
}

func (r *record) size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.seen)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code feedback.Code, words ...string) {
	t.Helper()
	if feedback.ErrorCode(err) != code {
		t.Fatalf("got code %q (%v), want %q", feedback.ErrorCode(err), err, code)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
	if err != nil && strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q has more than one line", err)
	}
}

// eventually waits for what other goroutines bring about, a generous while.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("not within 30 s: %s", what)
		case <-tick.C:
		}
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func startServer(t testing.TB, dir string) *Server {
	t.Helper()
	s, err := StartServer(t.Context(), ServerConfig{Dir: dir, Log: quiet()})
	must(t, err)
	t.Cleanup(s.Stop)
	return s
}

func open(t testing.TB, s *Server, cfg StreamsConfig) *Conn {
	t.Helper()
	conn, err := s.Connect(t.Context())
	must(t, err)
	t.Cleanup(conn.Close)
	must(t, conn.EnsureStreams(t.Context(), cfg))
	return conn
}

// newQueue is a server in a folder of its own, and a connection.
func newQueue(t testing.TB) *Conn {
	t.Helper()
	return open(t, startServer(t, t.TempDir()), StreamsConfig{})
}

func numbered(prefix string, n int) [][]byte {
	data := make([][]byte, n)
	for i := range data {
		data[i] = fmt.Appendf(nil, "%s-%d", prefix, i)
	}
	return data
}

func publish(t testing.TB, conn *Conn, data ...string) {
	t.Helper()
	batch := make([][]byte, len(data))
	for i, d := range data {
		batch[i] = []byte(d)
	}
	for _, err := range conn.PublishReceived(t.Context(), "acme", "csv", batch) {
		must(t, err)
	}
}

// quick fills in short waits, so that retries take milliseconds.
func quick(cfg ConsumerConfig) ConsumerConfig {
	if cfg.Stage == "" {
		cfg.Stage = Ingest
	}
	if cfg.Dead == nil {
		cfg.Dead = &graveyard{}
	}
	cfg.MaxWait = 50 * time.Millisecond
	cfg.Retry = Backoff{time.Millisecond, 4 * time.Millisecond}
	cfg.Outage = Backoff{time.Millisecond, 4 * time.Millisecond}
	if cfg.Hold == 0 {
		cfg.Hold = time.Millisecond
	}
	if cfg.Log == nil {
		cfg.Log = quiet()
	}
	return cfg
}

// run starts a consumer; stop ends it and waits until it has drained.
func run(t *testing.T, conn *Conn, cfg ConsumerConfig) (stop func()) {
	t.Helper()
	c, err := NewConsumer(conn, quick(cfg))
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- c.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-result; err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

func received(t *testing.T, conn *Conn) StreamStatus {
	t.Helper()
	s, err := conn.Status(t.Context())
	must(t, err)
	return s.Streams[0]
}

func drained(t *testing.T, conn *Conn) {
	t.Helper()
	eventually(t, "the queue is drained", func() bool {
		s := received(t, conn)
		return s.Pending == 0 && s.InFlight == 0
	})
}
