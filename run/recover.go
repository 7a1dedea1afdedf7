package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store"
)

// loadGenerations reads the run's manifests, and finds its results.
func (d *driver) loadGenerations() error {
	d.found = nil
	var numbers []int
	for info, err := range d.cfg.Store.List(d.ctx, fleet.RunPrefix(d.run.ID)) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return fmt.Errorf("looking for manifests: %w", err)
		}
		n := 0
		if _, err := fmt.Sscanf(info.Key, fleet.RunPrefix(d.run.ID)+"manifest-%d.json", &n); err == nil && fleet.ManifestKey(d.run.ID, n) == info.Key {
			numbers = append(numbers, n)
		}
		if name, ok := strings.CutPrefix(info.Key, fleet.ResultPrefix(d.run.ID)); ok {
			if t, err := fleet.ParseTask(d.run.ID, strings.TrimSuffix(name, ".json")); err == nil {
				d.found = append(d.found, t)
			}
		}
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		if n != i {
			return fmt.Errorf("%wmanifest %d of the run is missing from the store", errPermanent, i)
		}
		g, err := d.loadGeneration(n)
		if err != nil {
			return err
		}
		d.plan.generations = append(d.plan.generations, g)
	}
	return nil
}

func (d *driver) loadGeneration(n int) (*generation, error) {
	key := fleet.ManifestKey(d.run.ID, n)
	data, err := d.cfg.Store.Get(d.ctx, key, nil)
	if err != nil {
		return nil, fmt.Errorf("reading a manifest: %w", err)
	}
	g := &generation{manifest: &fleet.Manifest{}}
	if err := json.Unmarshal(data, g.manifest); err != nil {
		return nil, fmt.Errorf("%w%s is damaged: %w", errPermanent, key, err)
	}
	if data, err = d.cfg.Store.Get(d.ctx, g.manifest.ShardsKey, nil); err != nil {
		return nil, fmt.Errorf("reading shards: %w", err)
	}
	g.shards = make([]fleet.Shard, len(g.manifest.Shards))
	from := int64(0)
	for i, end := range g.manifest.Shards {
		if end < from || end > int64(len(data)) {
			return nil, fmt.Errorf("%w%s is damaged: shard %d ends at byte %d of %d", errPermanent, g.manifest.ShardsKey, i, end, len(data))
		}
		if err := json.Unmarshal(data[from:end], &g.shards[i]); err != nil {
			return nil, fmt.Errorf("%w%s is damaged: %w", errPermanent, g.manifest.ShardsKey, err)
		}
		from = end
	}
	return g, nil
}

// recover takes in the tasks, with what an earlier process had done of them.
func (d *driver) recover() error {
	d.tasks, d.left = make(map[at]*task), 0
	d.run.Tasks, d.run.TasksDone, d.run.Counts, d.run.Causes = 0, 0, fleet.Counts{}, nil
	for _, g := range d.plan.generations {
		d.adopt(g)
		d.pin(g)
	}
	if d.run.State == ledger.Planning && len(d.found) == 0 {
		return nil // nothing of it was ever submitted
	}
	if err := d.recoverAttempts(); err != nil {
		return err
	}
	slices.SortFunc(d.found, func(a, b fleet.Task) int { return a.Attempt - b.Attempt })
	var done []fleet.TaskEvent
	for _, name := range d.found {
		t := d.tasks[at{name.Generation, name.Index}]
		if t == nil || t.over || t.busy {
			continue
		}
		t.busy = true // it has a result among done
		t.attempt = max(t.attempt, name.Attempt)
		done = append(done, fleet.TaskEvent{Task: name, State: fleet.TaskDone})
	}
	_, err := d.collect(done)
	return err
}

// pin keeps others from deleting what a generation reads.
func (d *driver) pin(g *generation) {
	d.shown.Lock()
	defer d.shown.Unlock()
	for i := range g.shards {
		d.shown.reads = append(d.shown.reads, g.shards[i].Packs...)
		for _, in := range g.shards[i].Inputs {
			d.shown.reads = append(d.shown.reads, in.Key)
		}
	}
}

// recoverAttempts finds the number of each task's last attempt, so that no name
// is used twice. Attempts that were under way are lost with the process that was.
func (d *driver) recoverAttempts() error {
	attempts, err := d.cfg.Ledger.Attempts(d.ctx, ledger.AttemptFilter{Run: d.run.ID})
	if err != nil {
		return fmt.Errorf("reading attempts: %w", err)
	}
	for _, a := range attempts {
		if t := d.tasks[at{a.Generation, a.Index}]; t != nil {
			t.attempt = max(t.attempt, a.Attempt)
			if a.State == fleet.TaskLost || a.State == fleet.TaskTimedOut {
				t.crashes++
			}
		}
		if !a.State.Final() {
			a.State, a.Finished, a.Detail = fleet.TaskCanceled, d.cfg.Now().UTC(), "fleetscore was restarted"
			d.note(a)
		}
	}
	return nil
}
