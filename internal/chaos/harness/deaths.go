package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"earshot/internal/chaos"
	"earshot/internal/crash"
)

// controls takes guarantees away; the checker has to see each.
func controls(ctx context.Context, dir string, t *table) error {
	for i, fault := range chaos.Faults {
		dir, err := folder(dir, fmt.Sprint(i))
		if err != nil {
			return err
		}
		err = alone(dir, t, func(site *chaos.Site, ledger *chaos.Ledger) error {
			site.Patience = 3 * time.Second
			if _, err := (chaos.Kills{Kills: 6, Items: 1500, Seed: 1, Life: 600 * time.Millisecond, Fault: fault}).Run(ctx, site, ledger); err != nil {
				return err
			}
			found, err := chaos.Check(ctx, site, ledger)
			if err != nil {
				return err
			}
			t.row("control: "+string(fault), "seen", found, !found.Sound(0))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func kills(ctx context.Context, dir string, t *table) error {
	const n, items = 200, 50_000
	return alone(dir, t, func(site *chaos.Site, ledger *chaos.Ledger) error {
		sent, err := chaos.Kills{Kills: n, Items: items, Seed: 1, Life: 800 * time.Millisecond, Rest: 25}.Run(ctx, site, ledger)
		if err != nil {
			return err
		}
		return sound(ctx, t, fmt.Sprintf("%d random kills of Earshot, its NATS and its Postgres over %d items", n, items), site, ledger, 0,
			fmt.Sprintf(", %d messages with edits and repeats", sent))
	})
}

// points divides the rounds among sites that are killed side by side.
func points(ctx context.Context, dir string, t *table) error {
	const times, sites = 20, 2
	var mu sync.Mutex
	died := map[crash.Point]int{}
	all, g := 0, errgroup.Group{}
	for i := range sites {
		g.Go(func() error {
			dir, err := folder(dir, fmt.Sprint(i))
			if err != nil {
				return err
			}
			return alone(dir, t, func(site *chaos.Site, ledger *chaos.Ledger) error {
				here, dead, err := chaos.Points{Points: crash.Points, Times: times / sites, Seed: uint64(i)}.Run(ctx, site, ledger)
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				n := 0
				for point, times := range here {
					died[point] += times
					n += times
				}
				all += n
				return sound(ctx, t, fmt.Sprintf("killed at %d named points, %d times each, site %d of %d", len(crash.Points), times/sites, i+1, sites),
					site, ledger, dead, fmt.Sprintf(", %d deaths", n))
			})
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, p := range crash.Points {
		if died[p] != times {
			t.row("killed at "+string(p), fmt.Sprintf("%d times", times), died[p], false)
		}
	}
	t.row("deaths at named points", fmt.Sprintf("%d of each", times), all, all == times*len(crash.Points))
	return nil
}

func killers(ctx context.Context, dir string, t *table) error {
	const n, good, each = 3, 500, 8
	return alone(dir, t, func(site *chaos.Site, ledger *chaos.Ledger) error {
		deaths, err := chaos.KillerMessages(ctx, site, ledger, n, good)
		if err != nil {
			return err
		}
		t.row("deaths for each message that kills the process that handles it", fmt.Sprintf("at most %d", each),
			fmt.Sprintf("%.1f (%d for %d)", float64(deaths)/n, deaths, n), deaths <= n*each)
		return sound(ctx, t, fmt.Sprintf("what became of these %d and of %d others", n, good), site, ledger, n, "")
	})
}
