package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

func (c *cli) deadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dead",
		Short: "List, show, replay or drop the dead letters",
		Long: `Messages that could not be taken are kept here with the reason, personal data redacted, until a person replays
or drops them. A replayed message goes through the queue like any other; replayed twice, it applies once.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return fmt.Errorf("%w: there is no command %q (see earshot dead --help)", errUsage, args[0])
		},
		Run: func(cmd *cobra.Command, _ []string) { _ = cmd.Help() },
	}
	cmd.AddCommand(c.deadListCommand(), c.deadShowCommand(), c.deadReplayCommand(), c.deadDropCommand())
	return cmd
}

// deadFilter adds the flags that choose letters.
func deadFilter(cmd *cobra.Command, f *feedback.DeadFilter) {
	cmd.Flags().StringVar(&f.Source, "source", "", "only those of this source")
	cmd.Flags().StringVar((*string)(&f.Code), "code", "", "only those with this code: invalid, too_large, internal…")
	cmd.Flags().StringVar(&f.Reason, "reason", "", "only those whose reason holds these words")
}

func (c *cli) deadListCommand() *cobra.Command {
	var filter feedback.DeadFilter
	var limit int
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "list",
		Short: "List the dead letters, the latest first",
		Args:  exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > 10_000 {
				return fmt.Errorf("%w: --limit is from 1 to 10000", errUsage)
			}
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				letters, total, err := a.Store.DeadLetters(cmd.Context(), a.Config.Workspace, filter, limit)
				if err != nil {
					return err
				}
				if c.json {
					out := make([]deadJSON, len(letters))
					for i, l := range letters {
						out[i] = toDeadJSON(l)
					}
					return c.printJSON(map[string]any{"total": total, "letters": out})
				}
				var rows [][]string
				for _, l := range letters {
					rows = append(rows, []string{l.ID.String()[:8], l.ReceivedAt.UTC().Format("2006-01-02 15:04"), clip(l.Source, 20),
						string(l.Code), clip(l.Reason, 90)})
				}
				if err := table(c.out, []string{"ID", "RECEIVED", "SOURCE", "CODE", "REASON"}, rows); err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.out, "\n%s of %s.\n", thousands(len(letters)), count(total, "dead letter", "dead letters"))
				return err
			})
		},
	})
	deadFilter(cmd, &filter)
	cmd.Flags().IntVar(&limit, "limit", 50, "most letters to list, up to 10000")
	return cmd
}

func (c *cli) deadShowCommand() *cobra.Command {
	return c.jsonFlag(&cobra.Command{
		Use:     "show ID",
		Short:   "Show a dead letter: its reason and what was sent, redacted",
		Example: "  earshot dead show 3f2a91bc",
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				l, err := a.Store.DeadLetter(cmd.Context(), a.Config.Workspace, args[0])
				if err != nil {
					return err
				}
				if c.json {
					return c.printJSON(toDeadJSON(l))
				}
				fmt.Fprintf(c.out, "%s\nreceived  %s from %s, stage %s, %s\n%s: %s\n\n%s\n", l.ID, l.ReceivedAt.UTC().Format("2006-01-02 15:04:05"),
					plain(l.Source), l.Stage, count(l.Attempts, "attempt", "attempts"), l.Code, plain(l.Reason), printable(l.Payload))
				return nil
			})
		},
	})
}

func (c *cli) deadReplayCommand() *cobra.Command {
	var filter feedback.DeadFilter
	var every bool
	var with string
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "replay [ID...]",
		Short: "Send dead letters through the queue again",
		Long: `Send the payloads of dead letters through the queue again, and take away those that are on disk there. One that
