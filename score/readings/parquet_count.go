package readings

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// The library makes as many values of a page as its encoding says. These see
// first that it says no more than the page has.

var errManyValues = errors.New("a page has more values than it says")

// maxSpare is how many values too many a run may have: some writers fill it up.
const maxSpare = 512

// checkCount sees that the values of a page are n, and bounds what is made of them.
func checkCount(typ parquet.Type, values []byte, n int, as format.Encoding) error {
	w := width(typ)
	if typ.Kind() == parquet.FixedLenByteArray && w <= 0 {
		return fmt.Errorf("its values are said to have %d bytes", w)
	}
	switch as {
	case format.Plain, format.ByteStreamSplit:
		if w == 0 {
			w = 4 // bytes of the length
		}
		if len(values)/w < n {
			return errFewValues
		}
		return nil
	case format.DeltaBinaryPacked, format.DeltaLengthByteArray:
		_, err := deltaBytes(values, n)
		return err
	case format.DeltaByteArray:
		return checkDeltaText(values, n, w)
	}
	return errEncoding(as)
}

// A run is values of a page in the hybrid of RLE and bit-packing.
type run struct {
	count  int
	packed bool
	data   []byte // of the values; of one if they are not packed
}

// nextRun reads the run at the start of data, and gives its length.
func nextRun(data []byte, width int) (run, int, error) {
	head, at := binary.Uvarint(data)
	if at <= 0 || head>>1 > math.MaxInt32 {
		return run{}, 0, errors.New("a run of values has no readable length")
	}
	r := run{count: int(head >> 1), packed: head&1 == 1}
	size := 0
	switch {
	case r.count == 0: // which the library passes over, without a value
	case r.packed:
		size = min(r.count*width, len(data)-at) // some writers leave out what is spare
		r.count *= 8
	default:
		size = (width + 7) / 8
		if size > len(data)-at {
			return run{}, 0, errFewValues
		}
	}
	r.data = data[at : at+size]
	return r, at + size, nil
}

// take sees that a run is one of n values that are to come, and gives how many of them it has.
func (r run) take(n, width int) (int, error) {
	have := min(r.count, n)
	switch {
	case r.count-have > maxSpare:
		return 0, errManyValues
	case r.packed && have*width > 8*len(r.data):
		return 0, errFewValues
	}
	return have, nil
}

// idBytes is the length of n ids.
func idBytes(data []byte, n int) (int, error) {
	if len(data) == 0 && n > 0 {
		return 0, errFewValues
	}
	if len(data) == 0 || n == 0 {
		return 0, nil
	}
	at, width := 1, int(data[0])
	if width > 32 {
		return 0, fmt.Errorf("ids of %d bits", width)
	}
	for n > 0 {
		r, size, err := nextRun(data[at:], width)
		if err != nil {
			return 0, err
		}
		have, err := r.take(n, width)
		if err != nil {
			return 0, err
		}
		n -= have
		at += size
	}
	return at, nil
}

// countNulls counts the nulls among n levels, and gives the length of these.
func countNulls(data []byte, n int) (nulls, at int, err error) {
	for n > 0 {
		r, size, err := nextRun(data[at:], 1)
		if err != nil {
			return 0, 0, err
		}
		have, err := r.take(n, 1)
		switch {
		case err != nil:
			return 0, 0, err
		case r.packed:
			nulls += have - ones(r.data, have)
		case have > 0 && r.data[0] > 1:
			return 0, 0, errors.New("a page has a level that its column does not have")
		case have > 0 && r.data[0] == 0:
			nulls += have
		}
		n -= have
		at += size
	}
	return nulls, at, nil
}

// ones counts those of the first n bits that are set.
func ones(data []byte, n int) (count int) {
	for ; n >= 64 && len(data) >= 8; n, data = n-64, data[8:] {
		count += bits.OnesCount64(binary.LittleEndian.Uint64(data))
	}
	for ; n >= 8; n, data = n-8, data[1:] {
		count += bits.OnesCount8(data[0])
	}
	if n > 0 {
		count += bits.OnesCount8(data[0] & (1<<n - 1))
	}
	return count
}
