package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"earshot/feedback"
)

// superuser is the database role that owns everything in a cluster.
const superuser = "earshot"

// Cluster is a running server. Its methods may be called by several goroutines.
type Cluster struct {
	version  string
	dir      string // Config.Dir
	place    string // where the files are
	sockets  string
	attached bool
	pid      int
	log      *slog.Logger
	done     chan struct{}

	// These are the owner's alone.
	process *process
	said    *serverLog
	locks   []*os.File

	stopping chan struct{}
	stopOnce sync.Once
	stopErr  error
}

// URL gives the address of a database, in the form that pgx takes. It holds no secret.
func (c *Cluster) URL(database string) string {
	// In this form of URL a plus sign is not a space.
	host := strings.ReplaceAll(url.QueryEscape(c.sockets), "+", "%20")
	query := fmt.Sprintf("host=%s&port=%d&user=%s", host, port, superuser)
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: query}).String()
}

// Dir gives the folder that holds the cluster's files: Config.Dir, or the one that stands in for it.
func (c *Cluster) Dir() string { return c.place }

// Version gives the server's version, for example 15.18.
func (c *Cluster) Version() string { return c.version }

// Attached tells whether another process owns the server.
func (c *Cluster) Attached() bool { return c.attached }

// Done is closed when the server has ended, whoever ended it, and for an attached cluster also after Stop.
func (c *Cluster) Done() <-chan struct{} { return c.done }

// Err is nil while the server runs and after Stop. When the server has ended on its own, it is an Unavailable error that
// says why.
func (c *Cluster) Err() error {
	select {
	case <-c.stopping:
		return nil
	default:
	}
	select {
	case <-c.done:
	default:
		return nil
	}
	if c.attached {
		return feedback.Errorf(feedback.Unavailable, "the process that ran the database in %s has stopped", c.dir).
			WithHint("run the command again")
	}
	return exitError(c.place, c.process.err, c.said)
}

// CreateDatabase makes a database unless it is there.
func (c *Cluster) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return feedback.Errorf(feedback.Unavailable, "connect to the database in %s: %w", c.dir, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	var pgErr *pgconn.PgError
	// Of two processes that create it at once, the slower one may run into the catalogue's unique key instead.
	if errors.As(err, &pgErr) && (pgErr.Code == "42P04" || pgErr.Code == "23505") {
		return nil
	}
	if err != nil {
		return feedback.Errorf(feedback.Unavailable, "create database %s: %w", name, err)
	}
	return nil
}

// Stop ends the server: it rolls back what is open and writes a checkpoint, and what does not end in time is ended harder,
// which costs a recovery at the next start and nothing else. When ctx ends, Stop goes on to the harder way at once. An
// attached cluster's server is left alone. A second Stop does nothing.
func (c *Cluster) Stop(ctx context.Context) error {
	c.stopOnce.Do(func() {
		close(c.stopping)
		if c.attached {
			<-c.done
			return
		}
		c.stopErr = c.shutDown(ctx)
		c.release()
	})
	return c.stopErr
}

func (c *Cluster) shutDown(ctx context.Context) error {
	steps := []struct {
		sig   syscall.Signal
		grace time.Duration
	}{{syscall.SIGINT, fastGrace}, {syscall.SIGQUIT, immediateGrace}, {syscall.SIGKILL, immediateGrace}}
	for i, step := range steps {
		select {
		case <-c.done:
			return nil
		default:
		}
		c.process.signal(step.sig)
		timer := time.NewTimer(step.grace)
		giveUp := ctx.Done()
		if i > 0 {
			giveUp = nil
		}
		select {
		case <-c.done:
		case <-giveUp:
		case <-timer.C:
		}
		timer.Stop()
	}
	select {
	case <-c.done:
		return nil
	default:
		return feedback.Errorf(feedback.Internal, "the PostgreSQL server (pid %d) on %s does not stop", c.pid, c.place)
	}
}

// release gives up the claim on the folder and removes what lies outside of it.
func (c *Cluster) release() {
	if c.pid != 0 && !within(c.sockets, c.place) {
		_ = os.RemoveAll(c.sockets)
	}
	for _, f := range c.locks {
		f.Close()
	}
}
