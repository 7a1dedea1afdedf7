package web

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
)

// malformed is all that net/http answers where it cannot read a request, such as one
// for /jobs/%zz: no handler sees it.
const malformed = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"

// pageListener has its connections answer that with the page, which says to whoever has
// typed such an address that there is nothing at it.
type pageListener struct {
	net.Listener
	page []byte
}

func newPageListener(l net.Listener, front *asset) pageListener {
	h := http.Header{"Content-Type": {front.kind}, "Connection": {"close"}}
	secure(h)
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", http.StatusBadRequest, http.StatusText(http.StatusBadRequest))
	_ = h.Write(&b) // to memory
	fmt.Fprintf(&b, "\r\n%s", front.plain)
	return pageListener{l, b.Bytes()}
}

// Accept implements net.Listener.
func (l pageListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return pageConn{tcp, l.page}, err
	}
	return c, err
}

// pageConn is a connection of a pageListener.
type pageConn struct {
	*net.TCPConn
	page []byte
}

// Write implements net.Conn.
func (c pageConn) Write(p []byte) (int, error) {
	if string(p) != malformed {
		return c.TCPConn.Write(p)
	}
	_, err := c.TCPConn.Write(c.page)
	return len(p), err
}
