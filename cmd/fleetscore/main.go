// Command fleetscore scores every sensor of a fleet with its own pre-trained
// Python model, without Python.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // schedules have time zones, where the machine knows of none too

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/config"
)

// Exit codes.
const (
	exitDone      = 0
	exitCannotRun = 1
	exitUsage     = 2
	exitFailed    = 3 // it ran, and more sensors failed than the settings allow
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	code, text := judge(err)
	for line := range strings.Lines("fleetscore: " + text) {
		fmt.Fprintln(os.Stderr, visible(strings.TrimSuffix(line, "\n")))
	}
	return code
}

// usageError is a command line that cannot be understood.
type usageError struct{ error }

// failedError is a job that ran and failed.
type failedError struct{ error }

func judge(err error) (code int, text string) {
	var problems config.Problems
	var usage usageError
	var failed failedError
	switch {
	case errors.As(err, &problems) && len(problems) > 1:
		return exitUsage, "settings that cannot be used:\n  " + strings.ReplaceAll(problems.Error(), "\n", "\n  ")
	case errors.As(err, &problems):
		return exitUsage, problems.Error()
	case errors.As(err, &usage):
		return exitUsage, usage.Error()
	case errors.As(err, &failed):
		return exitFailed, failed.Error()
	case errors.Is(err, context.Canceled):
		return exitCannotRun, "interrupted; files that were being written are not there, whole ones are"
	}
	return exitCannotRun, err.Error()
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "fleetscore",
		Short: "Score every sensor of a fleet with its own pre-trained model",
		Long: `fleetscore scores every sensor of a fleet with that sensor's own pre-trained scikit-learn model.
It reads the models as data: no Python is needed, and nothing in a model file is executed.

By hand: score, inspect. As a service, with jobs on schedules: init, models push, up; then job, run, backfill and
predictions tell and do the rest.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())}
	})
	root.AddCommand(newInit(), newModels(), newUp(), newJob(), newRun(), newBackfill(), newPredictions(), newNodes(), newVerifyStore(),
		newConfig(), newSimulate(), newScore(), newInspect(), newTask(), newNode(), newVersion())
	asUsage(root)
	return root
}

// asUsage makes wrong arguments of any command a usage error.
func asUsage(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError{fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		asUsage(sub)
	}
}
