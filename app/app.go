package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/credential"
	"github.com/fleetscore/fleetscore/executor/local"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/tlsfile"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/monitor"
	"github.com/fleetscore/fleetscore/notify"
	"github.com/fleetscore/fleetscore/pool"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/schedule"
	"github.com/fleetscore/fleetscore/store/filestore"
	"github.com/fleetscore/fleetscore/store/pack"
	"github.com/fleetscore/fleetscore/store/tile"
	"github.com/fleetscore/fleetscore/view/pace"
	"github.com/fleetscore/fleetscore/web"
)

// Options are what an App is given beside its settings.
type Options struct {
	ConfigPath string   // as the user gave it; for reloads
	Command    []string // starts a node: this program with "node"
	Version    string
	Ready      func() // is called when all is up, or it stands by; nil: nobody waits for it
	Log        *slog.Logger
}

// App is the service: schedule, runs, nodes and the API, on one machine.
type App struct {
	opt         Options
	log         *slog.Logger
	file        atomic.Pointer[config.File]
	applying    sync.Mutex
	at          location // of the store
	identity    string   // what a folder that is a store calls itself
	store       closingStore
	ledger      *ledger.Ledger
	credentials *credential.Keeper
	tls         *tlsfile.Source // nil: no TLS
	executor    *local.Executor
	pool        *pool.Pool
	kept        pool.Kept
	told        formulaTold
	runs        *run.Service
	scheduler   *schedule.Scheduler
	janitor     *run.Janitor
	notify      *notify.Service
	hub         *web.Hub
	server      *web.Server
	intake      intake
	pace        *pace.Recorder
	tiles       tile.Reader
	models      modelView
	charts      *chartView
	monitor     *monitor.Monitor
	ids         run.IDs
	jobs        jobs
}

// New opens everything, so that what cannot work is known before anything starts.
func New(ctx context.Context, file *config.File, opt Options) (*App, error) {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	a := &App{opt: opt, log: opt.Log, hub: web.NewHub()}
	a.file.Store(file)
	var err error
	if a.monitor, err = a.openMonitor(ctx); err != nil {
		return nil, err
	}
	if a.monitor.Tracing() {
		a.log = slog.New(monitor.NewHandler(a.log.Handler()))
	}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close()) //nolint:contextcheck // closing does not end with the context
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	state := a.settings().StateDir()
	if err := os.MkdirAll(state, 0o700); err != nil {
		return fmt.Errorf("making the folder of the state: %w", err)
	}
	var err error
	if err = a.openLedger(ctx); err != nil {
		return err
	}
	if a.at, err = parseLocation(a.settings().Store); err != nil {
		return err
	}
	if a.store, err = openStore(ctx, a.at); err != nil {
		return fmt.Errorf("opening the store: %w", err)
	}
	if err := a.identify(ctx); err != nil {
		return err
	}
	if err := a.checkPartitions(ctx); err != nil {
		return err
	}
	if err := a.jobs.set(a.settings().Jobs); err != nil {
		return err
	}
	if err := a.openCredentials(ctx, state); err != nil {
		return err
	}
	if err := a.openIntake(ctx, state); err != nil {
		return err
	}
	if err := a.makePool(ctx); err != nil {
		return err
	}
	if err := a.makeExecutor(state); err != nil {
		return err
	}
	if err := a.makeRuns(); err != nil { //nolint:contextcheck // what runs report later has no context of ours
		return err
	}
	if err := a.makeNotify(); err != nil {
		return err
	}
	// Whoever asks the API should find what the settings say, and nodes that are.
	if err := a.ledger.EndNodes(ctx, time.Now(), "fleetscore was restarted"); err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	if err := a.saveJobs(ctx); err != nil {
		return err
	}
	if err := a.intake.start(ctx); err != nil {
		return err
	}
	a.pace = pace.New(a.intake.counters, time.Now, func(p pace.Pulse) { a.hub.Publish(web.Event{Pulse: &p}) })
	a.pace.Start(ctx)
	a.models = newModelView(a)
	a.charts = newChartView(a)
	a.charts.start(ctx)
	if err := a.startServer(ctx); err != nil {
		return err
	}
	return a.monitor.Send(ctx, a.server.Metrics())
}

