package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
)

func newDoctor() *cobra.Command {
	a := &api{}
	var database string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look whether all is well, and say what is wrong and what to do",
		Long: `Look at settings, service, ports, secrets, certificate, store, models, ledger, disks, limits, sandboxes and clock, whether the service
runs or not. It disturbs nothing: in the store it writes, reads and deletes one small object of its own. Of a ledger in
PostgreSQL it looks whether the server answers, its version and clock, the tables, what the user may do, how many connections it may make, and
which service is the active one; it takes no lock and changes nothing.

Each finding is ok; warn: it works, and may not for long, or not as was meant; or fail: it does not work.

Exit status: 0 nothing fails; 1 it could not look; 2 wrong usage; 3 something fails.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := useDatabase(database); err != nil {
				return err
			}
			if file, err := app.LoadSettings(a.config); err == nil { // or Examine says why not
				if err := useOthers(file); err != nil {
					return err
				}
			}
			found := app.Examine(cmd.Context(), a.config, a.url, version())
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			if a.json {
				if err := writeJSON(cmd.OutOrStdout(), found); err != nil {
					return err
				}
			} else {
				w := cmd.OutOrStdout()
				for _, f := range found.Findings {
					fmt.Fprintf(w, "%-5s %s: %s\n", f.Status, visible(f.Check), visible(f.Detail))
					if f.Hint != "" {
						fmt.Fprintf(w, "      → %s\n", visible(f.Hint))
					}
				}
				fmt.Fprintf(w, "%s, %s\n", plural(found.Warnings, "warning"), plural(found.Failures, "failure"))
			}
			if found.Failures > 0 {
				return failedError{fmt.Errorf("%s", plural(found.Failures, "failure"))}
			}
			return nil
		},
	}
	a.flags(cmd)
	addDatabaseFlag(cmd, &database)
	return cmd
}
