package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
)

func newNode() *cobra.Command {
	var node app.Node
	cmd := &cobra.Command{
		Use:    "node",
		Short:  "Execute the tasks that a service sends on standard input",
		Hidden: true, // the service starts it
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// The service decides when a node ends; Ctrl-C on its terminal does not.
			// What anything prints must not get between the messages.
			out := os.Stdout
			os.Stdout = os.Stderr
			return node.Serve(context.WithoutCancel(cmd.Context()), os.Stdin, out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&node.Name, "name", os.Getenv("FLEETSCORE_NODE"), "name of the node, for logs")
	f.StringVar(&node.Cache, "cache", "", "folder for packs of models, where the store is far away")
	f.IntVar(&node.Workers, "workers", 0, "how many to score at a time (0: as many as there are cores)")
	return cmd
}
