package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
)

func newVerifyStore() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify-store",
		Short: "Prove that every interval was scored once: nothing missing, doubled or torn",
		Long: `Read all that the commits in the store name, and compare: sizes and digests of files, their rows with each other,
what the tile says of each sensor with its rows, counts and causes of failures in commits with those of tiles, files
and, as long as they are kept, results; intervals with each other. It reads only, and needs no service.

A cause is told once, with what to do: what hangs on it is not compared. Gaps (intervals of a job's schedule between
others that were never committed) and orphans (files that no commit names; the janitor deletes them) are told, and are
no problems. Nor is a store in which nothing was committed: it says so.

Exit status: 0 there is no problem; 1 the store could not be read; 2 wrong usage; 3 there are problems.`,
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
			line := p.Key + ": " + p.What
			if p.Hint != "" {
				line += "; " + p.Hint
			}
			fmt.Fprintf(w, "  %s\n", visible(line))
		}
		if len(all) > mostListed {
			fmt.Fprintf(w, "  … and %d more; --json lists all\n", len(all)-mostListed)
		}
	}
	fmt.Fprintf(w, "%s, %s, %s, %s predictions of %s sensors and intervals, %.1f MB\n", plural(v.Jobs, "job"), plural(v.Intervals, "interval"),
		plural(v.Files, "file"), withCommas(v.Predictions), withCommas(v.Sensors), float64(v.Bytes)/1e6)
	list("gaps, between intervals that were committed", v.Gaps)
	list("orphans, files that no commit names", v.Orphans)
	list("problems", v.Problems)
	if verdict := verdict(v); verdict != "" {
		fmt.Fprintln(w, verdict)
	}
	return nil
}

// verdict is what a store without problems comes to. Where nothing was committed,
// nothing is proven.
func verdict(v *app.Verification) string {
	switch {
	case len(v.Problems) > 0:
		return ""
	case v.Commits == 0 && len(v.Orphans) == 0:
		return "nothing to verify: there are no commits and no predictions"
	case v.Commits == 0:
		return "nothing to verify: there is no commit, so none of these predictions counts"
	case v.Files == 0:
		return "nothing is missing or doubled: what was committed has no predictions"
	case slices.ContainsFunc(v.Orphans, func(p app.Problem) bool { return p.Hint != "" }):
		return "every row that a commit names counts once; those of intervals without a commit do not count"
	}
	return "every row counts once"
}
