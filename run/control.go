package run

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store"
)

// What is wrong with a request, for errors.Is.
var (
	ErrNoJob    = errors.New("there is no such job")
	ErrConflict = errors.New("not as things stand")
)

// IDs makes names of runs that sort by the time of their making.
type IDs struct {
	mu   sync.Mutex
	last time.Time
}

// New is a name that sorts after all that were made before.
func (i *IDs) New(now time.Time) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	now = now.UTC().Truncate(time.Millisecond)
	if !now.After(i.last) {
		now = i.last.Add(time.Millisecond)
	}
	i.last = now
	text := strings.Replace(now.Format("20060102t150405.000"), ".", "", 1)
	return text + "-" + strings.ToLower(rand.Text()[:5])
}

// RunTime is when the run of a name was made.
func RunTime(id string) (time.Time, bool) {
	stamp, _, _ := strings.Cut(id, "-")
	if len(stamp) != len("20060102t150405000") {
		return time.Time{}, false
	}
	at := len("20060102t150405")
	t, err := time.Parse("20060102t150405.000", stamp[:at]+"."+stamp[at:])
	return t, err == nil
}

// Add makes a run of a job for an interval.
func (s *Service) Add(ctx context.Context, job string, i fleet.Interval, origin string) (ledger.Run, error) {
	return s.add(ctx, ledger.Run{Job: job, Interval: i, Origin: origin})
}

func (s *Service) add(ctx context.Context, r ledger.Run) (ledger.Run, error) {
	job, ok := s.cfg.Job(r.Job)
	if !ok {
		return r, fmt.Errorf("%w: %q", ErrNoJob, r.Job)
	}
	if err := s.overlaps(ctx, r, true); err != nil {
		return r, err
	}
	now := s.cfg.Now().UTC()
	r.ID, r.State, r.Created, r.Priority = s.cfg.IDs.New(now), ledger.Queued, now, job.Priority
	if err := s.cfg.Ledger.AddRun(ctx, r); err != nil {
		if errors.Is(err, ledger.ErrActive) {
			err = fmt.Errorf("%w: a run of %s for %s is not over yet; wait for it or cancel it", ErrConflict, r.Job, r.Interval)
		}
		return r, err
	}
	s.cfg.Changed(r)
	s.Wake()
	return r, nil
}

// Cancel ends a run.
func (s *Service) Cancel(ctx context.Context, id string) error {
	if err := s.cfg.Ledger.AskCancel(ctx, id); err != nil {
		if errors.Is(err, ledger.ErrFinal) {
			err = fmt.Errorf("%w: run %s is over", ErrConflict, id)
		}
		return err
	}
	s.Wake()
	return nil
}

// Retry makes a run that does another again: all of it, or those of its tasks in
// which a sensor failed.
func (s *Service) Retry(ctx context.Context, id string, failedOnly bool) (ledger.Run, error) {
	old, err := s.cfg.Ledger.Run(ctx, id)
	if err != nil {
		return old, err
	}
	if !old.State.Final() {
		return old, fmt.Errorf("%w: run %s is not over yet", ErrConflict, id)
	}
	r := ledger.Run{Job: old.Job, Interval: old.Interval, Origin: ledger.Retried}
	if !failedOnly {
		return s.add(ctx, r)
	}
	if old.State == ledger.Succeeded && old.Failed == 0 {
		return old, fmt.Errorf("%w: nothing of run %s failed", ErrConflict, id)
	}
	last, err := s.lastRev(ctx, old.Job, old.Interval)
	if err != nil {
		return old, err
	}
	if old.Rev > 0 && last > old.Rev {
		return old, fmt.Errorf("%w: a later run has scored %s of %s again, as revision %d", ErrConflict, old.Interval, old.Job, last)
	}
	r.RetryOf = id
	return s.add(ctx, r)
}

func (s *Service) lastRev(ctx context.Context, job string, i fleet.Interval) (int, error) {
	last := 0
	for info, err := range s.cfg.Store.List(ctx, fleet.CommitPrefix(job)+i.Key()+"/") {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("looking for commits of %s: %w", i, err)
		}
		if _, _, rev, err := fleet.ParseCommitKey(info.Key); err == nil {
			last = max(last, rev)
		}
	}
	return last, nil
}

// Standing is how an interval of a job stands: "missing" (no commit), "failed"
// (too many of its sensors did), "done", "active" (a run is at it), or "overlapped"
// (another interval has some of its rows, as the job had another schedule then).
type Standing struct {
	Interval fleet.Interval
	State    string
	Rev      int
	Run      string
	Failed   int
}

// Standings tell how intervals of a job stand, which are sorted and do not overlap.
func (s *Service) Standings(ctx context.Context, job string, intervals []fleet.Interval) ([]Standing, error) {
	all := make([]Standing, len(intervals))
	place := make(map[string]int, len(intervals))
	for i, interval := range intervals {
		all[i] = Standing{Interval: interval, State: "missing"}
		place[interval.Key()] = i
	}
	for info, err := range s.cfg.Store.List(ctx, fleet.CommitPrefix(job)) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("looking for commits: %w", err)
		}
		_, interval, rev, err := fleet.ParseCommitKey(info.Key)
		if err != nil {
			continue
		}
		if i, ok := place[interval.Key()]; ok {
			all[i].Rev = max(all[i].Rev, rev)
			continue
		}
		first := sort.Search(len(all), func(i int) bool { return all[i].Interval.To.After(interval.From) })
		for i := first; i < len(all) && all[i].Interval.From.Before(interval.To); i++ {
			all[i].State = "overlapped"
		}
	}
	var reads errgroup.Group
	reads.SetLimit(resultsAtOnce)
	for i := range all {
		if st := &all[i]; st.Rev > 0 {
			reads.Go(func() error {
				c, err := ReadCommit(ctx, s.cfg.Store, fleet.CommitKey(job, st.Interval, st.Rev))
				if err != nil {
					return fmt.Errorf("reading a commit: %w", err)
				}
				st.State, st.Run, st.Failed = "done", c.Run, c.Failed
				if !c.Complete {
					st.State = "failed"
				}
				return nil
			})
		}
	}
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	active, err := s.cfg.Ledger.ActiveRuns(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range active {
		if i, ok := place[r.Interval.Key()]; ok && r.Job == job {
			all[i].State, all[i].Run = "active", r.ID
		}
	}
	return all, nil
}

// Backfill makes runs for the intervals that stand as one of only.
func (s *Service) Backfill(ctx context.Context, job string, intervals []fleet.Interval, only []string, dryRun bool) ([]Standing, []ledger.Run, error) {
	standings, err := s.Standings(ctx, job, intervals)
	if err != nil {
		return nil, nil, err
	}
	if len(only) > 0 {
		standings = slices.DeleteFunc(standings, func(st Standing) bool { return !slices.Contains(only, st.State) })
	}
	if dryRun {
		return standings, nil, nil
	}
	var runs []ledger.Run
	for _, st := range standings {
		if st.State == "active" || st.State == "overlapped" {
			continue
		}
		r := ledger.Run{Job: job, Interval: st.Interval, Origin: ledger.Backfilled}
		if st.State == "failed" {
			r.RetryOf = st.Run
		}
		if r, err = s.add(ctx, r); errors.Is(err, ErrConflict) {
			continue
		}
		if err != nil {
			return standings, runs, err
		}
		runs = append(runs, r)
	}
	return standings, runs, nil
}
