package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
)

func newDoctor() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look whether all is well, and say what is wrong and what to do",
		Long: `Look at settings, service, ports, secrets, certificate, store, models, ledger, disks, limits and clock, whether the service
runs or not. It disturbs nothing: in the store it writes, reads and deletes one small object of its own.

Each finding is ok; warn: it works, and may not for long, or not as was meant; or fail: it does not work.

Exit status: 0 nothing fails; 1 it could not look; 2 wrong usage; 3 something fails.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
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
	return cmd
}
