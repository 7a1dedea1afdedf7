package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/fleetscore/fleetscore/fleet"
)

// Run does one attempt at a task of a manifest. Without an error, the task is done.
// It may tell how far it has come, as often as it likes.
type Run = func(ctx context.Context, manifest string, task fleet.Task, progress func(fleet.Progress)) error

// Serve is the life of a node's process: it executes the tasks that come in by run,
// each in a goroutine of its own, until it is told to end or ctx ends. If in ends
// before, the parent is dead: the process, and its group if it leads one, die at
// once. It is not for more than that: run may panic, and the process die of it.
func Serve(ctx context.Context, in io.Reader, out io.Writer, run Run) error {
	parent := os.Getppid()
	terms := make(chan os.Signal, 1)
	signal.Notify(terms, syscall.SIGTERM)
	quit := make(chan struct{})
	defer close(quit)
	defer signal.Stop(terms)
	go func() {
		for {
			select {
			case <-terms:
				if os.Getppid() != parent {
					die()
				}
			case <-quit:
				return
			}
		}
	}()
	s := newServer(out, run)
	s.orphaned, s.exhausted = die, func(text string) {
		fmt.Fprintln(os.Stderr, text)
		os.Exit(exitMemory)
	}
	return s.serve(ctx, in)
}

// die ends the process, with its group if it leads one. Nothing is said: who would
// hear it is dead.
func die() {
	if pid := os.Getpid(); syscall.Getpgrp() == pid {
		_ = syscall.Kill(-pid, syscall.SIGKILL) // it does not return
	}
	os.Exit(1)
}

var errOrphaned = errors.New("the parent is gone")
