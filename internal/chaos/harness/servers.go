package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"earshot/internal/chaos"
)

func troubles(ctx context.Context, dir string, t *table) error {
	const n = 60
	return apart(ctx, dir, t, func(a *chaos.Apart, ledger *chaos.Ledger) error {
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
	return apart(ctx, dir, t, func(a *chaos.Apart, ledger *chaos.Ledger) error {
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
			t.row(fmt.Sprintf("%s away for %s under load: taking and analysing again", server.name, long), "in 10 s without help",
				took.Round(10*time.Millisecond), took <= bound)
			if err := sound(ctx, t, server.name+" away: what became of all feedback", a.Site, ledger, 0, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// poison drains the same good messages without poison and with it, in turns, so that a machine that becomes slower or
// faster meanwhile does so for both.
func poison(ctx context.Context, dir string, t *table) error {
	const good, bad, rounds = 99_000, 1000, 3
	var took [2][]float64 // in seconds, without poison and with it
	for round := range rounds {
		for turn := range 2 {
			poisoned := (round + turn) % 2
			dir, err := folder(dir, fmt.Sprintf("%d-%d", round, poisoned))
			if err != nil {
				return err
			}
			err = apart(ctx, dir, t, func(a *chaos.Apart, ledger *chaos.Ledger) error {
				r, err := chaos.Poison(ctx, a, ledger, good, bad*poisoned, 1)
				if err != nil {
					return err
				}
				took[poisoned] = append(took[poisoned], r.Took.Seconds())
				if poisoned == 0 {
					return nil
				}
				figure := fmt.Sprintf("%d poison messages of 20 kinds among %d, round %d", bad, good+bad, round+1)
				t.row(figure+": dead letters with reasons", fmt.Sprintf("%d, all with reasons", bad),
					fmt.Sprintf("%d, %d with reasons, %d different", r.Letters, r.Reasons, r.Kinds),
					r.Letters == bad && r.Reasons == bad)
				return sound(ctx, t, figure+": the others", a.Site, ledger, bad, "")
			})
			if err != nil {
				return err
			}
		}
	}
	var ratios []float64
	for round := range rounds {
		ratios = append(ratios, took[1][round]/took[0][round])
	}
	slices.Sort(ratios)
	slower := 100 * (ratios[rounds/2] - 1)
	t.row("the good messages are slowed by the poison among them", "at most 10 %",
		fmt.Sprintf("%.1f %% (median of %d rounds; without %.1f s, with %.1f s)", slower, rounds, took[0], took[1]), slower <= 10)
	return nil
}
