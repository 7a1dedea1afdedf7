package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// drain is how long output may still come after a program has ended. It ends by
// itself unless something that left its group still holds the pipe.
const drain = 5 * time.Second

// launch is how a program is started on this machine.
type launch struct {
	argv  []string
	env   []string
	files []*os.File // further ones that it has, from 3 on; closed once it is started
	group *group     // nil: none
	// kill ends what killing the process and its group does not; nil: nothing.
	kill func()
	// judge says more of how it ended, where it did not exit with 0; nil: nothing.
	judge func(*Ended)
}

// process is a program that was started, or who started it in our name.
type process struct {
	cmd    *exec.Cmd
	launch *launch
	done   chan struct{}
	err    error // of done

	killed   atomic.Bool
	finished sync.Once
	mu       sync.Mutex
	gone     bool   // its number may be another's from now on
	limit    *Ended // the limit for which it was ended
}

// begin starts a program, and watches it.
func begin(ctx context.Context, spec *Spec, l *launch) (*process, error) {
	//nolint:gosec // to run a program that the user names is the purpose
	cmd := exec.CommandContext(ctx, l.argv[0], l.argv[1:]...)
	p := &process{cmd: cmd, launch: l, done: make(chan struct{})}
	cmd.Env, cmd.Dir = l.env, spec.Scratch
	cmd.Stdin, cmd.Stdout, cmd.Stderr = spec.Stdin, spec.Stdout, spec.Stderr
	cmd.ExtraFiles = l.files
	cmd.SysProcAttr = attributes()
	cmd.Cancel = func() error {
		p.Kill()
		return nil
	}
	cmd.WaitDelay = drain
	err := cmd.Start()
	for _, f := range l.files {
		_ = f.Close() // the program has its own
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", l.argv[0], err), l.group.remove())
	}
	go p.watchDisk(spec.Scratch, spec.Limits.Disk)
	go p.reap()
	return p, nil
}

// reap waits for the end, sees to it that nothing is left, and says how it was.
func (p *process) reap() {
	defer close(p.done)
	settle(p.cmd.Process.Pid)
	p.endGroup() // its children
	p.mu.Lock()
	p.gone = true
	p.mu.Unlock()
	err := p.cmd.Wait()
	if p.ended() {
		p.finish()
	}
	p.err = errors.Join(p.verdict(err), p.launch.group.remove())
}

// verdict is what Wait returns of what the system says.
func (p *process) verdict(err error) error {
	var status *exec.ExitError
	killed := p.killed.Load()
	switch {
	case errors.As(err, &status):
	case err == nil, errors.Is(err, exec.ErrWaitDelay) && !killed:
		return nil
	case !killed:
		return fmt.Errorf("passing on what a program said: %w", err)
	}
	e := &Ended{Killed: killed}
	if status != nil {
		e.Code, e.Signal = status.ExitCode(), signalOf(status)
		if e.Signal != 0 {
			e.Code = -1
		}
	}
	p.mu.Lock()
	passed := p.limit
	p.mu.Unlock()
	if passed != nil {
		e.Limit, e.Text = passed.Limit, passed.Text
	} else if p.launch.judge != nil {
		p.launch.judge(e)
	}
	return e
}

// signalOf is the signal that ended a program. Who started it in our name says so by
// an exit code past 128, as shells do.
func signalOf(status *exec.ExitError) syscall.Signal {
	if w, ok := status.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return w.Signal()
	}
	if code := status.ExitCode(); code > 128 && code <= 128+64 {
		return syscall.Signal(code - 128)
	}
	return 0
}

func (p *process) Wait() error {
	<-p.done
	return p.err
}

func (p *process) Kill() {
	p.killed.Store(true)
	p.endGroup()
	p.finish()
}

// pass ends it as it has passed a limit.
func (p *process) pass(limit, text string) {
	p.mu.Lock()
	if p.limit == nil {
		p.limit = &Ended{Limit: limit, Text: text}
	}
	p.mu.Unlock()
	p.endGroup()
	p.finish()
}

// ended is whether we have ended it.
func (p *process) ended() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limit != nil || p.killed.Load()
}

// finish ends what is elsewhere. It returns when that is gone, whoever has begun it.
func (p *process) finish() {
	if p.launch.kill != nil {
		p.finished.Do(p.launch.kill)
	}
}

// endGroup kills the process and its group, which has its number for as long as it is not
// reaped, and its control group.
func (p *process) endGroup() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.gone {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may have ended
	}
	p.launch.group.kill()
}
