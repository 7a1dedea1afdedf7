// Package sandbox starts foreign programs where they can do no harm: without a
// network, with a read-only file system but for a scratch folder, without our environment
// and secrets, with limits on memory, processes, files, disk and time.
package sandbox

import (
	"context"
	"io"
)

// Spec is a program to be started.
type Spec struct {
	// Argv is the program and its arguments, with paths as the program sees them.
	Argv []string
	// Env is all of its environment, besides PATH, HOME, TMPDIR and LANG, which the sandbox sets.
	Env []string
	// Scratch is a folder of ours that the program sees, and may write to, as /scratch: its
	// working directory. Where there is no sandbox, it is seen under its own path.
	Scratch string
	// Binds are further files and folders that it sees, read-only.
	Binds []Bind
	// Stdin, Stdout and Stderr are pipes to it. What is written to Stderr and
	// Stdout is not bounded here.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Limits         Limits
	Network        bool
}

// Bind makes the file or folder From, of this machine, visible at To.
type Bind struct{ From, To string }

// Limits bound what a program and its children use; 0: not bounded.
type Limits struct {
	Memory    int64 // bytes, of all of them together
	Processes int   // and threads
	Files     int   // open, of each
	Disk      int64 // bytes in Scratch
}

// Sandbox starts programs.
type Sandbox interface {
	// Name is "bubblewrap", "container" or "none".
	Name() string
	// Path is how the program sees a file of Scratch or Binds: see Spec.
	Path(spec *Spec, file string) string
	// Start starts a program. It ends, with all its children, when ctx does.
	Start(ctx context.Context, spec *Spec) (Process, error)
}

// Process is a program that was started.
type Process interface {
	// Wait waits for its end, and for all its output. The error is an *exec.ExitError where it ended
	// otherwise than by exit code 0; see Ended.
	Wait() error
	// Kill ends it and all its children, at once.
	Kill()
}
