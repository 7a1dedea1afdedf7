package web

import (
	"context"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Health is whether the service runs, and, if asked for readiness, what answers.
type Health struct {
	Status string            `json:"status" enum:"ok,failing,standing_by"`
	Checks map[string]string `json:"checks,omitempty" doc:"ok or failing, by what was asked"`
}

// Whoever asks may ask as often as they like; what is asked is spared.
const (
	readyFor     = time.Second
	probeTimeout = 3 * time.Second
)

// readiness keeps the last answer.
type readiness struct {
	mu   sync.Mutex
	at   time.Time
	last Health
}

// readyOutput has a status that depends.
type readyOutput struct {
	Status int
	Body   Health
}

func registerReady(s *Server, api huma.API) {
	schemas := api.OpenAPI().Components.Schemas
	op := operation{id: "get-ready", at: "GET /readyz", tag: "service", role: Nobody, summary: "Whether the ledger and the store answer"}.huma(s, schemas)
	huma.Register(api, op, func(ctx context.Context, _ *struct{}) (*readyOutput, error) {
		h := s.probe(ctx)
		out := &readyOutput{Status: http.StatusOK, Body: h}
		if h.Status != "ok" {
			out.Status = http.StatusServiceUnavailable
		}
		return out, nil
	})
	op.Responses["503"] = &huma.Response{Description: "Something does not answer", Content: op.Responses["200"].Content}
}

// probe asks everything that must answer, unless that was just done.
func (s *Server) probe(ctx context.Context) Health {
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	now := time.Now() // of the machine: this is about how often, not about when
	if now.Sub(s.ready.at) < readyFor {
		return s.ready.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTimeout)
	defer cancel()
	h := Health{Status: "ok", Checks: map[string]string{}}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, p := range s.cfg.Probes {
		all.Go(func() {
			answer := "ok"
			if err := p.Check(ctx); err != nil {
				answer = "failing"
				s.cfg.Log.Warn("not ready", "probe", p.Name, "error", err)
			}
			mu.Lock()
			defer mu.Unlock()
			h.Checks[p.Name] = answer
		})
	}
	all.Wait()
	for answer := range maps.Values(h.Checks) {
		if answer != "ok" {
			h.Status = "failing"
		}
	}
	s.ready.at, s.ready.last = now, h
	return h
}
