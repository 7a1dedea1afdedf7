package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

//go:embed page
var pageFiles embed.FS

// page is what the page shows.
type page struct {
	Status Status
	Jobs   []pageJob
	Runs   []Run
	Nodes  []fleet.Node
	API    string
	Now    time.Time
}

// pageJob is a job in a line.
type pageJob struct {
	Job
	Schedule string
	Last     *Run
}

// runsOnPage is how many runs the page shows.
const runsOnPage = 15

// pages registers what is for people.
func (s *Server) pages(mux *http.ServeMux) error {
	index, err := template.New("index.html").Funcs(template.FuncMap{"clock": clock, "uptime": uptime, "took": took}).ParseFS(pageFiles, "page/index.html")
	if err != nil {
		return fmt.Errorf("reading the page: %w", err)
	}
	mux.HandleFunc("GET /{$}", s.door.admittedPage(func(w http.ResponseWriter, r *http.Request) { s.servePage(w, r, index) }))
	for name, kind := range map[string]string{"style.css": "text/css; charset=utf-8", "live.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		data, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			return fmt.Errorf("reading the page: %w", err)
		}
		mux.HandleFunc("GET /static/"+name, serveBytes(kind, data))
	}
	s.profiling(mux)
	mux.HandleFunc("GET /openapi.json", serveBytes("application/openapi+json", s.document))
	return nil
}

func serveBytes(kind string, data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(data) // the client may be gone
	}
}

func (s *Server) servePage(w http.ResponseWriter, r *http.Request, index *template.Template) {
	p, err := s.page(r)
	var out bytes.Buffer
	if err == nil {
		err = index.Execute(&out, p)
	}
	if err != nil {
		s.problem(r.Context(), "page", err).write(w)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(out.Bytes()) // the client may be gone
}

// page gathers what the page shows.
func (s *Server) page(r *http.Request) (p page, err error) {
	ctx := r.Context()
	p.Now = s.cfg.Now()
	p.API = "http://" + r.Host + base
	if s.cfg.TLS != nil || s.cfg.Proxy {
		p.API = "https://" + r.Host + base
	}
	if p.Status, err = s.status(ctx); err != nil {
		return p, err
	}
	jobs, err := s.listJobs(ctx)
	if err != nil {
		return p, err
	}
	for _, j := range jobs.Jobs {
		line := pageJob{Job: j}
		var definition struct {
			Schedule string `json:"schedule"`
		}
		if json.Unmarshal(j.Definition, &definition) == nil {
			line.Schedule = definition.Schedule
		}
		if len(j.Runs) > 0 {
			line.Last = &j.Runs[0]
		}
		p.Jobs = append(p.Jobs, line)
	}
	runs, err := s.cfg.Ledger.Runs(ctx, ledger.RunFilter{Limit: runsOnPage})
	if err != nil {
		return p, fmt.Errorf("listing runs: %w", err)
	}
	p.Runs = viewRuns(runs)
	nodes, err := s.cfg.Ledger.Nodes(ctx, p.Now)
	if err != nil {
		return p, fmt.Errorf("listing nodes: %w", err)
	}
	p.Nodes = alive(nodes)
	return p, nil
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

func uptime(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	if days := int(d / (24 * time.Hour)); days > 0 {
		return fmt.Sprintf("%d d %d h", days, int(d.Hours())%24)
	}
	return d.String()
}

func took(r Run) string {
	if r.Started.IsZero() || r.Finished.IsZero() {
		return "–"
	}
	d := r.Finished.Sub(r.Started)
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
