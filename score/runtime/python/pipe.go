package python

import (
	"os"
	"syscall"
)

// blockingPipe is a pipe whose ends are not watched by the Go runtime.
func blockingPipe() (r, w *os.File, err error) {
	var ends [2]int
	syscall.ForkLock.RLock()
	if err = syscall.Pipe(ends[:]); err == nil {
		syscall.CloseOnExec(ends[0])
		syscall.CloseOnExec(ends[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, os.NewSyscallError("pipe", err)
	}
	return os.NewFile(uintptr(ends[0]), "answers"), os.NewFile(uintptr(ends[1]), "answers"), nil
}
