package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newRun() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Look at runs and their logs, cancel and retry them",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	a.flags(cmd)
	cmd.AddCommand(newRunList(a), newRunShow(a), newRunWatch(a), newRunLogs(a), newRunCancel(a), newRunRetry(a))
	return cmd
}

func newRunList(a *api) *cobra.Command {
	var query client.RunQuery
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List runs, the newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.RunList, error) { return c.Runs(ctx, query) },
				func(w io.Writer, list *web.RunList) error { return writeRuns(w, list.Runs) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&query.Job, "job", "", "only of this job")
	f.StringSliceVar(&query.State, "state", nil, "only in one of these states: queued, planning, running, committing, succeeded, failed, canceled")
	f.IntVar(&query.Limit, "limit", 20, "how many")
	f.StringVar(&query.Before, "before", "", "only runs made before this one")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("job", func(cmd *cobra.Command, _ []string, text string) ([]string, cobra.ShellCompDirective) {
		return a.completeJobs(cmd, nil, text)
	}))
	return cmd
}

func writeRuns(w io.Writer, runs []web.Run) error {
	return table(w, "run · job · interval · origin · took · tasks · result", func(row func(...any)) {
		for _, r := range runs {
			row(r.ID, r.Job, span(r.Interval), r.Origin, between(r.Started, r.Finished), fmt.Sprintf("%d/%d", r.TasksDone, r.Tasks), standing(r))
		}
	})
}

// standing says how a run stands in a table, and what it waits for.
func standing(r web.Run) string {
	text := outcomeOf(r)
	if !r.Final() && r.Error != "" {
		text += ", " + firstLine(r.Error)
	}
	return text
}

// outcomeOf says how a run stands, in a few words.
func outcomeOf(r web.Run) string {
	text := string(r.State)
	if r.Sensors > 0 {
		text += fmt.Sprintf(": %s scored, %s", withCommas(int64(r.Scored)), plural(int(r.Anomalies), "anomaly"))
		text = strings.Replace(text, "anomalys", "anomalies", 1)
	}
	if r.Failed > 0 {
		text += fmt.Sprintf(", %s failed", withCommas(int64(r.Failed)))
	}
	switch {
	case r.Note == "":
	case r.Readings == 0:
		text += ", no readings"
	default: // run show has it
		text += ", with a note"
	}
	return text
}

func newRunShow(a *api) *cobra.Command {
	return &cobra.Command{
		Use:               "show RUN",
		Short:             "Show a run: how it stands, its tasks, what failed and why",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeRuns,
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*shownRun, error) {
				return showRun(ctx, c, args[0], !a.json)
			}, writeRun)
		},
	}
}

// mostShown is how many attempts, or sensors that failed, are listed.
const mostShown = 20

// shownRun is a run and, for people, its attempts and what failed, the first of them.
type shownRun struct {
	web.Run
	failures *web.FailureList
	attempts *web.AttemptList
}

func showRun(ctx context.Context, c *client.Client, id string, more bool) (*shownRun, error) {
	r, err := c.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	shown := &shownRun{Run: *r}
	if !more {
		return shown, nil
	}
	if r.Failed > 0 {
		if shown.failures, err = c.Failures(ctx, r.ID, client.FailureQuery{Limit: mostShown}); err != nil {
			return nil, err
		}
	}
	shown.attempts, err = c.Tasks(ctx, r.ID, client.TaskQuery{Limit: mostShown})
	return shown, err
}

