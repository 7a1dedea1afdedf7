package aggregator

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/stream"
)

// Checkpoint is what a worker knows, as it is stored.
type Checkpoint struct {
	Version   int       `json:"version"`
	Window    string    `json:"window"`
	Partition int       `json:"partition"`
	Of        int       `json:"of"` // partitions; this and what follows stays
	Every     string    `json:"every"`
	Hop       string    `json:"hop"`
	Number    uint64    `json:"number"` // from 1; each follows the one before
	Written   time.Time `json:"written"`
	// Stream is which log it was read from, and Position how far. Elsewhere is how far
	// other logs were read, of machines whose place this one has taken, or which have
	// taken its place.
	Stream    string                     `json:"stream,omitempty"`
	Position  stream.Position            `json:"position"`
	Elsewhere map[string]stream.Position `json:"elsewhere,omitempty"`
	Time      int64                      `json:"time"`  // the stream's, of what was read last
	State     Object                     `json:"state"` // of the engine
	// Files are those that count of the hours since Since, in the order in which their
	// windows came out. Of earlier hours every file counts.
	Files []File    `json:"files"`
	Since time.Time `json:"since"`
	// Late are the late readings that were found since the checkpoint before.
	Late *Object `json:"late,omitempty"`
	// Superseded are files that counted, for a while yet: somebody may be reading them.
	Superseded []Superseded `json:"superseded,omitempty"`
}

// Superseded is a file that does not count any more since At.
type Superseded struct {
	Key  string    `json:"key"`
	Hour time.Time `json:"hour"`
	At   time.Time `json:"at"`
}

