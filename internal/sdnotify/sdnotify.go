// Package sdnotify tells systemd how a service of Type=notify stands.
package sdnotify

import (
	"context"
	"fmt"
	"net"
	"os"
)

// What is told.
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
)

// Send tells a state to whoever has started the process and wants to know: nobody,
// unless NOTIFY_SOCKET names a socket.
func Send(ctx context.Context, state string) error {
	address := os.Getenv("NOTIFY_SOCKET")
	if address == "" {
		return nil
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unixgram", address) // @ begins an abstract one, for net too
	if err != nil {
		return fmt.Errorf("telling systemd: %w", err)
	}
	_, err = conn.Write([]byte(state))
	if closeErr := conn.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("telling systemd: %w", err)
	}
	return nil
}
