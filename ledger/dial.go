package ledger

import (
	"context"
	"crypto/tls"
	"errors"
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

// migrateFor is how long a step that makes the tables may take.
const migrateFor = 30 * time.Minute

// pulse is a connection that knows when it said last what was answered since, and is
// closed when a server that is stopped, or behind a wall, leaves it without an answer:
// the system's own limits are for one that is gone.
type pulse struct {
	net.Conn
	migrating atomic.Bool // an answer may take migrateFor, and not patience
	sent      atomic.Pointer[time.Time]
	answered  atomic.Pointer[time.Time] // when it was asked
}

func (p *pulse) Write(b []byte) (int, error) {
	now := time.Now()
	p.sent.Store(&now)
	return p.Conn.Write(b)
}

// errSilent is a net.Error, as all that is wrong with a connection.
var errSilent = &net.OpError{Op: "read", Net: "postgres", Err: errors.New("the server is there, and says nothing")}

// Read waits for an answer: nobody reads from a server that is not asked something.
func (p *pulse) Read(b []byte) (int, error) {
	most := patience
	if p.migrating.Load() {
		most = migrateFor
	}
	giveUp := time.AfterFunc(most, func() { _ = p.Close() }) // which ends the reading
	n, err := p.Conn.Read(b)
	if !giveUp.Stop() && err != nil {
		err = errSilent
	}
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
