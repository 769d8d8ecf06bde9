package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

func (c *cli) scheduleAddCommand() *cobra.Command {
	var weekly, hour, zone, period string
	var monthly int
	var alerts bool
	var targets []string
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "add",
		Short: "Send the Pulse or the alerts to somebody from now on",
		Long: `Send the Pulse to targets, weekly or monthly, or the alerts when they are raised. The period counts back from the
day on which the schedule is due: on a Monday, week is the week that ended on Sunday. In a month that is shorter than
the day, its last one counts. The hour is that of the zone's clocks, in summer and in winter. A moment that was missed
because nothing ran is made up for once.`,
		Example: `  earshot schedule add --weekly monday --at 08:00 --zone Europe/Berlin --to mail:board@example.com
  earshot schedule add --monthly 1 --at 07:30 --zone America/New_York --period month --to 'file:board?format=pdf,html'
  earshot schedule add --alerts --to slack:https://hooks.slack.com/services/...`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := readSchedule(weekly, monthly, alerts, hour, zone, period)
			if err != nil {
				return err
			}
			s.Targets = targets
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				s.Workspace = a.Config.Workspace
				s, err := a.AddSchedule(cmd.Context(), s)
				if err != nil {
					return err
				}
				j := toScheduleJSON(s, time.Now())
				if c.json {
					return c.printJSON(j)
				}
				fmt.Fprintf(c.out, "%s: %s to %s.", j.ID, j.When, strings.Join(j.Targets, " "))
				if j.Next != "" {
					fmt.Fprintf(c.out, " The first is due at %s.", j.Next)
				}
				_, err = fmt.Fprintln(c.out, "\nearshot serve does the sending.")
				return err
			})
		},
	})
	flags := cmd.Flags()
	flags.StringVar(&weekly, "weekly", "", "the weekday, for instance monday")
	flags.IntVar(&monthly, "monthly", 0, "the day of the month, 1 to 31")
	flags.BoolVar(&alerts, "alerts", false, "send the alerts, when they are raised, have doubled or are over")
	flags.StringVar(&hour, "at", "08:00", "the time of the day")
	flags.StringVar(&zone, "zone", "UTC", "the time zone, for instance Europe/Berlin")
	flags.StringVar(&period, "period", "", "of the Pulse: 7d, 30d, week, month or quarter; week for --weekly and month for --monthly when empty")
	flags.StringArrayVar(&targets, "to", nil, "a target; repeat it for several")
	return cmd
}

// readSchedule makes a schedule of the flags.
func readSchedule(weekly string, monthly int, alerts bool, hour, zone, period string) (feedback.Schedule, error) {
	s := feedback.Schedule{Zone: zone, Period: period, Day: 1}
	chosen := 0
	for _, on := range []bool{weekly != "", monthly != 0, alerts} {
		if on {
			chosen++
		}
	}
	if chosen != 1 {
		return s, fmt.Errorf("%w: choose one of --weekly, --monthly and --alerts", errUsage)
	}
	at, err := time.Parse("15:04", hour)
	if err != nil {
		return s, fmt.Errorf("%w: %q is no time of a day: write 08:00", errUsage, hour)
	}
	s.Minute = at.Hour()*60 + at.Minute()
	switch {
	case alerts:
		s.Cadence = feedback.OnAlert
	case monthly != 0:
		s.Cadence, s.Day = feedback.Monthly, monthly
		if s.Period == "" {
			s.Period = "month"
		}
	default:
		s.Cadence = feedback.Weekly
		if s.Period == "" {
			s.Period = "week"
		}
		for s.Weekday = time.Sunday; !strings.EqualFold(s.Weekday.String(), weekly); s.Weekday++ {
			if s.Weekday == time.Saturday {
				return s, fmt.Errorf("%w: %q is no weekday: write monday", errUsage, weekly)
			}
		}
	}
	return s, nil
}
