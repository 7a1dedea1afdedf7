package main

import (
	"context"
	"encoding/json"
	"io"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/web/client"
)

// question is one thing that is asked of the service. It is done with the
// connection when it returns.
type question[T any] func(ctx context.Context, c *client.Client) (*T, error)

// ask puts a question to the service, and prints the answer: as the API gives it
// if JSON is wanted, or else as text writes it.
func ask[T any](a *api, cmd *cobra.Command, q question[T], text func(w io.Writer, answer *T) error) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	answer, err := q(cmd.Context(), c)
	if err != nil {
		return err
	}
	if a.json {
		return writeJSON(cmd.OutOrStdout(), answer)
	}
	return text(cmd.OutOrStdout(), answer)
}

// writeJSON writes JSON for programs that people can read too.
func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
