package webtest

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/credential"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/web"
)

// Noon is when everything happens; the service's clock stands two hours later.
func Noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// Hour is the interval of an hour that begins n hours after noon.
func Hour(n int) fleet.Interval {
	from := Noon().Add(time.Duration(n) * time.Hour)
	return fleet.NewInterval(from, from.Add(time.Hour))
}

// Names of the runs that there are.
const (
	RunDone   = "20261123t120000000-aaaaa" // of hour 0: failed in part, committed
	RunActive = "20261123t130000000-bbbbb" // of hour 1: one of its tasks runs
)

// Service is a running API over a real ledger; the rest is not real.
type Service struct {
	*web.Server
	Ledger  *ledger.Ledger
	Keeper  *credential.Keeper
	Hub     *web.Hub
	Control *Control
	Data    *Data
	Log     *Log
	Secrets map[web.Role]string // of a token of each role
}

// New starts a service, with a change to its settings, and stops it when the test
// is over.
func New(t testing.TB, change ...func(*web.Config)) *Service {
	t.Helper()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	seed(t, l)
	s := &Service{Ledger: l, Hub: web.NewHub(), Control: &Control{Ledger: l}, Data: NewData(), Log: &Log{}, Secrets: map[web.Role]string{}}
	now := func() time.Time { return Noon().Add(2 * time.Hour) }
	s.Keeper, err = credential.New(credential.Config{Ledger: l, Keys: filepath.Join(t.TempDir(), "keys.json"), Now: now})
	must(t, err)
	must(t, s.Keeper.Start(t.Context()))
	t.Cleanup(s.Keeper.Stop)
	for _, role := range []web.Role{web.Viewer, web.Operator, web.Admin, web.Device} {
		order := credential.Order{Name: role.String() + "-token", Role: role, Maker: "test"}
		if role == web.Device {
			order.Devices = credential.Patterns{"pump-*"}
		}
		s.Secrets[role], _, err = s.Keeper.Create(t.Context(), order)
		must(t, err)
	}
	cfg := web.Config{
		Listen: "127.0.0.1:0", Credentials: s.Keeper, Ledger: l, Control: s.Control, Data: s.Data, Intake: &Intake{}, Pool: &Pool{}, Notify: Notify{}, Hub: s.Hub, Views: Views{},
		Cost: func(_ context.Context, r ledger.Run) (fleet.Cost, error) {
			return fleet.Cost{Nodes: fleet.NodeSeconds{Busy: 4, Total: 4}, Store: r.Usage, Money: &fleet.Money{Total: 0.5, Currency: "EUR"}}, nil
		},
		Backup: func(context.Context) (*os.File, error) { return os.Open(os.Args[0]) },
		Probes: []web.Probe{
			{Name: "ledger", Check: func(ctx context.Context) error { _, err := l.Jobs(ctx); return err }},
			{Name: "store", Check: s.Data.Check},
		},
		Version: "1.2.3", Store: "/data", Now: now,
		Log: slog.New(slog.NewTextHandler(s.Log, nil)),
	}
	for _, c := range change {
		c(&cfg)
	}
	s.Server, err = web.New(cfg)
	must(t, err)
	must(t, s.Start(t.Context()))
	t.Cleanup(func() {
		s.Stop()
		s.Hub.Close()
	})
	return s
}

// seed fills the ledger with one of everything.
func seed(t testing.TB, l *ledger.Ledger) {
	t.Helper()
	ctx := t.Context()
	must(t, l.SaveJobs(ctx, []ledger.Job{
		{Name: "hourly", Spec: json.RawMessage(`{"schedule":"0 * * * *"}`), Priority: 3}, {Name: "by-hand", Spec: json.RawMessage(`{}`)},
	}, Noon()))
	done := ledger.Run{ID: RunDone, Job: "hourly", Interval: Hour(0), Origin: "schedule", State: ledger.Queued, Created: Noon().Add(time.Hour)}
	must(t, l.AddRun(ctx, done))
	done.State, done.Started, done.Finished, done.Rev, done.Tasks, done.TasksDone = ledger.Failed, Noon().Add(time.Hour), Noon().Add(time.Hour+4*time.Second), 1, 2, 2
	done.Counts = fleet.Counts{Sensors: 4, Scored: 2, Failed: 2, Readings: 240, Predictions: 120, Anomalies: 3}
	done.Causes = []fleet.Group{{Cause: fleet.NoModel, Sensors: 2, Rows: 120, Example: "pump-1/<script>: no model"}}
	done.Error, done.Committed = "2 of 4 sensors failed <b>", true
	must(t, l.SaveRun(ctx, done))
	active := ledger.Run{ID: RunActive, Job: "hourly", Interval: Hour(1), Origin: "schedule", State: ledger.Queued, Created: Noon().Add(2 * time.Hour)}
	must(t, l.AddRun(ctx, active))
	active.State, active.Started, active.Tasks = ledger.Running, Noon().Add(2*time.Hour), 2
	must(t, l.SaveRun(ctx, active))
	task := func(run string, index, attempt int, state fleet.TaskState) ledger.Attempt {
		a := ledger.Attempt{Task: fleet.Task{Run: run, Index: index, Attempt: attempt}, State: state, Node: "n-1", Cost: 1.5, Queued: Noon(), Started: Noon()}
		if state == fleet.TaskDone {
			a.Finished = a.Started.Add(2 * time.Second)
		}
		return a
	}
	must(t, l.SaveAttempts(ctx, []ledger.Attempt{
		task(RunDone, 0, 1, fleet.TaskLost), task(RunDone, 0, 2, fleet.TaskDone), task(RunDone, 1, 1, fleet.TaskDone), task(RunActive, 0, 1, fleet.TaskRunning),
	}))
	must(t, l.SaveNode(ctx, fleet.Node{ID: "n-1", Executor: "local", State: fleet.NodeBusy, PID: 7, Tasks: 1, Started: Noon()}))
	must(t, l.Enqueue(ctx, []ledger.Message{{
		Receiver: "chat", ID: RunDone + "-1-run-failed", Type: "run.failed", Subject: "hourly/<b>", Body: "{}", Created: Noon(), Due: Noon(), Expires: Noon().Add(time.Hour),
	}}))
	must(t, l.AddMute(ctx, ledger.Mute{ID: "abcd1234", Pattern: "pump-7/*", Ends: Noon().Add(24 * time.Hour), Reason: "<b>", Who: "somebody", Created: Noon()}))
	must(t, l.Note(ctx, ledger.Entry{Time: Noon(), Who: "somebody", Action: "job.pause", Subject: "hourly"}))
}

// PublishRun tells readers of events of a run.
func (s *Service) PublishRun(id string, state ledger.RunState) {
	s.Hub.Publish(web.Event{Run: &ledger.Run{
		ID: id, Job: "hourly", Interval: Hour(0), Origin: "schedule", State: state, Created: Noon(), Finished: Noon().Add(time.Second),
	}})
}

// Log is what the service logs, which may be read meanwhile.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// String is all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
