package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
	"earshot/report"
)

func (c *cli) reportListCommand() *cobra.Command {
	var limit int
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "list",
		Short: "List the Pulses that were made, the latest first",
		Args:  exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > 1000 {
				return fmt.Errorf("%w: --limit is from 1 to 1000", errUsage)
			}
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				pulses, err := a.Store.Pulses(cmd.Context(), a.Config.Workspace, 0, limit)
				if err != nil {
					return err
				}
				list := make([]pulseJSON, 0, len(pulses))
				for _, p := range pulses {
					doc, err := report.ParseDocument(p.Document)
					if err != nil {
						return err
					}
					list = append(list, pulseJSON{ID: p.ID, From: p.Period.Start.Format("2006-01-02"), To: p.Period.End.Format("2006-01-02"),
						Made: p.CreatedAt.UTC().Format("2006-01-02T15:04:05Z"), Items: doc.Snapshot.Coverage.Items, Headline: doc.Headline.String()})
				}
				if c.json {
					return c.printJSON(list)
				}
				if len(list) == 0 {
					_, err := fmt.Fprintf(c.out, "Workspace %q has no Pulse yet: earshot report\n", a.Config.Workspace)
					return err
				}
				var rows [][]string
				for _, p := range list {
					rows = append(rows, []string{p.ID, p.From + " to " + p.To, p.Made[:10], thousands(p.Items), clip(p.Headline, 90)})
				}
				return table(c.out, []string{"ID", "PERIOD", "MADE", "ITEMS", "HEADLINE"}, rows)
			})
		},
	})
	cmd.Flags().IntVar(&limit, "limit", 20, "most Pulses to list, up to 1000")
	return cmd
}

// pulseJSON is a Pulse of a list, as programs read it.
type pulseJSON struct {
	ID       string `json:"id"`
	From     string `json:"from"`
	To       string `json:"to"`
	Made     string `json:"made"`
	Items    int    `json:"items"`
	Headline string `json:"headline"`
}

func (c *cli) reportShowCommand() *cobra.Command {
	var formats, dir, audience string
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "show [ID]",
		Short: "Print a Pulse that was made, the latest where none is named",
		Example: `  earshot report show
  earshot report show P3f2a91bc04 --format html,csv --out september`,
		Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				pulse, doc, err := c.keptPulse(cmd, a, args)
				if err != nil {
					return err
				}
				if formats != "" {
					files, err := writePulse(cmd.Context(), a.Config, doc, dir, formats, audience)
					if err != nil {
						return err
					}
					for _, name := range files {
						fmt.Fprintln(c.errs, "written:", name)
					}
				}
				if c.json {
					_, err := c.out.Write(pulse.Document)
					return err
				}
				c.printPulse(doc)
				return nil
			})
		},
	})
	cmd.Flags().StringVar(&formats, "format", "", "also write files: "+strings.Join(app.Formats, ", ")+", with commas between")
	cmd.Flags().StringVar(&audience, "audience", "", audienceWords)
	cmd.Flags().StringVar(&dir, "out", "out", "folder of the files")
	return cmd
}

func (c *cli) reportVerifyCommand() *cobra.Command {
	return c.jsonFlag(&cobra.Command{
		Use:   "verify [ID]",
		Short: "Check a Pulse again: its sentences, its numbers from SQL, its quotes by their offsets",
		Long: `Check a Pulse that was made, the latest where none is named. Its document must be the one that was published and
every sentence must follow from its snapshot. Then every fact is counted again in the database, and every quote
is looked up in its item by its offsets: what was erased, edited, grouped anew or came in later shows, and whether a
sentence says it. It exits with 6 when something that the Pulse says no longer holds.`,
		Example: "  earshot report verify\n  earshot report verify P3f2a91bc04 --json",
		Args:    atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				pulse, _, err := c.keptPulse(cmd, a, args)
				if err != nil {
					return err
				}
				check, err := report.Check(cmd.Context(), a.Store, pulse)
				if err != nil {
					return err
				}
				if c.json {
					err = c.printJSON(check)
				} else {
					err = c.printCheck(check)
				}
				if err == nil && !check.Holds() {
					err = feedback.Errorf(feedback.Conflict, "not all that Pulse %s says still holds", check.Pulse)
				}
				return err
			})
		},
	})
}

// shownChanges is how many changed facts are printed one by one.
const shownChanges = 20

