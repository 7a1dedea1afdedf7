package mqtt

import (
	"errors"
	"time"
)

// The writer's side of a connection. Acknowledgements come from the service's
// goroutine, which must not wait for a client; so they are put here, and one goroutine
// a connection writes them, all that are there at once.

// maxPending is how many bytes may wait for a client to take them before it is read on.
const maxPending = 16 << 10

// errEnded is that the connection ends.
var errEnded = errors.New("the connection ends")

// acknowledge has acknowledgements written. It does not block.
func (c *conn) acknowledge(acks []byte, count int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		return
	}
	c.out = append(c.out, acks...)
	c.outAcks += count
	c.changed.Broadcast()
}

// answer has a packet written.
func (c *conn) answer(packet []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		return errEnded
	}
	c.out = append(c.out, packet...)
	c.changed.Broadcast()
	return nil
}

// ready waits until the client has taken so much of what is written to it that it may
// send as many messages again as one flight has. It is false if the connection ends.
func (c *conn) ready() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for (c.inflight > c.l.cfg.Inflight/2 || len(c.out) > maxPending) && !c.ending {
		c.changed.Wait()
	}
	return !c.ending
}

// takeOff counts messages as in flight.
func (c *conn) takeOff(count int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inflight += count
}

// putBack is that messages are no longer in flight.
func (c *conn) putBack(count int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inflight -= count
	c.changed.Broadcast()
}

// end ends the connection, after what is to be written. A code is told to clients of
// MQTT 5. It reports whether it was not ending already.
func (c *conn) end(code byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		return false
	}
	c.ending = true
	if code != success && c.v5 {
		c.out = append(c.out, 0xe0, 1, code)
	}
	c.changed.Broadcast()
	_ = c.socket.SetReadDeadline(time.Unix(1, 0)) // wakes the reader
	return true
}

// drain has the connection end when all it has sent is acknowledged, or after a while.
func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.draining {
		c.draining = true
		c.limit = time.AfterFunc(stopTimeout, func() { c.end(shuttingDown) })
		_ = c.socket.SetReadDeadline(time.Unix(1, 0)) // wakes the reader
	}
}

// landed waits until nothing is in flight, or the connection ends.
func (c *conn) landed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.inflight > 0 && !c.ending {
		c.changed.Wait()
	}
}

// write writes until the connection has ended, and closes it.
func (c *conn) write() {
	defer c.close()
	var packets []byte
	for {
		c.mu.Lock()
		for len(c.out) == 0 && !c.ending {
			c.changed.Wait()
		}
		packets, c.out = c.out, packets[:0]
		count, last := c.outAcks, c.ending
		c.outAcks = 0
		c.mu.Unlock()
		if len(packets) > 0 {
			_ = c.socket.SetWriteDeadline(time.Now().Add(writeTimeout))
			if _, err := c.socket.Write(packets); err != nil {
				c.end(success)
				return
			}
		}
		if last {
			return
		}
		c.putBack(count)
	}
}

// close closes the connection.
func (c *conn) close() {
	c.mu.Lock()
	if c.limit != nil {
		c.limit.Stop()
	}
	c.mu.Unlock()
	_ = c.socket.Close() // who was at the other end may be gone
}
