// Command fleetscore scores every sensor of a fleet with its own pre-trained
// Python model, without Python.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // schedules have time zones, where the machine knows of none too

	"github.com/spf13/cobra"
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
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	f := judge(err)
	switch asJSON := wantsJSON(cmd, args); {
	case errors.As(err, new(toldError)):
	case asJSON && cmd.Annotations[oneDocument] != "":
		f.write(os.Stdout, true)
	default:
		f.write(os.Stderr, asJSON)
	}
	return f.Exit
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "fleetscore",
		Short: "Score every sensor of a fleet with its own pre-trained model",
		Long: `fleetscore scores every sensor of a fleet with that sensor's own pre-trained scikit-learn model.
It reads the models as data: no Python is needed, and nothing in a model file is executed.

By hand: score, inspect. As a service, with jobs on schedules: init, models push, up; then job, run, backfill and
predictions tell and do the rest.`,
		Version:       fullVersion(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see '%s --help'", err, cmd.CommandPath())}
	})
	root.AddCommand(newDemo(), newInit(), newModels(), newUp(), newJob(), newRun(), newBackfill(), newPredictions(), newNodes(), newPool(), newVerifyStore(), newStream(), newWindow(),
		newNotify(), newMute(), newUnmute(), newAck(),
		newConfig(), newToken(), newBackup(), newRestore(), newDoctor(), newSimulate(), newScore(), newRuntime(), newInspect(), newTask(), newNode(), newVersion())
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
