package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"earshot/classify"
	"earshot/feedback"
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
			return c.printExplanation(e)
		},
	})
}

func (c *cli) printExplanation(e classify.Explanation) error {
	fmt.Fprintf(c.out, "sentiment %+.2f, kind %s, severity %d, language %q", e.Labels.Sentiment, e.Labels.Kind,
		e.Labels.Severity, e.Labels.Language)
	if e.Labels.Urgent {
		fmt.Fprint(c.out, ", urgent")
	}
	if e.Labels.ChurnRisk {
		fmt.Fprint(c.out, ", may leave")
	}
	fmt.Fprintln(c.out)
	for _, v := range []struct {
		task    string
		verdict classify.Verdict
	}{{"sentiment", e.Sentiment}, {"kind", e.Kind}, {"severity", e.Severity}} {
		fmt.Fprintf(c.out, "\n%s %s, %.0f %%\n", v.task, v.verdict.Label, 100*v.verdict.Chance)
		printVoices(c, "for", v.verdict.Voices, 1)
		printVoices(c, "against", v.verdict.Voices, -1)
	}
	if len(e.Phrases) == 0 {
		return nil
	}
	fmt.Fprintln(c.out)
	var rows [][]string
	for _, p := range e.Phrases {
		rows = append(rows, []string{fmt.Sprintf("%q", p.Text), fmt.Sprintf("%+.2f", p.Sentiment), kindsOf(p), fmt.Sprint(p.Severity),
			flagsOf(p), p.Rule, strings.Join(p.Notes, ", ")})
	}
	return table(c.out, []string{"PHRASE", "FEELING", "KINDS", "SEVERITY", "FLAGS", "RULE", "NOTES"}, rows)
}

// mostVoices is how many voices for a label, or against it, a person is shown.
const mostVoices = 6

// printVoices lists the strongest voices of one side on a line. Words of the text stand in quotation marks.
func printVoices(c *cli, side string, voices []classify.Voice, sign float64) {
	var list []string
	for _, v := range voices {
		if math.Signbit(v.Weight) == math.Signbit(sign) && len(list) < mostVoices {
			text := v.Text
			if v.End > 0 {
				text = fmt.Sprintf("%q", v.Text)
			}
			list = append(list, fmt.Sprintf("%s %+.2f", text, v.Weight))
		}
	}
	if len(list) > 0 {
		fmt.Fprintf(c.out, "  %-8s %s\n", side, strings.Join(list, ", "))
	}
}

func kindsOf(p classify.Phrase) string {
	var list []string
	for _, k := range feedback.Kinds {
		if w, ok := p.Kinds[k]; ok {
			list = append(list, fmt.Sprintf("%s %+.1f", k, w))
		}
	}
	return strings.Join(list, ", ")
}

func flagsOf(p classify.Phrase) string {
	var list []string
	if p.Urgent {
		list = append(list, "urgent")
	}
	if p.ChurnRisk {
		list = append(list, "may leave")
	}
	return strings.Join(list, ", ")
}
