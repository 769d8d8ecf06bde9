package localpg

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/feedback"
)

// How long Start waits for another process that holds the folder to be ready, or to go.
const (
	attachWait    = 30 * time.Second
	exclusiveWait = 2 * time.Second
)

// Start runs the cluster of cfg.Dir, which it makes when there is none, and returns when the server answers. When another
// process runs it already, Start attaches to that one, unless cfg.Exclusive.
//
// Its error is Conflict when another process holds the folder, when the cluster belongs to another account, or was made
// by another version of PostgreSQL; Unavailable when there is no server to run, the folder can't be used, or the server
// does not start. It says in one line what was wrong and what to do.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	dir, err := prepare(cfg.Dir)
	if err != nil {
		return nil, err
	}
	wait := attachWait
	if cfg.Exclusive {
		wait = exclusiveWait
	}
	deadline := time.Now().Add(wait)
	for {
		held, err := lock(dir)
		if err == nil {
			return own(ctx, cfg, dir, held)
		}
		if !errors.Is(err, errLocked) {
			return nil, err
		}
		if !cfg.Exclusive {
			c, ok, err := Attach(ctx, cfg)
			if ok || err != nil {
				return c, err
			}
		}
		if time.Now().After(deadline) {
			return nil, conflict(dir)
		}
		// The owner is about to be ready, or about to let go.
		if _, err := poll(ctx, 50*time.Millisecond, func() bool { return false }); err != nil {
			return nil, err
		}
	}
}

// own runs the server for as long as held, the lock on dir, is held.
func own(ctx context.Context, cfg Config, dir string, held *os.File) (*Cluster, error) {
	c := &Cluster{
		dir:      dir,
		log:      cfg.Log,
		done:     make(chan struct{}),
		stopping: make(chan struct{}),
		said:     &serverLog{log: cfg.Log},
		locks:    []*os.File{held},
	}
	if err := c.launch(ctx, cfg); err != nil {
		c.release()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) launch(ctx context.Context, cfg Config) error {
	in, err := Find(ctx, cfg)
	if err != nil {
		return err
	}
	c.version = in.Version
	place, account, err := settle(c.dir, cfg, in)
	if err != nil {
		return err
	}
	c.place = place
	if place != c.dir {
		second, err := lock(place)
		if errors.Is(err, errLocked) {
			return conflict(place)
		}
		if err != nil {
			return err
		}
		c.locks = append(c.locks, second)
	}
	pgdata := filepath.Join(place, pgdataName)
	if err := initialise(ctx, cfg, in, account, place); err != nil {
		return err
	}
	major, err := clusterMajor(pgdata)
	if err != nil {
		return err
	}
	if major != in.Major {
		return feedback.Errorf(feedback.Conflict, "the database in %s was made by PostgreSQL %d, and %s is %d", place, major, in.Bin, in.Major).
			WithHint("install PostgreSQL %d with pgvector, set EARSHOT_POSTGRES_BIN to its bin folder, or choose another data folder", major)
	}
	if err := clearOrphan(ctx, pgdata); err != nil {
		return err
	}
	if c.sockets, err = socketDir(place, account); err != nil {
		return err
	}
	c.process, err = in.spawn(account, c.said, syscall.SIGINT, "postgres", cfg.arguments(pgdata, c.sockets, in)...)
	if err != nil {
		return feedback.Errorf(feedback.Unavailable, "start %s: %w", filepath.Join(in.Bin, "postgres"), err)
	}
	c.pid = c.process.cmd.Process.Pid
	c.done = c.process.done
	if err := c.await(ctx, pgdata); err != nil {
		_ = c.shutDown(ctx)
		return err
	}
	return nil
}

// connectWait is how long a server that says it is ready may take to let this process in.
const connectWait = 10 * time.Second

// await returns when the server answers. It has as long as ctx gives, for after a crash it has a log to replay.
func (c *Cluster) await(ctx context.Context, pgdata string) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	var readySince time.Time
	for {
		if file, err := readPidFile(pgdata); err == nil && file.ready && file.pid == c.pid {
			conn, err := pgx.Connect(ctx, c.URL("postgres"))
			if err == nil {
				return conn.Close(ctx)
			}
			if readySince.IsZero() {
				readySince = time.Now()
			}
			if ctx.Err() == nil && time.Since(readySince) > connectWait {
				return feedback.Errorf(feedback.Unavailable, "connect to the PostgreSQL server on %s: %w", c.place, err)
			}
		}
		select {
		case <-c.done:
			return exitError(c.place, c.process.err, c.said)
		case <-ctx.Done():
			return feedback.Errorf(feedback.Unavailable, "the PostgreSQL server on %s was not ready in time: %w", c.place, ctx.Err())
		case <-ticker.C:
		}
	}
}

// enoughSpace is what a server needs at the least to start and to recover.
const enoughSpace = 24 << 20

// exitError says why a server or initdb ended on its own.
func exitError(place string, err error, said *serverLog) error {
	if free, statErr := available(place); statErr == nil && free < enoughSpace {
		return folderError(place, syscall.ENOSPC)
	}
	cause := said.cause()
	if cause == "" && err != nil {
		cause = err.Error()
	}
	if cause == "" {
		cause = "it was asked to stop"
	}
	return feedback.Errorf(feedback.Unavailable, "the PostgreSQL server on %s ended: %s", place, cause)
}

func within(path, dir string) bool {
	return strings.HasPrefix(path, dir+string(filepath.Separator))
}
