package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"earshot/app"
)

func (c *cli) scheduleListCommand() *cobra.Command {
	return c.jsonFlag(&cobra.Command{
		Use:     "list",
		Short:   "Show the schedules of the workspace",
		Long:    "Show the schedules of the workspace. Of a webhook's address, which is a secret, only the host is shown.",
		Example: "  earshot schedule list\n  earshot schedule list --json",
		Args:    exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				list, err := a.Schedules(cmd.Context(), a.Config.Workspace)
				if err != nil {
					return err
				}
				now := time.Now()
				out := []scheduleJSON{}
				var rows [][]string
				for _, s := range list {
					j := toScheduleJSON(s, now)
					out = append(out, j)
					next := j.Next
					if s.Paused {
						next = "paused"
					}
					rows = append(rows, []string{j.ID, j.When, j.Period, next, strings.Join(j.Targets, " ")})
				}
				switch {
				case c.json:
					return c.printJSON(out)
				case len(rows) == 0:
					_, err := fmt.Fprintln(c.out, "There is no schedule. Add one: earshot schedule add --help")
					return err
				}
				return table(c.out, []string{"ID", "WHEN", "PERIOD", "NEXT", "TARGETS"}, rows)
			})
		},
	})
}
