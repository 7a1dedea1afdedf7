package matrix

import (
	"context"
	"slices"
	"sync"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store/tile"
)

// plane is what became of the sensors of a roster in an interval, in half a byte each.
type plane struct {
	roster  string
	sensors []fleet.Sensor // of the roster; shared
	cells   []byte
	counts  [16]int
}

func newPlane(t *tile.Tile, late bool) *plane {
	p := &plane{roster: t.Roster(), sensors: t.Sensors(), cells: make([]byte, (t.Len()+1)/2)}
	var states [256]State // of each fate there can be
	for f := range states {
		states[f] = stateOf(tile.Fate(f), late)
	}
	for i, f := range t.Fates() {
		s := states[f]
		p.cells[i/2] |= byte(s) << (4 * (i & 1))
		p.counts[s]++
	}
	return p
}

func (p *plane) at(i int) State { return State(p.cells[i/2] >> (4 * (i & 1)) & 15) }

// Planes reads tiles, and remembers those that were read last, in half a byte a sensor. It
// may be used by many goroutines at once.
type Planes struct {
	// Read reads the tile of a column that has one.
	Read func(ctx context.Context, c Column) (*tile.Tile, error)

	mu   sync.Mutex
	kept map[string]*plane // by the key of the column
	used []string          // those used last at the end
	size int
}

// planesKept bounds what is kept, in bytes: 100,000 sensors over 1,000 intervals are 50 MB.
const planesKept = 96 << 20

func (p *Planes) get(ctx context.Context, c Column) (*plane, error) {
	key := c.key()
	p.mu.Lock()
	found := p.kept[key]
	if found != nil {
		at := slices.Index(p.used, key)
		p.used = append(slices.Delete(p.used, at, at+1), key)
	}
	p.mu.Unlock()
	if found != nil {
		return found, nil
	}
	t, err := p.Read(ctx, c)
	if err != nil {
		return nil, err
	}
	made := newPlane(t, c.Late)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[string]*plane{}
	}
	if p.kept[key] == nil {
		p.kept[key], p.used = made, append(p.used, key)
		p.size += len(made.cells)
	}
	for p.size > planesKept && len(p.used) > 1 {
		p.size -= len(p.kept[p.used[0]].cells)
		delete(p.kept, p.used[0])
		p.used = slices.Delete(p.used, 0, 1)
	}
	return made, nil
}
