package notify

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// Fate is what became of a sensor in a run.
type Fate struct {
	Sensor    fleet.Sensor
	Cause     fleet.Cause // of its failure, if it failed
	Scored    bool        // it has predictions
	Anomalous bool        // one of them is an anomaly, or several are
}

// Anomaly is how anomalous a sensor is in a run.
type Anomaly struct {
	Rows   int64
	Lowest float64   // score; NaN if there is none
	Last   time.Time // of the last anomalous row
}

// Fates knows what became of the sensors of runs.
type Fates interface {
	// Fates gives what became of each sensor; nothing of a run without a commit.
	Fates(ctx context.Context, run ledger.Run) iter.Seq2[Fate, error]
	// Anomalies tells of sensors how anomalous they are, which takes reading
	// predictions; an error also where those are too many to read.
	Anomalies(ctx context.Context, run ledger.Run, of map[fleet.Sensor]Anomaly) error
}

// mostRanked is how many sensors with anomalies are put in order.
const mostRanked = 10_000

// unreadable is all that receivers are told of an error of the store, which may have
// what is secret in it.
const unreadable = "what became of the sensors could not be read; the log of the service says why"

// composer makes the events of one run.
type composer struct {
	run      *ledger.Run
	mutes    *mutes
	examples int
	log      *slog.Logger

	of       int // sensors
	unscored map[fleet.Cause]*UnscoredGroup
	found    AnomaliesData
	sensors  []fleet.Sensor // with anomalies
}

// compose makes the events of a run that is over.
func (s *Service) compose(ctx context.Context, run ledger.Run, all []ledger.Mute) (events []Event, recovered []ledger.Mute, err error) {
	c := &composer{run: &run, mutes: mutesFor(all, &run), examples: s.cfg.Examples, log: s.cfg.Log, unscored: map[fleet.Cause]*UnscoredGroup{}}
	var unknown error
	for f, err := range s.cfg.Fates.Fates(ctx, run) {
		if err != nil {
			unknown = err
			break
		}
		c.add(f)
	}
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	kinds := []func() (Event, bool, error){c.over, func() (Event, bool, error) { return c.notScored(unknown) }, func() (Event, bool, error) {
		return c.anomalies(unknown, func(of map[fleet.Sensor]Anomaly) error { return s.cfg.Fates.Anomalies(ctx, run, of) })
	}}
	for _, kind := range kinds {
		e, ok, err := kind()
		if err != nil {
			return nil, nil, err
		}
		if ok {
			e.job, e.key = run.Job, "job "+run.Job
			events = append(events, e)
		}
	}
	if unknown == nil {
		recovered = c.mutes.recovered(&run)
	} else {
		s.cfg.Log.Warn("what became of the sensors of a run cannot be read, so that it is told of without their names", "run", run.ID, "error", unknown)
	}
	return events, recovered, nil
}

func (c *composer) add(f Fate) {
	c.of++
	lost := f.Cause != "" && !f.Scored
	muted := c.mutes.see(f.Sensor, lost || f.Anomalous, f.Scored && f.Cause == "" && !f.Anomalous)
	switch {
	case lost:
		g := c.unscored[f.Cause]
		if g == nil {
			g = &UnscoredGroup{Cause: f.Cause}
			c.unscored[f.Cause] = g
		}
		if muted {
			g.Muted++
			return
		}
		g.Sensors++
		if len(g.Examples) < c.examples {
			g.Examples = append(g.Examples, f.Sensor)
		}
	case f.Anomalous && muted:
		c.found.Muted++
	case f.Anomalous:
		c.found.Sensors++
		if len(c.sensors) < mostRanked {
			c.sensors = append(c.sensors, f.Sensor)
		}
	}
}

func (c *composer) about() About {
	return About{Run: c.run.ID, Job: c.run.Job, Interval: c.run.Interval, Rev: c.run.Rev}
}

