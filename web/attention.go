package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// How bad something is.
const (
	Bad     = "bad"
	Warning = "warning"
	Info    = "info"
)

// Attention is something that somebody should look at.
type Attention struct {
	Severity string    `json:"severity" enum:"bad,warning,info"`
	Kind     string    `json:"kind" enum:"run_failed,run_slow,job_paused,failures,silent,stream_trouble,rejected,messages_dead,formula,no_nodes"`
	Subject  string    `json:"subject" doc:"what it is about: a job, a window, a receiver, the pool"`
	Text     string    `json:"text"`
	Since    time.Time `json:"since,omitzero"`
	Job      string    `json:"job,omitempty"`
	Run      string    `json:"run,omitempty"`
}

// What is remarkable.
const (
	mostAttention  = 50
	remarkable     = 0.05 // share of sensors that are silent
	rejectedWithin = 10 * time.Minute
	nodesAwaited   = time.Minute
)

// attention lists what needs somebody, the worst first.
func (s *Server) attention(ctx context.Context, o *Overview, pool *PoolStatus) ([]Attention, error) {
	all := []Attention{}
	for i := range o.Jobs {
		all = append(all, jobAttention(&o.Jobs[i], o.Time)...)
	}
	all = append(all, poolAttention(pool)...)
	all = append(all, s.rejectedAttention(o.Time)...)
	stream, err := s.cfg.Intake.Stream(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking the stream: %w", err)
	}
	for _, w := range stream.Windows {
		if n := len(w.Partitions); n > 0 {
			p := w.Partitions[0]
			all = append(all, Attention{Severity: Bad, Kind: "stream_trouble", Subject: w.Window, Text: fmt.Sprintf("%d partitions of window %s are in trouble; partition %d: %s", n, w.Window, p.Partition, cmp.Or(p.Failed, p.Trouble))})
		}
	}
	receivers, err := s.cfg.Notify.Receivers(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking receivers: %w", err)
	}
	for _, r := range receivers {
		if r.Dead > 0 {
			all = append(all, Attention{Severity: Warning, Kind: "messages_dead", Subject: r.Name, Text: fmt.Sprintf("%d messages to %s were given up: %s", r.Dead, r.Name, r.Error)})
		}
	}
	rank := []string{Bad, Warning, Info}
	slices.SortStableFunc(all, func(a, b Attention) int { return slices.Index(rank, a.Severity) - slices.Index(rank, b.Severity) })
	return all[:min(len(all), mostAttention)], nil
}

func jobAttention(j *JobNow, now time.Time) []Attention {
	if j.Removed {
		return nil
	}
	var all []Attention
	add := func(severity, kind, run string, since time.Time, format string, args ...any) {
		all = append(all, Attention{Severity: severity, Kind: kind, Subject: j.Name, Text: fmt.Sprintf(format, args...), Since: since, Job: j.Name, Run: run})
	}
	if j.Paused {
		add(Info, "job_paused", "", time.Time{}, "job %s is paused: it does not run by its schedule", j.Name)
	}
	if j.Last != nil && j.Last.State == "failed" {
		add(Bad, "run_failed", j.Last.ID, j.Last.Finished, "the last run of %s has failed: %s", j.Name, j.Last.Error)
	}
	if a := j.Active; a != nil && j.length > 0 && now.Sub(a.Created) > j.length {
		add(Warning, "run_slow", a.ID, a.Created, "run %s has been under way for %s, longer than the %s that it scores", a.ID, now.Sub(a.Created).Round(time.Second), j.length)
	}
	r := j.outcome
	if r == nil {
		return all
	}
	if r.Failed > 0 && r.Complete {
		text := fmt.Sprintf("%d of %d sensors failed in %s", r.Failed, r.Sensors, j.Name)
		if len(r.Causes) > 0 {
			most := slices.MaxFunc(r.Causes, func(a, b fleet.Group) int { return cmp.Compare(a.Sensors, b.Sensors) })
			text += fmt.Sprintf("; most: %s (%d)", most.Cause, most.Sensors)
		}
		add(Warning, "failures", r.ID, r.Finished, "%s", text)
	}
	if float64(r.Silent) > remarkable*float64(r.Sensors) {
		add(Warning, "silent", r.ID, r.Finished, "%d of %d sensors were silent in %s", r.Silent, r.Sensors, j.Name)
	}
	return all
}

func poolAttention(p *PoolStatus) []Attention {
	var all []Attention
	if p.Failing != nil { // for a moment in each run, it may be
		all = append(all, Attention{Severity: Bad, Kind: "formula", Subject: "pool", Text: "the formula of the pool fails: " + p.Failing.Error, Since: p.Failing.Since})
	}
	if p.Signals["pending_tasks"] > 0 && p.Signals["nodes"] == 0 && p.Signals["oldest_seconds"] > nodesAwaited.Seconds() {
		all = append(all, Attention{Severity: Bad, Kind: "no_nodes", Subject: "pool", Text: fmt.Sprintf("%g tasks have waited for up to %.0f s, and there is no node", p.Signals["pending_tasks"], p.Signals["oldest_seconds"])})
	}
	return all
}

func (s *Server) rejectedAttention(now time.Time) []Attention {
	sum, since := 0.0, time.Time{}
	for _, p := range s.cfg.Views.Paces(now.Add(-rejectedWithin)) {
		if sum += p.Rejected * paceStep.Seconds(); p.Rejected > 0 && since.IsZero() {
			since = p.Time
		}
	}
	if sum < 1 {
		return nil
	}
	return []Attention{{Severity: Warning, Kind: "rejected", Subject: "ingest", Text: fmt.Sprintf("%.0f readings or messages were not taken in the last %d minutes", sum, rejectedWithin/time.Minute), Since: since}}
}
