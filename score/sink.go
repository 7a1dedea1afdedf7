package score

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"

	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/readings"
)

// A sink writes the results of units, which it is given in the order of the
// sensors, by one goroutine. After close, all is durable. abort after close does nothing; before,
// it leaves no half-written file.
type sink interface {
	add(ctx context.Context, r *result) error
	close(ctx context.Context) error
	abort()
}

func newSink(ctx context.Context, cfg Config, set *readings.Set, report *Report) sink {
	if cfg.Layout == predictions.Sensor {
		return &sensorFiles{cfg: cfg, set: set, report: report, batch: &batch{}, spare: &batch{}, owners: make(map[string]int)}
	}
	return newFile(ctx, cfg, set, cfg.OutputName.String())
}

// rowGroups is nil for a sink that does not take row groups.
func rowGroups(s sink) func() *predictions.RowGroup {
	if f, ok := s.(*file); ok && f.parquet != nil {
		return f.rowGroup
	}
	return nil
}

// file is one object that is written while it is stored.
type file struct {
	csv     *predictions.CSV
	parquet *predictions.Parquet
	buffer  *bufio.Writer
	pipe    *io.PipeWriter
	stored  chan error
	begun   bool
	free    chan *predictions.RowGroup
}

// groupsKept is how many row groups are used again: workers have one each, and
// some wait to be written.
const groupsKept = 64

// rowGroup gives an empty row group. Any number of goroutines may ask for one.
func (f *file) rowGroup() *predictions.RowGroup {
	select {
	case g := <-f.free:
		return g
	default:
		return f.parquet.NewRowGroup()
	}
}

var errAborted = errors.New("aborted")

func newFile(ctx context.Context, cfg Config, set *readings.Set, key string) *file {
	r, w := io.Pipe()
	f := &file{pipe: w, buffer: bufio.NewWriterSize(w, 1<<18), stored: make(chan error, 1), free: make(chan *predictions.RowGroup, groupsKept)}
	if cfg.Format == CSV {
		f.csv = &predictions.CSV{Layout: cfg.Layout, Columns: cfg.columns(set)}
	} else {
		f.parquet = predictions.NewParquet(f.buffer, cfg.columns(set))
	}
	go func() {
		err := cfg.Output.Put(ctx, key, r)
		// A writer that is still at it learns why nobody reads on.
		r.CloseWithError(cmp.Or(err, io.ErrClosedPipe))
		f.stored <- err
	}()
	return f
}

func (f *file) add(_ context.Context, r *result) error {
	if r.rowGroup != nil {
		if err := f.parquet.Commit(r.rowGroup); err != nil {
			return err
		}
		select {
		case f.free <- r.rowGroup:
		default:
		}
		return nil
	}
	for i := range r.outcomes {
		if err := f.addOne(&r.outcomes[i]); err != nil {
			return err
		}
	}
	return nil
}

// addOne writes one sensor's outcome.
func (f *file) addOne(o *outcome) error {
	if f.parquet != nil {
		for _, b := range o.batches {
			if err := f.parquet.Append(b); err != nil {
				return err
			}
		}
		return nil
	}
	if err := f.begin(); err != nil {
		return err
	}
	_, err := f.buffer.Write(o.text)
	return err
}

// begin writes the header of a CSV file, once.
func (f *file) begin() error {
	if f.begun {
		return nil
	}
	f.begun = true
	_, err := f.buffer.Write(f.csv.Header())
	return err
}

func (f *file) close(context.Context) error {
	err := f.end()
	f.pipe.CloseWithError(err) // nil: end of file
	if stored := <-f.stored; stored != nil || err == nil {
		err = stored
	}
	f.stored <- nil // for a later abort
	return err
}

func (f *file) end() error {
	if f.parquet != nil {
		if err := f.parquet.Close(); err != nil {
			return err
		}
	} else if err := f.begin(); err != nil {
		return err
	}
	return f.buffer.Flush()
}

func (f *file) abort() {
	f.pipe.CloseWithError(errAborted)
	//nolint:errcheck // it failed, as it was meant to
	<-f.stored
}
