package readings

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const smallFile = "ts,device,tag,value\n1,a,b,2\n2,a,b,3\n"

func gzipped(tb testing.TB, text string) []byte {
	var b bytes.Buffer
	closeWith(tb, gzip.NewWriter(&b), text)
	return b.Bytes()
}

func zstandard(tb testing.TB, text string) []byte {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		tb.Fatal(err)
	}
	closeWith(tb, w, text)
	return b.Bytes()
}

func closeWith(tb testing.TB, w io.WriteCloser, text string) {
	if _, err := io.WriteString(w, text); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
}

func TestCompressedFiles(t *testing.T) {
	head, tail := smallFile[:31], smallFile[31:]
	want := dump(collect(t, "f", smallFile))
	for name, data := range map[string][]byte{
		"gzip":                  gzipped(t, smallFile),
		"gzip of two members":   slices.Concat(gzipped(t, head), gzipped(t, tail)),
		"zstd":                  zstandard(t, smallFile),
		"zstd of two frames":    slices.Concat(zstandard(t, head), zstandard(t, tail)),
		"zstd, skippable first": slices.Concat([]byte("\x50\x2a\x4d\x18\x02\x00\x00\x00xx"), zstandard(t, smallFile)),
	} {
		for _, blockSize := range []int{1, 20, blockSize} {
			c := newCollector(Options{}, blockSize, maxRecord)
			if err := c.Read(t.Context(), "f", iotest.OneByteReader(bytes.NewReader(data))); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if got := dump(c.Finish()); got != want {
				t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
			}
		}
	}
}

// A file that is cut anywhere, or has a byte changed, never passes as whole.
func TestDamagedCompression(t *testing.T) {
	for name, data := range map[string][]byte{
		"gzip": gzipped(t, smallFile),
		"zstd": zstandard(t, smallFile),
	} {
		for n := 4; n < len(data); n++ {
			c := NewCollector(Options{})
			err := c.Read(t.Context(), "f", bytes.NewReader(data[:n]))
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s, cut at %d: %v", name, n, err)
			}
		}
		damaged := slices.Clone(data)
		damaged[len(data)/2] ^= 0x55
		if err := NewCollector(Options{}).Read(t.Context(), "f", bytes.NewReader(damaged)); err == nil {
			t.Errorf("%s: a damaged file was read", name)
		}
	}
	twice := gzipped(t, string(zstandard(t, smallFile)))
	if err := NewCollector(Options{}).Read(t.Context(), "f", bytes.NewReader(twice)); err == nil || !strings.HasPrefix(err.Error(), "f: not CSV but data compressed twice; ") {
		t.Errorf("compressed twice: %v", err)
	}
}

// A frame may ask for the memory that the zstd tool grants, not for more.
func TestZstdWindow(t *testing.T) {
	frame := func(log int) []byte { // one uncompressed block
		header := uint32(len(smallFile))<<3 | 1
		b := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, byte(log-10) << 3, byte(header), byte(header >> 8), byte(header >> 16)}
		return append(b, smallFile...)
	}
	if err := NewCollector(Options{}).Read(t.Context(), "f", bytes.NewReader(frame(27))); err != nil {
		t.Error(err)
	}
	const want = "f: the zstd data needs a window of more than 128 MiB; compress it again without --long: "
	for log := 28; log <= 41; log++ {
		if err := NewCollector(Options{}).Read(t.Context(), "f", bytes.NewReader(frame(log))); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("a window of 2^%d: %v", log, err)
		}
	}
}

func TestReaderThatFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	for name, data := range map[string][]byte{"plain": []byte(smallFile), "gzip": gzipped(t, smallFile), "zstd": zstandard(t, smallFile)} {
		for _, n := range []int{0, 10, len(data) - 1} {
			r := io.MultiReader(bytes.NewReader(data[:n]), iotest.ErrReader(broken))
			err := NewCollector(Options{}).Read(t.Context(), "f", r)
			if !errors.Is(err, broken) || err.Error() != "f: cannot be read: the disk is gone" {
				t.Errorf("%s, after %d bytes: %v", name, n, err)
			}
		}
	}
	for _, n := range []int{0, 10, len(smallFile)} {
		r := io.MultiReader(strings.NewReader(smallFile[:n]), idleReader{})
		if err := NewCollector(Options{}).Read(t.Context(), "f", r); !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("a reader that gives nothing after %d bytes: %v", n, err)
		}
	}
}

type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

// Progress counts the bytes as they are stored, up to the last.
func TestProgress(t *testing.T) {
	data := gzipped(t, smallFile)
	var seen []int64
	c := newCollector(Options{Progress: func(n int64) { seen = append(seen, n) }}, 8, 64)
	for range 2 {
		seen = nil
		if err := c.Read(t.Context(), "f", bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		if len(seen) < 4 || !slices.IsSorted(seen) || seen[len(seen)-1] != int64(len(data)) {
			t.Errorf("%v, want %d in the end", seen, len(data))
		}
	}
}

// Read ends with its context although the reader blocks; the collector still
// serves the next file. The goroutine ends once the reader is closed.
func TestCancelWhileBlocked(t *testing.T) {
	for _, already := range []string{"", "ts,dev", smallFile} {
		r, w := io.Pipe()
		ctx, cancel := context.WithCancelCause(t.Context())
		c := newCollector(Options{}, 16, 64)
		ended := make(chan error)
		go func() { ended <- c.Read(ctx, "f", r) }()
		if _, err := io.WriteString(w, already); err != nil {
			t.Fatal(err)
		}
		gone := errors.New("the user left")
		cancel(gone)
		if err := <-ended; !errors.Is(err, gone) || err.Error() != "f: the user left" {
			t.Errorf("after %q: %v", already, err)
		}
		if err := c.Read(t.Context(), "f", strings.NewReader(smallFile)); err != nil {
			t.Error(err)
		}
		w.Close()
	}
}

// A file with a wrong header is given up at once, though its reader would block.
func TestWrongHeaderOfOpenFile(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	go func() { _, _ = io.WriteString(w, "a,b,c\n"+strings.Repeat("x", 64)) }() // until Read is done with it
	if err := newCollector(Options{}, 16, 64).Read(t.Context(), "f", r); err == nil {
		t.Error("no error")
	}
}
