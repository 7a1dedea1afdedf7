package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newPool() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{
		Use:   "pool",
		Short: "See and change how many nodes there should be",
		Long: `How many nodes there should be is decided by a formula, again whenever something has changed: tasks that wait,
nodes that are there, the next run that comes near. docs/pool.md has all that a formula can use.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	a.flags(cmd)
	cmd.AddCommand(newPoolShow(a), newPoolSet(a), newPoolHistory(a), newPoolSimulate(a))
	return cmd
}

func newPoolShow(a *api) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show the formula, what it has decided and why, and what it depends on",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.PoolStatus, error) { return c.Pool(ctx) }, writePool)
		},
	}
}

// signalNames are the signals in the order in which they are shown.
var signalNames = []string{
	"pending_tasks", "running_tasks", "pending_sensors", "pending_seconds", "oldest_seconds",
	"nodes", "starting_nodes", "idle_nodes", "busy_nodes", "full_nodes", "next_run_seconds", "next_run_nodes", "startup_seconds", "min", "max",
}

func writePool(w io.Writer, p *web.PoolStatus) error {
	from := "of the settings"
	switch {
	case p.Default:
		from = "the default"
	case slices.Contains(p.Overrides, "formula"):
		from = "set by command"
	}
	indented := func(formula string) string { return strings.ReplaceAll(visibleLines(formula), "\n", "\n  ") }
	fmt.Fprintf(w, "formula (%s)\n  %s\n\n", from, indented(p.Formula))
	if f := p.Failing; f != nil {
		fmt.Fprintf(w, "it fails\n  since %s, last at %s: %s\n\nthe last good one, which is followed where it does\n  %s\n\n", when(f.Since), when(f.Last), visible(f.Error), indented(p.Good))
	}
	d := p.Decision
	fmt.Fprintf(w, "nodes\n  target %d, of %d to %d; since %s\n  %s\n", d.Target, p.Min, p.Max, when(d.Time), visible(d.Reason))
	if d.Error != "" {
		fmt.Fprintf(w, "  the formula fails: %s\n", visible(d.Error))
	}
	if len(p.Overrides) > 0 {
		fmt.Fprintf(w, "\nset by command: %s; fleetscore pool set --reset goes back to the settings\n", strings.Join(p.Overrides, ", "))
	}
	fmt.Fprintln(w, "\nnow")
	for _, name := range signalNames {
		if v, ok := p.Signals[name]; ok {
			fmt.Fprintf(w, "  %-17s %s\n", name, signalText(name, v))
		}
	}
	return nil
}

// signalText is a signal for people.
func signalText(name string, v float64) string {
	if name == "next_run_seconds" && v >= 1e9 {
		return "none is due"
	}
	return fmt.Sprintf("%.6g", v)
}

// visibleLines is text of several lines, harmless to a terminal.
func visibleLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = visible(lines[i])
	}
	return strings.Join(lines, "\n")
}

func newPoolSet(a *api) *cobra.Command {
	var formula string
	var least, most int
	var change web.PoolChange
	cmd := &cobra.Command{
		Use:   "set",
		Short: "Change the formula, or how many nodes there may be, while the service runs",
		Long: `Change the formula, or how many nodes there may be, at once and until it is changed again: over restarts too, whatever the
settings say. What is not given stays as it was set, or else as the settings say. A formula that cannot be followed is
refused. --dry-run says what would be decided now, and changes nothing. --reset takes back all that was set.`,
		Example: `  fleetscore pool set --formula 'math.ceil(pending_seconds / 60)' --dry-run
  fleetscore pool set --min 1 --max 8
  fleetscore pool set --reset`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f := cmd.Flags()
			if f.Changed("formula") {
				change.Formula = &formula
			}
			if f.Changed("min") {
				change.Min = &least
			}
			if f.Changed("max") {
				change.Max = &most
			}
			if change.Formula == nil && change.Min == nil && change.Max == nil && !change.Reset {
				return usageError{errors.New("say what to change: --formula, --min, --max or --reset")}
			}
			if change.Reset && (change.Formula != nil || change.Min != nil || change.Max != nil) {
				return usageError{errors.New("--reset goes back to what the settings say; set --formula, --min or --max after it, or instead of it")}
			}
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.PoolStatus, error) { return c.SetPool(ctx, change) }, writePool)
		},
	}
	f := cmd.Flags()
	f.StringVar(&formula, "formula", "", "a `formula` in CEL; empty: the default")
	f.IntVar(&least, "min", 0, "nodes at least")
	f.IntVar(&most, "max", 0, "nodes at most; 0 is one for each core")
	f.BoolVar(&change.Reset, "reset", false, "go back to what the settings say")
	f.BoolVar(&change.DryRun, "dry-run", false, "say what would be decided, and change nothing")
	return cmd
}

func newPoolHistory(a *api) *cobra.Command {
	last := config.Duration(24 * time.Hour)
	limit := 0
	cmd := &cobra.Command{
		Use:   "history",
		Short: "Show what was decided and why, the newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.PoolHistory, error) {
				return c.PoolHistory(ctx, time.Now().Add(-last.Std()), 0, limit)
			}, writePoolHistory)
		},
	}
	f := cmd.Flags()
	f.TextVar(&last, "last", last, "how far back: a `duration`")
	f.IntVar(&limit, "limit", 100, "show at most so many")
	return cmd
}

func writePoolHistory(w io.Writer, h *web.PoolHistory) error {
	if len(h.Decisions) == 0 {
		fmt.Fprintln(w, "nothing was decided in that time")
		return nil
	}
	err := table(w, "since · target · nodes · waiting · next run · reason", func(row func(...any)) {
		for _, d := range h.Decisions {
			reason := d.Reason
			if d.Error != "" {
				reason += "; the formula fails: " + d.Error
			}
			row(d.Time.Format("2006-01-02T15:04:05.000Z"), d.Target, d.Signals["nodes"], d.Signals["pending_tasks"], signalText("next_run_seconds", d.Signals["next_run_seconds"]), reason)
		}
	})
	if h.Next > 0 {
		fmt.Fprintln(w, "… and more; give a higher --limit")
	}
	return err
}