// Object is an object that a checkpoint names.
type Object struct {
	Key    string `json:"key"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// File is a file of windows.
type File struct {
	Object
	Hour time.Time `json:"hour"` // in which its windows start
	Rows int       `json:"rows"`
	// Merged says that it has all windows of the hour that came out before it.
	Merged bool `json:"merged,omitempty"`
	// Written is when it was made.
	Written time.Time `json:"written"`
}

const checkpointVersion = 1

// errLost is that another worker writes the checkpoints of the partition.
var errLost = errors.New("another process aggregates this partition of the same store; two services need stores of their own")

// errSettings is that the settings are not what the data was made with.
var errSettings = errors.New("the settings do not fit what is stored")

// none is the checkpoint before the first.
func (w *worker) none() Checkpoint {
	c := w.cfg.Windows[w.name]
	return Checkpoint{
		Version: checkpointVersion, Window: w.name, Partition: w.partition,
		Stream: w.cfg.Stream, Of: w.cfg.Partitions, Every: c.Every.String(), Hop: cmp.Or(c.Hop, c.Every).String(),
	}
}

// check looks whether any checkpoint of the window, of any partition, fits the
// settings. If the store is away, workers will see.
func (w *worker) check(ctx context.Context) error {
	for info, err := range w.cfg.Store.List(ctx, "checkpoints/"+w.name+"/") {
		if err != nil {
			return ctx.Err()
		}
		if !strings.HasSuffix(info.Key, ".json") {
			continue
		}
		var c Checkpoint
		data, err := w.cfg.Store.Get(ctx, info.Key, nil)
		if err == nil && json.Unmarshal(data, &c) == nil {
			return c.fits(w.none())
		}
	}
	return nil
}

// fits says what has been changed that cannot be.
func (c *Checkpoint) fits(want Checkpoint) error {
	switch {
	case c.Of != want.Of:
		return fmt.Errorf("windows.%s: %w: there are %d partitions in the store, and the settings say %d", c.Window, errSettings, c.Of, want.Of)
	case c.Every != want.Every || c.Hop != want.Hop:
		return fmt.Errorf("windows.%s: %w: its windows are of every %s, hop %s, and the settings say every %s, hop %s; "+
			"give the new ones another name", c.Window, errSettings, c.Every, c.Hop, want.Every, want.Hop)
	}
	return nil
}

// put stores an object, and says what a checkpoint must know of it.
func put(ctx context.Context, s store.Writer, key string, body []byte) (Object, error) {
	sum := sha256.Sum256(body)
	err := s.Put(ctx, key, bytes.NewReader(body))
	return Object{Key: key, Size: int64(len(body)), SHA256: hex.EncodeToString(sum[:])}, err
}

// get reads an object that a checkpoint names, which must be what it was.
func get(ctx context.Context, s store.Reader, o Object) ([]byte, error) {
	data, err := s.Get(ctx, o.Key, nil)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != o.SHA256 {
		return nil, fmt.Errorf("%s is damaged: its digest is not that of its checkpoint; bring it back from a copy of the store", o.Key)
	}
	return data, nil
}

// lastCheckpoint finds the newest checkpoint of a partition; nil if there is none.
func lastCheckpoint(ctx context.Context, s store.Store, name string, partition int) (*Checkpoint, error) {
	last := ""
	for info, err := range s.List(ctx, checkpointPrefix(name, partition)) {
		if errors.Is(err, store.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("looking for checkpoints: %w", err)
		}
		if strings.HasSuffix(info.Key, ".json") {
			last = info.Key // keys sort as their numbers
		}
	}
	if last == "" {
		return nil, nil
	}
	data, err := s.Get(ctx, last, nil)
	if err != nil {
		return nil, fmt.Errorf("reading a checkpoint: %w", err)
	}
	c := &Checkpoint{}
	if err := json.Unmarshal(data, c); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", last, err)
	}
	if c.Version != checkpointVersion || c.Window != name || c.Partition != partition || checkpointKey(name, partition, c.Number) != last {
		return nil, fmt.Errorf("%s is of version %d, window %.80s, partition %d, number %d: it is not what its key says", last, c.Version, c.Window, c.Partition, c.Number)
	}
	return c, nil
}

// turn has the checkpoint be of a log: it goes on where that was left.
func (c *Checkpoint) turn(to string) {
	if c.Stream == to {
		return
	}
	elsewhere := maps.Clone(c.Elsewhere)
	if c.Stream != "" { // or else it was made before logs had names, and is of this one
		if elsewhere == nil {
			elsewhere = map[string]stream.Position{}
		}
		elsewhere[c.Stream] = c.Position
		c.Position = elsewhere[to]
		delete(elsewhere, to)
	}
	c.Stream, c.Elsewhere = to, elsewhere
}

// write makes the checkpoint real. It is errLost if there is another of its number.
func (c *Checkpoint) write(ctx context.Context, s store.Store) error {
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("writing a checkpoint: %w", err)
	}
	key := checkpointKey(c.Window, c.Partition, c.Number)
	err = s.PutIfAbsent(ctx, key, bytes.NewReader(body))
	if !errors.Is(err, store.ErrExists) {
		return err
	}
	// An earlier try may have stored it though it said otherwise.
	there, err := s.Get(ctx, key, nil)
	if err == nil && !bytes.Equal(there, body) {
		err = errLost
	}
	return err
}

// keepCheckpoints is how many are kept, for people who look; the newest counts.
const keepCheckpoints = 8

// prune deletes old checkpoints, and states that none names.
func (c *Checkpoint) prune(ctx context.Context, s store.Store) error {
	oldest := uint64(0)
	if c.Number > keepCheckpoints {
		oldest = c.Number - keepCheckpoints
	}
	var errs []error
	for info, err := range s.List(ctx, checkpointPrefix(c.Window, c.Partition)) {
		if err != nil {
			return err
		}
		var number uint64
		name := strings.TrimPrefix(info.Key, checkpointPrefix(c.Window, c.Partition))
		if _, err := fmt.Sscanf(name, "%d", &number); err != nil || number > c.Number {
			continue
		}
		if number < oldest || strings.HasSuffix(name, ".state") && info.Key != c.State.Key {
			errs = append(errs, s.Delete(ctx, info.Key))
		}
	}
	return errors.Join(errs...)
}
