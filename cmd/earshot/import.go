package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
	"earshot/ingest/importer"
)

// shownRejects is how many refused rows are printed one by one.
const shownRejects = 10

func (c *cli) importCommand() *cobra.Command {
	var (
		opts         importer.Options
		format, body string
		dryRun, list bool
		restart      bool
	)
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "import FILE",
		Short: "Import feedback from a vendor's export, a CSV, JSON Lines or JSON file, or from standard input (-)",
		Long: `Import feedback through the queue, as any producer sends it. The exports that --list-formats lists are
recognised by their header or shape. Of other files what each column means is guessed from its name and its
values. Either is shown before anything is sent; name columns yourself where the guess is wrong, and "-" for
a field that the file lacks. Lines of JSON that keep the message contract are sent as they are.

A bad row is refused with file, line and field, goes to the dead letters, and the rest goes on. Importing a
file twice doubles nothing. An import that was stopped, by Ctrl-C or worse, goes on where it was when the
command is run again. Without a running earshot serve, import does the analysis itself and returns when it
is done.`,
		Example: `  earshot import reviews.csv
  earshot import slack-export.zip
  earshot import --dry-run survey.csv
  earshot import --text answer --id response_id --time submitted --customer account survey.csv
  zcat tickets.jsonl.gz | earshot import --source-name zendesk -`,
		Args: func(cmd *cobra.Command, args []string) error {
			if list {
				return exactArgs(0)(cmd, args)
			}
			return exactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				return c.listFormats()
			}
			opts.Format, opts.BodyFormat = importer.Format(format), feedback.Format(body)
			if opts.DefaultSource != "" {
				if err := feedback.CheckSource(opts.DefaultSource); err != nil {
					return fmt.Errorf("%w: %w", errUsage, err)
				}
			}
			in, err := c.openImport(args[0], opts)
			if err != nil {
				return err
			}
			defer in.close()
			fmt.Fprintln(c.notes(), in.file.Mapping())
			if dryRun {
				for _, row := range in.file.Sample() {
					fmt.Fprintf(c.notes(), "  line %d: %s\n", row.Line, clip(row.Submission.Body, 100))
				}
				return nil
			}
			return c.importFile(cmd.Context(), in, restart)
		},
	})
	flags := cmd.Flags()
	flags.StringVar(&opts.Text, "text", "", "column of the text")
	flags.StringVar(&opts.Title, "title", "", "column of the title")
	flags.StringVar(&opts.ID, "id", "", "column of the row's own id")
	flags.StringVar(&opts.Time, "time", "", "column of the time at which it was said")
	flags.StringVar(&opts.Customer, "customer", "", "column of the customer's id")
	flags.StringVar(&opts.Source, "source", "", "column of the source")
	flags.StringVar(&opts.Rating, "rating", "", "column of a rating from 0 to 5")
	flags.StringVar(&opts.Score, "score", "", "column of a score from 0 to 10")
	flags.StringVar(&opts.Language, "language", "", "column of the language")
	flags.StringVar(&opts.DefaultSource, "source-name", "", "source of rows that name none (default: the vendor's, or the file's name)")
	flags.StringVar(&format, "format", "", "csv, jsonl or json (default: guessed)")
	flags.StringVar(&body, "body-format", "", "text, html or markdown (default: text)")
	flags.BoolVar(&opts.Generic, "generic", false, "read a known export by its columns alone")
	flags.BoolVar(&dryRun, "dry-run", false, "show what each column is taken for, and send nothing")
	flags.BoolVar(&restart, "restart", false, "begin anew where an earlier import of the file was stopped")
	flags.BoolVar(&list, "list-formats", false, "list the exports that are recognised")
	return cmd
}

// input opens a file, or standard input for "-".
func (c *cli) input(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(c.in), nil
	}
	f, err := os.Open(name)
	if err != nil {
		code := feedback.Invalid
		if os.IsNotExist(err) {
			code = feedback.NotFound
		}
		return nil, feedback.Errorf(code, "%w", err)
	}
	return f, nil
}

