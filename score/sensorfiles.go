package score

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/score/readings"
	"github.com/fleetscore/fleetscore/store"
)

// Files are stored together when there are this many of them, or bytes. The
// file of a sensor with more rows than largeRows is written while it is stored.
const (
	batchFiles = 512
	batchBytes = 8 << 20
	largeRows  = 1 << 19
)

// sensorFiles writes a file for each sensor that has predictions. A file that
// cannot be stored is that sensor's failure. While one batch of files is being
// stored, the next is made.
type sensorFiles struct {
	cfg    Config
	set    *readings.Set
	report *Report

	// The file of the current sensor is the end of batch.data, or in large.
	rows    int64 // in it
	key     string
	failed  bool                 // it cannot be stored; the rest of its rows is of no use
	parquet *predictions.Parquet // writes to batch.data
	owners  map[string]int       // whose file a key is: the number of the series
	large   *file

	batch  *batch
	spare  *batch      // its memory is used for the next batch
	stored chan *batch // gives back the batch that is being stored; nil: none is
}

// batch is some whole files and, once stored, what went wrong with each.
type batch struct {
	data    bytes.Buffer // the files, one after the other
	ends    []int        // of each file in data
	objects []store.Object
	series  []int
	errs    []error
}

// end of the whole files in data; what follows is the one being made.
func (b *batch) end() int {
	if len(b.ends) == 0 {
		return 0
	}
	return b.ends[len(b.ends)-1]
}

func (b *batch) reset() {
	b.data.Reset()
	clear(b.objects)
	b.ends, b.objects, b.series, b.errs = b.ends[:0], b.objects[:0], b.series[:0], nil
}

func (s *sensorFiles) add(ctx context.Context, r *result) error {
	for i := range r.outcomes {
		if err := s.addOne(ctx, &r.outcomes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *sensorFiles) addOne(ctx context.Context, o *outcome) error {
	if o.first {
		s.rows, s.failed = 0, false
	}
	if o.predictions > 0 && !s.failed {
		if s.rows == 0 && !s.open(ctx, o) {
			return nil
		}
		s.rows += o.predictions
		if err := s.write(o); err != nil {
			s.fail(o, fleet.WriteFailed, err)
		}
	}
	if !o.last || s.rows == 0 || s.failed {
		return nil
	}
	if err := s.end(ctx, o); err != nil {
		s.fail(o, fleet.WriteFailed, err)
	}
	if len(s.batch.ends) < batchFiles && s.batch.end() < batchBytes {
		return nil
	}
	return s.flush(ctx)
}

// open begins the file of a sensor, unless another sensor has it: a template
// such as preds_{device}_{tag} gives one name to a_b, c and to a, b_c.
func (s *sensorFiles) open(ctx context.Context, o *outcome) bool {
	series := s.set.Series[o.series]
	if s.cfg.FileName != nil {
		s.key = s.cfg.FileName(series.Sensor)
	} else {
		s.key = s.cfg.OutputName.Expand(series.Sensor)
	}
	if owner, taken := s.owners[SameFile(s.key)]; taken {
		s.fail(o, fleet.NameClash, fmt.Errorf("%s is the file of %s; give an --out-name that keeps them apart, such as {device}/{tag}",
			s.key, s.set.Series[owner].Sensor))
		return false
	}
	s.owners[SameFile(s.key)] = o.series
	switch {
	case series.Rows() > largeRows:
		s.large = newFile(ctx, s.cfg, s.set, s.key)
	case s.cfg.Format == CSV:
		s.batch.data.Write(predictions.CSV{Layout: s.cfg.Layout, Columns: s.cfg.columns(s.set)}.Header())
	case s.parquet == nil:
		s.parquet = predictions.NewParquet(&s.batch.data, s.cfg.columns(s.set))
	default:
		s.parquet.Reset(&s.batch.data)
	}
	return true
}

// SameFile is equal for keys that are one file: macOS tells no upper from lower case.
func SameFile(key string) string {
	if runtime.GOOS == "darwin" {
		return strings.ToLower(key)
	}
	return key
}

func (s *sensorFiles) write(o *outcome) error {
	if s.large != nil {
		return s.large.addOne(o)
	}
	for _, b := range o.batches {
		if err := s.parquet.Append(b); err != nil {
			return err
		}
	}
	_, err := s.batch.data.Write(o.text)
	return err
}

// end completes the current file.
func (s *sensorFiles) end(ctx context.Context, o *outcome) error {
	if s.large != nil {
		large := s.large
		s.large = nil
		return large.close(ctx)
	}
	if s.parquet != nil {
		if err := s.parquet.Close(); err != nil {
			return err
		}
	}
	s.batch.objects = append(s.batch.objects, store.Object{Key: s.key})
	s.batch.series = append(s.batch.series, o.series)
	s.batch.ends = append(s.batch.ends, s.batch.data.Len())
	return nil
}

func (s *sensorFiles) fail(o *outcome, cause fleet.Cause, err error) {
	s.failed = true
	if s.large != nil {
		s.large.abort()
		s.large = nil
	}
	s.batch.data.Truncate(s.batch.end())
	s.report.unwritten(o.series, cause, err)
}

// flush begins to store the batch, once the one before is stored.
func (s *sensorFiles) flush(ctx context.Context) error {
	if err := s.await(); err != nil {
		return err
	}
	b, stored := s.batch, make(chan *batch, 1)
	s.batch, s.spare, s.stored = s.spare, nil, stored
	from := 0
	for i, end := range b.ends {
		b.objects[i].Body = b.data.Bytes()[from:end:end]
		from = end
	}
	go func() {
		b.errs = store.PutAll(ctx, s.cfg.Output, b.objects)
		stored <- b
	}()
	return nil
}

// await takes note of how the batch that is being stored came out.
func (s *sensorFiles) await() error {
	if s.stored == nil {
		return nil
	}
	b := <-s.stored
	s.stored, s.spare = nil, b
	defer b.reset()
	for i, err := range b.errs {
		if errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil {
			s.report.unwritten(b.series[i], fleet.WriteFailed, err)
		}
	}
	return nil
}

func (s *sensorFiles) close(ctx context.Context) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	return s.await()
}

func (s *sensorFiles) abort() {
	if s.large != nil {
		s.large.abort()
	}
	if s.stored != nil {
		<-s.stored
		s.stored = nil
	}
}
