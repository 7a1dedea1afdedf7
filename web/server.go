package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Bounds of a Server.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	answerTimeout = 150 * time.Second // for finding an answer that is no stream
	writeTimeout  = 3 * time.Minute
	idleTimeout   = 2 * time.Minute
	streamTimeout = 10 * time.Second // for one write of a stream
	maxHeader     = 32 << 10
	maxBody       = 64 << 10
	heartbeat     = 15 * time.Second
	stopTimeout   = 5 * time.Second
)

// Server is the API of a deployment.
type Server struct {
	cfg      Config
	door     door
	guard    guard
	metrics  *metrics
	document []byte
	front    *asset // the page of the dashboard
	handler  http.Handler
	started  time.Time
	pulse    time.Duration // between heartbeats
	ready    readiness
	sessions *sessions

	overviews *memo[int, Overview]
	previews  chan struct{} // has one for each that is under way

	http    *http.Server
	address net.Addr
	ctx     context.Context // ends with the server, and all streams with it
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

// New returns a Server.
func New(cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	host, _, _ := net.SplitHostPort(cfg.Listen)
	s := &Server{cfg: cfg, pulse: heartbeat, previews: make(chan struct{}, previewsAtOnce), started: cfg.Now(), sessions: newSessions(cfg.Now)}
	s.door = door{tokens: cfg.Credentials, open: isLoopback(host) && !cfg.Proxy, proxy: cfg.Proxy, sessions: s.sessions}
	s.guard = newGuard(cfg.Listen, cfg.Hosts, cfg.Leaf)
	s.overviews = newMemo[int, Overview](overviewFresh, cfg.Now, strconv.Itoa)
	s.metrics = newMetrics(s)
	mux := http.NewServeMux()
	var err error
	if s.document, err = s.routes(mux); err != nil {
		return nil, err
	}
	if err := s.pages(mux); err != nil {
		return nil, err
	}
	s.handler = s.outer(mux)
	cfg.Hub.watch(s.metrics.event)
	return s, nil
}

// Start listens.
func (s *Server) Start(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listening for the API on %s: %w", s.cfg.Listen, err)
	}
	s.address = listener.Addr()
	host, _, _ := net.SplitHostPort(s.cfg.Listen)
	if tcp, ok := s.address.(*net.TCPAddr); isLoopback(host) && (!ok || !tcp.IP.IsLoopback()) {
		_ = listener.Close() // it has served nobody
		return fmt.Errorf("listening for the API: %s is %s, which is no loopback address; use 127.0.0.1", s.cfg.Listen, s.address)
	}
	_, port, _ := net.SplitHostPort(s.address.String())
	s.sessions.cookie = "fleetscore-" + port
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.http = &http.Server{
		Handler: s.handler, TLSConfig: s.cfg.TLS, MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
	s.done.Go(func() {
		serve := s.http.Serve
		switch {
		case s.cfg.TLS != nil:
			serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
		case s.front != nil: // else it stands by, and has no page
			serve = func(l net.Listener) error { return s.http.Serve(newPageListener(l, s.front)) }
		}
		if err := serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Log.Error("the API has ended", "error", err)
		}
	})
	return nil
}

// URL is where this machine finds the API, once it has been started.
func (s *Server) URL() string {
	scheme := "http"
	if s.cfg.TLS != nil {
		scheme = "https"
	}
	host, port, _ := net.SplitHostPort(s.address.String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// Stop ends streams at once, and gives other requests a moment to end.
func (s *Server) Stop() {
	if s.http == nil {
		return // it was not started
	}
	s.cancel()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), stopTimeout)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close() // what is left is broken off
	}
	s.done.Wait()
}
