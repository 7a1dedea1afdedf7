package readings

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// padding is how much memory stands behind the text of a page: the library takes
// bits in words.
const padding = 64

var errLong = errors.New("it has more bytes than its header says")

// An unpacker decompresses pages into memory whose size is known. The library's
// codecs take as much as the data asks for.
type unpacker struct {
	codec  format.CompressionCodec
	zstd   *zstd.Decoder // of the collector
	gzip   *gzip.Reader
	brotli *brotli.Reader
	source bytes.Reader
}

// use takes the codec of a chunk.
func (u *unpacker) use(codec format.CompressionCodec, c *Collector) (err error) {
	u.codec = codec
	if codec == format.Zstd && c.zstd == nil {
		c.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true))
	}
	u.zstd = c.zstd
	return err
}

// unpack decompresses data into dst, which has padding behind it, and says how many
// bytes there are.
func (u *unpacker) unpack(dst, data []byte) (int, error) {
	u.source.Reset(data)
	switch u.codec {
	case format.Snappy:
		if n, err := snappy.DecodedLen(data); err == nil && n > len(dst) {
			return 0, errLong
		}
		text, err := snappy.Decode(dst, data)
		return len(text), err
	case format.Zstd:
		text, err := u.zstd.DecodeAll(data, dst[:0:len(dst)+padding]) // which is faster than to the byte
		if err == nil && len(text) > len(dst) {
			err = errLong
		}
		return len(text), err
	case format.Gzip:
		if u.gzip == nil {
			u.gzip = new(gzip.Reader)
		}
		if err := u.gzip.Reset(&u.source); err != nil {
			return 0, err
		}
		return readUpTo(dst, u.gzip)
	case format.Brotli:
		if u.brotli == nil {
			u.brotli = new(brotli.Reader)
		}
		if err := u.brotli.Reset(&u.source); err != nil {
			return 0, err
		}
		return readUpTo(dst, u.brotli)
	}
	return 0, fmt.Errorf("unknown codec %v", u.codec)
}

// readUpTo reads all that r has.
func readUpTo(dst []byte, r io.Reader) (int, error) {
	n := 0
	for n < len(dst) {
		m, err := r.Read(dst[n:])
		n += m
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	var more [1]byte
	switch _, err := io.ReadFull(r, more[:]); err {
	case io.EOF:
		return n, nil
	case nil:
		return n, errLong
	default:
		return n, err
	}
}

// text reads a page and decompresses it into the memory of into, all but its first
// plain bytes, or not at all.
func (r *pages) text(into []byte, header *format.PageHeader, plain int, compressed bool) ([]byte, error) {
	size := int(header.CompressedPageSize)
	if !compressed || r.unpacker.codec == format.Uncompressed {
		into = resized(into, size)
		return into, r.stored(header, into)
	}
	var packed []byte
	var err error
	whole := size <= r.in.Size() // in the reader's buffer
	if whole {
		if packed, err = r.in.Peek(size); err == nil {
			err = checksum(header, packed)
		}
	} else {
		r.packed = resized(r.packed, size)
		packed = r.packed
		err = r.stored(header, packed)
	}
	if err != nil {
		return nil, err
	}
	into = resized(into, plain+int(header.UncompressedPageSize))
	n := copy(into, packed[:plain])
	if n < size {
		m, err := r.unpacker.unpack(into[n:], packed[n:])
		if err != nil {
			return nil, fmt.Errorf("a page cannot be decompressed: %w", err)
		}
		n += m
	}
	if whole {
		_, err = r.in.Discard(size)
	}
	return into[:n], err
}

// stored reads a page as it is stored.
func (r *pages) stored(header *format.PageHeader, into []byte) error {
	if _, err := io.ReadFull(r.in, into); err != nil {
		return err
	}
	return checksum(header, into)
}

func checksum(header *format.PageHeader, packed []byte) error {
	if want := uint32(header.CRC); want != 0 && want != crc32.ChecksumIEEE(packed) {
		return errors.New("a page has another checksum than its header says")
	}
	return nil
}

// resized is a slice of n bytes, with padding behind it, in the memory of b if that will do.
func resized(b []byte, n int) []byte {
	if cap(b) < n+padding {
		b = make([]byte, n+n/8+padding) // pages differ a little
	}
	return b[:n]
}
