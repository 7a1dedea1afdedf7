package sandbox

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes puts a program into a group of its own, which ends if we die.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// settle waits until a process has ended, and leaves it its number.
func settle(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
