package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

func (c *cli) runsCommand() *cobra.Command {
	var limit int
	list := c.jsonFlag(&cobra.Command{
		Use:   "runs",
		Short: "List the runs: what was applied, what waits, what was refused or taken back",
		Example: `  earshot runs
  earshot runs show 7
  earshot recluster --apply 7`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > 1000 {
				return fmt.Errorf("%w: --limit is from 1 to 1000", errUsage)
			}
			a, err := c.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			runs, err := a.Store.Runs(cmd.Context(), a.Config.Workspace, limit)
			if err != nil {
				return err
			}
			return c.listRuns(a.Config.Workspace, runs)
		},
	})
	list.Flags().IntVar(&limit, "limit", 20, "most runs to list, up to 1000")
	list.AddCommand(c.jsonFlag(&cobra.Command{
		Use:     "show RUN",
		Short:   "Show what a run changes or has changed",
		Example: "  earshot runs show 7",
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.Atoi(args[0])
			if err != nil || id < 1 {
				return fmt.Errorf("%w: %q is not the number of a run", errUsage, args[0])
			}
			a, err := c.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			run, err := a.Store.RunByID(cmd.Context(), a.Config.Workspace, id)
			if err != nil {
				return err
			}
			return c.showRun(run)
		},
	}))
	return list
}

func (c *cli) listRuns(workspace string, runs []feedback.RunRecord) error {
	if c.json {
		if runs == nil {
			runs = []feedback.RunRecord{}
		}
		return c.printJSON(struct {
			Runs []feedback.RunRecord `json:"runs"`
		}{runs})
	}
	if len(runs) == 0 {
		fmt.Fprintf(c.out, "Workspace %q has no run yet. Group its feedback: earshot recluster\n", workspace)
		return nil
	}
	var rows [][]string
	for _, r := range runs {
		state := string(r.State)
		if r.Stands {
			state += ", stands"
		}
		rows = append(rows, []string{strconv.Itoa(r.ID), r.FinishedAt.UTC().Format("2006-01-02 15:04"), strings.ReplaceAll(state, "_", " "),
			string(r.Cause), thousands(r.Clusters), thousands(r.Unassigned), clip(changed(r), 60)})
	}
	return table(c.out, []string{"RUN", "WHEN", "STATE", "BY", "CLUSTERS", "UNASSIGNED", "CHANGES"}, rows)
}

// changed says in few words what a run changes, or why it changes nothing.
func changed(r feedback.RunRecord) string {
	change := r.Change
	switch {
	case r.Undoes != 0:
		return fmt.Sprintf("took back run %d", r.Undoes)
	case r.State == feedback.RunRefused:
		return r.Reason
	case change.ClustersBefore == 0:
		return fmt.Sprintf("%d born", change.Fates[feedback.FateBorn])
	}
	parts := []string{thousands(change.Moved+change.Left) + " moved", thousands(change.Joined) + " joined"}
	for _, fate := range []feedback.Fate{feedback.FateBorn, feedback.FateSplit, feedback.FateMerged, feedback.FateRetired} {
		if n := change.Fates[fate]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, fate))
		}
	}
	return strings.Join(parts, ", ")
}

// headOfRun says what a run is, in a sentence.
func headOfRun(r feedback.RunRecord) string {
	head := fmt.Sprintf("Run %d", r.ID)
	switch {
	case r.Undoes != 0:
		head += fmt.Sprintf(" took back run %d: what stood before it stands again", r.Undoes)
	case r.State == feedback.RunPreviewed:
		head += " is a preview and changed nothing"
	case r.State == feedback.RunApplied && r.Stands:
		head += " stands"
	default:
		head += " was " + strings.ReplaceAll(string(r.State), "_", " ")
	}
	if r.Reason != "" && r.State != feedback.RunApplied && !(r.State == feedback.RunPreviewed && r.Cause == feedback.CausePerson) {
		head += ": " + plain(r.Reason)
	}
	return head + "."
}

