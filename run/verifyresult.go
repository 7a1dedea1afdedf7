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

// result compares a task with the result that it left, if that is kept. Where they
// differ, one of them was changed: the commit if it is not the sum of its tasks
// any more either, and else the result.
func (k *checking) result(ctx context.Context, t *checkedTask, sumsHold bool) error {
	if t.Lost != "" {
		return nil
	}
	key := fleet.ResultKey(t.Task)
	r, fates, err := ReadResult(ctx, k.Store, t.Task)
	if errors.Is(err, store.ErrNotFound) {
		return nil // past its retention
	}
	k.Results++
	var entries []tile.Entry
	if err == nil {
		entries, err = tile.ReadEntries(fates)
	}
	if err == nil {
		err = inconsistent(&r, entries)
	}
	if err != nil {
		return note(ctx, func() { k.wrong(key, whatOf(err), "what counts is whole; to have it right too, "+againText(k.c)) })
	}
	if what := differentFate(t, entries, k.c.Tile); what != "" {
		// Counts tell fates apart that predictions do not, and those of the result agree with it.
		if k.otherFates(t) != "" {
			k.wrong(k.c.Tile, differentFate(&checkedTask{fates: &entries}, *t.fates, key), remake(ctx, k.Store, k.c, "delete it; "))
			t.wrong = true
		} else {
			k.say(t, key, what)
		}
		return nil
	}
	blamed, what := key, cmp.Or(difference(r.Counts, t.Counts, k.key), differentGroups(r.Causes, t.Causes, k.key))
	if !sumsHold {
		blamed, what = k.key, cmp.Or(difference(t.Counts, r.Counts, key), differentGroups(t.Causes, r.Causes, key))
	}
	if what != "" {
		k.say(t, blamed, ofTask(t, what))
	}
	if !slices.Equal(t.Files, r.Outputs) {
		k.say(t, key, "it names other files, or says something else of them, than "+k.key)
	}
	return nil
}

// differentFate says for which sensors others do not have the fates that the tile
// gives a task's.
func differentFate(t *checkedTask, others []tile.Entry, where string) string {
	if t.fates == nil || t.wrong {
		return ""
	}
	fates := make(map[fleet.Sensor]tile.Fate, len(*t.fates))
	for _, e := range *t.fates {
		fates[e.Sensor] = e.Fate
	}
	var found tally
	for _, e := range others {
		if f, ok := fates[e.Sensor]; !ok || f != e.Fate {
			found.add(fmt.Sprintf("%s is %s, not %s as in %s", e.Sensor, e.Fate, f, where))
		}
	}
	if found.n == 0 {
		return ""
	}
	return found.say("it says that ")
}

// inconsistent says how a result contradicts itself: it was written in one go.
func inconsistent(r *fleet.Result, entries []tile.Entry) error {
	found, _ := countFates(entries, r.Counts)
	found.Predictions = 0
	for _, o := range r.Outputs {
		found.Predictions += o.Rows
	}
	var failures []fleet.Group
	first := map[fleet.Sensor]fleet.Cause{}
	for _, f := range r.Failures {
		failures = fleet.AddGroups(failures, []fleet.Group{{Cause: f.Cause, Sensors: 1, Rows: f.Rows}})
		if _, ok := first[f.Sensor]; !ok {
			first[f.Sensor] = f.Cause
		}
	}
	if r.Orphans > 0 {
		failures = fleet.AddGroups(failures, []fleet.Group{{Cause: fleet.BadRow, Rows: r.Orphans}})
	}
	const where = "what it lists"
	if d := cmp.Or(difference(r.Counts, found, where), differentGroups(r.Causes, failures, where)); d != "" {
		return fmt.Errorf("it says %s", d)
	}
	for _, e := range entries {
		if cause, ok := e.Fate.Cause(); ok && cause != unknownCause && cause != first[e.Sensor] {
			return fmt.Errorf("it says that %s failed of %s, not %s as in what it lists", e.Sensor, cause, cmp.Or(first[e.Sensor], "nothing"))
		}
	}
	return nil
}
