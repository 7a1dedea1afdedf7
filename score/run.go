package score

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/store"
)

// Models is where models are; store.Store has it.
type Models interface {
	Get(ctx context.Context, key string, buf []byte) ([]byte, error)
	List(ctx context.Context, prefix string) iter.Seq2[store.Info, error]
}

// A Digester is Models that know the digest of a model without reading all of it
// again.
type Digester interface {
	// Model returns a model's bytes, which stay as they are while the scoring goes
	// on, and its digest; store.ErrNotFound if there is none.
	Model(ctx context.Context, key string) (data []byte, digest string, err error)
}

// Format is the file format of predictions.
type Format int

// The formats.
const (
	Parquet Format = iota
	CSV
)

// Config is what a scoring needs besides the readings.
type Config struct {
	Models    Models // nil, where a program scores without: there are none
	ModelName store.KeyTemplate
	Output    store.Writer
	// OutputName names the file of all sensors (predictions.Single, no placeholders) or that of each.
	OutputName store.KeyTemplate
	// FileName, if set, names the file of each sensor instead of OutputName, which
	// gives one name to several sensors where its placeholders run into each other.
	FileName func(fleet.Sensor) string
	Format   Format
	Layout   predictions.Layout
	// Workers is how many units are scored at a time; 0: as many as there are cores.
	Workers int
	// Prefetch is how many models are fetched at a time ahead of the workers,
	// which suits a store at the other end of a network; 0: workers fetch them.
	Prefetch int
	// Threshold, if set, makes a score below it an anomaly, whatever the model says.
	Threshold *float64
	// Run and Rev, if Run is set, are written beside every prediction.
	Run string
	Rev int
	// Foreign, if set, scores instead of what reads models natively, or beside it.
	Foreign *Foreign
	// Enter, if set, is called by a worker before it scores a piece of a sensor.
	Enter func(fleet.Sensor)
}

// columns are the columns of the predictions of set.
func (cfg Config) columns(set *readings.Set) predictions.Columns {
	c := predictions.ColumnsOf(set)
	c.Run, c.Rev = cfg.Run, cfg.Rev
	return c
}

// Run scores set and writes the predictions. An error means that it was
// interrupted, or that the one file of all sensors could not be stored.
func Run(ctx context.Context, cfg Config, set *readings.Set, progress *Progress) (*Report, error) {
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	report := newReport(set, cfg.Foreign != nil)
	lib := newLibrary(cfg)
	whole, err := wholeAnswers(ctx, cfg, set, lib)
	if err != nil {
		return nil, err
	}
	out := newSink(ctx, cfg, set, report)
	defer out.abort()

	outer := ctx
	group, ctx := errgroup.WithContext(outer)
	group.Go(func() error { return lib.findUnused(ctx, set, report) })
	jobs := make(chan job)
	// The capacity bounds how far workers may run ahead of the sink.
	ordered := make(chan job, 4*cfg.Workers)
	free := make(freeResults, 6*cfg.Workers)
	group.Go(func() error {
		return dispatch(ctx, prefetch(ctx, plan(set, cfg.unit(set)), set, lib, cfg.Prefetch), jobs, ordered)
	})
	workers := cfg.Workers
	if cfg.Foreign != nil {
		workers++ // a program need not wait while what it said is judged
	}
	for range workers {
		w := newWorker(cfg, set, lib, rowGroups(out))
		w.whole = whole
		group.Go(func() error { return w.run(ctx, jobs, free) })
	}
	// Files are still being stored when the group is done, and its context with it.
	add := func(r *result) error { return out.add(outer, r) }
	group.Go(func() error { return collect(ctx, ordered, free, add, report, progress) })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := out.close(outer); err != nil {
		return nil, err
	}
	report.finish()
	return report, nil
}

// job is a unit of work and where its result is awaited.
type job struct {
	unit   unit
	result chan *result
}

// result is the outcomes of a unit and the memory they lie in, which is used
// again for another unit: garbage would let the heap grow to twice the readings.
type result struct {
	outcomes []outcome
	text     []byte
	scores   []float64
	anomaly  []int8
	rowGroup *predictions.RowGroup // of the one Parquet file
	err      error                 // why it could not be filled
}

// freeResults is the results that are not in use.
type freeResults chan *result

func (f freeResults) get() *result {
	select {
	case r := <-f:
		*r = result{outcomes: r.outcomes[:0], text: r.text[:0], scores: r.scores[:0], anomaly: r.anomaly[:0]}
		return r
	default:
		return &result{}
	}
}

func (f freeResults) put(r *result) {
	clear(r.outcomes)
	select {
	case f <- r:
	default:
	}
}

func dispatch(ctx context.Context, units iter.Seq[unit], jobs, ordered chan<- job) error {
	defer close(ordered)
	defer close(jobs)
	for u := range units {
		j := job{u, make(chan *result, 1)}
		for _, to := range []chan<- job{ordered, jobs} {
			select {
			case to <- j:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return nil
}

func collect(ctx context.Context, ordered <-chan job, free freeResults, add func(*result) error, report *Report, progress *Progress) error {
	for j := range ordered {
		select {
		case r := <-j.result:
			for i := range r.outcomes {
				report.add(&r.outcomes[i])
				progress.add(&r.outcomes[i], &report.Results[r.outcomes[i].series])
			}
			if err := cmp.Or(r.err, add(r)); err != nil {
				return fmt.Errorf("writing predictions: %w", err)
			}
			free.put(r)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// fail makes one sensor's failure out of an error.
func fail(cause fleet.Cause, rows int64, err error) []fleet.Failure {
	return []fleet.Failure{{Cause: cause, Rows: rows, Example: err.Error()}}
}
