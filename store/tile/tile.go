package tile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store"
)

// Rosters is what the keys of rosters begin with.
const Rosters = "tiles/rosters/"

// rosterSize bounds a roster of n sensors, not compressed, in bytes. The decoder
// needs some for itself.
func rosterSize(n int) uint64 {
	const least, most = 16 << 20, 1 << 30
	return min(max(uint64(n)*(longest+4), least), most)
}

// head is the first line of a tile.
type head struct {
	Version int    `json:"version"`
	Sensors int    `json:"sensors"`
	Roster  string `json:"roster"`
}

// Write stores a tile under key, and its roster unless it is there. The entries
// are sorted by sensor, each once.
func Write(ctx context.Context, s store.Store, key string, entries []Entry) error {
	names := appendNames(nil, len(entries), func(i int) fleet.Sensor { return entries[i].Sensor })
	sum := sha256.Sum256(names)
	h := head{Version: 1, Sensors: len(entries), Roster: Rosters + hex.EncodeToString(sum[:]) + ".roster"}
	if err := writeRoster(ctx, s, h.Roster, names); err != nil {
		return err
	}
	line, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return s.Put(ctx, key, bytes.NewReader(appendPlanes(append(line, '\n'), entries)))
}

func writeRoster(ctx context.Context, s store.Store, key string, names []byte) error {
	if _, err := s.Stat(ctx, key); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	return s.Put(ctx, key, bytes.NewReader(encoder.EncodeAll(names, nil)))
}

// Tile is a tile that has been read. The zero Tile is one of no sensors.
type Tile struct {
	roster       string
	sensors      []fleet.Sensor
	fates, costs []byte
}

// Read reads the tile of a key.
func Read(ctx context.Context, s store.Reader, key string) (*Tile, error) {
	return read(ctx, s, key, nil)
}

func read(ctx context.Context, s store.Reader, key string, rosters *Reader) (*Tile, error) {
	data, err := s.Get(ctx, key, nil)
	if err != nil {
		return nil, err
	}
	line, planes, ok := bytes.Cut(data, []byte("\n"))
	var h head
	if err := json.Unmarshal(line, &h); err != nil || !ok {
		return nil, fmt.Errorf("%s: %w", key, damaged("it has no head"))
	}
	if h.Version != 1 {
		return nil, fmt.Errorf("%s: %w", key, damaged("version %d, and only 1 is known", h.Version))
	}
	if h.Sensors < 0 || len(planes) != 2*h.Sensors {
		return nil, fmt.Errorf("%s: %w", key, damaged("%d bytes for %d sensors", len(planes), h.Sensors))
	}
	if !strings.HasPrefix(h.Roster, Rosters) {
		return nil, fmt.Errorf("%s: %w", key, damaged("its roster is %.100q", h.Roster))
	}
	t := &Tile{roster: h.Roster, fates: planes[:h.Sensors], costs: planes[h.Sensors:]}
	if t.sensors, err = rosters.read(ctx, s, h.Roster, h.Sensors); err != nil {
		return nil, fmt.Errorf("the roster of %s: %w", key, err)
	}
	return t, nil
}

func readRoster(ctx context.Context, s store.Reader, key string, n int) ([]fleet.Sensor, error) {
	data, err := s.Get(ctx, key, nil)
	if err != nil {
		return nil, err
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(rosterSize(n)))
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	names, err := decoder.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, damaged("%v", err))
	}
	if sum := sha256.Sum256(names); !strings.Contains(key, hex.EncodeToString(sum[:])) {
		return nil, fmt.Errorf("%s: %w", key, damaged("its digest is another"))
	}
	sensors, rest, err := readNames(names, n)
	if err == nil && len(rest) > 0 {
		err = damaged("%d bytes follow %d sensors", len(rest), n)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return sensors, nil
}

// Roster is the key of the roster; tiles of the same have the same sensors.
func (t *Tile) Roster() string { return t.roster }

// Sensors are the sensors, in order; nobody may write to it.
func (t *Tile) Sensors() []fleet.Sensor { return t.sensors }

// Len is the number of sensors.
func (t *Tile) Len() int { return len(t.sensors) }

// At is sensor i, in the order of their names.
func (t *Tile) At(i int) Entry { return Entry{t.sensors[i], Fate(t.fates[i]), Cost(t.costs[i])} }

// Fates are those of all sensors, in order; nobody may write to it.
func (t *Tile) Fates() []byte { return t.fates }

// All yields every sensor, in the order of their names.
func (t *Tile) All() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for i := range t.sensors {
			if !yield(t.At(i)) {
				return
			}
		}
	}
}

// Search is where the first sensor is that does not come before s.
func (t *Tile) Search(s fleet.Sensor) int {
	i, _ := slices.BinarySearchFunc(t.sensors, s, fleet.Sensor.Compare)
	return i
}

// Find tells of one sensor; false if the tile does not.
func (t *Tile) Find(s fleet.Sensor) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(t.sensors, s, fleet.Sensor.Compare)
	if !ok {
		return Entry{}, false
	}
	return t.At(i), true
}

// Count says how many sensors have each fate.
func (t *Tile) Count() map[Fate]int {
	var n [256]int
	for _, f := range t.fates {
		n[f]++
	}
	counts := make(map[Fate]int)
	for f, c := range n {
		if c > 0 {
			counts[Fate(f)] = c
		}
	}
	return counts
}
