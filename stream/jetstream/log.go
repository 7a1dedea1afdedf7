package jetstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/fleetscore/fleetscore/stream"
)

// Config says where a log is and how large it may become. Zero values are the defaults.
type Config struct {
	Dir        string // where it is; made if missing
	Partitions int    // the same for ever
	MaxBytes   int64  // of entries; default 16 GiB
	MinFree    int64  // of its disk, what it leaves to others; default 256 MiB
	CacheBytes int64  // of entries that readers share in memory; default 64 MiB
	Logger     *slog.Logger
	Now        func() time.Time // for append times
}

func (c Config) withDefaults() Config {
	c.MaxBytes = cmp.Or(c.MaxBytes, 16<<30)
	c.MinFree = cmp.Or(c.MinFree, 256<<20)
	c.CacheBytes = cmp.Or(c.CacheBytes, 64<<20)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Validate says what of the settings cannot be.
func (c Config) Validate() error {
	switch {
	case c.Dir == "":
		return errors.New("the folder's name is empty")
	case c.Partitions < 1 || c.Partitions > maxPartitions:
		return fmt.Errorf("%d partitions, there must be 1 to %d", c.Partitions, maxPartitions)
	case c.MaxBytes < 0 || c.MinFree < 0 || c.CacheBytes < 0:
		return errors.New("sizes must not be negative")
	}
	return nil
}

// maxPartitions bounds what each group says of all of them.
const maxPartitions = 4096

// Log is a stream.Log over a folder.
type Log struct {
	cfg   Config
	lock  *lock
	files *files
	room  *semaphore.Weighted // of bytes that wait to be stored
	kick  chan struct{}       // something waits
	ended chan struct{}       // of the log
	wg    sync.WaitGroup      // of the writer

	use    sync.RWMutex // against a restart of the server
	server *embedded

	trim sync.Mutex // one at a time

	mu      sync.Mutex // what follows
	err     error      // that ended the log
	pending []*request
	first   uint64 // group
	last    uint64
	next    uint64 // to be stored
	time    int64  // of last
	parts   []partition
	cache   cache
}

// partition is how far one reaches, and who waits for more.
type partition struct {
	last
	trimmed stream.Position
	waiting []*reader
}

var _ stream.Log = (*Log)(nil)

// Open opens the log in a folder. The caller closes it.
func Open(ctx context.Context, cfg Config) (_ *Log, err error) {
	cfg = cfg.withDefaults()
	fail := func(err error) (*Log, error) { return nil, fmt.Errorf("opening the stream %s: %w", cfg.Dir, err) }
	if err := cfg.Validate(); err != nil {
		return fail(err)
	}
	l := &Log{
		cfg:   cfg,
		room:  semaphore.NewWeighted(2 * stream.MaxAppend),
		kick:  make(chan struct{}, 1),
		ended: make(chan struct{}),
		parts: make([]partition, cfg.Partitions),
		cache: newCache(cfg.CacheBytes),
	}
	if l.lock, err = acquire(cfg.Dir); err != nil {
		return fail(err)
	}
	if err := l.start(ctx); err != nil {
		return fail(errors.Join(err, l.lock.Release()))
	}
	l.wg.Add(1)
	go l.write() //nolint:contextcheck // ctx is for opening, the writer ends with the log
	return l, nil
}

// start starts the server and finds out how far the log reaches.
func (l *Log) start(ctx context.Context) (err error) {
	e, err := start(ctx, l.cfg.Dir, l.cfg.MaxBytes, l.cfg.Logger)
	if err != nil {
		return err
	}
	l.server = e
	if l.files, err = openFiles(l.cfg.Dir); err == nil {
		err = l.load(ctx)
	}
	if err != nil {
		e.stop()
		return err
	}
	return nil
}

// load reads from the first and the last group how the partitions stand.
func (l *Log) load(ctx context.Context) error {
	info, err := l.server.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("asking for its state: %w", err)
	}
	state := info.State
	newest, err := l.server.newest(ctx, state.FirstSeq, state.LastSeq)
	if err != nil {
		return err
	}
	if newest == nil {
		l.first, l.last, l.next = state.LastSeq+1, state.LastSeq, state.LastSeq+1
		return nil
	}
	oldest, err := l.server.get(ctx, state.FirstSeq)
	if err != nil {
		return err
	}
	if n := len(newest.before); n != len(l.parts) {
		return fmt.Errorf("it has %d partitions, not %d; their number cannot change", n, len(l.parts))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.first, l.last, l.next, l.time = state.FirstSeq, newest.seq, state.LastSeq+1, newest.time
	for i, after := range newest.after() {
		l.parts[i].last = after
		l.parts[i].trimmed = max(l.parts[i].trimmed, oldest.before[i].position)
	}
	return nil
}

// State implements stream.Log.
func (l *Log) State(ctx context.Context) ([]stream.State, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return nil, l.err
	}
	out := make([]stream.State, len(l.parts))
	for i, p := range l.parts {
		out[i] = stream.State{Trimmed: p.trimmed, Last: p.position, Time: p.time}
	}
	return out, nil
}

// Close ends the log and all that wait for it. What was being stored when it was
// called is stored.
func (l *Log) Close() error {
	l.end(stream.ErrClosed)
	l.wg.Wait()
	l.use.Lock()
	defer l.use.Unlock()
	if l.server == nil {
		return nil
	}
	l.server.stop()
	l.server = nil
	return l.lock.Release()
}

// end makes everything fail from now on.
func (l *Log) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
		close(l.ended)
	}
}
