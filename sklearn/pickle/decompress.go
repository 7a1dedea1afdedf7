package pickle

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// freeSize is what a file may decompress to whatever its own size, in bytes.
const freeSize = 4 << 20

// A codec is a compression that is read, or a format that is not.
type codec struct {
	name    string // of the compression
	open    func(io.Reader) (io.Reader, error)
	refusal *FormatError
}

// sniff tells what data is by its first bytes, as joblib does. None of them
// begins a pickle.
func sniff(data []byte) (codec, bool) {
	const again = "dump the model again with joblib.dump(model, path, compress=('zlib', 3)), or decompress the file"
	const other = "dump the model with pickle or joblib"
	refused := func(format, advice string) (codec, bool) {
		return codec{refusal: &FormatError{format, advice}}, true
	}
	begins := func(magic string) bool { return len(data) >= len(magic) && string(data[:len(magic)]) == magic }
	switch {
	case begins("\x80"): // PROTO: most files
		return codec{}, false
	case begins("\x78"):
		return codec{name: "zlib", open: func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }}, true
	case begins("\x1f\x8b"):
		return codec{name: "gzip", open: func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }}, true
	case begins("BZh"):
		return codec{name: "bzip2", open: func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }}, true
	case begins("\x28\xb5\x2f\xfd"):
		return codec{name: "zstd", open: openZstd}, true
	case begins("\xfd7zXZ"):
		return refused("xz compression", again)
	case begins("\x5d\x00"):
		return refused("lzma compression", again)
	case begins("\x04\x22\x4d\x18"):
		return refused("lz4 compression", again)
	case begins("ZF"):
		return codec{refusal: legacyJoblib()}, true
	case begins("PK\x03\x04"):
		return refused("a zip archive (skops, npz)", other)
	case begins("\x89HDF"):
		return refused("an HDF5 file", other)
	}
	return codec{}, false
}

// decompress returns the pickle in data, and the name of its compression: "" if
// it has none, and is data itself.
func decompress(data []byte, limits Limits) ([]byte, string, error) {
	c, found := sniff(data)
	switch {
	case !found:
		return data, "", nil
	case c.refusal != nil:
		return nil, "", c.refusal
	}
	limit, field := freeSize+limits.Ratio*len(data), "Ratio"
	if limit > limits.Size {
		limit, field = limits.Size, "Size"
	}
	plain, err := c.decompress(data, limit)
	if errors.Is(err, errTooLarge) {
		return nil, "", &LimitError{What: "bytes, at least, out of a " + c.name + " stream", Got: int64(limit) + 1, Limit: int64(limit), Field: field, Offset: -1}
	}
	if err != nil {
		return nil, "", &SyntaxError{Msg: fmt.Sprintf("the %s stream around the pickle: %v", c.name, err)}
	}
	return plain, c.name, nil
}

var errTooLarge = errors.New("larger than the limit")

func (c codec) decompress(data []byte, limit int) ([]byte, error) {
	r, err := c.open(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if z, ok := r.(*zstd.Decoder); ok {
		defer z.Close()
	}
	return readAll(r, 4*len(data)+512, limit)
}

// readAll reads at most limit bytes, size of them without growing.
func readAll(r io.Reader, size, limit int) ([]byte, error) {
	b := make([]byte, 0, min(size, limit+1))
	for {
		if len(b) > limit {
			return nil, errTooLarge
		}
		if len(b) == cap(b) {
			larger := make([]byte, len(b), min(2*cap(b), limit+1))
			copy(larger, b)
			b = larger
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// openZstd bounds the window, which is allocated as the first bytes of a file
// ask for it, by what every decoder must support and all usual levels stay within.
func openZstd(r io.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
}
