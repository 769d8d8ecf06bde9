package queue

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"earshot/feedback"

	"github.com/nats-io/nats.go/jetstream"
)

// DeadLetters keeps messages that could not be taken.
type DeadLetters interface {
	// Bury saves the letters, all or none. Payload is what was sent, byte for byte: it may hold personal data, NUL bytes
	// and invalid UTF-8, and Reason may hold the words of an error that nobody coded. Redacting both is Bury's duty. The
	// same letter may come again.
	Bury(ctx context.Context, letters []feedback.DeadLetter) error
}

// ConsumerConfig says what a consumer does with the messages of a stage.
type ConsumerConfig struct {
	// Stage is Ingest or Classify. All consumers of a stage, in all processes, share its messages.
	Stage string
	// Handler does the work. It is called from Workers goroutines, and again with the same messages after a failure.
	// Its context outlives that of Run by Drain.
	Handler feedback.Handler
	// Dead keeps what the handler refuses for good.
	Dead DeadLetters
	// BatchSize is the most messages in one call of the handler; 0 is 500.
	BatchSize int
	// MaxWait is how long a pull waits for a first message, and the longest that an idle Run takes to end; 0 is 1 s.
	MaxWait time.Duration
	// AckWait is how long after the last sign of life a delivery goes to another worker; 0 is 10 s. A worker gives a
	// sign three times in it, so that work may take longer; after a kill what it held is taken up again this soon.
	AckWait time.Duration
	// MaxDeliver is how many attempts a message gets that fails by a fault of Earshot's own; 0 is 8.
	MaxDeliver int
	// Workers is how many batches are handled at once; 0 is 2.
	Workers int
	// Hold is how long a worker holds a message over which one has died alone before it handles it; 0 is 300 ms. It has to
	// be long beside what the handling of one message takes: see the package's documentation.
	Hold time.Duration
	// Drain is how long a batch in flight may take after Run's ctx ended before its context ends too; 0 is 30 s.
	Drain time.Duration
	// Retry is the wait of a message that failed; the default is 500 ms to 30 s.
	Retry Backoff
	// Outage is the wait while something is away; the default is 250 ms to 5 s.
	Outage Backoff
	// Log hears of outages, panics and dead letters, never of what a message says; nil is slog.Default().
	Log *slog.Logger
	// Metrics counts; nil counts nothing.
	Metrics *Metrics
}

// Consumer pulls the messages of one stage, has them handled and gives the verdicts. Make one with [NewConsumer].
type Consumer struct {
	conn   *Conn
	cfg    ConsumerConfig
	stream stream
	gate   *gate
	ledger ledger
	book   *openBook
	made   atomic.Int64    // when the stream was made; see [feedback.Receipt]
	ending <-chan struct{} // closed when Run's ctx ends
}

// NewConsumer checks cfg and fills in its defaults. Nothing is asked of the server before Run.
//
// Errors: Invalid for an unknown stage or a missing part.
func NewConsumer(conn *Conn, cfg ConsumerConfig) (*Consumer, error) {
	s, err := streamOf(cfg.Stage)
	if err != nil {
		return nil, err
	}
	if conn == nil || cfg.Handler == nil || cfg.Dead == nil {
		return nil, feedback.Errorf(feedback.Invalid, "a consumer needs a connection, a handler and dead letters")
	}
	setDefault(&cfg.BatchSize, 500)
	setDefault(&cfg.MaxWait, time.Second)
	setDefault(&cfg.AckWait, 10*time.Second)
	setDefault(&cfg.MaxDeliver, 8)
	setDefault(&cfg.Workers, 2)
	setDefault(&cfg.Hold, 300*time.Millisecond)
	setDefault(&cfg.Drain, 30*time.Second)
	cfg.Retry = cfg.Retry.orElse(Backoff{500 * time.Millisecond, 30 * time.Second})
	cfg.Outage = cfg.Outage.orElse(Backoff{250 * time.Millisecond, 5 * time.Second})
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	cfg.Log = cfg.Log.With("stage", cfg.Stage)
	if cfg.Metrics == nil {
		cfg.Metrics = newMetrics()
	}
	return &Consumer{conn: conn, cfg: cfg, stream: s, gate: newGate(cfg.Outage)}, nil
}

