package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"earshot/feedback"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
)

func TestPanicCostsOnlyTheMessageThatPanics(t *testing.T) {
	conn := newQueue(t)
	var graves graveyard
	var done record
	var calls atomic.Int64
	handler := handlerFunc(func(_ context.Context, batch []feedback.Message) []error {
		calls.Add(1)
		for _, m := range batch {
			if strings.HasPrefix(string(m.Data), "poison") {
				panic("text of " + string(m.Data))
			}
			if string(m.Data) == "no index" {
				var none []int
				_ = none[len(m.Data)]
			}
		}
		done.note(batch)
		return make([]error, len(batch))
	})
	data := append(numbered("m", 400), []byte("poison-1"), []byte("no index"))
	data = append(data, numbered("n", 98)...)
	for _, err := range conn.PublishReceived(t.Context(), "acme", "csv", data) {
		must(t, err)
	}
	reg := prometheus.NewRegistry()
	stop := run(t, conn, ConsumerConfig{Handler: handler, Dead: &graves, Workers: 1, Metrics: NewMetrics(reg)})
	drained(t, conn)
	stop()
	if got := graves.payloads(); !slices.Equal(got, []string{"no index", "poison-1"}) {
		t.Fatalf("buried %q", got)
	}
	for _, l := range graves.letters {
		if l.Code != feedback.Internal || l.Attempts != 8 || !strings.Contains(l.Reason, "panic in earshot/queue.TestPanic") ||
			strings.Contains(l.Reason, "text of") {
			t.Errorf("dead letter %+v", l)
		}
		if l.Payload == "no index" && !strings.Contains(l.Reason, "index out of range") {
			t.Errorf("reason %q", l.Reason)
		}
	}
	if done.size() != 498 {
		t.Errorf("%d of the others were handled, want 498", done.size())
	}
	for data, n := range done.seen {
		if n != 1 {
			t.Errorf("%q was handled %d times", data, n)
		}
	}
	if calls.Load() > 80 { // one by one it would take over 500
		t.Errorf("%d calls to find two messages among 500", calls.Load())
	}
	if got := figure(t, reg, "earshot_queue_panics_total"); got < 16 {
		t.Errorf("%v panics are counted, there were at least 8 of each message", got)
	}
	if got := figure(t, reg, "earshot_queue_messages_total"); got != 500+2*7 {
		t.Errorf("%v verdicts are counted, want 514", got)
	}
}

func TestWrongNumberOfResultsIsAFault(t *testing.T) {
	conn := newQueue(t)
	var graves graveyard
	run(t, conn, ConsumerConfig{Dead: &graves, Handler: handlerFunc(func(_ context.Context, b []feedback.Message) []error {
		return make([]error, len(b)+1)
	})})
	publish(t, conn, "a")
	drained(t, conn)
	if len(graves.letters) != 1 || !strings.Contains(graves.letters[0].Reason, "2 results for 1") {
		t.Errorf("dead letters %+v", graves.letters)
	}
}

func TestMessagesThatKillTheirWorkerAreBuriedUnparsed(t *testing.T) {
	const killers, each = 2, 8 // 3 with others, 5 alone
	dir := t.TempDir()
	h := startHelper(t, dir)
	for _, line := range []string{"before", "die", "between", "die as well", "after"} {
		h.say(line)
		h.expect(line)
	}
	kills := 0
	for {
		h.say("consume")
		if h.ended() {
			break
		}
		if kills++; kills > killers*each {
			t.Fatalf("they go on killing workers, after %d", kills)
		}
		h = startHelper(t, dir)
	}
	if kills < each {
		t.Errorf("they killed %d workers, want at least %d", kills, each)
	}
	conn := open(t, startServer(t, dir), StreamsConfig{})
	if s := received(t, conn); s.Pending != 0 || s.InFlight != 0 {
		t.Errorf("status %+v", s)
	}
}

// A worker that is killed while it holds a message must not cost the message; one that dies of it must.
func TestOnlyDeathsOverAMessageSpeakAgainstIt(t *testing.T) {
	for name, tc := range map[string]struct {
		phase  func(tries) tries // in which every worker dies
		buried int
	}{
		"while it was held":    {tries.held, 0},
		"while it was handled": {tries.handled, 1},
	} {
		t.Run(name, func(t *testing.T) {
			server := startServer(t, t.TempDir())
			conn := open(t, server, StreamsConfig{})
			publish(t, conn, "m")
			kv, err := conn.js.KeyValue(t.Context(), attemptsBucket)
			must(t, err)
			d := &delivery{Message: feedback.Message{Workspace: "acme", Source: "csv", Data: []byte("m"), Receipt: feedback.Receipt{Sequence: 1}}}
			must(t, newOpenBook(kv, Ingest).open(t.Context(), 0, []*delivery{d}, suspectLevel))
			l := ledger{kv: kv, stage: Ingest}
			must(t, l.write(t.Context(), d.Message, tries{Died: 1}))
			var graves graveyard
			var seen record
			for range 8 {
				before, err := l.read(t.Context(), d.Message)
				must(t, err)
				if len(graves.payloads()) > 0 {
					break
				}
				phase := tc.phase(before)
				killed := open(t, server, StreamsConfig{}) // a worker whose connection is gone can do nothing more
				pages, err := kv.Watch(t.Context(), l.key(d.Message), jetstream.UpdatesOnly())
				must(t, err)
				life, end := context.WithCancel(t.Context())
				hold := time.Hour
				if phase.Died > before.Died {
					hold = time.Millisecond
				}
				c, err := NewConsumer(killed, quick(ConsumerConfig{Workers: 1, AckWait: 20 * time.Millisecond, Hold: hold, Dead: &graves,
					Handler: handlerFunc(func(_ context.Context, b []feedback.Message) []error {
						<-life.Done()
						return make([]error, len(b))
					})}))
				must(t, err)
				result := make(chan error, 1)
				go func() { result <- c.Run(life) }()
				eventually(t, "the worker comes to the phase or buries", func() bool {
					if len(graves.payloads()) > 0 {
						return true
					}
					select {
					case entry := <-pages.Updates():
						var now tries
						return entry != nil && json.Unmarshal(entry.Value(), &now) == nil && now == phase
					default:
						return false
					}
				})
				killed.Close()
				end()
				must(t, <-result)
				must(t, pages.Stop())
			}
			publish(t, conn, "another")
			run(t, conn, ConsumerConfig{AckWait: 20 * time.Millisecond, Dead: &graves, Handler: noting(&seen)})
			drained(t, conn)
			if got := len(graves.payloads()); got != tc.buried || seen.times("m") != 1-tc.buried {
				t.Errorf("%d dead letters, handled %d times; want %d", got, seen.times("m"), tc.buried)
			}
		})
	}
}

