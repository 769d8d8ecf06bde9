package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// loadEach is how often a load lets a few more items through, and loadItems how many.
const (
	loadEach  = 20 * time.Millisecond
	loadItems = 5
)

// load is producers that send steadily until they are told to end.
type load struct {
	crowd   *crowd
	allowed atomic.Int64
	stop    context.CancelFunc
	ended   chan struct{}
}

// endless is more items than any load sends.
const endless = 1 << 40

func startLoad(ctx context.Context, site *Site, ledger *Ledger, seed uint64) *load {
	l := &load{crowd: newCrowd(ctx, site, ledger, seed), ended: make(chan struct{})}
	pacing, stop := context.WithCancel(ctx)
	l.stop = stop
	l.crowd.send(endless, &l.allowed)
	go func() {
		defer close(l.ended)
		tick := time.NewTicker(loadEach)
		defer tick.Stop()
		for {
			select {
			case <-pacing.Done():
				return
			case <-tick.C:
				l.allowed.Add(loadItems)
			}
		}
	}()
	return l
}

// end returns when all that was begun is acknowledged.
func (l *load) end() error {
	l.stop()
	<-l.ended
	l.crowd.finish()
	return l.crowd.wait()
}

// Outage takes a server away for a while, under load, and gives it back. It returns how long it took from then on until
// feedback was both taken and analysed again, when everything is drained.
func Outage(ctx context.Context, a *Apart, ledger *Ledger, away time.Duration, seed uint64, stop, start func() error) (time.Duration, error) {
	l := startLoad(ctx, a.Site, ledger, seed)
	took, err := outage(ctx, a, l, away, stop, start)
	if endErr := l.end(); err == nil {
		err = endErr
	}
	if err == nil {
		err = a.Drain(ctx)
	}
	return took, err
}

func outage(ctx context.Context, a *Apart, l *load, away time.Duration, stop, start func() error) (time.Duration, error) {
	if err := wait(ctx, 3*time.Second); err != nil {
		return 0, err
	}
	if err := stop(); err != nil {
		return 0, err
	}
	a.say("away for %s", away)
	if err := wait(ctx, away); err != nil {
		return 0, err
	}
	if err := start(); err != nil {
		return 0, err
	}
	began, taken := time.Now(), l.crowd.acknowledged()
	before, err := a.analysed(ctx)
	for now := before; err == nil && (now <= before || l.crowd.acknowledged() <= taken); now, err = a.analysed(ctx) {
		if time.Since(began) > 5*time.Minute {
			return 0, fmt.Errorf("nothing is taken and analysed five minutes after the server came back")
		}
		if err := wait(ctx, 20*time.Millisecond); err != nil {
			return 0, err
		}
	}
	return time.Since(began), err
}

// Harass has the servers cut, delayed, stopped and killed, one trouble after the other, under load.
func Harass(ctx context.Context, a *Apart, ledger *Ledger, troubles int, seed uint64) error {
	chance := rand.New(rand.NewPCG(seed, 3))
	l := startLoad(ctx, a.Site, ledger, seed)
	err := func() error {
		for n := range troubles {
			if err := wait(ctx, time.Duration(200+chance.IntN(800))*time.Millisecond); err != nil {
				return err
			}
			if err := a.trouble(ctx, n%6); err != nil {
				return err
			}
			a.say("trouble %d of %d", n+1, troubles)
		}
		return nil
	}()
	if endErr := l.end(); err == nil {
		err = endErr
	}
	if err == nil {
		err = a.Drain(ctx)
	}
	return err
}

func (a *Apart) trouble(ctx context.Context, kind int) error {
	switch kind {
	case 0:
		a.Database.Cut()
	case 1:
		a.NATS.Cut()
	case 2, 3:
		p := []*Proxy{a.Database, a.NATS}[kind-2]
		p.Delay(40 * time.Millisecond)
		defer p.Delay(0)
		return wait(ctx, time.Second)
	case 4:
		if err := a.StopDatabase(ctx); err != nil {
			return err
		}
		return a.StartDatabase(ctx)
	case 5:
		a.StopNATS()
		return a.StartNATS(ctx)
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// analysed counts analysed excerpts.
func (a *Apart) analysed(ctx context.Context) (n int, err error) {
	err = one(ctx, a.cluster.URL("earshot"), `SELECT count(*) FROM excerpts WHERE model_id IS NOT NULL`, &n)
	return n, err
}
