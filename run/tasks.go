package run

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// at is a task of a run.
type at struct{ generation, index int }

// task is a task of a run, and how it stands.
type task struct {
	at
	shard   *fleet.Shard
	attempt int              // the last one; 0: none yet
	busy    bool             // the attempt is with the executor
	due     time.Time        // when the next one is made
	crashes int              // attempts whose node died, or that took too long
	fails   int              // attempts that ended without a result
	waits   int              // attempts that the store did not serve
	stale   bool             // its packs are gone
	held    *fleet.TaskEvent // its last crash, of which it is not decided yet what follows
	over    bool             // it is done, given up, or replaced
	result  *outcome         // nil: none
	lost    fleet.Cause
	why     string // it is lost
}

// saveEvery is how often attempts are written to the ledger, and the run is shown.
const saveEvery = 250 * time.Millisecond

// watch has the tasks done that are not yet, and returns when all are over.
func (d *driver) watch() error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for d.left > 0 {
		d.submit()
		timer.Reset(time.Until(d.next()))
		select {
		case <-d.ctx.Done():
			d.parting()
			return context.Cause(d.ctx)
		case <-d.inbox.wake:
		case <-timer.C:
		}
		if err := d.apply(d.take()); err != nil {
			return err
		}
		d.record(false)
	}
	d.record(true)
	return nil
}

// submit gives the executor what is due.
func (d *driver) submit() {
	now := d.cfg.Now()
	arrays := map[int]*fleet.Array{}
	for _, t := range d.inOrder() {
		if t.over || t.busy || t.held != nil || t.due.After(now) {
			continue
		}
		t.attempt++
		t.busy = true
		a := arrays[t.generation]
		if a == nil {
			a = &fleet.Array{Manifest: d.cfg.ManifestURL(fleet.ManifestKey(d.run.ID, t.generation)), Priority: d.spec.Priority,
				Timeout: time.Duration(d.spec.Recipe.Timeout * float64(time.Second))}
			arrays[t.generation] = a
		}
		name := fleet.Task{Run: d.run.ID, Generation: t.generation, Index: t.index, Attempt: t.attempt}
		a.Tasks = append(a.Tasks, name)
		a.Costs = append(a.Costs, t.expected())
		a.Sensors = append(a.Sensors, t.shard.Sensors)
		d.note(ledger.Attempt{Task: name, State: fleet.TaskWaiting, Cost: t.shard.Cost, Queued: now.UTC()})
	}
	if len(arrays) == 0 {
		return
	}
	// An attempt that the ledger has not heard of could be made twice under one name.
	known := d.record(true)
	for _, g := range slices.Sorted(maps.Keys(arrays)) {
		if !known {
			d.withdraw(arrays[g])
		} else if err := d.cfg.Executor.Submit(*arrays[g]); err != nil {
			d.refused(arrays[g], err)
		}
	}
}

// withdraw forgets attempts that the ledger could not be told of. They are made later.
func (d *driver) withdraw(a *fleet.Array) {
	later := d.cfg.Now().Add(refusedFor)
	for _, name := range a.Tasks {
		t := d.tasks[at{name.Generation, name.Index}]
		t.attempt--
		t.busy, t.due = false, later
		delete(d.attempts, name)
		delete(d.dirty, name)
	}
}

// refusedFor is when tasks are submitted again that an executor does not take: it
// is going down, and the service with it, or coming back.
const refusedFor = time.Second

func (d *driver) refused(a *fleet.Array, err error) {
	d.log.Warn("the executor takes no tasks", "error", err)
	now := d.cfg.Now()
	for _, name := range a.Tasks {
		t := d.tasks[at{name.Generation, name.Index}]
		t.busy, t.due = false, now.Add(refusedFor)
		attempt := d.attempt(name)
		attempt.State, attempt.Finished, attempt.Detail = fleet.TaskCanceled, now.UTC(), err.Error()
		d.note(attempt)
	}
}

// alone is a cost for which no executor has a node do another task beside.
const alone = 10

// expected is what a task is expected to cost. One that may have killed a node
// must not take others with it, nor be blamed for another.
func (t *task) expected() float64 {
	if t.crashes > 0 || t.shard.Suspect {
		return max(t.shard.Cost, alone)
	}
	return t.shard.Cost
}

// inOrder lists the tasks that are not over, by generation and index. Most of the
// time that is few: those that wait for a retry.
func (d *driver) inOrder() []*task {
	var open []*task
	for _, t := range d.tasks {
		if !t.over && !t.busy {
			open = append(open, t)
		}
	}
	slices.SortFunc(open, func(a, b *task) int { return byKey(a.at, b.at) })
	return open
}

// next is when something is due though nobody tells: an attempt, or to be saved.
func (d *driver) next() time.Time {
	next := d.cfg.Now().Add(time.Hour)
	if len(d.dirty) > 0 {
		next = d.flush
	}
	for _, t := range d.tasks {
		if !t.over && !t.busy && t.held == nil && t.due.Before(next) {
			next = t.due
		}
	}
	return next
}

