package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

func (c *cli) clustersCommand() *cobra.Command {
	var limit int
	var forming bool
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "clusters [CLUSTER]",
		Short: "List the clusters, or show one with its excerpts",
		Example: `  earshot clusters
  earshot clusters C12
  earshot clusters --forming
  earshot clusters --json | jq '.clusters[] | select(.items > 50)'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return exactArgs(1)(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 || limit > 1000 {
				return fmt.Errorf("%w: --limit is from 1 to 1000", errUsage)
			}
			a, err := c.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			if forming {
				return c.showForming(cmd.Context(), a, limit)
			}
			if len(args) == 1 {
				return c.showCluster(cmd, a, args[0], limit)
			}
			return c.listClusters(cmd, a)
		},
	})
	cmd.Flags().BoolVar(&c.hidden, "hidden", false, "list the clusters that somebody hid instead")
	cmd.Flags().IntVar(&limit, "limit", 20, "most excerpts of one cluster to show, up to 1000")
	cmd.Flags().BoolVar(&forming, "forming", false, "what forms among the excerpts that are in no cluster")
	return cmd
}

// clusterJSON is a cluster as programs read it.
type clusterJSON struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Theme     string   `json:"theme"`
	ThemeID   string   `json:"theme_id"`
	Summary   string   `json:"summary"`
	Keywords  []string `json:"keywords"`
	Items     int      `json:"items"`
	Excerpts  int      `json:"excerpts"`
	Customers int      `json:"customers"`
	Sentiment float64  `json:"sentiment"`
	Weekly    []int    `json:"weekly"`
	Reported  []int    `json:"reported,omitempty"` // the same weeks as reported then, where that differs
	Feature   string   `json:"feature,omitempty"`
	LinkState string   `json:"link_state,omitempty"`
	OwnName   string   `json:"own_name,omitempty"` // what Earshot calls it, where a person named it
	Confirmed bool     `json:"confirmed,omitempty"`
	Hidden    bool     `json:"hidden,omitempty"`
	Retired   bool     `json:"retired,omitempty"`
	Successor string   `json:"successor,omitempty"`
	Went      []went   `json:"went,omitempty"` // where the excerpts of a retired one without a successor went
}

type went struct {
	Cluster  string `json:"cluster"`
	Name     string `json:"name"`
	Excerpts int    `json:"excerpts"`
}

func toClusterJSON(v feedback.ClusterView) clusterJSON {
	out := clusterJSON{ID: v.Cluster.ID.String(), Name: v.Cluster.Name, Theme: v.Cluster.ThemeName, ThemeID: v.Cluster.Theme.String(), Summary: v.Cluster.Summary,
		Keywords: v.Cluster.Keywords, Items: v.Items, Excerpts: v.Cluster.Size, Customers: v.Customers, Sentiment: v.Sentiment,
		Retired: v.Cluster.Retired, OwnName: v.Cluster.OwnName, Confirmed: v.Cluster.Confirmed, Hidden: v.Cluster.Hidden}
	for _, w := range v.Weekly {
		out.Weekly = append(out.Weekly, w.Items)
	}
	for _, w := range v.Reported {
		out.Reported = append(out.Reported, w.Items)
	}
	if v.Link != nil {
		out.Feature, out.LinkState = v.Link.Feature, string(v.Link.State)
	}
	if v.Cluster.Successor != 0 {
		out.Successor = v.Cluster.Successor.String()
	}
	for _, w := range v.Went {
		out.Went = append(out.Went, went{w.Cluster.String(), w.Name, w.Excerpts})
	}
	return out
}

// whereItWent says where the excerpts of a cluster without a successor went.
func whereItWent(to []feedback.Went) string {
	if len(to) == 0 {
		return ""
	}
	var parts []string
	for _, w := range to {
		parts = append(parts, fmt.Sprintf("%s to %s %s", thousands(w.Excerpts), w.Cluster, plain(w.Name)))
	}
	return " Of its excerpts went " + strings.Join(parts, ", ") + "."
}

func (c *cli) listClusters(cmd *cobra.Command, a *app.App) error {
	list, err := a.Store.ClusterList(cmd.Context(), a.Config.Workspace)
	if err != nil {
		return err
	}
	if c.json {
		out := struct {
			Items      int                      `json:"items"`
			Copies     int                      `json:"copies"`
			Excerpts   int                      `json:"excerpts"`
			Unassigned int                      `json:"unassigned"`
			Outliers   map[feedback.Outlier]int `json:"outliers"`
			Pending    int                      `json:"pending"`
			Hidden     int                      `json:"hidden"` // clusters that are left out of the list
			Clusters   []clusterJSON            `json:"clusters"`
		}{list.Items, list.Copies, list.Excerpts, list.Unassigned, list.Outliers, list.Pending, len(list.Hidden), []clusterJSON{}}
		for _, v := range c.shown(list) {
			out.Clusters = append(out.Clusters, toClusterJSON(v))
		}
		return c.printJSON(out)
	}
	if len(list.Clusters)+len(list.Hidden) == 0 {
		fmt.Fprintf(c.out, "Workspace %q has %s and no cluster yet. ", a.Config.Workspace, count(list.Items, "item", "items"))
		fmt.Fprintln(c.out, "Import feedback (earshot import FILE), then group it: earshot recluster")
		return nil
	}
	var rows [][]string
	for _, v := range c.shown(list) {
		feature := ""
		if v.Link != nil {
			feature = v.Link.Name
		}
		rows = append(rows, []string{v.Cluster.ID.String(), clip(v.Cluster.Name, 48), fmt.Sprint(v.Items), fmt.Sprint(v.Customers),
			fmt.Sprintf("%+.2f", v.Sentiment), sparkline(v.Weekly), clip(feature, 32), clip(v.Cluster.Theme.String()+" "+v.Cluster.ThemeName, 36)})
	}
	header := []string{"ID", "CLUSTER", "ITEMS", "CUSTOMERS", "SENTIMENT", "13 WEEKS", "FEATURE", "THEME"}
	if err := table(c.out, header, rows); err != nil {
		return err
	}
	if list.Copies > 0 {
		fmt.Fprintf(c.out, "\n%s not counted: they say over again what others said.", count(list.Copies, "copy is", "copies are"))
	}
	_, err = fmt.Fprintf(c.out, "\n%s, %s, of which %s belong to no cluster%s.\n", count(list.Items, "item", "items"),
		count(list.Excerpts, "excerpt", "excerpts"), thousands(list.Unassigned), reasons(list.Outliers))
	if err != nil || len(list.Hidden) == 0 {
		return err
	}
	excerpts := 0
	for _, v := range list.Hidden {
		excerpts += v.Cluster.Size
	}
	_, err = fmt.Fprintf(c.out, "Hidden: %s with %s (earshot clusters --hidden).\n", count(len(list.Hidden), "cluster", "clusters"),
		count(excerpts, "excerpt", "excerpts"))
	return err
}

// shown gives the clusters that were asked for: those that nobody hid, or those that somebody did.
func (c *cli) shown(list feedback.ClusterList) []feedback.ClusterView {
	if c.hidden {
		return list.Hidden
	}
	return list.Clusters
}

func (c *cli) showCluster(cmd *cobra.Command, a *app.App, name string, limit int) error {
	id, err := feedback.ParseClusterID(name)
	if err != nil {
		return err
	}
	v, err := a.Store.ClusterByID(cmd.Context(), a.Config.Workspace, id)
	if err != nil {
		return err
	}
	hits, err := a.Store.ClusterExcerpts(cmd.Context(), a.Config.Workspace, id, 0, limit)
	if err != nil {
		return err
	}
	if c.json {
		return c.printJSON(struct {
			clusterJSON
			Hits []feedback.Hit `json:"hits"`
		}{toClusterJSON(v), hits})
	}
	fmt.Fprintf(c.out, "%s  %s\n%s\n\n", v.Cluster.ID, plain(v.Cluster.Name), plain(v.Cluster.Summary))
	if v.Cluster.Retired {
		if v.Cluster.Successor != 0 {
			fmt.Fprintf(c.out, "It is retired: it became part of %s.\n", v.Cluster.Successor)
		} else {
			fmt.Fprintln(c.out, "It is retired, and no other took its place."+whereItWent(v.Went))
		}
	}
	fmt.Fprintf(c.out, "Theme: %s. %s of %s, sentiment %+.2f. Weekly %s\n", plain(v.Cluster.ThemeName),
		count(v.Items, "item", "items"), count(v.Customers, "known customer", "known customers"), v.Sentiment, sparkline(v.Weekly))
	if marks := marksOf(v.Cluster); marks != "" {
		fmt.Fprintln(c.out, marks)
	}
	if v.Reported != nil {
		fmt.Fprintf(c.out, "As reported then, before the clusters were grouped anew: %s\n", sparkline(v.Reported))
	}
	if l := v.Link; l != nil {
		fmt.Fprintf(c.out, "Feature: %s (%s, score %.2f)\n", plain(l.Name), l.State, l.Score)
	}
	fmt.Fprintln(c.out)
	c.printHits(hits)
	if v.Cluster.Size > len(hits) {
		fmt.Fprintf(c.out, "… and %s more (--limit)\n", thousands(v.Cluster.Size-len(hits)))
	}
	return nil
}

// marksOf says what people decided about a cluster.
func marksOf(c feedback.Cluster) string {
	var marks []string
	if c.OwnName != "" {
		marks = append(marks, fmt.Sprintf("named by a person (Earshot called it %q)", plain(c.OwnName)))
	}
	if c.Confirmed {
		marks = append(marks, "confirmed")
	}
	if c.Hidden {
		marks = append(marks, "hidden")
	}
	if len(marks) == 0 {
		return ""
	}
	return "Decided: " + strings.Join(marks, ", ") + "."
}

func (c *cli) printHits(hits []feedback.Hit) {
	for _, h := range hits {
		who := plain(h.Customer)
		if who == "" {
			who = "no customer"
		}
		again := ""
		if h.Copies > 0 {
			again = ", and " + count(h.Copies, "near-copy", "near-copies")
		} else if h.Copy {
			again = ", a copy of another"
		}
		pinned := ""
		if h.Pinned != 0 {
			pinned = fmt.Sprintf(", pinned by decision %d", h.Pinned)
		}
		fmt.Fprintf(c.out, "  %s  %s, %s, %s, %s%s%s\n      %s\n", h.OccurredAt.Format("2006-01-02"), h.Source, who, h.Kind, h.Excerpt, pinned, again, plain(h.Text))
	}
}

// sparkline draws weekly counts as bars of eight heights, the most of them the highest.
func sparkline(weeks []feedback.Week) string {
	most := 1
	for _, w := range weeks {
		most = max(most, w.Items)
	}
	return sparklineOf(weeks, most)
}

// sparklineOf is sparkline with the highest bar for most, which is at least 1.
func sparklineOf(weeks []feedback.Week, most int) string {
	const bars = "▁▂▃▄▅▆▇█"
	var line []rune
	for _, w := range weeks {
		line = append(line, []rune(bars)[w.Items*7/most])
	}
	return string(line)
}
