package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// process is a node's process, as its executor sees it.
type process struct {
	pid  int
	in   io.WriteCloser
	out  io.Reader
	kill func() // the process and its group; no harm if they are gone
	// wait returns when they are gone. It is called once.
	wait func() exit
	// memory is what the process uses, in bytes; 0: not known.
	memory func() int64
}

// exit is how a process ended.
type exit struct {
	clean bool
	how   string // "exit status 2", "signal: killed"
	words string // the last
}

// exitMemory is the exit status of a node that found that it uses too much.
const exitMemory = 86

// drain is how long output may still come after a process has ended. It ends by
// itself unless something that left the group still holds the pipe.
const drain = time.Second

// child is a process of the system's.
type child struct {
	cmd      *exec.Cmd
	out, err *os.File
	log      tail
	copied   chan struct{}

	mu   sync.Mutex
	gone bool // its number may be another's from now on
}

// startChild starts the node's command.
func (e *Executor) startChild(id string) (*process, error) {
	//nolint:gosec // the command is the configuration's
	cmd := exec.CommandContext(context.Background(), e.cfg.Command[0], e.cfg.Command[1:]...)
	cmd.Env = append(append([]string{}, e.cfg.Env...), "FLEETSCORE_NODE="+id)
	if e.cfg.Procs > 0 {
		cmd.Env = append(cmd.Env, "GOMAXPROCS="+strconv.Itoa(e.cfg.Procs))
	}
	if e.cfg.Memory > 0 {
		cmd.Env = append(cmd.Env, "GOMEMLIMIT="+strconv.FormatInt(e.cfg.Memory/5*4, 10))
	}
	cmd.SysProcAttr = attributes()
	var in, out, log pipe
	err := errors.Join(in.open(), out.open(), log.open())
	if err == nil {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = in.r, out.w, log.w
		e.forks.do(func() { err = cmd.Start() })
	}
	closeAll(in.r, out.w, log.w) // the child has its own
	if err != nil {
		closeAll(in.w, out.r, log.r)
		return nil, fmt.Errorf("starting %s: %w", e.cfg.Command[0], err)
	}
	c := &child{cmd: cmd, out: out.r, err: log.r, copied: make(chan struct{})}
	go func() {
		defer close(c.copied)
		c.log.copy(c.err)
	}()
	pid := cmd.Process.Pid
	return &process{pid: pid, in: in.w, out: c.out, kill: c.kill, wait: c.wait, memory: func() int64 { return resident(pid) }}, nil
}

// pipe is one of a child's standard files, and our end of it.
type pipe struct{ r, w *os.File }

func (p *pipe) open() (err error) {
	p.r, p.w, err = os.Pipe()
	return err
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		_ = f.Close() // nil if it could not be opened
	}
}

// kill kills the group, which has the process's number for as long as that is
// not reaped.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.gone {
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // it may have ended
	}
}

func (c *child) wait() exit {
	err := c.reap()
	_ = c.out.SetReadDeadline(time.Now().Add(drain))
	_ = c.err.SetReadDeadline(time.Now().Add(drain))
	<-c.copied
	_ = c.err.Close()
	x := exit{clean: err == nil, how: "exit status 0"}
	if err != nil {
		x.how = err.Error()
	}
	var status *exec.ExitError
	if errors.As(err, &status) && status.ExitCode() == exitMemory {
		x.how = tooMuch
	}
	x.words = c.log.words()
	return x
}

// tooMuch stands for the text about memory, which its executor knows.
const tooMuch = "memory"