// apply takes what the executor told.
func (d *driver) apply(events []fleet.TaskEvent) error {
	var done []fleet.TaskEvent
	touched := map[int]bool{} // generations
	for _, e := range events {
		t := d.tasks[at{e.Task.Generation, e.Task.Index}]
		if t == nil {
			continue
		}
		a := d.attempt(e.Task)
		a.State, a.Node = e.State, e.Node
		if e.State == fleet.TaskRunning {
			a.Progress = e.Progress
			if a.Started.IsZero() {
				a.Started = e.Time.UTC()
			}
		} else {
			a.Finished, a.Detail = e.Time.UTC(), e.Detail
		}
		d.note(a)
		if t.over || !e.State.Final() || e.Task.Attempt != t.attempt {
			continue
		}
		if e.State == fleet.TaskDone {
			done = append(done, e)
			continue
		}
		t.busy = false
		d.failed(t, e)
		touched[t.generation] = true
	}
	finished, err := d.collect(done)
	if err != nil {
		return err
	}
	for _, t := range finished {
		touched[t.generation] = true
	}
	for _, g := range slices.Sorted(maps.Keys(touched)) {
		if err := d.persist("splitting a task", func() error { return d.judge(g) }); err != nil {
			return err
		}
	}
	return nil
}

// failed decides what follows an attempt that left no result.
func (d *driver) failed(t *task, e fleet.TaskEvent) {
	d.log.Warn("attempt without a result", "task", e.Task.String(), "state", string(e.State), "node", e.Node, "detail", e.Detail)
	d.lastWords(e)
	switch e.State {
	case fleet.TaskLost, fleet.TaskTimedOut:
		t.crashes++
		t.held = &e
	case fleet.TaskCanceled: // by nobody here: the executor is going down
		d.again(t, 1)
	default:
		if err := d.store.trouble(d); e.Unserved || err != nil {
			d.unserved(t, e, err)
			return
		}
		if t.stale = !d.packsAreWell(t); t.stale {
			return
		}
		if t.fails++; t.fails > d.spec.Retries.Max {
			d.giveUp(t, fleet.NotRun, e.Detail)
			return
		}
		d.again(t, t.fails)
	}
}

// judge decides what follows crashes of tasks of a generation. Of the pieces of a
// task that is not before each was tried, as it says more than each by itself:
// where all die it is not a sensor but what they all read.
func (d *driver) judge(generation int) error {
	if err := d.repack(generation); err != nil {
		return err
	}
	var held []*task
	pieces, died := 0, 0
	for _, t := range d.tasks {
		if t.generation != generation {
			continue
		}
		if t.crashes == 0 && !t.over && t.shard.Suspect {
			return nil
		}
		// What is left when sensors stand alone has none that is known.
		if rest := t.shard.Part.Only == nil && len(t.shard.Part.Except) > 0; !rest {
			pieces++
			if t.crashes > 0 {
				died++
			}
		}
		if t.held != nil && !t.over {
			held = append(held, t)
		}
	}
	slices.SortFunc(held, func(a, b *task) int { return byKey(a.at, b.at) })
	for _, t := range held {
		e := *t.held
		t.held = nil
		switch {
		case t.shard.Suspect && pieces > 2 && died == pieces:
			d.giveUp(t, causeOf(e), "every piece of it came to the same end, so it is not one sensor but what they all read: "+e.Detail)
		case e.State == fleet.TaskLost && t.crashes <= d.patience(t):
			d.again(t, t.crashes-1)
		default:
			if err := d.isolate(t, e); err != nil {
				t.held = &e // for the next try
				return err
			}
		}
	}
	return nil
}

// causeOf is how a crash is told of.
func causeOf(e fleet.TaskEvent) fleet.Cause {
	if e.State == fleet.TaskTimedOut {
		return fleet.TimedOut
	}
	return fleet.Crashed
}

// patience is how many nodes a task may take with it before it is split. Only of
// a task that is whole, or a sensor alone, is there doubt that it was the task.
func (d *driver) patience(t *task) int {
	if !t.shard.Suspect || t.shard.Part.Only != nil {
		return max(d.spec.Retries.Max, 1)
	}
	return 1
}

// again makes another attempt, after n that failed.
func (d *driver) again(t *task, n int) {
	t.due = d.cfg.Now()
	if n > 0 {
		t.due = t.due.Add(d.spec.Retries.wait(n))
	}
}

// giveUp ends a task without a result.
func (d *driver) giveUp(t *task, cause fleet.Cause, why string) {
	t.over, t.lost, t.why = true, cause, why
	d.left--
	d.run.TasksDone++
}

// attempt is what is known of an attempt so far.
func (d *driver) attempt(name fleet.Task) ledger.Attempt {
	if a, ok := d.attempts[name]; ok {
		return a
	}
	return ledger.Attempt{Task: name}
}

