package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/web"
)

func (c *cli) serveCommand() *cobra.Command {
	var listen, roles string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the workers, the schedule, the pages and the API",
		Long: `Run until stopped: workers that take feedback from the queue, a schedule that groups it and writes the
Pulse, and pages and an API on 127.0.0.1:8377. On more than one machine, give every process the same
EARSHOT_DATABASE_URL and EARSHOT_NATS_URL and the roles it is to play.

Roles: ingest (clean, redact, split, save), classify (embed, label, assign), schedule (group, link,
report; the queue's housekeeping) and web (pages and API).`,
		Example: `  earshot serve
  earshot serve --listen 127.0.0.1:9000 --workspace demo
  earshot serve --role ingest,classify`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			if listen != "" {
				cfg.Listen = listen
			}
			played, err := app.ParseRoles(roles)
			if err != nil {
				return fmt.Errorf("%w: %w", errUsage, err)
			}
			return c.serve(cmd.Context(), cfg, played)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "", "address of the pages and the API (EARSHOT_LISTEN)")
	cmd.Flags().StringVar(&roles, "role", "all", "ingest, classify, schedule and web, with commas between, or all")
	return cmd
}

func (c *cli) serve(ctx context.Context, cfg app.Config, roles []app.Role) (err error) {
	var listener net.Listener
	if slices.Contains(roles, app.RoleWeb) {
		// Before anything is started: a taken port is the likeliest thing to be wrong.
		if listener, err = web.Listen(ctx, cfg.Listen); err != nil {
			return err
		}
		defer listener.Close()
	}
	a, err := c.openWith(ctx, cfg, app.Options{Queue: true, Alone: true}, slog.LevelInfo)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	log := c.logger(cfg, slog.LevelInfo)

	// The workers outlive the pages: what a page took in its last second is still handled.
	working, stopWorking := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorking()
	wait, err := a.StartWorkers(working, roles)
	if err != nil {
		return err
	}
	log.Info("earshot is up", "version", version, "roles", roles, "data", cfg.DataDir, "workspace", cfg.Workspace)
	if listener != nil {
		err = servePages(ctx, a, listener, log)
	} else {
		<-ctx.Done()
	}
	stopWorking()
	if waitErr := wait(); err == nil {
		err = waitErr
	}
	log.Info("earshot is down")
	return err
}

func servePages(ctx context.Context, a *app.App, listener net.Listener, log *slog.Logger) error {
	pages, err := a.Pages(version)
	if err != nil {
		return err
	}
	log.Info("the pages are at", "url", "http://"+listener.Addr().String())
	return pages.Serve(ctx, listener)
}
