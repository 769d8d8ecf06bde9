package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/feedback"

	"github.com/prometheus/client_golang/prometheus"
)

// noting is a handler that notes what it is given and takes it all.
func noting(r *record) feedback.Handler { return refusing(r, nil) }

// refusing gives each message the error that judge finds for it.
func refusing(r *record, judge func(feedback.Message) error) feedback.Handler {
	return handlerFunc(func(_ context.Context, batch []feedback.Message) []error {
		r.note(batch)
		errs := make([]error, len(batch))
		for i, m := range batch {
			if judge != nil {
				errs[i] = judge(m)
			}
		}
		return errs
	})
}

func TestConsumerTellsTheHandlerWhatItKnows(t *testing.T) {
	conn := newQueue(t)
	must(t, conn.PublishReceived(t.Context(), "acme", "app-store", [][]byte{[]byte("a")})[0])
	items := []feedback.ID{feedback.ItemID("acme", "csv", "1")}
	must(t, conn.PublishStored(t.Context(), feedback.Stored{Workspace: "beta", Items: items}))
	for stage, want := range map[string]feedback.Message{
		Ingest:   {Workspace: "acme", Source: "app-store", Data: []byte("a"), Attempt: 1},
		Classify: {Workspace: "beta", Data: []byte(`{"workspace":"beta","items":["` + items[0].String() + `"]}`), Attempt: 1},
	} {
		got := make(chan feedback.Message, 1)
		run(t, conn, ConsumerConfig{Stage: stage, Handler: handlerFunc(func(_ context.Context, b []feedback.Message) []error {
			got <- b[0]
			return make([]error, len(b))
		})})
		m := <-got
		if m.Workspace != want.Workspace || m.Source != want.Source || string(m.Data) != string(want.Data) || m.Attempt != 1 {
			t.Errorf("%s got %+v, want %+v", stage, m, want)
		}
		if age := time.Since(m.ReceivedAt); age < 0 || age > time.Minute || m.ReceivedAt.Location() != time.UTC {
			t.Errorf("%s: received at %v", stage, m.ReceivedAt)
		}
	}
}

func TestVerdictFollowsTheCode(t *testing.T) {
	for name, tc := range map[string]struct {
		err       error
		calls     int // of the handler, before the message is done with
		buried    feedback.Code
		recovered bool // the error is given once only
	}{
		"none":                   {nil, 1, "", false},
		"invalid":                {feedback.Errorf(feedback.Invalid, "no body"), 1, feedback.Invalid, false},
		"too large":              {feedback.Errorf(feedback.TooLarge, "over the limit"), 1, feedback.TooLarge, false},
		"wrapped":                {fmt.Errorf("decode: %w", feedback.Errorf(feedback.Invalid, "no body")), 1, feedback.Invalid, false},
		"unavailable once":       {feedback.Errorf(feedback.Unavailable, "no database"), 2, "", true},
		"deadline once":          {context.DeadlineExceeded, 2, "", true},
		"internal once":          {feedback.Errorf(feedback.Internal, "bug"), 2, "", true},
		"internal always":        {feedback.Errorf(feedback.Internal, "bug"), 8, feedback.Internal, false},
		"conflict always":        {feedback.Errorf(feedback.Conflict, "moved"), 8, feedback.Conflict, false},
		"not found always":       {feedback.Errorf(feedback.NotFound, "gone"), 8, feedback.NotFound, false},
		"an uncoded one, always": {errors.New("who knows"), 8, feedback.Internal, false},
	} {
		t.Run(name, func(t *testing.T) {
			conn := newQueue(t)
			var seen record
			var graves graveyard
			run(t, conn, ConsumerConfig{Dead: &graves, Handler: refusing(&seen, func(m feedback.Message) error {
				if string(m.Data) != "bad" || tc.recovered && m.Attempt > 1 {
					return nil
				}
				return tc.err
			})})
			publish(t, conn, "good", "bad", "fine")
			drained(t, conn)
			if got := seen.times("bad"); got != tc.calls {
				t.Errorf("handled %d times, want %d", got, tc.calls)
			}
			for _, good := range []string{"good", "fine"} {
				if seen.times(good) != 1 {
					t.Errorf("%q was handled %d times", good, seen.times(good))
				}
			}
			if tc.buried == "" {
				if len(graves.letters) != 0 {
					t.Errorf("dead letters %+v", graves.letters)
				}
				return
			}
			if len(graves.letters) != 1 {
				t.Fatalf("%d dead letters, want 1", len(graves.letters))
			}
			l := graves.letters[0]
			if l.Code != tc.buried || l.Reason != tc.err.Error() || l.Attempts != tc.calls || l.Payload != "bad" || l.Stage != Ingest ||
				l.Workspace != "acme" || l.Source != "csv" || l.ReceivedAt.IsZero() || l.ID != feedback.DeadLetterID("acme", "csv", []byte("bad")) {
				t.Errorf("dead letter %+v", l)
			}
		})
	}
}

