package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

func (c *cli) searchCommand() *cobra.Command {
	var limit int
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "search WORDS...",
		Short: "Find excerpts by meaning and by words",
		Example: `  earshot search "photos disappear when offline"
  earshot search --limit 50 --json single sign-on`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("%w: say what to look for (see %s --help)", errUsage, cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := c.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			hits, err := a.Search(cmd.Context(), a.Config.Workspace, strings.Join(args, " "), limit)
			if err != nil {
				return err
			}
			if c.json {
				if hits == nil {
					hits = []feedback.Hit{}
				}
				return c.printJSON(hits)
			}
			if len(hits) == 0 {
				fmt.Fprintln(c.out, "Nothing found.")
				return nil
			}
			c.printHits(hits)
			return nil
		},
	})
	cmd.Flags().IntVar(&limit, "limit", 10, "most excerpts to show, up to 200")
	return cmd
}