// Each process lives 100 ms on average, and a message takes as long.
func TestKillsFromOutsideDoNotConvict(t *testing.T) {
	const messages, handling = 20_000, 0.1
	convicted := func(hold float64) (n int) {
		chance := rand.New(rand.NewPCG(1, 2))
		for range messages {
			var t tries
			for survived := false; !survived && t.Died < 5; {
				life := 0.1 * chance.ExpFloat64()
				held := t.Died > 0 && hold > 0
				switch wait := hold * (0.5 + chance.Float64()); {
				case held && life < wait:
					t = t.held()
				case held && life < wait+handling, !held && life < handling:
					t = t.handled()
				default:
					survived = true
				}
			}
			if t.Died >= 5 {
				n++
			}
		}
		return n
	}
	if n := convicted(0.3); n > messages/1000 {
		t.Errorf("%d of %d innocents are taken for killers", n, messages)
	}
	if n := convicted(0); n < messages/20 {
		t.Errorf("without the hold only %d of %d are: the kills are too few to prove anything", n, messages)
	}
}

func TestDeathsOfOtherWorkersDecideHowManyAreHandledAtOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		level   int
		died    int
		largest int
		calls   int
		buried  int
	}{
		"nobody died":          {0, 0, 64, 1, 0},
		"one died":             {1, 0, 8, 8, 0},
		"two died":             {2, 0, 1, 64, 0},
		"three died":           {3, 0, 1, 64, 0},
		"four alone":           {3, 4, 1, 64, 0},
		"as often as may be":   {3, 5, 0, 0, 64},
		"alone, then not open": {0, 5, 64, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			conn := newQueue(t)
			ctx := t.Context()
			for _, err := range conn.PublishReceived(ctx, "acme", "csv", numbered("m", 64)) {
				must(t, err)
			}
			kv, err := conn.js.KeyValue(ctx, attemptsBucket)
			must(t, err)
			l := ledger{kv: kv, stage: Ingest}
			ds := make([]*delivery, 64)
			for i := range ds {
				m := feedback.Message{Workspace: "acme", Source: "csv", Data: fmt.Appendf(nil, "m-%d", i),
					Receipt: feedback.Receipt{Sequence: uint64(i + 1)}}
				ds[i] = &delivery{Message: m}
				if tc.died > 0 {
					must(t, l.write(ctx, m, tries{Died: tc.died}))
				}
			}
			if tc.level > 0 { // what a worker that was killed leaves behind
				must(t, newOpenBook(kv, Ingest).open(ctx, 0, ds, tc.level-1))
			}
			var graves graveyard
			var largest, calls atomic.Int64
			stop := run(t, conn, ConsumerConfig{Workers: 1, BatchSize: 64, Dead: &graves, Handler: handlerFunc(
				func(_ context.Context, b []feedback.Message) []error {
					calls.Add(1)
					largest.Store(max(largest.Load(), int64(len(b))))
					return make([]error, len(b))
				})})
			drained(t, conn)
			stop()
			if int(largest.Load()) != tc.largest || int(calls.Load()) != tc.calls || len(graves.letters) != tc.buried {
				t.Errorf("%d calls of up to %d, %d buried; want %d, %d, %d", calls.Load(), largest.Load(), len(graves.letters), tc.calls, tc.largest, tc.buried)
			}
			if tc.level == suspectLevel && tc.buried == 0 {
				for _, d := range ds {
					if got, err := l.read(ctx, d.Message); err != nil || got != (tries{}) {
						t.Fatalf("tries %+v are not forgotten (%v)", got, err)
					}
				}
			}
			for _, g := range graves.letters {
				if g.Code != feedback.Internal || !strings.Contains(g.Reason, "stops its worker") {
					t.Fatalf("dead letter %+v", g)
				}
			}
		})
	}
}

func TestBookForgetsConsumersThatEndedAndWhatIsSettled(t *testing.T) {
	conn := newQueue(t)
	publish(t, conn, "a", "b")
	stop := run(t, conn, ConsumerConfig{Handler: noting(&record{})})
	drained(t, conn)
	stop()
	kv, err := conn.js.KeyValue(t.Context(), attemptsBucket)
	must(t, err)
	m := feedback.Message{Receipt: feedback.Receipt{Sequence: 2}}
	must(t, newOpenBook(kv, Ingest).open(t.Context(), 0, []*delivery{{Message: m}}, 0)) // killed after its verdict
	publish(t, conn, "c")
	stop = run(t, conn, ConsumerConfig{Handler: noting(&record{})})
	drained(t, conn)
	stop()
	if keys, err := kv.Keys(t.Context()); !errors.Is(err, jetstream.ErrNoKeysFound) {
		t.Errorf("left behind: %v, %v", keys, err)
	}
}
