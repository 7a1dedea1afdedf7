package run_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/score/task"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/store/pack"
	"github.com/fleetscore/fleetscore/store/tile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const partitions = 64

// plant is a deployment without processes: its executor does tasks in goroutines,
// and sensors may do harm to it.
type plant struct {
	t       *testing.T
	store   store.Store
	ledger  *ledger.Ledger
	service *run.Service
	job     run.Job
	ids     run.IDs
	changed chan ledger.Run
	begun   chan struct{} // an attempt

	mu       sync.Mutex
	poison   map[string]fleet.TaskState // by sensor: how its task ends
	down     bool                       // the store cannot be written
	replaced bool                       // the store is an empty one
	canceled map[string]bool
	attempts int
	tasks    sync.WaitGroup
	hold     chan struct{} // tasks wait for it; nil: they do not
}

func newPlant(t *testing.T, sensors int) *plant {
	t.Helper()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	p := &plant{t: t, store: memstore.New(), ledger: l, changed: make(chan ledger.Run, 10_000), begun: make(chan struct{}, 1), poison: map[string]fleet.TaskState{}, canceled: map[string]bool{}}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	model, err := os.ReadFile(filepath.Join("..", "examples", "pumps", "models", "pump-1", "temperature.pkl"))
	if err != nil {
		t.Fatal(err)
	}
	text := "ts,device,tag,value\n"
	for i := range sensors {
		s := fleet.Sensor{Device: fmt.Sprintf("d%03d", i/2), Tag: fmt.Sprint("t", i%2)}
		p.put("models/"+s.Device+"/"+s.Tag+".pkl", model)
		text += fmt.Sprintf("2026-11-23T12:00:00Z,%s,%s,60\n2026-11-23T12:01:00Z,%s,%s,61\n", s.Device, s.Tag, s.Device, s.Tag)
	}
	p.put("readings.csv", []byte(text))
	p.job = run.Job{
		Name: "hourly", Input: run.Input{File: "readings.csv"},
		Recipe:  fleet.Recipe{Entity: "sensor", Models: "models/{device}/{tag}.pkl", Format: "parquet", Layout: "single", MissingModel: "fail"},
		Retries: run.Retries{Max: 2, Backoff: time.Millisecond, Most: 10 * time.Millisecond}, Overlap: "queue",
	}
	if err := l.SaveJobs(t.Context(), []ledger.Job{{Name: p.job.Name, Spec: []byte("{}")}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *plant) put(key string, body []byte) {
	p.t.Helper()
	if err := p.store.Put(context.Background(), key, bytes.NewReader(body)); err != nil {
		p.t.Fatal(err)
	}
}

// flaky is a store that fails in the ways of the plant.
type flaky struct {
	store.Store
	p *plant
}

// missing is what an empty store says.
func (f flaky) missing() error {
	f.p.mu.Lock()
	defer f.p.mu.Unlock()
	if f.p.replaced {
		return store.ErrNotFound
	}
	return nil
}

func (f flaky) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	if err := f.missing(); err != nil {
		return nil, err
	}
	return f.Store.Get(ctx, key, buf)
}

func (f flaky) Stat(ctx context.Context, key string) (store.Info, error) {
	if err := f.missing(); err != nil {
		return store.Info{}, err
	}
	return f.Store.Stat(ctx, key)
}

func (f flaky) Put(ctx context.Context, key string, body io.Reader) error {
	f.p.mu.Lock()
	down := f.p.down
	f.p.mu.Unlock()
	if down {
		return errors.New("the store is away")
	}
	return f.Store.Put(ctx, key, body)
}

func (p *plant) start() {
	p.t.Helper()
	s := flaky{p.store, p}
	var err error
	p.service, err = run.New(run.Config{
		Ledger: p.ledger, Store: s, Executor: p, IDs: &p.ids,
		// Models that were written a moment ago would be read again.
		Packs: &pack.Builder{Store: s, Now: func() time.Time { return time.Now().Add(time.Hour) }},
		SameStore: func() error {
			if (flaky{p.store, p}).missing() != nil {
				return errors.New("it is another store")
			}
			return nil
		},
		ManifestURL: func(key string) string { return key }, Partitions: partitions, Nodes: func() int { return 2 },
		Job:     func(name string) (run.Job, bool) { return p.job, name == p.job.Name },
		Changed: func(r ledger.Run) { p.changed <- r },
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.service.Start(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(p.stop)
}

func (p *plant) stop() {
	p.service.Stop()
	p.tasks.Wait()
}

// Submit implements run.Executor.
func (p *plant) Submit(a fleet.Array) error {
	service := p.service
	for _, t := range a.Tasks {
		p.tasks.Go(func() {
			p.mu.Lock()
			p.attempts++
			hold := p.hold
			p.mu.Unlock()
			select {
			case p.begun <- struct{}{}:
			default: // whoever waits has not looked yet
			}
			service.Event(fleet.TaskEvent{Task: t, State: fleet.TaskRunning, Node: "n", Time: time.Now()})
			if hold != nil {
				<-hold
			}
			state, err := p.do(a.Manifest, t)
			e := fleet.TaskEvent{Task: t, State: state, Node: "n", Time: time.Now()}
			if err != nil {
				e.Detail, e.Unserved = err.Error(), errors.Is(err, fleet.ErrUnserved)
			}
			service.Event(e)
		})
	}
	return nil
}

func (p *plant) do(manifest string, t fleet.Task) (fleet.TaskState, error) {
	p.mu.Lock()
	canceled := p.canceled[t.Run]
	p.mu.Unlock()
	if canceled {
		return fleet.TaskCanceled, nil
	}
	ended := fleet.TaskDone
	var mu sync.Mutex
	runner := task.NewRunner(task.Config{Store: flaky{p.store, p}, Node: "n", Enter: func(s fleet.Sensor) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if state, ok := p.poison[s.String()]; ok {
			mu.Lock()
			ended = state
			mu.Unlock()
		}
	}})
	p.mu.Lock()
	poisoned := len(p.poison) > 0
	p.mu.Unlock()
	if !poisoned {
		if err := runner.Run(context.Background(), manifest, t, nil); err != nil {
			return fleet.TaskFailed, err
		}
		return fleet.TaskDone, nil
	}
	// A task that is to die must leave no result, so it is first done elsewhere.
	elsewhere := t
	elsewhere.Attempt += 1000
	if err := runner.Run(context.Background(), manifest, elsewhere, nil); err != nil {
		return fleet.TaskFailed, err
	}
	if err := p.store.Delete(context.Background(), fleet.ResultKey(elsewhere)); err != nil {
		return fleet.TaskFailed, err
	}
	if ended != fleet.TaskDone {
		return ended, errors.New("it was poisoned")
	}
	if err := runner.Run(context.Background(), manifest, t, nil); err != nil {
		return fleet.TaskFailed, err
	}
	return fleet.TaskDone, nil
}

// Cancel implements run.Executor.
func (p *plant) Cancel(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.canceled[id] = true
	if p.hold != nil {
		close(p.hold)
		p.hold = nil
	}
}

// until waits for a run to come to a state.
func (p *plant) until(id string, reached func(ledger.Run) bool) ledger.Run {
	p.t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case r := <-p.changed:
			if r.ID == id && reached(r) {
				return r
			}
		case <-limit:
			r, err := p.ledger.Run(context.Background(), id)
			p.t.Fatalf("run %s is still %s (%s), %v", id, r.State, r.Error, err)
		}
	}
}

func final(r ledger.Run) bool { return r.State.Final() }

var hour = fleet.NewInterval(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC))

