package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newNodes() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{
		Use:   "nodes",
		Short: "List the nodes: those that are there, and those of the last hour",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.NodeList, error) {
				return c.Nodes(ctx, time.Time{})
			}, writeNodes)
		},
	}
	a.flags(cmd)
	return cmd
}

func writeNodes(w io.Writer, nodes *web.NodeList) error {
	return table(w, "node · state · pid · up · tasks · done · detail", func(row func(...any)) {
		for _, n := range nodes.Nodes {
			row(n.ID, n.State, n.PID, between(n.Started, n.Ended), n.Tasks, n.Done, firstLine(n.Detail))
		}
	})
}
