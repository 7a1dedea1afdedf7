package executortest

import (
	"bufio"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait; it is only reached by what fails.
const patience = 60 * time.Second

// newPipe makes a named pipe, in a folder of its own.
func newPipe(t testing.TB, name string) string {
	t.Helper()
	return newPipeIn(t, t.TempDir(), name)
}

func newPipeIn(t testing.TB, folder, name string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// release lets a task go on that waits at a gate, or will.
func release(t testing.TB, pipe string) {
	t.Helper()
	within(t, "somebody to come to the gate", func() {
		f, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		_ = f.Close()
	})
}

// witness watches a process that holds a named pipe.
type witness struct {
	held, dropped chan struct{} // closed when it holds it, and when it is dead
}

func watch(t testing.TB, pipe string) *witness {
	w := &witness{held: make(chan struct{}), dropped: make(chan struct{})}
	go func() {
		f, err := os.Open(pipe) // waits for the other side
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		r := bufio.NewReader(f)
		if _, err := r.ReadByte(); err != nil {
			t.Errorf("%s: %v", pipe, err)
			return
		}
		close(w.held)
		_, _ = r.ReadByte() // the end
		close(w.dropped)
	}()
	return w
}

func (w *witness) alive(t testing.TB) { wait(t, "a process to begin", w.held) }
func (w *witness) dead(t testing.TB)  { wait(t, "a process to die", w.dropped) }

// wait waits for a channel to be closed.
func wait(t testing.TB, what string, c <-chan struct{}) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-c:
	case <-limit.C:
		t.Fatalf("waited in vain for %s", what)
	}
}

// within waits for a function to return.
func within(t testing.TB, what string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	wait(t, what, done)
}
