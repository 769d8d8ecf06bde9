package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/cluster"
	"earshot/feedback"
	"earshot/link"
)

func (c *cli) reclusterCommand() *cobra.Command {
	var preview, rollback bool
	var apply, discard, granularity int
	var most string
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "recluster",
		Short: "Group the feedback anew and link the clusters to features",
		Long: `Group all analysed feedback of the workspace anew. Clusters that stand keep their ids and names where their
content stays, and the run says which were born, split, merged or retired. Then every cluster is linked to the feature
that fits it, or to none. The same data and seed give the same clusters.

With --preview the run is stored and changes nothing: what it would change is printed, and --apply makes exactly that
what stands, or --discard gives it up. --rollback takes back the run that was applied last: clusters, names and excerpts
are again as they were before it, and what came since joins them. Of the last five applied runs each can be taken back,
one after the other.

--granularity holds for this run; set EARSHOT_GRANULARITY for those of the schedule, too, or the next one goes back.`,
		Example: `  earshot recluster
  earshot recluster --granularity 2 --preview
  earshot recluster --apply 7
  earshot recluster --rollback
  earshot recluster --max-outliers 5%      put all but 5 % into a cluster, however little they fit`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts := app.RunOptions{Preview: preview}
			if err := checkGranularity(granularity); err != nil {
				return err
			}
			if most != "" {
				share, err := parseShare(most)
				if err != nil {
					return err
				}
				opts.MaxOutliers = &share
			}
			a, err := c.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			workspace := a.Config.Workspace
			if cmd.Flags().Changed("granularity") {
				a.Config.Granularity = granularity
			}
			switch {
			case cmd.Flags().Changed("apply"):
				return c.decide(cmd.Context(), func(ctx context.Context) (feedback.RunRecord, error) { return a.ApplyRun(ctx, workspace, apply) })
			case cmd.Flags().Changed("discard"):
				return c.decide(cmd.Context(), func(ctx context.Context) (feedback.RunRecord, error) { return a.DiscardRun(ctx, workspace, discard) })
			case rollback:
				return c.decide(cmd.Context(), func(ctx context.Context) (feedback.RunRecord, error) { return a.Rollback(ctx, workspace) })
			}
			bar := newSteps(c.errs)
			opts.Progress = bar.step
			run, links, err := a.Recluster(cmd.Context(), workspace, opts)
			bar.done()
			if err != nil {
				return err
			}
			if preview {
				record, err := a.Store.RunByID(cmd.Context(), workspace, run.ID)
				if err != nil {
					return err
				}
				return c.showRun(record)
			}
			if c.json {
				return c.printJSON(runJSON(run, links))
			}
			fmt.Fprintln(c.out, describeRun(run, links))
			return nil
		},
	})
	cmd.Flags().BoolVar(&preview, "preview", false, "store the run and print what it would change")
	cmd.Flags().IntVar(&apply, "apply", 0, "make the preview of this number what stands")
	cmd.Flags().IntVar(&discard, "discard", 0, "give the preview of this number up")
	cmd.Flags().BoolVar(&rollback, "rollback", false, "take back the run that was applied last")
	cmd.Flags().StringVar(&most, "max-outliers", "", "put the nearest outliers into their nearest cluster, until at most this part of the excerpts is left, such as 5%")
	cmd.Flags().IntVar(&granularity, "granularity", 0, granularityUse)
	cmd.MarkFlagsMutuallyExclusive("preview", "apply", "discard", "rollback")
	for _, other := range []string{"apply", "discard", "rollback"} {
		cmd.MarkFlagsMutuallyExclusive("max-outliers", other)
		cmd.MarkFlagsMutuallyExclusive("granularity", other)
	}
	return cmd
}

const granularityUse = "fewer (-5) to more (5) clusters than the data suggests (EARSHOT_GRANULARITY)"

func checkGranularity(n int) error {
	if n < cluster.Fewest || n > cluster.Most {
		return fmt.Errorf("%w: --granularity is a whole number from %d (fewest clusters) to %d (most)", errUsage, cluster.Fewest, cluster.Most)
	}
	return nil
}

// parseShare reads "5%", "5 %" or "0.05".
func parseShare(s string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) {
		return 0, fmt.Errorf("%w: --max-outliers is a share such as 5%%, from 0%% to 100%%", errUsage)
	}
	return share, nil
}

// decide does what a person decided about a run, and prints the run.
func (c *cli) decide(ctx context.Context, do func(context.Context) (feedback.RunRecord, error)) error {
	run, err := do(ctx)
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(run)
	}
	fmt.Fprintln(c.out, headOfRun(run))
	return nil
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
		Run        int                      `json:"run"`
		Excerpts   int                      `json:"excerpts"`
		Clusters   int                      `json:"clusters"`
		Themes     int                      `json:"themes"`
		Unassigned int                      `json:"unassigned"`
		Outliers   map[feedback.Outlier]int `json:"outliers"`
		Forced     int                      `json:"forced"`
		Fates      map[feedback.Fate]int    `json:"fates"`
		Links      link.Summary             `json:"links"`
		Unmet      []feedback.Unmet         `json:"unmet,omitempty"` // decisions that could not be honoured
	}{run.ID, run.Excerpts, len(run.Clusters), len(run.Themes), run.Unassigned, run.Change.Outliers, run.Change.Forced, fates(run), links, run.Unmet}
}

func describeRun(run *feedback.Run, links link.Summary) string {
	n := fates(run)
	s := fmt.Sprintf("Run %d: %s in %s under %s; %s belong to none%s.", run.ID, count(run.Excerpts, "excerpt", "excerpts"),
		count(len(run.Clusters), "cluster", "clusters"), count(len(run.Themes), "theme", "themes"), thousands(run.Unassigned),
		reasons(run.Change.Outliers))
	if run.Change.Forced > 0 {
		s += fmt.Sprintf("\nOf those in clusters, %s were put into their nearest because you asked for it.", thousands(run.Change.Forced))
	}
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

// outlierWords say in few words why excerpts are in no cluster.
var outlierWords = map[feedback.Outlier]string{
	feedback.OutlierSmall:   "in too small a group",
	feedback.OutlierFar:     "too far from their nearest cluster",
	feedback.OutlierBetween: "between two clusters",
	feedback.OutlierAlone:   "near to nothing",
	feedback.OutlierBlank:   "of no known word",
	feedback.OutlierEarly:   "there before any cluster",
	"":                      "of no stored reason",
}

// reasons counts outliers by their reason, in brackets; "" where there are none.
func reasons(counts map[feedback.Outlier]int) string {
	var parts []string
	for _, why := range append(feedback.Outliers[:len(feedback.Outliers):len(feedback.Outliers)], "") {
		if n := counts[why]; n > 0 {
			parts = append(parts, thousands(n)+" "+outlierWords[why])
		}
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
