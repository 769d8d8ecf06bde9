package main

import (
	"github.com/spf13/cobra"

	"earshot/feedback"
)

func (d *decider) hideCommand() *cobra.Command {
	return d.ofCluster(feedback.DecideHide, "hide", "Leave a cluster out of lists and of the Pulse",
		"Leave a cluster out of lists, tables and the findings of the Pulse. What is hidden is counted where it is left out, and\nwhat a run splits off a hidden cluster is hidden too.",
		"  earshot cluster hide C12 --note \"our own test accounts\"")
}

func (d *decider) unhideCommand() *cobra.Command {
	return d.ofCluster(feedback.DecideUnhide, "unhide", "Show a hidden cluster again", "", "  earshot cluster unhide C12")
}