func TestConsumerBuriesWhatComesOnAWrongSubject(t *testing.T) {
	conn := newQueue(t)
	for _, subject := range []string{"BAD.csv", "acme", "acme.csv.more", "acme.Csv"} {
		_, err := conn.js.Publish(t.Context(), receivedPrefix+subject, []byte(subject))
		must(t, err)
	}
	publish(t, conn, "good")
	var seen record
	var graves graveyard
	run(t, conn, ConsumerConfig{Handler: noting(&seen), Dead: &graves})
	drained(t, conn)
	if got := graves.payloads(); !slices.Equal(got, []string{"BAD.csv", "acme", "acme.Csv", "acme.csv.more"}) {
		t.Errorf("buried %q", got)
	}
	if seen.size() != 1 || seen.times("good") != 1 {
		t.Errorf("the handler saw %v", seen.seen)
	}
}

func TestOutageBuriesNothingAndPullsOneByOne(t *testing.T) {
	conn := newQueue(t)
	for _, err := range conn.PublishReceived(t.Context(), "acme", "csv", numbered("m", 300)) {
		must(t, err)
	}
	var away atomic.Bool
	var calls atomic.Int64
	var largest atomic.Int64
	away.Store(true)
	var seen record
	var graves graveyard
	reg := prometheus.NewRegistry()
	handler := handlerFunc(func(_ context.Context, batch []feedback.Message) []error {
		if away.Load() {
			if calls.Add(1) > 1 { // the one that finds out
				largest.Store(max(largest.Load(), int64(len(batch))))
			}
			return all(len(batch), feedback.Errorf(feedback.Unavailable, "no database"))
		}
		seen.note(batch)
		return make([]error, len(batch))
	})
	var log bytes.Buffer
	stop := run(t, conn, ConsumerConfig{Handler: handler, Dead: &graves, Workers: 1, Metrics: NewMetrics(reg), Log: slog.New(slog.NewTextHandler(&log, nil))})
	// Far more failures than a message has attempts.
	eventually(t, "100 calls", func() bool { return calls.Load() > 100 })
	if largest.Load() != 1 {
		t.Errorf("a batch of %d was pulled during the outage", largest.Load())
	}
	if got := figure(t, reg, "earshot_queue_paused"); got != 1 {
		t.Errorf("the gauge of the pause says %v", got)
	}
	stop() // the deliveries that were wasted outlive the worker; what it knew of them does not
	if !strings.Contains(log.String(), "no database") {
		t.Errorf("the log doesn't say why: %s", log.String())
	}
	away.Store(false)
	run(t, conn, ConsumerConfig{Handler: handler, Dead: &graves})
	drained(t, conn)
	if len(graves.letters) != 0 {
		t.Errorf("%d dead letters from an outage", len(graves.letters))
	}
	if seen.size() != 300 {
		t.Errorf("%d messages were handled, want 300", seen.size())
	}
}

