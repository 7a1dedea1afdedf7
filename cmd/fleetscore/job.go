package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newJob() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{
		Use:   "job",
		Short: "Look at jobs, run, pause and resume them",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	a.flags(cmd)
	cmd.AddCommand(newJobList(a), newJobShow(a), newJobRun(a), newJobPause(a, true), newJobPause(a, false))
	return cmd
}

func newJobList(a *api) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List jobs: when they fire next, and how the last run went",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.JobList, error) { return c.Jobs(ctx) }, writeJobs)
		},
	}
}

func writeJobs(w io.Writer, jobs *web.JobList) error {
	return table(w, "job · state · next · last run · interval · result", func(row func(...any)) {
		for _, j := range jobs.Jobs {
			row(jobRow(j)...)
		}
	})
}

func jobRow(j web.Job) []any {
	state, next := "active", ""
	switch {
	case j.Removed:
		state = "removed"
	case j.Paused:
		state = "paused"
	}
	if len(j.Next) > 0 && state == "active" {
		next = when(j.Next[0].At)
	}
	if len(j.Runs) == 0 {
		return []any{j.Name, state, next, "", "", ""}
	}
	r := j.Runs[0]
	return []any{j.Name, state, next, r.ID, span(r.Interval), standing(r)}
}

func newJobShow(a *api) *cobra.Command {
	return &cobra.Command{
		Use:               "show JOB",
		Short:             "Show a job: definition, next fire times, last runs",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeJobs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.Job, error) { return c.Job(ctx, args[0]) }, writeJob)
		},
	}
}

func writeJob(w io.Writer, j *web.Job) error {
	fmt.Fprintf(w, "job %s", visible(j.Name))
	if j.Paused {
		fmt.Fprint(w, ", paused")
	}
	fmt.Fprintf(w, "\n%s\n", indented(j.Definition))
	if len(j.Next) > 0 {
		fmt.Fprintln(w, "\nfires next")
		for _, f := range j.Next {
			fmt.Fprintf(w, "  %s for %s\n", when(f.At), span(f.Interval))
		}
	}
	if len(j.Runs) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\nlast runs")
	return writeRuns(w, j.Runs)
}

func newJobRun(a *api) *cobra.Command {
	var interval string
	var wait bool
	cmd := &cobra.Command{
		Use:   "run JOB",
		Short: "Run a job now",
		Example: `  fleetscore job run hourly
  fleetscore job run hourly --interval 2026-11-23T13:00Z --wait`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeJobs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var request web.RunRequest
			if interval != "" {
				i, err := parseInterval(interval)
				if err != nil {
					return err
				}
				request.Interval = i
			}
			begin := func(ctx context.Context, c *client.Client) (*web.Run, error) { return c.RunJob(ctx, args[0], request) }
			if wait {
				return watchRun(a, cmd, begin)
			}
			return ask(a, cmd, begin, func(w io.Writer, r *web.Run) error {
				_, err := fmt.Fprintf(w, "run %s of %s; see it with: fleetscore run watch %s\n", r.ID, span(r.Interval), r.ID)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&interval, "interval", "", "when the interval begins, or FROM/TO (default the last whole one)")
	cmd.Flags().BoolVar(&wait, "wait", false, "show progress until it is over")
	return cmd
}

func newJobPause(a *api, pause bool) *cobra.Command {
	use, short, said := "resume JOB", "Let a paused job run by its schedule again", "resumed"
	if pause {
		use, short, said = "pause JOB", "Keep a job from running by its schedule", "paused"
	}
	return &cobra.Command{
		Use:               use,
		Short:             short,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeJobs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.JobState, error) {
				if pause {
					return c.Pause(ctx, args[0])
				}
				return c.Resume(ctx, args[0])
			}, func(w io.Writer, _ *web.JobState) error {
				_, err := fmt.Fprintf(w, "job %s is %s\n", visible(args[0]), said)
				return err
			})
		},
	}
}

// completeJobs completes names of jobs, if the service answers.
func (a *api) completeJobs(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.complete(cmd, args, func(ctx context.Context, c *client.Client) (names []string) {
		if jobs, err := c.Jobs(ctx); err == nil {
			for _, j := range jobs.Jobs {
				names = append(names, j.Name)
			}
		}
		return names
	})
}

func (a *api) complete(cmd *cobra.Command, args []string, ask func(context.Context, *client.Client) []string) ([]string, cobra.ShellCompDirective) {
	c, err := a.connect()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return ask(cmd.Context(), c), cobra.ShellCompDirectiveNoFileComp
}
