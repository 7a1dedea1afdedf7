package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/internal/counted"
)

func newInspect() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect MODEL|FOLDER ...",
		Short: "Tell what is in model files, without executing anything",
		Long: `Tell what is in model files: format, protocol, scikit-learn version, the pipeline's steps with their
parameters and array shapes, the classes that the file names, its digest, and whether fleetscore
scores it natively. Nothing in a file is executed. Several files, or a folder, give a table.

Exit status: 0 all could be read; 1 some could not; 2 wrong usage.`,
		Example: `  fleetscore inspect models/pump-1/temperature.pkl
  fleetscore inspect models --json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := app.Inspect(cmd.Context(), args)
			if err != nil {
				return err
			}
			if err := writeInspections(cmd.OutOrStdout(), args, found, asJSON); err != nil {
				return err
			}
			return unreadable(found)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array, one object a file")
	return cmd
}

func unreadable(found []app.Inspection) error {
	bad := 0
	for _, f := range found {
		if f.Error != "" {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d files could not be read as models", bad, len(found))
	}
	return nil
}

func writeInspections(w io.Writer, args []string, found []app.Inspection, asJSON bool) error {
	switch {
	case asJSON:
		return writeJSON(w, found)
	case len(args) == 1 && len(found) == 1 && found[0].Path == args[0]:
		return writeDetail(w, found[0])
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "model\tformat\tscikit-learn\tsteps\tfeatures\tdigest\tnative")
	for _, f := range found {
		steps := make([]string, len(f.Steps))
		for i, s := range f.Steps {
			steps[i] = className(s.Class)
		}
		native := "yes"
		if !f.Native {
			native = "no: " + f.Reason
			if f.Error != "" {
				native = "no: " + f.Error
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%.12s\t%s\n", visible(f.Path), format(f), visible(orDash(f.Version)),
			visible(orDash(strings.Join(steps, " → "))), f.Features, orDash(f.Digest), visible(native))
	}
	return t.Flush()
}

func writeDetail(w io.Writer, f app.Inspection) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, value string) { fmt.Fprintf(t, "%s\t%s\n", name, visible(value)) }
	row("model", f.Path)
	row("format", format(f))
	row("scikit-learn", orDash(f.Version))
	row("size", withCommas(int64(f.Size))+" bytes")
	row("sha256", f.Digest)
	switch {
	case f.Native:
		row("native", fmt.Sprintf("yes, %s a row", plural(f.Features, "feature")))
	case f.Error != "":
		row("native", "no: "+f.Error)
	default:
		row("native", "no: "+f.Reason)
	}
	for i, s := range f.Steps {
		fmt.Fprintf(t, "\nstep %d\t%s (%s)\n", i+1, visible(s.Name), visible(s.Class))
		for _, p := range s.Params {
			row("  "+visible(p.Name), p.Value)
		}
		for _, a := range s.Arrays {
			row("  "+visible(a.Name), fmt.Sprintf("%s %v", a.DType, a.Shape))
		}
		if s.Omitted > 0 {
			row("  …", fmt.Sprintf("%d more attributes", s.Omitted))
		}
	}
	if len(f.Globals) > 0 {
		fmt.Fprintf(t, "\nclasses and functions that the file names\n")
		for _, g := range f.Globals {
			note := fmt.Sprintf("byte %d", g.Offset)
			if !g.Allowed {
				note += ", not allowed"
			}
			row("  "+visible(g.Name), note)
		}
	}
	return t.Flush()
}

func format(f app.Inspection) string {
	if f.Format == "" {
		return "-"
	}
	text := fmt.Sprintf("%s, protocol %d", f.Format, f.Protocol)
	if f.Compression != "" {
		text += ", " + f.Compression
	}
	return text
}

func plural(n int, noun string) string { return counted.Of(n, noun) }

func className(class string) string {
	return class[strings.LastIndexByte(class, '.')+1:]
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
