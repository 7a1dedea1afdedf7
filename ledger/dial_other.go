//go:build !linux

package ledger

import "syscall"

// giveUp leaves it to the system when to give up what is sent and not received.
func giveUp(string, string, syscall.RawConn) error { return nil }
