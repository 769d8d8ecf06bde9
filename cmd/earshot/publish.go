package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
)

func (c *cli) publishCommand() *cobra.Command {
	var source string
	cmd := &cobra.Command{
		Use:   "publish [TEXT...]",
		Short: "Put one message onto the queue, for trying",
		Long: `Put one message onto the queue and return when it is on disk. Without arguments the message is read from
standard input: an object of the message contract, sent as it is. The workers of a running earshot serve
handle it; where none runs, it waits for the next.`,
		Example: `  earshot publish "The export button does nothing since yesterday."
  earshot publish --source zendesk < message.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := c.message(args)
			if err != nil {
				return err
			}
			if err := feedback.CheckSource(source); err != nil {
				return err
			}
			a, err := c.open(cmd.Context(), app.Options{Queue: true})
			if err != nil {
				return err
			}
			defer a.Close()
			if err := a.Queue.PublishReceived(cmd.Context(), a.Config.Workspace, source, [][]byte{data})[0]; err != nil {
				return err
			}
			fmt.Fprintf(c.out, "On disk: feedback.received.%s.%s, %s.\n", a.Config.Workspace, source,
				count(len(data), "byte", "bytes"))
			if a.OwnsQueue() {
				fmt.Fprintln(c.out, "No earshot serve runs on this data folder: the next one handles it.")
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&source, "source", "cli", "where the feedback comes from")
	return cmd
}

// message gives what is to be published: the arguments as a body, or else what standard input says.
func (c *cli) message(args []string) ([]byte, error) {
	if len(args) > 0 {
		return json.Marshal(feedback.Submission{Body: strings.Join(args, " ")})
	}
	data, err := io.ReadAll(io.LimitReader(c.in, feedback.MaxMessage+1))
	if err != nil {
		return nil, feedback.Errorf(feedback.Invalid, "read standard input: %w", err)
	}
	switch {
	case len(data) > feedback.MaxMessage:
		return nil, feedback.Errorf(feedback.TooLarge, "the message has more than %d bytes", feedback.MaxMessage)
	case !json.Valid(data):
		return nil, feedback.Errorf(feedback.Invalid, "standard input is not JSON").
			WithHint(`a message looks like {"body": "…"}: see docs/message.schema.json`)
	}
	return data, nil
}
