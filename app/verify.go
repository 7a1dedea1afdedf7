package app

import (
	"context"
	"errors"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/score/predictions"
)

// Verification is what VerifyStore finds.
type Verification = run.Verification

// Problem is one thing that it finds.
type Problem = run.Problem

// VerifyStore reads all that commits name, and says what is not as it must be. It
// needs no service, only the store.
func VerifyStore(ctx context.Context, file *config.File, progress func(key string)) (out *run.Verification, err error) {
	l, err := parseLocation(file.Store)
	if err != nil {
		return nil, err
	}
	s, err := openExisting(ctx, l)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var known jobs
	if err := known.set(file.Jobs); err != nil {
		return nil, err
	}
	v := run.Verifier{Store: s, Rows: rowsOf, Due: known.due, Progress: progress}
	return v.Verify(ctx)
}

func rowsOf(_ context.Context, key string, data []byte, each func(run.Row)) error {
	return predictions.Read(key, data, func(r predictions.Row) error {
		each(run.Row{Sensor: r.Sensor, Time: r.Time, Anomaly: r.Anomaly, Run: r.Run, Rev: r.Rev})
		return nil
	})
}

// due counts the intervals of a job that have a part in [from, to), and those that
// are within it. Not known it is if the job is no more, or they are very many.
func (j *jobs) due(job string, from, to time.Time) (parts, whole int, known bool) {
	plan, err := j.plan(job)
	if err != nil {
		return 0, 0, false
	}
	if plan == nil {
		return 0, 0, true // without a schedule none is due
	}
	fires, err := plan.Intervals(from, to)
	if err != nil {
		return 0, 0, false
	}
	for _, f := range fires {
		if !f.Interval.To.After(to) {
			whole++
		}
	}
	parts = len(fires)
	if i := plan.Covering(from); !i.To.IsZero() && i.From.Before(from) {
		parts++
	}
	return parts, whole, true
}
