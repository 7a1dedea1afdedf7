package readings

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is the most memory that a zstd frame may ask for; it is what the
// zstd tool itself allows unless it is told otherwise.
const maxWindow = 128 << 20

// maxIdle is how often in a row a reader may return nothing.
const maxIdle = 100

const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"
)

// counter counts the bytes read from r and remembers why reading failed.
type counter struct {
	r   io.Reader
	n   int64
	err error // other than io.EOF
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// plaintext reads the text of a file, which may be compressed.
type plaintext struct {
	file        *counter
	text        io.Reader
	compression string // for messages; "" without one
	close       func()
}

// openText looks at the first bytes of r to see how it is compressed.
func openText(r io.Reader) (*plaintext, error) {
	t := &plaintext{file: &counter{r: r}, close: func() {}}
	buffered := bufio.NewReaderSize(t.file, 64<<10)
	magic, err := buffered.Peek(len(zstdMagic))
	if err != nil && err != io.EOF {
		return nil, t.explain(err)
	}
	switch {
	case bytes.HasPrefix(magic, []byte(gzipMagic)):
		t.compression = "gzip"
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, t.explain(err)
		}
		t.text = z
	case isZstd(magic):
		t.compression = "zstd"
		// One decoder without goroutines of its own: the caller reads ahead.
		z, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true), zstd.WithDecodeBuffersBelow(0))
		if err != nil {
			return nil, t.explain(err)
		}
		t.text, t.close = z, z.Close
	default:
		t.text = buffered
	}
	return t, nil
}

// isZstd knows frames and skippable frames, with which a file may begin.
func isZstd(magic []byte) bool {
	if len(magic) < 4 {
		return false
	}
	return string(magic) == zstdMagic || magic[0]&0xf0 == 0x50 && string(magic[1:4]) == "\x2a\x4d\x18"
}

// fill reads until p is full or the text ends, which is io.EOF.
func (t *plaintext) fill(ctx context.Context, p []byte) (int, error) {
	n, idle := 0, 0
	for n < len(p) {
		if ctx.Err() != nil {
			return n, context.Cause(ctx)
		}
		m, err := t.text.Read(p[n:])
		n += m
		switch {
		case err == io.EOF:
			return n, err
		case err != nil:
			return n, t.explain(err)
		case m > 0:
			idle = 0
		case idle == maxIdle:
			return n, t.explain(io.ErrNoProgress)
		default:
			idle++
		}
	}
	return n, nil
}

// explain tells a file that cannot be read from one that is damaged.
func (t *plaintext) explain(err error) error {
	switch {
	case t.file.err != nil:
		return fmt.Errorf("cannot be read: %w", t.file.err)
	case t.compression == "":
		return fmt.Errorf("cannot be read: %w", err)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return fmt.Errorf("cut short: the %s data ends too early: %w", t.compression, io.ErrUnexpectedEOF)
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return fmt.Errorf("the zstd data needs a window of more than %d MiB; compress it again without --long: %w", maxWindow>>20, err)
	default:
		return fmt.Errorf("damaged: the %s data cannot be decompressed: %w", t.compression, err)
	}
}
