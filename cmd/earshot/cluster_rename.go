package main

import (
	"github.com/spf13/cobra"

	"earshot/feedback"
)

func (d *decider) renameCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rename CLUSTER|THEME NAME",
		Short: "Give a cluster or a theme a name that no run changes",
		Long: `Give a cluster (C12) or a theme (T3) a name that no run changes. A run continues a cluster that somebody named; if
it should end in another after all, the name goes with it unless that one was named too.`,
		Example: "  earshot cluster rename C12 \"Single sign-on\"\n  earshot cluster rename T3 Mobile",
		Args:    exactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if theme, err := feedback.ParseThemeID(args[0]); err == nil {
				return d.decide(cmd, feedback.Decision{Kind: feedback.DecideRenameTheme, Theme: theme, Name: args[1]})
			}
			ids, err := clusterArgs(args[:1])
			if err != nil {
				return err
			}
			return d.decide(cmd, feedback.Decision{Kind: feedback.DecideRename, Cluster: ids[0], Name: args[1]})
		},
	}
}
