package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/chunklog"
	"github.com/fleetscore/fleetscore/store/tile"
	"github.com/fleetscore/fleetscore/web"
)

// data is what the store holds, as the API shows it.
type data struct{ *App }

var _ web.Data = data{}

// Commits implements web.Commits.
func (d data) Commits(ctx context.Context, job string, from, to time.Time) iter.Seq2[*fleet.Commit, error] {
	return func(yield func(*fleet.Commit, error) bool) {
		var keys []string // revisions of an interval follow each other; the last counts
		var before fleet.Interval
		for info, err := range d.store.List(ctx, fleet.CommitPrefix(job)) {
			if errors.Is(err, store.ErrNotFound) {
				break
			}
			if err != nil {
				yield(nil, fmt.Errorf("listing commits: %w", err))
				return
			}
			_, interval, _, err := fleet.ParseCommitKey(info.Key)
			if err != nil || interval.From.Before(from) || !to.IsZero() && !interval.From.Before(to) {
				continue
			}
			if interval == before {
				keys = keys[:len(keys)-1]
			}
			keys, before = append(keys, info.Key), interval
		}
		for _, key := range keys {
			c, err := run.ReadCommit(ctx, d.store, key)
			if err != nil {
				err = fmt.Errorf("reading a commit: %w", asWeb(err))
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// Fates implements web.Fates.
func (d data) Fates(ctx context.Context, c *fleet.Commit) iter.Seq2[web.SensorFate, error] {
	return func(yield func(web.SensorFate, error) bool) {
		t, err := d.tileOf(ctx, c)
		if err != nil {
			yield(web.SensorFate{}, asWeb(err))
			return
		}
		for e := range t.All() {
			if !yield(fateOf(e), nil) {
				return
			}
		}
	}
}

func fateOf(e tile.Entry) web.SensorFate {
	f := web.SensorFate{Sensor: e.Sensor, Fate: web.FateUnknown}
	cause, failed := e.Fate.Cause()
	switch {
	case failed:
		f.Cause, f.Fate = cause, web.FateFailed
		if e.Fate.HasPredictions() {
			f.Fate = web.FateScored
		}
	case e.Fate == tile.Normal:
		f.Fate = web.FateScored
	case e.Fate == tile.Anomalous:
		f.Fate = web.FateAnomalous
	case e.Fate == tile.Silent:
		f.Fate = web.FateSilent
	case e.Fate == tile.Skipped:
		f.Fate = web.FateSkipped
	}
	return f
}

// Failures implements web.Fates.
func (d data) Failures(ctx context.Context, r ledger.Run) iter.Seq2[fleet.SensorFailure, error] {
	return func(yield func(fleet.SensorFailure, error) bool) {
		tasks, lost, err := d.results(ctx, r)
		if err != nil {
			yield(fleet.SensorFailure{}, err)
			return
		}
		for _, t := range tasks {
			result, _, err := run.ReadResult(ctx, d.store, t)
			if err != nil {
				yield(fleet.SensorFailure{}, fmt.Errorf("reading a result: %w", asWeb(err)))
				return
			}
			for _, f := range result.Failures {
				if !yield(f, nil) {
					return
				}
			}
		}
		for _, f := range lost {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// results lists the attempts of a run that have a result: those that count, once
// it is committed; and the sensors of tasks that have none.
func (d data) results(ctx context.Context, r ledger.Run) (tasks []fleet.Task, lost []fleet.SensorFailure, err error) {
	if r.Rev > 0 && r.State.Final() {
		c, err := run.ReadCommit(ctx, d.store, fleet.CommitKey(r.Job, r.Interval, r.Rev))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, nil, fmt.Errorf("reading the commit: %w", asWeb(err))
		}
		if err == nil && c.Run == r.ID {
			return d.committed(ctx, c)
		}
	}
	attempts, err := d.ledger.Attempts(ctx, ledger.AttemptFilter{Run: r.ID, States: []fleet.TaskState{fleet.TaskDone}})
	if err != nil {
		return nil, nil, err
	}
	for _, a := range attempts {
		tasks = append(tasks, a.Task)
	}
	return tasks, nil, nil
}

func (d data) committed(ctx context.Context, c *fleet.Commit) (tasks []fleet.Task, lost []fleet.SensorFailure, err error) {
	var parts []fleet.CommitTask
	for _, t := range c.Tasks {
		switch {
		case t.Lost != "":
			parts = append(parts, t)
		case t.Failed > 0 || len(t.Causes) > 0:
			tasks = append(tasks, t.Task)
		}
	}
	if len(parts) == 0 {
		return tasks, nil, nil
	}
	all, err := run.ReadTile(ctx, d.store, c)
	if err != nil {
		return nil, nil, asWeb(err)
	}
	for e := range all.All() {
		for i := range parts {
			if parts[i].Part.Covers(e.Sensor, d.settings().Partitions) {
				example := ""
				if len(parts[i].Causes) > 0 {
					example = parts[i].Causes[0].Example
				}
				lost = append(lost, fleet.SensorFailure{Sensor: e.Sensor, Failure: fleet.Failure{Cause: parts[i].Lost, Example: example}})
			}
		}
	}
	return tasks, lost, nil
}

// Log implements web.Logs.
func (d data) Log(ctx context.Context, r ledger.Run, t fleet.Task, offset int64) (io.ReadCloser, error) {
	flat := false
	if job, ok := d.jobs.run(r.Job); ok {
		flat = job.Recipe.FlatLogs
	}
	for _, layout := range []bool{flat, !flat} { // the job may have had another when it ran
		log, err := chunklog.Open(ctx, d.store, fleet.LogPrefix(r.Job, t, layout), offset)
		if !errors.Is(err, store.ErrNotFound) {
			return log, err
		}
	}
	return nil, fmt.Errorf("%w: attempt %s has logged nothing yet", web.ErrNotFound, t)
}

// Predictions implements web.Fates.
func (d data) Predictions(ctx context.Context, c *fleet.Commit, s fleet.Sensor) iter.Seq2[web.Prediction, error] {
	return func(yield func(web.Prediction, error) bool) {
		var rows []web.Prediction
		for _, t := range c.Tasks {
			if !t.Part.Covers(s, d.settings().Partitions) {
				continue
			}
			for _, f := range t.Files {
				content, err := run.ReadOutput(ctx, d.store, c, f)
				if err == nil {
					rows, err = appendRows(rows, f.Key, content, s)
				}
				if err != nil {
					yield(web.Prediction{}, fmt.Errorf("reading predictions: %w", asWeb(err)))
					return
				}
			}
		}
		slices.SortStableFunc(rows, func(a, b web.Prediction) int { return a.Time.Compare(b.Time) })
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func appendRows(rows []web.Prediction, key string, content []byte, s fleet.Sensor) ([]web.Prediction, error) {
	err := predictions.Read(key, content, func(r predictions.Row) error {
		if r.Sensor == s {
			rows = append(rows, predictionOf(&r))
		}
		return nil
	})
	return rows, err
}
