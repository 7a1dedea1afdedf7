package aggregator_test

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

// How a store goes wrong at a write.
type fault int

const (
	fails fault = iota // once: the write is not done
	lies               // once: it is done, and said not to be
	away               // nothing is answered for a while
	dies               // nothing is answered any more, the write was not done
	last               // nothing is answered any more, the write was done
	faults
)

func (f fault) String() string { return [...]string{"fails", "lies", "away", "dies", "last"}[f] }

// faulty is a store in memory that goes wrong at one of its writes.
type faulty struct {
	*memstore.Store
	mu     sync.Mutex
	at     int // writes until then; negative: never
	how    fault
	until  time.Time // away until then
	dead   bool
	writes int
	reads  int
}

var errFault = errors.New("the store has a fault")

// away for this long; a process that cannot go on is restarted sooner or later.
const awayFor = 3 * time.Minute

func (f *faulty) answer() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead || time.Now().Before(f.until) {
		return errFault
	}
	return nil
}

// write does a write, unless it is its turn to go wrong.
func (f *faulty) write(do func() error) error {
	if err := f.answer(); err != nil {
		return err
	}
	f.mu.Lock()
	f.writes++
	turn := f.at == 0
	f.at--
	if turn {
		f.dead = f.how == dies || f.how == last
		if f.how == away {
			f.until = time.Now().Add(awayFor)
		}
	}
	f.mu.Unlock()
	if !turn {
		return do()
	}
	if f.how == lies || f.how == last {
		_ = do() // nobody learns of it
	}
	return errFault
}

// revive ends what is wrong, as a restart does. It reports whether it was dead.
func (f *faulty) revive() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	dead := f.dead
	f.dead, f.until = false, time.Time{}
	return dead
}

func (f *faulty) isDead() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead
}

func (f *faulty) Put(ctx context.Context, key string, body io.Reader) error {
	return f.write(func() error { return f.Store.Put(ctx, key, body) })
}

func (f *faulty) PutIfAbsent(ctx context.Context, key string, body io.Reader) error {
	return f.write(func() error { return f.Store.PutIfAbsent(ctx, key, body) })
}

func (f *faulty) Delete(ctx context.Context, key string) error {
	return f.write(func() error { return f.Store.Delete(ctx, key) })
}

func (f *faulty) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	if err := f.answer(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.reads++
	f.mu.Unlock()
	return f.Store.Get(ctx, key, buf)
}

func (f *faulty) Stat(ctx context.Context, key string) (store.Info, error) {
	if err := f.answer(); err != nil {
		return store.Info{}, err
	}
	return f.Store.Stat(ctx, key)
}

func (f *faulty) List(ctx context.Context, prefix string) iter.Seq2[store.Info, error] {
	return func(yield func(store.Info, error) bool) {
		if err := f.answer(); err != nil {
			yield(store.Info{}, err)
			return
		}
		f.Store.List(ctx, prefix)(yield)
	}
}
