package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"earshot/app"
	"earshot/feedback"
	"earshot/report"
)

func (c *cli) reportCommand() *cobra.Command {
	var period, segment, formats, dir, audience string
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "report",
		Short: "Write the Pulse: what customers need, what changed, what is at stake",
		Long: `Write the Pulse of a period beside the one before, print it, and keep it for the pages. Periods end with the
newest feedback, not with the clock: 30d (the last 30 days), week, month or quarter (the last whole one), or
2026-09-01..2026-10-01 (the end is not part of it). The same facts give the same bytes.`,
		Example: `  earshot report
  earshot report --period month --format html
  earshot report --period 2026-09-01..2026-10-01 --out september`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := c.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			if err := a.WatchDue(cmd.Context(), a.Config.Workspace); err != nil {
				return err
			}
			doc, err := a.Report(cmd.Context(), a.Config.Workspace, period, segment)
			if err != nil {
				return err
			}
			files, err := writePulse(cmd.Context(), a.Config, doc, dir, formats, audience)
			if err != nil {
				return err
			}
			if c.json {
				data, err := report.JSON(doc)
				if err == nil {
					_, err = c.out.Write(data)
				}
				return err
			}
			c.printPulse(doc)
			fmt.Fprintf(c.out, "\nWritten: %s\n", strings.Join(files, ", "))
			return nil
		},
	})
	cmd.AddCommand(c.reportListCommand(), c.reportShowCommand(), c.reportVerifyCommand(), c.reportDiffCommand(), c.reportSendCommand())
	cmd.Flags().StringVar(&segment, "segment", "", "only the feedback of customers of this segment")
	cmd.Flags().StringVar(&period, "period", app.DefaultPeriod, "30d, week, month, quarter, or FROM..TO")
	cmd.Flags().StringVar(&formats, "format", "html,md,json", "files to write: "+strings.Join(app.Formats, ", ")+", with commas between")
	cmd.Flags().StringVar(&audience, "audience", "", audienceWords)
	cmd.Flags().StringVar(&dir, "out", "out", "folder of the files")
	return cmd
}

const audienceWords = "for whom the HTML page is: product (everything) or executive (one sheet)"

// audiences are the names of the audiences on the command line.
var audiences = map[string]report.Audience{"": report.Product, "product": report.Product, "executive": report.Executive}

// writePulse writes the Pulse into dir in each of the formats, and gives the files' names.
func writePulse(ctx context.Context, cfg app.Config, doc *report.Document, dir, formats, audience string) ([]string, error) {
	forWhom, ok := audiences[audience]
	if !ok {
		return nil, fmt.Errorf("%w: there is no audience %q: choose product or executive", errUsage, audience)
	}
	wanted, err := app.ParseFormats(formats)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, feedback.Errorf(feedback.Unavailable, "the folder of the report cannot be made: %w", err).
			WithHint("name another with --out")
	}
	var written []string
	for _, format := range wanted {
		files, err := app.Render(ctx, cfg, doc, format, forWhom)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			name := filepath.Join(dir, f.Name)
			if err := os.WriteFile(name, f.Data, 0o644); err != nil {
				return nil, feedback.Errorf(feedback.Unavailable, "the report cannot be written: %w", err)
			}
			written = append(written, name)
		}
	}
	return written, nil
}

// printPulse prints the Pulse as wide as the terminal is, in colour where there is one.
func (c *cli) printPulse(doc *report.Document) {
	var opts report.TextOptions
	if f, ok := c.out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			opts.Width = min(width, 110)
		}
		_, plainWanted := c.lookup("NO_COLOR")
		opts.Colour = !plainWanted
	}
	_, _ = c.out.Write(report.Text(doc, opts))
}
