package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newToken() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke the tokens by which people, programs and devices are let in",
		Long: `Make, list and revoke tokens. A token of the role viewer reads; operator starts and stops runs, pauses jobs and sends
readings too; admin does all; device sends readings of the devices that match its patterns, and nothing else.

A token's secret is printed once, on standard output alone, or written to a file with --out; only its hash is kept. It is
sent as 'Authorization: Bearer …', and by MQTT as the password, with any user name. Commands take it from FLEETSCORE_TOKEN.

Revoking is in force at once: streams and connections that the token opened end. docs/security.md says more.`,
		Example: `  fleetscore token create grafana --role viewer --expires 90d
  fleetscore token device --devices 'pump-*' --expires 1y --out gateway-3.token
  fleetscore token revoke grafana`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	a.flags(cmd)
	cmd.AddCommand(newTokenCreate(a), newTokenDevice(a), newTokenList(a), newTokenRevoke(a), newTokenKeys(a), newTokenRotate(a), newTokenRemove(a))
	return cmd
}

func newTokenCreate(a *api) *cobra.Command {
	var order web.TokenOrder
	var expires, out string
	cmd := &cobra.Command{
		Use:   "create NAME --role viewer|operator|admin|device",
		Short: "Make a token, and print its secret",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			order.Name = args[0]
			if order.Expires, err = expiry(expires, time.Now()); err != nil {
				return err
			}
			return makeSecret(a, cmd, out, func(ctx context.Context, c *client.Client) (*web.MadeToken, error) {
				return c.CreateToken(ctx, order)
			}, func(made *web.MadeToken) (secret, about string) {
				return made.Secret, fmt.Sprintf("token %s, ID %s, role %s%s", made.Token.Name, made.Token.ID, made.Token.Role, validity(made.Token.Expires))
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&order.Role, "role", "", "viewer, operator, admin or device")
	f.StringSliceVar(&order.Devices, "devices", nil, "patterns of the devices that a token of the role device is for, such as 'pump-*'")
	f.StringVar(&expires, "expires", "never", "for how long it is valid: 30d, 12h, 1y, or never")
	f.StringVar(&out, "out", "", "file for the secret, which is its owner's alone; it must not be there yet")
	cobra.CheckErr(cmd.MarkFlagRequired("role"))
	return cmd
}

func newTokenDevice(a *api) *cobra.Command {
	var order web.DeviceTokenOrder
	var expires, out string
	cmd := &cobra.Command{
		Use:   "device --devices PATTERN",
		Short: "Sign a device's token, of which the service keeps nothing, and print it",
		Long: `Sign a token that lets in devices whose names match. It is a JSON Web Token, signed with Ed25519 by a key in the folder of
the service's state. A fleet has as many as it likes: the service keeps none, so there is no list of them; the audit trail
has their IDs, by which 'token revoke' ends them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if order.Expires, err = expiry(expires, time.Now()); err != nil {
				return err
			}
			return makeSecret(a, cmd, out, func(ctx context.Context, c *client.Client) (*web.DeviceToken, error) {
				return c.SignDeviceToken(ctx, order)
			}, func(made *web.DeviceToken) (secret, about string) {
				return made.Secret, fmt.Sprintf("device's token, ID %s, devices %s%s", made.ID, strings.Join(made.Devices, " "), validity(made.Expires))
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&order.Name, "name", "", "who it is, for people")
	f.StringSliceVar(&order.Devices, "devices", nil, "patterns of devices: * is any text, ? one character")
	f.StringVar(&expires, "expires", "1y", "for how long it is valid: 30d, 12h, 1y; ten years at most")
	f.StringVar(&out, "out", "", "file for the token, which is its owner's alone; it must not be there yet")
	cobra.CheckErr(cmd.MarkFlagRequired("devices"))
	return cmd
}

// expiry is when something ends that is valid for so long; zero: never.
func expiry(text string, now time.Time) (time.Time, error) {
	if text == "never" {
		return time.Time{}, nil
	}
	if years, ok := strings.CutSuffix(text, "y"); ok {
		if n, err := strconv.Atoi(years); err == nil && n > 0 && n <= 100 {
			return now.AddDate(n, 0, 0), nil
		}
	}
	d, err := config.ParseDuration(text)
	if err != nil || d == 0 {
		return time.Time{}, usageError{fmt.Errorf("--expires: %q is not a time to be valid for, such as 30d, 12h, 1y, or never", text)}
	}
	return now.Add(d.Std()), nil
}

func validity(t time.Time) string {
	if t.IsZero() {
		return ", without end"
	}
	return ", until " + when(t)
}

// makeSecret has a secret made, and tells it once: on standard output alone, or to
// a file, which is made first, so that no secret is lost that was made.
func makeSecret[T any](a *api, cmd *cobra.Command, out string, q question[T], tell func(*T) (secret, about string)) error {
	file, err := app.NewSecretFile(out)
	if err != nil {
		return err
	}
	defer file.Close()
	c, err := a.connect()
	if err != nil {
		return err
	}
	defer c.Close()
	made, err := q(cmd.Context(), c)
	if err != nil {
		return err
	}
	secret, about := tell(made)
	if err := file.Write(secret); err != nil {
		return fmt.Errorf("%s was made, and its secret could not be written: %w; revoke it, and make another", about, err)
	}
	if a.json && out == "" {
		return writeJSON(cmd.OutOrStdout(), made)
	}
	fmt.Fprintln(cmd.ErrOrStderr(), visible(about))
	if out == "" {
		_, err = fmt.Fprintln(cmd.OutOrStdout(), secret)
	}
	return err
}

func newTokenList(a *api) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List tokens, without their secrets",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.TokenList, error) { return c.Tokens(ctx) }, writeTokens)
		},
	}
}

func writeTokens(w io.Writer, list *web.TokenList) error {
	return table(w, "id · name · role · devices · made by · created · expires · used · state", func(row func(...any)) {
		for _, t := range list.Tokens {
			state := "valid"
			switch {
			case !t.Revoked.IsZero():
				state = "revoked " + when(t.Revoked)
			case !t.Expires.IsZero() && !t.Expires.After(time.Now()):
				state = "expired"
			}
			row(t.ID, t.Name, t.Role, strings.Join(t.Devices, " "), t.Maker, when(t.Created), when(t.Expires), when(t.Used), state)
		}
	})
}
