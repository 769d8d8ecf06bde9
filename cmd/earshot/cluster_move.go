package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"earshot/feedback"
)

func (d *decider) moveCommand() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:     "move EXCERPT... --to CLUSTER",
		Short:   "Put excerpts into another cluster and keep them there",
		Example: "  earshot cluster move 5f0c9a52-3f0e-8d1b-9c61-0a6d6cf3b1aa --to C12",
		Args:    atLeast(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if to == "" {
				return fmt.Errorf("%w: say where with --to CLUSTER (see %s --help)", errUsage, cmd.CommandPath())
			}
			excerpts, err := excerptArgs(args)
			if err != nil {
				return err
			}
			ids, err := clusterArgs([]string{to})
			if err != nil {
				return err
			}
			return d.decide(cmd, feedback.Decision{Kind: feedback.DecideMove, Cluster: ids[0], Excerpts: excerpts})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "the cluster")
	return cmd
}
