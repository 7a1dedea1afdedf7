package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

// signedID is the form of IDs of devices' tokens.
var signedID = regexp.MustCompile(`^d[a-z2-7]{12}$`)

// revoked is a token that is let in no more.
type revoked struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

func newTokenRevoke(a *api) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID|NAME",
		Short: "Let a token in no more, and end what it has opened",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*revoked, error) {
				t, err := c.RevokeToken(ctx, args[0])
				var refusal *client.Error
				if errors.As(err, &refusal) && refusal.Code == web.CodeNotFound && signedID.MatchString(args[0]) {
					d, err := c.RevokeDeviceToken(ctx, args[0])
					if err != nil {
						return nil, err
					}
					return &revoked{ID: d.ID}, nil
				}
				if err != nil {
					return nil, err
				}
				return &revoked{t.ID, t.Name}, nil
			}, func(w io.Writer, r *revoked) error {
				_, err := fmt.Fprintf(w, "revoked %s %s\n", r.ID, visible(r.Name))
				return err
			})
		},
	}
}

func newTokenKeys(a *api) *cobra.Command {
	return keyCommand(a, &cobra.Command{Use: "keys", Short: "List the keys that sign devices' tokens", Args: cobra.NoArgs},
		func(ctx context.Context, c *client.Client, _ []string) (*web.SigningKeyList, error) {
			return c.SigningKeys(ctx)
		})
}

func newTokenRotate(a *api) *cobra.Command {
	return keyCommand(a, &cobra.Command{
		Use:   "rotate-key",
		Short: "Make a key that signs devices' tokens from now on",
		Long:  "Make a key that signs devices' tokens from now on. Tokens of the keys before it are let in until those are removed.",
		Args:  cobra.NoArgs,
	}, func(ctx context.Context, c *client.Client, _ []string) (*web.SigningKeyList, error) {
		return c.RotateSigningKey(ctx)
	})
}

func newTokenRemove(a *api) *cobra.Command {
	return keyCommand(a, &cobra.Command{Use: "remove-key ID", Short: "Remove a key, and let in no more what it has signed", Args: cobra.ExactArgs(1)},
		func(ctx context.Context, c *client.Client, args []string) (*web.SigningKeyList, error) {
			return c.RemoveSigningKey(ctx, args[0])
		})
}

// keyCommand makes a command that answers with the keys.
func keyCommand(a *api, cmd *cobra.Command, do func(context.Context, *client.Client, []string) (*web.SigningKeyList, error)) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.SigningKeyList, error) { return do(ctx, c, args) }, writeKeys)
	}
	return cmd
}

func writeKeys(w io.Writer, list *web.SigningKeyList) error {
	return table(w, "id · created · use", func(row func(...any)) {
		for _, k := range list.Keys {
			use := "verifies"
			if k.Signs {
				use = "signs, verifies"
			}
			row(k.ID, when(k.Created), use)
		}
	})
}
