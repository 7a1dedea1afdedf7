package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
)

func newBackup() *cobra.Command {
	a := &api{}
	var to string
	cmd := &cobra.Command{
		Use:   "backup --to FILE|URL",
		Short: "Copy the ledger: jobs, runs, settings, tokens' hashes, who changed what",
		Long: `Copy the ledger as it is at one instant, through the service if it runs, or else from its file; look the copy through, and
put it where it is to be, which must not be there yet: a file, its owner's alone, or an object of a store (s3://…). Its end is
its SHA-256, by which restore knows whether it is as it was written. SQLite's own tools open it as any database.

What came of runs is in the store, and is no part of it. Nor are the files token and device-keys.json of the state's
folder, which are secrets: keep a copy of those where secrets are kept.

A ledger in PostgreSQL is backed up with the database, or by pg_dump: then this command ends with status 1, and says how.`,
		Example: `  fleetscore backup --to /backups/ledger-$(date +%F).db
  fleetscore backup --to s3://backups/fleet/ledger-$(date +%F).db?region=eu-central-1`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := app.LoadSettings(a.config)
			if err == nil {
				err = useOthers(file) // of a store that a copy is in
			}
			if err != nil {
				return err
			}
			own := a.url == "" && os.Getenv("FLEETSCORE_URL") == ""
			b, err := app.BackUp(cmd.Context(), file, to, own, func(w io.Writer) error {
				c, err := a.connect()
				if err != nil {
					return err
				}
				defer c.Close()
				return c.Backup(cmd.Context(), w)
			})
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
run. A copy that is not as it was written, by the SHA-256 at its end, is refused; one of a version that wrote none is only
looked through by SQLite, which does not see all damage, and that is said.

After the next start, intervals that came due since the copy was made are fired again; those that are committed in the
store are taken as they are, and not scored twice. Tokens are those of the copy: revoke again what was revoked since.

A ledger in PostgreSQL is put back by pg_restore: then this command ends with status 1, and says how.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := app.LoadSettings(a.config)
			if err == nil {
				err = useOthers(file) // of a store that a copy is in
			}
			if err != nil {
				return err
			}
			b, err := app.Restore(cmd.Context(), file, from)
			if err != nil {
				return err
			}
			if err := tellBackup(a, cmd, &b, fmt.Sprintf("restored from %s: ", b.From)); err != nil || a.json {
				return err
			}
			w := cmd.OutOrStdout()
			if b.SHA256 == "" {
				fmt.Fprintln(w, "the copy has no SHA-256, as an older version made it: SQLite has found nothing wrong with it, which is not all that can be")
			}
			if b.Aside != "" {
				fmt.Fprintf(w, "what was there is in %s\n", visible(b.Aside))
			}
			return nil
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
