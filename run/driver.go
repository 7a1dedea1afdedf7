package run

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store"
)

// driver takes one run from the ledger to its end.
type driver struct {
	*Service
	cfg     Config // the service's, with counter as its store
	counter *store.Counter
	used    fleet.Usage // by attempts that have a result

	job  string
	ctx  context.Context
	stop context.CancelCauseFunc
	log  *slog.Logger
	late context.Context // ends a little after ctx
	// traced has the span of the part of the run that is under way; it does not end.
	traced context.Context

	inbox struct {
		sync.Mutex
		events []fleet.TaskEvent
		wake   chan struct{}
	}
	// What follows is the driver's goroutine's, but for shown.
	run   ledger.Run
	spec  Job
	plan  *plan
	tasks map[at]*task
	left  int          // tasks that are neither done, given up nor replaced
	found []fleet.Task // the results that were in the store when it was planned
	store storeHealth
	// attempts are those under way, and dirty those the ledger has not heard of,
	// which it does at flush at the latest.
	attempts map[fleet.Task]ledger.Attempt
	dirty    map[fleet.Task]struct{}
	flush    time.Time
	shown    struct {
		sync.Mutex
		run   ledger.Run
		reads []string // that its shards name
	}
}

func newDriver(s *Service, r ledger.Run) *driver {
	ctx, stop := context.WithCancelCause(s.ctx)
	counter := store.NewCounter(s.cfg.Store)
	cfg := s.cfg
	cfg.Store = counter
	d := &driver{Service: s, cfg: cfg, counter: counter, job: r.Job, ctx: ctx, stop: stop, run: r, tasks: make(map[at]*task),
		attempts: make(map[fleet.Task]ledger.Attempt), dirty: make(map[fleet.Task]struct{}),
		log: s.cfg.Log.With("run", r.ID, "job", r.Job), late: outliving(ctx, lastWait)}
	d.inbox.wake = make(chan struct{}, 1)
	d.shown.run = r
	return d
}

// tell hands an event to the driver; it never blocks.
func (d *driver) tell(e fleet.TaskEvent) {
	d.inbox.Lock()
	d.inbox.events = append(d.inbox.events, e)
	d.inbox.Unlock()
	select {
	case d.inbox.wake <- struct{}{}:
	default:
	}
}

func (d *driver) take() []fleet.TaskEvent {
	d.inbox.Lock()
	defer d.inbox.Unlock()
	events := d.inbox.events
	d.inbox.events = nil
	return events
}

// drive takes the run to its end, or returns because the service stops.
func (d *driver) drive() {
	defer d.stop(nil)
	var whole trace.Span
	d.traced, whole = d.beginTrace(context.WithoutCancel(d.ctx), d.run)
	err := d.steps()
	if err != nil && !errors.Is(err, errStopping) {
		d.fail(err)
	}
	if d.run.State.Final() {
		d.endTrace(d.traced, whole, d.run)
	}
}

// fail ends a run that cannot go on, or is not to.
func (d *driver) fail(err error) {
	if d.run.State == ledger.Running {
		d.cfg.Executor.Cancel(d.run.ID)
		d.settle()
	}
	state := ledger.Failed
	if errors.Is(err, errCanceled) {
		state = ledger.Canceled
	} else {
		d.log.Error("run failed", "error", err)
	}
	d.run.Error, d.run.Finished = err.Error(), d.cfg.Now().UTC()
	d.save(state)
}

// steps are those of a run, of which some may have been done before a restart.
func (d *driver) steps() error {
	spec, ok := d.cfg.Job(d.job)
	if !ok {
		return errors.New("the job is no longer in the configuration")
	}
	d.spec = spec
	if d.run.Started.IsZero() {
		d.run.Started = d.cfg.Now().UTC()
	}
	resumed := attribute.Bool("fleetscore.resumed", d.run.State != ledger.Queued)
	if d.run.State == ledger.Queued {
		d.save(ledger.Planning)
	}
	if err := d.step("plan", func() error { return d.persist("planning", d.prepare) }, resumed); err != nil {
		return err
	}
	if d.plan.lost != nil {
		return d.takeOver(d.plan.lost)
	}
	// What was given up is not in the store: after a restart it is tried again.
	if d.run.State != ledger.Committing || d.left > 0 {
		d.save(ledger.Running)
		if err := d.watch(); err != nil {
			return err
		}
	}
	d.save(ledger.Committing)
	return d.step("commit", func() error { return d.persist("committing", d.commit) })
}

// persist tries something until it is done, the run is canceled, or it is known
// that it never can be: a store or a ledger may be away for a while.
func (d *driver) persist(what string, try func() error) error {
	const most = 30 * time.Second
	waited := false
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, most) {
		err := d.cfg.SameStore()
		if err == nil {
			err = try()
		}
		if d.ctx.Err() != nil {
			return context.Cause(d.ctx)
		}
		if waited && (err == nil || errors.Is(err, errPermanent)) {
			d.goesOn()
		}
		if err == nil || errors.Is(err, errPermanent) {
			return err
		}
		waited = true
		d.log.Warn(what+" does not succeed yet", "error", err, "retry", wait.String())
		d.waiting(what, err)
		select {
		case <-time.After(wait):
		case <-d.ctx.Done():
			return context.Cause(d.ctx)
		}
	}
}

const waitingFor = "waiting: "

// waiting shows why a run does not go on.
func (d *driver) waiting(what string, err error) {
	d.run.Error = waitingFor + what + ": " + err.Error()
	d.show()
}

// goesOn takes back what waiting has shown.
func (d *driver) goesOn() {
	if strings.HasPrefix(d.run.Error, waitingFor) {
		d.run.Error = ""
		d.show()
	}
}

// show makes the run, as it stands, known to all but the ledger.
func (d *driver) show() {
	d.shown.Lock()
	d.shown.run = d.run
	d.shown.Unlock()
	d.cfg.Changed(d.run)
}

func (d *driver) live() ledger.Run {
	d.shown.Lock()
	defer d.shown.Unlock()
	return d.shown.run
}

// save moves the run to a state, in the ledger too, however long that takes.
func (d *driver) save(state ledger.RunState) {
	d.run.State = state
	d.run.Usage = d.counter.Usage()
	d.run.Usage.Add(d.used)
	if !state.Final() {
		d.run.Error = ""
	}
	// A run that is canceled is saved all the same.
	ctx := context.WithoutCancel(d.ctx)
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		err := d.cfg.Ledger.SaveRun(ctx, d.run)
		if err == nil {
			break
		}
		d.log.Error("the ledger cannot be written", "error", err, "retry", wait.String())
		select {
		case <-time.After(wait):
		case <-d.Service.ctx.Done():
			return // the next start goes on from the state before
		}
	}
	d.show()
}
