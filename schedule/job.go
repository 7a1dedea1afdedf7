package schedule

import (
	"bytes"
	"context"
	"time"

	"github.com/fleetscore/fleetscore/ledger"
)

// job is what a Scheduler remembers of one, so that it need not think at every step.
// Nothing of it must outlive the process.
type job struct {
	plan  *Plan
	spec  []byte // that the plan is of
	known bool   // the plan has been asked for

	cursor time.Time
	next   time.Time // when the first fire after the cursor comes

	behind  bool // the clock is, and that has been said
	trouble backoff
}

// visit fires a job if that is due, and says how long it is not. One job's trouble
// is its own.
func (s *Scheduler) visit(ctx context.Context, j *job, l ledger.Job, now time.Time) time.Duration {
	if wait := j.trouble.left(now); wait > 0 {
		return wait
	}
	if err := s.fire(ctx, j, l, now); err != nil {
		wait := j.trouble.failed(now)
		if ctx.Err() == nil {
			s.cfg.Log.Warn("cannot fire a job", "job", l.Name, "error", err, "again_in", wait)
		}
		return wait
	}
	j.trouble = backoff{}
	if j.plan == nil || l.Paused {
		return maxSleep
	}
	return j.next.Sub(now)
}

func (s *Scheduler) fire(ctx context.Context, j *job, l ledger.Job, now time.Time) error {
	if !j.known || !bytes.Equal(j.spec, l.Spec) {
		plan, err := s.cfg.Plan(l)
		if err != nil {
			j.plan, j.known = nil, false
			return err
		}
		*j = job{plan: plan, spec: bytes.Clone(l.Spec), known: true, behind: j.behind, trouble: j.trouble}
	}
	if j.plan == nil || l.Paused {
		return nil
	}
	if j.next.IsZero() || !j.cursor.Equal(l.Cursor) {
		j.passed(l.Cursor, now)
	}
	s.compare(j, l, now)
	if j.next.After(now) {
		return nil
	}

	fires, cursor, skipped := j.plan.Due(l.Cursor, now)
	runs := make([]ledger.Run, len(fires))
	for i, f := range fires {
		runs[i] = ledger.Run{
			ID: s.cfg.NewID(), Job: l.Name, Interval: f.Interval, Origin: ledger.Scheduled, State: ledger.Queued, Priority: l.Priority, Created: now,
		}
	}
	created, err := s.cfg.Ledger.Fire(ctx, l.Name, cursor, runs)
	if err != nil {
		return err
	}
	j.passed(cursor, now)
	if skipped > 0 {
		s.cfg.Log.Warn("intervals were missed and are passed over", "job", l.Name, "intervals", skipped, "until", cursor, "catch_up", j.plan.catchUp)
	}
	if len(created) > 0 {
		s.cfg.Fired(created)
	}
	return nil
}

// passed notes where the cursor is. A job that has none needs one now.
func (j *job) passed(cursor, now time.Time) {
	j.cursor, j.next = cursor, now
	if !cursor.IsZero() {
		j.next = j.plan.table.next(cursor).Add(j.plan.delay)
	}
}

// compare says once if the clock is behind what was fired: it was ahead then, or has
// been set back. Nothing is fired until it has caught up.
func (s *Scheduler) compare(j *job, l ledger.Job, now time.Time) {
	behind := l.Cursor.Sub(now) > prompt
	if behind && !j.behind {
		s.cfg.Log.Warn("the clock is behind the last interval that was fired, and none is fired until it has caught up", "job", l.Name, "interval_end", l.Cursor, "clock", now)
	}
	j.behind = behind
}
