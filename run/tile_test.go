package run_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/store/tile"
)

// remove deletes all objects whose keys begin with prefix.
func (p *plant) remove(prefix string) {
	p.t.Helper()
	for info, err := range p.store.List(p.t.Context(), prefix) {
		if err == nil {
			err = p.store.Delete(p.t.Context(), info.Key)
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// Tiles that are gone are made again from results, for who reads them and for who
// retries what failed; without results it is said what to do.
func TestTilesAreMadeAgain(t *testing.T) {
	p := newPlant(t, 60)
	p.job.MaxSensors = 7
	p.poison["d003/t1"] = fleet.TaskLost
	p.start()
	r := p.until(p.add().ID, final)
	c := p.proven(1)
	want, err := tile.Read(t.Context(), p.store, c.Tile)
	if err != nil {
		t.Fatal(err)
	}
	p.remove("tiles/")
	got, err := run.ReadTile(t.Context(), p.store, c)
	if err != nil || !reflect.DeepEqual(slices.Collect(got.All()), slices.Collect(want.All())) {
		t.Fatalf("made again, the tile is another: %v", err)
	}
	p.proven(1)

	p.put(c.Tile, []byte("torn"))
	if _, err := run.ReadTile(t.Context(), p.store, c); !errors.Is(err, run.ErrNoTile) || !strings.Contains(err.Error(), "delete it") {
		t.Errorf("a damaged tile: %v", err)
	}

	p.remove("tiles/")
	p.mu.Lock()
	clear(p.poison)
	p.mu.Unlock()
	again, err := p.service.Retry(t.Context(), r.ID, true)
	if err != nil {
		t.Fatal(err)
	}
	if again = p.until(again.ID, final); again.State != ledger.Succeeded {
		t.Errorf("retried without a tile: %s (%s)", again.State, again.Error)
	}
	c = p.proven(2)

	p.remove("tiles/")
	p.remove("runs/")
	_, err = run.ReadTile(t.Context(), p.store, c)
	if !errors.Is(err, run.ErrNoTile) || !strings.Contains(err.Error(), c.Tile) || !strings.Contains(err.Error(), "fleetscore job run hourly --interval 2026-11-23T12:00:00Z/2026-11-23T13:00:00Z") {
		t.Errorf("without tile and results: %v", err)
	}
}
