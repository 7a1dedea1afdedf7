package store

import (
	"context"
	"io"
	"iter"
	"sync/atomic"

	"github.com/fleetscore/fleetscore/fleet"
)

// listPage is how many objects a request for a list gives, in the clouds.
const listPage = 1000

// Counter is a store that counts what is asked of another.
type Counter struct {
	Store
	gets, puts, lists, read, written atomic.Int64
}

// NewCounter counts what is asked of s from now on.
func NewCounter(s Store) *Counter { return &Counter{Store: s} }

// Usage is what was asked so far. Bytes are those that came or were taken.
func (c *Counter) Usage() fleet.Usage {
	return fleet.Usage{Gets: c.gets.Load(), Puts: c.puts.Load(), Lists: c.lists.Load(), Read: c.read.Load(), Written: c.written.Load()}
}

// Get implements Reader.
func (c *Counter) Get(ctx context.Context, key string, buf []byte) ([]byte, error) {
	c.gets.Add(1)
	data, err := c.Store.Get(ctx, key, buf)
	c.read.Add(int64(len(data)))
	return data, err
}

// GetRange implements Reader.
func (c *Counter) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	c.gets.Add(1)
	stream, err := c.Store.GetRange(ctx, key, offset, length)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{countedReader{stream, &c.read}, stream}, nil
}

// Stat implements Reader.
func (c *Counter) Stat(ctx context.Context, key string) (Info, error) {
	c.gets.Add(1)
	return c.Store.Stat(ctx, key)
}

// Open implements Opener. Each read of the file is a request.
func (c *Counter) Open(ctx context.Context, key string) (File, error) {
	c.gets.Add(1)
	file, err := c.Store.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	return countedFile{file, c}, nil
}

// Put implements Writer.
func (c *Counter) Put(ctx context.Context, key string, body io.Reader) error {
	return c.put(body, func(body io.Reader) error { return c.Store.Put(ctx, key, body) })
}

// PutIfAbsent implements Writer.
func (c *Counter) PutIfAbsent(ctx context.Context, key string, body io.Reader) error {
	return c.put(body, func(body io.Reader) error { return c.Store.PutIfAbsent(ctx, key, body) })
}

// put counts what is taken of a body. One that says how long it is must go on saying
// so: drivers ask.
func (c *Counter) put(body io.Reader, put func(io.Reader) error) error {
	c.puts.Add(1)
	sized, ok := body.(interface{ Len() int })
	if !ok {
		return put(countedReader{body, &c.written})
	}
	before := sized.Len()
	err := put(body)
	c.written.Add(int64(before - sized.Len()))
	return err
}

// PutAll implements BatchWriter.
func (c *Counter) PutAll(ctx context.Context, objects []Object) []error {
	c.puts.Add(int64(len(objects)))
	for _, o := range objects {
		c.written.Add(int64(len(o.Body)))
	}
	return PutAll(ctx, c.Store, objects)
}

// List implements Lister.
func (c *Counter) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		n := 0
		for info, err := range c.Store.List(ctx, prefix) {
			if n%listPage == 0 {
				c.lists.Add(1)
			}
			n++
			if !yield(info, err) {
				return
			}
		}
		if n == 0 {
			c.lists.Add(1)
		}
	}
}

type countedReader struct {
	io.Reader
	bytes *atomic.Int64
}

func (r countedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.bytes.Add(int64(n))
	return n, err
}

type countedFile struct {
	File
	c *Counter
}

func (f countedFile) ReadAt(p []byte, off int64) (int, error) {
	f.c.gets.Add(1)
	n, err := f.File.ReadAt(p, off)
	f.c.read.Add(int64(n))
	return n, err
}
