package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

func newConfig() *cobra.Command {
	a := &api{}
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check the settings, and have the service read them anew",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	a.flags(cmd)
	cmd.AddCommand(newConfigCheck(a), newConfigApply(a))
	return cmd
}

func newConfigCheck(a *api) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Say what is wrong with the settings, all at once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := app.LoadSettings(a.config)
			if err != nil {
				return err
			}
			if a.json {
				return writeJSON(cmd.OutOrStdout(), checked{Jobs: len(file.Jobs), Warnings: mistakesOf(file.Warnings)})
			}
			for _, w := range file.Warnings {
				fmt.Fprintf(cmd.ErrOrStderr(), "without effect: %s\n", visible(w.Error()))
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s, no mistakes\n", plural(len(file.Jobs), "job"))
			return err
		},
	}
}

// checked is what there is to say of settings without mistakes.
type checked struct {
	Jobs     int       `json:"jobs"`
	Warnings []mistake `json:"warnings"` // settings without effect
}

func newConfigApply(a *api) *cobra.Command {
	return &cobra.Command{
		Use:   "apply",
		Short: "Have the service read its settings anew, as SIGHUP does",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ask(a, cmd, func(ctx context.Context, c *client.Client) (*web.ApplyReport, error) {
				return c.Apply(ctx)
			}, writeApplied)
		},
	}
}

func writeApplied(w io.Writer, report *web.ApplyReport) error {
	some := false
	for _, kind := range []struct {
		title string
		names []string
	}{
		{"added", report.Added}, {"changed", report.Changed}, {"removed", report.Removed}, {"in effect", report.Settings},
		{"in effect after a restart only", report.Restart}, {"without effect", report.Warnings},
	} {
		if len(kind.names) > 0 {
			some = true
			fmt.Fprintf(w, "%s: %s\n", kind.title, visible(strings.Join(kind.names, ", ")))
		}
	}
	if report.Pool != nil {
		some = true
		fmt.Fprintf(w, "pool: %s\n", visible(report.Pool.String()))
	}
	if !some {
		fmt.Fprintln(w, "nothing has changed")
	}
	return nil
}
