package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newWindowLate(a *api) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "late",
		Short: "Show readings that came too late, or from the future, and have them counted",
		Long: `A reading that comes when its window is closed for good (lateness of the settings), or that is too far in the future
(early), counts in no window. It is kept aside, until it is replayed or retention.windows is over.`,
	}
	cmd.AddCommand(newLateList(a), newLateReplay(a))
	return cmd
}

// lateFlags are which late readings are meant.
type lateFlags struct {
	window, from, to string
	filter           web.LateFilter
}

func (l *lateFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&l.window, "window", "", "of which `window` of the settings (default the one that there is)")
	f.StringVar(&l.filter.Device, "device", "", "only of this device")
	f.StringVar(&l.filter.Tag, "tag", "", "only of this tag")
	f.StringVar(&l.filter.Cause, "cause", "", "only those that are: late, early")
	f.StringVar(&l.from, "from", "", "only those whose own `time` is then or later")
	f.StringVar(&l.to, "to", "", "only those whose own `time` is before it")
	completeValues(cmd, "cause", []string{"late", "early"})
}

func (l *lateFlags) finish() (err error) {
	if l.from != "" {
		if l.filter.From, err = parseWhen(l.from); err != nil {
			return err
		}
	}
	if l.to != "" {
		if l.filter.To, err = parseWhen(l.to); err != nil {
			return err
		}
	}
	if l.from != "" && l.to != "" && !l.filter.From.Before(l.filter.To) {
		return usageError{errors.New("--to must be after --from")}
	}
	return nil
}

func newLateList(a *api) *cobra.Command {
	var l lateFlags
	limit := 0
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Show readings that are kept aside, those that came last first",
		Example: `  fleetscore window late list --cause late --device pump-7`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := l.finish(); err != nil {
				return err
			}
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.LateList, error) {
				name, err := windowOf(ctx, c, l.window)
				if err != nil {
					return nil, err
				}
				return c.Late(ctx, name, client.LateQuery{LateFilter: l.filter, Limit: limit})
			}, writeLate)
		},
	}
	l.add(cmd)
	cmd.Flags().IntVar(&limit, "limit", 100, "show at most so many")
	return cmd
}

func writeLate(w io.Writer, list *web.LateList) error {
	if len(list.Late) == 0 {
		fmt.Fprintf(w, "no readings are kept aside for window %s\n", visible(list.Window))
		return nil
	}
	err := table(w, "time · device · tag · value · seq · cause · stored", func(row func(...any)) {
		for _, l := range list.Late {
			seq := ""
			if l.Seq != nil {
				seq = strconv.FormatUint(*l.Seq, 10)
			}
			row(l.Time.Format("2006-01-02T15:04:05.999Z"), l.Device, l.Tag, short(l.Value), seq, l.Cause, when(l.Stored))
		}
	})
	if list.More {
		fmt.Fprintln(w, "… and more; give a higher --limit")
	}
	return err
}

func newLateReplay(a *api) *cobra.Command {
	var l lateFlags
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Have readings that are kept aside counted",
		Long: `Put readings that are kept aside into the stream once more, marked so that they count however late they are. Their windows
come out again, in the next revision. Early readings are replayed once their time has come. Runs that scored those
windows are not made again: fleetscore backfill does that.`,
		Example: `  fleetscore window late replay --device pump-7 --from 2026-11-20`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := l.finish(); err != nil {
				return err
			}
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.LateReplay, error) {
				name, err := windowOf(ctx, c, l.window)
				if err != nil {
					return nil, err
				}
				return c.ReplayLate(ctx, name, l.filter)
			}, writeReplay)
		},
	}
	l.add(cmd)
	return cmd
}

func writeReplay(w io.Writer, done *web.LateReplay) error {
	fmt.Fprintf(w, "replayed %s", plural(done.Readings, "reading"))
	if done.Waiting > 0 {
		fmt.Fprintf(w, "; %s kept aside, until the time has come", plural(done.Waiting, "early reading"))
	}
	fmt.Fprintln(w)
	return nil
}
