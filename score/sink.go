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

// A sink writes outcomes, which it is given in the order of the sensors, by one
// goroutine. After close, all is durable. abort after close does nothing; before,
// it leaves no half-written file.
type sink interface {
	add(ctx context.Context, o *outcome) error
	close(ctx context.Context) error
	abort()
}

func newSink(ctx context.Context, cfg Config, set *readings.Set, report *Report) sink {
	if cfg.Layout == predictions.Sensor {
		return &sensorFiles{cfg: cfg, set: set, report: report, batch: &batch{}, spare: &batch{}, owners: make(map[string]int)}
	}
	return newFile(ctx, cfg, set, cfg.OutputName.String())
}

// file is one object that is written while it is stored.
type file struct {
	csv     *predictions.CSV
	parquet *predictions.Parquet
	buffer  *bufio.Writer
	pipe    *io.PipeWriter
	stored  chan error
	begun   bool
}

var errAborted = errors.New("aborted")

func newFile(ctx context.Context, cfg Config, set *readings.Set, key string) *file {
	r, w := io.Pipe()
	f := &file{pipe: w, buffer: bufio.NewWriterSize(w, 1<<18), stored: make(chan error, 1)}
	if cfg.Format == CSV {
		f.csv = &predictions.CSV{Layout: cfg.Layout, Columns: predictions.ColumnsOf(set)}
	} else {
		f.parquet = predictions.NewParquet(f.buffer, predictions.ColumnsOf(set))
	}
	go func() {
		err := cfg.Output.Put(ctx, key, r)
		// A writer that is still at it learns why nobody reads on.
		r.CloseWithError(cmp.Or(err, io.ErrClosedPipe))
		f.stored <- err
	}()
	return f
}

func (f *file) add(_ context.Context, o *outcome) error {
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