func setDefault[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// Run pulls and handles until ctx ends, and returns when the batches in flight have their verdicts; its result is nil
// then. It outlives any outage of the server.
//
// Errors: NotFound before [Conn.EnsureStreams], Unavailable where the server does not answer at the start.
func (c *Consumer) Run(ctx context.Context) error {
	kv, err := c.conn.js.KeyValue(ctx, attemptsBucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return feedback.Errorf(feedback.NotFound, "consume %s: the bucket %s does not exist", c.stream.name, attemptsBucket)
	}
	if err != nil {
		return coded("consume "+c.stream.name, err)
	}
	c.ending = ctx.Done()
	c.ledger = ledger{kv: kv, stage: c.cfg.Stage}
	c.book = newOpenBook(kv, c.cfg.Stage)
	settled, err := c.ensure(ctx)
	if err != nil {
		return err
	}
	if err := c.book.tidy(ctx, settled); err != nil {
		return err
	}
	if err := c.book.load(ctx); err != nil {
		return err
	}
	pullers := make([]*puller, c.cfg.Workers)
	for i := range pullers {
		if pullers[i], err = newPuller(c.conn.nc, c.stream, c.made.Load, i, c.cfg.MaxWait); err != nil {
			return err
		}
		defer pullers[i].close()
	}

	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	over := make(chan struct{})
	var drain sync.WaitGroup
	drain.Go(func() {
		select {
		case <-over:
			return
		case <-ctx.Done():
		}
		limit := time.NewTimer(c.cfg.Drain)
		defer limit.Stop()
		select {
		case <-over:
		case <-limit.C:
			cancel()
		}
	})
	var workers sync.WaitGroup
	for _, p := range pullers {
		workers.Go(func() { c.work(ctx, working, p) })
	}
	workers.Wait()
	close(over)
	drain.Wait()
	if err := c.book.close(ctx, len(pullers)); err != nil {
		c.cfg.Log.Warn("the next start will take some messages in smaller batches", "error", err)
	}
	return nil
}

// ensure makes the stage's durable consumer, or brings its settings up to date, and gives the sequence up to which every
// message has its verdict.
func (c *Consumer) ensure(ctx context.Context) (settled uint64, err error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	js, err := c.conn.js.Stream(ctx, c.stream.name)
	if err != nil {
		return 0, coded("look at the stream "+c.stream.name, err)
	}
	c.made.Store(madeAt(js))
	durable, err := c.conn.js.CreateOrUpdateConsumer(ctx, c.stream.name, jetstream.ConsumerConfig{
		Durable:       c.cfg.Stage,
		AckPolicy:     jetstream.AckExplicitPolicy,
		DeliverPolicy: jetstream.DeliverAllPolicy,
		AckWait:       c.cfg.AckWait, // and no BackOff: its first step would take AckWait's place
		MaxDeliver:    -1,            // the verdicts decide; the server would drop a message in silence
		MaxAckPending: max(20_000, 4*c.cfg.BatchSize*c.cfg.Workers),
	})
	if err != nil {
		return 0, coded("make the consumer "+c.cfg.Stage, err)
	}
	return durable.CachedInfo().AckFloor.Stream, nil
}

// work is one worker: it pulls under ctx and handles under working.
func (c *Consumer) work(ctx, working context.Context, p *puller) {
	failures := 0
	for {
		pass, ok := c.gate.enter(ctx)
		if !ok {
			return
		}
		n := c.cfg.BatchSize
		if pass.probe {
			n = 1
		}
		batch, err := p.pull(n)
		result := nothing
		var why error
		if len(batch) > 0 {
			result, why = c.process(working, p.worker, batch)
		}
		if c.gate.report(pass, result) {
			c.tellOutage(result == outage, why)
		}
		switch {
		case errors.Is(err, errBusy):
			pause(ctx, 5*time.Millisecond)
		case err != nil && ctx.Err() == nil:
			failures++
			c.pullFailed(ctx, err, failures)
		default:
			failures = 0
		}
	}
}

// pullFailed waits after a pull that failed, and makes the consumer again where somebody deleted it.
func (c *Consumer) pullFailed(ctx context.Context, err error, failures int) {
	if failures == 1 {
		c.cfg.Log.Warn("cannot pull", "error", err)
	}
	if !pause(ctx, c.cfg.Outage.after(failures)) {
		return
	}
	if feedback.ErrorCode(err) == feedback.NotFound || failures > 1 {
		if _, err := c.ensure(ctx); err != nil && failures == 2 {
			c.cfg.Log.Warn("cannot make the consumer", "error", err)
		}
	}
}

// tellOutage says that an outage began, and by what error of the handler, or that it ended.
func (c *Consumer) tellOutage(began bool, why error) {
	gauge := c.cfg.Metrics.paused.WithLabelValues(c.cfg.Stage)
	if began {
		gauge.Set(1)
		c.cfg.Log.Warn("pulling pauses: what the stage needs is away", "error", why)
		return
	}
	gauge.Set(0)
	c.cfg.Log.Info("pulling goes on")
}
