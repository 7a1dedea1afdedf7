package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fleetscore/fleetscore/ledger"
)

// model does random things to a ledger and to a simple one in memory, and
// compares them after each.
func model(t *testing.T, database Database) {
	checks := 0
	rapid.Check(t, func(rt *rapid.T) {
		checks++
		m := &machine{database: database, check: checks, jobs: map[string]*ledger.Job{}, runs: map[string]ledger.Run{}, pruned: map[string]time.Time{}}
		m.open(rt)
		defer func() { _ = m.ledger.Close() }()
		m.clear(rt)
		rt.Repeat(rapid.StateMachineActions(m))
	})
}

// machine is a ledger and what must be in it.
type machine struct {
	database Database
	ledger   *ledger.Ledger
	check    int
	made     int
	jobs     map[string]*ledger.Job
	runs     map[string]ledger.Run
	pruned   map[string]time.Time // by job, the end of the latest scheduled interval that is gone
}

func (m *machine) open(t *rapid.T) {
	l, err := m.database(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	m.ledger = l
}

// clear removes the runs of the check before: to make a database for each would
// take longer than all else.
func (m *machine) clear(t *rapid.T) {
	ctx := context.Background()
	active, err := m.ledger.ActiveRuns(ctx)
	wantSame(t, err, nil)
	for _, r := range active {
		r.State = ledger.Canceled
		wantSame(t, m.ledger.SaveRun(ctx, r), nil)
	}
	_, err = m.ledger.Prune(ctx, hours(1000))
	wantSame(t, err, nil)
}

// jobNames are new in each check.
func (m *machine) jobNames() []string {
	return []string{fmt.Sprintf("a%d", m.check), fmt.Sprintf("b%d", m.check), fmt.Sprintf("c%d", m.check)}
}

func (m *machine) drawJob(t *rapid.T) string { return rapid.SampledFrom(m.jobNames()).Draw(t, "job") }

// draw draws a new run, and sometimes the name of one that is there.
func (m *machine) draw(t *rapid.T, job string, origins ...string) ledger.Run {
	r := run(job, rapid.IntRange(0, 6).Draw(t, "hour"), rapid.SampledFrom(origins).Draw(t, "origin"))
	m.made++
	r.ID = fmt.Sprintf("%04d", m.made)
	if len(m.runs) > 0 && rapid.IntRange(0, 19).Draw(t, "same name") == 0 {
		r.ID = rapid.SampledFrom(m.names()).Draw(t, "name")
	}
	r.Tasks = rapid.IntRange(0, 3).Draw(t, "tasks")
	return r
}

func (m *machine) names() []string {
	all := []string{}
	for id := range m.runs {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

// any finds a run that has the same job and interval, and for which is holds.
func (m *machine) any(r ledger.Run, is func(ledger.Run) bool) bool {
	for _, other := range m.runs {
		if other.Job == r.Job && other.Interval == r.Interval && is(other) {
			return true
		}
	}
	return false
}

func isActive(r ledger.Run) bool    { return !r.State.Final() }
func isScheduled(r ledger.Run) bool { return r.Origin == ledger.Scheduled }

// refusal is why a run cannot be made; any error will do for errAny.
func (m *machine) refusal(r ledger.Run) error {
	if _, has := m.runs[r.ID]; has {
		return errAny
	}
	if r.Origin != ledger.Scheduled && m.any(r, isActive) {
		return ledger.ErrActive
	}
	return nil
}

var errAny = errors.New("any error")

func wantSame(t *rapid.T, got, want error) {
	if want == errAny && got != nil {
		return
	}
	if !errors.Is(got, want) {
		t.Fatalf("the error is %v, and should be %v", got, want)
	}
}

// SaveJobs has other jobs in the configuration.
func (m *machine) SaveJobs(t *rapid.T) {
	names := rapid.SliceOfDistinct(rapid.SampledFrom(m.jobNames()), rapid.ID).Draw(t, "jobs")
	priority := rapid.IntRange(0, 1).Draw(t, "priority")
	now := hours(rapid.IntRange(0, 9).Draw(t, "now"))
	var all []ledger.Job
	for _, name := range names {
		all = append(all, ledger.Job{Name: name, Priority: priority})
		j, has := m.jobs[name]
		if !has {
			m.jobs[name] = &ledger.Job{Name: name, Priority: priority, Updated: now}
		} else if j.Removed || j.Priority != priority {
			j.Removed, j.Priority, j.Updated = false, priority, now
		}
	}
	for name, j := range m.jobs {
		if !slices.Contains(names, name) && !j.Removed {
			j.Removed, j.Updated = true, now
		}
	}
	wantSame(t, m.ledger.SaveJobs(context.Background(), all, now), nil)
}

// SetPaused pauses a job or has it go on.
func (m *machine) SetPaused(t *rapid.T) {
	name, paused := m.drawJob(t), rapid.Bool().Draw(t, "paused")
	refused := ledger.ErrNotFound
	if j, has := m.jobs[name]; has {
		j.Paused, refused = paused, nil
	}
	wantSame(t, m.ledger.SetPaused(context.Background(), name, paused), refused)
}

// Fire fires some intervals.
func (m *machine) Fire(t *rapid.T) {
	name := m.drawJob(t)
	cursor := hours(rapid.IntRange(0, 7).Draw(t, "cursor"))
	var runs, created []ledger.Run
	for range rapid.IntRange(0, 3).Draw(t, "runs") {
		runs = append(runs, m.draw(t, name, ledger.Scheduled, ledger.Scheduled, ledger.Scheduled, ledger.Backfilled))
	}
	var refused error
	j, has := m.jobs[name]
	if !has {
		refused = ledger.ErrNotFound
	}
	for _, r := range runs {
		gone := !r.Interval.To.After(m.pruned[name]) && !m.pruned[name].IsZero()
		if r.Origin == ledger.Scheduled && (gone || m.any(r, isScheduled)) {
			continue
		}
		if refused == nil {
			refused = m.refusal(r)
		}
		if refused == nil {
			m.runs[r.ID] = r
			created = append(created, r)
		}
	}
	if refused != nil { // and so none was made
		for _, r := range created {
			delete(m.runs, r.ID)
		}
		created = nil
	} else if cursor.After(j.Cursor) {
		j.Cursor = cursor
	}
	got, err := m.ledger.Fire(context.Background(), name, cursor, runs)
	wantSame(t, err, refused)
	if !reflect.DeepEqual(got, created) {
		t.Fatalf("Fire made\n%+v\nand should make\n%+v", got, created)
	}
}

// AddRun asks for a run.
func (m *machine) AddRun(t *rapid.T) {
	r := m.draw(t, m.drawJob(t), ledger.Manual, ledger.Backfilled, ledger.Retried)
	if len(m.runs) > 0 && r.Origin == ledger.Retried {
		r.RetryOf = rapid.SampledFrom(m.names()).Draw(t, "retry of")
	}
	refused := m.refusal(r)
	if refused == nil {
		m.runs[r.ID] = r
	}
	wantSame(t, m.ledger.AddRun(context.Background(), r), refused)
}

// SaveRun has something become of a run.
func (m *machine) SaveRun(t *rapid.T) {
	r, has := m.runs[rapid.SampledFrom(append(m.names(), "none")).Draw(t, "run")]
	if !has {
		wantSame(t, m.ledger.SaveRun(context.Background(), ledger.Run{ID: "none", State: ledger.Running}), ledger.ErrNotFound)
		return
	}
	before := r.State
	r.State = rapid.SampledFrom([]ledger.RunState{ledger.Planning, ledger.Running, ledger.Succeeded, ledger.Failed, ledger.Canceled}).Draw(t, "state")
	r.TasksDone, r.Scored = rapid.IntRange(0, 9).Draw(t, "done"), rapid.IntRange(0, 9).Draw(t, "scored")
	r.Error = strings.Repeat("é", rapid.IntRange(0, 2).Draw(t, "error"))
	var refused error
	if before.Final() && r.State != before {
		refused = ledger.ErrFinal
	} else {
		m.runs[r.ID] = r
	}
	r.Cancel = rapid.Bool().Draw(t, "cancel") // which only AskCancel writes
	wantSame(t, m.ledger.SaveRun(context.Background(), r), refused)
}

// AskCancel wants a run to end.
func (m *machine) AskCancel(t *rapid.T) {
	r, has := m.runs[rapid.SampledFrom(append(m.names(), "none")).Draw(t, "run")]
	var refused error
	switch {
	case !has:
		r.ID, refused = "none", ledger.ErrNotFound
	case r.State.Final():
		refused = ledger.ErrFinal
	default:
		r.Cancel = true
		m.runs[r.ID] = r
	}
	wantSame(t, m.ledger.AskCancel(context.Background(), r.ID), refused)
}

// Prune removes what is old.
func (m *machine) Prune(t *rapid.T) {
	before := hours(rapid.IntRange(0, 8).Draw(t, "before"))
	retried := map[string]bool{}
	for _, r := range m.runs {
		if !r.State.Final() {
			retried[r.RetryOf] = true
		}
	}
	removed := 0
	for id, r := range m.runs {
		if !r.State.Final() || !r.Created.Before(before) || retried[id] {
			continue
		}
		delete(m.runs, id)
		removed++
		if _, has := m.jobs[r.Job]; has && isScheduled(r) && r.Interval.To.After(m.pruned[r.Job]) {
			m.pruned[r.Job] = r.Interval.To
		}
	}
	n, err := m.ledger.Prune(context.Background(), before)
	wantSame(t, err, nil)
	if n != removed {
		t.Fatalf("%d runs were removed, and %d should be", n, removed)
	}
}

// Reopen closes the ledger and opens it again, now and then: it takes long.
func (m *machine) Reopen(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "reopen") > 0 {
		return
	}
	wantSame(t, m.ledger.Close(), nil)
	m.open(t)
}

// Check compares all that can be seen.
func (m *machine) Check(t *rapid.T) {
	ctx := context.Background()
	var all, active []ledger.Run
	for _, id := range m.names() {
		all = append([]ledger.Run{m.runs[id]}, all...)
		if isActive(m.runs[id]) {
			active = append(active, m.runs[id])
		}
	}
	got, err := m.ledger.Runs(ctx, ledger.RunFilter{})
	wantSame(t, err, nil)
	open, err := m.ledger.ActiveRuns(ctx)
	wantSame(t, err, nil)
	if !reflect.DeepEqual(got, all) || !reflect.DeepEqual(open, active) {
		t.Fatalf("the runs are\n%+v\nand should be\n%+v\nactive\n%+v\nand should be\n%+v", got, all, open, active)
	}
	for name, j := range m.jobs {
		if got, err := m.ledger.Job(ctx, name); err != nil || !reflect.DeepEqual(got, *j) {
			t.Fatalf("the job is\n%+v\nand should be\n%+v\n%v", got, *j, err)
		}
	}
}
