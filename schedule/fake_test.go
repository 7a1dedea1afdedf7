package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a ledger in memory, which can fail before and after it has done its work.
type fake struct {
	mu     sync.Mutex
	jobs   []ledger.Job
	runs   map[string][]ledger.Run
	unique map[string]map[fleet.Interval]bool
	reads  int
	broken int // calls for a job that is paused
	// trouble is what becomes of the calls to come.
	trouble trouble
}

type trouble int

const (
	none      trouble = iota
	unread            // jobs cannot be read
	unwritten         // nothing is written
	unsaid            // what is written is not acknowledged
)

var errTrouble = errors.New("the disk is full")

func newFake(specs map[string]Spec) *fake {
	f := &fake{runs: map[string][]ledger.Run{}, unique: map[string]map[fleet.Interval]bool{}}
	for name, spec := range specs {
		text, err := json.Marshal(spec)
		if err != nil {
			panic(err)
		}
		f.jobs = append(f.jobs, ledger.Job{Name: name, Spec: text, Priority: 7})
		f.unique[name] = map[fleet.Interval]bool{}
	}
	slices.SortFunc(f.jobs, func(a, b ledger.Job) int { return strings.Compare(a.Name, b.Name) })
	return f
}

func (f *fake) Jobs(context.Context) ([]ledger.Job, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.trouble == unread {
		return nil, errTrouble
	}
	return slices.Clone(f.jobs), nil
}

func (f *fake) Fire(_ context.Context, name string, cursor time.Time, runs []ledger.Run) ([]ledger.Run, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.trouble == unwritten {
		return nil, errTrouble
	}
	job := f.job(name)
	if job.Paused {
		f.broken++
	}
	if cursor.After(job.Cursor) {
		job.Cursor = cursor
	}
	var created []ledger.Run
	for _, r := range runs {
		if !f.unique[name][r.Interval] {
			f.unique[name][r.Interval] = true
			created = append(created, r)
		}
	}
	f.runs[name] = append(f.runs[name], created...)
	if f.trouble == unsaid {
		return nil, errTrouble
	}
	return created, nil
}

// job finds a job; its lock is the caller's.
func (f *fake) job(name string) *ledger.Job {
	i := slices.IndexFunc(f.jobs, func(j ledger.Job) bool { return j.Name == name })
	return &f.jobs[i]
}

func (f *fake) set(change func(*fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func planOf(j ledger.Job) (*Plan, error) {
	var s Spec
	if err := json.Unmarshal(j.Spec, &s); err != nil || s.Schedule == "" {
		return nil, err
	}
	return Parse(s)
}

// count is how many runs of a job there are.
func (f *fake) count(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.runs[name])
}

// start makes a Scheduler and starts it.
func start(f Ledger, now func() time.Time, fired func([]ledger.Run)) *Scheduler {
	var id int
	s, err := New(Config{
		Ledger: f, Plan: planOf, Now: now, Fired: fired, Log: slog.New(slog.DiscardHandler),
		NewID: func() string { id++; return strconv.Itoa(id) },
	})
	if err == nil {
		err = s.Start(context.Background())
	}
	if err != nil {
		panic(err)
	}
	return s
}
