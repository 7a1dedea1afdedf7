package demo

import (
	"context"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/simulate"
	"github.com/fleetscore/fleetscore/web"
	"github.com/fleetscore/fleetscore/web/client"
)

// watch asks the service how it does, as anyone could.
type watch struct {
	client  *client.Client
	tally   *simulate.Tally
	judge   *judge
	start   time.Time
	sensors int

	before  Windows // of an earlier demo in the same folder
	windows Windows
	nodes   map[string]fleet.Node
	runs    map[string]web.Run
	revs    map[string]int // by interval, of commits that are judged
}

// lookBack is how long after its interval a run is still noticed.
const lookBack = 5 * time.Minute

// look asks for all that has changed.
func (w *watch) look(ctx context.Context, now time.Time) error {
	for _, ask := range []func(context.Context, time.Time) error{w.lookAtStream, w.lookAtNodes, w.lookAtRuns, w.lookAtCommits} {
		if err := ask(ctx, now); err != nil {
			return err
		}
	}
	return nil
}

// since is when what may have changed begins.
func (w *watch) since(now time.Time) time.Time {
	if back := now.Add(-lookBack); back.After(w.start) {
		return back
	}
	return w.start.Truncate(window)
}

func (w *watch) lookAtStream(ctx context.Context, _ time.Time) error {
	s, err := w.client.Stream(ctx)
	if err != nil {
		return err
	}
	w.windows = windowsOf(s)
	return nil
}

func windowsOf(s *web.StreamStatus) (all Windows) {
	for _, v := range s.Windows {
		all.Closed += v.Emitted
		all.Revised += v.Revisions
		all.Duplicates += v.Readings["duplicate"]
		all.Late += v.Readings["late"]
	}
	return all
}

func (w *watch) lookAtNodes(ctx context.Context, now time.Time) error {
	list, err := w.client.Nodes(ctx, w.since(now))
	if err != nil {
		return err
	}
	if w.nodes == nil {
		w.nodes = map[string]fleet.Node{}
	}
	for _, n := range list.Nodes {
		if !n.Started.Before(w.start) {
			w.nodes[n.ID] = n
		}
	}
	return nil
}

func (w *watch) lookAtRuns(ctx context.Context, now time.Time) error {
	list, err := w.client.Runs(ctx, client.RunQuery{Job: Job, From: w.since(now), Limit: 1000})
	if err != nil {
		return err
	}
	if w.runs == nil {
		w.runs = map[string]web.Run{}
	}
	for _, r := range list.Runs {
		if r.State.Final() {
			w.runs[r.ID] = r
		}
	}
	return nil
}

// lookAtCommits has the judge know what counts.
func (w *watch) lookAtCommits(ctx context.Context, now time.Time) error {
	list, err := w.client.Commits(ctx, Job, client.CommitQuery{From: w.since(now), Limit: 1000})
	if err != nil {
		return err
	}
	if w.revs == nil {
		w.revs = map[string]int{}
	}
	for _, c := range list.Commits {
		key := c.Interval.String()
		if w.revs[key] == c.Rev {
			continue
		}
		sensors, err := w.client.Sensors(ctx, Job, client.SensorQuery{Interval: key, Fate: []string{web.FateAnomalous}, Limit: w.sensors})
		if err != nil {
			return err
		}
		var anomalous []fleet.Sensor
		for _, s := range sensors.Sensors {
			anomalous = append(anomalous, s.Sensor)
		}
		w.judge.score(c.Interval, c.Time, anomalous)
		w.revs[key] = c.Rev
	}
	return nil
}

// state is what was seen by the last look.
func (w *watch) state(now time.Time) *State {
	s := &State{
		Seconds: now.Sub(w.start).Seconds(), Sensors: w.sensors, Readings: w.tally.Counts(),
		Windows: w.windows.since(w.before), Anomalies: w.judge.verdict(), News: w.judge.news(),
	}
	for _, n := range w.nodes {
		s.Nodes.Started++
		switch {
		case n.State == fleet.NodeEnded || n.State == fleet.NodeFailed:
			s.Nodes.Ended++
		default:
			s.Nodes.Now++
		}
	}
	for _, r := range w.runs {
		switch {
		case r.State == ledger.Succeeded:
			s.Runs.Succeeded++
		case r.State == ledger.Failed:
			s.Runs.Failed++
		}
		if s.Last == nil || r.Interval.From.After(s.Last.Interval.From) {
			s.Last = &r
		}
	}
	return s
}