func TestOneMessageUnavailableForLongIsNeverBuried(t *testing.T) {
	conn := newQueue(t)
	var seen record
	var graves graveyard
	var code atomic.Pointer[feedback.Code]
	unavailable, internal := feedback.Unavailable, feedback.Internal
	code.Store(&unavailable)
	handler := refusing(&seen, func(m feedback.Message) error {
		if string(m.Data) == "stuck" {
			return feedback.Errorf(*code.Load(), "rate limit")
		}
		return nil
	})
	stop := run(t, conn, ConsumerConfig{Handler: handler, Dead: &graves})
	publish(t, conn, "stuck")
	eventually(t, "30 attempts", func() bool { return seen.times("stuck") > 30 })
	publish(t, conn, "other")
	eventually(t, "the others pass it", func() bool { return seen.times("other") == 1 })
	stop()
	before := seen.times("stuck")
	run(t, conn, ConsumerConfig{Handler: handler, Dead: &graves}) // knows only the server's count
	eventually(t, "30 more attempts", func() bool { return seen.times("stuck") > before+30 })
	if got := graves.payloads(); len(got) != 0 {
		t.Errorf("buried %q", got)
	}
	// The control: with another code the same message, delivered as often, gets eight more attempts and is buried.
	code.Store(&internal)
	drained(t, conn)
	if l := graves.letters; len(l) != 1 || l[0].Attempts != 8 {
		t.Errorf("buried %+v", l)
	}
}

func TestTwoConsumersShareTheWork(t *testing.T) {
	conn := newQueue(t)
	var seen [2]record
	both := make(chan struct{})
	var arrived sync.WaitGroup
	arrived.Add(2)
	go func() { arrived.Wait(); close(both) }()
	for i := range seen {
		var once sync.Once
		run(t, conn, ConsumerConfig{Workers: 1, BatchSize: 10, Handler: handlerFunc(func(_ context.Context, b []feedback.Message) []error {
			seen[i].note(b)
			once.Do(arrived.Done)
			<-both // neither goes on before the other has work too
			return make([]error, len(b))
		})})
	}
	for _, err := range conn.PublishReceived(t.Context(), "acme", "csv", numbered("m", 500)) {
		must(t, err)
	}
	drained(t, conn)
	for i := range 500 {
		if d := fmt.Sprint("m-", i); seen[0].times(d)+seen[1].times(d) != 1 {
			t.Errorf("%s was handled %d and %d times", d, seen[0].times(d), seen[1].times(d))
		}
	}
}

func TestRunDrainsTheBatchInFlight(t *testing.T) {
	conn := newQueue(t)
	began, release := make(chan struct{}, 4), make(chan struct{})
	var seen record
	ctx, cancel := context.WithCancel(t.Context())
	c, err := NewConsumer(conn, quick(ConsumerConfig{Workers: 1, BatchSize: 3, Handler: handlerFunc(
		func(ctx context.Context, b []feedback.Message) []error {
			began <- struct{}{}
			<-release
			if ctx.Err() != nil {
				return all(len(b), ctx.Err())
			}
			seen.note(b)
			return make([]error, len(b))
		})}))
	must(t, err)
	publish(t, conn, "a", "b", "c", "d", "e")
	result := make(chan error, 1)
	go func() { result <- c.Run(ctx) }()
	<-began
	cancel()
	select {
	case err := <-result:
		t.Fatalf("Run ended with a batch in flight: %v", err)
	default:
	}
	close(release)
	must(t, <-result)
	if s := received(t, conn); s.InFlight != 0 || s.Pending != 2 || seen.size() != 3 {
		t.Errorf("status %+v after %d handled", s, seen.size())
	}
}

func TestDrainEndsWithItsTime(t *testing.T) {
	conn := newQueue(t)
	began := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	c, err := NewConsumer(conn, quick(ConsumerConfig{Workers: 1, Drain: time.Millisecond, Handler: handlerFunc(
		func(ctx context.Context, b []feedback.Message) []error {
			began <- struct{}{}
			<-ctx.Done() // a database that never answers
			return all(len(b), ctx.Err())
		})}))
	must(t, err)
	publish(t, conn, "a")
	result := make(chan error, 1)
	go func() { result <- c.Run(ctx) }()
	<-began
	cancel()
	must(t, <-result)
	if s := received(t, conn); int(s.Pending)+s.InFlight != 1 {
		t.Errorf("the message is gone: %+v", s)
	}
}

