package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

func (d *decider) splitCommand() *cobra.Command {
	var name string
	var part int
	cmd := &cobra.Command{
		Use:   "split CLUSTER [EXCERPT...]",
		Short: "Make some excerpts of a cluster one of their own, which no run joins again",
		Long: `With excerpts: make these a cluster of their own. With nothing else: show into which parts the cluster would fall.
With --part: make that part a cluster of its own. The rest keeps the id.`,
		Example: `  earshot cluster split C12                 the parts that are proposed
  earshot cluster split C12 --part 2        split the second part off
  earshot cluster split C12 5f0c9a52-3f0e-8d1b-9c61-0a6d6cf3b1aa --name "Sign-on for guests"`,
		Args: atLeast(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := clusterArgs(args[:1])
			if err != nil {
				return err
			}
			excerpts, err := excerptArgs(args[1:])
			if err != nil {
				return err
			}
			if part != 0 && len(excerpts) > 0 {
				return fmt.Errorf("%w: name excerpts or a part, not both", errUsage)
			}
			a, err := d.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			decision := feedback.Decision{Kind: feedback.DecideSplit, Cluster: ids[0], Excerpts: excerpts, Name: name}
			if len(excerpts) == 0 {
				parts, err := a.Parts(cmd.Context(), a.Config.Workspace, ids[0])
				if err != nil {
					return err
				}
				if part == 0 {
					return d.showParts(ids[0], parts)
				}
				if part < 1 || part > len(parts) {
					return feedback.Errorf(feedback.NotFound, "%s has no part %d", ids[0], part).WithHint("earshot cluster split %s shows its %d parts", ids[0], len(parts))
				}
				decision.Excerpts = parts[part-1].Excerpts
			}
			return d.make(cmd, a, decision)
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "what the new cluster is called; a name in the customers' words when left out")
	cmd.Flags().IntVar(&part, "part", 0, "the proposed part to split off, from 1")
	return cmd
}

func (d *decider) showParts(id feedback.ClusterID, parts []feedback.Part) error {
	if d.json {
		type row struct {
			Part     int           `json:"part"`
			Name     string        `json:"name"`
			Summary  string        `json:"summary"`
			Excerpts []feedback.ID `json:"excerpts"`
		}
		rows := []row{}
		for i, p := range parts {
			rows = append(rows, row{i + 1, p.Name, p.Summary, p.Excerpts})
		}
		return d.printJSON(rows)
	}
	var rows [][]string
	for i, p := range parts {
		rows = append(rows, []string{fmt.Sprint(i + 1), fmt.Sprint(len(p.Excerpts)), clip(p.Name, 48), clip(p.Summary, 72)})
	}
	if err := table(d.out, []string{"PART", "EXCERPTS", "NAME", "SUMMARY"}, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(d.out, "\nNothing was changed. To split one off: earshot cluster split %s --part 2\n", id)
	return err
}
