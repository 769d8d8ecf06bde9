package queue

import (
	"context"
	"errors"
	"time"

	"earshot/feedback"

	"github.com/nats-io/nats.go/jetstream"
)

// The stages that consume. Each is the name of a durable consumer on a stream of its own.
const (
	Ingest   = "ingest"   // takes what producers sent
	Classify = "classify" // takes the ids of items that were saved
)

const (
	receivedStream = "EARSHOT_RECEIVED"
	storedStream   = "EARSHOT_STORED"
	receivedPrefix = "feedback.received."
	storedPrefix   = "feedback.stored."
	attemptsBucket = "EARSHOT_ATTEMPTS"

	attemptsKept     = 7 * 24 * time.Hour
	attemptsMaxBytes = 64 << 20
	duplicateWindow  = 2 * time.Minute // for producers that publish by themselves, with ids of their own
	headerRoom       = 64 << 10
)

// defaultMaxBytes is how much EARSHOT_RECEIVED holds where nothing else is said.
const defaultMaxBytes = 4 << 30

// stream is one of Earshot's two streams and the stage that drains it.
type stream struct {
	name, prefix, stage string
}

var streams = []stream{
	{name: receivedStream, prefix: receivedPrefix, stage: Ingest},
	{name: storedStream, prefix: storedPrefix, stage: Classify},
}

// StreamsConfig says how much is kept, and how often.
type StreamsConfig struct {
	// Replicas is how many servers keep each message; 0 is 1. More than one needs a cluster.
	Replicas int
	// MaxBytes is the most that EARSHOT_RECEIVED holds, 0 is 4 GiB; EARSHOT_STORED, which holds ids only, gets a quarter
	// of it. A full stream takes no more: publishing fails as Unavailable until [Conn.Trim] has made room.
	MaxBytes int64
}

// EnsureStreams makes the two streams and the bucket that counts failures, or brings their settings up to date.
//
// Errors: Invalid for settings that the server cannot follow, Unavailable where it does not answer or lacks storage.
func (c *Conn) EnsureStreams(ctx context.Context, cfg StreamsConfig) error {
	if cfg.Replicas == 0 {
		cfg.Replicas = 1
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = defaultMaxBytes
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	for _, s := range streams {
		size := cfg.MaxBytes
		if s.name == storedStream {
			size = max(size/4, 1)
		}
		made, err := c.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name:       s.name,
			Subjects:   []string{s.prefix + ">"},
			Storage:    jetstream.FileStorage,
			Retention:  jetstream.LimitsPolicy, // a work queue would sync every acknowledgement
			Discard:    jetstream.DiscardNew,
			MaxBytes:   size,
			MaxMsgSize: feedback.MaxMessage + headerRoom,
			Duplicates: duplicateWindow,
			Replicas:   cfg.Replicas,

			AllowAtomicPublish: true,
		})
		if err != nil {
			return coded("make the stream "+s.name, err)
		}
		c.noAtomic.Store(!made.CachedInfo().Config.AllowAtomicPublish)
	}
	_, err := c.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket:   attemptsBucket,
		TTL:      attemptsKept,
		MaxBytes: attemptsMaxBytes,
		Replicas: cfg.Replicas,
	})
	return coded("make the bucket "+attemptsBucket, err)
}

// Trim removes from each stream what all of its durable consumers have acknowledged, and returns how many messages
// that were. Of EARSHOT_RECEIVED it keeps what comes after the sequence booked: what the books do not know yet. A stream
// whose stage has not run yet keeps everything.
//
// Errors: NotFound before [Conn.EnsureStreams], Unavailable where the server does not answer.
func (c *Conn) Trim(ctx context.Context, booked uint64) (removed uint64, err error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	for _, s := range streams {
		n, err := c.trim(ctx, s, booked)
		if err != nil {
			return removed, coded("trim the stream "+s.name, err)
		}
		removed += n
	}
	return removed, nil
}

func (c *Conn) trim(ctx context.Context, s stream, booked uint64) (uint64, error) {
	js, err := c.js.Stream(ctx, s.name)
	if err != nil {
		return 0, err
	}
	floor, known, err := ackFloor(ctx, js, s.stage)
	if err != nil || !known {
		return 0, err
	}
	if s.name == receivedStream {
		floor = min(floor, booked)
	}
	before := js.CachedInfo().State
	if before.Msgs == 0 || floor < before.FirstSeq {
		return 0, nil
	}
	if err := js.Purge(ctx, jetstream.WithPurgeSequence(floor+1)); err != nil {
		return 0, err
	}
	after, err := js.Info(ctx)
	if err != nil {
		return 0, err
	}
	// What was published meanwhile stands in neither count: the sequences say what went.
	return min(after.State.FirstSeq, before.LastSeq+1) - before.FirstSeq, nil
}

// ackFloor is the highest sequence up to which every durable consumer of the stream has acknowledged all; known is
// false where the stage's own consumer does not exist, for then nothing may go.
func ackFloor(ctx context.Context, js jetstream.Stream, stage string) (floor uint64, known bool, err error) {
	lister := js.ListConsumers(ctx)
	first := true
	for info := range lister.Info() {
		if info.Config.Durable == "" {
			continue
		}
		known = known || info.Config.Durable == stage
		if first || info.AckFloor.Stream < floor {
			floor = info.AckFloor.Stream
		}
		first = false
	}
	if err := lister.Err(); err != nil && !errors.Is(err, jetstream.ErrEndOfData) {
		return 0, false, err
	}
	return floor, known, nil
}

// streamOf finds the stream that the stage drains.
func streamOf(stage string) (stream, error) {
	for _, s := range streams {
		if s.stage == stage {
			return s, nil
		}
	}
	return stream{}, feedback.Errorf(feedback.Invalid, "no stage of the queue is called %q", stage).
		WithHint("it is %s or %s", Ingest, Classify)
}
