package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
	"earshot/report"
)

func (c *cli) alertsCommand() *cobra.Command {
	var every bool
	var at string
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "alerts",
		Short: "Show what cannot wait for the next Pulse",
		Long: `Show the alerts that stand: a topic that brings far more than in its trailing weeks, severe reports that bunch or make
a new topic, a large account that turned negative by its own history. Each is tested, corrected for all subjects that
were looked at, and lists the excerpts that it rests on. earshot serve looks every hour; --look looks now.`,
		Example: `  earshot alerts
  earshot alerts --every
  earshot alerts --look 2026-06-01T12:00:00Z`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			moment, err := lookAt(at)
			if err != nil {
				return err
			}
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				ctx := cmd.Context()
				if at != "" {
					if _, err := a.CheckAlerts(ctx, a.Config.Workspace, moment); err != nil {
						return err
					}
				}
				list, err := a.Alerts(ctx, a.Config.Workspace, !every, 200)
				if err != nil {
					return err
				}
				if c.json {
					if list == nil {
						list = []feedback.Alert{}
					}
					return c.printJSON(list)
				}
				return c.printAlerts(list)
			})
		},
	})
	cmd.Flags().BoolVar(&every, "every", false, "those that are over too")
	cmd.Flags().StringVar(&at, "look", "", "look for alerts first, as of a moment: now, or as 2026-06-01T12:00:00Z")
	return cmd
}

func lookAt(s string) (time.Time, error) {
	if s == "" || s == "now" {
		return time.Now(), nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return at, fmt.Errorf("%w: %q is no moment: write now, or 2026-06-01T12:00:00Z", errUsage, s)
	}
	return at, nil
}

func (c *cli) printAlerts(list []feedback.Alert) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(c.out, "There is no alert.")
		return err
	}
	for i, a := range list {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		span := "since " + a.OpenedAt.Format("2006-01-02 15:04")
		if !a.Open {
			span = a.OpenedAt.Format("2006-01-02 15:04") + " to " + a.ClosedAt.Format("2006-01-02 15:04")
		}
		fmt.Fprintf(c.out, "%s  %s, %s UTC\n%s\n%s\n", plain(a.Subject), report.AlertTitle(a), span, plain(report.AlertText(a)), report.AlertSure(a))
		for _, q := range a.Evidence {
			fmt.Fprintf(c.out, "  - %s (%s, %s)\n", clip(q.Text, 140), plain(q.Source), q.OccurredAt.Format("2 January"))
		}
	}
	return nil
}
