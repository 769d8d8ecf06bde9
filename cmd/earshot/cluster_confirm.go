package main

import (
	"github.com/spf13/cobra"

	"earshot/feedback"
)

func (d *decider) confirmCommand() *cobra.Command {
	return d.ofCluster(feedback.DecideConfirm, "confirm", "Say that a cluster is right: runs continue it",
		"Say that a cluster is right. Runs continue it under its id and name while its excerpts are there; a run that cannot says why.",
		"  earshot cluster confirm C12")
}
