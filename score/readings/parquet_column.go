package readings

import (
	"context"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
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

	buffer []float64    // perhaps the memory of values
	ticks  []int64      // perhaps that of times
	page   parquet.Page // whose memory the slices may use
	levels []byte       // of its rows: 0 is null; nil: none is
	err    error
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
	decode(page parquet.Page, into *cells) error
}

// A columnReader reads the pages of one column of a row group, ahead of the one
// who takes the rows together, in a goroutine of its own.
type columnReader struct {
	index   int // of the column in the file
	name    string
	decoder decoder

	ready chan *cells // closed after the last
	free  chan *cells
	at    *cells // being used
	used  int    // rows of it
}

// ahead is how many pages of a column are decoded at a time, the one in use included.
const ahead = 3

func (r *columnReader) start(ctx context.Context, group parquet.RowGroup) {
	r.ready, r.free, r.at, r.used = make(chan *cells, ahead), make(chan *cells, ahead), &cells{}, 0
	for range ahead - 1 {
		r.free <- &cells{}
	}
	if names, ok := r.decoder.(*nameDecoder); ok {
		names.reset()
	}
	go r.run(ctx, group.ColumnChunks()[r.index])
}

func (r *columnReader) run(ctx context.Context, chunk parquet.ColumnChunk) {
	defer close(r.ready)
	pages := chunk.Pages()
	defer pages.Close()
	for {
		select {
		case c := <-r.free:
			r.fill(c, pages)
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
func (r *columnReader) fill(c *cells, pages parquet.Pages) {
	defer asError(&c.err)
	page, err := pages.ReadPage()
	if err != nil {
		if c.err = err; err != io.EOF {
			c.err = fmt.Errorf("reading column %s: %w", excerpt([]byte(r.name)), err)
		}
		return
	}
	c.page, c.rows, c.levels = page, int(page.NumValues()), nil
	if page.NumNulls() > 0 {
		c.levels = page.DefinitionLevels()
	}
	c.texts, c.ids, c.faults, c.kinds = c.texts[:0], nil, nil, nil
	if err := r.decoder.decode(page, c); err != nil {
		c.err = fmt.Errorf("damaged Parquet file: column %s: %w", excerpt([]byte(r.name)), err)
	}
}

// next makes sure that there are rows in r.at; false at the end of the row group.
func (r *columnReader) next(ctx context.Context) (bool, error) {
	for r.used == r.at.rows {
		if r.at.page != nil {
			parquet.Release(r.at.page)
			r.at.page = nil
		}
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

// drain waits for the goroutine, whose context has ended.
func (r *columnReader) drain() {
	for range r.ready {
	}
}

// spread puts a null for each row that has one between the values of a page.
func spread[T any](dst, dense []T, levels []byte, null T) ([]T, error) {
	if levels == nil {
		return dense, nil
	}
	dst = dst[:0]
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
