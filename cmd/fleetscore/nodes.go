package main

import (
	"io"
	"time"

	"github.com/spf13/cobra"
)

func newNodes() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{
		Use:   "nodes",
		Short: "List the nodes: those that are there, and those of the last hour",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.connect()
			if err != nil {
				return err
			}
			nodes, err := c.Nodes(cmd.Context(), time.Time{})
			if err != nil {
				return err
			}
			return a.print(cmd.OutOrStdout(), nodes, func(w io.Writer) error {
				return table(w, "node · state · pid · up · tasks · done · detail", func(row func(...any)) {
					for _, n := range nodes.Nodes {
						row(n.ID, n.State, n.PID, between(n.Started, n.Ended), n.Tasks, n.Done, n.Detail)
					}
				})
			})
		},
	}
	a.flags(cmd)
	return cmd
}
