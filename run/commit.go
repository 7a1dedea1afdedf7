package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/internal/counted"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/tile"
)

// commit says which attempts count, and ends the run.
func (d *driver) commit() error {
	key := fleet.CommitKey(d.job, d.run.Interval, d.run.Rev)
	if c, err := ReadCommit(d.ctx, d.cfg.Store, key); err == nil && c.Run == d.run.ID {
		return d.conclude(c) // it was committed, and the ledger not told
	}
	c, entries, err := d.outcome()
	if err != nil {
		return err
	}
	if err := tile.Write(d.ctx, d.cfg.Store, c.Tile, entries); err != nil {
		return fmt.Errorf("storing the tile: %w", err)
	}
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("writing the commit: %w", err)
	}
	err = d.cfg.Store.PutIfAbsent(d.ctx, key, bytes.NewReader(body))
	if errors.Is(err, store.ErrExists) {
		other, readErr := ReadCommit(d.ctx, d.cfg.Store, key)
		switch {
		case readErr != nil:
			return fmt.Errorf("reading the commit that is there: %w", readErr)
		case other.Run != d.run.ID:
			return fmt.Errorf("%wrun %s has committed revision %d of %s meanwhile; nothing of this run counts", errPermanent, other.Run, other.Rev, d.run.Interval)
		}
		return d.conclude(other)
	}
	if err != nil {
		return fmt.Errorf("storing the commit: %w", err)
	}
	return d.conclude(c)
}

// conclude ends the run as its commit says.
func (d *driver) conclude(c *fleet.Commit) error {
	d.run.Counts, d.run.Causes, d.run.Complete, d.run.Committed = c.Counts, c.Causes, c.Complete, true
	d.run.Finished = d.cfg.Now().UTC()
	if c.Complete {
		d.save(ledger.Succeeded)
	} else {
		d.run.State = ledger.Failed // before the text, which save clears of runs that go on
		d.run.Error = fmt.Sprintf("%d of %d sensors failed%s; max_failed allows %s", c.Failed, c.Sensors-c.Silent, orphans(c), d.spec.MaxFailed)
		d.save(ledger.Failed)
	}
	d.log.Info("run over", "state", string(d.run.State), "sensors", c.Sensors, "scored", c.Scored, "failed", c.Failed, "silent", c.Silent,
		"predictions", c.Predictions, "anomalies", c.Anomalies, "tasks", len(c.Tasks), "seconds", d.run.Finished.Sub(d.run.Started).Seconds())
	return nil
}

func orphans(c *fleet.Commit) string {
	if c.Orphans == 0 {
		return ""
	}
	return ", and " + counted.Of(c.Orphans, "reading") + " without a sensor"
}

// ReadCommit reads a commit. One that is not what its key says is a Damage.
func ReadCommit(ctx context.Context, s store.Reader, key string) (*fleet.Commit, error) {
	data, err := s.Get(ctx, key, nil)
	if err != nil {
		return nil, err
	}
	c := &fleet.Commit{}
	if err = json.Unmarshal(data, c); err != nil {
		err = fmt.Errorf("it is damaged: %w", err)
	} else if own := fleet.CommitKey(c.Job, c.Interval, c.Rev); own != key {
		err = fmt.Errorf("it says that it is %s", own)
	}
	if err != nil {
		job, interval, _, _ := fleet.ParseCommitKey(key)
		return nil, &Damage{Problem{key, err.Error(), "restore it, or " + againText(&fleet.Commit{Job: job, Interval: interval})}, err}
	}
	return c, nil
}

// outcome puts together what the tasks came to, and the fate of each sensor.
func (d *driver) outcome() (*fleet.Commit, []tile.Entry, error) {
	c := &fleet.Commit{Job: d.job, Interval: d.run.Interval, Rev: d.run.Rev, Run: d.run.ID, Time: d.cfg.Now().UTC(), Causes: []fleet.Group{}}
	c.Tile = fleet.TileKey(d.job, d.run.Interval, d.run.Rev)
	entries, err := d.carry(c)
	if err != nil {
		return nil, nil, err
	}
	broken := 0 // tasks that failed as a whole, whose sensors may not all be known
	for _, t := range d.counted() {
		more, err := d.fates(t)
		if err != nil {
			return nil, nil, err
		}
		entries = append(entries, more...)
		task := d.committed(t, more)
		if t.lost != "" || t.result.Error != "" {
			broken++
		}
		c.Tasks = append(c.Tasks, task)
	}
	for i := range c.Tasks {
		c.Add(c.Tasks[i].Counts)
		c.Causes = fleet.AddGroups(c.Causes, c.Tasks[i].Causes)
		c.ScoredBy = fleet.AddScorers(c.ScoredBy, c.Tasks[i].ScoredBy...)
	}
	slices.SortFunc(entries, func(a, b tile.Entry) int { return a.Sensor.Compare(b.Sensor) })
	failed := max(c.Failed, broken)
	if c.Orphans > 0 {
		failed++
	}
	c.Complete = !d.spec.MaxFailed.Exceeded(failed, max(c.Sensors-c.Silent, failed))
	return c, entries, nil
}

