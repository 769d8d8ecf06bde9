package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"earshot/app"
)

func (c *cli) migrateCommand() *cobra.Command {
	return c.jsonFlag(&cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date",
		Long: `Bring the database's schema up to date. Every command does so when it finds the schema behind; this one
does nothing else, for an operator who wants it to happen at a time of its own.`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			done, err := app.Migrate(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(done)
			}
			if done.Applied == 0 {
				fmt.Fprintf(c.out, "The schema is up to date, at version %d.\n", done.Version)
				return nil
			}
			fmt.Fprintf(c.out, "Applied %s; the schema is at version %d.\n", count(done.Applied, "migration", "migrations"), done.Version)
			return nil
		},
	})
}
