package queue

import (
	"slices"
	"sync/atomic"
	"testing"

	"earshot/feedback"
)

func TestMessageStaysUntilItsDeadLetterIsSaved(t *testing.T) {
	for name, code := range map[string]feedback.Code{"store away": feedback.Unavailable, "store broken": feedback.Internal} {
		t.Run(name, func(t *testing.T) {
			conn := newQueue(t)
			var broken atomic.Bool
			var tries atomic.Int64
			broken.Store(true)
			graves := graveyard{fail: func([]feedback.DeadLetter) error {
				tries.Add(1)
				if broken.Load() {
					return feedback.Errorf(code, "no")
				}
				return nil
			}}
			var seen record
			run(t, conn, ConsumerConfig{Dead: &graves, Handler: refusing(&seen, func(m feedback.Message) error {
				return feedback.Errorf(feedback.Invalid, "bad")
			})})
			publish(t, conn, "a", "b")
			eventually(t, "many tries to bury", func() bool { return tries.Load() > 40 })
			if s := received(t, conn); int(s.Pending)+s.InFlight != 2 {
				t.Fatalf("a message left the queue without a dead letter: %+v", s)
			}
			if _, err := conn.Trim(t.Context(), everything); err != nil || received(t, conn).Messages != 2 {
				t.Fatalf("trimmed away: %v, %+v", err, received(t, conn))
			}
			broken.Store(false)
			drained(t, conn)
			if got := graves.payloads(); !slices.Equal(got, []string{"a", "b"}) {
				t.Errorf("buried %q", got)
			}
		})
	}
}

func TestOneLetterThatCannotBeSavedDoesNotKeepTheOthers(t *testing.T) {
	conn := newQueue(t)
	var cured atomic.Bool
	graves := graveyard{fail: func(ls []feedback.DeadLetter) error {
		for _, l := range ls {
			if l.Payload == "cursed" && !cured.Load() {
				panic("cannot be written")
			}
		}
		return nil
	}}
	publish(t, conn, "a", "cursed", "b")
	run(t, conn, ConsumerConfig{Dead: &graves, Handler: refusing(&record{}, func(feedback.Message) error {
		return feedback.Errorf(feedback.Invalid, "bad")
	})})
	eventually(t, "the others are buried", func() bool { return slices.Equal(graves.payloads(), []string{"a", "b"}) })
	cured.Store(true)
	drained(t, conn)
	if got := graves.payloads(); !slices.Equal(got, []string{"a", "b", "cursed"}) {
		t.Errorf("buried %q", got)
	}
}
