package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/tile"
)

// fates compares what tile, results and commit say of the sensors with each other,
// and with the predictions.
func (k *checking) fates(ctx context.Context) error {
	fates, err := k.tile(ctx)
	if err != nil {
		return err
	}
	sums := k.sums()
	for i := range k.tasks {
		t := &k.tasks[i]
		if fates != nil {
			t.fates = &fates[i]
		}
		if err := k.result(ctx, t, sums == ""); err != nil {
			return err
		}
		if what := k.otherFates(t); what != "" {
			k.say(t, k.key, ofTask(t, what))
		}
	}
	if sums != "" && !k.torn && !slices.ContainsFunc(k.tasks, func(t checkedTask) bool { return t.wrong }) {
		k.wrong(k.key, sums, againText(k.c))
	}
	return nil
}

// otherFates says which counts of a task are not as in the tile.
func (k *checking) otherFates(t *checkedTask) string {
	if t.fates == nil {
		return ""
	}
	counts, causes := countFates(*t.fates, t.Counts)
	return cmp.Or(difference(t.Counts, counts, k.c.Tile), impossibleCauses(t.Causes, causes, t.Failed, k.c.Tile))
}

// tile reads the tile and compares it with the predictions. It returns the fates
// of each task's sensors; nil if they are of no use.
func (k *checking) tile(ctx context.Context) ([][]tile.Entry, error) {
	if own := fleet.TileKey(k.c.Job, k.c.Interval, k.c.Rev); k.c.Tile != own {
		k.wrong(k.key, "it says that its tile is "+k.c.Tile+", not "+own, againText(k.c))
		return nil, nil
	}
	t, err := tile.Read(ctx, k.Store, k.c.Tile)
	if errors.Is(err, store.ErrNotFound) {
		k.wrong(k.c.Tile, "it is not there, or its roster is not: "+err.Error(), remake(ctx, k.Store, k.c, ""))
		return nil, note(ctx, func() {})
	}
	if err != nil {
		return nil, note(ctx, func() { k.wrong(k.c.Tile, err.Error(), remake(ctx, k.Store, k.c, "delete it; ")) })
	}
	homes := k.homes()
	fates := make([][]tile.Entry, len(k.tasks))
	var homeless, untrue tally
	for e := range t.All() {
		i, ok := homes.of(e.Sensor)
		if !ok {
			homeless.add(e.Sensor.String())
			continue
		}
		fates[i] = append(fates[i], e)
		if at := &k.tasks[i]; at.read && !at.wrong {
			if what := contradiction(e.Fate, k.sensors[e.Sensor]); what != "" {
				untrue.add(fmt.Sprintf("that %s is %s; %s", e.Sensor, e.Fate, what))
			}
		}
	}
	for s := range k.sensors {
		if _, ok := t.Find(s); ok {
			continue
		}
		if i, ok := homes.of(s); ok && !k.tasks[i].wrong {
			untrue.add(fmt.Sprintf("nothing of %s; it has predictions", s))
		}
	}
	switch {
	case k.torn:
		return nil, nil // what is not in its task's part was found in a file
	case homeless.n > 0:
		k.torn = true
		k.wrong(k.key, homeless.say("its tile tells of a sensor that is not in the part of exactly one task: "), againText(k.c))
		return nil, nil
	case untrue.n > 0:
		k.wrong(k.c.Tile, untrue.say("it says "), remake(ctx, k.Store, k.c, "delete it; "))
		return nil, nil
	}
	return fates, nil
}

// homes finds the task of a sensor.
type homes struct {
	*checking
	tasks map[int][]int // by partition
}

func (k *checking) homes() homes {
	h := homes{k, map[int][]int{}}
	for i := range k.tasks {
		for _, p := range k.tasks[i].Part.Partitions {
			h.tasks[p] = append(h.tasks[p], i)
		}
	}
	return h
}

// of is the one task that has the sensor in its part; false if there is none, or
// several.
func (h homes) of(s fleet.Sensor) (task int, ok bool) {
	for _, i := range h.tasks[fleet.Partition(s.Device, h.partitions)] {
		if !h.checking.tasks[i].Part.Has(s) {
			continue
		}
		if ok {
			return 0, false
		}
		task, ok = i, true
	}
	return task, ok
}

// contradiction says how a sensor's predictions are not as its fate says; s is nil
// if there are none.
func contradiction(f tile.Fate, s *seen) string {
	if s == nil {
		s = &seen{}
	}
	_, failed := f.Cause()
	switch {
	case f.HasPredictions() && s.rows == 0:
		return "it has no predictions"
	case !f.HasPredictions() && s.rows > 0:
		return fmt.Sprintf("it has predictions: %d", s.rows)
	case f == tile.Normal && s.anomalies > 0:
		return fmt.Sprintf("it has anomalies: %d", s.anomalies)
	case f == tile.Anomalous && s.anomalies == 0:
		return "none of its predictions is an anomaly"
	case !f.HasPredictions() && !failed && f != tile.Silent && f != tile.Skipped:
		return "a tile must know"
	}
	return ""
}
