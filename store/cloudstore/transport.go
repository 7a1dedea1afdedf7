package cloudstore

import (
	"context"
	"net"
	"net/http"
	"time"
)

// A connection that is not made within connectTime, or over which nothing comes
// or goes for silence, is given up; clients then try again, a few times. Left
// to themselves, some would wait for ever.
const (
	connectTime = 10 * time.Second
	silence     = time.Minute
)

// connections is how many to a host are kept for further requests: as many as
// requests are under way at a time, or each would begin with a TLS handshake.
const connections = 128

func newTransport() *http.Transport {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	tune(t)
	return t
}

func tune(t *http.Transport) {
	dialer := net.Dialer{Timeout: connectTime}
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return impatient{conn, silence}, nil
	}
	t.TLSHandshakeTimeout = connectTime
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, connections
	t.IdleConnTimeout = silence / 2
	// What is stored compressed is read as it is stored.
	t.DisableCompression = true
}

// impatient is a connection that fails when nothing comes or goes for a time.
type impatient struct {
	net.Conn
	patience time.Duration
}

func (c impatient) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write gives a Read that waits meanwhile more time: the answer comes after it.
func (c impatient) Write(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
