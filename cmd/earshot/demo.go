package main

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/demo"
	"earshot/feedback"
	"earshot/ingest/importer"
)

func (c *cli) demoCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Load the sample workspace, from feedback to Pulse",
		Long: `Load thirteen weeks of feedback about Crewlane, a made-up product for field-service firms, through the queue,
as any producer would; analyse it, group it, link it to the product's features, and write the Pulse. It needs
no key and no network. Run again, it doubles nothing.`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			if _, set := c.lookup("EARSHOT_WORKSPACE"); c.workspace == "" && !set {
				cfg.Workspace = demo.Workspace
			}
			return c.demo(cmd.Context(), cfg, dir)
		},
	}
	cmd.Flags().StringVar(&dir, "out", "out", "folder of the Pulse's files")
	return cmd
}

func (c *cli) demo(ctx context.Context, cfg app.Config, dir string) error {
	began := time.Now()
	bar := newSteps(c.errs)
	defer bar.done()
	say := func(format string, args ...any) {
		bar.done()
		fmt.Fprintf(c.out, "%5.1f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}

	a, err := c.openWith(ctx, cfg, app.Options{Queue: true}, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	say("Postgres and NATS are up, in %s", cfg.DataDir)

	if err := loadCatalog(ctx, a, cfg.Workspace); err != nil {
		return err
	}
	sent, err := a.Send(ctx, cfg.Workspace, sampleMessages(), c.showRejects(), func(n app.Intake) {
		bar.step("Sending", n.Sent, demo.Count())
	})
	if err != nil {
		return err
	}
	say("%s on disk in the queue", count(sent.Sent, "message", "messages"))

	if err := c.process(ctx, a, sent.Sent, bar); err != nil {
		return err
	}
	list, err := a.Store.ClusterList(ctx, cfg.Workspace)
	if err != nil {
		return err
	}
	say("cleaned, redacted, embedded and labelled: %s, %s", count(list.Items, "item", "items"),
		count(list.Excerpts, "excerpt", "excerpts"))

	run, links, err := a.Recluster(ctx, cfg.Workspace, app.RunOptions{Progress: bar.step})
	if err != nil {
		return err
	}
	say("%s under %s; %d linked to features, %d that no feature fits", count(len(run.Clusters), "cluster", "clusters"),
		count(len(run.Themes), "theme", "themes"), links.Automatic+links.Confirmed, links.Abstained)

	if err := a.WatchDue(ctx, cfg.Workspace); err != nil {
		return err
	}
	doc, err := a.Report(ctx, cfg.Workspace, app.DefaultPeriod, "")
	if err != nil {
		return err
	}
	files, err := writePulse(ctx, a.Config, doc, dir, "html,md,json", "")
	if err != nil {
		return err
	}
	say("the Pulse is written: %s", files[0])
	fmt.Fprintln(c.out)
	c.printPulse(doc)
	fmt.Fprintf(c.out, "\nBrowse it:  %s\n", c.serveHint(cfg))
	return nil
}

// serveHint is the command that shows the workspace in a browser, with what this call was told.
func (c *cli) serveHint(cfg app.Config) string {
	hint := os.Args[0] + " serve --workspace " + cfg.Workspace
	if c.dataDir != "" {
		hint += " --data-dir " + c.dataDir
	}
	return hint + "   then open http://" + cfg.Listen
}

func loadCatalog(ctx context.Context, a *app.App, workspace string) error {
	features, err := importer.Features(ctx, "features.csv", bytes.NewReader(demo.Features))
	if err != nil {
		return err
	}
	customers, bad, err := importer.Customers(ctx, "customers.csv", bytes.NewReader(demo.Customers))
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return feedback.Errorf(feedback.Internal, "the sample's customers: %w", bad[0])
	}
	if err := a.Store.SaveFeatures(ctx, workspace, features); err != nil {
		return err
	}
	return a.Store.SaveCustomers(ctx, workspace, customers)
}

func sampleMessages() iter.Seq2[app.Outgoing, error] {
	return func(yield func(app.Outgoing, error) bool) {
		for item, err := range demo.Items() {
			if !yield(app.Outgoing{Source: item.Source, Message: item.Message}, err) {
				return
			}
		}
	}
}
