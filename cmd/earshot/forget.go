package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

// settleTimeout is how long forget waits for the queue to let go of what it holds.
const settleTimeout = 10 * time.Minute

type forgetFlags struct {
	author, customer, item, by string
	copies, dryRun, yes        bool
	list, allowReturn          bool
}

func (c *cli) forgetCommand() *cobra.Command {
	var f forgetFlags
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "forget --author ID-OR-ADDRESS | --customer ID | --item ID",
		Short: "Erase all that is kept of a person, a customer or an item",
		Long: `Erase all that is kept of an author, a customer or one item: text, vectors, dead letters and what was derived
from them. Counts, centroids and quotes of clusters are made anew, Pulses lose the quotes, and a receipt without
personal data stays. What was forgotten is refused when it is sent again, until --allow-return lifts that.

Without --yes nothing is erased, and what would go is said. docs/privacy.md says what remains where.`,
		Example: `  earshot forget --author jane@example.com --dry-run
  earshot forget --author jane@example.com --yes
  earshot forget --customer c-104 --yes
  earshot forget --item zendesk:48213 --yes
  earshot forget --list`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.list {
				return c.listErasures(cmd.Context())
			}
			kind, name, err := f.subject()
			if err != nil {
				return err
			}
			if f.allowReturn {
				return c.allowReturn(cmd.Context(), kind, name)
			}
			return c.forget(cmd.Context(), &f, kind, name)
		},
	})
	flags := cmd.Flags()
	flags.StringVar(&f.author, "author", "", "the author's id or address")
	flags.StringVar(&f.customer, "customer", "", "the customer's id")
	flags.StringVar(&f.item, "item", "", "the item's id, or source:external-id")
	flags.StringVar(&f.by, "by", "", "who asks for it, for the receipt; the account's name where it is left out")
	flags.BoolVar(&f.copies, "copies", false, "erase near-copies that others sent, too")
	flags.BoolVar(&f.dryRun, "dry-run", false, "say what would go, and change nothing")
	flags.BoolVar(&f.yes, "yes", false, "erase it")
	flags.BoolVar(&f.allowReturn, "allow-return", false, "let what was forgotten come back when it is sent again")
	flags.BoolVar(&f.list, "list", false, "list the receipts")
	return cmd
}

func (f *forgetFlags) subject() (kind feedback.SubjectKind, name string, err error) {
	given := 0
	for _, s := range []struct {
		kind feedback.SubjectKind
		name string
	}{{feedback.SubjectAuthor, f.author}, {feedback.SubjectCustomer, f.customer}, {feedback.SubjectItem, f.item}} {
		if s.name != "" {
			kind, name = s.kind, s.name
			given++
		}
	}
	if given != 1 {
		return "", "", fmt.Errorf("%w: name one of --author, --customer and --item (see earshot forget --help)", errUsage)
	}
	return kind, name, nil
}

func (c *cli) forget(ctx context.Context, f *forgetFlags, kind feedback.SubjectKind, name string) error {
	a, err := c.open(ctx, app.Options{Queue: true})
	if err != nil {
		return err
	}
	defer a.Close()
	receipt, err := a.Forget(ctx, a.Config.Workspace, kind, name, cmp.Or(f.by, account()), f.copies, f.dryRun || !f.yes)
	if err != nil {
		return err
	}
	if f.yes && !f.dryRun {
		if err := c.settle(ctx, a); err != nil {
			return err
		}
		receipt.Pending = 0
	}
	if c.json {
		return c.printJSON(receipt)
	}
	c.printErasure(&receipt, f)
	return nil
}

// settle waits until the queue holds nothing any more of what it held.
func (c *cli) settle(ctx context.Context, a *app.App) error {
	waiting, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	bar := newSteps(c.errs)
	most := 0
	err := a.Settle(waiting, func(n int) {
		most = max(most, n)
		bar.step("Emptying the queue", most-n, most)
	})
	bar.done()
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return feedback.Errorf(feedback.Unavailable, "it is erased, but the queue still holds older messages, the subject's perhaps among them").
			WithHint("they are refused when their turn comes; earshot doctor says what holds the queue up")
	}
	return err
}

func (c *cli) printErasure(r *feedback.Erasure, f *forgetFlags) {
	verb := "Erased the"
	if r.ID == 0 {
		verb = "Would erase the"
	}
	fmt.Fprintf(c.out, "%s %s %.12s…: %s with %s and %s, %s, %s.\n", verb, r.Kind, r.Subject, count(r.Items, "item", "items"),
		count(r.Excerpts, "excerpt", "excerpts"), count(r.Vectors, "vector", "vectors"), count(r.Customers, "customer", "customers"),
		count(r.DeadLetters, "dead letter", "dead letters"))
	fmt.Fprintf(c.out, "%s changed, %s lost evidence.\n", count(r.Clusters, "cluster", "clusters"), count(r.Pulses, "Pulse", "Pulses"))
	if r.Copies > 0 {
		fmt.Fprintf(c.out, "%s that others sent may say the same words; --copies erases them too.\n", count(r.Copies, "near-copy", "near-copies"))
	}
	switch {
	case r.ID != 0:
		fmt.Fprintf(c.out, "Receipt %d. It is kept out from now on; earshot forget --allow-return lifts that.\n", r.ID)
	case f.dryRun:
		fmt.Fprintln(c.out, "Nothing was changed.")
	default:
		fmt.Fprintln(c.out, "Nothing was erased: add --yes to do it.")
	}
}

func (c *cli) listErasures(ctx context.Context) error {
	a, err := c.open(ctx, app.Options{})
	if err != nil {
		return err
	}
	defer a.Close()
	list, err := a.Erasures(ctx, a.Config.Workspace, 1000)
	if err != nil {
		return err
	}
	if c.json {
		if list == nil {
			list = []feedback.Erasure{}
		}
		return c.printJSON(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(c.out, "Nothing was ever erased here.")
		return nil
	}
	rows := make([][]string, len(list))
	for i, e := range list {
		rows[i] = []string{fmt.Sprint(e.ID), e.At.UTC().Format(time.DateTime), string(e.Kind), e.Subject[:12], e.By, fmt.Sprint(e.Items),
			fmt.Sprint(e.Excerpts), fmt.Sprint(e.DeadLetters), fmt.Sprint(e.Clusters), fmt.Sprint(e.Pulses)}
	}
	return table(c.out, []string{"RECEIPT", "ERASED AT", "KIND", "SUBJECT", "BY", "ITEMS", "EXCERPTS", "DEAD", "CLUSTERS", "PULSES"}, rows)
}

func (c *cli) allowReturn(ctx context.Context, kind feedback.SubjectKind, name string) error {
	a, err := c.open(ctx, app.Options{})
	if err != nil {
		return err
	}
	defer a.Close()
	lifted, err := a.AllowReturn(ctx, a.Config.Workspace, kind, name)
	if err != nil {
		return err
	}
	if lifted == 0 {
		return feedback.Errorf(feedback.NotFound, "this %s was not forgotten", kind)
	}
	fmt.Fprintf(c.out, "It may come back when it is sent again. What was erased stays erased.\n")
	return nil
}

// account is the name of the account that runs the command.
func account() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "unknown"
}