// notes is where a person reads along; nowhere where a program reads.
func (c *cli) notes() io.Writer {
	if c.json {
		return io.Discard
	}
	return c.out
}

func (c *cli) importFile(ctx context.Context, in *importing, restart bool) error {
	a, err := c.open(ctx, app.Options{Queue: true})
	if err != nil {
		return err
	}
	defer a.Close()
	if err := in.resume(ctx, a, restart); err != nil {
		return err
	}
	if in.before > 0 {
		fmt.Fprintf(c.errs, "Goes on after row %s, where an earlier import was stopped; --restart begins anew.\n", thousands(in.before))
	}
	before, err := a.Store.DeadLetterCount(ctx, a.Config.Workspace)
	if err != nil {
		return err
	}
	bar := newSteps(c.errs)
	done, err := a.Send(ctx, a.Config.Workspace, in.messages(ctx), c.showRejects(), func(app.Intake) {
		in.durable()
		bar.step("Sending", in.rows, in.expected())
	})
	if err == nil {
		err = c.process(ctx, a, done.Sent, bar)
	}
	bar.done()
	if err != nil {
		if done.Sent > 0 {
			fmt.Fprintf(c.errs, "%s are safe in the queue; run the command again: it goes on there, and nothing is doubled.\n",
				count(done.Sent, "message", "messages"))
		}
		return err
	}
	in.finished()
	after, err := a.Store.DeadLetterCount(ctx, a.Config.Workspace)
	if err != nil {
		return err
	}
	// Rows that were refused here are among the dead letters already; the rest are messages that the workers refused.
	refused := max(done.Rejected, after-before)
	if c.json {
		err = c.printJSON(map[string]any{"sent": done.Sent, "rejected": refused, "rows_before": in.before, "left_out": in.file.LeftOut()})
	} else {
		c.printImported(in, done.Sent, a.Config.Workspace)
	}
	if err == nil && refused > 0 {
		err = feedback.Errorf(feedback.Invalid, "%s not be taken; earshot doctor shows why", count(refused, "message could", "messages could"))
	}
	return err
}

func (c *cli) printImported(in *importing, sent int, workspace string) {
	earlier := ""
	if in.before > 0 {
		earlier = fmt.Sprintf("; the first %s were sent before", count(in.before, "row", "rows"))
	}
	fmt.Fprintf(c.out, "Sent %s to workspace %q, and handled them%s.\n", count(sent, "message", "messages"), workspace, earlier)
	left := in.file.LeftOut()
	for _, what := range slices.Sorted(maps.Keys(left)) {
		fmt.Fprintf(c.out, "Left out: %s (%s)\n", what, thousands(left[what]))
	}
}

// listFormats prints the exports that are recognised.
func (c *cli) listFormats() error {
	if c.json {
		return c.printJSON(importer.Exports())
	}
	var rows [][]string
	for _, e := range importer.Exports() {
		rows = append(rows, []string{e.Name, e.Source, e.Files, e.By})
	}
	if err := table(c.out, []string{"EXPORT", "SOURCE", "WRITTEN AS", "RECOGNISED BY"}, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.out, "\nAny other CSV, JSON Lines or JSON file is read by its columns. docs/sources.md says how to get each export.")
	return err
}

// process waits until the queue is drained, with the help of this process's own workers.
func (c *cli) process(ctx context.Context, a *app.App, sent int, bar *steps) error {
	most := sent
	return a.Process(ctx, func(waiting int) {
		most = max(most, waiting)
		bar.step("Analysing", most-waiting, most)
	})
}

// showRejects prints the first refused rows, each on a line of its own.
func (c *cli) showRejects() func(error) {
	n := 0
	return func(err error) {
		n++
		if n <= shownRejects {
			fmt.Fprintln(c.errs, "refused:", oneLine(err))
		} else if n == shownRejects+1 {
			fmt.Fprintln(c.errs, "refused: further rows, too")
		}
	}
}
