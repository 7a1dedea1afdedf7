package pack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/fleetscore/fleetscore/store"
)

// Store is what a Builder needs of a store.
type Store interface {
	Getter
	store.Lister
	GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	Put(ctx context.Context, key string, body io.Reader) error
	Delete(ctx context.Context, key string) error
}

// Builder makes packs. Any number of goroutines may use it, and several Builders,
// in any number of processes, the same store.
type Builder struct {
	Store Store
	// Trust is for how long the Builder takes packs that it has seen to be still
	// there; 0: a minute.
	Trust time.Duration
	Now   func() time.Time // nil: time.Now

	sweeping sync.RWMutex // no Build may go on meanwhile

	mu      sync.Mutex
	listed  time.Time
	folders map[int]*folder // nil: not known
	known   map[string]*memo
	memory  *semaphore.Weighted // bounds what all Builds hold of models
	maxData int64               // set in tests; 0: maxData
}

// memo is a set that the Builder knows to be whole.
type memo struct {
	head *head
	used time.Time
}

// Stats say what a Build took.
type Stats struct {
	Read   int   // models read from the store
	Copied int   // models copied from earlier packs
	Packs  int   // written
	Bytes  int64 // of these
}

const (
	defaultTrust = time.Minute
	// maxModel is the size of the largest model that is packed, in bytes; maxData is
	// how much of models a pack holds, if they are several.
	maxModel = 64 << 20
	maxData  = 64 << 20
	// maxMemory bounds the models that are held at a time.
	maxMemory = 256 << 20
	// maxKnown bounds how many sets are remembered.
	maxKnown = 1 << 14
)

func (b *Builder) now() time.Time {
	if b.Now != nil {
		return b.Now()
	}
	return time.Now()
}

func (b *Builder) trust() time.Duration {
	if b.Trust > 0 {
		return b.Trust
	}
	return defaultTrust
}

func (b *Builder) packSize() int64 {
	if b.maxData > 0 {
		return b.maxData
	}
	return maxData
}

// Build returns the packs of a partition's models, which are sorted by key, and
// makes those that are missing. Where a model has vanished since it was listed,
// the packs do not have it; one that has changed is in them as it was read. A
// model that cannot be read is left out of the packs, so that its reader learns
// why; many are an error.
func (b *Builder) Build(ctx context.Context, partition int, sources []Source) (Set, Stats, error) {
	var stats Stats
	if partition < 0 {
		return Set{}, stats, fmt.Errorf("the partition %d is negative", partition)
	}
	if err := checkSources(sources); err != nil {
		return Set{}, stats, err
	}
	if len(sources) == 0 {
		return Set{Partition: partition}, stats, nil
	}
	b.sweeping.RLock()
	defer b.sweeping.RUnlock()
	key := headKey(partition, fingerprint(sources))
	there, err := b.look(ctx, partition)
	if err != nil {
		return Set{}, stats, err
	}
	old, err := b.current(ctx, partition, key, there)
	if err != nil {
		return Set{}, stats, err
	}
	if old == nil || len(old.Unsure) > 0 {
		w := &writer{Builder: b, partition: partition, key: key, sources: sources, there: there, stats: &stats}
		if old, err = w.write(ctx); err != nil {
			return Set{}, stats, fmt.Errorf("packing models: %w", err)
		}
	}
	b.remember(key, old)
	return old.set(), stats, nil
}

// current is the head of a set if it is whole; else nil.
func (b *Builder) current(ctx context.Context, partition int, key string, there *folder) (*head, error) {
	b.mu.Lock()
	m := b.known[key]
	b.mu.Unlock()
	if m != nil && there.has(m.head) {
		return m.head, nil
	}
	if _, ok := there.head(key); !ok {
		return nil, nil
	}
	h, err := b.readHead(ctx, partition, key)
	if err != nil || h == nil || !there.has(h) {
		return nil, err
	}
	return h, nil
}

// readHead reads a head; one that is not there or damaged is as good as none.
func (b *Builder) readHead(ctx context.Context, partition int, key string) (*head, error) {
	data, err := b.Store.Get(ctx, key, nil)
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrTooLarge), err == nil && len(data) > maxHead:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading the head of a set of packs: %w", err)
	}
	h, err := parseHead(data, partition)
	if err != nil {
		return nil, nil //nolint:nilerr // it is made again
	}
	return h, nil
}

func (b *Builder) writeHead(ctx context.Context, key string, h *head) error {
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return b.Store.Put(ctx, key, bytes.NewReader(data))
}

// remember keeps a set, which then costs nothing while packs are trusted to be there.
func (b *Builder) remember(key string, h *head) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil || len(b.known) >= maxKnown {
		b.known = make(map[string]*memo)
	}
	b.known[key] = &memo{h, b.now()}
}

// room is what holds models in memory ask for it.
func (b *Builder) room() *semaphore.Weighted {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.memory == nil {
		b.memory = semaphore.NewWeighted(maxMemory)
	}
	return b.memory
}
