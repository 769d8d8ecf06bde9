package main

import (
	"github.com/spf13/cobra"

	"earshot/feedback"
)

func (d *decider) mergeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "merge SURVIVOR OTHER",
		Short: "Make one cluster of two, which no run parts again",
		Long: `Put all that is in the other cluster into the survivor, which keeps its id and name. Links to the other one lead to
the survivor, and no run parts again what was merged.`,
		Example: "  earshot cluster merge C12 C31",
		Args:    exactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := clusterArgs(args)
			if err != nil {
				return err
			}
			return d.decide(cmd, feedback.Decision{Kind: feedback.DecideMerge, Cluster: ids[0], Other: ids[1]})
		},
	}
}
