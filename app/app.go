package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"earshot/feedback"
	"earshot/internal/localpg"
	"earshot/postgres"
	"earshot/queue"
)

// database is the name of Earshot's database in a private cluster.
const database = "earshot"

// Options say what an App needs beyond the database.
type Options struct {
	Queue bool             // connect to NATS, or start the embedded one
	Alone bool             // fail with Conflict rather than use what another process runs on the data folder
	Log   *slog.Logger     // slog.Default() where it is nil
	Now   func() time.Time // time.Now where it is nil

	Version string // of the program, for the record in each Pulse

	// Consumer changes the settings of a stage's consumer before it is made; nil changes none. The crash harness puts its
	// faults around the handlers with it.
	Consumer func(*queue.ConsumerConfig)
}

// App holds what the configuration names, open and wired. Close it.
type App struct {
	Config   Config
	Store    *postgres.Store
	Queue    *queue.Conn // nil unless Options.Queue
	Registry *prometheus.Registry

	version string
	log     *slog.Logger
	now     func() time.Time
	models  models
	metrics *queue.Metrics
	tune    func(*queue.ConsumerConfig)     // never nil
	private atomic.Pointer[localpg.Cluster] // nil where the database is somebody else's
	server  *queue.Server                   // nil where the queue is somebody else's
	guard   func()                          // ends the watch over the private cluster

	attempted map[string]time.Time // when the schedule last began to group a workspace anew; the schedule's alone
}

// Open starts the private Postgres and the embedded NATS, or attaches to those of another process on the same data folder,
// or connects to the servers that cfg names. Its errors say in one line what is wrong and what to do.
func Open(ctx context.Context, cfg Config, opts Options) (_ *App, err error) {
	a := &App{Config: cfg, Registry: prometheus.NewRegistry(), version: opts.Version, log: opts.Log, now: opts.Now, tune: opts.Consumer,
		attempted: map[string]time.Time{}}
	if a.log == nil {
		a.log = slog.Default()
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.tune == nil {
		a.tune = func(*queue.ConsumerConfig) {}
	}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	a.Registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if a.models, err = newModels(cfg, a.log, a.Registry); err != nil {
		return nil, err
	}
	if err := a.openStore(ctx, opts.Alone); err != nil {
		return nil, err
	}
	if opts.Queue {
		if err := a.openQueue(ctx); err != nil {
			return nil, err
		}
		if opts.Alone && a.Config.NATSURL == "" && a.server == nil {
			return nil, feedback.Errorf(feedback.Conflict, "another earshot runs on the data folder %s", cfg.DataDir).
				WithHint("stop it, or choose another folder with --data-dir")
		}
	}
	return a, nil
}

func (a *App) openStore(ctx context.Context, alone bool) error {
	url, err := a.openDatabase(ctx, alone)
	if err != nil {
		return err
	}
	a.Store, err = postgres.Open(ctx, postgres.Config{URL: url, MaxConnections: int32(a.Config.DatabaseConnections)})
	return err
}

// openDatabase gives the URL of the database that the configuration names, having started the private one if need be.
func (a *App) openDatabase(ctx context.Context, alone bool) (string, error) {
	if a.Config.DatabaseURL != "" {
		return a.Config.DatabaseURL, nil
	}
	if err := makeDataDir(a.Config.DataDir); err != nil {
		return "", err
	}
	cfg := localpg.Config{Bin: a.Config.PostgresBin, Dir: filepath.Join(a.Config.DataDir, "postgres"), Log: a.log, Exclusive: alone}
	cluster, err := localpg.Start(ctx, cfg)
	if err != nil {
		return "", err
	}
	a.private.Store(cluster)
	if !cluster.Attached() {
		a.guard = a.keepRunning(cfg)
	}
	if err := cluster.CreateDatabase(ctx, database); err != nil {
		return "", err
	}
	return cluster.URL(database), nil
}

// makeDataDir makes the data folder. Others may look through it, not into what it holds: the account that runs the
// private Postgres for root must reach its own folder.
func makeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return feedback.Errorf(feedback.Unavailable, "the data folder cannot be made: %w", err).
			WithHint("name another with EARSHOT_DATA_DIR or --data-dir")
	}
	return nil
}

// keepRunning starts the private cluster again whenever its server ends by itself, until the function that it returns is
// called. The pool finds the new server under the same address.
func (a *App) keepRunning(cfg localpg.Config) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for wait := time.Duration(0); ; {
			select {
			case <-ctx.Done():
				return
			case <-a.private.Load().Done():
			}
			a.log.Error("the private database ended and is started again", "error", a.private.Load().Err())
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			_ = a.private.Load().Stop(ctx) // lets go of the folder's lock
			again, err := localpg.Start(ctx, cfg)
			if err != nil {
				a.log.Error("the private database does not start", "error", err)
				wait = min(max(2*wait, 200*time.Millisecond), 10*time.Second)
				continue
			}
			a.private.Store(again)
			wait = 0
		}
	}()
	return func() { cancel(); <-done }
}

func (a *App) openQueue(ctx context.Context) error {
	opts := queue.Options{Credentials: a.Config.NATSCredentials, Log: a.log}
	var err error
	if a.Config.NATSURL != "" {
		a.Queue, err = queue.Connect(ctx, a.Config.NATSURL, opts)
	} else {
		a.Queue, err = a.openEmbedded(ctx, opts)
	}
	if err != nil {
		return err
	}
	a.metrics = queue.NewMetrics(a.Registry)
	return a.Queue.EnsureStreams(ctx, queue.StreamsConfig{
		Replicas: a.Config.NATSReplicas, MaxBytes: int64(a.Config.QueueBytes),
	})
}

// openEmbedded attaches to the server that another process runs on the data folder, or starts it.
func (a *App) openEmbedded(ctx context.Context, opts queue.Options) (*queue.Conn, error) {
	if err := makeDataDir(a.Config.DataDir); err != nil {
		return nil, err
	}
	dir := filepath.Join(a.Config.DataDir, "queue")
	conn, err := queue.Attach(ctx, dir, opts)
	if feedback.ErrorCode(err) != feedback.NotFound {
		return conn, err
	}
	if a.server, err = queue.StartServer(ctx, queue.ServerConfig{Dir: dir, Listen: a.Config.NATSListen, Log: a.log}); err != nil {
		return nil, err
	}
	return a.server.Connect(ctx)
}

// DatabaseURL is where the database answers: that of the settings, or the private one's.
func (a *App) DatabaseURL() string {
	if c := a.private.Load(); c != nil {
		return c.URL(database)
	}
	return a.Config.DatabaseURL
}

// OwnsQueue says whether the queue lives in this process: nobody else drains it then.
func (a *App) OwnsQueue() bool { return a.server != nil }

// Ready reports Unavailable unless the database and the queue answer.
func (a *App) Ready(ctx context.Context) error {
	if err := a.Store.Ping(ctx); err != nil {
		return err
	}
	if a.Queue != nil {
		return a.Queue.Check(ctx)
	}
	return nil
}

// Close closes what Open opened, the last first, and stops what it started. It is safe after a failed Open, and twice.
func (a *App) Close() error {
	if a.Queue != nil {
		a.Queue.Close()
		a.Queue = nil
	}
	if a.server != nil {
		a.server.Stop()
		a.server = nil
	}
	if a.Store != nil {
		a.Store.Close()
		a.Store = nil
	}
	var errs []error
	if a.guard != nil {
		a.guard()
		a.guard = nil
	}
	if cluster := a.private.Swap(nil); cluster != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		errs = append(errs, cluster.Stop(ctx))
	}
	return errors.Join(errs...)
}
