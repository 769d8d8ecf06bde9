package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
	"earshot/link"
)

func (c *cli) reclusterCommand() *cobra.Command {
	return c.jsonFlag(&cobra.Command{
		Use:   "recluster",
		Short: "Group the feedback anew and link the clusters to features",
		Long: `Group all analysed feedback of the workspace anew. Clusters that stand keep their ids and names where their
content stays, and the run says which were born, split, merged or retired. Then every cluster is linked to the feature
that fits it, or to none. The same data and seed give the same clusters.`,
		Example: "  earshot recluster\n  EARSHOT_GRANULARITY=2 earshot recluster",
		Args:    exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := c.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			bar := newSteps(c.errs)
			run, links, err := a.Recluster(cmd.Context(), a.Config.Workspace, bar.step)
			bar.done()
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(runJSON(run, links))
			}
			fmt.Fprintln(c.out, describeRun(run, links))
			return nil
		},
	})
}

// fates counts what became of the clusters.
func fates(run *feedback.Run) map[feedback.Fate]int {
	n := map[feedback.Fate]int{}
	for _, l := range run.Lineage {
		n[l.Fate]++
	}
	return n
}

func runJSON(run *feedback.Run, links link.Summary) any {
	return struct {
		Run        int                   `json:"run"`
		Excerpts   int                   `json:"excerpts"`
		Clusters   int                   `json:"clusters"`
		Themes     int                   `json:"themes"`
		Unassigned int                   `json:"unassigned"`
		Fates      map[feedback.Fate]int `json:"fates"`
		Links      link.Summary          `json:"links"`
		Unmet      []feedback.Unmet      `json:"unmet,omitempty"` // decisions that could not be honoured
	}{run.ID, len(run.Assignments), len(run.Clusters), len(run.Themes), run.Unassigned, fates(run), links, run.Unmet}
}

func describeRun(run *feedback.Run, links link.Summary) string {
	n := fates(run)
	s := fmt.Sprintf("Run %d: %s in %s under %s; %s belong to none.", run.ID, count(len(run.Assignments), "excerpt", "excerpts"),
		count(len(run.Clusters), "cluster", "clusters"), count(len(run.Themes), "theme", "themes"), thousands(run.Unassigned))
	s += fmt.Sprintf("\nClusters: %d continued, %d born, %d split, %d merged, %d retired.", n[feedback.FateContinued],
		n[feedback.FateBorn], n[feedback.FateSplit], n[feedback.FateMerged], n[feedback.FateRetired])
	if links.Features > 0 {
		s += fmt.Sprintf("\nFeatures: %d clusters linked, %d to be looked at, %d that no feature fits.",
			links.Automatic+links.Confirmed, links.Suggested, links.Abstained)
	}
	for _, u := range run.Unmet {
		s += fmt.Sprintf("\nDecision %d could not be honoured: %s.", u.Decision, u.Reason)
	}
	return s
}
