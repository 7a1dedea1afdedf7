package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// Tally sums up what counts for the intervals of a job that begin in an hour: of each,
// the commit of the highest revision. It is kept as runs end, so that nobody need read
// many runs to know how a fleet has done.
type Tally struct {
	Job        string
	Hour       time.Time // begins, UTC
	Intervals  int
	Incomplete int // in which more sensors failed than the job allows
	fleet.Counts
	Causes []fleet.Group // without examples
	Usage  fleet.Usage   // of the store
}

const tallyColumns = "job, hour, intervals, incomplete, counts, causes, usage"

func scanTally(t *Tally) []any {
	return []any{&t.Job, timeColumn{&t.Hour}, &t.Intervals, &t.Incomplete, jsonColumn{&t.Counts}, jsonColumn{&t.Causes}, jsonColumn{&t.Usage}}
}

// Tallies lists the hours in [from, to) that have any, by hour and job; of all jobs if
// job is empty. Zero is no bound.
func (l *Ledger) Tallies(ctx context.Context, job string, from, to time.Time) ([]Tally, error) {
	var w where
	if job != "" {
		w.and("job = ?", job)
	}
	if !from.IsZero() {
		w.and("hour >= ?", from.UnixMicro())
	}
	if !to.IsZero() {
		w.and("hour < ?", to.UnixMicro())
	}
	all, err := rows(ctx, l.read(), scanTally, "SELECT "+tallyColumns+" FROM tallies"+w.text()+" ORDER BY hour, job", w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading tallies: %w", l.explain(err))
	}
	return all, nil
}

// isLast has of an interval's committed runs the one of the highest revision.
const isLast = "committed AND rev = (SELECT MAX(o.rev) FROM runs o WHERE o.job = runs.job AND o.interval_from = runs.interval_from AND o.interval_to = runs.interval_to AND o.committed)"

// Outcomes lists the runs whose commits count for a job's intervals that begin in [from,
// to), the last limit of them, in order. Zero is no bound; limit must be given.
func (l *Ledger) Outcomes(ctx context.Context, job string, from, to time.Time, limit int) ([]Run, error) {
	var w where
	w.and("job = ?", job)
	if !from.IsZero() {
		w.and("interval_from >= ?", from.UnixMicro())
	}
	if !to.IsZero() {
		w.and("interval_from < ?", to.UnixMicro())
	}
	w.and(isLast)
	runs, err := rows(ctx, l.read(), scanRun, "SELECT * FROM (SELECT "+runColumns+" FROM runs"+w.text()+
		" ORDER BY interval_from DESC, interval_to DESC, id"+w.limit(limit)+") AS latest ORDER BY interval_from, interval_to, id", w.args...)
	if err != nil {
		return nil, fmt.Errorf("reading what counts for job %.80q: %w", job, l.explain(err))
	}
	return runs, nil
}

// hourOf is an hour of a job.
type hourOf struct {
	job  string
	hour int64 // microseconds since 1970
}

const perHour = int64(time.Hour / time.Microsecond)

// hour is when the hour begins in which t is.
func hour(t time.Time) int64 {
	at := t.UnixMicro()
	return at - ((at%perHour)+perHour)%perHour
}

// tallyRun sums up the hour of a run, if it was committed.
func tallyRun(ctx context.Context, tx session, id string) error {
	var r Run
	if err := tx.row(ctx, scanRun(&r), "SELECT "+runColumns+" FROM runs WHERE id = ?", id); err != nil || !r.Committed {
		return err
	}
	return tally(ctx, tx, hourOf{r.Job, hour(r.Interval.From)})
}

// tally sums up an hour anew: it has few intervals, and a sum that is only added to
// would go wrong with every revision.
func tally(ctx context.Context, tx session, at hourOf) error {
	runs, err := rows(ctx, tx, scanRun, "SELECT "+runColumns+" FROM runs WHERE job = ? AND interval_from >= ? AND interval_from < ? AND "+
		isLast+" ORDER BY interval_from, interval_to, id", at.job, at.hour, at.hour+perHour)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		_, err := tx.exec(ctx, "DELETE FROM tallies WHERE job = ? AND hour = ?", at.job, at.hour)
		return err
	}
	var t Tally
	for i := range runs {
		r := &runs[i]
		if i > 0 && r.Interval == runs[i-1].Interval {
			continue // one has taken over the other's commit
		}
		t.Intervals++
		if !r.Complete {
			t.Incomplete++
		}
		t.Add(r.Counts)
		t.Causes = fleet.AddGroups(t.Causes, r.Causes)
		t.Usage.Add(r.Usage)
	}
	for i := range t.Causes {
		t.Causes[i].Example = ""
	}
	counts, err1 := encoded(t.Counts)
	usage, err2 := encoded(t.Usage)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	var causes any
	if len(t.Causes) > 0 {
		text, err := json.Marshal(t.Causes)
		if err != nil {
			return err
		}
		causes = string(text)
	}
	_, err = tx.exec(ctx, "INSERT INTO tallies ("+tallyColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job, hour) DO UPDATE SET
		intervals = excluded.intervals, incomplete = excluded.incomplete, counts = excluded.counts, causes = excluded.causes, usage = excluded.usage`,
		at.job, at.hour, t.Intervals, t.Incomplete, counts, causes, usage)
	return err
}

// tallyAll sums up the hours of a ledger of an earlier program.
func (l *Ledger) tallyAll(ctx context.Context) error {
	has, err := l.read().has(ctx, "SELECT 1 FROM tallies LIMIT 1")
	if err != nil || has {
		return l.explain(err)
	}
	runs, err := rows(ctx, l.read(), func(r *Run) []any { return []any{&r.Job, timeColumn{&r.Interval.From}} }, "SELECT job, interval_from FROM runs WHERE committed")
	if err != nil || len(runs) == 0 {
		return l.explain(err)
	}
	return l.write(ctx, func(tx session) error {
		done := map[hourOf]bool{}
		for i := range runs {
			at := hourOf{runs[i].Job, hour(runs[i].Interval.From)}
			if done[at] {
				continue
			}
			done[at] = true
			if err := tally(ctx, tx, at); err != nil {
				return fmt.Errorf("summing up what runs came to: %w", err)
			}
		}
		return nil
	})
}
