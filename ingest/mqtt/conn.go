package mqtt

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ingest/decode"
)

const (
	firstBuffer = 4 << 10
	maxAliases  = 16              // of topics, of a connection
	maxTopics   = 256             // that a connection remembers
	maxConnect  = 16 << 10        // bytes of a CONNECT
	maxReadings = 4096            // of a flight, unless one message has more
	maxSlots    = 256             // connections that hold readings which are not submitted
	maxThrottle = 5 * time.Second // at a time, so that pings are answered
)

// conn is a connection.
type conn struct {
	l      *Listener
	socket net.Conn

	// Of the goroutine that reads.
	id        string
	connected bool
	keepAlive time.Duration
	grant     Grant
	unwatch   func() // nil: nobody watches
	decoder   *decode.Decoder
	topics    map[string]target // that were seen lately
	aliases   [maxAliases + 1]string
	acked     *flight // QoS 1 and 2, that has been read and not yet submitted
	unacked   *flight // QoS 0
	throttle  time.Duration

	mu       sync.Mutex
	changed  *sync.Cond // anything below
	v5       bool
	inflight int    // messages that were submitted and not yet acknowledged
	out      []byte // what is to be written
	outAcks  int    // of those, acknowledgements
	draining bool
	ending   bool
	limit    *time.Timer // of draining
}

// target is what a topic means, or why it means nothing.
type target struct {
	sensor fleet.Sensor
	code   byte
	cause  decode.Cause
	detail string
}

func newConn(l *Listener, socket net.Conn) *conn {
	limits := l.cfg.Service.Limits()
	limits.Names = 256
	c := &conn{l: l, socket: socket, decoder: decode.New(limits), topics: map[string]target{}}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// read reads packets until the connection ends.
func (c *conn) read() {
	err := c.packets()
	code := byte(success)
	switch {
	case errors.Is(err, errMalformed):
		code = malformed
	case errors.Is(err, errTooLarge):
		code = packetTooLarge
		c.l.cfg.Service.Reject(source, decode.TooLarge, 1, fmt.Sprintf("an MQTT packet of client %q is longer than %d bytes; its connection was closed", c.id, c.l.cfg.Packet))
	case errors.Is(err, errProtocol):
		code = protocolError
	}
	if code != success {
		c.l.broken.Add(1)
	}
	if c.isDraining() {
		c.landed()
		code = shuttingDown
	}
	c.end(code)
	if c.unwatch != nil {
		c.unwatch()
	}
	c.l.cfg.Log.Debug("an MQTT connection has ended", "client", c.id, "remote", c.socket.RemoteAddr(), "reason", err)
}

// packets reads and handles packets.
func (c *conn) packets() error {
	buf, end := make([]byte, firstBuffer), 0
	for {
		begin := 0
		for more := true; more; {
			n, err := c.cycle(buf[begin:end])
			if err != nil {
				return err
			}
			begin += n
			more = n > 0
		}
		end = copy(buf, buf[begin:end])
		switch {
		case end == len(buf): // it doubles as bytes come, whatever a packet says of its length
			buf = append(buf, make([]byte, len(buf))...)
		case end == 0 && len(buf) > 16*firstBuffer:
			buf = make([]byte, firstBuffer)
		}
		n, err := c.receive(buf[end:])
		if err != nil {
			return err
		}
		end += n
	}
}

// cycle handles packets of a buffer, as many as may be in flight, and submits their
// readings. It says how much of the buffer it has handled. Before, it waits until the
// client has taken what is written to it, and until not too many connections hold
// readings that are not submitted.
func (c *conn) cycle(buf []byte) (handled int, err error) {
	most := c.l.cfg.Packet
	if !c.connected {
		most = min(most, maxConnect)
	}
	p, n, err := next(buf, most)
	if n == 0 {
		return 0, err
	}
	if !c.ready() {
		return 0, errEnded
	}
	select {
	case c.l.slots <- struct{}{}:
		defer func() { <-c.l.slots }()
	case <-c.l.ctx.Done():
		return 0, errEnded
	}
	for n > 0 && err == nil && !c.full(p) {
		if err = c.handle(p); err != nil {
			break
		}
		handled += n
		p, n, err = next(buf[handled:], c.l.cfg.Packet)
	}
	if flushErr := c.flush(); err == nil {
		err = flushErr
	}
	return handled, err
}

// receive reads what there is, when it is time to.
func (c *conn) receive(buf []byte) (int, error) {
	if c.throttle > 0 {
		pause := time.NewTimer(min(c.throttle, maxThrottle))
		select {
		case <-pause.C:
		case <-c.l.ctx.Done():
		}
		pause.Stop()
		c.throttle = 0
	}
	var deadline time.Time
	switch {
	case !c.connected:
		deadline = time.Now().Add(connectTimeout)
	case c.keepAlive > 0:
		deadline = time.Now().Add(c.keepAlive + c.keepAlive/2)
	}
	c.mu.Lock()
	if c.ending || c.draining {
		c.mu.Unlock()
		return 0, errEnded
	}
	_ = c.socket.SetReadDeadline(deadline) // if it fails, so does Read
	c.mu.Unlock()
	n, err := c.socket.Read(buf)
	if n > 0 {
		return n, nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return 0, err
}

func (c *conn) isDraining() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.draining
}

// handle handles a packet.
func (c *conn) handle(p packet) error {
	if !c.connected {
		if p.kind != connect || p.flags != 0 {
			return errProtocol
		}
		return c.greet(p)
	}
	switch p.kind {
	case publish:
		return c.take(p)
	case pubrel:
		cursor := cursor{b: p.body}
		if id := cursor.uint16(); id > 0 && p.flags == 2 {
			return c.answer([]byte{0x70, 2, byte(id >> 8), byte(id)})
		}
		return errMalformed
	case subscribe, unsubscribe:
		answer, err := refuseFilters(p, c.v5)
		if err != nil {
			return err
		}
		return c.answer(answer)
	case pingreq:
		return c.answer([]byte{0xd0, 0})
	case disconnect:
		return io.EOF
	}
	return errProtocol
}
