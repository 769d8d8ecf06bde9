package queue

import (
	"context"
	"testing"
	"time"

	"earshot/feedback"
)

func TestAServerThatCouldNotWriteIsStartedAgainAndFoundByAll(t *testing.T) {
	s := startServer(t, t.TempDir())
	within := open(t, s, StreamsConfig{})
	other, err := Attach(t.Context(), s.dir, Options{Log: quiet()})
	must(t, err)
	defer other.Close()
	var seen record
	run(t, within, ConsumerConfig{Handler: noting(&seen)})
	publish(t, within, "before")
	first := s.running()

	s.log.Errorf("JetStream stream 'x' critical write error: no space left on device")
	wantCode(t, within.Check(t.Context()), feedback.Unavailable, "disk is full")
	for name, conn := range map[string]*Conn{"within": within, "attached": other} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		for {
			err := conn.PublishReceived(ctx, "acme", "csv", [][]byte{[]byte(name)})[0]
			if err == nil {
				break
			}
			wantCode(t, err, feedback.Unavailable)
			if !pause(ctx, 20*time.Millisecond) {
				t.Fatalf("%s: nothing is taken again: %v", name, err)
			}
		}
		cancel()
	}
	if s.running() == first {
		t.Error("the server that could not write runs still")
	}
	drained(t, within)
	for _, m := range []string{"before", "within", "attached"} {
		if seen.times(m) == 0 {
			t.Errorf("%q did not arrive", m)
		}
	}
}
