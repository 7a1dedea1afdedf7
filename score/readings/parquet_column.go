package readings

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// cells are the rows of one page of a column, decoded.
type cells struct {
	rows int

	// Text of any column, row by row, or by ids into texts.
	texts [][]byte
	ids   []int32

	// Times that have a type.
	ns     []int64 // where there is a fault, ticks
	faults []fault // nil: none

	// Values; kinds is nil where all are of one kind.
	values []float64
	kinds  []number
	kind   number

	page   page   // whose memory the slices may use
	levels []byte // of its rows: 0 is null; nil: none is
	err    error

	// Memory of the slices, and of what they are made of.
	buffer []float64
	ticks  []int64
	plain  [][]byte
	spread struct {
		values []float64
		ticks  []int64
		texts  [][]byte
		ids    []int32
	}
}

func (c *cells) text(i int) []byte {
	if c.ids != nil {
		return c.texts[c.ids[i]]
	}
	return c.texts[i]
}

// A decoder decodes the pages of one column. The slices of into may be used
// again, and may refer to the page's memory.
type decoder interface {
	decode(p *page, into *cells) error
}

// A columnReader reads the pages of one column of a row group, ahead of the one
// who takes the rows together, in a goroutine of its own.
type columnReader struct {
	index   int // of the column in the file
	name    string
	decoder decoder
	pages   *pages
	cells   [ahead]cells // their memory serves for all files

	ready chan *cells // closed after the last
	free  chan *cells
	at    *cells // being used
	used  int    // rows of it
}

// columnReader is the reader of column i of a file; the next file has the same.
func (c *Collector) columnReader(i int) *columnReader {
	if i == len(c.columnReaders) {
		c.columnReaders = append(c.columnReaders, &columnReader{pages: newPages()})
	}
	return c.columnReaders[i]
}

// ahead is how many pages of a column are decoded at a time, the one in use included.
const ahead = 3

func (r *columnReader) start(ctx context.Context, file *parquetFile, group *format.RowGroup) error {
	if err := r.pages.open(file, &group.Columns[r.index].MetaData, group.NumRows); err != nil {
		return fmt.Errorf("damaged Parquet file: column %s: %w", excerpt([]byte(r.name)), err)
	}
	r.ready, r.free = make(chan *cells, ahead), make(chan *cells, ahead)
	for i := range r.cells[1:] {
		r.free <- &r.cells[1+i]
	}
	r.at, r.used = &r.cells[0], 0
	r.at.rows = 0
	if names, ok := r.decoder.(*nameDecoder); ok {
		names.reset()
	}
	go r.run(ctx)
	return nil
}

func (r *columnReader) run(ctx context.Context) {
	defer close(r.ready)
	for {
		select {
		case c := <-r.free:
			r.fill(c)
			if c.err == io.EOF {
				return
			}
			r.ready <- c // has room for all there are
			if c.err != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// fill decodes the next page into c.
func (r *columnReader) fill(c *cells) {
	c.err = nil
	defer asError(&c.err)
	if err := r.pages.next(&c.page); err != nil {
		if c.err = err; err != io.EOF {
			c.err = fmt.Errorf("reading column %s: %w", excerpt([]byte(r.name)), err)
		}
		return
	}
	c.rows, c.levels = c.page.rows, c.page.levels
	c.texts, c.ids, c.faults, c.kinds = nil, nil, nil, nil
	if err := r.decoder.decode(&c.page, c); err != nil {
		c.err = fmt.Errorf("damaged Parquet file: column %s: %w", excerpt([]byte(r.name)), err)
	}
}

// next makes sure that there are rows in r.at; false at the end of the row group.
func (r *columnReader) next(ctx context.Context) (bool, error) {
	for r.used == r.at.rows {
		r.free <- r.at
		select {
		case c, ok := <-r.ready:
			if !ok {
				r.at, r.used = &cells{}, 0
				return false, context.Cause(ctx)
			}
			r.at, r.used = c, 0
			if c.err != nil {
				return false, c.err
			}
		case <-ctx.Done():
			r.at = &cells{}
			return false, context.Cause(ctx)
		}
	}
	return true, nil
}

// drain waits for the goroutine, whose context has ended, if there is one.
func (r *columnReader) drain() {
	if r.ready == nil {
		return
	}
	for range r.ready {
	}
	r.ready = nil
}

// spread puts a null for each row that has one between the values of a page.
func spread[T any](memory *[]T, dense []T, levels []byte, null T) ([]T, error) {
	if levels == nil {
		return dense, nil
	}
	dst := slices.Grow((*memory)[:0], len(levels))
	*memory = dst
	for _, level := range levels {
		switch {
		case level == 0:
			dst = append(dst, null)
		case len(dense) == 0:
			return nil, errFewValues
		default:
			dst = append(dst, dense[0])
			dense = dense[1:]
		}
	}
	return dst, nil
}
