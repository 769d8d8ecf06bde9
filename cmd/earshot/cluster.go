package main

import (
	"fmt"
	"os/user"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

// decider is what the commands that decide share.
type decider struct {
	*cli
	note, actor string
}

func (c *cli) clusterCommand() *cobra.Command {
	d := &decider{cli: c}
	cmd := &cobra.Command{
		Use:   "cluster",
		Short: "Decide about clusters: what people decide outlives every run",
		Long: `Decide about clusters. A decision takes effect at once and holds in every later run, until it is undone. Each is
kept in a log with who made it, when and why (earshot cluster log).`,
		Example: `  earshot cluster rename C12 "Single sign-on"
  earshot cluster merge C12 C31 --note "one need, said in two ways"
  earshot cluster log
  earshot cluster undo 4`,
		Args: exactArgs(0),
		Run:  func(cmd *cobra.Command, _ []string) { _ = cmd.Help() },
	}
	for _, sub := range []*cobra.Command{d.renameCommand(), d.pinCommand(), d.moveCommand(), d.apartCommand(), d.mergeCommand(),
		d.splitCommand(), d.hideCommand(), d.unhideCommand(), d.confirmCommand(), d.linkCommand(), d.undoCommand()} {
		sub.Flags().StringVar(&d.note, "note", "", "why, for the log")
		sub.Flags().StringVar(&d.actor, "as", "", "who decides, for the log; the account's name when left out")
		cmd.AddCommand(c.jsonFlag(sub))
	}
	cmd.AddCommand(c.jsonFlag(d.logCommand()))
	return cmd
}

// decide makes the decision and says what it did.
func (d *decider) decide(cmd *cobra.Command, decision feedback.Decision) error {
	a, err := d.open(cmd.Context(), app.Options{})
	if err != nil {
		return err
	}
	defer a.Close()
	return d.make(cmd, a, decision)
}

func (d *decider) make(cmd *cobra.Command, a *app.App, decision feedback.Decision) error {
	decision.Actor, decision.Note = d.who(), d.note
	done, err := a.Decide(cmd.Context(), a.Config.Workspace, decision)
	if err != nil {
		return err
	}
	if d.json {
		return d.printJSON(toDecisionJSON(done))
	}
	line := fmt.Sprintf("Decision %d: %s.", done.ID, plain(done.String()))
	if done.Kind != feedback.DecideUndo {
		line += fmt.Sprintf(" To take it back: earshot cluster undo %d", done.ID)
	}
	_, err = fmt.Fprintln(d.out, line)
	return err
}

// who names the person in the log.
func (d *decider) who() string {
	if d.actor != "" {
		return d.actor
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "command line"
}

// clusterArgs reads the names of clusters.
func clusterArgs(args []string) ([]feedback.ClusterID, error) {
	ids := make([]feedback.ClusterID, len(args))
	for i, arg := range args {
		id, err := feedback.ParseClusterID(arg)
		if err != nil {
			return nil, err
		}
		ids[i] = id
	}
	return ids, nil
}

// excerptArgs reads the ids of excerpts.
func excerptArgs(args []string) ([]feedback.ID, error) {
	ids := make([]feedback.ID, len(args))
	for i, arg := range args {
		id, err := feedback.ParseID(arg)
		if err != nil {
			return nil, fmt.Errorf("%w: excerpts are named by the ids that earshot clusters C12 shows", err)
		}
		ids[i] = id
	}
	return ids, nil
}

// atLeast is exactArgs for commands that take n arguments or more.
func atLeast(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return exactArgs(n)(cmd, args)
		}
		return nil
	}
}

// ofCluster makes a command whose decision names one cluster and nothing else.
func (d *decider) ofCluster(kind feedback.DecisionKind, use, short, long, example string) *cobra.Command {
	return &cobra.Command{Use: use + " CLUSTER", Short: short, Long: long, Example: example, Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := clusterArgs(args)
			if err != nil {
				return err
			}
			return d.decide(cmd, feedback.Decision{Kind: kind, Cluster: ids[0]})
		}}
}
