package tile

import (
	"context"
	"slices"
	"sync"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
)

// Reader reads tiles, and remembers the rosters that were read last, as tiles of a fleet share them: so
// the names of many tiles are read once, and are the same strings. It may be used by many
// goroutines at once; nil remembers none.
type Reader struct {
	mu   sync.Mutex
	kept []roster // the one used last is the last
}

type roster struct {
	key     string
	sensors []fleet.Sensor
}

// rostersKept is how many: of several jobs, before and after a change of the fleet.
const rostersKept = 8

// Read is like the function Read.
func (r *Reader) Read(ctx context.Context, s store.Reader, key string) (*Tile, error) {
	return read(ctx, s, key, r)
}

func (r *Reader) read(ctx context.Context, s store.Reader, key string, n int) ([]fleet.Sensor, error) {
	if r == nil {
		return readRoster(ctx, s, key, n)
	}
	if sensors := r.find(key); sensors != nil && len(sensors) == n {
		return sensors, nil
	}
	sensors, err := readRoster(ctx, s, key, n)
	if err != nil {
		return nil, err
	}
	if again := r.find(key); again != nil {
		return again, nil // another was faster; there should be one of it
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) == rostersKept {
		r.kept = slices.Delete(r.kept, 0, 1)
	}
	r.kept = append(r.kept, roster{key, sensors})
	return sensors, nil
}

func (r *Reader) find(key string) []fleet.Sensor {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slices.IndexFunc(r.kept, func(k roster) bool { return k.key == key })
	if at < 0 {
		return nil
	}
	k := r.kept[at]
	r.kept = append(slices.Delete(r.kept, at, at+1), k)
	return k.sensors
}
