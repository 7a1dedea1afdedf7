//go:build postgres

package ledger_test

import (
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// wire is a network between a server's socket and its clients, which can be cut.
type wire struct {
	address string
	socket  string
	breakUp atomic.Bool // connections break now and then
	broken  atomic.Int64

	mu   sync.Mutex
	open chan struct{} // closed while nothing is cut
}

func newWire(t *testing.T, socket string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{address: listener.Addr().String(), socket: socket, open: make(chan struct{})}
	close(w.open)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(conn) })
		}
	})
	t.Cleanup(func() {
		w.mend()
		listener.Close()
		all.Wait()
	})
	return w
}

// url is that of a database, over the wire.
func (w *wire) url(direct string) string {
	u, _ := url.Parse(direct)
	query := u.Query()
	query.Del("host")
	query.Set("sslmode", "disable")
	u.Host, u.RawQuery = w.address, query.Encode()
	return u.String()
}

// cut has nothing go through any more, in either direction; neither end is told.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = make(chan struct{})
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.open:
	default:
		close(w.open)
	}
}

func (w *wire) carry(client net.Conn) {
	server, err := net.Dial("unix", w.socket)
	if err != nil {
		client.Close()
		return
	}
	pass := func(to, from net.Conn) {
		defer client.Close()
		defer server.Close()
		buffer := make([]byte, 4<<10)
		for {
			n, err := from.Read(buffer)
			w.mu.Lock()
			open := w.open
			w.mu.Unlock()
			<-open
			breaks := n > 0 && w.breakUp.Load() && rand.IntN(30) == 0
			if breaks {
				w.broken.Add(1)
				n = rand.IntN(n + 1)
			}
			_, _ = to.Write(buffer[:n])
			if err != nil || breaks {
				return
			}
		}
	}
	var both sync.WaitGroup
	both.Go(func() { pass(server, client) })
	both.Go(func() { pass(client, server) })
	both.Wait()
}
