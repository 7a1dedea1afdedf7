package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/internal/sdnotify"
	"github.com/fleetscore/fleetscore/ledger"
)

func newUp() *cobra.Command {
	var path, database string
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run jobs on their schedules, on nodes that exist while there is work",
		Long: `Start the service: schedule, runs, nodes as child processes, the API and a page that shows it all.

Settings are in fleetscore.yaml (see 'fleetscore init'), a .env file beside it, and the environment. SIGHUP reads
the jobs anew, as does 'fleetscore config apply'. SIGTERM and Ctrl-C let tasks under way end, for up to 8 seconds; what is
not done is done after the next start, and so it is after a crash. deploy/systemd has a unit for systemd, which is told when
all is up.

With --database, or the setting 'database', the ledger is in PostgreSQL, and a second 'up' with the same database,
on this machine or another with the same store, stands by: it does nothing, answers /healthz with 200 and /readyz with 503, and takes over
within 10 seconds when the active one dies or cannot reach the database any more. An active one that has lost its place
ends with exit status 1: have it started again (Restart=on-failure, as the unit has), and it stands by. The password is not in the URL: it is taken from
PGPASSWORD, ~/.pgpass (PGPASSFILE), or FLEETSCORE_DATABASE with the whole URL. See docs/availability.md.`,
		Example: `  fleetscore up
  fleetscore up --config plant.yaml
  fleetscore up --database 'postgres://fleetscore@db.plant.example/fleetscore?sslmode=verify-full'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runUp(cmd, path, database) },
	}
	addConfigFlag(cmd, &path)
	addDatabaseFlag(cmd, &database)
	return cmd
}

// addDatabaseFlag adds --database.
func addDatabaseFlag(cmd *cobra.Command, url *string) {
	cmd.Flags().StringVar(url, "database", "", "the URL of a PostgreSQL database for the ledger, without a password (default a file)")
}

// addConfigFlag adds --config.
func addConfigFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", "", "the settings (default fleetscore.yaml, if it is there)")
	cobra.CheckErr(cmd.MarkFlagFilename("config", "yaml", "yml"))
}

func runUp(cmd *cobra.Command, path, database string) error {
	if err := useDatabase(database); err != nil {
		return err
	}
	file, err := app.LoadSettings(path)
	if err != nil {
		return err
	}
	if err := useOthers(file); err != nil {
		return err
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
	var service *app.App
	begun := make(chan struct{})
	stop := onReload(func() {
		if <-begun; service == nil {
			return
		}
		if err := service.Reload(cmd.Context()); err != nil {
			log.Error("the settings are as before", "error", err)
		}
	})
	defer stop()
	service, err = app.New(cmd.Context(), file, app.Options{
		ConfigPath: path, Command: []string{self, "node"}, Version: version(), Log: log, Ready: func() { tell(sdnotify.Ready) },
	})
	close(begun)
	if err != nil {
		return unlessEnded(cmd.Context(), err)
	}
	defer func() { _ = service.Close() }() // everything is durable by then
	return unlessEnded(cmd.Context(), service.Run(cmd.Context()))
}

// useOthers sets what .env has beside settings, for whoever reads the environment: the
// clients of the stores, and of the database.
func useOthers(file *config.File) error {
	for _, other := range file.Others() {
		name, value, _ := strings.Cut(other, "=")
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf(".env: %w", err)
		}
	}
	return nil
}

// useDatabase makes an argument the setting that it is, also for when settings are read
// anew. Others see arguments, so there may be no password in it.
func useDatabase(url string) error {
	if url == "" {
		return nil
	}
	if ledger.HasSecret(url) {
		return usageError{errors.New("--database: others on this machine can see arguments, so there may be no password in the URL; " +
			"it is taken from PGPASSWORD, from ~/.pgpass (PGPASSFILE), or with the whole URL from FLEETSCORE_DATABASE")}
	}
	if err := ledger.CheckURL(url); err != nil {
		return usageError{fmt.Errorf("--database: %w", err)}
	}
	return os.Setenv("FLEETSCORE_DATABASE", url)
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
