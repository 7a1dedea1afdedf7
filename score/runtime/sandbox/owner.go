package sandbox

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// prefix begins the names of what outlives us if we are killed: containers and control
// groups. The number of the process that made one follows.
const prefix = "fleetscore-"

// owned is how the names of what this process makes begin.
func owned() string { return prefix + strconv.Itoa(os.Getpid()) + "-" }

// orphaned is whether it is the name of something whose maker is gone.
func orphaned(name string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	number, _, _ := strings.Cut(rest, "-")
	pid, err := strconv.Atoi(number)
	return ok && err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
