package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newNotify() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "See who is told of what happens, test it, send again what was given up",
		Long: `Receivers are told of runs that end, sensors that are not scored, anomalies, and trouble of the service itself: by webhooks, Slack,
Teams, MQTT or NATS, as notify: in the settings says. Events wait in the ledger until they are confirmed; see docs/notify.md.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	a.flags(cmd)
	cmd.AddCommand(newNotifyList(a), newNotifyMessages(a), newNotifyTest(a), newNotifyRetry(a))
	return cmd
}

func newNotifyList(a *api) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List receivers, and how telling them goes",
		Long: `List receivers, and how telling them goes. What was delivered, and when last, is since the service has started; what waits, is
held or dead is in the outbox, over restarts.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.ReceiverList, error) { return c.Receivers(ctx) }, writeReceivers)
		},
	}
}

func writeReceivers(w io.Writer, list *web.ReceiverList) error {
	if len(list.Receivers) == 0 {
		_, err := fmt.Fprintln(w, "nobody is told of anything; notify: in the settings says who is")
		return err
	}
	err := table(w, "receiver · where · events · jobs · delivered · waiting · held · dead · last · error", func(row func(...any)) {
		for _, r := range list.Receivers {
			row(r.Name, r.Where, orAll(r.Events), orAll(r.Jobs), r.Delivered, r.Waiting, r.Held, r.Dead, when(r.Last), firstLine(r.Error))
		}
	})
	fmt.Fprintln(w, "delivered and last are since the service has started")
	return err
}

func orAll(list []string) string {
	if len(list) == 0 {
		return "all"
	}
	return strings.Join(list, ",")
}

func newNotifyMessages(a *api) *cobra.Command {
	var q client.MessageQuery
	cmd := &cobra.Command{
		Use:     "messages",
		Short:   "List events that have not been delivered, the oldest first",
		Example: `  fleetscore notify messages --receiver ops --state dead`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.MessageList, error) { return c.Messages(ctx, q) }, writeMessages)
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.Receiver, "receiver", "", "only to this `receiver`")
	f.StringVar(&q.State, "state", "", "only those that are: waiting, held, dead")
	f.IntVar(&q.Limit, "limit", 100, "show at most so many")
	completeValues(cmd, "state", []string{"waiting", "held", "dead"})
	return cmd
}

func writeMessages(w io.Writer, list *web.MessageList) error {
	if len(list.Messages) == 0 {
		_, err := fmt.Fprintln(w, "there are none")
		return err
	}
	err := table(w, "receiver · id · event · subject · state · created · attempts · next · error", func(row func(...any)) {
		for _, m := range list.Messages {
			next := ""
			if m.State == "waiting" {
				next = when(m.Due)
			}
			row(m.Receiver, m.ID, m.Event, m.Subject, m.State, when(m.Created), m.Attempts, next, firstLine(m.Error))
		}
	})
	if list.Next > 0 {
		fmt.Fprintln(w, "… and perhaps more; give a higher --limit")
	}
	return err
}

func newNotifyTest(a *api) *cobra.Command {
	return &cobra.Command{
		Use:               "test RECEIVER",
		Short:             "Send a receiver one event, at once and once",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeReceivers,
		RunE: func(cmd *cobra.Command, args []string) error {
			refused := ""
			err := ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.Tested, error) {
				tested, err := c.TestReceiver(ctx, args[0])
				if err == nil {
					refused = tested.Error
				}
				return tested, err
			}, func(w io.Writer, t *web.Tested) error {
				if !t.Delivered {
					return nil // the error says so
				}
				_, err := fmt.Fprintf(w, "%s has confirmed it\n", visible(args[0]))
				return err
			})
			if err == nil && refused != "" {
				err = errors.New("it was not delivered: " + visible(refused))
			}
			return err
		},
	}
}

func newNotifyRetry(a *api) *cobra.Command {
	id := ""
	cmd := &cobra.Command{
		Use:   "retry RECEIVER",
		Short: "Send events at once that were given up, or wait for their next attempt",
		Example: `  fleetscore notify retry ops
  fleetscore notify retry ops --id 20261123t130000000-aaaaa-1-run-failed`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeReceivers,
		RunE: func(cmd *cobra.Command, args []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.RetriedMessages, error) {
				return c.RetryMessages(ctx, args[0], id)
			}, func(w io.Writer, r *web.RetriedMessages) error {
				_, err := fmt.Fprintf(w, "%s to %s: sent again now\n", plural(r.Messages, "event"), visible(args[0]))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&id, "id", "", "only the event of this `ID`")
	return cmd
}

// completeReceivers completes names of receivers, if the service answers.
func (a *api) completeReceivers(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return a.complete(cmd, args, func(ctx context.Context, c *client.Client) (names []string) {
		if list, err := c.Receivers(ctx); err == nil {
			for _, r := range list.Receivers {
				names = append(names, r.Name)
			}
		}
		return names
	})
}
