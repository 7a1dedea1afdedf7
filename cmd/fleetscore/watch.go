package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newRunWatch(a *api) *cobra.Command {
	return &cobra.Command{
		Use:   "watch RUN",
		Short: "Show a run's progress until it is over",
		Long: `Show a run's progress until it is over.

Exit status: 0 it succeeded; 1 it could not be watched; 2 wrong usage; 3 it failed, or was canceled.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeRuns,
		RunE: func(cmd *cobra.Command, args []string) error {
			return watchRun(a, cmd, func(ctx context.Context, c *client.Client) (*web.Run, error) { return c.Run(ctx, args[0]) })
		},
	}
}

// watchRun finds a run, or makes it, and shows its progress on standard error, and
// on standard output what it came to.
func watchRun(a *api, cmd *cobra.Command, find question[web.Run]) error {
	var last *web.Run
	err := ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.Run, error) {
		r, err := find(ctx, c)
		if err != nil {
			return nil, err
		}
		show := newRunProgress(cmd.ErrOrStderr())
		defer show.end()
		last, err = follow(ctx, c, r.ID, show)
		return last, err
	}, func(w io.Writer, r *web.Run) error {
		_, err := fmt.Fprintf(w, "run %s of %s: %s, took %s\n", r.ID, span(r.Interval), outcomeOf(*r), between(r.Started, r.Finished))
		return err
	})
	if err == nil && last.State != "succeeded" {
		err = failedError{fmt.Errorf("run %s %s: %s", last.ID, last.State, visible(last.Error))}
	}
	return err
}

// follow shows a run until it is over.
func follow(ctx context.Context, c *client.Client, id string, show *runProgress) (*web.Run, error) {
	r, err := c.Run(ctx, id)
	if err != nil || r.Final() {
		return r, err
	}
	for e, err := range c.Events(ctx, id) {
		switch {
		case err != nil:
			return nil, err
		case e.Snapshot != nil && len(e.Snapshot.Runs) > 0:
			r = &e.Snapshot.Runs[0]
		case e.Run != nil:
			r = e.Run
		default:
			continue
		}
		show.draw(r)
		if r.Final() {
			return r, nil
		}
	}
	return nil, ctx.Err()
}

// runProgress shows a run: by a bar on a terminal, else by lines.
type runProgress struct {
	w        io.Writer
	terminal bool
	bars     *mpb.Progress
	bar      *mpb.Bar
	run      *web.Run
	state    string // of what was printed last, on no terminal
	line     string
	printed  time.Time
}

func newRunProgress(w io.Writer) *runProgress { return &runProgress{w: w, terminal: isTerminal(w)} }

func (p *runProgress) draw(r *web.Run) {
	p.run = r
	if !p.terminal {
		p.print(r)
		return
	}
	if p.bar == nil {
		p.bars = mpb.New(mpb.WithOutput(p.w), mpb.WithWidth(40), mpb.WithRefreshRate(barEvery))
		p.bar = p.bars.AddBar(int64(r.Tasks), mpb.PrependDecorators(decor.Name(r.Job+" ")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + facts(p.run) })))
	}
	p.bar.SetTotal(int64(max(r.Tasks, 1)), false)
	p.bar.SetCurrent(int64(r.TasksDone))
}

// print writes a line when a run's state changes, and now and then what else has.
func (p *runProgress) print(r *web.Run) {
	if p.state == string(r.State) && time.Since(p.printed) <= lineEvery {
		return
	}
	if line := facts(r); line != p.line {
		p.state, p.line, p.printed = string(r.State), line, time.Now()
		fmt.Fprintln(p.w, line)
	}
}

// facts is how a run stands, in a line.
func facts(r *web.Run) string {
	text := fmt.Sprintf("%s: %s of %s tasks · %s sensors · %s anomalies · %s failed", r.State,
		withCommas(int64(r.TasksDone)), withCommas(int64(r.Tasks)), withCommas(int64(r.Scored)), withCommas(r.Anomalies), withCommas(int64(r.Failed)))
	if r.Error != "" {
		text += " · " + visible(firstLine(r.Error))
	}
	return text
}

func (p *runProgress) end() {
	if p.bar != nil {
		p.bar.Abort(false)
		p.bars.Wait()
	}
}
