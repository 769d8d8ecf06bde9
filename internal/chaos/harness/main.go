// Command harness is make chaos: it kills Earshot at every point and at random, takes its servers away, poisons its queue,
// and prints what it measured beside what is promised. It takes about half an hour.
//
//	go run ./internal/chaos/harness            # everything
//	go run ./internal/chaos/harness kills away # some of it
//
// It ends with 1 where a figure does not hold, and with 2 where it was interrupted. All that it writes is in a temporary
// folder, which it removes unless something does not hold.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"earshot/internal/chaos"
)

func main() {
	chaos.Main()
	ownMounts()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
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

// run does the chosen parts, all where none is chosen, and gives the program's result.
func run(ctx context.Context, chosen []string) int {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	for _, name := range chosen {
		if !slices.Contains(names, name) {
			fmt.Fprintf(os.Stderr, "chaos: there is no part %q; they are %s\n", name, strings.Join(names, ", "))
			return 1
		}
	}
	dir, err := place()
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		return 1
	}
	t := &table{progress: newProgress()}
	for _, p := range parts {
		if len(chosen) > 0 && !slices.Contains(chosen, p.name) {
			continue
		}
		t.progress.begin(p.name)
		below, err := folder(dir, p.name)
		if err == nil {
			err = p.do(ctx, below, t)
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			t.row("the part "+p.name, "comes to its end", err, false)
		}
	}
	t.write(os.Stdout)
	result := 0
	switch {
	case ctx.Err() != nil:
		fmt.Println("interrupted: the table is not complete")
		result = 2
	case t.broken > 0:
		fmt.Printf("%d of %d figures do not hold; what happened is in %s\n", t.broken, len(t.rows), dir)
		return 1
	default:
		fmt.Printf("%d figures in %s\n", len(t.rows), time.Since(t.progress.began).Round(time.Second))
	}
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		result = 1
	}
	return result
}

// place makes the folder of everything.
func place() (string, error) {
	dir, err := os.MkdirTemp("", "earshot-chaos-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o711) // the account of a private Postgres of root's must be able to pass
}

// folder makes a folder below that of a part.
func folder(dir, name string) (string, error) {
	dir = filepath.Join(dir, name)
	return dir, os.MkdirAll(dir, 0o711)
}

// alone has do work on a site with its own servers.
func alone(dir string, t *table, do func(*chaos.Site, *chaos.Ledger) error) error {
	site, err := chaos.NewSite(dir)
	if err != nil {
		return err
	}
	defer site.Close()
	site.Progress = t.progress.tell
	ledger, err := chaos.NewLedger(filepath.Join(dir, "acknowledged"))
	if err != nil {
		return err
	}
	defer ledger.Close()
	return do(site, ledger)
}

// apart has do work on a site with servers beside it.
func apart(ctx context.Context, dir string, t *table, do func(*chaos.Apart, *chaos.Ledger) error) error {
	site, err := chaos.NewApart(ctx, dir)
	if err != nil {
		return err
	}
	defer site.Close()
	site.Progress = t.progress.tell
	ledger, err := chaos.NewLedger(filepath.Join(dir, "acknowledged"))
	if err != nil {
		return err
	}
	defer ledger.Close()
	return do(site, ledger)
}

// sound checks a site and adds a row.
func sound(ctx context.Context, t *table, figure string, site *chaos.Site, ledger *chaos.Ledger, dead int, also string) error {
	found, err := chaos.Check(ctx, site, ledger)
	if err != nil {
		return err
	}
	t.row(figure, fmt.Sprintf("lost 0, doubled 0, wrong 0, dead %d", dead), found.String()+also, found.Sound(dead))
	return nil
}
