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
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newWindow() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{Use: "window", Short: "Show windows of readings"}
	cmd.AddCommand(newWindowShow(a), newWindowLate(a))
	a.flags(cmd)
	return cmd
}

// longestLast is how long a stretch of time may be asked for.
const longestLast = 30 * 24 * time.Hour

func newWindowShow(a *api) *cobra.Command {
	var name, before string
	last := config.Duration(time.Hour)
	cmd := &cobra.Command{
		Use:   "show DEVICE TAG",
		Short: "Show the windows of a sensor, those that are open too",
		Long: `Show the windows of a sensor: those in the store, those that are about to be stored, and those that are open.
A window that is open still takes readings; one of a revision above 0 came out again, as readings came late.`,
		Example: `  fleetscore window show pump-7 temperature --last 1h
  fleetscore window show pump-7 temperature --last 24h --before 2026-11-20`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			to := time.Now().Add(time.Minute) // clocks of devices may be a little ahead
			if before != "" {
				var err error
				if to, err = parseWhen(before); err != nil {
					return err
				}
			}
			if last <= 0 || last.Std() > longestLast {
				return usageError{fmt.Errorf("--last: %s is not above 0 and at most 30 days; --before says where it ends", last)}
			}
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.WindowList, error) {
				name, err := windowOf(ctx, c, name)
				if err != nil {
					return nil, err
				}
				return c.Windows(ctx, name, fleet.Sensor{Device: args[0], Tag: args[1]}, to.Add(-last.Std()-time.Minute), to)
			}, writeWindows)
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, "window", "", "which `window` of the settings (default the one that there is)")
	f.TextVar(&last, "last", last, "how far back: a `duration`, at most 30d")
	f.StringVar(&before, "before", "", "only windows that begin before that `time` (default now)")
	return cmd
}

// windowOf is the window of that name, or without one that which the settings have.
func windowOf(ctx context.Context, c *client.Client, name string) (string, error) {
	if name != "" {
		return name, nil
	}
	s, err := c.Stream(ctx)
	if err != nil {
		return "", err
	}
	var names []string
	for _, w := range s.Windows {
		names = append(names, w.Window)
	}
	if len(names) != 1 {
		return "", usageError{fmt.Errorf("--window is needed: there are %s", strings.Join(names, ", "))}
	}
	return names[0], nil
}

func writeWindows(w io.Writer, list *web.WindowList) error {
	if len(list.Windows) == 0 {
		return errors.New("there are no windows of " + visible(list.Sensor.String()) + " in that time")
	}
	names := slices.Sorted(maps.Keys(list.Windows[0].Percentiles))
	header := append([]string{"start", "end", "rev", "count", "mean", "min", "max", "first", "last", "stddev"}, names...)
	return table(w, strings.Join(append(header, "state"), " · "), func(row func(...any)) {
		for _, v := range list.Windows {
			cells := []any{when(v.Start), when(v.End), v.Rev, v.Count}
			for _, x := range []web.Float{v.Mean, v.Min, v.Max, v.First, v.Last, v.Stddev} {
				cells = append(cells, short(x))
			}
			for _, name := range names {
				cells = append(cells, short(v.Percentiles[name]))
			}
			state := ""
			if v.Open {
				state = "open"
			}
			row(append(cells, state)...)
		}
	})
}

// short writes a number for people.
func short(x web.Float) string {
	if math.IsNaN(float64(x)) {
		return ""
	}
	return fmt.Sprintf("%.6g", float64(x))
}
