package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

// schedulePauseCommand stops a schedule, or lets it go on.
func (c *cli) schedulePauseCommand(pause bool) *cobra.Command {
	use, short, done := "pause", "Stop a schedule until it is resumed", "Paused"
	if !pause {
		use, short, done = "resume", "Let a paused schedule go on; what was due meanwhile is not made up for", "Resumed"
	}
	return &cobra.Command{
		Use:     use + " ID",
		Short:   short,
		Example: "  earshot schedule " + use + " S1",
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := scheduleID(args[0])
			if err != nil {
				return err
			}
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				if err := a.PauseSchedule(cmd.Context(), a.Config.Workspace, id, pause); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.out, "%s %s.\n", done, feedback.ScheduleName(id))
				return err
			})
		},
	}
}
