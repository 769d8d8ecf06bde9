package chaos

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"earshot/internal/crash"
	"earshot/internal/pgtest"
	"earshot/postgres"
)

func TestMain(m *testing.M) {
	Main()
	os.Exit(m.Run())
}

func migrated(ctx context.Context, url string) error {
	_, err := postgres.Migrate(ctx, postgres.Config{URL: url})
	return err
}

// newSite makes a site whose queue is its own, on a database of the tests' server.
func newSite(t *testing.T) (*Site, *Ledger) {
	t.Helper()
	dir := pgtest.Folder(t)
	site, err := NewSite(dir, "EARSHOT_DATABASE_URL="+pgtest.NewDatabase(t, migrated))
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := NewLedger(filepath.Join(dir, "acknowledged"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		site.Close()
		if err := ledger.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			log, _ := os.ReadFile(site.Log())
			t.Logf("Earshot said:\n%.20000s", log)
		}
	})
	return site, ledger
}

func check(t *testing.T, site *Site, ledger *Ledger) Found {
	t.Helper()
	found, err := Check(t.Context(), site, ledger)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestKilledAtRandomNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	site, ledger := newSite(t)
	sent, err := Kills{Kills: 5, Items: 1000, Seed: 1, Life: 300 * time.Millisecond}.Run(t.Context(), site, ledger)
	if err != nil {
		t.Fatal(err)
	}
	if found := check(t, site, ledger); !found.Sound(0) || sent <= int64(found.Acknowledged) {
		t.Errorf("%s, of %d messages", found, sent)
	}
}

func TestKilledAtEveryPointNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	site, ledger := newSite(t)
	died, dead, err := Points{Points: crash.Points, Times: 1, Seed: 1}.Run(t.Context(), site, ledger)
	if err != nil {
		t.Fatal(err)
	}
	for _, point := range crash.Points {
		if died[point] != 1 {
			t.Errorf("the process never came to %s", point)
		}
	}
	if found := check(t, site, ledger); !found.Sound(dead) {
		reasons, err := DeadReasons(t.Context(), site)
		t.Errorf("%s; %d dead letters are due, there are: %s %v", found, dead, reasons, err)
	}
}

func TestTheCheckerSeesAGuaranteeThatIsGone(t *testing.T) {
	t.Parallel()
	for _, fault := range Faults {
		t.Run(string(fault), func(t *testing.T) {
			site, ledger := newSite(t)
			site.Patience = time.Second
			_, err := Kills{Kills: 3, Items: 400, Seed: 1, Life: time.Second, Fault: fault}.Run(t.Context(), site, ledger)
			if err != nil {
				t.Fatal(err)
			}
			found := check(t, site, ledger)
			seen := map[Fault]int{EarlyAck: found.Lost, NoKey: found.Doubled, NoReceipts: found.Unbalanced}[fault]
			if seen == 0 {
				t.Errorf("the checker did not see it: %s", found)
			}
		})
	}
}
