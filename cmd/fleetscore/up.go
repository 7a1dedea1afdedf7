package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/internal/sdnotify"
)

func newUp() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run jobs on their schedules, on nodes that exist while there is work",
		Long: `Start the service: schedule, runs, nodes as child processes, the API and a page that shows it all.

Settings are in fleetscore.yaml (see 'fleetscore init'), a .env file beside it, and the environment. SIGHUP reads
the jobs anew, as does 'fleetscore config apply'. SIGTERM and Ctrl-C let tasks under way end, for up to 8 seconds; what is
not done is done after the next start, and so it is after a crash. deploy/systemd has a unit for systemd, which is told when
all is up.`,
		Example: `  fleetscore up
  fleetscore up --config plant.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runUp(cmd, path) },
	}
	addConfigFlag(cmd, &path)
	return cmd
}

// addConfigFlag adds --config.
func addConfigFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", "", "the settings (default fleetscore.yaml, if it is there)")
	cobra.CheckErr(cmd.MarkFlagFilename("config", "yaml", "yml"))
}

func runUp(cmd *cobra.Command, path string) error {
	file, err := app.LoadSettings(path)
	if err != nil {
		return err
	}
	// What .env has beside settings is for whoever reads the environment: the
	// clients of the stores.
	for _, other := range file.Others() {
		name, value, _ := strings.Cut(other, "=")
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf(".env: %w", err)
		}
	}
	log := newLogger(cmd.ErrOrStderr(), file.Log)
	for _, w := range file.Warnings {
		log.Warn("setting without effect", "setting", w.Error())
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program, which nodes run too: %w", err)
	}
	tell := func(state string) {
		if err := sdnotify.Send(context.WithoutCancel(cmd.Context()), state); err != nil {
			log.Warn("cannot say how the service stands", "error", err)
		}
	}
	defer context.AfterFunc(cmd.Context(), func() { tell(sdnotify.Stopping) })()
	service, err := app.New(cmd.Context(), file, app.Options{
		ConfigPath: path, Command: []string{self, "node"}, Version: version(), Log: log, Ready: func() { tell(sdnotify.Ready) },
	})
	if err != nil {
		return unlessEnded(cmd.Context(), err)
	}
	defer func() { _ = service.Close() }() // everything is durable by then
	stop := onReload(func() {
		if err := service.Reload(cmd.Context()); err != nil {
			log.Error("the settings are as before", "error", err)
		}
	})
	defer stop()
	return unlessEnded(cmd.Context(), service.Run(cmd.Context()))
}

// unlessEnded leaves out what goes wrong with a service that is told to end before
// it has begun: nothing was under way yet.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

func newLogger(w io.Writer, settings config.Log) *slog.Logger {
	options := &slog.HandlerOptions{}
	var level slog.Level
	if err := level.UnmarshalText([]byte(settings.Level)); err == nil {
		options.Level = level
	}
	if settings.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