// note remembers an attempt, for the ledger to learn in a while.
func (d *driver) note(a ledger.Attempt) {
	if len(d.dirty) == 0 {
		d.flush = d.cfg.Now().Add(saveEvery)
	}
	d.dirty[a.Task] = struct{}{}
	d.attempts[a.Task] = a
}

const theLedger = "the ledger"

// record writes attempts to the ledger, if it is time or it must be, and shows the
// run. It reports whether the ledger knows all that it must.
func (d *driver) record(must bool) bool {
	if len(d.dirty) == 0 || !must && d.cfg.Now().Before(d.flush) {
		return true
	}
	batch := make([]ledger.Attempt, 0, len(d.dirty))
	for name := range d.dirty {
		batch = append(batch, d.attempts[name])
	}
	ctx := context.WithoutCancel(d.ctx)
	if err := d.cfg.Ledger.SaveAttempts(ctx, batch); err != nil {
		d.log.Error("the ledger cannot be written", "error", err)
		d.waiting(theLedger, err)
		d.flush = d.cfg.Now().Add(saveEvery)
		return false
	}
	for name := range d.dirty {
		if d.attempts[name].State.Final() {
			delete(d.attempts, name)
		}
	}
	clear(d.dirty)
	if strings.HasPrefix(d.run.Error, waitingFor+theLedger) {
		d.goesOn()
	}
	d.show()
	return true
}

// settle waits a little for what the executor tells of attempts that it ends.
func (d *driver) settle() {
	limit := time.NewTimer(3 * time.Second)
	defer limit.Stop()
	busy := 0
	for _, t := range d.tasks {
		if t.busy && !t.over {
			busy++
		}
	}
	for busy > 0 {
		select {
		case <-limit.C:
			d.log.Warn("attempts have not ended in time", "attempts", busy)
			busy = 0
		case <-d.inbox.wake:
		}
		for _, e := range d.take() {
			if !e.State.Final() {
				continue
			}
			if t := d.tasks[at{e.Task.Generation, e.Task.Index}]; t != nil && t.busy && e.Task.Attempt == t.attempt {
				t.busy = false
				busy--
			}
			a := d.attempt(e.Task)
			a.State, a.Node, a.Finished, a.Detail = e.State, e.Node, e.Time.UTC(), e.Detail
			d.note(a)
		}
	}
	d.record(true)
}

// isolate splits a task that kills nodes or takes too long. It gives up a sensor
// that stands alone, and one whose sensors nobody knows.
func (d *driver) isolate(t *task, e fleet.TaskEvent) error {
	if t.shard.Part.Only != nil && t.crashes <= d.patience(t) {
		d.again(t, t.crashes-1)
		return nil
	}
	var known []fleet.Sensor
	if t.shard.Part.Only == nil {
		var err error
		if known, err = d.known(t.shard); err != nil {
			return err
		}
	}
	if len(known) == 0 {
		d.giveUp(t, causeOf(e), e.Detail)
		return nil
	}
	return d.replace(t, split(t.shard.Part, known, d.cfg.Partitions))
}

// replace makes another generation that does the pieces of a task.
func (d *driver) replace(t *task, pieces []fleet.Part) error {
	g := d.nextGeneration(t)
	for i, part := range pieces {
		g.shards = append(g.shards, fleet.Shard{Index: i, Part: part, Inputs: t.shard.Inputs, Packs: t.shard.Packs,
			Cost: t.shard.Cost / float64(len(pieces)), Suspect: true})
	}
	if err := d.publish(g); err != nil {
		return err
	}
	d.log.Info("split a task", "task", fmt.Sprintf("%d-%d", t.generation, t.index), "generation", g.manifest.Generation, "pieces", len(pieces))
	d.plan.generations = append(d.plan.generations, g)
	d.adopt(g)
	return nil
}

// nextGeneration is one that replaces tasks, without shards.
func (d *driver) nextGeneration(replaced ...*task) *generation {
	m := *d.plan.generations[0].manifest
	m.Generation, m.Planned, m.Replaces = len(d.plan.generations), d.cfg.Now().UTC(), nil
	for _, t := range replaced {
		m.Replaces = append(m.Replaces, fleet.Task{Run: d.run.ID, Generation: t.generation, Index: t.index})
	}
	return &generation{manifest: &m}
}

// adopt takes in the tasks of a generation, in place of those that it replaces.
func (d *driver) adopt(g *generation) {
	for _, old := range g.manifest.Replaces {
		if t := d.tasks[at{old.Generation, old.Index}]; t != nil && !t.over {
			t.over = true
			d.left--
			d.run.Tasks--
		}
	}
	for i := range g.shards {
		t := &task{at: at{g.manifest.Generation, i}, shard: &g.shards[i]}
		d.tasks[t.at] = t
		d.left++
		d.run.Tasks++
	}
	d.run.Generation = g.manifest.Generation
}
