package task

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/monitor/span"
	"github.com/fleetscore/fleetscore/score"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/score/runtime"
	"github.com/fleetscore/fleetscore/store"
	"github.com/fleetscore/fleetscore/store/chunklog"
	"github.com/fleetscore/fleetscore/store/pack"
)

// Config is what a Runner works with.
type Config struct {
	Store store.Store
	// Remote says that the store is at the other end of a network, so that models
	// which are not packed are fetched ahead.
	Remote bool
	// Cache keeps packs on this node's disk; the zero Cache keeps none.
	Cache pack.Cache
	Node  string
	// Workers is how many units a task scores at a time; 0: as many as there are cores.
	Workers int
	// Enter, if set, is called before a sensor is scored: tests make it crash there.
	Enter func(fleet.Sensor)
	Now   func() time.Time // nil: time.Now
	// OpenRuntime starts what scores models that are not read natively.
	OpenRuntime func(context.Context, *fleet.Runtime) (runtime.Runtime, error)
}

// Runner executes tasks, several at a time if need be.
type Runner struct {
	cfg Config

	mu       sync.Mutex
	key      string // of manifest
	manifest *fleet.Manifest

	opening  sync.Mutex // held for as long as it takes to build an environment, or to pull an image
	runtimes []*opened
}

// NewRunner returns a Runner.
func NewRunner(cfg Config) *Runner {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Runner{cfg: cfg}
}

// modelsAhead is how many models are fetched at a time ahead of the workers.
const modelsAhead = 64

// MaxManifest bounds the root of a generation, and a shard, in bytes.
const MaxManifest = 256 << 20

// Run executes an attempt at a task. It calls progress, unless that is nil, now
// and then.
func (r *Runner) Run(ctx context.Context, manifest string, t fleet.Task, progress func(fleet.Progress)) error {
	started := r.cfg.Now()
	counter := store.NewCounter(r.cfg.Store)
	from := &served{Store: counter}
	m, err := r.load(ctx, from, manifest)
	if err != nil {
		return err
	}
	if m.Run != t.Run || m.Generation != t.Generation {
		return fmt.Errorf("manifest %s is of run %s, generation %d, and the task of %s, %d", manifest, m.Run, m.Generation, t.Run, t.Generation)
	}
	shard, err := readShard(ctx, from, m, t.Index)
	if err != nil {
		return err
	}
	if err := isNew(ctx, from, t); err != nil {
		return err
	}
	if m.Recipe.Timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, time.Duration(m.Recipe.Timeout*float64(time.Second)),
			fmt.Errorf("it took longer than %v s, the job's timeout", m.Recipe.Timeout))
		defer stop()
	}
	log := chunklog.NewWriter(chunklog.Config{Store: counter, Key: func(n int) string { return fleet.LogKey(m.Job, t, m.Recipe.FlatLogs, n) }})
	a := &attempt{
		Runner: r, from: from, counter: counter, task: t, manifest: m, shard: shard, started: started, progress: progress,
		log: slog.New(slog.NewTextHandler(log, nil)),
	}
	err = a.run(ctx)
	if err != nil {
		a.log.Error("no result", "error", err)
		// The log of an attempt that was canceled is wanted too.
		closing, stop := context.WithTimeout(context.WithoutCancel(ctx), logWait)
		defer stop()
		return errors.Join(err, log.Close(closing))
	}
	return a.store(ctx, log)
}

// isNew refuses an attempt that has a result: its files may count, and what counts
// never changes.
func isNew(ctx context.Context, from *served, t fleet.Task) error {
	_, err := from.Stat(ctx, fleet.ResultKey(t))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("looking for a result: %w", from.read(ctx, err))
	}
	return fmt.Errorf("attempt %s of run %s has a result already, %s, and is not made again: its files may count; make another attempt, under a number that is not taken",
		t, t.Run, fleet.ResultKey(t))
}

// logWait bounds how long an attempt that failed waits for its log to be stored.
const logWait = 2 * time.Second

// load gets a manifest; the last one is kept, as many tasks share it.
func (r *Runner) load(ctx context.Context, from store.Reader, key string) (*fleet.Manifest, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.key == key {
		return r.manifest, nil
	}
	m := &fleet.Manifest{}
	if err := getJSON(ctx, from, key, 0, -1, m); err != nil {
		return nil, fmt.Errorf("reading the manifest: %w", err)
	}
	if m.Partitions < 1 {
		return nil, fmt.Errorf("reading the manifest: %s says %d partitions", key, m.Partitions)
	}
	r.key, r.manifest = key, m
	return m, nil
}

func readShard(ctx context.Context, from store.Reader, m *fleet.Manifest, index int) (*fleet.Shard, error) {
	if index < 0 || index >= len(m.Shards) {
		return nil, fmt.Errorf("there is no task %d in generation %d of run %s, which has %d", index, m.Generation, m.Run, len(m.Shards))
	}
	start := int64(0)
	if index > 0 {
		start = m.Shards[index-1]
	}
	shard := &fleet.Shard{}
	if err := getJSON(ctx, from, m.ShardsKey, start, m.Shards[index]-start, shard); err != nil {
		return nil, fmt.Errorf("reading shard %d: %w", index, err)
	}
	return shard, nil
}

