package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
)

// Status is how a deployment does.
type Status struct {
	Version string         `json:"version"`
	Started time.Time      `json:"started"`
	Uptime  float64        `json:"uptime_seconds"`
	Store   string         `json:"store" doc:"where the data is"`
	Jobs    int            `json:"jobs"`
	Paused  int            `json:"paused" doc:"jobs that are"`
	Runs    map[string]int `json:"runs" doc:"runs that are not over, by state"`
	Nodes   map[string]int `json:"nodes" doc:"nodes that are there, by state"`
}

// NodeList is the nodes that are there, and those that have ended lately.
type NodeList struct {
	Nodes []fleet.Node `json:"nodes" nullable:"false"`
}

// Entry is one change in the audit trail.
type Entry struct {
	ID      int64     `json:"id"`
	Time    time.Time `json:"time"`
	Who     string    `json:"who" doc:"the name of the token; SIGHUP: a signal had the settings read again"`
	From    string    `json:"from,omitempty" doc:"the address of who sent it"`
	Action  string    `json:"action" doc:"such as run.cancel"`
	Subject string    `json:"subject" doc:"the job or run"`
	Detail  string    `json:"detail,omitempty"`
}

// Trail is some of the audit trail, the newest first.
type Trail struct {
	Entries []Entry `json:"entries" nullable:"false"`
	Next    int64   `json:"next,omitempty" doc:"there may be more: ask with before set to it"`
}

type listNodesInput struct {
	Since string `query:"since" maxLength:"40" doc:"also those that have ended since then; without it: in the last hour"`
}

type listAuditInput struct {
	Before int64 `query:"before" minimum:"0" doc:"the next of an answer"`
	Limit  int   `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) serviceOperations(api huma.API) {
	register(s, api, operation{id: "list-nodes", at: "GET " + base + "/nodes", tag: "service", role: Viewer, summary: "The nodes that are there, and those that have ended lately"}, s.listNodes)
	register(s, api, operation{id: "get-status", at: "GET " + base + "/status", tag: "service", role: Viewer, summary: "How the service does"},
		func(ctx context.Context, _ *struct{}) (Status, error) { return s.status(ctx) })
	register(s, api, operation{id: "list-audit", at: "GET " + base + "/audit", tag: "service", role: Admin, summary: "Who changed what, the newest first"}, s.listAudit)
	register(s, api, operation{id: "apply-config", at: "POST " + base + "/config/apply", tag: "service", role: Admin, summary: "Read the settings again, and do as they say"},
		func(ctx context.Context, _ *struct{}) (ApplyReport, error) { return s.apply(ctx) })
	register(s, api, operation{id: "get-health", at: "GET /healthz", tag: "service", role: Nobody, summary: "Whether the service runs"},
		func(context.Context, *struct{}) (Health, error) { return Health{Status: "ok"}, nil })
	registerReady(s, api)
	registerStream(s, api, operation{id: "get-metrics", at: "GET /metrics", tag: "service", role: Viewer, summary: "Metrics, for Prometheus"}, metricsType, "Metrics",
		func(context.Context, *struct{}) (func(http.ResponseWriter, *http.Request), error) {
			return s.metrics.serve, nil
		})
}

func (s *Server) listNodes(ctx context.Context, in *listNodesInput) (NodeList, error) {
	since := s.cfg.Now().Add(-time.Hour)
	if in.Since != "" {
		var err error
		if since, err = ParseTime(in.Since); err != nil {
			return NodeList{}, invalid("query.since", err)
		}
	}
	nodes, err := s.cfg.Ledger.Nodes(ctx, since)
	if err != nil {
		return NodeList{}, fmt.Errorf("listing nodes: %w", err)
	}
	return NodeList{Nodes: append([]fleet.Node{}, nodes...)}, nil
}

// alive are the nodes that have not ended.
func alive(nodes []fleet.Node) []fleet.Node {
	return slices.DeleteFunc(append([]fleet.Node{}, nodes...), func(n fleet.Node) bool {
		return n.State == fleet.NodeEnded || n.State == fleet.NodeFailed
	})
}

func (s *Server) status(ctx context.Context) (Status, error) {
	now := s.cfg.Now()
	st := Status{Version: s.cfg.Version, Started: s.started.UTC(), Uptime: now.Sub(s.started).Seconds(), Store: s.cfg.Store, Runs: map[string]int{}, Nodes: map[string]int{}}
	jobs, err := s.cfg.Ledger.Jobs(ctx)
	if err != nil {
		return st, fmt.Errorf("listing jobs: %w", err)
	}
	st.Jobs = len(jobs)
	for _, j := range jobs {
		if j.Paused {
			st.Paused++
		}
	}
	runs, err := s.cfg.Ledger.ActiveRuns(ctx)
	if err != nil {
		return st, fmt.Errorf("listing runs: %w", err)
	}
	for _, r := range runs {
		st.Runs[string(r.State)]++
	}
	nodes, err := s.cfg.Ledger.Nodes(ctx, now)
	if err != nil {
		return st, fmt.Errorf("listing nodes: %w", err)
	}
	for _, n := range alive(nodes) {
		st.Nodes[string(n.State)]++
	}
	return st, nil
}

func (s *Server) listAudit(ctx context.Context, in *listAuditInput) (Trail, error) {
	entries, err := s.cfg.Ledger.Trail(ctx, in.Before, in.Limit)
	if err != nil {
		return Trail{}, fmt.Errorf("reading the audit trail: %w", err)
	}
	t := Trail{Entries: make([]Entry, 0, len(entries))}
	for _, e := range entries {
		t.Entries = append(t.Entries, Entry(e))
	}
	if len(entries) == in.Limit {
		t.Next = entries[len(entries)-1].ID
	}
	return t, nil
}

func (s *Server) apply(ctx context.Context) (ApplyReport, error) {
	report, err := s.cfg.Control.Apply(ctx)
	if !isRequest(err) {
		s.note(ctx, "config.apply", "", report.Detail()+broken(err))
	}
	if err != nil {
		return ApplyReport{}, fmt.Errorf("applying the settings: %w", err)
	}
	return report, nil
}
