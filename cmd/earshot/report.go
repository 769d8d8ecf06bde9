package main

import (
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
	var period, formats, dir string
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
			doc, err := a.Report(cmd.Context(), a.Config.Workspace, period)
			if err != nil {
				return err
			}
			files, err := writePulse(doc, dir, formats)
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
	cmd.Flags().StringVar(&period, "period", app.DefaultPeriod, "30d, week, month, quarter, or FROM..TO")
	cmd.Flags().StringVar(&formats, "format", "html,md,json", "files to write: html, md, json, with commas between")
	cmd.Flags().StringVar(&dir, "out", "out", "folder of the files")
	return cmd
}

// writePulse writes the Pulse into dir in each of the formats, and gives the files' names.
func writePulse(doc *report.Document, dir, formats string) ([]string, error) {
	renderers := map[string]func() ([]byte, error){
		"html": func() ([]byte, error) { return report.HTML(doc, report.Options{}) },
		"md":   func() ([]byte, error) { return report.Markdown(doc), nil },
		"json": func() ([]byte, error) { return report.JSON(doc) },
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, feedback.Errorf(feedback.Unavailable, "the folder of the report cannot be made: %w", err).
			WithHint("name another with --out")
	}
	var files []string
	for format := range strings.SplitSeq(formats, ",") {
		render, ok := renderers[strings.TrimSpace(format)]
		if !ok {
			return nil, fmt.Errorf("%w: there is no format %q: choose among html, md and json", errUsage, format)
		}
		data, err := render()
		if err != nil {
			return nil, err
		}
		name := filepath.Join(dir, "pulse."+strings.TrimSpace(format))
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return nil, feedback.Errorf(feedback.Unavailable, "the report cannot be written: %w", err)
		}
		files = append(files, name)
	}
	return files, nil
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
