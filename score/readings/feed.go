package readings

import (
	"context"
	"io"
)

// A feed reads and decompresses a file ahead of the one who parses it, a block
// at a time, in one goroutine. It owns two buffers at most; the parser gives
// them back. Each buffer has room before the block, where the parser puts the
// end of the block before, so that every record lies in one piece.
type feed struct {
	ctx    context.Context // ends with the caller's or by close
	stop   context.CancelFunc
	caller context.Context
	room   int
	free   chan []byte
	blocks chan chunk
	done   chan struct{}
}

// A chunk is a block of text: buf[room:end], which is good also where an error follows.
type chunk struct {
	buf  []byte
	end  int
	read int64 // bytes of the file read so far
	err  error // of what follows: io.EOF after the last block, or why there is no more
}

func newFeed(ctx context.Context, r io.Reader, room int) *feed {
	f := &feed{
		caller: ctx,
		room:   room,
		free:   make(chan []byte, 2),
		blocks: make(chan chunk),
		done:   make(chan struct{}),
	}
	f.ctx, f.stop = context.WithCancel(ctx)
	go f.run(r)
	return f
}

func (f *feed) run(r io.Reader) {
	defer close(f.done)
	text, err := openText(r)
	if err != nil {
		f.send(chunk{err: err})
		return
	}
	defer text.close()
	for {
		select {
		case buf := <-f.free:
			n, err := text.fill(f.ctx, buf[f.room:])
			if !f.send(chunk{buf: buf, end: f.room + n, read: text.file.n, err: err}) || err != nil {
				return
			}
		case <-f.ctx.Done():
			return
		}
	}
}

func (f *feed) send(c chunk) bool {
	select {
	case f.blocks <- c:
		return true
	case <-f.ctx.Done():
		return false
	}
}

// next waits for a block or for the end of the caller's context. There is an
// error only if there is no block.
func (f *feed) next() (chunk, error) {
	if f.ctx.Err() != nil {
		return chunk{}, context.Cause(f.ctx)
	}
	select {
	case c := <-f.blocks:
		if f.ctx.Err() != nil {
			return chunk{}, context.Cause(f.ctx)
		}
		if c.buf == nil {
			return chunk{}, c.err
		}
		return c, nil
	case <-f.ctx.Done():
		return chunk{}, context.Cause(f.ctx)
	}
}

// close ends the goroutine and reports whether it has ended. It waits for that,
// unless the caller's context is over: then the file may be one that blocks
// until it is closed.
func (f *feed) close() bool {
	f.stop()
	select {
	case <-f.done:
		return true
	case <-f.caller.Done():
		return false
	}
}
