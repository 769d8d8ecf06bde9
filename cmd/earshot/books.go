package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

func (c *cli) booksCommand() *cobra.Command {
	return c.jsonFlag(&cobra.Command{
		Use:   "books",
		Short: "Show what became of every message that was received",
		Long: `Account for every message of every workspace and source: what was received is stored, updated, a duplicate,
stale (an older wording of what is stored), forgotten on request, rejected at the door, a dead letter, or pending. The queue numbers
what it receives and the database keeps an outcome for each message, so a message that was acknowledged and came
to nothing shows. It exits with 6 when the books do not balance.`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := c.open(cmd.Context(), app.Options{Queue: true})
			if err != nil {
				return err
			}
			defer a.Close()
			books, err := a.Books(cmd.Context())
			if err != nil {
				return err
			}
			if c.json {
				err = c.printJSON(books)
			} else {
				err = c.printBooks(books)
			}
			if err == nil && books.Settled() && !books.Balanced() {
				err = feedback.Errorf(feedback.Conflict, "the books do not balance: %d unaccounted, %d lost", books.Unaccounted, books.Lost)
			}
			return err
		},
	})
}

func (c *cli) printBooks(books feedback.Books) error {
	header := []string{"WORKSPACE", "SOURCE", "RECEIVED"}
	for _, o := range feedback.Outcomes {
		header = append(header, string(o))
	}
	header = append(header, "pending")
	var rows [][]string
	for _, a := range books.Accounts {
		row := []string{a.Workspace, a.Source, thousands(a.Received)}
		for _, o := range feedback.Outcomes {
			row = append(row, thousands(a.Outcomes[o]))
		}
		rows = append(rows, append(row, thousands(a.Pending)))
	}
	if err := table(c.out, header, rows); err != nil {
		return err
	}
	verdict := "The books balance."
	switch {
	case !books.Balanced() && !books.Settled():
		verdict = fmt.Sprintf("%s being handled: look again when they are done.", count(books.InFlight, "message is", "messages are"))
	case !books.Balanced():
		verdict = "The books do not balance."
	}
	_, err := fmt.Fprintf(c.out, "\n%s\n", verdict)
	return err
}
