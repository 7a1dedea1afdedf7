package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/score"
)

func newScore() *cobra.Command {
	cfg := config.DefaultScore()
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "score --models FOLDER --data READINGS --out FOLDER",
		Short: "Score readings with each sensor's own model",
		Long: `Score every sensor's readings with that sensor's own model, in parallel, and write the predictions.

Readings are Parquet, CSV or JSON lines (text plain, gzip or zstd) with a time, a device, a tag and a value,
or several values for models of several features (--features); rows may come in any order. Models, readings
and predictions are in folders or in Azure Blob Storage, S3 or Google Cloud Storage. A sensor whose model is missing or damaged, or some of whose rows cannot be read, counts as
failed and harms no other: the report names the cause, and --max-failed says how many are too many.

Exit status: 0 done; 1 could not run; 2 wrong usage; 3 more sensors failed than --max-failed allows
(the predictions of the others are written all the same).`,
		Example: `  fleetscore score --models ./models --data readings.csv --out ./predictions
  fleetscore score --models ./models --model-name 'model_{device}_{tag}' --data './data/*.csv.gz' \
      --out ./predictions --format csv --layout sensor
  fleetscore score --models azblob://plant/models --data 's3://windows/2026-11-23/*.parquet' --features mean,max --out gs://predictions
  zcat readings.csv.gz | fleetscore score --models ./models --data - --out ./predictions --json`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&cfg.Models, "models", "", "folder of models: a path, or an azblob://, s3:// or gs:// URL")
	f.StringVar(&cfg.ModelName, "model-name", "", "where a model is in that folder (default {device}/{tag}.pkl; {device}.pkl with --entity device)")
	f.StringArrayVar(&cfg.Data, "data", nil, "readings: a file, folder, glob or URL, or - for standard input; repeatable")
	f.StringVar(&cfg.Columns, "columns", "", "columns of the readings: time=TS,device=Device,tag=Tag,value=Value; those left out are found by their usual names")
	f.StringVar(&cfg.Features, "features", "", "what a model is given: columns of a row, such as mean,max; with --entity device tags, such as temperature,vibration.max (default the value)")
	f.StringVar(&cfg.Entity, "entity", cfg.Entity, "what has a model: sensor, or device, with its tags side by side")
	f.StringVar(&cfg.Output, "out", "", "folder for the predictions: a path or a URL")
	f.StringVar(&cfg.Format, "format", cfg.Format, "parquet or csv")
	f.StringVar(&cfg.Layout, "layout", cfg.Layout, "single: one file; sensor: a file for each sensor")
	f.StringVar(&cfg.OutName, "out-name", "", "name of the file (default predictions.FORMAT), or of each sensor's (default preds_{device}_{tag}.FORMAT, preds_{device}.FORMAT)")
	f.StringVar(&cfg.MaxFailed, "max-failed", cfg.MaxFailed, "how many sensors may fail: a count or a percentage such as 1%")
	f.IntVar(&cfg.Workers, "workers", 0, "how many to score at a time (0: as many as there are cores)")
	f.StringVar(&cfg.Progress, "progress", cfg.Progress, "auto: a bar on a terminal, else lines; plain: lines; none")
	f.StringVar(&cfg.Report, "report", "", "file for the whole report, sensor by sensor, as JSON")
	f.BoolVar(&asJSON, "json", false, "print the summary as JSON")
	foreign := addRuntimeFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var err error
		if cfg.Runtime, cfg.Fallback, err = foreign.settings(); err != nil {
			return err
		}
		return runScore(cmd, cfg, asJSON)
	}
	completeValues(cmd, "format", config.Formats)
	completeValues(cmd, "entity", config.Entities)
	completeValues(cmd, "layout", config.Layouts)
	completeValues(cmd, "progress", config.ProgressModes)
	for _, folder := range []string{"models", "out"} {
		cobra.CheckErr(cmd.MarkFlagDirname(folder))
	}
	return cmd
}

// completeValues tells the shell what a flag can be.
func completeValues(cmd *cobra.Command, flag string, values []string) {
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
}

func runScore(cmd *cobra.Command, cfg config.Score, asJSON bool) error {
	scoring, err := app.NewScoring(cmd.Context(), cfg, os.Stdin)
	if err != nil {
		return err
	}
	defer func() { _ = scoring.Close() }() // all is stored by then
	scoring.Printed = printedTo(cmd.ErrOrStderr())
	var progress score.Progress
	stop := showProgress(cmd.ErrOrStderr(), cfg.Progress, &progress)
	report, err := scoring.Run(cmd.Context(), &progress)
	stop()
	if report == nil {
		return err
	}
	if printErr := printReport(cmd, report, asJSON); err == nil {
		err = printErr
	}
	if err != nil {
		return err
	}
	if err := scoring.Check(report); err != nil {
		return failedError{err}
	}
	return nil
}

func printReport(cmd *cobra.Command, report *score.Report, asJSON bool) error {
	if !asJSON {
		return writeSummary(cmd.OutOrStdout(), report)
	}
	summary := *report
	summary.Results = nil
	return writeJSON(cmd.OutOrStdout(), summary)
}