fails again comes back with its new reason. What was redacted stays so. Correct a single letter with --with.`,
		Example: `  earshot dead replay 3f2a91bc
  earshot dead replay 3f2a91bc --with corrected.json
  earshot dead replay --every --source zendesk`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := chosen(args, every); err != nil {
				return err
			}
			if with != "" && len(args) != 1 {
				return fmt.Errorf("%w: --with goes with one id", errUsage)
			}
			return c.withApp(cmd, app.Options{Queue: true}, func(a *app.App) error {
				var payload []byte
				if with != "" {
					in, err := c.input(with)
					if err != nil {
						return err
					}
					defer in.Close()
					if payload, err = io.ReadAll(io.LimitReader(in, feedback.MaxMessage+1)); err != nil {
						return feedback.Errorf(feedback.Invalid, "read %s: %w", with, err)
					}
				}
				done, err := a.ReplayDead(cmd.Context(), a.Config.Workspace, args, filter, payload, func(id feedback.ID, err error) {
					fmt.Fprintf(c.errs, "not replayed: %s: %s\n", id.String()[:8], oneLine(err))
				})
				if err != nil {
					return err
				}
				if c.json {
					err = c.printJSON(done)
				} else {
					fmt.Fprintf(c.out, "Replayed %s.\n", count(done.Replayed, "dead letter", "dead letters"))
				}
				if err == nil && a.OwnsQueue() && done.Replayed > 0 {
					fmt.Fprintln(c.errs, "No earshot serve runs on this data folder: the next one handles them.")
				}
				if err == nil && done.Kept > 0 {
					err = feedback.Errorf(feedback.Invalid, "%s not be replayed", count(done.Kept, "letter could", "letters could"))
				}
				return err
			})
		},
	})
	deadFilter(cmd, &filter)
	cmd.Flags().BoolVar(&every, "every", false, "replay every letter that the filters let through")
	cmd.Flags().StringVar(&with, "with", "", "send this file's message in place of the letter's; - for standard input")
	return cmd
}

func (c *cli) deadDropCommand() *cobra.Command {
	var filter feedback.DeadFilter
	var every bool
	cmd := c.jsonFlag(&cobra.Command{
		Use:     "drop [ID...]",
		Short:   "Delete dead letters for good",
		Example: "  earshot dead drop 3f2a91bc\n  earshot dead drop --every --code too_large",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := chosen(args, every); err != nil {
				return err
			}
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				n, err := a.DropDead(cmd.Context(), a.Config.Workspace, args, filter)
				if err != nil {
					return err
				}
				if c.json {
					return c.printJSON(map[string]int{"dropped": n})
				}
				_, err = fmt.Fprintf(c.out, "Dropped %s.\n", count(n, "dead letter", "dead letters"))
				return err
			})
		},
	})
	deadFilter(cmd, &filter)
	cmd.Flags().BoolVar(&every, "every", false, "drop every letter that the filters let through")
	return cmd
}

// chosen checks that a command names letters in one way.
func chosen(ids []string, every bool) error {
	if (len(ids) > 0) == every {
		return fmt.Errorf("%w: name letters by their ids, or all that the filters let through with --every", errUsage)
	}
	return nil
}

// withApp opens the app for a command, and closes it.
func (c *cli) withApp(cmd *cobra.Command, opts app.Options, do func(*app.App) error) error {
	a, err := c.open(cmd.Context(), opts)
	if err != nil {
		return err
	}
	defer a.Close()
	return do(a)
}

// deadJSON is a dead letter as programs read it.
type deadJSON struct {
	ID         string        `json:"id"`
	Source     string        `json:"source"`
	Stage      string        `json:"stage"`
	Code       feedback.Code `json:"code"`
	Reason     string        `json:"reason"`
	ReceivedAt string        `json:"received_at"`
	Attempts   int           `json:"attempts"`
	Payload    string        `json:"payload"`
}

func toDeadJSON(l feedback.DeadLetter) deadJSON {
	return deadJSON{ID: l.ID.String(), Source: l.Source, Stage: l.Stage, Code: l.Code, Reason: l.Reason,
		ReceivedAt: l.ReceivedAt.UTC().Format("2006-01-02T15:04:05Z"), Attempts: l.Attempts, Payload: l.Payload}
}

// printable makes a text of several lines safe for a terminal.
func printable(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = plain(lines[i])
	}
	return strings.Join(lines, "\n")
}
