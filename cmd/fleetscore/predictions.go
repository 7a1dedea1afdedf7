package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newPredictions() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{
		Use:   "predictions",
		Short: "Look at what counts, and at who was not scored",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	a.flags(cmd)
	cmd.AddCommand(newPredictionsList(a), newPredictionsSensors(a))
	return cmd
}

func newPredictionsList(a *api) *cobra.Command {
	var query client.PredictionQuery
	cmd := &cobra.Command{
		Use:   "list JOB",
		Short: "List the files that count for an interval, or a sensor's predictions",
		Example: `  fleetscore predictions list hourly --interval 2026-11-23T13:00Z
  fleetscore predictions list hourly --interval 2026-11-23T13:00Z --sensor pump-7/temperature
  fleetscore predictions list hourly --device plant/pump-7 --tag temperature/inlet`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeJobs,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case query.Sensor != "" && query.Device+query.Tag != "":
				return usageError{errors.New("--sensor is device and tag in one; give it, or --device and --tag")}
			case query.Device == "" && query.Tag != "":
				return usageError{errors.New("--tag needs --device too, or give both as --sensor DEVICE/TAG")}
			}
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.PredictionList, error) {
				return c.Predictions(ctx, args[0], query)
			}, writePredictions)
		},
	}
	f := cmd.Flags()
	f.StringVar(&query.Interval, "interval", "", "when the interval begins, or FROM/TO (default the last that was committed)")
	f.StringVar(&query.Sensor, "sensor", "", "rows of this sensor: DEVICE/TAG, or DEVICE where that has the model")
	f.StringVar(&query.Device, "device", "", "rows of a sensor of this device, where its name alone could be that of two")
	f.StringVar(&query.Tag, "tag", "", "the sensor's tag")
	f.IntVar(&query.Limit, "limit", 1000, "how many rows")
	return cmd
}

func writePredictions(w io.Writer, list *web.PredictionList) error {
	fmt.Fprintf(w, "%s, revision %d, by run %s\n", span(list.Interval), list.Rev, list.Run)
	if list.Sensor == nil {
		return table(w, "file · rows · bytes · sha256", func(row func(...any)) {
			for _, f := range list.Files {
				row(f.Key, f.Rows, f.Size, f.SHA256[:min(12, len(f.SHA256))])
			}
		})
	}
	if len(list.Rows) == 0 {
		_, err := fmt.Fprintf(w, "no predictions: %s is %s\n", visible(list.Sensor.String()), strings.TrimSpace(list.Sensor.Fate+" "+string(list.Sensor.Cause)))
		return err
	}
	err := table(w, "time · values · score · anomaly · model", func(row func(...any)) {
		for _, p := range list.Rows {
			values := make([]string, 0, len(p.Values))
			for _, name := range slices.Sorted(maps.Keys(p.Values)) {
				values = append(values, fmt.Sprintf("%s %v", name, p.Values[name]))
			}
			var score, anomaly any = p.Score, ""
			if math.IsNaN(float64(p.Score)) { // in CSV of a file for each sensor there is none
				score = ""
			}
			if p.Anomaly {
				anomaly = "anomaly"
			}
			row(p.Time.Format("2006-01-02T15:04:05.999999999Z"), strings.Join(values, ", "), score, anomaly, p.Model[:min(12, len(p.Model))])
		}
	})
	return goesOn(w, list.Next, err)
}

// goesOn says that there is more of a list, if there is and it could be written so far.
func goesOn(w io.Writer, next string, err error) error {
	if err == nil && next != "" {
		_, err = fmt.Fprintln(w, "… and more; give a higher --limit")
	}
	return err
}

func newPredictionsSensors(a *api) *cobra.Command {
	var query client.SensorQuery
	var all bool
	cmd := &cobra.Command{
		Use:   "sensors JOB",
		Short: "List who was not scored, and why",
		Example: `  fleetscore predictions sensors hourly
  fleetscore predictions sensors hourly --interval 2026-11-23T13:00Z --fate anomalous`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeJobs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(query.Fate) == 0 && !all {
				query.Fate = []string{web.FateFailed, web.FateSilent, web.FateSkipped, web.FateUnknown}
			}
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.SensorList, error) {
				return c.Sensors(ctx, args[0], query)
			}, writeSensors)
		},
	}
	f := cmd.Flags()
	f.StringVar(&query.Interval, "interval", "", "when the interval begins, or FROM/TO (default the last that was committed)")
	f.StringSliceVar(&query.Fate, "fate", nil, "only those of a fate: scored, anomalous, failed, silent (no readings), skipped (no model), unknown (default those not scored)")
	f.StringVar(&query.Cause, "cause", "", "only those that failed of this, such as no_model")
	f.StringVar(&query.Device, "device", "", "only of this device")
	f.StringVar(&query.Tag, "tag", "", "only of this tag")
	f.IntVar(&query.Limit, "limit", 1000, "how many")
	f.BoolVar(&all, "all", false, "those that were scored too")
	completeValues(cmd, "fate", []string{"scored", "anomalous", "failed", "silent", "skipped", "unknown"})
	return cmd
}

func writeSensors(w io.Writer, list *web.SensorList) error {
	fmt.Fprintf(w, "%s, revision %d, by run %s\n", span(list.Interval), list.Rev, list.Run)
	for _, fate := range slices.Sorted(maps.Keys(list.Fates)) {
		fmt.Fprintf(w, "%s %s  ", withCommas(int64(list.Fates[fate])), fate)
	}
	fmt.Fprintln(w)
	if len(list.Sensors) == 0 {
		return nil
	}
	err := table(w, "device · tag · fate · cause", func(row func(...any)) {
		for _, s := range list.Sensors {
			row(s.Device, s.Tag, s.Fate, s.Cause)
		}
	})
	return goesOn(w, list.Next, err)
}
