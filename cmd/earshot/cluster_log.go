package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

func (d *decider) logCommand() *cobra.Command {
	var limit, before int
	cmd := &cobra.Command{
		Use:     "log [CLUSTER]",
		Short:   "List what people decided, the latest first",
		Example: "  earshot cluster log\n  earshot cluster log C12",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return exactArgs(1)(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 || limit > 1000 || before < 0 {
				return fmt.Errorf("%w: --limit is from 1 to 1000, --before at least 0", errUsage)
			}
			ids, err := clusterArgs(args)
			if err != nil {
				return err
			}
			a, err := d.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			log, err := a.Decisions(cmd.Context(), a.Config.Workspace, append(ids, 0)[0], before, limit)
			if err != nil {
				return err
			}
			return d.showLog(log)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 50, "most decisions to list, up to 1000")
	cmd.Flags().IntVar(&before, "before", 0, "list those before this one")
	return cmd
}

func (d *decider) showLog(log []feedback.Decision) error {
	if d.json {
		rows := []decisionJSON{}
		for _, one := range log {
			rows = append(rows, toDecisionJSON(one))
		}
		return d.printJSON(rows)
	}
	if len(log) == 0 {
		_, err := fmt.Fprintln(d.out, "Nobody decided anything yet.")
		return err
	}
	var rows [][]string
	for _, one := range log {
		state := "stands"
		switch {
		case one.UndoneBy != 0:
			state = fmt.Sprintf("undone by %d", one.UndoneBy)
		case one.Kind == feedback.DecideUndo:
			state = ""
		case one.Named > 0 && one.Gone == one.Named:
			state = "without object: the excerpts are gone"
		case one.Gone > 0:
			state = fmt.Sprintf("stands; %s gone", count(one.Gone, "excerpt is", "excerpts are"))
		case one.Cluster != 0 && one.Now == 0:
			state = "without object: the cluster has ended"
		}
		rows = append(rows, []string{fmt.Sprint(one.ID), one.At.UTC().Format("2006-01-02 15:04"), clip(one.Actor, 24),
			clip(one.String(), 56), state, clip(one.Note, 48)})
	}
	return table(d.out, []string{"NO", "WHEN (UTC)", "WHO", "WHAT", "STATE", "WHY"}, rows)
}

// decisionJSON is a decision as programs read it.
type decisionJSON struct {
	ID       int                   `json:"id"`
	Kind     feedback.DecisionKind `json:"kind"`
	What     string                `json:"what"`
	Actor    string                `json:"actor"`
	Note     string                `json:"note,omitempty"`
	At       time.Time             `json:"at"`
	Run      int                   `json:"run"`
	Cluster  string                `json:"cluster,omitempty"`
	Other    string                `json:"other,omitempty"`
	Theme    string                `json:"theme,omitempty"`
	Feature  string                `json:"feature,omitempty"`
	Name     string                `json:"name,omitempty"`
	Was      string                `json:"was,omitempty"`
	Excerpts int                   `json:"excerpts,omitempty"`
	Gone     int                   `json:"gone,omitempty"`
	Undoes   int                   `json:"undoes,omitempty"`
	UndoneBy int                   `json:"undone_by,omitempty"`
}

func toDecisionJSON(d feedback.Decision) decisionJSON {
	out := decisionJSON{ID: d.ID, Kind: d.Kind, What: d.String(), Actor: d.Actor, Note: d.Note, At: d.At.UTC(), Run: d.Run,
		Feature: d.Feature, Name: d.Name, Was: d.Was, Excerpts: d.Named, Gone: d.Gone, Undoes: d.Undoes, UndoneBy: d.UndoneBy}
	if d.Cluster != 0 {
		out.Cluster = d.Cluster.String()
	}
	if d.Other != 0 {
		out.Other = d.Other.String()
	}
	if d.Theme != 0 {
		out.Theme = d.Theme.String()
	}
	return out
}
