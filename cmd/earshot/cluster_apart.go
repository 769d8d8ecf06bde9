package main

import (
	"github.com/spf13/cobra"

	"earshot/feedback"
)

func (d *decider) apartCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "apart CLUSTER CLUSTER | EXCERPT EXCERPT",
		Short: "Keep two clusters or two excerpts apart",
		Long: `Keep two clusters or two excerpts apart. No run merges the clusters, nor moves an excerpt from the one to the other,
and no run puts the excerpts into one cluster. Of two excerpts that are in one cluster now, the second leaves it for none,
unless it is pinned.`,
		Example: "  earshot cluster apart C12 C31",
		Args:    exactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if excerpts, err := excerptArgs(args); err == nil {
				return d.decide(cmd, feedback.Decision{Kind: feedback.DecideApart, Excerpts: excerpts})
			}
			ids, err := clusterArgs(args)
			if err != nil {
				return err
			}
			return d.decide(cmd, feedback.Decision{Kind: feedback.DecideApart, Cluster: ids[0], Other: ids[1]})
		},
	}
}