// counted lists the tasks that count: those that none replaces.
func (d *driver) counted() []*task {
	var all []*task
	for _, t := range d.tasks {
		if t.result != nil || t.lost != "" {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *task) int { return byKey(a.at, b.at) })
	return all
}

// fates are those of a task's sensors.
func (d *driver) fates(t *task) ([]tile.Entry, error) {
	if t.result != nil {
		entries, err := tile.ReadEntries(t.result.fates)
		if err != nil {
			return nil, fmt.Errorf("%w%s is damaged: %w", errPermanent, fleet.ResultKey(t.result.Task), err)
		}
		return entries, nil
	}
	known, err := d.known(t.shard)
	if err != nil {
		return nil, err
	}
	entries := make([]tile.Entry, 0, len(known))
	for _, s := range known {
		entries = append(entries, tile.Entry{Sensor: s, Fate: tile.Failed(t.lost, false)})
	}
	return entries, nil
}

// committed is how the commit says what a task came to.
func (d *driver) committed(t *task, entries []tile.Entry) fleet.CommitTask {
	name := fleet.Task{Run: d.run.ID, Generation: t.generation, Index: t.index, Attempt: t.attempt}
	task := fleet.CommitTask{Task: name, Part: t.shard.Part}
	if t.result == nil {
		task.Lost = t.lost
		task.Sensors, task.Failed = len(entries), len(entries)
		task.Causes = []fleet.Group{{Cause: t.lost, Sensors: len(entries), Example: fmt.Sprintf("task %d-%d: %.*s", t.generation, t.index, maxWhy, t.why)}}
		return task
	}
	r := &t.result.Result
	task.Task, task.Counts, task.Causes, task.ScoredBy, task.Files = r.Task, r.Counts, r.Causes, r.ScoredBy, r.Outputs
	if r.Error != "" && r.Failed == 0 {
		task.Causes = fleet.AddGroups(task.Causes, []fleet.Group{{Cause: fleet.NotRun, Example: r.Error}})
	}
	return task
}

// maxWhy bounds what a commit keeps of an explanation, in characters.
const maxWhy = 1000

// loadBase finds the commit of which a retry does again what failed.
func (d *driver) loadBase() error {
	if d.run.RetryOf == "" {
		return nil
	}
	of, err := d.cfg.Ledger.Run(d.ctx, d.run.RetryOf)
	if err != nil {
		return fmt.Errorf("reading the run that is retried: %w", err)
	}
	if of.Rev == 0 {
		return nil // it never came to a commit
	}
	base, err := ReadCommit(d.ctx, d.cfg.Store, fleet.CommitKey(d.job, of.Interval, of.Rev))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if base.Run == of.ID {
		d.plan.base = base
	}
	return nil
}

// failedTask reports that a task of the base is to be done again.
func failedTask(t *fleet.CommitTask) bool {
	return t.Lost != "" || t.Failed > 0 || slices.ContainsFunc(t.Causes, func(g fleet.Group) bool { return g.Cause == fleet.NotRun })
}

// redo lists the parts of the base's tasks that failed in some part.
func (d *driver) redo() []sized {
	var parts []sized
	for i := range d.plan.base.Tasks {
		if t := &d.plan.base.Tasks[i]; failedTask(t) {
			parts = append(parts, sized{Part: t.Part, cost: max(d.spec.TaskSeconds, float64(d.spec.unknownCost())*float64(t.Sensors)), sensors: t.Sensors})
		}
	}
	return parts
}

// carry takes over from the base what this run did not do again.
func (d *driver) carry(c *fleet.Commit) ([]tile.Entry, error) {
	base := d.plan.base
	if base == nil {
		return nil, nil
	}
	var kept []fleet.Part
	for i := range base.Tasks {
		if t := &base.Tasks[i]; !failedTask(t) {
			c.Tasks = append(c.Tasks, *t)
			kept = append(kept, t.Part)
		}
	}
	old, err := tile.Read(d.ctx, d.cfg.Store, base.Tile)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, tile.ErrDamaged) {
		entries, err := fatesOf(d.ctx, d.cfg.Store, c.Tasks) // the results of what is kept say the same
		if errors.Is(err, ErrNoTile) {
			err = fmt.Errorf("%w%w: the tile of revision %d is gone; retry all of the run, without --failed", errPermanent, err, base.Rev)
		}
		return entries, err
	}
	if err != nil {
		return nil, fmt.Errorf("reading the tile of revision %d: %w", base.Rev, err)
	}
	var entries []tile.Entry
	for i := range old.Len() {
		e := old.At(i)
		if slices.ContainsFunc(kept, func(p fleet.Part) bool { return p.Covers(e.Sensor, d.cfg.Partitions) }) {
			entries = append(entries, e)
		}
	}
	return entries, nil
}
