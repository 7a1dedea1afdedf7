package cloudstore

import (
	"slices"
	"sync"
)

// An object is read in chunks, each a request of its own. Those used last are
// kept, and where several were read one after the other, half as many are fetched
// ahead. So one reader keeps the network busy; and those of many columns side by side,
// for which there is less room each, do not fetch what is dropped before it is used.
const (
	chunkSize  = 1 << 20
	chunksKept = 64
	mostAhead  = 8
)

// chunks are the chunks of an object of size bytes.
type chunks struct {
	size  int64
	fetch func(offset, length int64) ([]byte, error)

	mu    sync.Mutex
	kept  []*chunk // the one used last is the last
	ahead sync.WaitGroup
}

type chunk struct {
	number int64
	once   sync.Once
	data   []byte
	err    error
}

// readAt reads until p is full or the object ends.
func (c *chunks) readAt(p []byte, offset int64) (int, error) {
	done := 0
	for done < len(p) && offset < c.size {
		one := c.get(offset / chunkSize)
		if one.err != nil {
			return done, one.err
		}
		n := copy(p[done:], one.data[offset%chunkSize:])
		done, offset = done+n, offset+int64(n)
	}
	return done, nil
}

// get is a chunk, kept or fetched.
func (c *chunks) get(number int64) *chunk {
	one, ahead := c.find(number)
	for _, next := range ahead {
		c.ahead.Go(func() { c.load(next) })
	}
	c.load(one)
	return one
}

func (c *chunks) load(one *chunk) {
	one.once.Do(func() {
		at := one.number * chunkSize
		one.data, one.err = c.fetch(at, min(chunkSize, c.size-at))
	})
}

// find is a chunk, and those to fetch ahead.
func (c *chunks) find(number int64) (one *chunk, ahead []*chunk) {
	c.mu.Lock()
	defer c.mu.Unlock()
	run := int64(0) // of chunks before it that are kept
	for run < 2*mostAhead && c.at(number-run-1) >= 0 {
		run++
	}
	for next := number + 1; next <= number+(run+1)/2 && next*chunkSize < c.size; next++ {
		if c.at(next) < 0 {
			ahead = append(ahead, c.keep(next))
		}
	}
	return c.keep(number), ahead
}

// at is where in kept the chunk is; negative: nowhere.
func (c *chunks) at(number int64) int {
	return slices.IndexFunc(c.kept, func(one *chunk) bool { return one.number == number })
}

// keep is the chunk, which is now the one used last.
func (c *chunks) keep(number int64) *chunk {
	one := &chunk{number: number}
	i := c.at(number)
	switch {
	case i >= 0:
		one = c.kept[i]
		c.kept = slices.Delete(c.kept, i, i+1)
	case len(c.kept) == chunksKept:
		c.kept = slices.Delete(c.kept, 0, 1)
	}
	c.kept = append(c.kept, one)
	return one
}
