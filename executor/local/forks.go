package local

import "runtime"

// forks starts all processes from one thread that lives as long as the executor.
// Linux sends the signal for a parent's death when the thread ends that started
// the child, and threads of Go may end before the process does.
type forks struct {
	calls chan func()
	done  chan struct{}
}

func newForks() *forks {
	f := &forks{calls: make(chan func()), done: make(chan struct{})}
	go func() {
		defer close(f.done)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for call := range f.calls {
			call()
		}
	}()
	return f
}

// do runs f on the thread.
func (f *forks) do(call func()) {
	ended := make(chan struct{})
	f.calls <- func() {
		defer close(ended)
		call()
	}
	<-ended
}

func (f *forks) close() {
	close(f.calls)
	<-f.done
}
