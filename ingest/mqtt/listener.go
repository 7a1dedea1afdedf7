package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	connectTimeout = 10 * time.Second // from the connection to its CONNECT
	writeTimeout   = 30 * time.Second // of what a client does not take
	stopTimeout    = 5 * time.Second  // for what is under way when the listener stops
	acceptPause    = 50 * time.Millisecond
)

// Stats is what a Listener has done since it was made.
type Stats struct {
	Open     int    // connections
	Accepted uint64 // connections
	Refused  uint64 // connections: too many, or not allowed
	Broken   uint64 // connections closed because of what their client sent
	Failed   uint64 // connections closed because what they sent was not stored
}

// Listener takes the messages of MQTT clients in.
type Listener struct {
	cfg    Config
	topics template

	listener net.Listener
	ctx      context.Context // ends when the listener stops
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu       sync.Mutex
	conns    map[*conn]struct{}
	clients  map[string]*conn // by client id
	stopping bool

	flights flights
	slots   chan struct{}

	accepted, refused, broken, failed atomic.Uint64
}

// New makes a Listener.
func New(cfg Config) (*Listener, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	l := &Listener{cfg: *cfg.withDefaults(), slots: make(chan struct{}, maxSlots), conns: map[*conn]struct{}{}, clients: map[string]*conn{}}
	var err error
	l.topics, err = parseTemplate(l.cfg.Topic)
	return l, err
}

// Start listens, until Stop is called or the context ends.
func (l *Listener) Start(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", l.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listening for MQTT on %s: %w", l.cfg.Listen, err)
	}
	host, _, _ := net.SplitHostPort(l.cfg.Listen)
	if tcp, ok := listener.Addr().(*net.TCPAddr); isLoopback(host) && (!ok || !tcp.IP.IsLoopback()) {
		_ = listener.Close() // it has served nobody
		return fmt.Errorf("listening for MQTT: %s is %s, which is no loopback address; use 127.0.0.1", l.cfg.Listen, listener.Addr())
	}
	l.listener = listener
	l.ctx, l.cancel = context.WithCancel(ctx)
	l.running.Go(l.accept)
	l.running.Go(func() {
		<-l.ctx.Done()
		l.end()
	})
	return nil
}

// Addr is where it listens, once it has been started.
func (l *Listener) Addr() net.Addr { return l.listener.Addr() }

// Stop ends what Start began. What clients have sent is acknowledged before it
// returns, if it is stored within a few seconds. The service must run until then.
func (l *Listener) Stop() {
	if l.cancel == nil {
		return // it was not started
	}
	l.cancel()
	l.running.Wait()
}

// Stats says what the listener has done.
func (l *Listener) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{len(l.conns), l.accepted.Load(), l.refused.Load(), l.broken.Load(), l.failed.Load()}
}

// end closes the listener, and has connections end.
func (l *Listener) end() {
	_ = l.listener.Close() // which ends accept
	l.mu.Lock()
	l.stopping = true
	for c := range l.conns {
		c.drain()
	}
	l.mu.Unlock()
}

// accept takes connections until the listener is closed.
func (l *Listener) accept() {
	for {
		socket, err := l.listener.Accept()
		switch {
		case err == nil:
			l.serve(socket)
		case errors.Is(err, net.ErrClosed):
			return
		default: // such as too many open files
			l.cfg.Log.Warn("cannot accept an MQTT connection", "error", err)
			select {
			case <-time.After(acceptPause):
			case <-l.ctx.Done():
			}
		}
	}
}

// serve serves a connection, unless there are too many.
func (l *Listener) serve(socket net.Conn) {
	if l.cfg.TLS != nil {
		socket = tls.Server(socket, l.cfg.TLS)
	}
	c := newConn(l, socket)
	l.mu.Lock()
	if l.stopping || len(l.conns) >= l.cfg.Connections {
		l.mu.Unlock()
		l.refused.Add(1)
		_ = socket.Close() // nothing was said yet
		return
	}
	l.conns[c] = struct{}{}
	l.mu.Unlock()
	l.accepted.Add(1)
	l.running.Go(c.write)
	l.running.Go(func() {
		c.read()
		l.mu.Lock()
		delete(l.conns, c)
		if l.clients[c.id] == c {
			delete(l.clients, c.id)
		}
		l.mu.Unlock()
	})
}

// claim makes a connection the one of its client id. One that had it is ended.
func (l *Listener) claim(c *conn) {
	l.mu.Lock()
	before := l.clients[c.id]
	l.clients[c.id] = c
	l.mu.Unlock()
	if before != nil {
		before.end(takenOver)
	}
}
