package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/chunklog"
	"github.com/fleetscore/fleetscore/store/pack"
)

// outcome is a result, and the fates of its sensors as they are stored.
type outcome struct {
	fleet.Result
	fates []byte
}

// ReadResult reads the result of an attempt, and the fates that follow it, which
// tile.ReadEntries reads.
func ReadResult(ctx context.Context, s store.Reader, t fleet.Task) (result fleet.Result, fates []byte, err error) {
	key := fleet.ResultKey(t)
	data, err := s.Get(ctx, key, nil)
	if err != nil {
		return result, nil, err
	}
	head, fates, _ := bytes.Cut(data, []byte("\n"))
	if err = json.Unmarshal(head, &result); err == nil && result.Task != t {
		err = fmt.Errorf("it is of task %s", result.Task)
	}
	if err != nil {
		return result, nil, &Damage{Problem{key, "it is damaged: " + err.Error(), "do its run again: fleetscore run retry " + t.Run}, err}
	}
	return result, fates, nil
}

// resultsAtOnce is how many results are read at a time.
const resultsAtOnce = 16

// collect reads the results of attempts that are done.
func (d *driver) collect(done []fleet.TaskEvent) (finished []*task, err error) {
	if len(done) == 0 {
		return nil, nil
	}
	outcomes := make([]*outcome, len(done))
	err = d.persist("reading results", func() error {
		var reads errgroup.Group
		reads.SetLimit(resultsAtOnce)
		for i, e := range done {
			reads.Go(func() error {
				result, fates, err := ReadResult(d.ctx, d.cfg.Store, e.Task)
				if err == nil {
					outcomes[i] = &outcome{result, fates}
				}
				if errors.Is(err, store.ErrNotFound) {
					err = nil
				}
				return err
			})
		}
		return reads.Wait()
	})
	if err != nil {
		return nil, err
	}
	for i, e := range done {
		t := d.tasks[at{e.Task.Generation, e.Task.Index}]
		t.busy = false
		if outcomes[i] == nil {
			e.State, e.Detail = fleet.TaskFailed, "its result is not in the store"
			d.failed(t, e)
			continue
		}
		d.finish(t, outcomes[i])
		finished = append(finished, t)
	}
	return finished, nil
}

// finish takes in the result of a task.
func (d *driver) finish(t *task, o *outcome) {
	if t.over {
		return
	}
	t.over, t.result = true, o
	d.goesOn()
	d.left--
	d.run.TasksDone++
	d.run.Add(o.Counts)
	d.used.Add(o.Usage)
	d.run.Causes = fleet.AddGroups(d.run.Causes, o.Causes)
	a := d.attempt(o.Task)
	a.State, a.Node, a.Seconds, a.Counts = fleet.TaskDone, o.Node, o.Seconds, o.Counts
	if a.Started.IsZero() {
		a.Started = o.Started
	}
	a.Finished = o.Finished
	d.note(a)
}

// known lists the sensors of a shard that have a model.
func (d *driver) known(shard *fleet.Shard) ([]fleet.Sensor, error) {
	if len(shard.Packs) == 0 {
		return nil, nil
	}
	packs, err := pack.Open(d.ctx, d.cfg.Store, shard.Packs, pack.Cache{})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, pack.ErrDamaged) {
		if _, err := d.cfg.Packs.Discard(d.ctx, shard.Packs); err != nil {
			return nil, fmt.Errorf("looking for the sensors of a task: %w", err)
		}
		var again func(fleet.Part) []string
		if again, err = d.packAgain(); err == nil {
			packs, err = pack.Open(d.ctx, d.cfg.Store, again(shard.Part), pack.Cache{})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the sensors of a task: %w", err)
	}
	var known []fleet.Sensor
	for key := range packs.Keys() {
		for s := range d.plan.models.Matches(key) {
			if shard.Part.Covers(s, d.cfg.Partitions) {
				known = append(known, s)
			}
		}
	}
	return known, nil
}

// lastChunk is the number under which what a node said last is kept, after all
// that the attempt itself has logged.
const lastChunk = 99999

// lastWords keeps what is known of an attempt that could not end its own log.
func (d *driver) lastWords(e fleet.TaskEvent) {
	if e.Detail == "" {
		return
	}
	key := fleet.LogKey(d.job, e.Task, d.spec.Recipe.FlatLogs, lastChunk)
	text := fmt.Sprintf("time=%s level=ERROR msg=%q node=%s\n%s\n", e.Time.UTC().Format(chunklog.TimeFormat), "attempt "+string(e.State), e.Node, e.Detail)
	if err := d.cfg.Store.Put(d.late, key, bytes.NewReader([]byte(text))); err != nil {
		d.log.Warn("the log of an attempt cannot be stored", "task", e.Task.String(), "error", err)
	}
}
