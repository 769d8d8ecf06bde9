package main

import (
	"context"
	"fmt"
	"strings"

	"earshot/app"
	"earshot/feedback"
)

// showForming looks for what forms among the unassigned excerpts, and prints it with at most limit excerpts of each.
func (c *cli) showForming(ctx context.Context, a *app.App, limit int) error {
	if _, err := a.Watch(ctx, a.Config.Workspace); err != nil {
		return err
	}
	forming, err := a.Store.Forming(ctx, a.Config.Workspace, limit)
	if err != nil {
		return err
	}
	if c.json {
		if forming == nil {
			forming = []feedback.Forming{}
		}
		return c.printJSON(struct {
			Forming []feedback.Forming `json:"forming"`
		}{forming})
	}
	if len(forming) == 0 {
		fmt.Fprintln(c.out, "Nothing forms among the excerpts that are in no cluster: none of what they say came in a burst.")
		return nil
	}
	for _, f := range forming {
		fmt.Fprintf(c.out, "Forming: %s\n%s\n%s in the last 7 days, %s in the 28 before; that has a chance of %.1g if nothing changed.\n", plain(f.Name),
			plain(strings.Join(f.Keywords, ", ")), count(f.Recent, "excerpt", "excerpts"), thousands(f.Before), f.Chance)
		c.printHits(f.Hits)
		if len(f.Excerpts) > len(f.Hits) {
			fmt.Fprintf(c.out, "… and %s more (--limit)\n", thousands(len(f.Excerpts)-len(f.Hits)))
		}
		fmt.Fprintln(c.out)
	}
	return nil
}
