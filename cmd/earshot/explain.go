package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"earshot/classify"
)

func (c *cli) explainCommand() *cobra.Command {
	return c.jsonFlag(&cobra.Command{
		Use:     "explain TEXT...",
		Short:   "Show why a text gets its labels",
		Example: `  earshot explain "Love the new board, but the export still loses half of my jobs."`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("%w: say a text (see %s --help)", errUsage, cmd.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			e := classify.NewLabeller().Explain(strings.Join(args, " "), classify.Hint{})
			if c.json {
				return c.printJSON(e)
			}
			fmt.Fprintf(c.out, "sentiment %+.2f, kind %s, severity %d, language %q", e.Labels.Sentiment, e.Labels.Kind,
				e.Labels.Severity, e.Labels.Language)
			if e.Urgent {
				fmt.Fprint(c.out, ", urgent")
			}
			if e.ChurnRisk {
				fmt.Fprint(c.out, ", may leave")
			}
			fmt.Fprintln(c.out)
			var rows [][]string
			for _, r := range e.Reasons {
				var kinds []string
				for k, w := range r.Kinds {
					kinds = append(kinds, fmt.Sprintf("%s %+.1f", k, w))
				}
				rows = append(rows, []string{fmt.Sprintf("%q", r.Text), fmt.Sprintf("%+.2f", r.Sentiment), strings.Join(kinds, ", "),
					fmt.Sprint(r.Severity), r.Rule, strings.Join(r.Notes, ", ")})
			}
			if len(rows) == 0 {
				return nil
			}
			fmt.Fprintln(c.out)
			return table(c.out, []string{"WORDS", "SENTIMENT", "KINDS", "SEVERITY", "RULE", "NOTES"}, rows)
		},
	})
}
