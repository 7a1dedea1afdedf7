package run

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/pack"
	"github.com/fleetscore/fleetscore/store/tile"
)

// plan is what a driver knows of its run's manifests.
type plan struct {
	models      store.KeyTemplate
	generations []*generation
	lost        *fleet.Commit // of the interval, by a run that the ledger does not know any more; nil: there is none
	base        *fleet.Commit // the commit of which this run does again what failed; nil: all is done
}

// generation is a manifest and its shards.
type generation struct {
	manifest *fleet.Manifest
	shards   []fleet.Shard
}

// prepare loads the run's manifests, or plans it if there are none yet, and what
// is known of its tasks.
func (d *driver) prepare() error {
	models, err := store.ParseKeyTemplate(d.spec.Recipe.Models)
	if err != nil {
		return fmt.Errorf("%wmodels: %w", errPermanent, err)
	}
	d.plan = &plan{models: models}
	if err := d.loadBase(); err != nil {
		return err
	}
	if err := d.loadGenerations(); err != nil {
		return err
	}
	if len(d.plan.generations) == 0 {
		if d.plan.lost, err = d.lostCommit(); err != nil || d.plan.lost != nil {
			return err
		}
		g, err := d.first()
		if err != nil {
			return err
		}
		if err := d.publish(g); err != nil {
			return err
		}
		d.plan.generations = []*generation{g}
	}
	d.run.Rev = d.plan.generations[0].manifest.Rev
	return d.recover()
}

// first plans generation 0.
func (d *driver) first() (*generation, error) {
	if err := d.overlaps(d.ctx, d.run, false); errors.Is(err, ErrConflict) {
		return nil, fmt.Errorf("%w%w", errPermanent, err)
	} else if err != nil {
		return nil, err
	}
	last, err := d.lastRev(d.ctx, d.job, d.run.Interval)
	if err != nil {
		return nil, err
	}
	found, err := d.findInputs()
	if err != nil {
		return nil, err
	}
	sets, weights, err := d.census()
	if err != nil {
		return nil, err
	}
	var parts []sized
	if d.plan.base != nil {
		parts = d.redo()
	} else {
		total := 0.0
		for _, w := range weights {
			total += sum(w)
		}
		parts = cut(weights, limitsOf(&d.spec, total, float64(found.bytes)/readPerSecond, d.cfg.Nodes()))
	}
	recipe, err := d.pinned()
	if err != nil {
		return nil, err
	}
	g := &generation{manifest: &fleet.Manifest{
		Run: d.run.ID, Job: d.job, Interval: d.run.Interval, Rev: last + 1, Partitions: d.cfg.Partitions,
		Planned: d.cfg.Now().UTC(), Recipe: recipe,
	}}
	for i, part := range parts {
		shard := fleet.Shard{Index: i, Part: part.Part, Inputs: slices.Clone(found.shared), Packs: packsOf(sets, part.Part), Cost: part.cost, Sensors: part.sensors}
		for _, p := range part.Partitions {
			shard.Inputs = append(shard.Inputs, found.byPartition[p]...)
		}
		g.shards = append(g.shards, shard)
	}
	return g, nil
}

// pinned is the job's recipe, with what a foreign program is made of as it is now.
func (d *driver) pinned() (fleet.Recipe, error) {
	recipe := d.spec.Recipe
	if recipe.Runtime == nil {
		return recipe, nil
	}
	pinned, err := d.cfg.Pin(d.ctx, *recipe.Runtime)
	if errors.Is(err, store.ErrNotFound) {
		return recipe, fmt.Errorf("%w%w", errPermanent, err)
	}
	if err != nil {
		return recipe, err
	}
	recipe.Runtime = &pinned
	return recipe, nil
}

// packsOf are the packs that hold the models of a part.
func packsOf(sets []pack.Set, part fleet.Part) []string {
	packs := []string{}
	for _, p := range part.Partitions {
		if sets != nil {
			packs = append(packs, sets[p].Packs...)
		}
	}
	return packs
}

// readPerSecond is about how many bytes of readings a task reads in a second, for
// a guess of what that costs.
const readPerSecond = 100 << 20

