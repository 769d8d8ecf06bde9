package queue

import (
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// heartbeat tells the server that deliveries are still being worked on, so that it does not give them to another
// worker while the work is long.
type heartbeat struct {
	nc   *nats.Conn
	quit chan struct{}
	done chan struct{}

	mu      sync.Mutex
	working map[*delivery]struct{}
}

func startHeartbeat(nc *nats.Conn, every time.Duration, ds []*delivery) *heartbeat {
	h := &heartbeat{nc: nc, quit: make(chan struct{}), done: make(chan struct{}), working: make(map[*delivery]struct{}, len(ds))}
	for _, d := range ds {
		h.working[d] = struct{}{}
	}
	go h.run(every)
	return h
}

func (h *heartbeat) run(every time.Duration) {
	defer close(h.done)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			h.beat()
		case <-h.quit:
			return
		}
	}
}

func (h *heartbeat) beat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for d := range h.working {
		_ = h.nc.Publish(d.reply, []byte("+WPI")) // a lost beat is made up for by the next
	}
}

// release ends the beats for deliveries that are about to get their verdict: a beat after it would undo its delay.
func (h *heartbeat) release(ds []*delivery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range ds {
		delete(h.working, d)
	}
}

func (h *heartbeat) stop() {
	close(h.quit)
	<-h.done
}