func TestLongWorkIsNotGivenToAnother(t *testing.T) {
	conn := newQueue(t)
	var seen record
	release := make(chan struct{})
	signs, err := conn.nc.SubscribeSync("$JS.ACK." + receivedStream + ".>")
	must(t, err)
	run(t, conn, ConsumerConfig{AckWait: 150 * time.Millisecond, Handler: handlerFunc(
		func(_ context.Context, b []feedback.Message) []error {
			seen.note(b)
			<-release
			return make([]error, len(b))
		})})
	publish(t, conn, "slow")
	for range 12 { // four times as long as it may go without a sign of life
		m, err := signs.NextMsg(30 * time.Second)
		must(t, err)
		if string(m.Data) != "+WPI" {
			t.Fatalf("the server was told %q", m.Data)
		}
	}
	close(release)
	drained(t, conn)
	if seen.times("slow") != 1 {
		t.Errorf("handled %d times", seen.times("slow"))
	}
}

func TestConsumerIsMadeAgainWhenDeleted(t *testing.T) {
	conn := newQueue(t)
	var seen record
	run(t, conn, ConsumerConfig{Handler: noting(&seen)})
	publish(t, conn, "a")
	drained(t, conn)
	must(t, conn.js.DeleteConsumer(t.Context(), receivedStream, Ingest))
	publish(t, conn, "b")
	eventually(t, "it works again", func() bool { return seen.times("b") > 0 })
}

// figure is the sum of a metric over its labels.
func figure(t *testing.T, reg *prometheus.Registry, name string) (sum float64) {
	t.Helper()
	families, err := reg.Gather()
	must(t, err)
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.GetMetric() {
				sum += m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

func TestNewConsumerRefusesWhatCannotRun(t *testing.T) {
	conn := newQueue(t)
	handler := noting(&record{})
	for name, cfg := range map[string]ConsumerConfig{
		"unknown stage":   {Stage: "cluster", Handler: handler, Dead: &graveyard{}},
		"no handler":      {Stage: Ingest, Dead: &graveyard{}},
		"no dead letters": {Stage: Ingest, Handler: handler},
	} {
		_, err := NewConsumer(conn, cfg)
		if feedback.ErrorCode(err) != feedback.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := startServer(t, t.TempDir())
	bare, err := s.Connect(t.Context())
	must(t, err)
	defer bare.Close()
	c, err := NewConsumer(bare, ConsumerConfig{Stage: Ingest, Handler: handler, Dead: &graveyard{}})
	must(t, err)
	wantCode(t, c.Run(t.Context()), feedback.NotFound)
}

func BenchmarkConsume(b *testing.B) {
	conn := newQueue(b)
	total := b.N * 1000
	for i := range b.N {
		for _, err := range conn.PublishReceived(b.Context(), "acme", "csv", numbered(fmt.Sprint(i, strings.Repeat("x", 1000)), 1000)) {
			must(b, err)
		}
	}
	var got atomic.Int64
	finished := make(chan struct{})
	c, err := NewConsumer(conn, ConsumerConfig{Stage: Ingest, Dead: &graveyard{}, Log: quiet(), Handler: handlerFunc(
		func(_ context.Context, batch []feedback.Message) []error {
			if got.Add(int64(len(batch))) == int64(total) {
				close(finished)
			}
			return make([]error, len(batch))
		})})
	must(b, err)
	ctx, cancel := context.WithCancel(b.Context())
	result := make(chan error, 1)
	b.ResetTimer()
	go func() { result <- c.Run(ctx) }()
	<-finished
	b.StopTimer()
	cancel()
	must(b, <-result)
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "msg/s")
}
