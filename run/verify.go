package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
)

// Verification is what a store was found to hold.
type Verification struct {
	Jobs        int       `json:"jobs"`
	Intervals   int       `json:"intervals"`
	Commits     int       `json:"commits"`
	Files       int       `json:"files"`
	Results     int       `json:"results"` // of tasks that count, as far as they are kept
	Bytes       int64     `json:"bytes"`
	Predictions int64     `json:"predictions"`
	Sensors     int64     `json:"sensors"`
	Gaps        []Problem `json:"gaps"`     // intervals between others for which there is no commit
	Orphans     []Problem `json:"orphans"`  // files that no commit names; harmless, the janitor takes them
	Problems    []Problem `json:"problems"` // what must not be, each cause once
}

// Problem is what is wrong with an object, and what to do about it.
type Problem struct {
	Key  string `json:"key"`
	What string `json:"what"`
	Hint string `json:"hint,omitempty"`
}

// Row is what is compared of a prediction.
type Row struct {
	fleet.Sensor
	Time    int64 // nanoseconds since 1970
	Anomaly bool
	Run     string // empty where the file has none
	Rev     int
}

// Rows reads the rows of a file of predictions.
type Rows func(ctx context.Context, key string, data []byte, each func(Row)) error

// Verifier proves that each interval of each job was scored once.
type Verifier struct {
	Store store.Store
	Rows  Rows // reads predictions; nil: files are compared by digest only
	// Due counts the intervals of a job's schedule that have a part in [from, to), and
	// those that are within it; known is false if nobody can. nil: nobody ever can.
	Due func(job string, from, to time.Time) (parts, whole int, known bool)
	// Progress, if set, is told of each commit before it is looked at.
	Progress func(key string)
}

// findings is a Verification that is under way.
type findings struct {
	Verification
	named  map[string]string // files, and the commit that names each
	hours  map[string]bool   // what predictions of committed intervals begin with
	unsure map[string]bool   // those of them of which it is not known which files count
}

func (f *findings) wrong(key, what, hint string) {
	f.Problems = append(f.Problems, Problem{key, what, hint})
}

// Verify reads everything that commits name. An error is a store that cannot be
// read; what is wrong with its contents is in the Verification.
func (v *Verifier) Verify(ctx context.Context) (*Verification, error) {
	out := &findings{
		Verification: Verification{Gaps: []Problem{}, Orphans: []Problem{}, Problems: []Problem{}},
		named:        map[string]string{}, hours: map[string]bool{}, unsure: map[string]bool{},
	}
	keys, err := v.latest(ctx, out)
	if err != nil {
		return nil, err
	}
	out.Intervals = len(keys)
	v.order(keys, out)
	for _, key := range keys {
		if v.Progress != nil {
			v.Progress(key)
		}
		if err := v.commit(ctx, key, out); err != nil {
			return nil, err
		}
	}
	return &out.Verification, v.orphans(ctx, out)
}

// latest lists the last commit of each interval, in order.
func (v *Verifier) latest(ctx context.Context, out *findings) ([]string, error) {
	last := map[string]string{} // by job/interval
	for info, err := range v.Store.List(ctx, "commits/") {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("listing commits: %w", err)
		}
		job, interval, _, err := fleet.ParseCommitKey(info.Key)
		if err != nil {
			out.wrong(info.Key, err.Error(), "move it away: nothing else belongs there")
			continue
		}
		out.Commits++
		out.hours[fleet.PredictionsPrefix(job, interval)] = true
		name := job + "/" + interval.Key()
		last[name] = max(last[name], info.Key) // revisions sort as text
	}
	keys := make([]string, 0, len(last))
	for _, key := range last {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys, nil
}

// order compares intervals with each other: none is missing between two, and none
// overlaps another.
func (v *Verifier) order(keys []string, out *findings) {
	jobBefore, before := "", fleet.Interval{} // the one that ends last of those so far
	for _, key := range keys {
		job, interval, _, _ := fleet.ParseCommitKey(key) // it was parsed before
		switch {
		case job != jobBefore:
			out.Jobs++
		case interval.From.After(before.To):
			v.gap(key, job, before.To, interval.From, out)
		case interval.From.Before(before.To):
			out.wrong(key, fmt.Sprintf("the interval overlaps the one before it, %s: rows of both count twice", before),
				"read one of them only; it is said for as long as both commits are there")
		}
		if job != jobBefore || interval.To.After(before.To) {
			jobBefore, before = job, interval
		}
	}
}

// gap notes that nothing was committed between two times, unless nothing was to be.
// Only whole intervals can be scored by themselves.
func (v *Verifier) gap(key, job string, from, to time.Time, out *findings) {
	parts, whole, known := 0, 0, false
	if v.Due != nil {
		parts, whole, known = v.Due(job, from, to)
	}
	if known && parts == 0 {
		return
	}
	begin, end := from.Format(time.RFC3339), to.Format(time.RFC3339)
	what := fmt.Sprintf("before it, nothing was committed of job %s from %s to %s", job, begin, end)
	hint := ""
	switch {
	case !known:
		what += "; which intervals should be there is not known, as the settings have no schedule of it that says so"
	case whole == 0:
		what += ", in which there is no whole interval of the schedule that it has now"
	default:
		what += fmt.Sprintf(", in which there are whole intervals of its schedule: %d", whole)
		hint = fmt.Sprintf("to score them: fleetscore backfill %s --from %s --to %s --only missing", job, begin, end)
	}
	out.Gaps = append(out.Gaps, Problem{key, what, hint})
}

// orphans finds the files that no commit names.
func (v *Verifier) orphans(ctx context.Context, out *findings) error {
	for info, err := range v.Store.List(ctx, "predictions/") {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return fmt.Errorf("listing predictions: %w", err)
		}
		hour := hourOf(info.Key)
		switch {
		case out.named[info.Key] != "" || out.unsure[hour]:
		case out.hours[hour]:
			out.Orphans = append(out.Orphans, Problem{Key: info.Key, What: "it is of an attempt, a revision or a run that does not count"})
		default:
			out.Orphans = append(out.Orphans, Problem{Key: info.Key, What: "nothing of its interval was committed, so it does not count",
				Hint: "its run is not over, or the commit was deleted; then score the interval again"})
		}
	}
	return nil
}

// hourOf is the PredictionsPrefix of a file.
func hourOf(key string) string {
	const folders = 4 // predictions, job, date, hour
	parts := strings.SplitAfterN(key, "/", folders+1)
	return strings.Join(parts[:min(folders, len(parts))], "")
}
