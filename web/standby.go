package web

import (
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// NewStandby returns a Server for a process that waits until it may begin: /healthz says
// that it lives, /readyz that it is not ready, and all else that another is active. Of
// cfg it uses Listen, TLS and Log.
func NewStandby(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	host, _, _ := net.SplitHostPort(cfg.Listen)
	s := &Server{cfg: cfg, started: time.Now(), door: door{open: isLoopback(host)}, sessions: newSessions(time.Now)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeHealth(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		writeHealth(w, http.StatusServiceUnavailable, "standing_by")
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		newProblem(http.StatusServiceUnavailable, CodeUnavailable, "this process stands by: another one is active",
			"ask that one, or try again; /readyz of each says whether it is").after(retryAfter).write(w)
	})
	s.handler = mux
	return s
}

func writeHealth(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(Health{Status: text}) // the client may be gone
}
