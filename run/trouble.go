package run

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
)

// storeHealth is what was last seen of the store.
type storeHealth struct {
	at  time.Time
	err error
}

// trustedFor is how long it holds: tasks fail in great numbers when a store does.
const trustedFor = 500 * time.Millisecond

// trouble is why the store is to blame for what fails; nil if it is not.
func (h *storeHealth) trouble(d *driver) error {
	if now := d.cfg.Now(); h.at.IsZero() || now.Sub(h.at) > trustedFor || now.Before(h.at) {
		h.at, h.err = now, d.tryStore()
	}
	return h.err
}

// tryStore looks for what must be there, and whether there is room.
func (d *driver) tryStore() error {
	if err := d.cfg.SameStore(); err != nil {
		return err
	}
	key := fleet.ManifestKey(d.run.ID, 0)
	if _, err := d.cfg.Store.Stat(d.ctx, key); errors.Is(err, store.ErrNotFound) {
		d.log.Warn("the run's manifest was deleted, and is stored again", "key", key)
		if err := d.republish(); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	return TryStore(d.ctx, d.cfg.Store)
}

// republish stores the manifests again that somebody has deleted.
func (d *driver) republish() error {
	for _, g := range d.plan.generations {
		if err := d.publish(g); err != nil && !errors.Is(err, store.ErrExists) {
			return err
		}
	}
	return nil
}

// tried is how much TryStore writes, in bytes: a full disk has room for a few.
const tried = 256 << 10

// TryStore writes something to a store, and deletes it.
func TryStore(ctx context.Context, s store.Writer) error {
	const key = "runs/probe"
	if err := s.Put(ctx, key, bytes.NewReader(make([]byte, tried))); err != nil {
		return err
	}
	return s.Delete(ctx, key)
}

// mostWait is the longest between two attempts that the store does not serve.
const mostWait = 15 * time.Second

// unserved has an attempt made again that failed for the store, for as long as it takes.
func (d *driver) unserved(t *task, e fleet.TaskEvent, trouble error) {
	t.waits++
	wait := mostWait
	if t.waits < 8 {
		wait = min(wait, 100*time.Millisecond<<t.waits)
	}
	t.due = d.cfg.Now().Add(wait)
	if trouble == nil {
		trouble = errors.New(e.Detail)
	}
	d.waiting("the store", trouble)
}

// packsAreWell reports whether a task's packs are all in the store, and what they
// were. One that is damaged is deleted, as nobody would make it again else.
func (d *driver) packsAreWell(t *task) bool {
	gone, err := d.cfg.Packs.Discard(d.ctx, t.shard.Packs)
	if err != nil {
		d.log.Warn("packs cannot be looked at", "error", err)
	}
	return gone == 0
}

// repack makes another generation of the tasks of one whose packs are gone.
func (d *driver) repack(generation int) error {
	var stale []*task
	for _, t := range d.tasks {
		if t.generation == generation && t.stale && !t.over {
			stale = append(stale, t)
		}
	}
	if len(stale) == 0 {
		return nil
	}
	slices.SortFunc(stale, func(a, b *task) int { return byKey(a.at, b.at) })
	packs, err := d.packAgain()
	if err != nil {
		return err
	}
	g := d.nextGeneration(stale...)
	for i, t := range stale {
		shard := *t.shard
		shard.Index, shard.Packs = i, packs(shard.Part)
		g.shards = append(g.shards, shard)
	}
	if err := d.publish(g); err != nil {
		return err
	}
	d.log.Warn("packs of tasks were gone or damaged, and have been made again", "tasks", len(stale), "generation", g.manifest.Generation)
	d.plan.generations = append(d.plan.generations, g)
	d.adopt(g)
	d.pin(g)
	return nil
}

// packAgain packs the models as they are now. It gives the packs of a part.
func (d *driver) packAgain() (of func(fleet.Part) []string, err error) {
	d.cfg.Packs.Forget()
	sets, _, err := d.census()
	if err != nil {
		return nil, err
	}
	return func(part fleet.Part) []string { return packsOf(sets, part) }, nil
}
