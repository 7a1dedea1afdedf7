package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newMute() *cobra.Command {
	a := &api{}
	var m muteFlags
	cmd := &cobra.Command{
		Use:   "mute SENSORS",
		Short: "Have nobody told of some sensors for a while",
		Long: `Have no event tell of sensors whose device/tag is as a pattern says: * is any text, slashes too, and ? one character. They are scored as before,
and events of others count them as muted.`,
		Example: `  fleetscore mute 'pump-7/*' --for 2h --reason 'bearing is changed'
  fleetscore mute '*/vibration' --job hourly --until 2026-12-01
  fleetscore mute list`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return m.add(a, cmd, args[0], false) },
	}
	a.flags(cmd)
	m.flags(cmd)
	cmd.AddCommand(newMuteList(a))
	return cmd
}

func newAck() *cobra.Command {
	a := &api{}
	var m muteFlags
	cmd := &cobra.Command{
		Use:   "ack SENSORS",
		Short: "Have nobody told of some sensors until they are well again",
		Long: `Acknowledge that sensors have anomalies, or are not scored: no event tells of them until a run, of data from then on, finds one of them
well and none of them not. Then they are told of as before. It is a mute otherwise: 'fleetscore mute list' shows it, 'fleetscore unmute' ends it.`,
		Example: `  fleetscore ack pump-7/vibration --reason 'bearing is ordered'`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return m.add(a, cmd, args[0], true) },
	}
	a.flags(cmd)
	m.flags(cmd)
	return cmd
}

// muteFlags say how sensors are muted.
type muteFlags struct {
	request      web.MuteRequest
	lasts, until string
}

func (m *muteFlags) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&m.lasts, "for", "", "for so long, such as 2h or 3d")
	f.StringVar(&m.until, "until", "", "until that `time`")
	f.StringVar(&m.request.Job, "job", "", "only in this `job`")
	f.StringVar(&m.request.Reason, "reason", "", "`why`, for others to read")
	cmd.MarkFlagsMutuallyExclusive("for", "until")
}

func (m *muteFlags) add(a *api, cmd *cobra.Command, sensors string, acknowledge bool) error {
	m.request.Sensors, m.request.Acknowledge = sensors, acknowledge
	switch {
	case m.lasts != "":
		d, err := config.ParseDuration(m.lasts)
		if err != nil {
			return usageError{fmt.Errorf("--for: %w", err)}
		}
		m.request.Until = time.Now().Add(d.Std()).UTC()
	case m.until != "":
		at, err := parseWhen(m.until)
		if err != nil {
			return err
		}
		m.request.Until = at
	case !acknowledge:
		return usageError{errors.New("for how long? give --for, such as --for 2h, or --until")}
	}
	return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.Mute, error) { return c.AddMute(ctx, m.request) }, func(w io.Writer, m *web.Mute) error {
		_, err := fmt.Fprintf(w, "%s is %s until %s; take it back with: fleetscore unmute %s\n", visible(m.Sensors), standingOf(m), when(m.Until), m.ID)
		return err
	})
}

func standingOf(m *web.Mute) string {
	if m.Acknowledge {
		return "acknowledged"
	}
	return "muted"
}

func newMuteList(a *api) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List what is muted or acknowledged",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.MuteList, error) { return c.Mutes(ctx) }, func(w io.Writer, list *web.MuteList) error {
				if len(list.Mutes) == 0 {
					_, err := fmt.Fprintln(w, "nothing is muted")
					return err
				}
				return table(w, "id · sensors · job · state · until · who · reason", func(row func(...any)) {
					for _, m := range list.Mutes {
						row(m.ID, m.Sensors, m.Job, standingOf(&m), when(m.Until), m.Who, firstLine(m.Reason))
					}
				})
			})
		},
	}
}

func newUnmute() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{
		Use:   "unmute ID",
		Short: "End a mute or an acknowledgement",
		Args:  cobra.ExactArgs(1),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return a.complete(cmd, args, func(ctx context.Context, c *client.Client) (ids []string) {
				if list, err := c.Mutes(ctx); err == nil {
					for _, m := range list.Mutes {
						ids = append(ids, m.ID)
					}
				}
				return ids
			})
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.Mute, error) { return c.RemoveMute(ctx, args[0]) }, func(w io.Writer, m *web.Mute) error {
				_, err := fmt.Fprintf(w, "%s is no longer %s\n", visible(m.Sensors), standingOf(m))
				return err
			})
		},
	}
	a.flags(cmd)
	return cmd
}
