package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"earshot/app"
)

func (c *cli) reportSendCommand() *cobra.Command {
	var target string
	var opts app.SendOptions
	cmd := c.jsonFlag(&cobra.Command{
		Use:   "send [ID]",
		Short: "Send a kept Pulse to somebody now",
		Long: `Send a Pulse that is kept, or the latest, to one target, and record it. A Pulse goes to a target once; --again sends
it once more, and --test sends it marked as a test. What fails for a reason that may pass is tried again by earshot serve.`,
		Example: `  earshot report send --to mail:jo@example.com
  earshot report send P3f2a91bc00 --to 'file:board?format=pdf'
  earshot report send --to slack:https://hooks.slack.com/services/... --test`,
		Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			if target == "" {
				return fmt.Errorf("%w: --to says where to (see %s --help)", errUsage, cmd.CommandPath())
			}
			id := ""
			if len(args) == 1 {
				id = args[0]
			}
			return c.withApp(cmd, app.Options{}, func(a *app.App) error {
				d, err := a.SendPulse(cmd.Context(), a.Config.Workspace, id, target, opts)
				if err != nil {
					return err
				}
				j := toDeliveryJSON(d)
				if c.json {
					return c.printJSON(j)
				}
				_, err = fmt.Fprintf(c.out, "Sent %s to %s.\n", j.Subject, j.Target)
				return err
			})
		},
	})
	cmd.Flags().StringVar(&target, "to", "", "target: file:FOLDER, mail:ADDRESS, slack:WEBHOOK or the https address of a webhook")
	cmd.Flags().BoolVar(&opts.Test, "test", false, "mark it as a test; it does not count as sent")
	cmd.Flags().BoolVar(&opts.Again, "again", false, "send it even if it went there before")
	return cmd
}