func (c *cli) printCheck(r *report.Recheck) error {
	fmt.Fprintf(c.out, "Pulse %s\n", r.Pulse)
	if !r.Erased.IsZero() {
		fmt.Fprintf(c.out, "  Words of customers were taken out of it on request on %s: it is not held against its hash.\n", r.Erased.UTC().Format("2006-01-02"))
	} else if len(r.Problems) == 0 {
		fmt.Fprintln(c.out, "  The document is the one that was published, and every sentence follows from its snapshot.")
	}
	for _, p := range r.Problems {
		fmt.Fprintf(c.out, "  DOES NOT HOLD  %s: %s %s\n", p.Where, plain(p.Why), clip(p.Text, 120))
	}
	fmt.Fprintf(c.out, "  %s counted again, %s of them said in sentences: %s otherwise now.\n", count(r.Facts, "fact", "facts"),
		thousands(r.Said), count(len(r.Changed), "comes out", "come out"))
	if r.RunThen != r.RunNow {
		fmt.Fprintf(c.out, "  It was made under grouping run %d; run %d stands now, so topics may hold other excerpts.\n", r.RunThen, r.RunNow)
	}
	for i, change := range r.Changed {
		if i == shownChanges {
			fmt.Fprintf(c.out, "    … and %s more (--json)\n", thousands(len(r.Changed)-i))
			break
		}
		mark := "        "
		if change.Said {
			mark = "(said)  "
		}
		fmt.Fprintf(c.out, "    %s%s: %v then, %v now\n", mark, plain(change.Path), shown(change.Then), shown(change.Now))
	}
	fmt.Fprintf(c.out, "  %s looked up by offsets: %s.\n", count(r.Quotes, "quote", "quotes"), count(len(r.Broken), "does not stand so any more", "do not stand so any more"))
	for _, q := range r.Broken {
		fmt.Fprintf(c.out, "    %s  %s\n", q.Excerpt, q.Fate)
	}
	verdict := "Everything that it says holds."
	if !r.Holds() {
		verdict = "Not everything that it says still holds."
	}
	_, err := fmt.Fprintln(c.out, verdict)
	return err
}

func shown(v any) any {
	if v == nil {
		return "nothing"
	}
	if s, ok := v.(string); ok {
		return fmt.Sprintf("%q", clip(s, 60))
	}
	return v
}

func (c *cli) reportDiffCommand() *cobra.Command {
	return c.jsonFlag(&cobra.Command{
		Use:     "diff FROM [TO]",
		Short:   "Compare two Pulses, the second the latest where none is named",
		Example: "  earshot report diff P3f2a91bc04\n  earshot report diff P3f2a91bc04 P77aa01c2d9 --json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return exactArgs(2)(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				_, from, err := c.keptPulse(cmd, a, args[:1])
				if err != nil {
					return err
				}
				_, to, err := c.keptPulse(cmd, a, args[1:])
				if err != nil {
					return err
				}
				d := report.Diff(from, to)
				if c.json {
					return c.printJSON(d)
				}
				return c.printDifference(d)
			})
		},
	})
}

// shownTopics is how many topics a difference prints.
const shownTopics = 20

func (c *cli) printDifference(d report.Difference) error {
	for i, side := range []report.Side{d.From, d.To} {
		fmt.Fprintf(c.out, "%s  %s to %s, run %d, %s\n      %s\n", []string{"From", "To  "}[i], side.Period.Start.Format("2006-01-02"),
			side.Period.End.Format("2006-01-02"), side.Run, count(side.Coverage.Items, "item", "items"), plain(side.Headline))
	}
	fmt.Fprintln(c.out)
	var rows [][]string
	for i, t := range d.Topics {
		if i == shownTopics {
			break
		}
		note := ""
		switch {
		case t.Appeared:
			note = "new"
		case t.Vanished:
			note = "gone"
		case t.NameBefore != "":
			note = "was " + clip(t.NameBefore, 32)
		}
		rows = append(rows, []string{t.Cluster.String(), clip(t.Name, 48), thousands(t.ItemsFrom), thousands(t.ItemsTo),
			fmt.Sprintf("%.1f %%", 100*t.ShareFrom), fmt.Sprintf("%.1f %%", 100*t.ShareTo), fmt.Sprintf("%+.1f", 100*(t.ShareTo-t.ShareFrom)), note})
	}
	if err := table(c.out, []string{"ID", "TOPIC", "ITEMS", "TO", "SHARE", "TO", "POINTS", ""}, rows); err != nil {
		return err
	}
	for i, list := range [][]string{d.Gone, d.New} {
		if len(list) > 0 {
			fmt.Fprintf(c.out, "\n%s\n", []string{"Said only in the first:", "Said only in the second:"}[i])
		}
		for _, sentence := range list {
			fmt.Fprintf(c.out, "  %s\n", plain(sentence))
		}
	}
	return nil
}

// keptPulse reads the Pulse of the one argument, or the latest where there is none.
func (c *cli) keptPulse(cmd *cobra.Command, a *app.App, args []string) (feedback.Pulse, *report.Document, error) {
	var pulse feedback.Pulse
	var err error
	if len(args) == 0 {
		pulse, err = a.Store.LatestPulse(cmd.Context(), a.Config.Workspace)
	} else {
		pulse, err = a.Store.PulseByID(cmd.Context(), a.Config.Workspace, args[0])
	}
	if feedback.ErrorCode(err) == feedback.NotFound {
		return pulse, nil, feedback.Errorf(feedback.NotFound, "workspace %q has no such Pulse", a.Config.Workspace).
			WithHint("earshot report list shows those it has, earshot report makes one")
	}
	if err != nil {
		return pulse, nil, err
	}
	doc, err := report.ParseDocument(pulse.Document)
	return pulse, doc, err
}

// atMostOne refuses a second argument.
func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return exactArgs(1)(cmd, args)
	}
	return nil
}
