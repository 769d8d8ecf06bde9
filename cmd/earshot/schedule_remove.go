package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

func (c *cli) scheduleRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "remove ID",
		Short:   "Remove a schedule; the record of what it sent stays",
		Example: "  earshot schedule remove S1",
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := scheduleID(args[0])
			if err != nil {
				return err
			}
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				if err := a.RemoveSchedule(cmd.Context(), a.Config.Workspace, id); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.out, "Removed %s.\n", feedback.ScheduleName(id))
				return err
			})
		},
	}
}
