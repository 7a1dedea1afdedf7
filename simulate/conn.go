package simulate

import (
	"bufio"
	"net"
	"sync"
	"time"
)

// conn writes in the background what it is given, as much as there is at a time, and
// reads ahead. MQTT clients make a system call for each message, and three for
// each answer, otherwise.
type conn struct {
	net.Conn
	reader *bufio.Reader

	mu      sync.Mutex
	changed sync.Cond
	pending []byte
	err     error // of writing
	closed  bool
	flushed chan struct{} // closed when nothing will be written any more
}

// mostPending is how many bytes may wait to be written.
const mostPending = 1 << 16

func newConn(c net.Conn) *conn {
	b := &conn{Conn: c, reader: bufio.NewReaderSize(c, 1<<12), flushed: make(chan struct{})}
	b.changed.L = &b.mu
	go b.flush()
	return b
}

// Read reads from what was read ahead.
func (c *conn) Read(p []byte) (int, error) { return c.reader.Read(p) }

// Write hands p over. An error is that of an earlier write.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.pending) > mostPending && c.err == nil && !c.closed {
		c.changed.Wait()
	}
	switch {
	case c.err != nil:
		return 0, c.err
	case c.closed:
		return 0, net.ErrClosed
	}
	c.pending = append(c.pending, p...)
	c.changed.Broadcast()
	return len(p), nil
}

// flush writes until the connection is closed and all is written, or cannot be.
func (c *conn) flush() {
	defer close(c.flushed)
	var writing []byte
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		for len(c.pending) == 0 && !c.closed {
			c.changed.Wait()
		}
		if len(c.pending) == 0 {
			return
		}
		writing, c.pending = c.pending, writing[:0]
		c.mu.Unlock()
		_, err := c.Conn.Write(writing)
		c.mu.Lock()
		c.changed.Broadcast()
		if err != nil {
			c.err = err
			return
		}
	}
}

// Close lets what is left be written, for a moment.
func (c *conn) Close() error {
	c.mu.Lock()
	c.closed = true
	c.changed.Broadcast()
	c.mu.Unlock()
	_ = c.Conn.SetWriteDeadline(time.Now().Add(lastWords * time.Millisecond))
	<-c.flushed
	return c.Conn.Close()
}
