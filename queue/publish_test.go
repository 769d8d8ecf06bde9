package queue

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/feedback"

	"github.com/nats-io/nats.go/jetstream"
)

func TestPublishReceivedKeepsEveryMessage(t *testing.T) {
	first := numbered("m", 1500)
	for name, tc := range map[string]struct {
		calls [][][]byte
		want  uint64
	}{
		"one message":                   {[][][]byte{first[:1]}, 1},
		"two messages":                  {[][][]byte{first[:2]}, 2},
		"a whole batch":                 {[][][]byte{first[:1000]}, 1000},
		"more than a batch":             {[][][]byte{first[:1001]}, 1001},
		"the same twice in a call":      {[][][]byte{append(first[:10:10], first[:10]...)}, 20},
		"the same call twice":           {[][][]byte{first[:20], first[:20]}, 40},
		"calls that overlap":            {[][][]byte{first[:100], first[50:150]}, 200},
		"a single that was sent before": {[][][]byte{first[:5], first[2:3]}, 6},
		"no message":                    {[][][]byte{{}}, 0},
		"more bytes than a batch has":   {[][][]byte{large(6, 3<<20)}, 6},
		"an empty message among others": {[][][]byte{{[]byte("a"), nil, []byte("b")}}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			conn := newQueue(t)
			for _, data := range tc.calls {
				errs := conn.PublishReceived(t.Context(), "acme", "app-store", data)
				if len(errs) != len(data) {
					t.Fatalf("%d results for %d messages", len(errs), len(data))
				}
				for _, err := range errs {
					must(t, err)
				}
			}
			if got := received(t, conn).Messages; got != tc.want {
				t.Errorf("the stream holds %d messages, want %d", got, tc.want)
			}
		})
	}
}

// everything is a sequence that the books are never behind.
const everything = math.MaxUint64

func large(n, size int) [][]byte {
	data := make([][]byte, n)
	for i := range data {
		data[i] = bytes.Repeat([]byte{byte('a' + i)}, size)
	}
	return data
}

func TestPublishReceivedTellsMessagesApartBySubjectAndContent(t *testing.T) {
	conn := newQueue(t)
	data := [][]byte{[]byte(`{"external_id":"1","body":"a"}`)}
	must(t, conn.PublishReceived(t.Context(), "acme", "csv", data)[0])
	must(t, conn.PublishReceived(t.Context(), "acme", "survey", data)[0])
	must(t, conn.PublishReceived(t.Context(), "other", "csv", data)[0])
	must(t, conn.PublishReceived(t.Context(), "acme", "csv", [][]byte{[]byte(`{"external_id":"1","body":"edited"}`)})[0])
	if got := received(t, conn).Messages; got != 4 {
		t.Errorf("the stream holds %d messages, want 4", got)
	}
}

func TestPublishReceivedRefusesBadNames(t *testing.T) {
	conn := newQueue(t)
	for _, names := range [][2]string{{"", "csv"}, {"acme", ""}, {"a.b", "csv"}, {"acme", "*"}, {">", "csv"}, {"acme", "c d"}, {"ACME", "csv"}} {
		for _, err := range conn.PublishReceived(t.Context(), names[0], names[1], numbered("x", 3)) {
			wantCode(t, err, feedback.Invalid)
		}
	}
	wantCode(t, conn.PublishStored(t.Context(), feedback.Stored{Workspace: "a.b"}), feedback.Invalid)
	if got := received(t, conn).Messages; got != 0 {
		t.Errorf("the stream holds %d messages", got)
	}
}

func TestPublishReceivedRefusesOnlyWhatIsTooLarge(t *testing.T) {
	conn := newQueue(t)
	data := [][]byte{[]byte("a"), make([]byte, feedback.MaxMessage+1), make([]byte, feedback.MaxMessage), []byte("b")}
	errs := conn.PublishReceived(t.Context(), "acme", "csv", data)
	wantCode(t, errs[1], feedback.TooLarge, "4194304")
	for _, i := range []int{0, 2, 3} {
		must(t, errs[i])
	}
	if got := received(t, conn).Messages; got != 3 {
		t.Errorf("the stream holds %d messages, want 3", got)
	}
}

