// Command harness is make chaos: it kills Earshot at every point and at random, takes its servers away, poisons its queue,
// and prints what it measured beside what is promised. It takes the better part of an hour.
//
//	go run ./internal/chaos/harness            # everything
//	go run ./internal/chaos/harness kills away # some of it
//
// All that it writes is in a temporary folder, which it removes unless something does not hold.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"earshot/internal/chaos"
	"earshot/internal/crash"
)

func main() {
	chaos.Main()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

// part is one of the things that are done to Earshot.
type part struct {
	name string
	do   func(ctx context.Context, dir string, t *table) error
}

var parts = []part{
	{"controls", controls}, {"kills", kills}, {"points", points}, {"troubles", troubles}, {"away", away},
	{"poison", poison}, {"killers", killers}, {"full", full},
}

func run(ctx context.Context, chosen []string) error {
	dir, err := os.MkdirTemp("", "earshot-chaos-")
	if err != nil {
		return err
	}
	// The account of a private Postgres of root's must be able to pass.
	if err := os.Chmod(dir, 0o711); err != nil {
		return err
	}
	t := newTable(os.Stdout)
	for _, p := range parts {
		if len(chosen) > 0 && !slices.Contains(chosen, p.name) {
			continue
		}
		place := filepath.Join(dir, p.name)
		if err := os.Mkdir(place, 0o711); err != nil {
			return err
		}
		if err := p.do(ctx, place, t); err != nil {
			return fmt.Errorf("%s, in %s: %w", p.name, place, err)
		}
	}
	if t.broken > 0 {
		return fmt.Errorf("%d figures do not hold; what happened is in %s", t.broken, dir)
	}
	return os.RemoveAll(dir)
}

// folder makes a folder below that of a part.
func folder(dir, name string) (string, error) {
	dir = filepath.Join(dir, name)
	return dir, os.MkdirAll(dir, 0o711)
}

// alone makes a site with its own servers in a folder.
func alone(dir string, settings ...string) (*chaos.Site, *chaos.Ledger, error) {
	site, err := chaos.NewSite(dir, settings...)
	if err != nil {
		return nil, nil, err
	}
	ledger, err := chaos.NewLedger(filepath.Join(dir, "acknowledged"))
	return site, ledger, err
}

// controls takes guarantees away; the checker has to see each.
func controls(ctx context.Context, dir string, t *table) error {
	for i, fault := range chaos.Faults {
		dir, err := folder(dir, fmt.Sprint(i))
		if err != nil {
			return err
		}
		site, ledger, err := alone(dir)
		if err != nil {
			return err
		}
		site.Patience = 3 * time.Second
		found, err := func() (chaos.Found, error) {
			defer site.Close()
			if _, err := (chaos.Kills{Kills: 6, Items: 1500, Seed: 1, Life: 600 * time.Millisecond, Fault: fault}).Run(ctx, site, ledger); err != nil {
				return chaos.Found{}, err
			}
			return chaos.Check(ctx, site, ledger)
		}()
		if err != nil {
			return err
		}
		t.row("control: "+string(fault), "seen", found, !found.Sound(0))
	}
	return nil
}

// sound checks a site and adds a row.
func sound(ctx context.Context, t *table, figure string, site *chaos.Site, ledger *chaos.Ledger, dead int, also string) error {
	found, err := chaos.Check(ctx, site, ledger)
	if err != nil {
		return err
	}
	bound := "lost 0, doubled 0, wrong 0"
	if dead == 0 {
		bound += ", dead 0"
	} else {
		bound += fmt.Sprintf(", dead %d", dead)
	}
	t.row(figure, bound, found.String()+also, found.Sound(dead))
	return nil
}

func kills(ctx context.Context, dir string, t *table) error {
	const n, items = 200, 50_000
	site, ledger, err := alone(dir)
	if err != nil {
		return err
	}
	defer site.Close()
	sent, err := chaos.Kills{Kills: n, Items: items, Seed: 1, Life: 800 * time.Millisecond}.Run(ctx, site, ledger)
	if err != nil {
		return err
	}
	return sound(ctx, t, fmt.Sprintf("%d random kills of Earshot, its NATS and its Postgres over %d items", n, items), site, ledger, 0,
		fmt.Sprintf(", %d messages with edits and repeats", sent))
}

func points(ctx context.Context, dir string, t *table) error {
	const times = 20
	site, ledger, err := alone(dir)
	if err != nil {
		return err
	}
	defer site.Close()
	died, dead, err := chaos.Points{Points: crash.Points, Times: times, Seed: 1}.Run(ctx, site, ledger)
	if err != nil {
		return err
	}
	all := 0
	for _, p := range crash.Points {
		all += died[p]
		if died[p] != times {
			t.row("killed at "+string(p), fmt.Sprintf("%d times", times), died[p], false)
		}
	}
	return sound(ctx, t, fmt.Sprintf("killed at %d named points, %d times each", len(crash.Points), times), site, ledger, dead,
		fmt.Sprintf(", %d deaths", all))
}

// apart makes a site with servers of its own beside it, and has do work on it.
func apart(ctx context.Context, dir string, do func(*chaos.Apart, *chaos.Ledger) error) error {
	site, err := chaos.NewApart(ctx, dir)
	if err != nil {
		return err
	}
	defer site.Close()
	ledger, err := chaos.NewLedger(filepath.Join(dir, "acknowledged"))
	if err != nil {
		return err
	}
	return do(site, ledger)
}

func troubles(ctx context.Context, dir string, t *table) error {
	const n = 60
	return apart(ctx, dir, func(a *chaos.Apart, ledger *chaos.Ledger) error {
		if err := a.Start(ctx); err != nil {
			return err
		}
		if err := chaos.Harass(ctx, a, ledger, n, 1); err != nil {
			return err
		}
		return sound(ctx, t, fmt.Sprintf("%d troubles: connections cut and delayed, Postgres stopped at once, NATS killed", n), a.Site, ledger, 0, "")
	})
}

func away(ctx context.Context, dir string, t *table) error {
	const long, bound = time.Minute, 10 * time.Second
	return apart(ctx, dir, func(a *chaos.Apart, ledger *chaos.Ledger) error {
		if err := a.Start(ctx); err != nil {
			return err
		}
		for i, server := range []struct {
			name        string
			stop, start func() error
		}{
			{"Postgres", func() error { return a.StopDatabase(ctx) }, func() error { return a.StartDatabase(ctx) }},
			{"NATS", func() error { a.StopNATS(); return nil }, func() error { return a.StartNATS(ctx) }},
		} {
			took, err := chaos.Outage(ctx, a, ledger, long, uint64(i), server.stop, server.start)
			if err != nil {
				return err
			}
			t.row(fmt.Sprintf("%s away for %s under load: analysing again", server.name, long), "in 10 s",
				took.Round(10*time.Millisecond), took <= bound)
			if err := sound(ctx, t, server.name+" away: what became of all feedback", a.Site, ledger, 0, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

func poison(ctx context.Context, dir string, t *table) error {
	const good, bad = 99_000, 1000
	var took [2]time.Duration
	for i, n := range []int{0, bad} {
		dir, err := folder(dir, fmt.Sprint(n))
		if err != nil {
			return err
		}
		err = apart(ctx, dir, func(a *chaos.Apart, ledger *chaos.Ledger) error {
			r, err := chaos.Poison(ctx, a, ledger, good, n, 1)
			if err != nil {
				return err
			}
			took[i] = r.Took
			if n == 0 {
				return nil
			}
			t.row(fmt.Sprintf("%d poison messages of 20 kinds among %d: dead letters with reasons", bad, good+bad),
				fmt.Sprintf("%d, 20 reasons", bad), fmt.Sprintf("%d, %d with reasons, %d different", r.Letters, r.Reasons, r.Kinds),
				r.Letters == bad && r.Reasons == bad)
			return sound(ctx, t, "the good messages among them", a.Site, ledger, bad, "")
		})
		if err != nil {
			return err
		}
	}
	slower := float64(took[1])/float64(took[0]) - 1
	t.row("the good messages among poison are slowed by", "10 %",
		fmt.Sprintf("%.1f %% (%s against %s)", 100*slower, took[1].Round(time.Second), took[0].Round(time.Second)), slower <= 0.1)
	return nil
}

func killers(ctx context.Context, dir string, t *table) error {
	const n, good = 3, 500
	site, ledger, err := alone(dir)
	if err != nil {
		return err
	}
	defer site.Close()
	deaths, err := chaos.KillerMessages(ctx, site, ledger, n, good)
	if err != nil {
		return err
	}
	return sound(ctx, t, fmt.Sprintf("%d messages that kill the process that handles them, among %d", n, good+n), site, ledger, n,
		fmt.Sprintf(", %d deaths", deaths))
}
