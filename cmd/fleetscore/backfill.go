package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newBackfill() *cobra.Command {
	a := &api{}
	var from, to string
	var request web.BackfillRequest
	cmd := &cobra.Command{
		Use:   "backfill JOB --from TIME --to TIME",
		Short: "Run a job for intervals of the past",
		Example: `  fleetscore backfill hourly --from 2026-11-20 --to 2026-11-23 --only missing,failed --dry-run
  fleetscore backfill hourly --from 2026-11-20 --to 2026-11-23 --only missing`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeJobs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if from == "" || to == "" {
				return usageError{errors.New("--from and --to are needed: which intervals")}
			}
			var err error
			if request.From, err = parseWhen(from); err != nil {
				return err
			}
			if request.To, err = parseWhen(to); err != nil {
				return err
			}
			if !request.From.Before(request.To) {
				return usageError{errors.New("--to must be after --from: intervals are run that begin between them")}
			}
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.Backfill, error) {
				return c.Backfill(ctx, args[0], request)
			}, writeBackfill)
		},
	}
	a.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "intervals that begin then or later")
	f.StringVar(&to, "to", "", "intervals that begin earlier")
	f.StringSliceVar(&request.Only, "only", nil, "only intervals that are: missing (never committed), failed (too many sensors failed)")
	f.BoolVar(&request.DryRun, "dry-run", false, "say what would be run, and run nothing")
	completeValues(cmd, "only", []string{"missing", "failed", "missing,failed"})
	return cmd
}

func writeBackfill(w io.Writer, done *web.Backfill) error {
	made := 0
	err := table(w, "interval · was · revision · failed · run", func(row func(...any)) {
		for _, i := range done.Intervals {
			if i.Made {
				made++
			}
			row(span(i.Interval), i.State, i.Rev, i.Failed, i.Run)
		}
	})
	if err != nil {
		return err
	}
	if done.DryRun {
		_, err = fmt.Fprintf(w, "%s; nothing was run\n", plural(len(done.Intervals), "interval"))
		return err
	}
	_, err = fmt.Fprintf(w, "%s made; see them with: fleetscore run list\n", plural(made, "run"))
	return err
}