// census lists the models, packs them, and tells what their sensors are expected to cost.
func (d *driver) census() (sets []pack.Set, weights [][]weight, err error) {
	weights = make([][]weight, d.cfg.Partitions)
	before := d.before()
	if !d.plan.models.Device() {
		for i := range before.Len() {
			e := before.At(i)
			p := fleet.Partition(e.Sensor.Device, d.cfg.Partitions)
			weights[p] = append(weights[p], weight{fleet.Spread(e.Sensor), costOf(e)})
		}
		return nil, weights, nil
	}
	sources := make([][]pack.Source, d.cfg.Partitions)
	for info, err := range d.cfg.Store.List(d.ctx, d.plan.models.Prefix()) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("listing the models: %w", err)
		}
		in := -1 // the partition that has the model already
		for owner := range d.plan.models.Matches(info.Key) {
			p := fleet.Partition(owner.Device, d.cfg.Partitions)
			if n := len(sources[p]); p != in && (n == 0 || sources[p][n-1].Key != info.Key) {
				sources[p] = append(sources[p], pack.Source{Key: info.Key, Size: info.Size, ModTime: info.ModTime, Version: info.Version})
			}
			in = p
			w := weight{fleet.Spread(owner), d.spec.unknownCost()}
			if e, ok := before.Find(owner); ok {
				w.cost = costOf(e)
			}
			weights[p] = append(weights[p], w)
		}
	}
	sets, err = d.pack(sources)
	return sets, weights, err
}

func costOf(e tile.Entry) float32 {
	return max(float32(e.Cost.Duration().Seconds()), 1e-6)
}

// pack has the packs of all partitions built.
func (d *driver) pack(sources [][]pack.Source) ([]pack.Set, error) {
	sets := make([]pack.Set, len(sources))
	var builds errgroup.Group
	builds.SetLimit(8)
	for p, models := range sources {
		if len(models) == 0 {
			continue
		}
		builds.Go(func() error {
			set, stats, err := d.cfg.Packs.Build(d.ctx, p, models)
			if err != nil {
				return fmt.Errorf("packing the models of partition %d: %w", p, err)
			}
			if stats.Packs > 0 {
				d.log.Debug("packed models", "partition", p, "read", stats.Read, "copied", stats.Copied, "bytes", stats.Bytes)
			}
			sets[p] = set
			return nil
		})
	}
	return sets, builds.Wait()
}

// before is what the last run of the job tells of its sensors; empty if that is not to be had.
func (d *driver) before() *tile.Tile {
	runs, err := d.cfg.Ledger.Runs(d.ctx, ledger.RunFilter{Job: d.job, States: []ledger.RunState{ledger.Succeeded, ledger.Failed}, Limit: 5})
	if err != nil {
		return &tile.Tile{}
	}
	for _, r := range runs {
		if r.Rev == 0 || r.Sensors == 0 {
			continue
		}
		if t, err := tile.Read(d.ctx, d.cfg.Store, fleet.TileKey(r.Job, r.Interval, r.Rev)); err == nil {
			return t
		}
	}
	return &tile.Tile{}
}

// publish stores a generation: the shards first, as the manifest makes it real.
func (d *driver) publish(g *generation) error {
	var shards bytes.Buffer
	encoder := json.NewEncoder(&shards)
	g.manifest.Shards = make([]int64, len(g.shards))
	for i := range g.shards {
		if err := encoder.Encode(&g.shards[i]); err != nil {
			return fmt.Errorf("writing shards: %w", err)
		}
		g.manifest.Shards[i] = int64(shards.Len())
	}
	n := g.manifest.Generation
	if n == len(d.plan.generations) { // else it is published again
		g.manifest.ShardsKey = fleet.ShardsKey(d.run.ID, n, strings.ToLower(rand.Text()[:8]))
	}
	root, err := json.Marshal(g.manifest)
	if err != nil {
		return fmt.Errorf("writing a manifest: %w", err)
	}
	if err := d.cfg.Store.Put(d.ctx, g.manifest.ShardsKey, &shards); err != nil {
		return fmt.Errorf("storing shards: %w", err)
	}
	if err := d.cfg.Store.PutIfAbsent(d.ctx, fleet.ManifestKey(d.run.ID, n), bytes.NewReader(root)); err != nil {
		return fmt.Errorf("storing a manifest: %w", err)
	}
	return nil
}

// byKey orders tasks by generation and index.
func byKey(a, b at) int { return cmp.Or(a.generation-b.generation, a.index-b.index) }
