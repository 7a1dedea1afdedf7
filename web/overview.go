package web

import (
	"context"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/view/overview"
)

// Tallies are sums over what counts, and what counts.
type Tallies interface {
	Tallies(ctx context.Context, job string, from, to time.Time) ([]ledger.Tally, error)
	// Outcomes lists the runs whose commits count, the last limit of them, in order.
	Outcomes(ctx context.Context, job string, from, to time.Time, limit int) ([]ledger.Run, error)
}

// Overview is whether the fleet is all right.
type Overview struct {
	Time      time.Time         `json:"time"`
	Version   string            `json:"version"`
	Readings  ReadingsNow       `json:"readings"`
	Sensors   *SensorsNow       `json:"sensors,omitempty" doc:"of the job that has the most; none: nothing was committed yet"`
	Jobs      []JobNow          `json:"jobs" nullable:"false"`
	Series    Series            `json:"series" doc:"of all jobs together, by when intervals begin"`
	Failures  []overview.Failed `json:"failures" nullable:"false" doc:"why sensors failed in the time of the series, the most frequent first; a sensor counts once an interval"`
	Nodes     map[string]int    `json:"nodes" doc:"nodes that are there, by state"`
	Pool      PoolNow           `json:"pool"`
	Cost      Spending          `json:"cost" doc:"today's"`
	Attention []Attention       `json:"attention" nullable:"false" doc:"what needs somebody, the worst first; 50 at most"`
}

// ReadingsNow is how readings come in at the moment.
type ReadingsNow struct {
	PerSecond float64 `json:"per_second"`
	Accepted  uint64  `json:"accepted" doc:"since the service was started"`
	Rejected  uint64  `json:"rejected"`
	Waiting   int     `json:"waiting"`
	Lag       float64 `json:"lag_seconds"`
}

// SensorsNow is what became of the sensors of a job in its last interval.
type SensorsNow struct {
	Job      string         `json:"job"`
	Interval fleet.Interval `json:"interval"`
	Total    int            `json:"total"`
	Seen     int            `json:"seen" doc:"with readings"`
	Silent   int            `json:"silent"`
	Scored   int            `json:"scored"`
	Failed   int            `json:"failed"`
	Skipped  int            `json:"skipped"`
}

// JobNow is how a job stands.
type JobNow struct {
	Name    string    `json:"name"`
	Paused  bool      `json:"paused"`
	Removed bool      `json:"removed,omitempty"`
	Next    time.Time `json:"next,omitzero" doc:"when it fires next"`
	Last    *Run      `json:"last,omitempty" doc:"the last run that is over"`
	Active  *Run      `json:"active,omitempty" doc:"the oldest run that is not"`

	length  time.Duration // of the last interval
	outcome *ledger.Run   // that counts for it
}

// PoolNow is how many nodes there should be.
type PoolNow struct {
	Target int    `json:"target"`
	Min    int    `json:"min"`
	Max    int    `json:"max"`
	Reason string `json:"reason"`
	Error  string `json:"error,omitempty"`
}

// Series is sums by steps of time.
type Series struct {
	Step   string           `json:"step" enum:"hour,day" doc:"of UTC"`
	From   time.Time        `json:"from"`
	To     time.Time        `json:"to"`
	Points []overview.Point `json:"points" nullable:"false" doc:"of steps in which an interval begins that was committed"`
}

type overviewInput struct {
	Hours int `query:"hours" minimum:"1" maximum:"2160" default:"72" doc:"how far back the series goes; beyond 168 its steps are days"`
}

type talliesInput struct {
	Job  string `query:"job" maxLength:"63" doc:"only of this job"`
	From string `query:"from" maxLength:"40" doc:"without it: 3 days before to"`
	To   string `query:"to" maxLength:"40" doc:"without it: now"`
	Step string `query:"step" enum:"hour,day" default:"hour"`
}

// Bounds of what an answer sums up.
const (
	mostHours     = 2160
	hoursByHour   = 168
	overviewFresh = time.Second // so that many viewers cost as much as one
)

func (s *Server) overviewOperations(api huma.API) {
	register(s, api, operation{id: "get-overview", at: "GET " + base + "/overview", tag: "overview", role: Viewer, summary: "Whether the fleet is all right, at a glance",
		about: "It costs the same however many sensors and runs there are: what runs came to is summed up as they end."},
		func(ctx context.Context, in *overviewInput) (Overview, error) {
			return s.overviews.get(ctx, in.Hours, func(ctx context.Context) (Overview, error) { return s.overview(ctx, in.Hours) })
		})
	register(s, api, operation{id: "list-tallies", at: "GET " + base + "/tallies", tag: "overview", role: Viewer, summary: "What runs came to, by job and by steps of time"}, s.listTallies)
}