func (c *composer) event(kind Kind, id string, data any) (Event, bool, error) {
	subject := c.run.Job + "/" + c.run.Interval.Key()
	e, err := newEvent(kind, fmt.Sprintf("%s-%d-%s", c.run.ID, c.run.Rev, id), subject, c.run.Finished, data)
	return e, true, err
}

// over tells that the run is over.
func (c *composer) over() (Event, bool, error) {
	r := c.run
	kind := map[ledger.RunState]Kind{ledger.Succeeded: RunFinished, ledger.Failed: RunFailed, ledger.Canceled: RunCanceled}[r.State]
	return c.event(kind, "run-"+string(r.State), RunData{
		About: c.about(), State: string(r.State), Origin: r.Origin, Started: r.Started, Finished: r.Finished,
		Counts: r.Counts, Causes: r.Causes, Error: r.Error, Note: r.Note,
	})
}

// notScored tells of the sensors without a prediction, if there are any; unknown is
// why it is not known which they are.
func (c *composer) notScored(unknown error) (Event, bool, error) {
	data := UnscoredData{About: c.about(), Of: c.of, Causes: []UnscoredGroup{}}
	if unknown != nil {
		data.Of, data.Unknown = c.run.Sensors, unreadable
		c.unscored = map[fleet.Cause]*UnscoredGroup{}
		for _, g := range c.run.Causes {
			c.unscored[g.Cause] = &UnscoredGroup{Cause: g.Cause, Sensors: g.Sensors}
		}
	}
	for _, cause := range append(fleet.Causes(), "unknown") {
		g := c.unscored[cause]
		if g == nil {
			continue
		}
		for _, known := range c.run.Causes {
			if known.Cause == cause {
				g.Example = known.Example
			}
		}
		data.Sensors += g.Sensors
		data.Muted += g.Muted
		data.Causes = append(data.Causes, *g)
	}
	if data.Sensors == 0 {
		return Event{}, false, nil
	}
	return c.event(SensorsUnscored, "not-scored", data)
}

// anomalies tells of the sensors with anomalies, if there are any.
func (c *composer) anomalies(unknown error, look func(map[fleet.Sensor]Anomaly) error) (Event, bool, error) {
	data := c.found
	data.About, data.Of, data.Rows = c.about(), c.of, c.run.Anomalies
	if unknown != nil {
		if c.run.Anomalies == 0 || c.run.Rev == 0 {
			return Event{}, false, nil
		}
		data.Sensors, data.Muted, data.Of, data.Unknown = 0, 0, c.run.Sensors, unreadable
		return c.event(AnomaliesFound, "anomalies", data)
	}
	if data.Sensors == 0 {
		return Event{}, false, nil
	}
	known := make(map[fleet.Sensor]Anomaly, len(c.sensors))
	for _, s := range c.sensors {
		known[s] = Anomaly{}
	}
	if data.Sensors > len(c.sensors) {
		data.Unranked = fmt.Sprintf("of more than %d sensors none is the worst", mostRanked)
	} else if err := look(known); err != nil {
		c.log.Warn("the sensors with anomalies are told of in the order of their names, as how anomalous they are cannot be read", "run", c.run.ID, "error", err)
		data.Unranked = "how anomalous they are could not be read"
	} else {
		slices.SortFunc(c.sensors, func(a, b fleet.Sensor) int { return worse(known[a], known[b], a.Compare(b)) })
	}
	for _, s := range c.sensors[:min(len(c.sensors), c.examples)] {
		top := Anomalous{Sensor: s}
		if a := known[s]; a.Rows > 0 && data.Unranked == "" {
			top.Rows, top.Last = a.Rows, a.Last
			if a.Lowest == a.Lowest {
				top.Lowest = &a.Lowest
			}
		}
		data.Top = append(data.Top, top)
	}
	return c.event(AnomaliesFound, "anomalies", data)
}

// worse orders sensors, the worst first; names decide where nothing else does.
func worse(a, b Anomaly, names int) int {
	return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Lowest, b.Lowest), names)
}