// showRun prints what a run changes, as a person reads it before saying yes.
func (c *cli) showRun(r feedback.RunRecord) error {
	if c.json {
		return c.printJSON(r)
	}
	w, ch := c.out, r.Change
	fmt.Fprintln(w, headOfRun(r))
	if r.Undoes != 0 || r.State == feedback.RunRefused {
		return nil
	}
	fmt.Fprintf(w, "%s: clusters %s to %s; in no cluster %s to %s%s.\n", count(r.Excerpts, "excerpt", "excerpts"), thousands(ch.ClustersBefore),
		thousands(ch.ClustersAfter), thousands(ch.UnassignedBefore), thousands(ch.UnassignedAfter), reasons(ch.Outliers))
	if ch.ClustersBefore > 0 {
		fmt.Fprintf(w, "Of %s in clusters %s go to another and %s to none, %s; %s that were in none join one.\n", count(ch.Stood, "excerpt", "excerpts"),
			thousands(ch.Moved), thousands(ch.Left), share(ch.Moved+ch.Left, ch.Stood), thousands(ch.Joined))
	}
	if ch.Forced > 0 {
		fmt.Fprintf(w, "%s were put into their nearest cluster because you asked for it.\n", thousands(ch.Forced))
	}
	for _, d := range ch.Touched {
		fmt.Fprintf(w, "It changes %s, %s, of which a person decided: %s.\n", d.Cluster, plain(d.Name), plain(d.What))
	}
	if err := c.showFates(ch); err != nil {
		return err
	}
	if err := c.showMoves(ch); err != nil {
		return err
	}
	if err := c.showTrends(ch); err != nil {
		return err
	}
	if r.State == feedback.RunPreviewed {
		fmt.Fprintf(w, "\nApply it: earshot recluster --apply %d. Give it up: earshot recluster --discard %d\n", r.ID, r.ID)
	}
	return nil
}

func share(part, whole int) string {
	if whole == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// continuedShown is how many clusters are listed that go on as they were; those that change are all listed.
const continuedShown = 10

func (c *cli) showFates(ch feedback.RunChange) error {
	if len(ch.Clusters) == 0 {
		return nil
	}
	var rows [][]string
	continued := 0
	for _, x := range ch.Clusters {
		if x.Fate == feedback.FateContinued {
			if continued++; continued > continuedShown {
				continue
			}
		}
		row := []string{string(x.Fate), "", "", "", "", ""}
		if x.From != 0 {
			row[1], row[2] = x.From.String()+" "+clip(x.FromName, 34), thousands(x.FromSize)
		}
		if x.To != 0 {
			row[3], row[4] = x.To.String()+" "+clip(x.ToName, 34), thousands(x.ToSize)
		}
		if x.From != 0 && x.To != 0 {
			row[5] = fmt.Sprintf("%s, %.0f %%", thousands(x.Shared), 100*x.Overlap)
		}
		rows = append(rows, row)
	}
	fmt.Fprintln(c.out, "\nWhat becomes of the clusters:")
	if err := table(c.out, []string{"", "FROM", "EXCERPTS", "TO", "EXCERPTS", "SHARED"}, rows); err != nil {
		return err
	}
	total := 0
	for _, n := range ch.Fates {
		total += n
	}
	if total > len(rows) {
		fmt.Fprintf(c.out, "and %s more, of %d that continue\n", thousands(total-len(rows)), ch.Fates[feedback.FateContinued])
	}
	return nil
}

func (c *cli) showMoves(ch feedback.RunChange) error {
	if len(ch.Moves) == 0 {
		return nil
	}
	name := func(id feedback.ClusterRef, name string) string {
		if id == 0 {
			return "none"
		}
		return id.String() + " " + clip(name, 40)
	}
	var rows [][]string
	for _, m := range ch.Moves {
		rows = append(rows, []string{thousands(m.Excerpts), name(m.From, m.FromName), name(m.To, m.ToName)})
	}
	fmt.Fprintln(c.out, "\nThe largest moves:")
	return table(c.out, []string{"EXCERPTS", "FROM", "TO"}, rows)
}

func (c *cli) showTrends(ch feedback.RunChange) error {
	if len(ch.Trends) == 0 {
		return nil
	}
	var rows [][]string
	for _, t := range ch.Trends {
		before, after := make([]feedback.Week, len(t.Weeks)), make([]feedback.Week, len(t.Weeks))
		var was, is, most int
		for i, w := range t.Weeks {
			before[i].Items, after[i].Items = w.Before, w.After
			was, is, most = was+w.Before, is+w.After, max(most, w.Before, w.After)
		}
		rows = append(rows, []string{t.Cluster.String() + " " + clip(t.Name, 40), thousands(was), sparklineOf(before, most),
			thousands(is), sparklineOf(after, most)})
	}
	fmt.Fprintln(c.out, "\nWhat it does to the trend lines, in items over the last weeks:")
	return table(c.out, []string{"CLUSTER", "BEFORE", "WEEKS", "AFTER", "WEEKS"}, rows)
}