func (s *Server) listTallies(ctx context.Context, in *talliesInput) (Series, error) {
	from, to, err := span(in.From, in.To)
	if err != nil {
		return Series{}, err
	}
	if to.IsZero() {
		to = s.cfg.Now().UTC()
	}
	if from.IsZero() {
		from = to.Add(-3 * overview.Day)
	}
	length := stepOf(in.Step)
	if !from.Before(to) || to.Sub(from) > mostHours*length {
		return Series{}, invalid("query.from", fmt.Errorf("from %s to %s is not a stretch of at most %d steps", from.Format(time.RFC3339), to.Format(time.RFC3339), mostHours))
	}
	all, err := s.cfg.Ledger.Tallies(ctx, in.Job, from.Truncate(length), to)
	if err != nil {
		return Series{}, err
	}
	return Series{Step: in.Step, From: from.Truncate(length), To: to, Points: overview.ByJob(all, length)}, nil
}

func stepOf(name string) time.Duration {
	if name == "day" {
		return overview.Day
	}
	return overview.Hour
}

func (s *Server) overview(ctx context.Context, hours int) (Overview, error) {
	now := s.cfg.Now().UTC()
	pulse := s.cfg.Views.Pulse()
	o := Overview{
		Time: now, Version: s.cfg.Version, Nodes: map[string]int{}, Attention: []Attention{},
		Readings: ReadingsNow{PerSecond: pulse.PerSecond, Accepted: pulse.Accepted, Rejected: pulse.Rejected, Waiting: pulse.Waiting, Lag: pulse.Lag},
	}
	o.Series = Series{Step: "hour", To: now}
	if hours > hoursByHour {
		o.Series.Step = "day"
	}
	length := stepOf(o.Series.Step)
	o.Series.From = now.Add(-time.Duration(hours) * time.Hour).Truncate(length)
	tallies, err := s.cfg.Ledger.Tallies(ctx, "", o.Series.From, now)
	if err != nil {
		return o, err
	}
	o.Series.Points, o.Failures = overview.Series(tallies, length), overview.Causes(tallies)
	if o.Jobs, err = s.jobsNow(ctx); err != nil {
		return o, err
	}
	o.Sensors = sensorsNow(o.Jobs)
	nodes, err := s.cfg.Ledger.Nodes(ctx, now)
	if err != nil {
		return o, fmt.Errorf("listing nodes: %w", err)
	}
	for _, n := range alive(nodes) {
		o.Nodes[string(n.State)]++
	}
	pool, err := s.cfg.Pool.Pool(ctx)
	if err != nil {
		return o, err
	}
	o.Pool = PoolNow{Target: pool.Decision.Target, Min: pool.Min, Max: pool.Max, Reason: pool.Decision.Reason, Error: pool.Decision.Error}
	if o.Cost, err = s.cfg.Views.Spent(ctx, now.Truncate(overview.Day), now); err != nil {
		return o, err
	}
	o.Attention, err = s.attention(ctx, &o, &pool)
	return o, err
}

// jobsNow is how each job stands.
func (s *Server) jobsNow(ctx context.Context) ([]JobNow, error) {
	all, err := s.cfg.Ledger.Jobs(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing jobs: %w", err)
	}
	active, err := s.cfg.Ledger.ActiveRuns(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing runs: %w", err)
	}
	oldest := map[string]*Run{}
	for i := range active {
		if oldest[active[i].Job] == nil {
			v := viewRun(active[i])
			oldest[active[i].Job] = &v
		}
	}
	jobs := make([]JobNow, 0, len(all))
	for _, j := range all {
		now := JobNow{Name: j.Name, Paused: j.Paused, Removed: j.Removed, Active: oldest[j.Name]}
		if !j.Paused && !j.Removed {
			for _, f := range s.cfg.Control.Next(j.Name, 1) {
				now.Next = f.At
			}
		}
		last, err := s.cfg.Ledger.Runs(ctx, ledger.RunFilter{Job: j.Name, States: []ledger.RunState{ledger.Succeeded, ledger.Failed, ledger.Canceled}, Limit: 1})
		if err != nil {
			return nil, fmt.Errorf("listing runs: %w", err)
		}
		if len(last) > 0 {
			v := viewRun(last[0])
			now.Last, now.length = &v, v.Interval.Length()
		}
		outcomes, err := s.cfg.Ledger.Outcomes(ctx, j.Name, time.Time{}, time.Time{}, 1)
		if err != nil {
			return nil, err
		}
		if len(outcomes) > 0 {
			now.outcome = &outcomes[0]
		}
		jobs = append(jobs, now)
	}
	return jobs, nil
}

// sensorsNow is of the job that has the most sensors.
func sensorsNow(jobs []JobNow) *SensorsNow {
	var most *ledger.Run
	for i := range jobs {
		if r := jobs[i].outcome; r != nil && !jobs[i].Removed && (most == nil || r.Sensors > most.Sensors) {
			most = r
		}
	}
	if most == nil {
		return nil
	}
	return &SensorsNow{
		Job: most.Job, Interval: most.Interval, Total: most.Sensors, Seen: most.Sensors - most.Silent, Silent: most.Silent,
		Scored: most.Scored, Failed: most.Failed, Skipped: most.Skipped,
	}
}
