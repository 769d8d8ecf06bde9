package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"earshot/internal/localpg"
)

// Workspace is the one that all feedback of the harness goes to.
const Workspace = "chaos"

// AckWait is how long after a kill what the dead worker held comes again. Shorter than Earshot's own, so that more comes
// twice in the same time.
const AckWait = time.Second

// Site is one installation of Earshot that is there to be killed. Its methods belong to one goroutine, but for URL.
type Site struct {
	dir     string
	url     string // of the pages
	env     []string
	process *process
	client  *http.Client

	// Patience is how long Drain waits while nothing moves.
	Patience time.Duration
	// Progress hears how far the work on the site is; nil hears nothing.
	Progress func(text string)
}

func (s *Site) say(format string, args ...any) {
	if s.Progress != nil {
		s.Progress(fmt.Sprintf(format, args...))
	}
}

// NewSite makes a site in a folder that is there. Without EARSHOT_DATABASE_URL and EARSHOT_NATS_URL among the settings, it
// runs its own Postgres and NATS.
func NewSite(dir string, settings ...string) (*Site, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	env := []string{
		"EARSHOT_DATA_DIR=" + filepath.Join(dir, "data"), "EARSHOT_WORKSPACE=" + Workspace, "EARSHOT_LISTEN=" + address,
		"EARSHOT_RECLUSTER_EACH=0", ackWaitVar + "=" + AckWait.String(),
	}
	return &Site{
		Patience: time.Minute, dir: dir, url: "http://" + address, env: append(env, settings...),
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 8}},
	}, nil
}

// freeAddress gives an address of this machine that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Start runs Earshot with further settings until it is up, or died at a crash point on the way there.
func (s *Site) Start(ctx context.Context, settings ...string) error {
	var err error
	s.process, err = spawn(ctx, "victim", filepath.Join(s.dir, "victim.log"), append(s.env[:len(s.env):len(s.env)], settings...))
	return err
}

// Kill ends Earshot with SIGKILL, and with it a NATS server within it and a Postgres below it.
func (s *Site) Kill() {
	s.process.kill()
	s.process = nil
	s.client.CloseIdleConnections()
}

// Died says whether Earshot is gone.
func (s *Site) Died() bool { return s.process.died() }

// Dead waits until Earshot is gone; it is false when that took longer than the time.
func (s *Site) Dead(within time.Duration) bool {
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case <-s.process.gone:
		return true
	case <-late.C:
		return false
	}
}

// DatabaseURL is where the database of the site answers, whether or not it does now.
func (s *Site) DatabaseURL(ctx context.Context) (string, error) {
	if url := s.setting("EARSHOT_DATABASE_URL"); url != "" {
		return url, nil
	}
	cluster, ok, err := localpg.Attach(ctx, localpg.Config{Dir: filepath.Join(s.dir, "data", "postgres")})
	if err == nil && !ok {
		err = errors.New("the private database does not run")
	}
	if err != nil {
		return "", err
	}
	return cluster.URL("earshot"), cluster.Stop(ctx)
}

func (s *Site) setting(name string) (value string) {
	for _, v := range s.env {
		if n := len(name); len(v) > n && v[:n] == name && v[n] == '=' {
			value = v[n+1:]
		}
	}
	return value
}

// books is what GET /v1/books says of the whole queue.
type books struct {
	Waiting     int  `json:"waiting"`
	Unaccounted int  `json:"unaccounted"`
	Lost        int  `json:"lost"`
	Balanced    bool `json:"balanced"`
	Settled     bool `json:"settled"`
	Accounts    []struct {
		Source   string         `json:"source"`
		Received int            `json:"received"`
		Pending  int            `json:"pending"`
		Outcomes map[string]int `json:"outcomes"`
	} `json:"accounts"`
}

// Books asks Earshot for its own account.
func (s *Site) books(ctx context.Context) (b books, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/v1/books?workspace="+Workspace, nil)
	if err != nil {
		return b, err
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return b, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return b, fmt.Errorf("the books answer %s", answer.Status)
	}
	return b, json.NewDecoder(answer.Body).Decode(&b)
}

// Drain waits until nothing waits in the queue or for analysis, and starts Earshot again wherever it has died. It gives up
// when nothing has moved for the site's patience, and leaves it to the check to say what is missing.
func (s *Site) Drain(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	moved, left := time.Now(), -1
	for time.Since(moved) < s.Patience {
		if s.process == nil || s.Died() {
			s.Kill()
			if err := s.Start(ctx); err != nil {
				return err
			}
		}
		waiting, err := s.waiting(ctx)
		if err == nil && waiting == 0 {
			return nil
		}
		if err == nil && waiting != left {
			moved, left = time.Now(), waiting
			s.say("%d messages and excerpts are waited for", waiting)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// waiting counts messages that have no outcome and excerpts that are not analysed.
func (s *Site) waiting(ctx context.Context) (int, error) {
	b, err := s.books(ctx)
	if err != nil || b.Waiting > 0 || !b.Settled {
		return max(1, b.Waiting), err
	}
	url, err := s.DatabaseURL(ctx)
	if err != nil {
		return 0, err
	}
	return unanalysed(ctx, url)
}

// Close ends the site for good; its folder stays.
func (s *Site) Close() {
	if s.process != nil {
		s.Kill()
	}
}

// Log is the file of what Earshot said.
func (s *Site) Log() string { return filepath.Join(s.dir, "victim.log") }
