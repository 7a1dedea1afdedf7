package sandbox

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/fleetscore/fleetscore/fleet"
)

// Spec is a program to be started.
type Spec struct {
	// Argv is the program and its arguments, with paths as the program sees them.
	Argv []string
	// Env is all of its environment, besides PATH, HOME, TMPDIR and LANG, which the sandbox sets,
	// or the image, where there is one.
	Env []string
	// Scratch is a folder of ours that the program sees, and may write to, as /scratch: its
	// working directory. Where there is no sandbox, it is seen under its own path. What is
	// put there for the program must be readable by everybody, as a container is another user.
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

// LimitsOf are the limits of a program that is confined so.
func LimitsOf(c fleet.Confinement) Limits {
	return Limits{Memory: c.Memory, Processes: 512, Files: 1024, Disk: 2 << 30}
}

// Sandbox starts programs. Those that Find finds say by String more of
// themselves: their version, and how limits hold.
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
	// Wait waits for its end, and for all its output. The error is an *Ended
	// where it ended otherwise than by exit code 0.
	Wait() error
	// Kill ends it and all its children, at once.
	Kill()
}

// Limits that a program can pass.
const (
	Memory = "memory"
	Disk   = "disk"
	// Start is how long a container may take until its program runs.
	Start = "start"
)

// Ended is why a program ended otherwise than by exit code 0.
type Ended struct {
	Code   int            // its exit code; -1: it was ended by Signal
	Signal syscall.Signal // 0: none
	// Limit is the limit that it has passed; empty: none that is known. Text is what to tell
	// of its end, where that is more than code and signal.
	Limit, Text string
	// Killed is whether it was ended by Kill or its context.
	Killed bool
}

func (e *Ended) Error() string {
	switch {
	case e.Text != "":
		return e.Text
	case e.Signal != 0:
		return fmt.Sprintf("the program was ended by signal %d (%s)", int(e.Signal), e.Signal)
	}
	return fmt.Sprintf("the program ended with exit code %d", e.Code)
}

// The program sees these.
const (
	scratch = "/scratch"
	shared  = "/dev/shm"
)

// Folders of Scratch, which the program sees as /tmp and /dev/shm.
const (
	temporary = ".tmp"
	sharing   = ".shm"
)

// seen is the path under which a file of spec is seen where Scratch is at /scratch.
func seen(spec *Spec, file string) string {
	if inside, ok := below(spec.Scratch, file); ok {
		return filepath.Join(scratch, inside)
	}
	for _, b := range spec.Binds {
		if inside, ok := below(b.From, file); ok {
			return filepath.Join(b.To, inside)
		}
	}
	return file
}

// below is the path of file inside folder, if it is there.
func below(folder, file string) (string, bool) {
	rel, err := filepath.Rel(folder, file)
	return rel, err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// check looks whether what a program is to see is there, and makes the folders of Scratch.
func (s *Spec) check() error {
	if len(s.Argv) == 0 || !filepath.IsAbs(s.Scratch) {
		return fmt.Errorf("a program and a folder with its whole path are needed, and not %q and %q", s.Argv, s.Scratch)
	}
	for _, b := range s.Binds {
		if _, err := os.Stat(b.From); err != nil {
			return fmt.Errorf("what the program is to see is not there: %w", err)
		}
		if _, inside := below(s.Scratch, b.From); inside {
			return fmt.Errorf("the program could change what it is to see at %s: %s is in its folder", b.To, b.From)
		}
		if !filepath.IsAbs(b.From) || !filepath.IsAbs(b.To) {
			return fmt.Errorf("the program is to see %s at %s: both must be whole paths", b.From, b.To)
		}
	}
	for _, folder := range []string{temporary, sharing} {
		path := filepath.Join(s.Scratch, folder)
		// A program that had the folder before may have put a link there, which must not be followed.
		if info, err := os.Lstat(path); err == nil && info.IsDir() {
			continue
		} else if err == nil {
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("removing what a program put in the place of a folder: %w", err)
			}
		}
		if err := os.Mkdir(path, 0o777); err != nil {
			return fmt.Errorf("making a folder for the program's files: %w", err)
		}
	}
	return nil
}

// environment is all that a program has: a line for its PATH, if that is not another's;
// how it sees its folder, and where temporary files go.
func (s *Spec) environment(path, home, tmp string) []string {
	var env []string
	if path != "" {
		env = []string{path}
	}
	return append(append(env, "HOME="+home, "TMPDIR="+tmp, "LANG=C.UTF-8"), s.Env...)
}
