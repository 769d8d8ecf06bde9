package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"

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
		dryRun       bool
	)
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "import FILE",
		Short: "Import feedback from a CSV, JSON Lines or JSON file, or from standard input (-)",
		Long: `Import feedback through the queue, as any producer sends it. What each column means is guessed from its
name and its values, and shown before anything is sent; name columns yourself where the guess is wrong, and
"-" for a field that the file lacks. Lines of JSON that keep the message contract are sent as they are.

A bad row is refused with file, line and field, goes to the dead letters, and the rest goes on. Importing a
file twice doubles nothing. Without a running earshot serve, import does the analysis itself and returns when
it is done.`,
		Example: `  earshot import reviews.csv
  earshot import --dry-run survey.csv
  earshot import --text answer --id response_id --time submitted --customer account survey.csv
  zcat tickets.jsonl.gz | earshot import --source-name zendesk -`,
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.Format, opts.BodyFormat = importer.Format(format), feedback.Format(body)
			if opts.DefaultSource != "" {
				if err := feedback.CheckSource(opts.DefaultSource); err != nil {
					return fmt.Errorf("%w: %w", errUsage, err)
				}
			}
			in, err := c.input(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			file, err := importer.Open(args[0], in, opts)
			if err != nil {
				return err
			}
			return c.importFile(cmd.Context(), file, dryRun)
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
	flags.StringVar(&opts.DefaultSource, "source-name", "", "source of rows that name none (default: the file's name)")
	flags.StringVar(&format, "format", "", "csv, jsonl or json (default: guessed)")
	flags.StringVar(&body, "body-format", "", "text, html or markdown (default: text)")
	flags.BoolVar(&dryRun, "dry-run", false, "show what each column is taken for, and send nothing")
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

func (c *cli) importFile(ctx context.Context, file *importer.File, dryRun bool) error {
	notes := c.out
	if c.json {
		notes = io.Discard
	}
	fmt.Fprintln(notes, file.Mapping())
	if dryRun {
		for _, row := range file.Sample() {
			fmt.Fprintf(notes, "  line %d: %s\n", row.Line, clip(row.Submission.Body, 100))
		}
		return nil
	}
	a, err := c.open(ctx, app.Options{Queue: true})
	if err != nil {
		return err
	}
	defer a.Close()

	before, err := a.Store.DeadLetterCount(ctx, a.Config.Workspace)
	if err != nil {
		return err
	}
	bar := newSteps(c.errs)
	done, err := a.Send(ctx, a.Config.Workspace, messages(ctx, file), c.showRejects(), func(n app.Intake) {
		bar.step("Sending", n.Sent, 0)
	})
	if err == nil {
		err = c.process(ctx, a, done.Sent, bar)
	}
	bar.done()
	if err != nil {
		if done.Sent > 0 {
			fmt.Fprintf(c.errs, "%s are safe in the queue; run the command again, nothing is doubled.\n",
				count(done.Sent, "message", "messages"))
		}
		return err
	}
	after, err := a.Store.DeadLetterCount(ctx, a.Config.Workspace)
	if err != nil {
		return err
	}
	// Rows that were refused here are among the dead letters already; the rest are messages that the workers refused.
	refused := max(done.Rejected, after-before)
	if c.json {
		err = c.printJSON(map[string]int{"sent": done.Sent, "rejected": refused})
	} else {
		fmt.Fprintf(c.out, "Sent %s to workspace %q, and handled them.\n", count(done.Sent, "message", "messages"), a.Config.Workspace)
	}
	if err == nil && refused > 0 {
		err = feedback.Errorf(feedback.Invalid, "%s not be taken; earshot doctor shows why", count(refused, "message could", "messages could"))
	}
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

// messages encodes the rows of a file.
func messages(ctx context.Context, file *importer.File) iter.Seq2[app.Outgoing, error] {
	return func(yield func(app.Outgoing, error) bool) {
		for row, err := range file.Rows(ctx) {
			m := app.Outgoing{Source: row.Source}
			if err == nil {
				m, err = app.Encode(row.Source, row.Line, row.Submission)
			}
			if !yield(m, err) {
				return
			}
		}
	}
}