func (p *plant) add() ledger.Run {
	p.t.Helper()
	r, err := p.service.Add(p.t.Context(), p.job.Name, hour, ledger.Manual)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// proven verifies the store, and returns the commit of a revision.
func (p *plant) proven(rev int) *fleet.Commit {
	p.t.Helper()
	found, err := p.verify()
	if err != nil || len(found.Problems) > 0 {
		p.t.Fatalf("the store has problems: %+v, %v", found, err)
	}
	c, err := run.ReadCommit(context.Background(), p.store, fleet.CommitKey(p.job.Name, hour, rev))
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

func TestRun(t *testing.T) {
	p := newPlant(t, 60)
	p.job.MaxSensors = 7
	p.start()
	r := p.until(p.add().ID, final)
	c := p.proven(1)
	if r.State != ledger.Succeeded || c.Run != r.ID || c.Scored != 60 || c.Predictions != 120 || len(c.Tasks) < 9 || r.TasksDone != r.Tasks || r.Counts != c.Counts {
		t.Errorf("%s (%s), %d tasks of %d, %+v", r.State, r.Error, r.TasksDone, r.Tasks, c.Counts)
	}
	// Again, as revision 2.
	r = p.until(p.add().ID, final)
	if c := p.proven(2); r.State != ledger.Succeeded || c.Run != r.ID || c.Scored != 60 {
		t.Errorf("%s (%s), %+v", r.State, r.Error, c.Counts)
	}
	attempts, err := p.ledger.Attempts(t.Context(), ledger.AttemptFilter{Run: r.ID})
	if err != nil || len(attempts) != r.Tasks {
		t.Errorf("%d attempts, %v", len(attempts), err)
	}
	for _, a := range attempts {
		if a.State != fleet.TaskDone || a.Started.IsZero() || a.Finished.IsZero() || a.Node != "n" {
			t.Errorf("%+v", a)
		}
	}
}

// Poison models hurt only themselves.
func TestPoison(t *testing.T) {
	for _, end := range []fleet.TaskState{fleet.TaskLost, fleet.TaskTimedOut} {
		t.Run(string(end), func(t *testing.T) {
			p := newPlant(t, 200)
			p.poison["d003/t1"], p.poison["d077/t0"] = end, end
			p.start()
			r := p.until(p.add().ID, final)
			c := p.proven(1)
			if r.State != ledger.Failed || c.Complete || c.Scored != 198 || c.Failed != 2 || c.Sensors != 200 || c.Predictions != 396 {
				t.Errorf("%s (%s): %+v", r.State, r.Error, c.Counts)
			}
			want := fleet.Crashed
			if end == fleet.TaskTimedOut {
				want = fleet.TimedOut
			}
			all, err := tile.Read(t.Context(), p.store, c.Tile)
			if err != nil {
				t.Fatal(err)
			}
			for e := range all.All() {
				cause, failed := e.Fate.Cause()
				if poisoned := p.poison[e.Sensor.String()] != ""; failed != poisoned || failed && cause != want {
					t.Errorf("%s is %v", e.Sensor, e.Fate)
				}
			}
			// Mended, what failed is done again, and the rest kept.
			p.mu.Lock()
			clear(p.poison)
			before := p.attempts
			p.mu.Unlock()
			again, err := p.service.Retry(t.Context(), r.ID, true)
			if err != nil {
				t.Fatal(err)
			}
			again = p.until(again.ID, final)
			c = p.proven(2)
			if again.State != ledger.Succeeded || c.Scored != 200 || c.Predictions != 400 || p.attempts-before > 4 {
				t.Errorf("retried: %s (%s), %d attempts: %+v", again.State, again.Error, p.attempts-before, c.Counts)
			}
			if _, err := p.service.Retry(t.Context(), r.ID, true); !errors.Is(err, run.ErrConflict) {
				t.Errorf("a run that another has superseded is retried: %v", err)
			}
		})
	}
}

// Where everything dies it is not a sensor, and the run ends all the same.
func TestAllPoison(t *testing.T) {
	p := newPlant(t, 100)
	for i := range 100 {
		p.poison[fmt.Sprintf("d%03d/t%d", i/2, i%2)] = fleet.TaskLost
	}
	p.start()
	r := p.until(p.add().ID, final)
	if c := p.proven(1); r.State != ledger.Failed || c.Failed != 100 || c.Scored != 0 || p.attempts > 200 {
		t.Errorf("%s (%s), %d attempts: %+v", r.State, r.Error, p.attempts, c.Counts)
	}
}

// While the store is away runs wait, and then go on.
func TestStoreIsAway(t *testing.T) {
	p := newPlant(t, 20)
	p.down = true
	p.start()
	id := p.add().ID
	p.until(id, func(r ledger.Run) bool { return strings.HasPrefix(r.Error, "waiting: ") })
	if r, ok := p.service.Live(id); !ok || !strings.HasPrefix(r.Error, "waiting: ") {
		t.Errorf("who asks is not told what the run waits for: %q", r.Error)
	}
	p.mu.Lock()
	p.down = false
	p.mu.Unlock()
	if r := p.until(id, final); r.State != ledger.Succeeded || r.Error != "" {
		t.Errorf("%s (%s)", r.State, r.Error)
	}
	p.proven(1)
}

func TestCancel(t *testing.T) {
	p := newPlant(t, 20)
	p.hold = make(chan struct{})
	p.start()
	id := p.add().ID
	if _, err := p.service.Add(t.Context(), p.job.Name, hour, ledger.Manual); !errors.Is(err, run.ErrConflict) {
		t.Errorf("a second run of the interval: %v", err)
	}
	p.until(id, func(r ledger.Run) bool { return r.State == ledger.Running })
	if err := p.service.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if r := p.until(id, final); r.State != ledger.Canceled {
		t.Errorf("%s (%s)", r.State, r.Error)
	}
	if err := p.service.Cancel(t.Context(), id); !errors.Is(err, run.ErrConflict) {
		t.Errorf("a run that is over is canceled: %v", err)
	}
	if _, err := p.store.Stat(t.Context(), fleet.CommitKey(p.job.Name, hour, 1)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a canceled run is committed: %v", err)
	}
}

// What scheduled runs do that meet each other.
func TestOverlap(t *testing.T) {
	for policy, want := range map[string][]ledger.RunState{
		"queue":   {ledger.Succeeded, ledger.Succeeded, ledger.Succeeded},
		"skip":    {ledger.Succeeded, ledger.Canceled, ledger.Canceled},
		"replace": {ledger.Canceled, ledger.Canceled, ledger.Succeeded},
	} {
		t.Run(policy, func(t *testing.T) {
			p := newPlant(t, 4)
			p.job.Overlap = policy
			p.hold = make(chan struct{})
			p.start()
			fire := func(n int) string {
				i := fleet.NewInterval(hour.From.Add(time.Duration(n)*time.Hour), hour.To.Add(time.Duration(n)*time.Hour))
				r := ledger.Run{ID: p.ids.New(time.Now()), Job: p.job.Name, Interval: i, Origin: ledger.Scheduled, State: ledger.Queued, Created: time.Now()}
				if created, err := p.ledger.Fire(t.Context(), p.job.Name, i.To, []ledger.Run{r}); err != nil || len(created) != 1 {
					t.Fatal(created, err)
				}
				return r.ID
			}
			ids := []string{fire(0)}
			p.service.Wake()
			p.until(ids[0], func(r ledger.Run) bool { return r.State == ledger.Running })
			ids = append(ids, fire(1), fire(2))
			p.service.Wake()
			if policy == "skip" {
				p.until(ids[2], final)
			}
			if policy != "replace" {
				p.mu.Lock()
				close(p.hold)
				p.hold = nil
				p.mu.Unlock()
			}
			for i, id := range ids {
				for {
					r, err := p.ledger.Run(t.Context(), id)
					if err != nil {
						t.Fatal(err)
					}
					if r.State.Final() {
						if r.State != want[i] {
							t.Errorf("run %d is %s (%s), not %s", i, r.State, r.Error, want[i])
						}
						break
					}
					<-p.changed
				}
			}
		})
	}
}

// A service that ends at any moment leaves what the next one goes on with.
func TestRestart(t *testing.T) {
	for at := range 12 {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			p := newPlant(t, 60)
			p.job.MaxSensors = 7
			p.poison["d003/t1"] = fleet.TaskLost
			p.start()
			id := p.add().ID
			for range at {
				if r := <-p.changed; r.State.Final() {
					break
				}
			}
			p.stop()
			p.start()
			r, err := p.ledger.Run(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if !r.State.Final() {
				r = p.until(id, final)
			}
			if c := p.proven(1); r.State != ledger.Failed || c.Scored != 59 || c.Failed != 1 || c.Predictions != 118 {
				t.Errorf("%s (%s): %+v", r.State, r.Error, c.Counts)
			}
		})
	}
}

// Intervals are told apart by how they stand.
func TestBackfill(t *testing.T) {
	p := newPlant(t, 4)
	p.start()
	p.until(p.add().ID, final)
	next := fleet.NewInterval(hour.To, hour.To.Add(time.Hour))
	standings, runs, err := p.service.Backfill(t.Context(), p.job.Name, []fleet.Interval{hour, next}, []string{"missing", "failed"}, true)
	if err != nil || len(standings) != 1 || standings[0].Interval != next || len(runs) != 0 {
		t.Fatal(standings, runs, err)
	}
	_, runs, err = p.service.Backfill(t.Context(), p.job.Name, []fleet.Interval{hour, next}, []string{"missing"}, false)
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	p.until(runs[0].ID, final)
	standings, _, err = p.service.Backfill(t.Context(), p.job.Name, []fleet.Interval{hour, next}, nil, true)
	if err != nil || len(standings) != 2 || standings[1].State != "done" {
		t.Error(standings, err)
	}
	// Under another schedule, some of an interval has been scored.
	half := fleet.NewInterval(hour.From.Add(-30*time.Minute), hour.From.Add(30*time.Minute))
	standings, runs, err = p.service.Backfill(t.Context(), p.job.Name, []fleet.Interval{half}, nil, false)
	if err != nil || len(runs) != 0 || standings[0].State != "overlapped" {
		t.Error(standings, runs, err)
	}
}

// What nothing names goes after a while, and nothing else.
func TestJanitor(t *testing.T) {
	p := newPlant(t, 20)
	p.start()
	p.until(p.add().ID, final)
	p.until(p.add().ID, final)
	p.put(fleet.PredictionsPrefix(p.job.Name, hour)+"20260101t000000000-aaaaa-0-0-1.parquet", []byte("torn"))
	janitor := func(keep run.Retention, now time.Time) int {
		j := run.Janitor{Store: p.store, Ledger: p.ledger, Keep: func() run.Retention { return keep }, Now: func() time.Time { return now }}
		n, err := j.Clean(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := janitor(run.Retention{Grace: time.Hour}, time.Now()); n != 0 {
		t.Errorf("%d objects were deleted at once", n)
	}
	if n := janitor(run.Retention{Grace: time.Hour}, time.Now().Add(2*time.Hour)); n < 3 {
		t.Errorf("%d objects were deleted: a torn file, those of revision 1 and its tile", n)
	}
	p.proven(2)
	if n := janitor(run.Retention{Grace: time.Hour, Predictions: time.Hour, Logs: time.Hour, Runs: time.Hour}, time.Now().Add(24*time.Hour)); n == 0 {
		t.Error("nothing is past its time")
	}
	for info, err := range p.store.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if top, _, _ := strings.Cut(info.Key, "/"); top == "predictions" || top == "logs" || top == "runs" || top == "commits" {
			t.Errorf("%s is left", info.Key)
		}
	}
}

// refusing is an executor that takes nothing, as one does that is being stopped.
type refusing struct{ *plant }

func (refusing) Submit(fleet.Array) error { return errors.New("it is not running") }

// A service that is stopped while its executor is already gone leaves the run for
// the next one.
func TestExecutorIsGone(t *testing.T) {
	p := newPlant(t, 20)
	p.start()
	service, err := run.New(run.Config{
		Ledger: p.ledger, Store: p.store, Executor: refusing{p}, Packs: &pack.Builder{Store: p.store}, IDs: &p.ids,
		ManifestURL: func(key string) string { return key }, Partitions: partitions, Nodes: func() int { return 2 },
		Job:     func(name string) (run.Job, bool) { return p.job, name == p.job.Name },
		Changed: func(r ledger.Run) { p.changed <- r },
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.stop()
	if err := service.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := service.Add(t.Context(), p.job.Name, hour, ledger.Manual)
	if err != nil {
		t.Fatal(err)
	}
	p.until(r.ID, func(r ledger.Run) bool { return r.State == ledger.Running })
	service.Stop()
	p.start()
	if r := p.until(r.ID, final); r.State != ledger.Succeeded {
		t.Errorf("%s (%s)", r.State, r.Error)
	}
	p.proven(1)
}
