package ledger

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// giveUp has the system give up a connection on which what was sent is not received.
func giveUp(network, _ string, c syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int((probeAfter + probes*probeEvery).Milliseconds()))
	})
	if err != nil {
		return err
	}
	return failed
}
