package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"earshot/app"
)

func (c *cli) doctorCommand() *cobra.Command {
	return c.jsonFlag(&cobra.Command{
		Use:   "doctor",
		Short: "Say what was found, what is wrong and what to do",
		Long: `Look at everything that Earshot needs: the data folder, Postgres and pgvector, the queue, the models, the
workspace and its dead letters. It exits with 5 when something is broken.`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			checks := app.Doctor(cmd.Context(), cfg, c.logger(cfg, slog.LevelError))
			if c.json {
				err = c.printJSON(checks)
			} else {
				err = c.printChecks(checks)
			}
			if err != nil {
				return err
			}
			return app.Sound(checks)
		},
	})
}

func (c *cli) printChecks(checks []app.Check) error {
	marks := map[app.Health]string{app.Fine: "ok     ", app.Warning: "warning", app.Broken: "BROKEN "}
	for _, check := range checks {
		if _, err := fmt.Fprintf(c.out, "%s  %-15s  %s\n", marks[check.Health], check.Name, plain(check.Found)); err != nil {
			return err
		}
		if check.Do != "" {
			fmt.Fprintf(c.out, "%26s → %s\n", "", check.Do)
		}
	}
	return nil
}
