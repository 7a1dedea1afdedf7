package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/config"
)

func newRuntime() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runtime",
		Short: "Try what scores the models that are not read natively",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRuntimeCheck())
	return cmd
}

func newRuntimeCheck() *cobra.Command {
	cfg := config.DefaultScore()
	var all, asJSON bool
	cmd := &cobra.Command{
		Use:   "check --script FILE --models FOLDER --data READINGS",
		Short: "Try a script, or a command, on some sensors",
		Long: `Try what scores, as a job or score would, on a few sensors or on all, and show for each what it was given, what it
said, what it printed, how long it took and how much memory its process had. Nothing is written.

Exit status: 0 all sensors were scored; 1 could not run; 2 wrong usage; 3 some failed. With --json there is exactly one
document on standard output, whatever happens.`,
		Example: `  fleetscore runtime check --script score.py --models ./models --data readings.csv
  fleetscore runtime check --runtime python --models ./models --model-name '{device}/{tag}.onnx' --data readings.csv --all --json`,
		Args:        cobra.NoArgs,
		Annotations: map[string]string{oneDocument: "always"},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&cfg.Models, "models", "", "folder of models: a path or a URL; none: a script or a command does without")
	f.StringVar(&cfg.ModelName, "model-name", "", "where a model is in that folder (default {device}/{tag}.pkl; {device}.pkl with --entity device)")
	f.StringArrayVar(&cfg.Data, "data", nil, "readings: a file, folder, glob or URL, or - for standard input; repeatable")
	f.StringVar(&cfg.Columns, "columns", "", "columns of the readings, as for score")
	f.StringVar(&cfg.Features, "features", "", "what a model is given, as for score")
	f.StringVar(&cfg.Entity, "entity", cfg.Entity, "what has a model: sensor or device")
	f.IntVar(&cfg.Workers, "workers", 0, "how many to score at a time (0: as many as there are cores)")
	f.BoolVar(&all, "all", false, "try all sensors, not a few")
	f.BoolVar(&asJSON, "json", false, "print one JSON document")
	foreign := addRuntimeFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if foreign.runtime == "" && foreign.fallback == "none" && foreign.command.Run == "" {
			foreign.runtime = "python"
		}
		var err error
		if cfg.Runtime, cfg.Fallback, err = foreign.settings(); err != nil {
			return err
		}
		check, err := app.CheckRuntime(cmd.Context(), cfg, all, os.Stdin)
		if err != nil {
			return err
		}
		if asJSON {
			err = writeJSON(cmd.OutOrStdout(), check)
		} else {
			err = writeRuntimeCheck(cmd.OutOrStdout(), check)
		}
		if err == nil && !check.OK {
			err = failedError{fmt.Errorf("%d of %d sensors that were tried failed", check.Failed, check.Checked)}
			if asJSON {
				err = toldError{err}
			}
		}
		return err
	}
	completeValues(cmd, "entity", config.Entities)
	return cmd
}

// oneDocument marks a command that with --json always writes one document to standard
// output, also when it refuses.
const oneDocument = "one-document"

// toldError is a failure of which standard output has told already.
type toldError struct{ error }

func (t toldError) Unwrap() error { return t.error }

func writeRuntimeCheck(w io.Writer, check *app.RuntimeCheck) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "sensor\trows\tfirst row\tpredictions\tanomalies\tscores\ttime\tmemory\tresult")
	for _, r := range check.Results {
		result, predictions, anomalies, scores := "ok", "-", "-", "-"
		if !r.OK {
			result = string(r.Cause)
		}
		if o := r.Output; o != nil {
			predictions, anomalies = withCommas(o.Predictions), withCommas(o.Anomalies)
			if o.LeastScore != nil {
				scores = fmt.Sprintf("%.4g to %.4g", *o.LeastScore, *o.MostScore)
			}
		}
		first := make([]string, len(r.Input.First))
		for i, v := range r.Input.First {
			first[i] = fmt.Sprintf("%s=%.6g", r.Input.Features[i], v)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", visible(r.Sensor.String()), withCommas(int64(r.Input.Rows)), visible(strings.Join(first, " ")),
			predictions, anomalies, scores, round(time.Duration(r.Seconds*float64(time.Second))), orDash(mebibytes(r.Memory)), result)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range check.Results {
		showLines(w, r.Sensor.String()+": ", r.Error)
		showLines(w, r.Sensor.String()+" printed: ", r.Printed)
	}
	_, err := fmt.Fprintf(w, "\n%d of %d sensors tried with %s, %d failed, in %s\n", check.Checked, check.Sensors, check.Runtime, check.Failed, round(time.Duration(check.Seconds*float64(time.Second))))
	return err
}

// showLines shows what programs said, line by line.
func showLines(w io.Writer, who, text string) {
	first := true
	for line := range strings.Lines(text) {
		if first {
			fmt.Fprintf(w, "\n%s\n", visible(strings.TrimSpace(who)))
		}
		first = false
		fmt.Fprintf(w, "  %s\n", visible(strings.TrimRight(line, "\r\n")))
	}
}

func mebibytes(n int64) string {
	if n == 0 {
		return ""
	}
	return withCommas(n>>20) + " MiB"
}
