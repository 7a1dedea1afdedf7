package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
)

func newVerifyStore() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify-store",
		Short: "Prove that every interval was scored once: nothing missing, doubled or torn",
		Long: `Read all that the commits in the store name, and compare: sizes, digests, numbers of rows, rows that two files
share, sensors against their tiles, intervals against each other. It reads only, and needs no service.

Gaps (intervals that were never committed) and orphans (files that no commit names; the janitor deletes them)
are told, and are no problems.

Exit status: 0 all is well; 1 the store could not be read; 2 wrong usage; 3 there are problems.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := app.LoadSettings(path)
			if err != nil {
				return err
			}
			found, err := app.VerifyStore(cmd.Context(), file, nil)
			if err != nil {
				return err
			}
			if err := writeVerification(cmd.OutOrStdout(), found, asJSON); err != nil {
				return err
			}
			if n := len(found.Problems); n > 0 {
				return failedError{fmt.Errorf("%s", plural(n, "problem"))}
			}
			return nil
		},
	}
	addConfigFlag(cmd, &path)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was found as JSON")
	return cmd
}

func writeVerification(w io.Writer, v *app.Verification, asJSON bool) error {
	if asJSON {
		return writeJSON(w, v)
	}
	list := func(title string, all []app.Problem) {
		if len(all) > 0 {
			fmt.Fprintf(w, "%s: %d\n", title, len(all))
		}
		for _, p := range all[:min(len(all), mostListed)] {
			fmt.Fprintf(w, "  %s: %s\n", visible(p.Key), visible(p.What))
		}
		if len(all) > mostListed {
			fmt.Fprintf(w, "  … and %d more; --json lists all\n", len(all)-mostListed)
		}
	}
	fmt.Fprintf(w, "%s, %s, %s, %s predictions of %s sensors and intervals, %.1f MB\n", plural(v.Jobs, "job"), plural(v.Intervals, "interval"),
		plural(v.Files, "file"), withCommas(v.Predictions), withCommas(v.Sensors), float64(v.Bytes)/1e6)
	list("gaps", v.Gaps)
	list("orphans", v.Orphans)
	list("problems", v.Problems)
	if len(v.Problems) == 0 {
		fmt.Fprintln(w, "every row counts once")
	}
	return nil
}
