package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

func (c *cli) unassignedCommand() *cobra.Command {
	var limit int
	var reason string
	names := make([]string, len(feedback.Outliers))
	for i, o := range feedback.Outliers {
		names[i] = string(o)
	}
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "unassigned",
		Short: "List the excerpts that are in no cluster, with the reason of each",
		Long: `List the excerpts that are in no cluster, the latest first. The reasons are small (what it is like is too little to
be a cluster), far (its nearest cluster's members are much more like each other), between (about as near to a second
cluster), alone (near to nothing), blank (the embedder knows none of its words) and early (it came before there was a
cluster). Nothing is forced into a cluster unless you ask: earshot recluster --max-outliers 5%`,
		Example: `  earshot unassigned
  earshot unassigned --reason small --limit 100`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > 1000 {
				return fmt.Errorf("%w: --limit is from 1 to 1000", errUsage)
			}
			if reason != "" && !slices.Contains(names, reason) {
				return fmt.Errorf("%w: there is no reason %q: choose among %s", errUsage, reason, strings.Join(names, ", "))
			}
			a, err := c.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			list, err := a.Store.ClusterList(cmd.Context(), a.Config.Workspace)
			if err != nil {
				return err
			}
			hits, err := a.Store.UnassignedExcerpts(cmd.Context(), a.Config.Workspace, feedback.Outlier(reason), 0, limit)
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(struct {
					Total    int                      `json:"total"`
					Reasons  map[feedback.Outlier]int `json:"reasons"`
					Excerpts []feedback.Hit           `json:"excerpts"`
				}{list.Unassigned, list.Outliers, hits})
			}
			fmt.Fprintf(c.out, "%s of %s, %s, belong to no cluster%s.\n\n", thousands(list.Unassigned), count(list.Excerpts, "excerpt", "excerpts"),
				share(list.Unassigned, list.Excerpts), reasons(list.Outliers))
			for _, h := range hits {
				fmt.Fprintf(c.out, "  %s  %s, %s\n      %s\n", h.OccurredAt.Format("2006-01-02"), h.Source, outlierWords[h.Outlier], plain(h.Text))
			}
			return nil
		},
	})
	cmd.Flags().IntVar(&limit, "limit", 20, "most excerpts to show, up to 1000")
	cmd.Flags().StringVar(&reason, "reason", "", "those of one reason: "+strings.Join(names, ", "))
	return cmd
}
