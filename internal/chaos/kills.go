package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// producers is how many send at once.
const producers = 3

// Kills says how Earshot is to be killed at random.
type Kills struct {
	Kills int
	Items int // new ones, all producers together; edits come on top
	Seed  uint64
	Life  time.Duration // the longest that a process lives before it is killed
	// Rest is after how many kills Earshot is let live until nothing waits, so that the kills fall over the handling of all
	// items, and not over that of the first ones again and again; 0 is never.
	Rest  int
	Fault Fault // a guarantee that is taken away; "" for none
}

// Run starts the site, has producers send through all of the kills, and waits until all is acknowledged and drained.
// Every process has a clock that is wrong by up to a month. It returns how many messages were acknowledged, those of
// edits too.
func (k Kills) Run(ctx context.Context, site *Site, ledger *Ledger) (messages int64, err error) {
	chance := rand.New(rand.NewPCG(k.Seed, 1))
	start := func() error {
		skew := time.Duration(chance.Int64N(int64(60*24*time.Hour))) - 30*24*time.Hour
		return site.Start(ctx, append(k.Fault.settings(), clockVar+"="+skew.String())...)
	}
	if err := start(); err != nil {
		return 0, err
	}
	if k.Fault != "" {
		url, err := site.DatabaseURL(ctx)
		if err != nil {
			return 0, err
		}
		if err := k.Fault.Break(ctx, url); err != nil {
			return 0, err
		}
	}
	sending, stop := context.WithCancel(ctx)
	defer stop()
	var allowed atomic.Int64 // items that may have been sent, so that the kills fall over all of them
	allowed.Store(int64(k.Items / (k.Kills + 1)))
	crowd := newCrowd(sending, site, ledger, k.Seed)
	crowd.send(k.Items, &allowed)
	for n := range k.Kills {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(k.Life/8 + time.Duration(chance.Int64N(int64(k.Life)))):
		}
		site.Kill()
		if err := start(); err != nil {
			return 0, fmt.Errorf("after kill %d: %w", n+1, err)
		}
		allowed.Store(int64(k.Items * (n + 2) / (k.Kills + 1)))
		site.say("kill %d of %d, %d messages acknowledged", n+1, k.Kills, crowd.acknowledged())
		if k.Rest > 0 && (n+1)%k.Rest == 0 {
			if err := site.Drain(ctx); err != nil {
				return 0, err
			}
		}
	}
	if err := crowd.wait(); err != nil {
		return 0, err
	}
	return crowd.acknowledged(), site.Drain(ctx)
}

// crowd is the producers of a site.
type crowd struct {
	ctx       context.Context
	producers []*Producer
	errs      []error
	group     sync.WaitGroup
	over      atomic.Bool
}

func newCrowd(ctx context.Context, site *Site, ledger *Ledger, seed uint64) *crowd {
	c := &crowd{ctx: ctx, errs: make([]error, producers)}
	for i := range producers {
		c.producers = append(c.producers, NewProducer(site, ledger, fmt.Sprintf("p%d-%d", seed, i), seed+uint64(i)))
	}
	return c
}

// send has the producers send so many items together, never more than are allowed.
func (c *crowd) send(items int, allowed *atomic.Int64) {
	for i, p := range c.producers {
		share := items / len(c.producers)
		if i == 0 {
			share += items % len(c.producers)
		}
		c.group.Go(func() {
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for sent := 0; sent < share && c.errs[i] == nil && !c.over.Load(); {
				n := min(share, int(allowed.Load())/len(c.producers)+len(c.producers)) - sent
				if n > 0 {
					n = min(n, 200)
					c.errs[i] = p.Send(c.ctx, n)
					sent += n
					continue
				}
				select {
				case <-c.ctx.Done():
					c.errs[i] = c.ctx.Err()
				case <-tick.C:
				}
			}
		})
	}
}

// finish has the producers end after the request that is under way.
func (c *crowd) finish() { c.over.Store(true) }

// wait returns when all is acknowledged.
func (c *crowd) wait() error {
	c.group.Wait()
	for _, err := range c.errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *crowd) acknowledged() (n int64) {
	for _, p := range c.producers {
		n += p.Acknowledged.Load()
	}
	return n
}
