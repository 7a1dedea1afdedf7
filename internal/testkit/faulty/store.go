// Package faulty has a store that goes wrong at one of its writes, for tests that go
// through all of them.
package faulty

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/memstore"
)

// Fault is how a store goes wrong at a write.
type Fault int

// The ways, of which there are Faults.
const (
	Fails Fault = iota // once: the write is not done
	Lies               // once: it is done, and said not to be
	Away               // nothing is answered for a while
	Dies               // nothing is answered any more, the write was not done
	Last               // nothing is answered any more, the write was done
	Faults
)

func (f Fault) String() string { return [...]string{"fails", "lies", "away", "dies", "last"}[f] }

// Store is a store in memory that goes wrong at one of its writes. What is exported is
// for a test while nobody else uses the store.
type Store struct {
	*memstore.Store     // which is always right
	At              int // writes until it goes wrong; negative: never
	How             Fault
	Until           time.Time // away until then
	Writes, Reads   int       // so far

	mu   sync.Mutex
	dead bool
}

var _ store.Store = (*Store)(nil)

// New returns a store that never goes wrong unless it is told to.
func New() *Store { return &Store{Store: memstore.New(), At: -1} }

// ErrFault is what it answers then.
var ErrFault = errors.New("the store has a fault")

// awayFor is how long it is away; a process that cannot go on is restarted sooner or later.
const awayFor = 3 * time.Minute

func (f *Store) answer() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead || time.Now().Before(f.Until) {
		return ErrFault
	}
	return nil
}

// write does a write, unless it is its turn to go wrong.
func (f *Store) write(do func() error) error {
	if err := f.answer(); err != nil {
		return err
	}
	f.mu.Lock()
	f.Writes++
	turn := f.At == 0
	f.At--
	if turn {
		f.dead = f.How == Dies || f.How == Last
		if f.How == Away {
			f.Until = time.Now().Add(awayFor)
		}
	}
	f.mu.Unlock()
	if !turn {
		return do()
	}
	if f.How == Lies || f.How == Last {
		_ = do() // nobody learns of it
	}
	return ErrFault
}

// Revive ends what is wrong, as a restart does. It reports whether it was dead.
func (f *Store) Revive() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	dead := f.dead
	f.dead, f.Until = false, time.Time{}
	return dead
}

// IsDead reports whether it answers nothing any more.
func (f *Store) IsDead() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead
}

// Put implements store.Store.
func (f *Store) Put(ctx context.Context, key string, body io.Reader) error {
	return f.write(func() error { return f.Store.Put(ctx, key, body) })
}

// PutIfAbsent implements store.Store.
func (f *Store) PutIfAbsent(ctx context.Context, key string, body io.Reader) error {
	return f.write(func() error { return f.Store.PutIfAbsent(ctx, key, body) })
}

// Delete implements store.Store.
func (f *Store) Delete(ctx context.Context, key string) error {
	return f.write(func() error { return f.Store.Delete(ctx, key) })
}

// Get implements store.Store.
func (f *Store) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	if err := f.answer(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.Reads++
	f.mu.Unlock()
	return f.Store.Get(ctx, key, buf)
}

// Stat implements store.Store.
func (f *Store) Stat(ctx context.Context, key string) (store.Info, error) {
	if err := f.answer(); err != nil {
		return store.Info{}, err
	}
	return f.Store.Stat(ctx, key)
}

// List implements store.Store.
func (f *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		if err := f.answer(); err != nil {
			yield(store.Info{}, err)
			return
		}
		f.Store.List(ctx, prefix)(yield)
	}
}
