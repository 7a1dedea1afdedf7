package readings

import (
	"encoding/binary"
	"errors"

	"github.com/parquet-go/parquet-go"
)

var errDelta = errors.New("a page has damaged deltas")

// maxDeltaBlock is the most values of a block that the library takes.
const maxDeltaBlock = 1 << 16

// deltaBytes is the length of values in DELTA_BINARY_PACKED, which must be n. It
// walks through the data as the library does.
func deltaBytes(data []byte, n int) (int, error) {
	var head [3]uint64 // values of a block, mini-blocks of it, values
	at := 0
	for i := range head {
		v, size := binary.Uvarint(data[at:])
		if size <= 0 {
			return 0, errDelta
		}
		head[i] = v
		at += size
	}
	_, size := binary.Varint(data[at:])
	switch {
	case size <= 0 || head[0] == 0 || head[0] > maxDeltaBlock || head[1] == 0 || head[1] > head[0]:
		return 0, errDelta
	case head[2] > uint64(n):
		return 0, errManyValues
	case head[2] < uint64(n):
		return 0, errFewValues
	}
	at += size
	miniBlocks, each := int(head[1]), int(head[0]/head[1])
	for left := n - 1; left > 0; {
		_, size := binary.Varint(data[at:])
		if size <= 0 {
			return 0, errDelta
		}
		at += size
		widths := data[at:min(at+miniBlocks, len(data))]
		at += len(widths)
		for _, width := range widths {
			if width > 64 {
				return 0, errDelta
			}
			at += min(each*int(width)/8, len(data)-at)
			if left -= each; left <= 0 {
				break
			}
		}
	}
	return at, nil
}

// checkDeltaText checks n values in DELTA_BYTE_ARRAY: each is the start of the one
// before, whose length is given, and what follows. So few bytes may make many.
func checkDeltaText(data []byte, n, width int) error {
	starts, err := deltaBytes(data, n)
	if err != nil {
		return err
	}
	if _, err := deltaBytes(data[starts:], n); err != nil {
		return err
	}
	lengths, err := parquet.DeltaBinaryPacked.DecodeInt32(nil, data[:starts])
	if err != nil {
		return err
	}
	most := int64(maxText - n*width)
	for _, length := range lengths {
		if most -= int64(length); length < 0 || most < 0 {
			return errManyValues
		}
	}
	return nil
}
