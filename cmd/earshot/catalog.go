package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"earshot/app"
	"earshot/feedback"
	"earshot/ingest/importer"
)

func (c *cli) featuresCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "features", Short: "The product's features"}
	cmd.AddCommand(c.jsonFlag(&cobra.Command{
		Use:   "import FILE",
		Short: "Make a CSV or JSON file the product's hierarchy of features",
		Long: `Read the hierarchy of features and make it the workspace's own: features that the file lacks are removed.
Columns: name, and optionally id, parent_id (an id or a name), kind (product, component or feature), status
(idea, planned, in progress, shipped), shipped_at and description. The next earshot recluster links clusters to
them; links that a person confirmed or rejected stay.`,
		Example: "  earshot features import features.csv",
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := c.input(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			features, err := importer.Features(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			a, err := c.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			if err := a.Store.SaveFeatures(cmd.Context(), a.Config.Workspace, features); err != nil {
				return err
			}
			return c.imported(len(features), 0, "feature", "features", a.Config.Workspace)
		},
	}))
	return cmd
}

func (c *cli) customersCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "customers", Short: "The customers that feedback comes from"}
	cmd.AddCommand(c.jsonFlag(&cobra.Command{
		Use:   "import FILE",
		Short: "Import customers with segment, plan and revenue from a CSV or JSON file",
		Long: `Read customers: id, and optionally name, segment, plan and arr (annual recurring revenue); other columns become
attributes. A field that the file gives replaces what is known, one that it leaves out keeps it.`,
		Example: "  earshot customers import accounts.csv",
		Args:    exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := c.input(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			customers, bad, err := importer.Customers(cmd.Context(), args[0], in)
			if err != nil {
				return err
			}
			show := c.showRejects()
			for _, b := range bad {
				show(b)
			}
			a, err := c.open(cmd.Context(), app.Options{})
			if err != nil {
				return err
			}
			defer a.Close()
			if err := a.Store.SaveCustomers(cmd.Context(), a.Config.Workspace, customers); err != nil {
				return err
			}
			return c.imported(len(customers), len(bad), "customer", "customers", a.Config.Workspace)
		},
	}))
	return cmd
}

// imported says how many rows are in, and fails when some were refused.
func (c *cli) imported(n, refused int, one, many, workspace string) error {
	if c.json {
		if err := c.printJSON(map[string]int{"imported": n, "rejected": refused}); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(c.out, "Imported %s into workspace %q.\n", count(n, one, many), workspace)
	}
	if refused > 0 {
		return feedback.Errorf(feedback.Invalid, "%s refused", count(refused, "row was", "rows were"))
	}
	return nil
}
