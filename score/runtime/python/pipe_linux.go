package python

import (
	"os"

	"golang.org/x/sys/unix"
)

// pipeBytes lets a process read on while we do something else. More than that the system
// gives to root only.
const pipeBytes = 1 << 20

// widen makes a pipe hold more, where the system lets it.
func widen(pipe *os.File) {
	if raw, err := pipe.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeBytes) })
	}
}
