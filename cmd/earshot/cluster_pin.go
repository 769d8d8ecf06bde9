package main

import (
	"github.com/spf13/cobra"

	"earshot/feedback"
)

func (d *decider) pinCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "pin EXCERPT...",
		Short:   "Keep excerpts in the cluster in which they are",
		Example: "  earshot cluster pin 5f0c9a52-3f0e-8d1b-9c61-0a6d6cf3b1aa",
		Args:    atLeast(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			excerpts, err := excerptArgs(args)
			if err != nil {
				return err
			}
			return d.decide(cmd, feedback.Decision{Kind: feedback.DecidePin, Excerpts: excerpts})
		},
	}
}