// openMonitor begins to send traces, if the settings or the environment say where to.
func (a *App) openMonitor(ctx context.Context) (*monitor.Monitor, error) {
	t := a.settings().Telemetry
	m, err := monitor.New(ctx, monitor.Config{OTLP: t.OTLP, Traces: t.Traces, Metrics: t.Metrics, Interval: t.Interval.Std(), Version: a.opt.Version, Log: a.log.With("system", "monitor")})
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	return m, nil
}

// checkPartitions refuses another number of partitions than the data was made with.
func (a *App) checkPartitions(ctx context.Context) error {
	const key = "partitions"
	text, ok, err := a.ledger.Setting(ctx, key)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	if !ok {
		return a.ledger.SetSetting(ctx, key, strconv.Itoa(a.settings().Partitions))
	}
	if text != strconv.Itoa(a.settings().Partitions) {
		return fmt.Errorf("partitions: the data in %s is divided into %s partitions, and the configuration says %d; it cannot be changed once there is data",
			a.at.shown(), text, a.settings().Partitions)
	}
	return nil
}

func (a *App) makeExecutor(state string) error {
	nodes := a.settings().Pool
	workers := max(runtime.GOMAXPROCS(0)/max(nodes.Max, 1), 1)
	memory := int64(nodes.Memory)
	if memory == 0 {
		memory = fairShare(nodes.Max)
	}
	command := append(append([]string{}, a.opt.Command...), "--cache", filepath.Join(state, "cache"), "--workers", strconv.Itoa(workers))
	var err error
	a.executor, err = local.New(local.Config{
		Command: command, Env: nodeEnvironment(a.settings()), Target: a.pool.Target, Max: mostNodes, Idle: nodes.Idle.Std(), Memory: memory, Procs: workers + 1,
		TaskEvent: a.taskChanged,
		NodeEvent: a.nodeChanged,
		Log:       a.log.With("system", "executor"),
	})
	return err
}

func (a *App) makeRuns() error {
	packs := &pack.Builder{Store: a.store}
	var err error
	a.runs, err = run.New(run.Config{
		Ledger: a.ledger, Store: a.store, Executor: a.executor, Packs: packs, IDs: &a.ids,
		SameStore:   a.mayWrite,
		Windows:     a.intake.windows,
		ManifestURL: func(key string) string { return manifestURL(a.at, key) },
		Partitions:  a.settings().Partitions,
		Nodes:       func() int { return a.pool.Settings().Max },
		Job:         a.jobs.run,
		Pin:         func(ctx context.Context, r fleet.Runtime) (fleet.Runtime, error) { return pin(ctx, a.store, r) },
		Changed:     a.runChanged,
		Tracer:      a.monitor.Tracer(),
		Log:         a.log.With("system", "run"),
	})
	if err != nil {
		return err
	}
	a.scheduler, err = schedule.New(schedule.Config{
		Ledger: a.ledger, Plan: func(j ledger.Job) (*schedule.Plan, error) { return a.jobs.plan(j.Name) },
		NewID: func() string { return a.ids.New(time.Now()) },
		Fired: func(fired []ledger.Run) {
			for _, r := range fired {
				a.runChanged(r)
			}
			a.runs.Wake()
		},
		Log: a.log.With("system", "schedule"),
	})
	if err != nil {
		return err
	}
	a.janitor = &run.Janitor{Store: a.store, SameStore: a.mayWrite, Ledger: a.ledger, Keep: a.retention, Now: time.Now, Log: a.log.With("system", "janitor")}
	a.janitor.Sweeps = append(a.janitor.Sweeps, func(ctx context.Context, before time.Time) (int, error) {
		return packs.Sweep(ctx, a.runs.Pinned(), before)
	})
	a.janitor.Sweeps = append(a.janitor.Sweeps, func(ctx context.Context, before time.Time) (int, error) {
		return a.intake.windows.Sweep(ctx, before, a.settings().Retention.Windows.Std())
	})
	a.janitor.Sweeps = append(a.janitor.Sweeps, a.sweepArchive, a.sweepDays)
	if folder, ok := a.store.(*filestore.Store); ok {
		a.janitor.Sweeps = append(a.janitor.Sweeps, func(ctx context.Context, before time.Time) (int, error) {
			return folder.Sweep(ctx, before.Add(-24*time.Hour))
		})
	}
	return nil
}

