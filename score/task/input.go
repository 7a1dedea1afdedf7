package task

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/store"
)

// inputError is an input that would be no better the next time.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// options say how the inputs are read: which columns, and whose readings.
func (a *attempt) options() (readings.Options, error) {
	recipe, part, m := &a.manifest.Recipe, &a.shard.Part, a.manifest
	var opt readings.Options
	var err error
	if opt.Columns, err = readings.ParseColumns(recipe.Columns); err != nil {
		return opt, fmt.Errorf("columns of the manifest: %w", err)
	}
	if opt.Features, err = readings.ParseFeatures(recipe.Features, recipe.Entity == "device"); err != nil {
		return opt, fmt.Errorf("features of the manifest: %w", err)
	}
	mine := make([]bool, m.Partitions)
	all := part.Whole()
	for _, p := range part.Partitions {
		if p < 0 || p >= len(mine) {
			return opt, fmt.Errorf("the shard has partition %d of %d", p, m.Partitions)
		}
		mine[p] = true
	}
	if !all || len(part.Partitions) < m.Partitions {
		opt.Keep = func(s fleet.Sensor) bool {
			return mine[fleet.Partition(s.Device, m.Partitions)] && (all || part.Has(s))
		}
	}
	if recipe.Clip {
		opt.From, opt.To = m.Interval.From.UnixNano(), m.Interval.To.UnixNano()
	}
	opt.Latest = recipe.Latest
	return opt, nil
}

// read collects the readings of the shard's inputs.
func (a *attempt) read(ctx context.Context, opt readings.Options) (*readings.Set, error) {
	collector := readings.NewCollector(opt)
	for _, in := range a.shard.Inputs {
		if err := a.readOne(ctx, collector, in); err != nil {
			return nil, whyEnded(ctx, err)
		}
	}
	return collector.Finish(), nil
}

func (a *attempt) readOne(ctx context.Context, collector *readings.Collector, in fleet.Input) (err error) {
	file, err := a.from.Open(ctx, in.Key)
	if errors.Is(err, store.ErrNotFound) {
		return inputError{fmt.Errorf("reading %s, which was there when the run was planned: %w", in.Key, err)}
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.Key, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if size := file.Info().Size; size < in.Size || size > in.Size && readings.IsParquet(file) {
		return inputError{fmt.Errorf("reading %s: it has %d bytes, and had %d when the run was planned", in.Key, size, in.Size)}
	}
	// Text that has grown since is read as far as it was then, so that all tasks see the same.
	source := &faults{ReaderAt: file}
	err = collector.ReadAt(ctx, in.Key, source, in.Size)
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case source.err != nil:
		return fmt.Errorf("reading %s: %w", in.Key, source.err)
	}
	return inputError{err}
}

// faults remembers errors of a file, to tell them from damage of what it holds.
type faults struct {
	io.ReaderAt
	err error
}

func (f *faults) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.ReaderAt.ReadAt(p, off)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}
