package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
)

// RunState is how a run stands.
type RunState string

// The states of a run. The last three are final.
const (
	Queued     RunState = "queued"
	Planning   RunState = "planning"
	Running    RunState = "running"
	Committing RunState = "committing"
	Succeeded  RunState = "succeeded"
	Failed     RunState = "failed" // also if it was committed, with too many failures
	Canceled   RunState = "canceled"
)

// isActive is Final's opposite. It must be word for word what the indexes say.
const isActive = "state IN ('queued', 'planning', 'running', 'committing')"

// Final reports whether the state will not change any more.
func (s RunState) Final() bool { return s == Succeeded || s == Failed || s == Canceled }

// Valid reports whether it is one of the states.
func (s RunState) Valid() bool {
	return s.Final() || s == Queued || s == Planning || s == Running || s == Committing
}

// Where a run comes from.
const (
	Scheduled  = "schedule"
	Manual     = "manual"
	Backfilled = "backfill"
	Retried    = "retry"
)

// Run is one job over one data interval. Names of runs sort by the time of their
// making.
type Run struct {
	ID       string
	Job      string
	Interval fleet.Interval
	Origin   string // Scheduled, Manual, Backfilled or Retried
	State    RunState
	Priority int
	Rev      int    // of its commit
	RetryOf  string // the run of which it does again what failed

	Created  time.Time
	Started  time.Time
	Finished time.Time

	Generation int // the last one that was planned
	Tasks      int
	TasksDone  int
	fleet.Counts
	Causes   []fleet.Group
	Error    string
	Note     string      // what is remarkable of it, though it is no failure
	Usage    fleet.Usage // of the store, by the service and by attempts that have a result
	Complete bool        // no more failed than the job allows
	// Committed says that what the run came to is in a commit, which is of revision Rev.
	Committed bool
	Cancel    bool // somebody asked for its end
}

const (
	runFixed   = "id, job, interval_from, interval_to, origin, created, cancel"
	runChanges = "state, priority, rev, retry_of, started, finished, generation, tasks, tasks_done, counts, causes, error, note, complete, usage, committed"
	runColumns = runFixed + ", " + runChanges
)

func scanRun(r *Run) []any {
	return []any{
		&r.ID, &r.Job, timeColumn{&r.Interval.From}, timeColumn{&r.Interval.To}, &r.Origin, timeColumn{&r.Created}, &r.Cancel,
		&r.State, &r.Priority, &r.Rev, &r.RetryOf, timeColumn{&r.Started}, timeColumn{&r.Finished}, &r.Generation,
		&r.Tasks, &r.TasksDone, jsonColumn{&r.Counts}, jsonColumn{&r.Causes}, &r.Error, &r.Note, &r.Complete, jsonColumn{&r.Usage}, &r.Committed,
	}
}

// fixed are the values of runFixed.
func (r *Run) fixed() []any {
	return []any{r.ID, r.Job, r.Interval.From.UnixMicro(), r.Interval.To.UnixMicro(), r.Origin, r.Created.UnixMicro(), r.Cancel}
}

// changes are the values of runChanges.
func (r *Run) changes() ([]any, error) {
	counts, err1 := encoded(r.Counts)
	usage, err2 := encoded(r.Usage)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	var causes any
	if len(r.Causes) > 0 {
		text, err := json.Marshal(r.Causes)
		if err != nil {
			return nil, err
		}
		causes = string(text)
	}
	return []any{
		string(r.State), r.Priority, r.Rev, r.RetryOf, stored(r.Started), stored(r.Finished), r.Generation,
		r.Tasks, r.TasksDone, counts, causes, r.Error, r.Note, r.Complete, usage, r.Committed,
	}, nil
}

// maxCauses bounds the groups that are stored of a run. There are a dozen causes.
const maxCauses = 100

// storable is the run as it will be read again: times to the microsecond, texts
// clipped. It does not look at what cannot change.
func (r Run) storable() (Run, error) {
	if !r.State.Valid() {
		return r, fmt.Errorf("%.80q is not a state", r.State)
	}
	if r.RetryOf != "" {
		if err := checkName("run that it retries", r.RetryOf); err != nil {
			return r, err
		}
	}
	r.Started, r.Finished = known(r.Started), known(r.Finished)
	r.Error, r.Note = clip(r.Error), clip(r.Note)
	r.Causes = slices.Clone(r.Causes[:min(len(r.Causes), maxCauses)])
	for i, g := range r.Causes {
		r.Causes[i].Cause, r.Causes[i].Example = fleet.Cause(clip(string(g.Cause))), clip(g.Example)
	}
	if len(r.Causes) == 0 {
		r.Causes = nil
	}
	return r, nil
}

// fresh is storable for a run that is to be made.
func (r Run) fresh() (Run, error) {
	if err := errors.Join(checkName("run", r.ID), checkName("job", r.Job), checkInterval(r.Interval)); err != nil {
		return r, err
	}
	switch r.Origin {
	case Scheduled, Manual, Backfilled, Retried:
	default:
		return r, fmt.Errorf("%.80q is not where a run comes from", r.Origin)
	}
	if r.Created.IsZero() {
		return r, errors.New("it says not when it was made")
	}
	r.Interval, r.Created = fleet.NewInterval(r.Interval.From, r.Interval.To), known(r.Created)
	return r.storable()
}

func checkInterval(i fleet.Interval) error {
	from, to := i.From.UTC(), i.To.UTC()
	switch {
	case !from.Before(to):
		return fmt.Errorf("the interval %s is empty", i)
	case from.Nanosecond() != 0 || to.Nanosecond() != 0:
		return fmt.Errorf("the interval from %s to %s is not one of whole seconds", from, to)
	case from.Year() < 1 || to.Year() > 9999:
		return fmt.Errorf("the interval %s is not between the years 1 and 9999", i)
	}
	return nil
}