func (a *App) retention() run.Retention {
	r := a.settings().Retention
	return run.Retention{
		Predictions: r.Predictions.Std(), Logs: r.Logs.Std(), Runs: r.Runs.Std(), Grace: r.Grace.Std(),
	}
}

func (a *App) runChanged(r ledger.Run) {
	a.hub.Publish(web.Event{Run: &r})
	a.pool.Changed()
	if r.State.Final() {
		a.learn(&r)
		a.notify.Wake()
		// What a run took is not needed until the next.
		debug.FreeOSMemory()
	}
}

func (a *App) taskChanged(e fleet.TaskEvent) {
	a.runs.Event(e)
	a.pool.TaskChanged(e)
	a.hub.Publish(web.Event{Task: &e})
}

func (a *App) jobChanged(ctx context.Context, name string) {
	job, err := a.ledger.Job(ctx, name)
	if err != nil {
		job = ledger.Job{Name: name, Removed: true}
	}
	a.hub.Publish(web.Event{Job: &job})
}

// nodeChanged keeps what becomes of nodes.
func (a *App) nodeChanged(n fleet.Node) {
	if err := a.ledger.SaveNode(context.Background(), n); err != nil {
		a.log.Error("the ledger cannot be written", "node", n.ID, "error", err)
	}
	a.pool.NodeChanged(n)
	a.hub.Publish(web.Event{Node: &n})
	if n.State == fleet.NodeFailed && n.Ready.IsZero() {
		a.notify.NodeFailed(n)
	}
}

// drainFor is how long tasks under way get to end when the service does.
const drainFor = 8 * time.Second

// Run serves until ctx ends, and then drains.
func (a *App) Run(ctx context.Context) error {
	if err := a.notify.Start(ctx); err != nil {
		return fmt.Errorf("starting to tell receivers: %w", err)
	}
	a.pool.Start(ctx) // the executor asks it at once
	if err := a.executor.Start(ctx); err != nil {
		return fmt.Errorf("starting the executor: %w", err)
	}
	if err := a.runs.Start(ctx); err != nil {
		return fmt.Errorf("starting runs: %w", err)
	}
	if err := a.scheduler.Start(ctx); err != nil {
		return fmt.Errorf("starting the schedule: %w", err)
	}
	a.janitor.Start(ctx)
	a.log.Info("fleetscore is up", "api", a.server.URL(), "store", a.at.shown(), "jobs", len(a.settings().Jobs), "nodes", a.pool.Settings().Max)
	if a.opt.Ready != nil {
		a.opt.Ready()
	}
	lost := a.watchLedger(ctx)
	patience := time.Duration(0) // nothing of it counts any more
	if lost == nil {
		a.log.Info("stopping: no more tasks are started, those under way may end")
		patience = drainFor
	}
	a.shutDown(patience) //nolint:contextcheck // its context is the one that has ended
	return lost
}

// shutDown ends everything, in the order in which nothing is lost.
func (a *App) shutDown(patience time.Duration) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	a.scheduler.Stop()
	a.janitor.Stop()
	if err := a.executor.Stop(ctx); err != nil {
		a.log.Warn("tasks were ended before they were done; they are done again after the next start", "error", err)
	}
	a.runs.Stop()
	a.pool.Stop()
	a.notify.Stop()
	a.server.Stop()
	a.pace.Stop()   // it asks the stream
	a.stopMonitor() // it asks the stream
	a.intake.stop(ctx)
}

// tellFor is how long a collector gets for the last that it is told.
const tellFor = 2 * time.Second

func (a *App) stopMonitor() {
	ctx, stop := context.WithTimeout(context.Background(), tellFor)
	defer stop()
	if err := a.monitor.Stop(ctx); err != nil {
		a.log.Warn("some telemetry was not sent", "error", err)
	}
}

// URL is where the API and the page are.
func (a *App) URL() string { return a.server.URL() }

// settings are those in force.
func (a *App) settings() *config.File { return a.file.Load() }

// Close lets go of files and connections.
func (a *App) Close() error {
	var errs []error
	if a.server != nil {
		a.server.Stop()
	}
	if a.pace != nil {
		a.pace.Stop()
		a.models.Stop()
		a.charts.stop()
	}
	a.stopMonitor()
	errs = append(errs, a.intake.close())
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.credentials != nil {
		a.credentials.Stop()
	}
	if a.ledger != nil {
		errs = append(errs, a.ledger.Close())
	}
	return errors.Join(errs...)
}