func getJSON(ctx context.Context, s store.Reader, key string, offset, length int64, into any) (err error) {
	if offset == 0 && length < 0 {
		data, err := s.Get(ctx, key, nil)
		if err != nil {
			return err
		}
		return decode(key, data, into)
	}
	if length < 0 || length > MaxManifest {
		return fmt.Errorf("%s: a part of %d bytes", key, length)
	}
	stream, err := s.GetRange(ctx, key, offset, length)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	data, err := io.ReadAll(stream)
	if err != nil {
		return fmt.Errorf("reading %s: %w", key, err)
	}
	return decode(key, data, into)
}

func decode(key string, data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s cannot be understood: %w; was it written by another version?", key, err)
	}
	return nil
}

// attempt is one attempt at a task.
type attempt struct {
	*Runner
	from     *served        // the store
	counter  *store.Counter // of what is asked of it
	task     fleet.Task
	manifest *fleet.Manifest
	shard    *fleet.Shard
	started  time.Time
	progress func(fleet.Progress)
	log      *slog.Logger
	models   models
	foreign  *score.Foreign // nil: all is scored natively
	result   fleet.Result
	fates    []byte // see tile.AppendEntries
}

// run scores, and fills in the result.
func (a *attempt) run(ctx context.Context) error {
	a.log.Info("start", "run", a.task.Run, "task", a.task.String(), "job", a.manifest.Job, "interval", a.manifest.Interval.String(),
		"node", a.cfg.Node, "traceparent", span.Traceparent(span.OfAttempt(a.task)), "inputs", len(a.shard.Inputs), "packs", len(a.shard.Packs))
	read, err := a.options()
	if err != nil {
		return err
	}
	if err := a.models.open(ctx, a); err != nil {
		return err
	}
	a.mark(&a.result.Seconds.Start)
	set, err := a.read(ctx, read)
	a.mark(&a.result.Seconds.Read)
	if err == nil && len(set.Series) > 0 {
		var release func()
		release, err = a.openRuntime(ctx)
		defer release()
	}
	var bad inputError
	switch {
	case errors.As(err, &bad):
		a.log.Error("an input cannot be read", "error", err)
		a.result.Error = err.Error()
		set = readings.NewCollector(read).Finish()
	case err != nil:
		return err
	}
	out := newHashing(a.from)
	report, err := a.score(ctx, set, out)
	if err != nil {
		return err
	}
	if err := a.from.fault(a.task.Attempt); err != nil {
		return fmt.Errorf("scoring: %w", err)
	}
	a.mark(&a.result.Seconds.Score)
	return a.conclude(report, out)
}

// mark notes the time since the last mark in part.
func (a *attempt) mark(part *float64) {
	s := &a.result.Seconds
	spent := s.Start + s.Read + s.Score + s.Write
	*part += a.cfg.Now().Sub(a.started).Seconds() - spent
}

func (a *attempt) score(ctx context.Context, set *readings.Set, out *hashing) (*score.Report, error) {
	if len(set.Series) == 0 && len(set.Unattributed) == 0 {
		return &score.Report{}, nil // many tasks have nothing to do, and there may be many tasks
	}
	cfg, err := a.scoring(set, out)
	if err != nil {
		return nil, err
	}
	var progress score.Progress
	stop := a.report(ctx, &progress)
	defer stop()
	report, err := score.Run(ctx, cfg, set, &progress)
	if err != nil {
		if fault := a.from.fault(a.task.Attempt); fault != nil && ctx.Err() == nil {
			err = fault
		}
		return nil, fmt.Errorf("scoring: %w", whyEnded(ctx, err))
	}
	return report, nil
}

// whyEnded is why ctx ended, if it has, or else err.
func whyEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// reportEvery is how often progress is told.
const reportEvery = 500 * time.Millisecond

// report tells progress until it is stopped.
func (a *attempt) report(ctx context.Context, p *score.Progress) (stop func()) {
	if a.progress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	tell := func() {
		a.progress(fleet.Progress{Sensors: p.SensorsDone.Load(), Rows: p.Rows.Load(), Anomalies: p.Anomalies.Load(), Failed: p.Failures.Load()})
	}
	go func() {
		defer close(done)
		ticker := time.NewTicker(reportEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				tell()
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		cancel()
		<-done
		tell()
	}
}

// store stores the result, and the rest of the log with it.
func (a *attempt) store(ctx context.Context, log *chunklog.Writer) error {
	a.mark(&a.result.Seconds.Write)
	a.result.Finished = a.cfg.Now().UTC()
	r := &a.result
	a.log.Info("done", "sensors", r.Sensors, "scored", r.Scored, "failed", r.Failed, "silent", r.Silent, "predictions", r.Predictions,
		"anomalies", r.Anomalies, "start", r.Seconds.Start, "read", r.Seconds.Read, "score", r.Seconds.Score, "write", r.Seconds.Write)
	objects := log.Rest()
	r.Usage = a.counter.Usage()
	r.Usage.Puts += int64(len(objects)) + 1
	for _, o := range objects {
		r.Usage.Written += int64(len(o.Body))
	}
	r.Usage.Written += int64(len(a.fates)) // what is before them is not counted: it has the sum
	head, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	objects = append(objects, store.Object{Key: fleet.ResultKey(a.task), Body: append(append(head, '\n'), a.fates...)})
	for _, err := range store.PutAll(ctx, a.from, objects) {
		if err != nil {
			return fmt.Errorf("writing the result: %w", err)
		}
	}
	return nil
}
