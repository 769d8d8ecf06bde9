package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

// deliveryJSON is a delivery as programs read it; its target is masked.
type deliveryJSON struct {
	ID       string `json:"id"`
	Schedule string `json:"schedule,omitempty"`
	Kind     string `json:"kind"`
	Subject  string `json:"subject"`
	Target   string `json:"target"`
	Due      string `json:"due"`
	State    string `json:"state"`
	Attempts int    `json:"attempts"`
	Updated  string `json:"updated_at"`
	Error    string `json:"error,omitempty"`
}

func toDeliveryJSON(d feedback.Delivery) deliveryJSON {
	j := deliveryJSON{ID: d.ID.String(), Kind: string(d.Kind), Subject: d.Subject, Target: feedback.MaskTarget(d.Target), Due: d.Due.UTC().Format(time.RFC3339),
		State: string(d.State), Attempts: d.Attempts, Updated: d.UpdatedAt.UTC().Format(time.RFC3339), Error: d.Error}
	if d.Schedule > 0 {
		j.Schedule = feedback.ScheduleName(d.Schedule)
	}
	return j
}

func (c *cli) scheduleDeliveriesCommand() *cobra.Command {
	var limit int
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "deliveries",
		Short: "Show what was sent, to whom, and what came of it",
		Long: `Show the record of deliveries, the latest first. waiting is tried again, failed is not, and unknown may have arrived:
the process was killed while it sent, and the target cannot tell a repeat.`,
		Example: "  earshot schedule deliveries --limit 10",
		Args:    exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > 1000 {
				return fmt.Errorf("%w: --limit is between 1 and 1000", errUsage)
			}
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				list, err := a.Deliveries(cmd.Context(), a.Config.Workspace, limit)
				if err != nil {
					return err
				}
				out := []deliveryJSON{}
				var rows [][]string
				for _, d := range list {
					j := toDeliveryJSON(d)
					out = append(out, j)
					rows = append(rows, []string{j.Updated, j.Schedule, j.Kind, clip(j.Subject, 16), j.Target, j.State, strconv.Itoa(j.Attempts), clip(j.Error, 80)})
				}
				switch {
				case c.json:
					return c.printJSON(out)
				case len(rows) == 0:
					_, err := fmt.Fprintln(c.out, "Nothing was delivered so far.")
					return err
				}
				return table(c.out, []string{"WHEN", "BY", "KIND", "WHAT", "TARGET", "STATE", "TRIES", "ERROR"}, rows)
			})
		},
	})
	cmd.Flags().IntVar(&limit, "limit", 50, "how many")
	return cmd
}
