package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/web/client"
)

func newBackup() *cobra.Command {
	a := &api{}
	var to string
	cmd := &cobra.Command{
		Use:   "backup --to FILE|URL",
		Short: "Copy the ledger: jobs, runs, settings, tokens' hashes, who changed what",
		Long: `Copy the ledger as it is at one instant, through the service if it runs, or else from its file; look the copy through, and
put it where it is to be, which must not be there yet: a file, its owner's alone, or an object of a store (s3://…).

What came of runs is in the store, and is no part of it. Nor are the files token and device-keys.json of the state's
folder, which are secrets: keep a copy of those where secrets are kept.`,
		Example: `  fleetscore backup --to /backups/ledger-$(date +%F).db
  fleetscore backup --to s3://backups/fleet/ledger-$(date +%F).db?region=eu-central-1`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := app.LoadSettings(a.config)
			if err != nil {
				return err
			}
			b, err := app.BackUp(cmd.Context(), file, to, func(w io.Writer) error {
				c, err := a.connect()
				if err != nil {
					return err
				}
				defer c.Close()
				return c.Backup(cmd.Context(), w)
			}, func(err error) bool { return a.url == "" && errors.Is(err, client.ErrNotRunning) })
			if err != nil {
				return err
			}
			return tellBackup(a, cmd, &b, fmt.Sprintf("backed up to %s: ", b.To))
		},
	}
	a.flags(cmd)
	cmd.Flags().StringVar(&to, "to", "", "where the copy is to be")
	cobra.CheckErr(cmd.MarkFlagRequired("to"))
	return cmd
}

func newRestore() *cobra.Command {
	a := &api{}
	var from string
	cmd := &cobra.Command{
		Use:   "restore --from FILE|URL",
		Short: "Put a copy of the ledger in its place, which no service may have open",
		Long: `Look a copy of the ledger through, and put it in the ledger's place. What was there is kept beside it. The service must not
run.

After the next start, intervals that came due since the copy was made are fired again; those that are committed in the
store are taken as they are, and not scored twice. Tokens are those of the copy: revoke again what was revoked since.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := app.LoadSettings(a.config)
			if err != nil {
				return err
			}
			b, err := app.Restore(cmd.Context(), file, from)
			if err != nil {
				return err
			}
			if err := tellBackup(a, cmd, &b, fmt.Sprintf("restored from %s: ", b.From)); err != nil || b.Aside == "" || a.json {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "what was there is in %s\n", visible(b.Aside))
			return err
		},
	}
	cmd.Flags().StringVar(&a.config, "config", "", "the settings (default fleetscore.yaml, if it is there)")
	cmd.Flags().BoolVar(&a.json, "json", false, "print JSON")
	cmd.Flags().StringVar(&from, "from", "", "where the copy is")
	cobra.CheckErr(cmd.MarkFlagRequired("from"))
	return cmd
}

func tellBackup(a *api, cmd *cobra.Command, b *app.Backup, what string) error {
	if a.json {
		return writeJSON(cmd.OutOrStdout(), b)
	}
	newest := ""
	if b.Newest != "" {
		newest = ", the newest " + b.Newest
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), visible(fmt.Sprintf("%s%s, %s%s, %.1f MB", what, plural(b.Jobs, "job"), plural(b.Runs, "run"), newest, float64(b.Bytes)/1e6)))
	return err
}
