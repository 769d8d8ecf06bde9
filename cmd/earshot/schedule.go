package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"earshot/deliver"
	"earshot/feedback"
)

func (c *cli) scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Say who gets the Pulse and the alerts, and when",
		Long: `A schedule sends the Pulse of a period to its targets, weekly or monthly at an hour of a time zone, or the alerts
when they are raised. earshot serve does the sending. A target is file:FOLDER, mail:ADDRESS, slack:WEBHOOK or the
https address of a webhook; docs/delivery.md says what each gets.`,
		Example: `  earshot schedule add --weekly monday --at 08:00 --zone Europe/Berlin --to mail:board@example.com
  earshot schedule list`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return fmt.Errorf("%w: there is no command %q (see %s --help)", errUsage, args[0], cmd.CommandPath())
		},
		Run: func(cmd *cobra.Command, _ []string) { _ = cmd.Help() },
	}
	cmd.AddCommand(c.scheduleListCommand(), c.scheduleAddCommand(), c.scheduleRemoveCommand(), c.schedulePauseCommand(true), c.schedulePauseCommand(false),
		c.scheduleDeliveriesCommand())
	return cmd
}

// scheduleID reads S1, s1 or 1.
func scheduleID(s string) (int, error) {
	id, err := strconv.Atoi(strings.TrimPrefix(strings.ToUpper(s), "S"))
	if err != nil || id < 1 {
		return 0, fmt.Errorf("%w: %q is no schedule: schedules are called S1, S2 and so on", errUsage, s)
	}
	return id, nil
}

// when says in words when a schedule is due.
func when(s feedback.Schedule) string {
	hour := fmt.Sprintf("%02d:%02d %s", s.Minute/60, s.Minute%60, s.Zone)
	switch s.Cadence {
	case feedback.Weekly:
		return s.Weekday.String() + "s at " + hour
	case feedback.Monthly:
		return fmt.Sprintf("day %d of each month at %s", s.Day, hour)
	}
	return "when there is an alert"
}

// scheduleJSON is a schedule as programs read it; targets are masked.
type scheduleJSON struct {
	ID      string   `json:"id"`
	Cadence string   `json:"cadence"`
	When    string   `json:"when"`
	Period  string   `json:"period,omitempty"`
	Zone    string   `json:"zone"`
	Targets []string `json:"targets"`
	Paused  bool     `json:"paused"`
	Next    string   `json:"next,omitempty"`
}

func toScheduleJSON(s feedback.Schedule, now time.Time) scheduleJSON {
	out := scheduleJSON{ID: feedback.ScheduleName(s.ID), Cadence: string(s.Cadence), When: when(s), Period: s.Period, Zone: s.Zone, Paused: s.Paused, Targets: masked(s.Targets)}
	if next := deliver.Next(s, now); !next.IsZero() && !s.Paused {
		out.Next = next.Format(time.RFC3339)
	}
	return out
}

func masked(targets []string) []string {
	out := make([]string, len(targets))
	for i, t := range targets {
		out[i] = feedback.MaskTarget(t)
	}
	return out
}