func TestPublishReceivedWithoutAtomicBatches(t *testing.T) {
	conn := newQueue(t)
	js, err := conn.js.Stream(t.Context(), receivedStream)
	must(t, err)
	cfg := js.CachedInfo().Config
	cfg.AllowAtomicPublish = false
	_, err = conn.js.UpdateStream(t.Context(), cfg)
	must(t, err)
	for _, prefix := range []string{"found out", "remembered"} {
		for _, err := range conn.PublishReceived(t.Context(), "acme", "csv", numbered(prefix, 300)) {
			must(t, err)
		}
		if !conn.noAtomic.Load() {
			t.Error("the connection does not remember that the stream takes no batches")
		}
	}
	if got := received(t, conn).Messages; got != 600 {
		t.Errorf("the stream holds %d messages, want 600", got)
	}
}

func TestPublishUnderstandsAServerThatKnowsNoBatches(t *testing.T) {
	c := &Conn{fault: func() error { return nil }}
	// Such a server keeps a batch's first message as any other and says so.
	if err := c.refused("publish", []byte(`{"stream":"EARSHOT_RECEIVED","seq":7}`)); err != errNotAtomic || !c.noAtomic.Load() {
		t.Errorf("got %v, remembered %v", err, c.noAtomic.Load())
	}
	wantCode(t, c.refused("publish", []byte(`nonsense`)), feedback.Internal)
	wantCode(t, c.refused("publish", []byte(`{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"}}`)), feedback.Unavailable)
}

