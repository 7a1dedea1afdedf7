package local

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes puts a node into a group of its own, out of reach of Ctrl-C on the
// terminal. If its parent dies, it gets a SIGTERM beside the end of its input. It
// is no SIGKILL, so that the node can still end what it started.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// reap waits for the process, and kills what is left of its group while the
// group's number cannot be another's yet.
func (c *child) reap() error {
	pid := c.cmd.Process.Pid
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	c.kill()
	c.mu.Lock()
	c.gone = true
	c.mu.Unlock()
	return c.cmd.Wait()
}

// resident is the memory that a process has, in bytes; 0 if it is gone.
func resident(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64) // 0 if it is no number
	return pages * int64(os.Getpagesize())
}

// looksItself is whether a node must look at its own memory.
const looksItself = false
