package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
)

func newModels() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "Put models into the store",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newModelsPush())
	return cmd
}

func newModelsPush() *cobra.Command {
	var path string
	var asJSON bool
	push := app.Push{Name: "{device}/{tag}.pkl", To: "models"}
	cmd := &cobra.Command{
		Use:   "push FOLDER",
		Short: "Look at the models in a folder, and store those that are sound",
		Long: `Look at every file in a folder, without executing anything, and store those that are models, each whole or not
at all. Models that are not scored natively are stored too, and named. What the store has already is left as it is.
A file that names code which runs when Python loads it, such as os.system, is hostile and not stored: fleetscore would
not run it, but who else reads the store might. --allow-hostile stores it all the same.

Exit status: 0 done; 1 could not run; 2 wrong usage; 3 some files are no models, or hostile, and were not stored.`,
		Example: `  fleetscore models push ./models
  fleetscore models push ./models --name 'model_{device}_{tag}'`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := app.LoadSettings(path)
			if err != nil {
				return err
			}
			push.Folder = args[0]
			out, err := app.PushModels(cmd.Context(), file, push)
			if err != nil {
				return err
			}
			if err := writePushed(cmd.OutOrStdout(), out, push, asJSON); err != nil {
				return err
			}
			hostile := len(out.Hostile)
			if push.AllowHostile {
				hostile = 0
			}
			if n := len(out.Refused) + hostile; n > 0 {
				return failedError{fmt.Errorf("%s refused, and not stored: no models %d, hostile %d", plural(n, "file"), len(out.Refused), hostile)}
			}
			if out.Stored+out.Unchanged == 0 {
				return failedError{errors.New("no file is called like a model; give --name")}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&push.Name, "name", push.Name, "what a model is called in the folder")
	f.StringVar(&push.To, "to", push.To, "folder in the store")
	f.BoolVar(&push.DryRun, "dry-run", false, "look at the files and store nothing")
	f.BoolVar(&push.AllowHostile, "allow-hostile", false, "store files that name code which runs when Python loads them too")
	f.BoolVar(&asJSON, "json", false, "print what became of them as JSON")
	addConfigFlag(cmd, &path)
	return cmd
}

// mostListed is how many files of one kind are named on a terminal.
const mostListed = 20

func writePushed(w io.Writer, out *app.Pushed, p app.Push, asJSON bool) error {
	if asJSON {
		return writeJSON(w, out)
	}
	list := func(title string, all []app.Pushee) {
		if len(all) == 0 {
			return
		}
		fmt.Fprintf(w, "%s: %d\n", title, len(all))
		for _, p := range all[:min(len(all), mostListed)] {
			fmt.Fprintf(w, "  %s: %s\n", visible(p.Path), visible(p.Reason))
		}
		if len(all) > mostListed {
			fmt.Fprintf(w, "  … and %d more; --json lists all\n", len(all)-mostListed)
		}
	}
	stored := "stored"
	if p.DryRun {
		stored = "nothing was stored; to store"
	}
	fmt.Fprintf(w, "%s %d, unchanged %d\n", stored, out.Stored, out.Unchanged)
	list("not scored natively", out.Other)
	hostile := "hostile, not stored"
	if p.AllowHostile {
		hostile = "hostile, allowed"
	}
	list(hostile, out.Hostile)
	list("no models, not stored", out.Refused)
	if n := len(out.Unnamed); n > 0 {
		fmt.Fprintf(w, "not called like a model, not stored: %d, such as %s\n", n, visible(out.Unnamed[0]))
	}
	_, err := fmt.Fprintf(w, "in a job: models: %q\n", visible(out.Models))
	return err
}