func TestPublishReceivedFromManyAtOnce(t *testing.T) {
	conn := newQueue(t)
	var wg sync.WaitGroup
	for w := range 60 { // more than a stream has room for batches
		wg.Go(func() {
			for _, err := range conn.PublishReceived(t.Context(), "acme", "csv", numbered(fmt.Sprint("w", w), 20)) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := received(t, conn).Messages; got != 1200 {
		t.Errorf("the stream holds %d messages, want 1200", got)
	}
}

func TestPublishSaysThatTheServersDiskIsFull(t *testing.T) {
	for text, words := range map[string]string{
		"JetStream stream 'x' critical write error: write 2.blk: no space left on device": "disk is full",
		"Filestore [x] Critical write error: input/output error":                          "cannot be written",
	} {
		s := startServer(t, t.TempDir())
		conn := open(t, s, StreamsConfig{})
		publish(t, conn, "a")
		log := newServerLog(quiet())
		conn.fault = log.fault
		log.Errorf("%s", text) // as the server says it; a publisher gets no answer from then on
		for _, err := range conn.PublishReceived(t.Context(), "acme", "csv", numbered("x", 3)) {
			wantCode(t, err, feedback.Unavailable, words, "taken again")
		}
		wantCode(t, conn.PublishStored(t.Context(), feedback.Stored{Workspace: "acme"}), feedback.Unavailable, words)
		wantCode(t, conn.Check(t.Context()), feedback.Unavailable, words)
	}
}

func TestPublishFailsWithoutStreams(t *testing.T) {
	s := startServer(t, t.TempDir())
	conn, err := s.Connect(t.Context())
	must(t, err)
	defer conn.Close()
	for _, n := range []int{1, 5} {
		for _, err := range conn.PublishReceived(t.Context(), "acme", "csv", numbered("x", n)) {
			wantCode(t, err, feedback.Unavailable, "no stream answers")
		}
	}
	_, err = conn.Status(t.Context())
	wantCode(t, err, feedback.NotFound)
	_, err = conn.Trim(t.Context(), everything)
	wantCode(t, err, feedback.NotFound)
}

func TestFullStreamRefusesUntilTrimmed(t *testing.T) {
	conn := open(t, startServer(t, t.TempDir()), StreamsConfig{MaxBytes: 64 << 10})
	body := strings.Repeat("x", 1000)
	fill := func() (accepted int, refused error) {
		for i := 0; ; i++ {
			data := [][]byte{fmt.Appendf(nil, "%s-%d-%d", body, received(t, conn).Messages, i)}
			if err := conn.PublishReceived(t.Context(), "acme", "csv", data)[0]; err != nil {
				return i, err
			}
		}
	}
	accepted, refused := fill()
	wantCode(t, refused, feedback.Unavailable, "queue is full", "later")
	if accepted == 0 {
		t.Fatal("nothing was accepted")
	}
	for _, err := range conn.PublishReceived(t.Context(), "acme", "csv", numbered(body, 5)) {
		wantCode(t, err, feedback.Unavailable, "queue is full")
	}
	if got := received(t, conn).Messages; got != uint64(accepted) {
		t.Fatalf("the stream holds %d messages, %d were accepted", got, accepted)
	}

	var seen record
	run(t, conn, ConsumerConfig{Handler: noting(&seen)})
	drained(t, conn)
	removed, err := conn.Trim(t.Context(), everything)
	must(t, err)
	if removed != uint64(accepted) || seen.size() != accepted {
		t.Errorf("removed %d, delivered %d, accepted %d", removed, seen.size(), accepted)
	}
	if again, _ := fill(); again == 0 {
		t.Error("the stream takes nothing after the trim")
	}
}

func TestPublishStoredDeliversTheSameIdsAgain(t *testing.T) {
	conn := newQueue(t)
	stored := feedback.Stored{Workspace: "acme", Items: []feedback.ID{feedback.ItemID("acme", "csv", "1")}}
	must(t, conn.PublishStored(t.Context(), stored))
	must(t, conn.PublishStored(t.Context(), stored))
	s, err := conn.Status(t.Context())
	must(t, err)
	if s.Streams[1].Messages != 2 || s.Drained() {
		t.Errorf("status %+v", s)
	}
}

func TestTrimKeepsWhatIsNotAcknowledged(t *testing.T) {
	conn := newQueue(t)
	ctx := t.Context()
	publish(t, conn, "a", "b", "c", "d", "e")
	sequences := func() (first, n uint64) {
		js, err := conn.js.Stream(ctx, receivedStream)
		must(t, err)
		return js.CachedInfo().State.FirstSeq, js.CachedInfo().State.Msgs
	}
	trim := func(wantFirst, wantLeft uint64) {
		t.Helper()
		_, err := conn.Trim(ctx, everything)
		must(t, err)
		if first, n := sequences(); first != wantFirst || n != wantLeft {
			t.Fatalf("%d messages from %d on are left, want %d from %d on", n, first, wantLeft, wantFirst)
		}
	}
	consumer := func(name string) jetstream.Consumer {
		c, err := conn.js.CreateOrUpdateConsumer(ctx, receivedStream, jetstream.ConsumerConfig{
			Durable: name, AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Hour, MaxDeliver: -1})
		must(t, err)
		return c
	}
	take := func(c jetstream.Consumer, n int) (msgs []jetstream.Msg) {
		batch, err := c.Fetch(n)
		must(t, err)
		for m := range batch.Messages() {
			msgs = append(msgs, m)
		}
		return msgs
	}

	other := consumer("other")
	for _, m := range take(other, 5) {
		must(t, m.DoubleAck(ctx))
	}
	trim(1, 5) // the stage itself has not run

	ingest := consumer(Ingest)
	msgs := take(ingest, 4)
	trim(1, 5) // delivered is not acknowledged
	must(t, msgs[0].DoubleAck(ctx))
	must(t, msgs[2].DoubleAck(ctx))
	trim(2, 4) // "b" is open: what lies behind it stays
	late := consumer("late")
	must(t, msgs[1].DoubleAck(ctx))
	must(t, msgs[3].DoubleAck(ctx))
	trim(2, 4) // the slowest consumer decides
	for _, m := range take(late, 4) {
		must(t, m.DoubleAck(ctx))
	}
	trim(5, 1)

	// The control: a floor that ignores the open messages would have cut them off.
	js, err := conn.js.Stream(ctx, receivedStream)
	must(t, err)
	floor, known, err := ackFloor(ctx, js, Ingest)
	must(t, err)
	must(t, js.Purge(ctx, jetstream.WithPurgeSequence(floor+2)))
	if _, n := sequences(); !known || n != 0 {
		t.Errorf("the check would not see a purge beyond the floor: %d left", n)
	}
}

func BenchmarkPublishReceived(b *testing.B) {
	for _, bc := range []struct{ batch, publishers int }{{1, 1}, {1, 64}, {100, 1}, {500, 1}, {500, 2}, {1000, 1}, {1000, 4}} {
		b.Run(fmt.Sprintf("batch=%d/publishers=%d", bc.batch, bc.publishers), func(b *testing.B) {
			conn := newQueue(b)
			body := bytes.Repeat([]byte("x"), 1000)
			next := make(chan int, b.N)
			for i := range b.N {
				next <- i
			}
			close(next)
			b.ResetTimer()
			var wg sync.WaitGroup
			for range bc.publishers {
				wg.Go(func() {
					for n := range next {
						data := make([][]byte, bc.batch)
						for i := range data {
							data[i] = fmt.Appendf(nil, "%d-%d-%s", n, i, body)
						}
						for _, err := range conn.PublishReceived(b.Context(), "acme", "csv", data) {
							if err != nil {
								b.Error(err)
							}
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N*bc.batch)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}
