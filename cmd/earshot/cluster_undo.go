package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"earshot/feedback"
)

func (d *decider) undoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "undo DECISION",
		Short: "Take back a decision",
		Long: `Take back a decision, by its number in the log. What it moved goes back, and it holds no more. A decision on which
later ones build is not undone: those are named, to be undone first.`,
		Example: "  earshot cluster undo 4",
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.Atoi(args[0])
			if err != nil || id < 1 {
				return feedback.Errorf(feedback.Invalid, "%q is not a decision: decisions are numbered from 1", clip(args[0], 40)).
					WithHint("earshot cluster log lists them")
			}
			return d.decide(cmd, feedback.Decision{Kind: feedback.DecideUndo, Undoes: id})
		},
	}
}