func writeRun(w io.Writer, r *shownRun) error {
	fmt.Fprintf(w, "run %s of %s, %s, revision %d\n", r.ID, r.Job, span(r.Interval), r.Rev)
	fmt.Fprintf(w, "%s, made by %s, took %s\n", outcomeOf(r.Run), r.Origin, between(r.Started, r.Finished))
	for _, text := range []string{r.Error, r.Note} {
		if text != "" {
			fmt.Fprintln(w, visible(text))
		}
	}
	writeCost(w, r.Cost)
	if err := writeScorers(w, r.ScoredBy); err != nil {
		return err
	}
	if err := writeCauses(w, r.Run); err != nil {
		return err
	}
	if r.failures != nil {
		fmt.Fprintln(w)
		err := table(w, "sensor · cause · rows · example", func(row func(...any)) {
			for _, f := range r.failures.Sensors {
				row(f.Sensor, f.Cause, f.Rows, firstLine(f.Example))
			}
		})
		if err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	err := table(w, "task · attempt · state · node · start · read · score · write · sensors · detail", func(row func(...any)) {
		for _, t := range r.attempts.Attempts {
			s := t.Seconds
			row(t.Task, t.Attempt, t.State, t.Node, ms(s.Start), ms(s.Read), ms(s.Score), ms(s.Write), t.Sensors, firstLine(t.Detail))
		}
	})
	if err == nil && r.attempts.Next != "" {
		fmt.Fprintf(w, "… and more: fleetscore run show %s --json has counts, the API has all\n", r.ID)
	}
	return err
}

func ms(seconds float64) string { return fmt.Sprintf("%.0f ms", seconds*1000) }

func writeScorers(w io.Writer, scorers []fleet.Scorer) error {
	if len(scorers) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	return table(w, "scored by · sensors · not natively, as · example", func(row func(...any)) {
		for _, s := range scorers {
			row(s.Runtime, s.Sensors, orDash(firstLine(s.Reason)), s.Example)
		}
	})
}

func writeCauses(w io.Writer, r web.Run) error {
	if len(r.Causes) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	return table(w, "cause · sensors · rows · example", func(row func(...any)) {
		for _, g := range r.Causes {
			row(g.Cause, g.Sensors, g.Rows, firstLine(g.Example))
		}
	})
}

func newRunLogs(a *api) *cobra.Command {
	var query client.LogQuery
	cmd := &cobra.Command{
		Use:               "logs RUN",
		Short:             "Print the logs of a run's tasks, or of one",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeRuns,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.connect()
			if err != nil {
				return err
			}
			defer c.Close()
			log, err := c.Log(cmd.Context(), args[0], query)
			if err != nil {
				return err
			}
			defer func() { _ = log.Close() }()
			if a.json {
				return copyJSON(cmd.OutOrStdout(), log, query.Task == "")
			}
			return copyVisible(cmd.OutOrStdout(), log)
		},
	}
	f := cmd.Flags()
	f.StringVar(&query.Task, "task", "", "only of this task, such as 0-12: generation and index; or 12, of generation 0")
	f.IntVar(&query.Attempt, "attempt", 0, "which attempt at it (default the last)")
	f.BoolVar(&query.Follow, "follow", false, "go on with what is written, until the run is over")
	return cmd
}

func newRunCancel(a *api) *cobra.Command {
	return &cobra.Command{
		Use:               "cancel RUN",
		Short:             "End a run; nothing of it counts",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeRuns,
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.Run, error) {
				return c.Cancel(ctx, args[0])
			}, func(w io.Writer, r *web.Run) error {
				_, err := fmt.Fprintf(w, "run %s is told to end\n", r.ID)
				return err
			})
		},
	}
}

func newRunRetry(a *api) *cobra.Command {
	var failed, wait bool
	cmd := &cobra.Command{
		Use:               "retry RUN",
		Short:             "Do a run again, as the next revision of its interval",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeRuns,
		RunE: func(cmd *cobra.Command, args []string) error {
			begin := func(ctx context.Context, c *client.Client) (*web.Run, error) { return c.Retry(ctx, args[0], failed) }
			if wait {
				return watchRun(a, cmd, begin)
			}
			return ask(a, cmd, begin, func(w io.Writer, r *web.Run) error {
				_, err := fmt.Fprintf(w, "run %s does %s again\n", r.ID, args[0])
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&failed, "failed", false, "only the tasks in which a sensor failed; the others' predictions are kept")
	cmd.Flags().BoolVar(&wait, "wait", false, "show progress until it is over")
	return cmd
}

func (a *api) completeRuns(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.complete(cmd, args, func(ctx context.Context, c *client.Client) (names []string) {
		if runs, err := c.Runs(ctx, client.RunQuery{Limit: 20}); err == nil {
			for _, r := range runs.Runs {
				names = append(names, r.ID)
			}
		}
		return names
	})
}

func indented(text json.RawMessage) string {
	var out bytes.Buffer
	if json.Indent(&out, text, "", "  ") != nil {
		return string(text)
	}
	return out.String()
}
