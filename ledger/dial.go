package ledger

import (
	"context"
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"
)

// A peer that is gone is given up after about probeAfter + probes * probeEvery.
const (
	probeAfter = 2 * time.Second
	probeEvery = time.Second
	probes     = 3
)

// dial connects in a way that notices when the other end is gone.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: probeAfter, Interval: probeEvery, Count: probes},
		Control:         giveUp,
	}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &pulse{Conn: conn}, nil
}

// pulse is a connection that knows when it said last what was answered since.
type pulse struct {
	net.Conn
	sent     atomic.Pointer[time.Time]
	answered atomic.Pointer[time.Time] // when it was asked
}

func (p *pulse) Write(b []byte) (int, error) {
	now := time.Now()
	p.sent.Store(&now)
	return p.Conn.Write(b)
}

func (p *pulse) Read(b []byte) (int, error) {
	n, err := p.Conn.Read(b)
	if n > 0 {
		p.answered.Store(p.sent.Load())
	}
	return n, err
}

// pulseOf finds the pulse in a connection; nil if there is none.
func pulseOf(conn net.Conn) *pulse {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	p, _ := conn.(*pulse)
	return p
}
