package pack

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/store"
)

// Getter gets whole objects; store.Reader is one.
type Getter interface {
	Get(ctx context.Context, key string, buf []byte) ([]byte, error)
}

// Reader finds models in packs, which it holds in memory. Any number of goroutines
// may use it.
type Reader struct {
	packs []loaded
	table table
}

// loaded is a pack in memory.
type loaded struct {
	*index
	data  []byte
	group int // packs of the same partition have the same
}

// loadsAtOnce is how many packs are read at a time: checking them takes cores.
const loadsAtOnce = 4

// Open reads packs. Of those of a partition the first that knows a model counts,
// as in a Set; sets of several partitions may follow each other. A pack that is
// not there is store.ErrNotFound, one that is not what its key says ErrDamaged.
func Open(ctx context.Context, s Getter, keys []string, cache Cache) (*Reader, error) {
	r := &Reader{packs: make([]loaded, len(keys))}
	groups := map[string]int{}
	loads, ctx := errgroup.WithContext(ctx)
	loads.SetLimit(loadsAtOnce)
	for i, key := range keys {
		folder, sum, err := parsePackKey(key)
		if err != nil {
			return nil, err
		}
		if _, ok := groups[folder]; !ok {
			groups[folder] = len(groups)
		}
		group := groups[folder]
		loads.Go(func() error {
			data, err := cache.load(ctx, s, key, sum)
			if err != nil {
				return err
			}
			x, err := parseIndex(data, int64(len(data)))
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			r.packs[i] = loaded{x, data, group}
			return nil
		})
	}
	if err := loads.Wait(); err != nil {
		return nil, fmt.Errorf("opening packs: %w", err)
	}
	r.table = newTable(r.packs)
	return r, nil
}

// load gets a pack from the store, and makes sure that it is what its key says.
func load(ctx context.Context, s Getter, key string, sum [32]byte) ([]byte, error) {
	data, err := s.Get(ctx, key, nil)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(data) != sum {
		return nil, fmt.Errorf("%s: %w", key, damaged("its digest is not its name; delete it, and it is made again"))
	}
	return data, nil
}

// Model is the file of a model, which nobody may write to, and its digest. It is
// store.ErrNotFound if the packs have none, and ErrNotPacked if it is in the store.
func (r *Reader) Model(key string) (data []byte, digest string, err error) {
	at, ok := r.table.find(r.packs, key)
	if !ok {
		return nil, "", fmt.Errorf("model %s: %w in the packs", key, store.ErrNotFound)
	}
	p := &r.packs[at.pack]
	switch p.kind(at.entry) {
	case packed:
		from, to := p.span(at.entry)
		return p.data[from:to:to], p.digest(at.entry), nil
	case leftOut:
		return nil, "", fmt.Errorf("model %s: %w", key, ErrNotPacked)
	}
	return nil, "", fmt.Errorf("model %s: %w in the packs", key, store.ErrNotFound)
}

// Keys yields the keys of all models, sorted, each once; also of those that are
// not packed.
func (r *Reader) Keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		keys := make([]string, 0, r.table.used)
		for at := range r.table.all() {
			if p := &r.packs[at.pack]; p.kind(at.entry) != removed {
				keys = append(keys, p.key(at.entry))
			}
		}
		slices.SortFunc(keys, strings.Compare)
		for _, key := range keys {
			if !yield(key) {
				return
			}
		}
	}
}
