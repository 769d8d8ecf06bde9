package main

import (
	"github.com/spf13/cobra"

	"earshot/feedback"
)

func (d *decider) linkCommand() *cobra.Command {
	var reject bool
	cmd := &cobra.Command{
		Use:     "link CLUSTER FEATURE",
		Short:   "Confirm or reject that a cluster is about a feature",
		Example: "  earshot cluster link C12 sso\n  earshot cluster link C12 billing --reject",
		Args:    exactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := clusterArgs(args[:1])
			if err != nil {
				return err
			}
			kind := feedback.DecideConfirmLink
			if reject {
				kind = feedback.DecideRejectLink
			}
			return d.decide(cmd, feedback.Decision{Kind: kind, Cluster: ids[0], Feature: args[1]})
		},
	}
	cmd.Flags().BoolVar(&reject, "reject", false, "say that it is not")
	return cmd
}
